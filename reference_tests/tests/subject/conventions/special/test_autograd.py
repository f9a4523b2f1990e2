"""Tensors with autograd: each style of them is read and compared with ours."""

from typing import Any

import pytest

from reference_tests.reports.adapter_file import with_lacks

from .targets import differing, numbers, read

TENSOR = """
class Tensor:
    def __init__(self, data, parents=()):
        self.data, self.parents = np.asarray(data, dtype=float), parents
        self.grad = {fresh}
        self.back = lambda: None
    def backward(self{argument}):
        {seed}
        self.back()
        for p in self.parents: p.walk()
    def walk(self):
        self.back()
        for p in self.parents: p.walk()
    def add_grad(self, g):
        self.grad = g if self.grad is None else self.grad + g
    def relu(self):
        out = Tensor(self.data * (self.data > 0), (self,))
        out.back = lambda: self.add_grad({mask} * out.grad)
        return out
    def __mul__(self, other):
        out = Tensor(self.data * other.data, (self, other))
        out.back = lambda: (self.add_grad(other.data * out.grad), other.add_grad(self.data * out.grad))
        return out
    def sum(self):
        out = Tensor(self.data.sum(), (self,))
        out.back = lambda: self.add_grad(np.ones_like(self.data) * out.grad)
        return out
    def linear(self, weight, bias):
        out = Tensor(self.data @ weight.data.T + bias.data, (self, weight, bias))
        def back():
            self.add_grad(out.grad @ weight.data)
            weight.add_grad(out.grad.T @ self.data)
            bias.add_grad(out.grad.sum(0))
        out.back = back
        return out
"""
SEEDS = {
    "given": (", grad=None", "self.grad = np.ones_like(self.data) if grad is None else grad"),
    "set before": ("", "self.grad = np.ones_like(self.data) if self.grad is None else self.grad"),
    "multiplied": ("", "self.grad = np.ones_like(self.data)"),
}
RIGHT, WRONG = "(self.data > 0)", "(out.grad > 0)"


def text_of(seed: str, mask: str = RIGHT, fresh: str = "None") -> str:
    """Return a target with tensors of this style."""
    argument, code = SEEDS[seed]
    return TENSOR.format(argument=argument, seed=code, mask=mask, fresh=fresh)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("fresh", ["None", "np.zeros_like(self.data)"])
def test_an_upstream_gradient_reaches_tensors(tmp_path: Any, seed: str, fresh: str) -> None:
    """It is given to backward, set before it, or multiplied with the result, as the tensors need it."""
    if seed == "set before" and fresh != "None":
        return  # such tensors do not exist: their own backward would give 0
    subject = read(tmp_path, text_of(seed, fresh=fresh))
    assert not differing(subject, "Relu", x=numbers(2, 3, 4, 5))
    assert not differing(subject, "Affine", numbers(6, 4), numbers(4), x=numbers(3, 6))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_wrong_mask_of_tensors_is_seen(tmp_path: Any, seed: str) -> None:
    """The mask of the upstream gradient's sign is wrong however it is given."""
    subject = read(tmp_path, text_of(seed, WRONG))
    assert differing(subject, "Relu", x=numbers(2, 3, 4, 5)) == {"dx"}


STATIC = """
class Function:
    @classmethod
    def apply(cls, *args):
        return cls.forward(None, *args)
class LinearFunction(Function):
    @staticmethod
    def forward(ctx, input, weight, bias=None):
        ctx.save_for_backward(input, weight)
        return input @ weight.T + bias
    @staticmethod
    def backward(ctx, grad_output):
        input, weight = ctx.saved_tensors
        return grad_output @ weight, grad_output.T @ input{more}, grad_output.sum(0)
"""


@pytest.mark.parametrize(("more", "wrong"), [("", set()), (" / len(input)", {"dW"})])
def test_static_classes_are_given_a_context(tmp_path: Any, more: str, wrong: set[str]) -> None:
    """A target without a class of its own for the context is given ours."""
    subject = read(tmp_path, STATIC.format(more=more))
    assert differing(subject, "Affine", numbers(6, 4), numbers(4), x=numbers(3, 6)) == wrong
    assert "class Context" in subject.interfaces["Affine"].source


CALLED = """
class Variable:
    def __init__(self, data):
        self.data, self.grad, self.creator = data, None, None
    def backward(self):
        if self.grad is None:
            self.grad = Variable(np.ones_like(self.data))
        grads = self.creator.backward(self.grad.data)
        for x, g in zip(self.creator.inputs, grads if isinstance(grads, tuple) else (grads,)):
            x.grad = Variable(g)
class Function:
    def __call__(self, *inputs):
        self.inputs = inputs
        y = Variable(self.forward(*[x.data for x in inputs]))
        y.creator = self
        return y
class ReLU(Function):
    def forward(self, x):
        return np.maximum(x, 0)
    def backward(self, gy):
        return gy * (self.inputs[0].data > 0)
class Conv2d(Function):
    def __init__(self, stride=1, pad=0):
        self.stride, self.pad = stride, pad
    def forward(self, x, W, b):
        s, p = self.stride, self.pad
        xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        self.view = np.lib.stride_tricks.sliding_window_view(xp, W.shape[2:], axis=(2, 3))[:, :, ::s, ::s]
        return np.einsum('nchwij,fcij->nfhw', self.view, W) + b[:, None, None]
    def backward(self, gy):
        x, W, b = [v.data for v in self.inputs]
        s, p = self.stride, self.pad
        gx = np.zeros((*x.shape[:2], x.shape[2] + 2 * p, x.shape[3] + 2 * p))
        for i in range(gy.shape[2]):
            for j in range(gy.shape[3]):
                gx[:, :, i * s:i * s + W.shape[2], j * s:j * s + W.shape[3]] += np.tensordot(gy[:, :, i, j], W, 1)
        gx = gx[:, :, p:p + x.shape[2], p:p + x.shape[3]]
        return gx, np.einsum('nfhw,nchwij->fcij', gy, self.view), gy.sum(axis=(0, 2, 3))
"""


