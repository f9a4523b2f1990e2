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


POOL = """
def max_pool_forward(x, pool_param):
    k, s = pool_param['pool_height'], pool_param.get('stride', 2)
    own = pool_param.{got}
    assert own is None, own
    view = np.lib.stride_tricks.sliding_window_view(x, (k, pool_param['pool_width']), (2, 3))
    return view[:, :, ::s, ::s].max((4, 5)), x
"""


@pytest.mark.parametrize("got", ["get('input_shape')", "get('out_h', None)", "pop('height', None)", "get('n', None)"])
def test_key_of_no_setting_keeps_its_default(tmp_path, got):
    subject = read(tmp_path, POOL.format(got=got))
    assert subject.interfaces["Pooling"].reach == {"pad": [0]}
    assert differing(subject, "Pooling", 3, 2, 1, x=numbers(2, 3, 7, 6), backward=False) == set()


SAME = """
class Conv2D:
    def __init__(self, filters, kernel_size, strides=(1, 1), padding='valid'):
        self.filters, self.kernel_size, self.strides, self.padding = filters, kernel_size, strides, padding
    def build(self, input_shape):
        self.kernel, self.bias = np.zeros((*self.kernel_size, input_shape[-1], self.filters)), np.zeros(self.filters)
    def forward(self, x):
        (k, l), (s, t) = self.kernel_size, self.strides
        p = ({pads}) if self.padding == 'same' else (0, 0, 0, 0)
        x = np.pad(x, ((0, 0), p[:2], p[2:], (0, 0)))
        view = np.lib.stride_tricks.sliding_window_view(x, (k, l), (1, 2))[:, ::s, ::t]
        return np.einsum('nyxcij,ijcf->nyxf', view, self.kernel) + self.bias
"""


@pytest.mark.parametrize(
    "pads, wrong", [("k // 2, k // 2, l // 2, l // 2", set()), ("0, k - 1, l // 2, l // 2", {"out"})]
)
def test_same_is_tried_where_it_is_a_padding(tmp_path, pads, wrong):
    subject = read(tmp_path, SAME.format(pads=pads))
    assert subject.interfaces["Convolution"].reach == {"pad": [0, "same"]}
    made = numbers(4, 3, 3, 3), numbers(4)
    assert differing(subject, "Convolution", *made, 1, 1, x=numbers(2, 3, 7, 6), backward=False) == wrong
    assert differing(subject, "Convolution", *made, 2, 0, x=numbers(2, 3, 7, 9), backward=False) == set()
    for stride, pad in ((2, 1), (1, 2)):
        with pytest.raises(NotImplementedError):
            subject.names["Convolution"](*made, stride, pad)


def test_same_that_is_not_known_there_is_not_asked(tmp_path):
    text = SAME.format(pads="1 / 0,")
    assert read(tmp_path, text).interfaces["Convolution"].reach == {"pad": [0]}


VERSIONS = """
def max_pool_forward_fast(x, pool_param):
    k, l, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    if k == l == s and x.shape[2] % k == 0 and x.shape[3] % k == 0:
        return max_pool_forward_reshape(x, pool_param)
    return max_pool_forward_im2col(x, pool_param)
def max_pool_forward_reshape(x, pool_param):
    k = pool_param['pool_height']
    assert k == pool_param['pool_width'] == pool_param['stride']
    return x.reshape(*x.shape[:2], x.shape[2] // k, k, x.shape[3] // k, k).max((3, 5)), x
def max_pool_forward_im2col(x, pool_param):
    k, l, s = pool_param['pool_height'], pool_param['pool_width'], pool_param['stride']
    return np.lib.stride_tricks.sliding_window_view(x, (k, l), (2, 3))[:, :, ::s, ::s].max((4, 5)), x
"""


def test_of_several_versions_the_one_that_chooses_is_read(tmp_path):
    subject = read(tmp_path, VERSIONS)
    assert "max_pool_forward_fast" in subject.interfaces["Pooling"].text
    assert subject.interfaces["Pooling"].reach == {"pad": [0]}
    assert differing(subject, "Pooling", 3, 2, 1, x=numbers(2, 3, 7, 6), backward=False) == set()


RECORD = """
from dataclasses import dataclass
@dataclass
class Dense:
    W: object
    b: object
    {fields}
    def forward(self, x):
        self._x = x
        return x @ self.W + self.b
    def backward(self, d):
        self.dW, self.db = self._x.T @ d, d.sum(0)
        return d @ self.W.T
"""


@pytest.mark.parametrize("fields", ["dW: object = None; db: object = None; _x: object = None", "grad_W: object = 0"])
def test_gradients_among_the_constructors_arguments_are_left_out(tmp_path, fields):
    subject = read(tmp_path, RECORD.format(fields=fields))
    assert differing(subject, "Affine", numbers(4, 3), numbers(3), x=numbers(5, 4)) == set()


def test_dict_that_is_not_read_is_given_without_what_the_layer_has_not(tmp_path):
    subject = read(
        tmp_path,
        "def relu_forward(params, x):\n    return np.maximum(x, 0), x\n"
        "def relu_backward(dy, cache):\n    return dy * (cache > 0), {}\n",
    )
    assert differing(subject, "Relu", x=numbers(3, 4)) == set()
