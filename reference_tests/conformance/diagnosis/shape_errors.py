"""Errors about shapes, explained: which sizes meet in NumPy's message, and which known slip gives just these."""

import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from ...i18n import N_, _
from ...subject.protocol import Question, Stop, Subject
from ..contract import layer
from ..mistakes.convolution import BACK, ONE_A_FILTER, PRODUCT
from ..scenarios.uses import plain_use
from .shape_algebra import FEWEST, Reading, Readings, indices_by_height, is_cut_by_other_side

DRAWN, ENOUGH, SECONDS = 60, 12, 3.0  # further cases that are tried, that are enough, and for how long at most
NEW_AXIS = -1  # stands for a -1 in the shape that reshape is given
SHAPE = r"\(([^()]*)\)"
PATTERNS = {  # kind of clash -> what NumPy says; its groups hold shapes or numbers
    "reshape": rf"cannot reshape array of size (\d+) into shape {SHAPE}",
    "dot": rf"shapes {SHAPE} and {SHAPE} not aligned",
    "matmul": r"matmul: Input operand 1 has a mismatch .*size (\d+) is different from (\d+)",
    "assign": rf"could not broadcast input array from shape {SHAPE} into shape {SHAPE}",
    "einsum": rf"remapped shapes \[original->remapped\]: {SHAPE}->{SHAPE} {SHAPE}->{SHAPE}",
    "broadcast": rf"operands could not be broadcast together with shapes {SHAPE} {SHAPE}(?: {SHAPE})?",
    "output": rf"non-broadcastable output operand with shape {SHAPE} doesn't match the broadcast shape {SHAPE}",
    "concatenate": r"along dimension \d+, the array at index \d+ has size (\d+) and .* has size (\d+)",
    "index": r"index -?\d+ is out of bounds for axis \d+ with size (\d+)",
}
Shape = tuple[int, ...]
ShapeReadings = tuple[tuple[Reading | None, ...], ...]
Slip = tuple[str, str, str]  # its code, its sentence, its repair


class Clash(NamedTuple):
    """Shapes that do not go together, as NumPy's message has them."""

    kind: str
    shapes: tuple[Shape, ...]


class Case(NamedTuple):
    """One failing question with its clash, and the line that raised it."""

    question: Question
    clash: Clash
    stop: Stop


class Turned(NamedTuple):
    """A matrix that lies the wrong way round in a product."""

    factor: int  # 0 the first, 1 the second
    shape: tuple[str, str]
    forward: bool  # in forward the two sizes that meet say enough; else both factors' shapes are needed
    code: str
    text: str
    repair: str


class Explanation(NamedTuple):
    """What is known of the clashes of one line. A code and its sentences are empty where no slip is recognized."""

    kind: str
    readings: ShapeReadings
    slip: Slip | None
    lacking: str = ""  # factors of an array that the shape given to reshape has no place for
    needless: str = ""  # factors of the shape that are not in the array


