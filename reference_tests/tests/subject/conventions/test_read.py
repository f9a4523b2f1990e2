"""Other interfaces are read, and a reading never makes a wrong layer right."""

import pytest

from reference_tests.conformance.contract import layer
from reference_tests.conformance.examination import Request, more_checks, requested_checks
from reference_tests.conformance.judge import component_status, judge_all
from reference_tests.subject.conventions.vocabulary import roles_of
from reference_tests.subject.load import load

REQUEST = Request(seed=7)
CONV = """
import numpy as np

def conv_forward(x, w, b, conv_param):
    s, p = conv_param['stride'], conv_param['pad']
    N, C, H, W = x.shape
    F, _, HH, WW = w.shape
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    OH, OW = (H + 2 * p - HH) // s + 1, (W + 2 * p - WW) // s + 1
    out = np.zeros((N, F, OH, OW))
    for i in range(OH):
        for j in range(OW):
            out[:, :, i, j] = np.tensordot(xp[:, :, i*s:i*s+HH, j*s:j*s+WW], w, ([1, 2, 3], [1, 2, 3]))
    return out + b[:, None, None], (x, w, b, conv_param)

def conv_backward(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param['stride'], conv_param['pad']
    F, C, HH, WW = w.shape
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dxp, dw = np.zeros(xp.shape), np.zeros(w.shape)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            place = np.s_[:, :, i*s:i*s+HH, j*s:j*s+WW]
            dw += np.tensordot(dout[:, :, i, j], xp[place], ([0], [0]))
            dxp[place] += np.tensordot(dout[:, :, i, j], w, ([1], [0]))
    return dxp[:, :, p:p + x.shape[2], p:p + x.shape[3]], dw, dout.sum((0, 2, 3))
"""
LINEAR = """
import numpy as np

class Linear:
    def __init__(self, in_features, out_features):
        self.weight = np.zeros((out_features, in_features))
        self.bias = np.zeros(out_features)

    def forward(self, x):
        self.x = x
        return x @ self.weight.T + self.bias

    def backward(self, grad_output):
        self.weight_grad = grad_output.T @ self.x
        self.bias_grad = grad_output.sum(0)
        return grad_output @ self.weight
"""
DENSE = """
import numpy as np

class Dense:
    def __init__(self, input_size, output_size):
        self.weights = np.random.randn(output_size, input_size)
        self.bias = np.random.randn(output_size, 1)

    def forward(self, input):
        self.input = input
        return self.weights @ input + self.bias

    def backward(self, output_gradient, learning_rate):
        gradient = self.weights.T @ output_gradient
        self.weights -= learning_rate * output_gradient @ self.input.T
        self.bias -= learning_rate * output_gradient
        return gradient
"""


def status(subject, component: str) -> str:
    """The status of one component."""
    checks = [c for c in requested_checks(subject, REQUEST) if c.case.op.component == component]
    return component_status(judge_all([*checks, *more_checks(component, subject, REQUEST)], subject))


@pytest.mark.slow
@pytest.mark.parametrize(
    "code, component, name",
    [(CONV, "convolution", "Convolution"), (LINEAR, "affine", "Affine"), (DENSE, "affine", "Affine")],
    ids=["a pair of functions", "a class that makes its own weights", "a layer that updates itself"],
)
def test_right_layers_of_another_interface_agree(code, component, name, write):
    subject = load(write("layers.py", code))
    assert name in subject.interfaces
    assert status(subject, component) in ("pass", "partial")


@pytest.mark.slow
@pytest.mark.parametrize(
    "code, component, old, new",
    [
        (CONV, "convolution", "j*s:j*s+WW], w, (", "j*s:j*s+WW], w[:, :, ::-1, ::-1], ("),
        (CONV, "convolution", "out + b[:, None, None]", "out + b.sum()"),
        (CONV, "convolution", "np.tensordot(dout[:, :, i, j], w, ([1], [0]))", "0.0"),
        (CONV, "convolution", "dw, dout.sum((0, 2, 3))", "-dw, dout.sum((0, 2, 3))"),
        (CONV, "convolution", "dout.sum((0, 2, 3))", "dout.mean((0, 2, 3))"),
        (CONV, "convolution", "dxp[:, :, p:p + x.shape[2], p:p + x.shape[3]]", "dxp"),
        (LINEAR, "affine", "grad_output.T @ self.x", "self.x.T @ grad_output"),
        (LINEAR, "affine", "return grad_output @ self.weight", "return grad_output @ self.weight / len(self.x)"),
        (LINEAR, "affine", "self.bias_grad = grad_output.sum(0)", "self.bias_grad = grad_output.sum(1)"),
        (DENSE, "affine", "gradient = self.weights.T @ output_gradient\n", "\n"),
    ],
    ids=["flipped", "bias", "dx", "sign", "mean", "not cut", "transposed", "divided", "axis", "stops"],
)  # fmt: skip
def test_a_mistake_stays_one(code, component, old, new, write):
    assert old in code
    assert status(load(write("layers.py", code.replace(old, new))), component) == "fail"


