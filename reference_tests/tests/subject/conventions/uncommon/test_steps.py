"""A layer that moves its parameters itself is held against the gradient that it gives beside: up it is a mistake."""

import pytest

from reference_tests.conformance import messages, spoken
from reference_tests.conformance.judge import judge_all
from reference_tests.tests.subject.conventions.test_read import REQUEST, requested_checks

from ..special.targets import differing, numbers, read

DENSE = """
class Dense:
    def __init__(self, n_in, n_out):
        self.weights, self.biases = np.random.randn(n_in, n_out), np.zeros(n_out)
        self.v, self.s = np.zeros((n_in, n_out)), np.zeros((n_in, n_out))
    def forward(self, x):
        self.x = x
        return x @ self.weights + self.biases
    def backward(self, grad_output, learning_rate):
        lr, dx = learning_rate, grad_output @ self.weights.T
        {keep}dW, {keep}db = self.x.T @ grad_output, grad_output.sum(0)
        dW, db = {keep}dW, {keep}db
        {step}
        return {returned}
"""
GIVEN = {
    "returned": {"keep": "", "returned": "dx, dW, db"},
    "kept": {"keep": "self.", "returned": "dx"},
    "the step returned": {"keep": "", "returned": "dx, -lr * dW, -lr * db"},
}
UP = {  # step -> the gradients in which it is seen
    "plain": ("self.weights += lr * dW; self.biases += lr * db", {"dW", "db"}),
    "weights": ("self.weights += lr * dW; self.biases -= lr * db", {"dW"}),
    "biases": ("self.weights -= lr * dW; self.biases += lr * db", {"db"}),
    "a mean": ("self.weights += lr * dW / len(self.x); self.biases += lr * db / len(self.x)", {"dW", "db"}),
    "a number": ("self.weights = self.weights + 0.01 * dW; self.biases = self.biases + 0.01 * db", {"dW", "db"}),
    "momentum": ("self.v = 0.9 * self.v + lr * dW; self.weights += self.v", {"dW"}),
    "adam": ("self.s = 0.9 * self.s + 0.1 * dW**2; self.weights += lr * dW / (np.sqrt(self.s) + 1e-8)", {"dW"}),
}
DOWN = {
    "plain": "self.weights -= lr * dW; self.biases -= lr * db",
    "momentum": "self.v = 0.9 * self.v - lr * dW; self.weights += self.v",
    "nesterov": "old = self.v; self.v = 0.9 * old - lr * dW; self.weights += 1.9 * self.v - 0.9 * old",
    "adam": "self.s = 0.9 * self.s + 0.1 * dW**2; self.weights -= lr * dW / (np.sqrt(self.s) + 1e-8)",
    "decay": "self.weights -= lr * (dW + 0.5 * self.weights); self.biases -= lr * (db + 0.5 * self.biases)",
    "much decay": "self.weights -= lr * (dW + 50 * self.weights); self.biases -= lr * (db + 50 * self.biases)",
    "clipping": "self.weights -= lr * np.clip(dW, -0.1, 0.1); self.biases -= lr * np.clip(db, -0.1, 0.1)",
    "a mean": "self.weights -= lr * dW / len(self.x); self.biases -= lr * db / len(self.x)",
    "signs": "self.weights -= lr * np.sign(dW); self.biases -= lr * np.sign(db)",
    "noise": "self.weights -= lr * dW * np.random.rand(*dW.shape)",
    "none": "pass",
}


def seen(tmp_path, step, given):
    """Return the results in which the layer is wrong."""
    text = DENSE.format(step=step, **GIVEN[given])
    return differing(read(tmp_path, text), "Affine", numbers(6, 5), numbers(5), x=numbers(7, 6))


@pytest.mark.parametrize("given", ["returned", "kept"])
@pytest.mark.parametrize("step", UP)
def test_step_up_the_gradient_is_a_mistake(tmp_path, step, given):
    text, wrong = UP[step]
    assert seen(tmp_path, text, given) == wrong


@pytest.mark.parametrize("given", ["returned", "kept"])
@pytest.mark.parametrize("step", DOWN)
def test_step_down_the_gradient_is_none(tmp_path, step, given):
    assert seen(tmp_path, DOWN[step], given) == set()


def test_added_step_may_be_returned_in_place_of_the_gradient(tmp_path):
    assert seen(tmp_path, DOWN["plain"], "the step returned") == set()


TRAINING = """
def train(layer, x, y):
    output = layer.forward(x)
    {error}
    layer.backward(error, 0.1)
"""
ERRORS = {  # how the error is taken -> whether to add its gradient is right
    "error = y - output": True, "error = (y - output) / len(x)": True, "error = 2 * (output - y)": False,
    "error = output - y": False, "loss = ((y - output) ** 2).mean(); error = output - y": False,
}  # fmt: skip


@pytest.mark.parametrize("error", ERRORS)
def test_error_of_the_other_sign_is_added(tmp_path, error):
    text = DENSE.format(step=UP["plain"][0], **GIVEN["returned"]) + TRAINING.format(error=error)
    wrong = differing(read(tmp_path, text), "Affine", numbers(6, 5), numbers(5), x=numbers(7, 6))
    assert wrong == (set() if ERRORS[error] else {"dW", "db"})