# fmt: off
COUNTED = N_("count OH = (H + 2*pad - FH)/stride + 1, and OW likewise with W and FW")
OUTPUTS = {  # slip of an output's size -> (code, sentence, repair)
    "pad": ("shape.out-without-pad", N_("the output's size is counted without the padding"), COUNTED),
    "pad-once": ("shape.out-pad-once", N_("the output's size is counted with the padding of one side only"), COUNTED),
    "plus-one": ("shape.out-without-plus-one", N_("the + 1 is missing where the output's size is counted"), COUNTED),
    "stride": ("shape.out-without-stride", N_("the output's size is counted without the stride"), COUNTED),
    "stride-and-pad": ("shape.out-plain", N_("the output's size is counted without stride and padding"), COUNTED),
    "sides": ("shape.out-sides", N_("the output's height is counted with a width, or the other way round"), COUNTED),
    "parentheses": ("shape.out-parentheses", N_("only FH is divided by the stride: parentheses are missing"),
                    COUNTED),
    "quotient": ("shape.out-quotient", N_("the output's size is taken to be H/stride"), COUNTED),
    "window-quotient": ("shape.out-window-quotient",
                        N_("the output's size is taken to be the image's divided by the window's"), COUNTED),
    "window-stride": ("shape.out-window-stride",
                      N_("the output's size is counted with a side of the window in place of the stride"),
                      N_("hand the stride on: how far the window moves does not follow from its sides")),
    "input": ("shape.out-input", N_("the output is given the image's size: H and W stand for OH and OW"), COUNTED),
}
HANDED_ON = N_("hand stride and pad on to im2col and col2im, or use them where the windows are taken")
WINDOWS = {  # the same of the rows of windows that a right shape does not fit
    "pad": ("shape.windows-without-pad", N_("the windows are taken without the padding"), HANDED_ON),
    "stride": ("shape.windows-without-stride", N_("the windows are taken with stride 1"), HANDED_ON),
    "stride-and-pad": ("shape.windows-plain", N_("the windows are taken with stride 1 and without padding"), HANDED_ON),
}
PRODUCTS = {  # (last axis of the first factor, axis of the second that it meets) -> the matrix that lies wrongly
    ("C*FH*FW", "FN"): Turned(1, ("FN", "C*FH*FW"), True, "shape.w-not-transposed",
                              N_("the filter matrix (FN, C*FH*FW) is not transposed before the product"), PRODUCT),
    ("FN", "C*FH*FW"): Turned(1, ("C*FH*FW", "FN"), False, "shape.w-transposed",
                              N_("the filter matrix is (C*FH*FW, FN) here and has to be transposed"),
                              N_("dx needs dout @ W.reshape(FN, -1): the transpose of forward's matrix")),
    ("C*FH*FW", "N*OH*OW"): Turned(0, ("N*OH*OW", "C*FH*FW"), False, "shape.col-not-transposed",
                                   N_("col is not transposed before it is multiplied by dout"), BACK),
    ("D", "M"): Turned(1, ("M", "D"), True, "shape.w-transposed",
                       N_("W is (D, M) already and is transposed once more"), N_("forward is x @ W + b")),
    ("M", "D"): Turned(1, ("D", "M"), False, "shape.w-not-transposed", N_("W is not transposed in backward"),
                       N_("dx is dout @ W.T: (N, M) times (M, D)")),
    ("D", "N"): Turned(0, ("N", "D"), False, "shape.x-not-transposed",
                       N_("x is not transposed before it is multiplied by dout"),
                       N_("dW is x.T @ dout: (D, N) times (N, M)")),
}
FACTORS = {  # whether the first or the second factor would fit if it were transposed
    0: ("shape.not-transposed", N_("the first factor of the product has to be transposed"), N_("write .T behind it")),
    1: ("shape.not-transposed", N_("the second factor of the product has to be transposed"), N_("write .T behind it")),
}
FLAT = ("shape.not-flattened", N_("x has more than two axes and is not flattened before the product"),
        N_("reshape x to (N, -1) in forward, and dx back to the shape of x in backward"))
BIAS = ("shape.bias-axis", N_("b has one number a filter, and is added along another axis than that of the filters"),
        ONE_A_FILTER)
BIASES = {("FN",): BIAS, ("FN/groups",): BIAS, ("FN/C",): BIAS, ("M",): (
    "shape.bias-axis", N_("b has one number an output, and is added along the images"),
    N_("b is (M,): NumPy lays it along the last axis, the outputs"))}
UNPADDED = ("shape.image-not-padded", N_("an index runs out of the image, which has no padding around it"),
            N_("pad the image with np.pad first, and take the windows from the padded one"))
SWAPPED = [((w,), (h,)) for w, h in (("FW", "FH"), ("filter_w", "filter_h"), ("pool_w", "pool_h"))]
WINDOW_SIDES = ("shape.window-sides", N_("the window's height and width stand in each other's place"),
                N_("height comes before width, in shapes and in arguments"))
SLICED = "shape.slice-of-other-side"
ENDS = N_("end the slice of rows at y + stride*OH, and that of columns at x + stride*OW")
SLICES = (  # (which sides, its slip); both: where neither alone is wrong in all cases
    ("H", (SLICED, N_("the slice of rows ends by the output's width: OW stands for OH"), ENDS)),
    ("W", (SLICED, N_("the slice of columns ends by the output's height: OH stands for OW"), ENDS)),
    ("HW", (SLICED, N_("the slices of rows and columns end by each other's output size: OW and OH are swapped"), ENDS)),
)
PLACE = ("shape.place-by-height", N_("the place in the window is unpacked with the window's height, not its width"),
         N_("place k of a window is in row k // pool_w and in column k % pool_w"))
