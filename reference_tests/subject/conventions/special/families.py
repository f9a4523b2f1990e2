"""The contract's layers beyond the usual ones, as a reading needs them."""

from dataclasses import replace

from ..families import COMMON, FAMILIES, FILTERS, IMAGES, MAPS, WINDOW_OF_FILTER, Array, Family

GROUPED = tuple(text.replace("C", "G") for text in FILTERS if len(text.split()) == 4 and "C" in text)
ONE_EACH = ("F G I J", "I J F G", "F I J", "I J F", "G I J F", "F I J G", "I J G F", "G F I J")
LAID_DOWN = ("C F I J", "I J F C", "F C I J", "I J C F", "C I J F", "F I J C")
PLACED = (
    "Y X F C I J", "Y X I J C F", "YX IJC F", "YX CIJ F", "Y X F I J C", "Y X C I J F", "F Y X C I J", "F C Y X I J",
    "F C I J Y X", "YX F CIJ", "Y X IJC F", "Y X CIJ F", "Y X F CIJ", "YX F C I J",
    "F C Y X IJ", "1 F C Y X IJ",
)  # fmt: skip
OF_PLACES = ("F Y X", "Y X F", "YX F", "F YX", "1 Y X F", "1 F Y X")
POINTS = ("F C", "C F", "F C 1 1", "1 1 C F", "F 1 1 C")
BIAS = Array("F", ("F", "F 1", "1 F", "1 1 1 F", "1 F 1 1", "F 1 1", "1 1 F"))


def one_row(sizes: dict[str, int]) -> dict[str, int]:
    """Return the sizes with a window of one row."""
    return {**sizes, "I": 1, "Y": sizes["Y"] + 1}


def with_filters(name: str, filters: Array, sizes: dict[str, int], **codes: tuple[str, ...]) -> Family:
    """Make a layer that is called as a convolution is, with filters of its own kind."""
    return replace(
        CONVOLUTION, name=name, params={"W": filters, "b": BIAS}, codes={**CONVOLUTION.codes, **codes}, sizes=sizes,
        rectangle=one_row(sizes),
    )  # fmt: skip


CONVOLUTION = Family(
    "", "W, b, stride=1, pad=0", Array("NCHW", IMAGES), Array("NFYX", MAPS),
    codes={
        **COMMON, "in": ("C",), "out": ("FN",), "w": ("W_",), "b": ("b_",), "window": ("(FH, FW)", "FH"),
        "mode": ("'valid'",),
    },
    values={"stride": 1, "pad": 0}, order=("in", "out", "window", "stride", "pad"),
    roles=("w", "b", "stride", "pad"),
)  # fmt: skip
GROUPS = {**WINDOW_OF_FILTER, "C": 6, "G": 2, "F": 9, "W": 5, "X": 4}
LAID = {**WINDOW_OF_FILTER, "Y": 9, "X": 7}
LOCAL = with_filters(
    "LocallyConnected", Array("YXFCIJ", PLACED), WINDOW_OF_FILTER, shape=("(OH, OW)",), output_shape=("(OH, OW)",)
)
GLOBAL = Family(
    "", "", Array("NCHW", ("N C H W", "N H W C", "C H W", "H W C")),
    Array("NC", ("N C", "N C 1 1", "N 1 1 C", "C", "C 1 1", "1 1 C", "C 1")),
    codes={**COMMON, "in": ("C",), "out": ("1", "(1, 1)")}, sizes={"N": 2, "C": 3, "H": 4, "W": 5},
)  # fmt: skip
BEYOND = {
    family.name: family
    for family in (
        replace(
            with_filters(
                "GroupedConvolution", Array("FGIJ", GROUPED), GROUPS, groups=("groups",), **{"in": ("CG * groups",)}
            ),
            make="W, b, stride=1, pad=0, groups=1",
            values={"stride": 1, "pad": 0, "groups": 3},
        ),
        with_filters(
            "DepthwiseConvolution", Array("FGIJ", ONE_EACH), {**WINDOW_OF_FILTER, "F": 3, "G": 1}, **{"in": ("FN",)}
        ),
        with_filters("TransposedConvolution", Array("CFIJ", LAID_DOWN), LAID),
        replace(LOCAL, params={**LOCAL.params, "b": Array("FYX", OF_PLACES)}),
        replace(
            with_filters(
                "PointwiseConvolution", Array("FCIJ", POINTS), {**WINDOW_OF_FILTER, "I": 1, "J": 1, "Y": 8, "X": 6},
                window=("1", "(1, 1)"),
            ),
            make="W, b", values={}, order=("in", "out"), roles=("w", "b"),
        ),
        replace(GLOBAL, name="GlobalAveragePooling"),
        replace(GLOBAL, name="GlobalMaxPooling"),
        Family(
            "LRN", "n=5, k=2.0, alpha=1e-4, beta=0.75", Array("NCHW", ("N C H W", "N H W C")),
            Array("NCHW", ("N C H W", "N H W C")),
            codes={
                "lrn_n": ("n",), "lrn_radius": ("(n - 1) // 2",), "lrn_k": ("k",), "lrn_alpha": ("alpha",),
                "lrn_beta": ("beta",), "in": ("C",), "input_shape": COMMON["input_shape"], "train": ("True",),
            },
            sizes={"N": 2, "C": 6, "H": 4, "W": 5}, values={"n": 3, "k": 2.0, "alpha": 1.0, "beta": 0.75},
            order=("lrn_n", "lrn_k", "lrn_alpha", "lrn_beta"), roles=("lrn_n", "lrn_k", "lrn_alpha", "lrn_beta"),
        ),
    )
}  # fmt: skip
ALL = FAMILIES | BEYOND
STATISTICS = ("gamma", "beta", "momentum", "eps", "running_mean", "running_var")
CONTRACTS = ALL | {  # what the constructors of the contract are given
    "BatchNorm": Family(
        "BatchNorm", "gamma, beta, momentum=0.1, eps=1e-5, running_mean=None, running_var=None", GLOBAL.x, GLOBAL.x,
        codes=dict.fromkeys((*STATISTICS, "features"), ()), roles=STATISTICS,
    ),
}  # fmt: skip
SIDES = (2, 3, 5)  # of a window that the interface fixes itself