CONV = """
class Conv:
    def __init__(self, num_filters, filter_size):
        self.k, self.conv_filter = filter_size, np.random.randn(num_filters, filter_size, filter_size)
    def forward_prop(self, image):
        self.windows = np.lib.stride_tricks.sliding_window_view(image, (self.k, self.k))
        return np.einsum('yxij,fij->yxf', self.windows, self.conv_filter)
    def back_prop(self, dL_dout, learning_rate):
        dL_dF = np.einsum('yxij,yxf->fij', self.windows, dL_dout)
        self.conv_filter += learning_rate * dL_dF
        return dL_dF
"""


@pytest.mark.slow
def test_message_speaks_of_the_step(tmp_path):
    subject = read(tmp_path, CONV)
    checks = [c for c in requested_checks(subject, REQUEST) if c.case.op.component == "convolution"]
    verdict = next(v for v in judge_all(checks, subject) if v.status == "fail")
    assert verdict.check.part == "backward"
    assert "(conv_filter_before - conv_filter)[" in messages.failure(verdict)
    assert "backward moves conv_filter up the gradient, not down" in spoken.read_as(subject.interfaces["Convolution"])


ALONE = {"keep": "", "returned": "dx"}


def alone(tmp_path, step, after=""):
    """Return what is wrong with a layer that gives no gradient beside its step, and what is said of it."""
    text = DENSE.format(step=step, **ALONE) + after
    subject = read(tmp_path, text)
    wrong = differing(subject, "Affine", numbers(6, 5), numbers(5), x=numbers(7, 6))
    return wrong, [note for note in subject.interfaces["Affine"].spoken.notes if "gradient" in note]


@pytest.mark.parametrize(
    "step", [UP["plain"][0], "self.weights = self.weights + lr * dW; self.biases = lr * db + self.biases"]
)
def test_added_step_without_a_gradient_beside_is_said_to_go_up(tmp_path, step):
    said = "backward moves weights and biases up the gradient, not down"
    assert alone(tmp_path, step) == ({"dW", "db"}, [said])


@pytest.mark.parametrize(
    "step",
    [
        "self.weights += -lr * dW; self.biases += -lr * db",
        "dW, db = -dW, -db; self.weights += lr * dW; self.biases += lr * db",
        "self.weights += np.negative(lr * dW); self.biases += np.negative(lr * db)",
        DOWN["plain"],
    ],
)
def test_added_step_that_is_turned_before_is_right(tmp_path, step):
    assert alone(tmp_path, step) == (set(), [])


@pytest.mark.parametrize("error", ERRORS)
def test_step_alone_is_added_where_the_error_has_the_other_sign(tmp_path, error):
    wrong, said = alone(tmp_path, UP["plain"][0], TRAINING.format(error=error))
    assert (wrong, bool(said)) == ((set(), False) if ERRORS[error] else ({"dW", "db"}, True))


def test_wrong_gradient_is_seen_where_the_step_is_added_rightly(tmp_path):
    text = DENSE.format(step=UP["plain"][0], **ALONE).replace("grad_output.sum(0)", "grad_output.mean(0)")
    subject = read(tmp_path, text + TRAINING.format(error="error = y - output"))
    assert differing(subject, "Affine", numbers(6, 5), numbers(5), x=numbers(7, 6)) == {"db"}


APART = """
class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b, self.lr = np.random.randn(n_in, n_out), np.zeros(n_out), 0.1
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, grad):
        self.grad_W, self.grad_b = self.x.T @ grad, grad.sum(0)
        return grad @ self.W.T
    def {head}:
        {step}
"""
METHODS = ["update(self, lr)", "apply_gradients(self, learning_rate=0.01)", "update_weights(self, eta)",
           "update_params(self, alpha=0.1)", "step(self, lr)"]  # fmt: skip


@pytest.mark.parametrize("head", METHODS)
@pytest.mark.parametrize("sign", "+-")
def test_method_that_steps_up_the_gradient_is_a_mistake(tmp_path, head, sign):
    rate = head.partition(", ")[2].rstrip(")").partition("=")[0]
    step = f"self.W {sign}= {rate} * self.grad_W; self.b -= {rate} * self.grad_b"
    subject = read(tmp_path, APART.format(head=head, step=step))
    wrong = differing(subject, "Affine", numbers(6, 5), numbers(5), x=numbers(7, 6))
    notes = [note for note in subject.interfaces["Affine"].spoken.notes if "moves" in note]
    if sign == "-":
        assert (wrong, notes) == (set(), [])
    else:
        assert (wrong, notes) == ({"dW"}, [f"{head.partition('(')[0]} moves W up the gradient, not down"])


@pytest.mark.parametrize(
    "head, step, after",
    [
        ("update(self)", "self.W -= self.lr * self.grad_W; self.b -= self.lr * self.grad_b", ""),
        ("update(self, lr)", "self.W += lr * self.grad_W", "\ndef train(layer):\n    layer.update(-0.1)\n"),
        ("update(self, lr)", "self.W += lr * self.grad_W", TRAINING.format(error="error = y - output")),
        ("reset_parameters(self)", "self.W += self.grad_W", ""),
        ("update(self, lr, momentum)", "self.W += lr * self.grad_W", ""),
    ],
)
def test_method_that_steps_down_or_otherwise_changes_nothing(tmp_path, head, step, after):
    subject = read(tmp_path, APART.format(head=head, step=step) + after)
    assert differing(subject, "Affine", numbers(6, 5), numbers(5), x=numbers(7, 6)) == set()
