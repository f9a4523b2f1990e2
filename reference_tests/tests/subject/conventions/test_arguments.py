"""What is passed for arguments that are no part of the contract: a weight decay, an activation as an object."""

import pytest

from .special.targets import differing, numbers, read

DENSE = """
class Identity:
    def forward(self, z):
        return z
    def backward(self, d):
        return d
class Dense:
    def __init__(self, n_in, n_out{argument}):
        self.W, self.b = np.random.randn(n_in, n_out), np.zeros(n_out)
        {kept}
    def forward(self, x):
        self.x = x
        return {out}
    def backward(self, d):
        {before}
        self.dW, self.db = self.x.T @ d{decay}, d.sum(0)
        return d @ self.W.T
"""
PLAIN = {"argument": "", "kept": "pass", "out": "x @ self.W + self.b", "before": "pass", "decay": ""}
OBJECT = {
    "kept": "self.activation = activation", "out": "self.activation.forward(x @ self.W + self.b)",
    "before": "d = self.activation.backward(d)",
}  # fmt: skip
FORMS = {
    "weight decay": {
        "argument": ", weight_decay=1e-2",
        "kept": "self.l2 = weight_decay",
        "decay": " + self.l2 * self.W",
    },
    "object": OBJECT | {"argument": ", activation=Identity()"},
    "required object": OBJECT | {"argument": ", activation"},
    "rate and name": {"argument": ", lr=0.1, name='dense'"},
}


@pytest.mark.parametrize("form", FORMS)
def test_layer_agrees(tmp_path, form):
    subject = read(tmp_path, DENSE.format(**PLAIN | FORMS[form]))
    assert differing(subject, "Affine", numbers(4, 3), numbers(3), x=numbers(5, 4)) == set()


BATCH = {
    "divided": "self.dW, self.db = self.x.T @ d / batch_size, d.sum(0) / batch_size",
    "a length": "d = d.reshape(batch_size, -1)\n        self.dW, self.db = self.x.T @ d, d.sum(0)",
}


@pytest.mark.parametrize("use", BATCH)
def test_number_of_images_is_passed(tmp_path, use):
    plain = DENSE.format(**PLAIN).replace("def backward(self, d)", "def backward(self, d, batch_size)")
    subject = read(tmp_path, plain.replace("self.dW, self.db = self.x.T @ d, d.sum(0)", BATCH[use]))
    assert differing(subject, "Affine", numbers(4, 3), numbers(3), x=numbers(5, 4)) == set()


def test_activation_of_another_name_is_no_tanh(tmp_path):
    text = "class Activation_Softplus:\n    def forward(self, x):\n        return np.log1p(np.exp(x))\n"
    subject = read(tmp_path, text + DENSE.format(**PLAIN))
    assert not {"Relu", "Sigmoid", "Tanh"} & subject.interfaces.keys() and subject.unread == []