@pytest.mark.slow
def test_dx_with_the_updated_weights_is_wrong(write):
    first, last = "        gradient = self.weights.T @ output_gradient\n", "        return gradient"
    code = DENSE.replace(first, "").replace(last, first + last)
    assert status(load(write("layers.py", code)), "affine") == "fail"


@pytest.mark.slow
def test_a_function_that_stops_in_every_trial_is_judged_as_it_declares_itself(write):
    subject = load(write("layers.py", CONV.replace("return out + b[:, None, None]", "return out + b")))
    assert status(subject, "convolution") == "fail"


@pytest.mark.slow
@pytest.mark.parametrize("order", ["W, b, pad=0, stride=1", "weight, bias, strides=1, padding=0"])
def test_the_book_s_own_name_with_other_arguments_is_read_anew(order, write):
    names = [part.partition("=")[0].strip() for part in order.split(",")]
    stride, pad = next(n for n in names if "str" in n), next(n for n in names if "pad" in n)
    code = (
        CONV
        + f"""
class Convolution:
    def __init__(self, {order}):
        self.W, self.b, self.config = {names[0]}, {names[1]}, dict(stride={stride}, pad={pad})

    def forward(self, x):
        out, self.cache = conv_forward(x, self.W, self.b, self.config)
        return out

    def backward(self, dout):
        dx, self.dW, self.db = conv_backward(dout, self.cache)
        return dx
"""
    )
    assert status(load(write("layers.py", code)), "convolution") == "pass"


@pytest.mark.slow
def test_cases_beyond_an_interface_are_not_asked_and_cases_inside_its_reach_are(write):
    code = """
import numpy as np

class Conv3x3:
    def __init__(self, num_filters):
        self.filters = np.random.randn(num_filters, 3, 3) / 9

    def forward(self, image):
        h, w = image.shape
        out = np.zeros((h - 2, w - 2, len(self.filters)))
        for i in range(h - 2):
            for j in range(w - 2):
                out[i, j] = (image[i:i + 3, j:j + 3] * self.filters).sum((1, 2))
        return out
"""
    subject = load(write("layers.py", code))
    reach = subject.interfaces["Convolution"].reach
    assert reach == {"stride": [1], "pad": [0], "C": [1], "FH": [3], "FW": [3]}
    verdicts = list(judge_all(more_checks("convolution", subject, REQUEST), subject))
    asked = [v for v in verdicts if v.check.part == "forward" and v.status == "pass"]
    assert len(asked) >= 12
    beyond = list(
        judge_all(
            [c for c in requested_checks(subject, REQUEST) if c.id.startswith("convolution/stride-of-three")], subject
        )
    )
    assert {v.status for v in beyond} == {"beyond"}, [v.check.id for v in beyond]
    assert status(subject, "convolution") == "partial"
    assert layer("convolution").OP.name == "Convolution"


BOOK_AFFINE = """
import numpy as np

class Affine:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def forward(self, x):
        self.x = x
        return x @ self.w + self.b

    def backward(self, dout):
        return dout @ self.w.T, self.x.T @ dout, dout.sum(0)
"""


@pytest.mark.slow
def test_gradients_that_the_book_s_own_class_returns_are_judged(write):
    """The class has the contract's name and arguments, but no dW."""
    assert status(load(write("layers.py", BOOK_AFFINE)), "affine") in ("pass", "partial")
    wrong = BOOK_AFFINE.replace("dout.sum(0)", "dout.mean(0)")
    assert status(load(write("wrong.py", wrong)), "affine") == "fail"


IN_A_DICT = """
import numpy as np

class Affine:
    grads = {}

    def __init__(self, W, b):
        self.W, self.b = W, b

    dW = property(lambda self: self.grads["W"])
    db = property(lambda self: self.grads["b"])

    def forward(self, x):
        self.shape = x.shape
        self.x = x.reshape(len(x), -1)
        return self.x @ self.W + self.b

    def backward(self, dout):
        self.grads["W"], self.grads["b"] = self.x.T @ dout, dout.sum(axis=0)
        return (dout @ self.W.T).reshape(self.shape)
"""