SLIPS = (*OUTPUTS.values(), *(slip for _sides, slip in SLICES), PLACE,
         *WINDOWS.values(), *(t[3:] for t in PRODUCTS.values()), *FACTORS.values(), FLAT,
         *BIASES.values(), WINDOW_SIDES, UNPADDED)
# fmt: on


def parse(stop: Stop) -> Clash | None:
    """Return the clash in an exception's message, None if it is of another kind."""
    for kind, pattern in PATTERNS.items():
        if found := re.search(pattern, stop.text):
            groups = [g for g in found.groups() if g is not None]
            shapes = [tuple(map(_number, re.findall(r"newaxis|-?\d+", g))) for g in groups]
            if kind == "reshape" and "reshape(-1" in stop.line:  # NumPy's message leaves out a -1 that comes first
                shapes[1] = NEW_AXIS, *shapes[1]
            return Clash(kind, tuple(shapes)) if all(shapes) else None
    return None


def _number(text: str) -> int:
    return NEW_AXIS if text == "newaxis" else int(text)


def explain_clashes(cases: Sequence[Case], subject: Subject | None, component: str, part: str) -> Explanation | None:
    """Explain the clashes of one line: what is said holds in every case. subject: it may be run on further cases."""
    first = cases[0]
    alike = [c for c in cases if is_alike(c, first)]
    if subject is not None:
        more = (c for c in draw_cases(component, part, subject) if is_alike(c, first))
        alike += islice(more, ENOUGH)
    table = Readings([c.question for c in alike])
    readings = tuple(
        tuple(table.read([c.clash.shapes[i][j] for c in alike]) for j in range(len(shape)))
        for i, shape in enumerate(first.clash.shapes)
    )
    slip = find_slip(first.clash.kind, readings, table, alike)
    if not slip and not any(r for shape in readings for r in shape):
        return None
    left = leftover(readings) if first.clash.kind == "reshape" and "-1" not in first.stop.line else ("", "")
    return Explanation(first.clash.kind, readings, slip, *left)


def leftover(readings: ShapeReadings) -> tuple[str, str]:
    """Return the factors of the array that the shape lacks, and those that are the shape's alone; "" if unknown."""
    (size,), shape = readings
    if size is None or None in shape:
        return "", ""
    there, given = Counter(size), Counter(name for r in shape for name in r or ())
    return "*".join((there - given).elements()), "*".join((given - there).elements())


def is_alike(a: Case, b: Case) -> bool:
    """Whether two clashes come from one line, with as many axes."""
    return form(a) == form(b)


def form(c: Case) -> tuple[object, ...]:
    """Return what is equal for clashes that are explained together."""
    return c.stop.step.rpartition(".")[2], c.stop.line, c.stop.call, c.clash.kind, tuple(map(len, c.clash.shapes))


def draw_cases(component: str, part: str, subject: Subject) -> Iterator[Case]:
    """Yield clashes of further cases of drawn sizes, the same at every run."""
    of, rng, until = layer(component), np.random.default_rng(3), time.monotonic() + SECONDS
    if not hasattr(of, "drawn") or hasattr(of, "GENERATED"):
        return
    for _i in range(DRAWN):
        plan = plain_use(of.drawn(lambda low, high: int(rng.integers(low, high + 1))), part)
        stop = subject.run(plan).stop
        clash = parse(stop) if stop and stop.reason == "exception" else None
        if stop and clash:
            yield Case(next(iter(plan.expect.values()))[0], clash, stop)
        if time.monotonic() > until:
            return


def find_slip(kind: str, readings: ShapeReadings, table: Readings, cases: Sequence[Case]) -> Slip | None:
    """Find the known slip that gives these sizes."""
    match kind:
        case "reshape":
            return slip_of_reshape(readings[0][0], readings[1], table)
        case "dot":
            return slip_of_dot(readings) or slip_of_rows(inner(readings), table)
        case "matmul":
            met = readings[1][0], readings[0][0]
            return slip_of_matmul(met, cases[0].stop.step) or slip_of_rows(met, table)
        case "broadcast":
            found = slip_of_bias(readings, cases[0].clash.shapes) or slip_of_axes(readings[0], readings[1], table)
            return found or slip_of_slice(cases)
        case "assign":  # the source may be a slice that is cut off: its sizes say nothing
            return slip_of_axes(readings[1], readings[0], table) or slip_of_slice(cases)
        case "index" if all(index_of(c) in indices_by_height(c.question) for c in cases):
            return PLACE
        case "index" if readings[0][0] in (("H",), ("W",)) and all(c.question.params.get("pad") for c in cases):
            return UNPADDED
    return None