PADDED = (  # of a convolution that always pads so much that the size stays: 3 x 3 stands for all
    ({"C": 5, "H": 8, "W": 6, "I": 3, "J": 3, "Y": 8, "X": 6}, {"pad": 1}),
    ({"C": 6, "H": 10, "W": 9, "I": 5, "J": 5, "Y": 10, "X": 9}, {"pad": 2}),
    ({"C": 7, "H": 9, "W": 11, "I": 3, "J": 3, "Y": 5, "X": 6}, {"pad": 1, "stride": 2}),
)


def sizes_to_try(family: Family) -> list[Family]:
    """Return the family with the sizes of windows that an interface may fix itself."""
    if "I" not in family.sizes or family.name in BEYOND:
        return [family]
    found = []
    for side in SIDES:
        sizes, values = {**family.sizes, "I": side, "J": side}, dict(family.values)
        if side != family.sizes["I"]:
            values["stride"] = stride = 1 if family.params else side
            sizes |= {"C": 6, "H": 10, "W": 9} if family.params else {"H": side * 4, "W": side * 5}
            sizes |= {"Y": (sizes["H"] - side) // stride + 1, "X": (sizes["W"] - side) // stride + 1}
        found.append(replace(family, sizes=sizes, values=values))
    square = {**family.sizes, "H": 10, "W": 10, "I": 2, "J": 2}
    stride = 1 if family.params else 2
    square |= {"Y": 8 // stride + 1, "X": 8 // stride + 1}
    found.append(replace(family, sizes=square))  # of images that are square, where no others are taken
    if family.params:
        odd = {**square, "C": 6, "I": 3, "J": 3, "Y": 8, "X": 8}  # and whose windows have a middle
        found.append(replace(family, sizes=odd))
    if family.params:
        found += [replace(family, sizes=family.sizes | s, values=family.values | values) for s, values in PADDED]
    else:  # of one that always moves by one place
        found.append(replace(family, sizes={**family.sizes, "Y": 7, "X": 9}, values={**family.values, "stride": 1}))
    if family.name == "Convolution":  # of one that always steps by two
        sizes = {**family.sizes, "C": 6, "H": 9, "W": 11, "I": 3, "J": 3, "Y": 4, "X": 5}
        found.append(replace(family, sizes=sizes, values={**family.values, "stride": 2}))
    return found
