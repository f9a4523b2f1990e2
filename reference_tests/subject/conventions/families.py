"""The contract's layers as a reading needs them: arrays with their axes, and the code of each argument."""

from dataclasses import dataclass, field

IMAGES = ("N C H W", "N H W C", "C H W", "H W C", "H W", "N CHW", "H W C N", "C H W N", "N H W")
MAPS = (
    "N F Y X",
    "N Y X F",
    "F Y X",
    "Y X F",
    "Y X",
    "N FYX",
    "Y X F N",
    "F Y X N",
    "N F Y X",
)  # of the same place in IMAGES
FILTERS = (
    "F C I J", "I J C F", "F I J C", "F I J", "I J F", "I J", "C F I J", "C I J F", "F CIJ", "CIJ F", "I J F C",
    "I J C", "C I J",
)  # fmt: skip
BIASES = ("F", "F 1", "1 F", "1 1 1 F", "1 F 1 1", "F 1 1", "1 1 F", "F Y X", "Y X F")
POOLED = ("N C Y X", "N Y X C", "C Y X", "Y X C", "Y X", "N CYX", "Y X C N", "C Y X N", "N Y X")
ROWS = ("N D", "D N", "D", "D 1", "1 D")
SCORES = ("N M", "M N", "M", "M 1", "1 M")
MATRICES = ("D M", "M D")
ROW_BIASES = ("M", "1 M", "M 1")


@dataclass(frozen=True)
class Array:
    """One array of the contract: its axes, and the layouts that it may have elsewhere, the most common first."""

    axes: str
    layouts: tuple[str, ...]


@dataclass(frozen=True)
class Family:
    """One layer of the contract.

    make: its constructor's arguments, as code. params: the arrays that it is made with. codes: for each role of an
    argument elsewhere, the code of what is passed, the most likely first. sizes: of the arrays of the first trial.
    """

    name: str
    make: str
    x: Array
    out: Array
    params: dict[str, Array] = field(default_factory=dict)
    codes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    rectangle: dict[str, int] = field(default_factory=dict)  # other sizes, with a window that is not square
    values: dict[str, object] = field(default_factory=dict)  # of the constructor's other arguments
    order: tuple[str, ...] = ()  # the roles of arguments whose names say nothing, in turn
    roles: tuple[str, ...] = ()  # of the contract's own constructor's arguments
    asked: str = ""  # forward's arguments besides the input, as code
    upstream: str = ""  # the usual upstream gradient of backward, if it may be left out

    @property
    def kept(self) -> tuple[str, ...]:
        """The names of the constructor's arguments."""
        return tuple(part.partition("=")[0].strip() for part in self.make.split(",")) if self.make else ()


COMMON = {
    "activation": ("None", "(lambda a: a)", "'linear'", "'identity'", "''", "Plain()"),
    "use_bias": ("True",),
    "name": ("'layer'",),
    "seed": ("0", "np.random.default_rng(0)"),
    "lr": ("1.0",),
    "train": ("True",),
    "optimizer": ("Descent()", "None"),
    "scale": ("0.1",),
    "dilation": ("1", "(1, 1)"),
    "reg": ("0.0",),
    "groups": ("1",),
    "input_shape": (
        "(C, IH, IW)", "(IH, IW, C)", "(N, C, IH, IW)", "(N, IH, IW, C)", "(IH, IW)", "(None, IH, IW, C)",
        "(None, C, IH, IW)",
    ),
    "in_h": ("IH",),
    "in_w": ("IW",),
    "out_h": ("OH",),
    "out_w": ("OW",),
    "window_h": ("FH",),
    "window_w": ("FW",),
    "window": ("(FH, FW)", "FH"),
    "stride": ("stride", "(stride, stride)"),
    "pad": ("pad", "(pad, pad)", "'valid'", "'VALID'"),
}  # fmt: skip
WINDOW_OF_FILTER = {"N": 2, "C": 3, "H": 8, "W": 6, "F": 4, "I": 2, "J": 2, "Y": 7, "X": 5}
NARROW = {**WINDOW_OF_FILTER, "I": 1, "J": 2, "Y": 8, "X": 5}
POOLING = {"N": 2, "C": 3, "H": 8, "W": 10, "I": 2, "J": 2, "Y": 4, "X": 5}
POOL_CODES = {  # pool(x, size, stride, fn) is told what it does with a window
    **COMMON, "in": ("C",), "mode": ("'max'",), "activation": ("None", "np.max", *COMMON["activation"][1:]),
}  # fmt: skip

CONVOLUTION = Family(
    "Convolution", "W, b, stride=1, pad=0", Array("NCHW", IMAGES), Array("NFYX", MAPS),
    params={"W": Array("FCIJ", FILTERS), "b": Array("F", BIASES)},
    codes={
        **COMMON, "in": ("C",), "out": ("FN",), "w": ("W_",), "b": ("b_",), "window": ("(FH, FW)", "FH"),
        "shape": ("(FN, C, FH, FW)",), "mode": ("'valid'", "'VALID'"),
    },
    sizes=WINDOW_OF_FILTER, rectangle=NARROW, values={"stride": 1, "pad": 0},
    order=("in", "out", "window", "stride", "pad"), roles=("w", "b", "stride", "pad"),
)  # fmt: skip
POOL = Family(
    "Pooling", "pool_h, pool_w, stride=2, pad=0", Array("NCHW", IMAGES), Array("NCYX", POOLED),
    codes=POOL_CODES, sizes=POOLING, rectangle={**POOLING, "I": 4, "J": 2, "Y": 5, "X": 9},
    values={"stride": 2, "pad": 0}, order=("window_h", "window_w", "window", "stride", "pad"),
    roles=("window_h", "window_w", "stride", "pad"),
)  # fmt: skip
AVERAGE = Family(
    "AveragePooling", POOL.make, POOL.x, POOL.out,
    codes={
        **POOL_CODES, "activation": ("None", "np.mean", *COMMON["activation"][1:]),
        "mode": ("'average'", "'avg'", "'mean'", "'AVG'", "'ave'"),
    },
    sizes=POOLING, rectangle=POOL.rectangle, values=POOL.values, order=POOL.order, roles=POOL.roles,
)  # fmt: skip
ANY = Array("NCHW", ("N C H W", "CHW N", "N CHW", "C H W", "H W C"))
CURVES = {
    name: Family(
        name, "", ANY, ANY, codes={**COMMON, "input_shape": ("x_.shape[1:]", "x_.shape")},
        sizes={"N": 2, "C": 3, "H": 4, "W": 5},
    )
    for name in ("Relu", "Sigmoid", "Tanh")
}  # fmt: skip
AFFINE = Family(
    "Affine", "W, b", Array("ND", ROWS), Array("NM", SCORES),
    params={"W": Array("DM", MATRICES), "b": Array("M", ROW_BIASES)},
    codes={
        **COMMON, "in": ("D",), "out": ("M",), "w": ("W_",), "b": ("b_",), "input_shape": ("(D,)", "D", "(N, D)"),
    },
    sizes={"N": 2, "D": 6, "M": 4}, order=("in", "out"), roles=("w", "b"),
)  # fmt: skip
FAMILIES = {f.name: f for f in (CONVOLUTION, POOL, AVERAGE, *CURVES.values(), AFFINE)}