def slip_of_reshape(size: Reading | None, shape: tuple[Reading | None, ...], table: Readings) -> Slip | None:
    """Find an output's size that is counted wrongly: in the shape, or in the array that should fill it."""
    if size is None:
        return None
    if any(shape[i : i + 2] in SWAPPED for i in range(len(shape))):
        return WINDOW_SIDES
    there, given = Counter(size), Counter(name for r in shape if r is not None for name in r)
    wrong = there - given
    if None in shape:  # a -1 takes what is left of the array
        wrong = Counter({name: n for name, n in wrong.items() if table.sizes[name].slip})
    if None not in shape and {*(given - there), *(there - given)} == {"OH", "OW"}:
        return OUTPUTS["sides"]
    return slip_between(given - there, there - given, table, OUTPUTS) or slip_between(
        wrong, given - there, table, WINDOWS
    )


def slip_between(wrong: Counter[str], right: Counter[str], table: Readings, slips: dict[str, Slip]) -> Slip | None:
    """Return the slip if every wrong size stands for the right one of its own axis, all in the same way."""
    kinds = set()
    for name in wrong:
        size = table.sizes[name]
        kind, side = (size.slip, size.side) if size.slip else ("input" if name in ("H", "W") else "", f"O{name}")
        sides = ("OH", "OW") if kind == "sides" else (side,)
        if not kind or not any(s in right for s in sides):
            return None
        kinds.add(kind)
    return slips.get(kinds.pop()) if len(kinds) == 1 else None


def slip_of_axes(mine: tuple[Reading | None, ...], theirs: tuple[Reading | None, ...], table: Readings) -> Slip | None:
    """Find an output's size that is counted wrongly where two shapes differ axis by axis."""
    wrong, right = Counter[str](), Counter[str]()
    for a, b in zip(mine[::-1], theirs[::-1]):
        if a and b and a != b:
            wrong += Counter(a) - Counter(b)
            right += Counter(b) - Counter(a)
    return slip_between(wrong, right, table, OUTPUTS)


def slip_of_slice(cases: Sequence[Case]) -> Slip | None:
    """Find the slice of an image that ends by the output's other side; None where few sizes show it."""
    if len({c.clash.shapes for c in cases}) < FEWEST:
        return None
    for sides, slip in SLICES:
        for source, place in ((0, 1), (1, 0)):  # the slice is added to, or is what is added
            met = [(c.question, c.clash.shapes[source], c.clash.shapes[place]) for c in cases]
            if all(is_cut_by_other_side(*one, sides) for one in met):
                return slip
    return None


def index_of(c: Case) -> tuple[int, ...]:
    """Return the index, the axis and the size of an index error's message."""
    return tuple(map(int, re.findall(r"-?\d+", c.stop.text.partition("index")[2])))


def slip_of_dot(readings: ShapeReadings) -> Slip | None:
    """Find the matrix that lies the wrong way round, by the shapes of both factors."""
    names = [tuple("*".join(r) if r is not None else "" for r in shape) for shape in readings]
    first, second = names
    if len(second) != 2 or not first or "" in (first[-1], *second):
        return None
    if first[-1].startswith("x.shape[") and second[0] == "D":
        return FLAT
    turned = PRODUCTS.get((first[-1], second[0]))
    if turned and names[turned.factor] == turned.shape:
        return turned[3:]
    fits = [len(first) == 2 and first[0] == second[0], second[1] == first[-1]]
    return FACTORS[fits.index(True)] if fits.count(True) == 1 else None