def test_classes_that_are_called_with_tensors(tmp_path: Any) -> None:
    """Stride and padding are the constructor's, the tensors the call's; gradients are tensors themselves."""
    subject = read(tmp_path, CALLED)
    W, b = numbers(4, 3, 2, 3), numbers(4)
    assert not differing(subject, "Convolution", W, b, 2, 1, x=numbers(2, 3, 6, 7))
    assert not differing(subject, "Relu", x=numbers(2, 3))


def test_the_reading_shows_the_targets_own_words(tmp_path: Any) -> None:
    """The reading speaks of the tensor's method, not of the bridge."""
    subject = read(tmp_path, text_of("given"))
    assert subject.interfaces["Affine"].text.startswith("Tensor.linear(self, weight, bias)")


ENGINE = """
class Tensor:
    def __init__(self, data, requires_grad=False, ctx=None):
        self.data, self.requires_grad = np.asarray(data, dtype=np.float64), requires_grad
        self.grad, self.ctx = None, ctx
    def backward(self, grad=None):
        grad = np.ones_like(self.data) if grad is None else grad
        self.grad = grad if self.grad is None else self.grad + grad
        if self.ctx is not None:
            grads = self.ctx.fn.backward(self.ctx, grad)
            for p, g in zip(self.ctx.parents, grads if isinstance(grads, tuple) else (grads,)):
                if p.requires_grad:
                    p.backward(g)
{methods}
class Context:
    def __init__(self, fn, parents):
        self.fn, self.parents = fn, parents
    def save_for_backward(self, *arrays):
        self.saved = arrays
class Function:
    @classmethod
    def apply(cls, *args):
        ctx = Context(cls, args)
        return Tensor(cls.forward(ctx, *[a.data for a in args]), any(a.requires_grad for a in args), ctx)
class ReLU(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return np.maximum(x, 0)
    @staticmethod
    def backward(ctx, g):
        return g{mask}
class Linear(Function):
    @staticmethod
    def forward(ctx, x, w, b):
        ctx.save_for_backward(x, w)
        return x @ w + b
    @staticmethod
    def backward(ctx, g):
        x, w = ctx.saved
        return g @ w.T, x.T @ g, g.sum(0)
"""


@pytest.mark.parametrize("methods", ["", "    def relu(self):\n        return ReLU.apply(self)\n"])
@pytest.mark.parametrize(("mask", "wrong"), [(" * (ctx.saved[0] > 0)", set()), ("", {"dx"})])
def test_static_classes_between_tensors(tmp_path: Any, methods: str, mask: str, wrong: set[str]) -> None:
    """They are applied to tensors that want a gradient; the context is the target's own."""
    subject = read(tmp_path, ENGINE.format(methods=methods, mask=mask))
    assert differing(subject, "Relu", x=numbers(2, 3, 4)) == wrong
    if not methods:
        assert not differing(subject, "Affine", numbers(6, 4), numbers(4), x=numbers(3, 6))


MODULES = """
class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b = Tensor(np.random.randn(n_out, n_in)), Tensor(np.zeros(n_out))
    def __call__(self, x):
        return x.{method}(self.W, self.b)
"""


@pytest.mark.parametrize("seed", SEEDS)
def test_layers_between_tensors(tmp_path: Any, seed: str) -> None:
    """A class that holds tensors is asked with arrays; its gradients start anew."""
    text = text_of(seed).replace("def linear(", "def product(") + MODULES.format(method="product")
    subject = read(tmp_path, text)
    assert not differing(subject, "Affine", numbers(6, 4), numbers(4), x=numbers(3, 6))
    layer = subject.names["Affine"](numbers(6, 4), numbers(4))
    layer.forward(numbers(3, 6))
    layer.backward(numbers(3, 4))
    first = layer.dW.copy()
    layer.backward(numbers(3, 4))
    assert (layer.dW == first).all()


def test_an_adapter_says_what_it_lacks_inside_its_class():
    helper = "def helper(x):\n    return x\n"
    source = f'{helper}\n\nclass Convolution:\n    """It."""\n\n    def forward(self, x):\n        return helper(x)\n'
    home: dict[str, Any] = {}
    exec(with_lacks(source, {}, ["db"]), home)
    assert home["Convolution"].lacks == ("db",) and home["Convolution"].reach == {}
