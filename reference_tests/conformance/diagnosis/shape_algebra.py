"""Which sizes of a question a number is: 27 = C*FH*FW. A reading is believed only if it holds in several questions."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ...subject.protocol import Question

FEWEST = 4  # questions of other sizes in which a reading must hold: in fewer it may hold by chance
DEAREST = 16  # the cost of a product that is still looked for
PLAIN, COMPOSED, WRONG = 2, 3, 5  # costs: a side, a side with its padding, a size counted wrongly
Reading = tuple[str, ...]  # names of the factors; () is 1


class Size(NamedTuple):
    """One size of a question. slip: how it is counted wrongly. side: the right size in whose place it stands."""

    name: str
    value: int
    cost: int = PLAIN
    slip: str = ""
    side: str = ""


FILTERS_AT = {  # component -> the axis of W that counts the filters
    "convolution": 0, "grouped_convolution": 0, "depthwise_convolution": 0, "locally_connected": 2,
}  # fmt: skip
Formula = tuple[str, str, Callable[[int, int, int, int, int], int]]
OUTPUTS: tuple[Formula, ...] = (  # slip, formula of (n, f, the other axis' filter g, stride, pad)
    ("pad", "(({n} - {f})/stride + 1)", lambda n, f, g, s, p: (n - f) // s + 1),
    ("pad-once", "(({n} + pad - {f})/stride + 1)", lambda n, f, g, s, p: (n + p - f) // s + 1),
    ("plus-one", "(({n} + 2*pad - {f})/stride)", lambda n, f, g, s, p: (n + 2 * p - f) // s),
    ("stride", "({n} + 2*pad - {f} + 1)", lambda n, f, g, s, p: n + 2 * p - f + 1),
    ("stride-and-pad", "({n} - {f} + 1)", lambda n, f, g, s, p: n - f + 1),
    ("sides", "(({n} + 2*pad - {g})/stride + 1)", lambda n, f, g, s, p: (n + 2 * p - g) // s + 1),
    ("parentheses", "({n} + 2*pad - {f}/stride + 1)", lambda n, f, g, s, p: n + 2 * p - f // s + 1),
    ("quotient", "({n}/stride)", lambda n, f, g, s, p: n // s),
    ("window-quotient", "({n}/{f})", lambda n, f, g, s, p: n // f),
    ("window-stride", "(({n} + 2*pad - {f})/{f} + 1)", lambda n, f, g, s, p: (n + 2 * p - f) // f + 1),
    ("window-stride", "(({n} + 2*pad - {f})/{g} + 1)", lambda n, f, g, s, p: (n + 2 * p - f) // g + 1),
)
OF_TWO_SIDES = ("sides", "window-quotient", "window-stride")  # slips that a network of square windows cannot show


IMAGES = ("N", "C", "H", "W")
FILTERS = {  # component -> the letters of W's axes, where they are not those of a convolution
    "affine": ("D", "M"),
    "transposed_convolution": ("C", "FN", "FH", "FW"),
    "grouped_convolution": ("FN", "C/groups", "FH", "FW"),
    "depthwise_convolution": ("FN", "1", "FH", "FW"),
    "locally_connected": ("OH", "OW", "FN", "C", "FH", "FW"),
}
BIASES = {"affine": ("M",), "locally_connected": ("FN", "OH", "OW")}
MATRICES = {"im2col": ("N*OH*OW", "C*FH*FW"), "global_average_pooling": ("N", "C"), "global_max_pooling": ("N", "C"),
            "affine": ("N", "M"), "softmax_with_loss": ("N", "K")}  # fmt: skip
FILTERED = ("convolution", "pointwise_convolution", "transposed_convolution", "grouped_convolution",
            "depthwise_convolution", "locally_connected")  # fmt: skip


def letters_of(q: Question, what: str, axes: int) -> tuple[str, ...]:
    """Return the letters of an answer's axes, out, dx, dW or db; their numbers where there are no letters for them."""
    component = q.op.component
    if what == "dW":
        found = FILTERS.get(component, ("FN", "C", "FH", "FW"))
    elif what == "db":
        found = BIASES.get(component, ("FN",))
    elif axes == 2:
        found = MATRICES.get(component, ("N", "D"))
        found = ("N", "D") if component == "affine" and what == "dx" else found
    elif axes == 4 and what == "out" and "stride" in q.params and component != "col2im":
        found = ("N", "FN" if component in FILTERED else "C", "OH", "OW")
    else:
        found = {4: IMAGES, 3: ("N", "C", "D")}.get(axes, ())
    return found if len(found) == axes else tuple(map(str, range(axes)))