@pytest.mark.slow
def test_gradients_behind_a_property_are_judged(write):
    """A dict of the class belongs to every layer: the one beside it overwrites them."""
    assert status(load(write("wrong.py", IN_A_DICT)), "affine") == "fail"
    right = IN_A_DICT.replace("    grads = {}\n", "").replace(
        "self.W, self.b = W, b", "self.W, self.b, self.grads = W, b, {}"
    )
    subject = load(write("layers.py", right))
    assert status(subject, "affine") == "pass" and "Affine" not in subject.interfaces


@pytest.mark.slow
def test_a_backward_pass_that_cannot_be_called_is_said_and_never_passed_over(write):
    code = BOOK_AFFINE.replace("class Affine", "class Linear").replace("self, dout)", "self, dout, secret, other)")
    subject = load(write("layers.py", code))
    assert status(subject, "affine") == "unread"
    assert [(one.name, one.part) for one in subject.unread] == [("Affine", "backward")]


@pytest.mark.slow
def test_the_backward_pass_of_a_wrong_layer_need_not_be_read(write):
    code = BOOK_AFFINE.replace("class Affine", "class Linear").replace("self, dout)", "self, dout, secret, other)")
    assert status(load(write("layers.py", code.replace("+ self.b", "- self.b"))), "affine") == "fail"


STATELESS = """
import numpy as np

class TanhLayer:
    def fprop(self, inputs):
        return np.tanh(inputs)

    def bprop(self, inputs, outputs, grads_wrt_outputs):
        return (1 - outputs**2) * grads_wrt_outputs
"""


@pytest.mark.parametrize("slope, outcome", [("outputs**2", "pass"), ("outputs", "fail"), ("inputs**2", "fail")])
def test_backward_may_be_given_what_forward_had_and_gave(slope, outcome, write):
    assert status(load(write("layers.py", STATELESS.replace("outputs**2", slope))), "tanh") == outcome


def test_a_loss_of_probabilities_is_not_one_of_scores(write):
    code = """
import numpy as np

class Relu:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dout):
        return dout * (self.x > 0)

class CrossEntropyModule:
    def forward(self, x, y):
        return -np.log(x[np.arange(len(y)), y]).mean()

    def backward(self, x, y):
        dx = np.zeros_like(x)
        dx[np.arange(len(y)), y] = -1 / x[np.arange(len(y)), y] / len(y)
        return dx
"""
    subject = load(write("layers.py", code))
    assert status(subject, "softmax_with_loss") == "unread"
    assert [one.why for one in subject.unread] == ["it takes probabilities: the softmax is elsewhere"]


@pytest.mark.parametrize(
    "name, roles", [("padLen", "pad"), ("bias_term", "b"), ("gradWrtOutput", "dout"), ("conv_w", "w")]
)
def test_an_argument_of_several_words_has_the_role_of_the_telling_one(name, roles):
    assert roles in roles_of(name)


POOL = """
import numpy as np

class Pooling:
    def __init__(self, pool_h, pool_w):
        self.pool_h, self.pool_w = pool_h, pool_w

    def forward(self, x):
        N, C, H, W = x.shape
        p, q = self.pool_h, self.pool_w
        return x[:, :, :H // p * p, :W // q * q].reshape(N, C, H // p, p, W // q, q).max(axis=(3, 5))
"""


@pytest.mark.slow
@pytest.mark.parametrize("of, outcome", [("max", "partial"), ("min", "fail")])
def test_the_book_s_pooling_without_stride_and_padding_is_read_anew(of, outcome, write):
    subject = load(write("layers.py", POOL.replace("max(axis", f"{of}(axis")))
    assert subject.interfaces["Pooling"].reach == {"stride": ["FH"], "pad": [0], "FW": ["FH"]}
    assert status(subject, "pooling") == outcome


def test_a_misspelt_method_is_read(write):
    code = STATELESS.replace("TanhLayer", "MyTanh").replace("fprop", "forwrad").replace("bprop", "bacward")
    assert status(load(write("layers.py", code)), "tanh") == "pass"


@pytest.mark.parametrize(
    "given, curve, unread",
    [("x", "1 / (1 + np.exp(-u))", {"Affine"}), ("x", "np.tanh(u)", {"Affine"}), ("x / 99", "u", set())],
)
def test_a_curve_inside_a_dense_layer_is_said_and_small_numbers_are_no_curve(tmp_path, given, curve, unread):
    """What such a layer gives is no dense layer's; a layer that makes numbers small is judged, and wrong."""
    code = LINEAR.replace(
        "return x @ self.weight.T + self.bias", f"u = {given} @ self.weight.T + self.bias\n        return {curve}"
    )
    (tmp_path / "layers.py").write_text(code + "\nclass ReLU:\n    def forward(self, x):\n        return x * (x > 0)\n")
    assert {one.name for one in load(str(tmp_path / "layers.py")).unread} == unread