def slip_of_matmul(met: tuple[Reading | None, Reading | None], step: str) -> Slip | None:
    """Find the matrix that lies the wrong way round, by the two sizes that meet."""
    first, second = ("*".join(r) if r is not None else "" for r in met)
    if first.startswith("x.shape[") and second == "D":
        return FLAT
    turned = PRODUCTS.get((first, second))
    return turned[3:] if turned and turned.forward and step.endswith("forward") else None


def slip_of_rows(met: tuple[Reading | None, Reading | None], table: Readings) -> Slip | None:
    """Find windows that are taken otherwise than the output's size says: their rows meet those of dout."""
    if None in met:
        return None
    first, second = (Counter(r) for r in met)
    return slip_between(first - second, second - first, table, WINDOWS) or slip_between(
        second - first, first - second, table, WINDOWS
    )


def inner(readings: ShapeReadings) -> tuple[Reading | None, Reading | None]:
    """Return the two axes of np.dot's factors that have to be equal."""
    first, second = readings[:2]
    return first[-1] if first else None, second[-2 if len(second) > 1 else -1] if second else None


def slip_of_bias(readings: ShapeReadings, shapes: Sequence[Shape]) -> Slip | None:
    """Find a b of shape (FN,), or (FN, 1), that meets another axis of the output than that of its filters."""
    for b, out, own in ((*readings[:2], shapes[0]), (*readings[1::-1], shapes[1])):
        axis = b[0] if len(b) <= len(out) and set(own[1:]) <= {1} else None
        if axis in BIASES and axis in out and out[-len(b)] not in (None, axis):
            return BIASES[axis]
    return None


def say_sizes(e: Explanation, clash: Clash) -> str:
    """Say which sizes the numbers of one message are."""
    named = [[name_number(r, n) for r, n in zip(rs, ns)] for rs, ns in zip(e.readings, clash.shapes)]
    whole = [f"({', '.join(names)}{',' * (len(names) == 1)})" for names in named]
    match e.kind:
        case "reshape":
            return say_reshape(e, clash.shapes[0][0], named[0][0], whole[1])
        case "dot":
            (a, b), (n, m) = [names[i] for names, i in inner_axes(named)], [s[i] for s, i in inner_axes(clash.shapes)]
            text = _("{first} times {second}: {a} meets {b}")
            return text.format(first=whole[0], second=whole[1], a=equate(n, a), b=equate(m, b))
        case "matmul":
            (n,), (m,) = clash.shapes
            return _("{a} meets {b}").format(a=equate(m, named[1][0]), b=equate(n, named[0][0]))
        case "concatenate":
            (n,), (m,) = clash.shapes
            return _("{a} meets {b}").format(a=equate(n, named[0][0]), b=equate(m, named[1][0]))
        case "einsum":
            whole = whole[::2]  # as they were before einsum laid their axes side by side
        case "index":
            return (
                ""
                if e.readings[0][0] is None
                else _("the axis has {size} places").format(size=equate(clash.shapes[0][0], named[0][0]))
            )
    return _("{first} does not go with {second}").format(first=whole[0], second=whole[1])


def say_reshape(e: Explanation, size: int, factors: str, shape: str) -> str:
    """Say how many numbers do not fill which shape, and which factors make the difference."""
    text = _("{size} numbers do not fill the shape {shape}").format(size=equate(size, factors), shape=shape)
    if e.slip or not (e.lacking or e.needless):
        return text
    why = _("{lacking} is not in it") if e.lacking else _("there is no {needless} in the array")
    why = _("{needless} stands for {lacking}") if e.lacking and e.needless else why
    return f"{text}: {why.format(lacking=e.lacking, needless=e.needless)}"


def inner_axes(shapes: Iterable[Sequence[object]]) -> Iterator[tuple[Sequence, int]]:  # type: ignore[type-arg]
    """Yield each factor of a product with the number of its axis that meets the other's."""
    first, second, *_more = shapes
    yield first, -1
    yield second, -2 if len(second) > 1 else -1


def name_number(reading: Reading | None, number: int) -> str:
    """Return the number's reading, else its digits."""
    if reading is None:
        return str(number)
    text = "*".join(reading) or "1"
    return text[1:-1] if len(reading) == 1 and text.startswith("(") else text


def equate(number: int, name: str) -> str:
    """Write 27 = C*FH*FW; the number alone where it has no reading."""
    return f"{number} = {name}" if str(number) != name else name