def sizes_of(q: Question) -> list[Size]:
    """List the sizes that a number of a layer may be made of, those that are right first."""
    if q.op.component == "simple_conv_net":
        return network_sizes(q)
    image = q.arrays.get("x", q.arrays.get("input_data"))
    shape = tuple(q.params["input_shape"]) if "input_shape" in q.params else () if image is None else image.shape
    W = q.arrays.get("W")
    if len(shape) == 4 and "stride" in q.params and (window := window_of(q)):
        return window_sizes(shape, window, q.params["stride"], q.params["pad"]) + group_sizes(q)
    if q.op.component == "pointwise_convolution" and W is not None:
        return [*map(Size, (*IMAGES, "FN"), (*shape, len(W)))]
    if q.op.component == "affine" and W is not None:
        return affine_sizes(shape, W.shape)
    axes = ("N", "C", "H", "W") if len(shape) == 4 else ("N", "K" if q.op.component == "softmax_with_loss" else "D")
    return [Size(name, n) for name, n in zip(axes, shape)] if len(shape) in (2, 4) else []


def window_of(q: Question) -> dict[str, int]:
    """Return the window's sides, with the filters where there are some; {} if they are not known."""
    if q.op.component in FILTERS_AT:
        fn, _c, fh, fw = q["W"].shape[FILTERS_AT[q.op.component] :]
        return {"FN": fn, "FH": fh, "FW": fw}
    for names in (("pool_h", "pool_w"), ("filter_h", "filter_w")):
        if names[0] in q.params:
            return {name: q.params[name] for name in names}
    return {}


def window_sizes(shape: tuple[int, ...], window: dict[str, int], stride: int, pad: int) -> list[Size]:
    """List the sizes of a layer of windows: its sides, its output's, and those counted wrongly."""
    sides = dict(zip(("N", "C", "H", "W"), shape))
    first = {"N": sides["N"], **{k: n for k, n in window.items() if k == "FN"}}
    (fh, h_size), (fw, w_size) = list(window.items())[-2:]
    axes = (("H", sides["H"], fh, h_size, fw, w_size), ("W", sides["W"], fw, w_size, fh, h_size))
    found = [Size(name, n) for name, n in (first | sides | window).items()]
    wrong: list[Size] = []
    for axis, n, f, f_size, g, g_size in axes:
        out = (n + 2 * pad - f_size) // stride + 1
        found.append(Size(f"O{axis}", out))
        wrong += [Size(f"({axis} + 2*pad)", n + 2 * pad, COMPOSED), Size(f"{f}*{f}", f_size * f_size, WRONG)]
        wrong += [Size(f"O{axis}*O{axis}", out * out, WRONG)]
        wrong += [
            Size(text.format(n=axis, f=f, g=g), value(n, f_size, g_size, stride, pad), WRONG, slip, f"O{axis}")
            for slip, text, value in OUTPUTS
        ]
    return found + wrong


