"""Layers that keep something of a first batch in a branch of their code alone: for one image, say, or a square window.

They stand apart from the other mutants: most are seen only when all checks of the tables are right and more is asked.
"""

from collections.abc import Iterator
from typing import NamedTuple

from ..conformance.contract import layer
from .mutants import base

LAYER = """

class Kept{name}({name}):
    def forward(self, x, *more, **named):
        self.kept = {condition}
        if self.kept and "{what}" == "x":
            x = self.remember("x", x)
        out = super().forward(x, *more, **named)
        return self.remember("out", out) if self.kept and "{what}" == "out" else out

    def backward(self, dout):
        if self.kept and "{what}" == "dout" and np.ndim(dout):
            dout = self.remember("dout", dout)
        return super().backward(dout)

    def remember(self, name, a):
        old = self.__dict__.get("_" + name)
        if old is None or old.shape != a.shape:
            self.__dict__["_" + name] = old = np.array(a)
        return old


{name} = Kept{name}
"""
FUNCTION = """

_right, _kept = {name}, {{}}


def {name}({first}, *more, **named):
    shape, (FH, FW, stride, pad) = np.shape({first}), {settings}
    if {condition}:
        {first} = _kept.setdefault((shape, *more, *named.values()), np.array({first}))
    return _right({first}, *more, **named)
"""
CALLS = {  # the functions: their first argument, and where their settings stand among the others
    "im2col": ("input_data", "(*more, *named.values())"),
    "col2im": ("col", "(*more, *named.values())[1:]"),
}


class Planted(NamedTuple):
    """A component, what is kept, and the condition on which it is."""

    component: str
    what: str
    condition: str

    @property
    def id(self) -> str:
        """The component, what it keeps and when."""
        return f"{self.component}: {self.what} kept if {self.condition}"

    @property
    def source(self) -> str:
        """The plain edition with the layer that keeps in place of its own."""
        name = layer(self.component).OP.name
        if self.component in CALLS:
            first, settings = CALLS[self.component]
            return base() + FUNCTION.format(name=name, first=first, settings=settings, condition=self.condition)
        return base() + LAYER.format(name=name, condition=self.condition, what=self.what)


ONE_IMAGE, ONE_CHANNEL, ROWS = "len(x) == 1", "x.shape[1] == 1", "x.ndim == 2"
FILTERS = ("len(self.W) == 1", "x.shape[1] > len(self.W)", "x.shape[1] < len(self.W)", "x.shape[1] == len(self.W)",
           "self.W.shape[2] > self.W.shape[3]", "self.W.shape[2] < self.W.shape[3]", "self.W.shape[2:] == (3, 3)",
           "self.W.shape[2:] == x.shape[2:]", "self.stride > self.W.shape[3]", "self.stride > 1", "self.stride > 2",
           "self.pad > 0", "self.pad > 1", "x.shape[2] == x.shape[3]", "x.shape[2] == 1")  # fmt: skip
WINDOWS = ("self.pool_h == self.pool_w == 1", "self.pool_h > self.pool_w", "self.pool_h < self.pool_w",
           "self.pool_h == self.pool_w == 3", "(self.pool_h, self.pool_w) == x.shape[2:]", "self.stride > self.pool_h",
           "self.stride == 1", "self.stride > 2", "self.pad > 0", "self.pad > 1", "x.shape[2] == x.shape[3]",
           "x.shape[2] == 1", "x.shape[2] < x.shape[3]")  # fmt: skip
IMAGES = (ONE_IMAGE, ONE_CHANNEL, "x.shape[2:] == (1, 1)", "len(x) > x.shape[1]", "len(x) == x.shape[1]",
          "x.shape[2] > x.shape[3]")  # fmt: skip
CONDITIONS = {
    "im2col": ("shape[0] == 1", "shape[1] == 1", "FH == FW", "FH > FW", "stride > 2", "stride > FH", "pad > 0",
               "pad > 1", "(FH, FW) == shape[2:]", "FH == FW == 1", "shape[2] == 1"),
    "col2im": ("FH == FW", "FH > FW", "stride > 2", "stride > FH", "pad > 0", "pad > 1", "FH == FW == 1"),
    "convolution": (ONE_IMAGE, ONE_CHANNEL, *FILTERS),
    "pooling": (ONE_IMAGE, ONE_CHANNEL, *WINDOWS),
    "average_pooling": (ONE_IMAGE, ONE_CHANNEL, *WINDOWS),
    "relu": (ONE_IMAGE, ROWS, "x.ndim == 3"),
    "sigmoid": (ONE_IMAGE, ROWS, "x.ndim == 3"),
    "tanh": (ONE_IMAGE, ROWS, "x.ndim == 3"),
    "affine": (ONE_IMAGE, "x.ndim == 3", "x.ndim == 4", "self.W.shape[0] == 1", "self.W.shape[1] == 1",
               "self.W.shape[0] < self.W.shape[1]", "len(x) > self.W.shape[0]", "len(x) == self.W.shape[0]"),
    "softmax_with_loss": (ONE_IMAGE, "more[0].ndim == 1", "more[0].ndim == 2", "x.shape[1] == 2",
                          "len(x) > x.shape[1]"),
    "lrn": (ONE_IMAGE, ONE_CHANNEL, "self.n == 1", "self.n == 3", "self.n > x.shape[1]", "self.k == 1"),
    "global_average_pooling": IMAGES,
    "global_max_pooling": IMAGES,
    "batch_norm": (ONE_IMAGE, ROWS, "x.ndim == 4", "len(x) < x.shape[1]", "x.shape[1] == 1", "x.shape[2:] == (1, 1)"),
    "locally_connected": (ONE_IMAGE, ONE_CHANNEL, "self.stride > 1", "self.pad > 0", "self.W.shape[2] == 1",
                          "self.W.shape[4:] == (1, 1)", "self.W.shape[4] > self.W.shape[5]",
                          "self.W.shape[:2] == (1, 1)"),
    "grouped_convolution": (ONE_IMAGE, "self.groups == 1", "self.groups == x.shape[1]", "self.groups > 2",
                            *FILTERS[2:-1]),
    "depthwise_convolution": (ONE_IMAGE, ONE_CHANNEL, *FILTERS[3:-1]),
    "pointwise_convolution": (ONE_IMAGE, ONE_CHANNEL, *FILTERS[:4], "x.shape[2:] == (1, 1)"),
    "transposed_convolution": (ONE_IMAGE, ONE_CHANNEL, "self.W.shape[1] == 1", "self.W.shape[2:] == (3, 3)",
                               "self.W.shape[2] > self.W.shape[3]", "self.stride > self.W.shape[3]", "self.stride > 2",
                               "self.pad > 0", "x.shape[2:] == (1, 1)"),
    "spatial_pyramid_pooling": (*IMAGES[:2], *IMAGES[3:], "len(self.levels) == 1", "self.levels[0] == 1",
                                "max(self.levels) > 4"),
    "mean_normalization": (ONE_IMAGE, ONE_CHANNEL, "self.mean.shape[2:] == (1, 1)"),
}  # fmt: skip


def planted() -> Iterator[Planted]:
    """Yield every component with each of its conditions, keeping in turn its input, its output and dout."""
    number = 0
    for component, conditions in CONDITIONS.items():
        drawn = layer(component).OP.grads and layer(component).OP.upstream is None
        kept = ("x",) if component in CALLS else ("x", "out", "dout") if drawn else ("x", "out")
        for condition in conditions:
            yield Planted(component, kept[number % len(kept)], condition)
            number += 1