def group_sizes(q: Question) -> list[Size]:
    """List how many channels and filters a group has; nothing where there are no groups."""
    if q.op.component == "depthwise_convolution":
        return [Size("FN/C", len(q["W"]) // q["x"].shape[1], COMPOSED)]
    if "groups" not in q.params:
        return []
    g = q["groups"]
    return [Size("C/groups", q["x"].shape[1] // g, COMPOSED), Size("FN/groups", len(q["W"]) // g, COMPOSED)]


def affine_sizes(x: tuple[int, ...], W: tuple[int, ...]) -> list[Size]:
    """List the sizes of a fully connected layer: N, D and M, and the other axes of x where it is not flat."""
    flat = [Size("N", x[0]), Size("D", W[0]), Size("M", W[1])]
    rest = [Size(f"x.shape[{i}]", x[i], COMPOSED) for i in range(1, len(x) - 1)]
    return flat + rest + ([Size("x.shape[-1]", x[-1], COMPOSED)] if len(x) > 2 else [])


def network_sizes(q: Question) -> list[Size]:
    """List the sizes of the network of the book; none where its images are not square."""
    c, h, w = q.params["input_dim"]
    conv = q.params["conv_param"]
    fn, size, pad, stride = (conv[k] for k in ("filter_num", "filter_size", "pad", "stride"))
    if h != w:
        return []
    out = (h + 2 * pad - size) // stride + 1
    right = {"N": len(q["x"]), "C": c, "H": h, "FN": fn, "FH": size, "OH": out, "hidden": q.params["hidden_size"]}
    found = [Size(name, n) for name, n in (right | {"classes": q.params["output_size"]}).items()]
    found.append(Size("(OH/2)", out // 2))
    return found + [
        Size(text.format(n="H", f="FH", g="FH"), value(h, size, size, stride, pad), WRONG, slip, "OH")
        for slip, text, value in OUTPUTS
        if slip not in OF_TWO_SIDES
    ]


def is_cut_by_other_side(q: Question, source: Sequence[int], place: Sequence[int], sides: str) -> bool:
    """Whether a slice of rows ("H"), of columns ("W") or of both ends where that of the other side does: by OW for OH.

    source: the slice's shape, which the image may cut off. place: the shape of what it goes into.
    """
    sizes = {size.name: size.value for size in sizes_of(q)}
    window = list((window_of(q) or {}).values())[-2:]
    if len(window) < 2 or "OH" not in sizes or len(source) < 2 or tuple(place[-2:]) != (sizes["OH"], sizes["OW"]):
        return False
    stride, wrong = q["stride"], False
    for axis, mine, other, side in ((-2, "H", "W", window[0]), (-1, "W", "H", window[1])):
        length, right = sizes[mine] + 2 * q["pad"], sizes[f"O{mine}"]
        cut = {
            len(range(first, min(end, first + stride * sizes[f"O{other}"]), stride))
            for first in range(side)
            for end in (length, length + stride - 1)  # the book's col2im has an image that is longer
        }
        if source[axis] not in (cut if mine in sides else {right}):
            return False
        wrong = wrong or source[axis] != right
    return wrong


def has_one_line(q: Question) -> bool:
    """Whether the windows lie in one row or in one column."""
    return 1 in {size.value for size in sizes_of(q) if size.name in ("OH", "OW")}


def indices_by_height(q: Question) -> set[tuple[int, int, int]]:
    """List what an index error says where the place in a window is unpacked with its height, not its width.

    Each is (index, axis, the window's size along it); none where all places lie in the window.
    """
    window = list((window_of(q) or {}).values())[-2:]
    if len(window) < 2 or "pool_h" not in q.params:
        return set()
    (h, w), stride = window, q["stride"]
    pad = [(0, 0), (0, 0), (q["pad"],) * 2, (q["pad"],) * 2]
    views = sliding_window_view(np.pad(np.asarray(q["x"], "f8"), pad, constant_values=-np.inf), (h, w), (2, 3))
    places = views[:, :, ::stride, ::stride].reshape(-1, h * w).argmax(1)
    rows, columns = np.divmod(places, h)
    return {(int(r), 0, h) for r in rows if r >= h} | {
        (int(c), 1, w) for r, c in zip(rows, columns) if r < h and c >= w
    }


class Readings:
    """The readings that hold in every one of some questions."""

    def __init__(self, questions: Sequence[Question]) -> None:
        tables = [{s.name: s for s in sizes_of(q)} for q in questions]
        names = [name for name in tables[0] if all(name in t for t in tables)] if tables else []
        columns = {name: tuple(t[name].value for t in tables) for name in names}
        self.sizes: dict[str, Size] = {}
        self.columns: dict[str, tuple[int, ...]] = {}
        for name, column in columns.items():
            twin = any(
                column == other and tables[0][n].cost < tables[0][name].cost for n, other in self.columns.items()
            )
            if max(column) > 1 and not twin:
                self.sizes[name], self.columns[name] = tables[0][name], column
        self.enough = len({tuple(t[name].value for name in names) for t in tables}) >= FEWEST
        self.square = bool(questions) and questions[0].op.component == "simple_conv_net"

    def read(self, numbers: Sequence[int]) -> Reading | None:
        """Return the cheapest product that gives these numbers, one a question; None if there is none or are two."""
        if not self.enough or len(set(numbers)) == 1:
            return None
        found: list[tuple[int, Reading]] = [
            (self.cost((name,)), (name,)) for name, column in self.columns.items() if same(numbers, column)
        ]
        if not found and min(numbers) > 0:
            factors = [name for name, column in self.columns.items() if min(column) > 0]
            found = [(self.cost(r), r) for r in self.products(tuple(numbers), factors, DEAREST)]
        found.sort()
        if not found or (len(found) > 1 and found[0][0] == found[1][0]):
            return None
        return tuple(side for name in found[0][1] for side in (name.split("*") if self.is_square(name) else [name]))

    @staticmethod
    def is_square(name: str) -> bool:
        """Whether the name is that of a side times itself."""
        first, _, second = name.partition("*")
        return first == second

    def cost(self, reading: Reading) -> int:
        """Add up what the factors cost."""
        return sum(self.sizes[name].cost for name in reading)

    def products(self, rest: tuple[int, ...], names: list[str], left: int) -> Iterator[Reading]:
        """Yield every product of these sizes that gives the numbers and costs no more than what is left."""
        if max(rest) == 1:
            yield ()
            return
        for i, name in enumerate(names):
            cost, column = self.sizes[name].cost, self.columns[name]
            if cost <= left and not any(n % d for n, d in zip(rest, column)):
                further = tuple(n // d for n, d in zip(rest, column))
                later = names[i:] if self.square else names[i + 1 :]
                yield from ((name, *tail) for tail in self.products(further, later, left - cost))


def same(numbers: Sequence[int], column: Sequence[int]) -> bool:
    """Whether a size gives all the numbers. Below 1, where no output is left, code rounds in one way or the other."""
    return all(n == c or max(n, c) < 1 for n, c in zip(numbers, column))
