"""What the components' files share: how a layer of one input is called, and how its cases are made and bounded."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...subject.protocol import Answer, Op, Plan, Question, Trace
from ..compare import NO_ARRAY
from ..inputs import Geometry, fitting, grid, two_far_larger
from ..mistakes.history import HISTORY
from ..scenarios import SCENARIOS, renamed, side_by_side, with_defaults
from ..scenarios.uses import draw_question, inputs_of, plain_use, plan_of, steps_of
from ..tolerance import SAFETY, largest, products, relative
from ..types import Case, Problem, Scenario, Shape

Pick = Callable[[int, int], int]  # (lowest, highest) -> an integer between them
Sizes = Callable[[], Iterator[tuple[Geometry, Case]]]  # every small case with its geometry, the least work first
Drawn = Callable[[Pick], Case]

DEFAULTS = Scenario("defaults", "stride and pad left out", with_defaults(2), "advice")
POOL_DEFAULTS = Scenario("defaults", "stride 2 and pad 0 left out", with_defaults(2), "advice")
FLOAT32 = next(m for m in SCENARIOS if m.id == "float32")
FAR = "two numbers far larger than the others"
FAR_IN_FLOAT32 = Scenario("float32-far-number", "float32, a far larger number stays in its own windows",
                          lambda c, p: plain_use(c, p, "float32"))  # fmt: skip
AGAIN = next(m for m in SCENARIOS if m.id == "second-call")
AFTER_LARGER = next(m for m in SCENARIOS if m.id == "after-another-batch-size")
REPEATED = (AGAIN, AFTER_LARGER, next(m for m in SCENARIOS if m.id == "backward-twice"))


# How a layer is called.


def layer_op(component: str, name: str, section: str, make: tuple[str, ...] = (), **more: Any) -> Op:
    """Describe a layer of one input x; its backward gives dx, and dW and db if it is made with W and b."""
    parameters = {"dW": "dW", "db": "db"} if "W" in make else {}
    return Op(component, name, section, args=("x",), make=make, grads={"dx": "backward()", **parameters}, **more)


# Cases.


def input_case(op: Op, why: str, x: Shape, **more: Any) -> Case:
    """Make a case of the shape of x."""
    return Case(op, why, {"x": x}, **more)


def pool_case(op: Op, why: str, x: Shape, window: Shape, stride: int = 1, pad: int = 0, **more: Any) -> Case:
    """Make a case of the shape of x and the window. Padding of more than half of it may be refused, as torch does."""
    params = {"pool_h": window[0], "pool_w": window[1], "stride": stride, "pad": pad}
    refuse = {"refuse": "may"} if 2 * pad > min(window) else {}
    return Case(op, why, {"x": x}, params, **refuse | more)


def filter_case(op: Op, why: str, x: Shape, W: Shape, stride: int = 1, pad: int = 0, **more: Any) -> Case:
    """Make a case of the shapes of x and W, whose first axis is the filters'."""
    return Case(op, why, {"x": x, "W": W, "b": W[:1]}, {"stride": stride, "pad": pad}, **more)


def with_far_numbers(case: Case, out: Shape | None = None) -> tuple[Case, Scenario]:
    """Return a case in which two numbers of x, and two of dout, are far larger than the others, and how it is used.

    In float32 a window without them is right only if it is added up by itself. out: the shape of the output; None for
    a function, which has no dout.
    """
    dout = None if out is None else two_far_larger(np.random.default_rng(5), "dout", out)
    return replace(case, draw=two_far_larger, dout=dout, by_place=True, level="edge"), FAR_IN_FLOAT32


def window_cases(make: Callable[..., Case], filters: tuple[int, ...] = ()) -> tuple[Sizes, Drawn]:
    """Return the functions sizes and drawn of a layer whose cases are make(why, x, window, stride, pad).

    filters: how many filters a small case may have; the window is then the shape of W (FN, C, FH, FW).
    """

    def case_of(why: str, g: Geometry) -> Case:
        window = (g["FN"], g["C"], g["FH"], g["FW"]) if filters else (g["FH"], g["FW"])
        return make(why, (g["N"], g["C"], g["H"], g["W"]), window, g["stride"], g["pad"])

    def sizes() -> Iterator[tuple[Geometry, Case]]:
        return ((g, case_of(f"small {g}", g)) for g in grid(filters or (1,)))

    return sizes, lambda pick: case_of("drawn", fitting(pick, bool(filters)))


def any_shape(make: Callable[..., Case]) -> Drawn:
    """Return the function drawn of a layer whose cases are make(why, x), for x of two to four axes."""
    return lambda pick: make("drawn", tuple(pick(1, 5) for _ in range(pick(2, 4))))


def up_to(make: Callable[..., Case], *most: int) -> Drawn:
    """Return the function drawn of a layer whose cases are make(why, x), for x of at most these sides."""
    return lambda pick: make("drawn", tuple(pick(1, side) for side in most))


# Tolerances.


def bound_copies(q: Question, want: Answer, eps: float) -> Answer:
    """Allow one rounding: numbers are copied, at most rounded to float32."""
    return relative(want, 1, eps)


def bound_largest(q: Question, want: Answer, overlaps: int, eps: float) -> Answer:
    """Allow one rounding of out, which is copied; bound the sum of the overlapping windows in dx."""
    bound = relative({"out": want["out"]}, 1, eps)
    if q.dout is None:
        return bound
    return {**bound, "dx": np.full(q["x"].shape, SAFETY * overlaps**2 * eps * largest(q.dout))}


def bound_curve(q: Question, want: Answer, eps: float) -> Answer:
    """Allow a few roundings of the largest out; for dx, of a slope of at most 1 times dout."""
    bound = relative({"out": want["out"]}, 4, eps)
    if "dx" in want:
        bound["dx"] = np.full(want["dx"].shape, SAFETY * 4 * eps * largest(np.asarray(q.dout)))
    return bound


def bound_filters(q: Question, want: Answer, over_a_place: int, eps: float) -> Answer:
    """Bound sums of products: a window and b in out, the filters' numbers over a place in dx, all places in dW, db."""
    places = want["out"][:, 0].size
    return products(q, {"out": q["W"][0].size + 1, "dx": over_a_place, "dW": places, "db": places}, eps)


def overlapping(q: Question, h: int, w: int) -> int:
    """Count the windows of h rows and w columns in which one place may lie."""
    stride: int = q["stride"]
    return -(-h // stride) * -(-w // stride)


# Scenarios.


def enlarge(case: Case) -> Case:
    """Return the case with larger images: a window more down and across, where there are windows."""
    step = case.params.get("stride", 1)
    shapes = {
        k: (*some, h + step, w + step) for k in case.op.args if k in case.shapes for *some, h, w in [case.shapes[k]]
    }
    return replace(case, shapes={**case.shapes, **shapes})


def layer_of(case: Case) -> tuple[list[Any], list[Shape]]:
    """Return what a case's layer is made with: its settings, and the shapes of its parameters; a function has none."""
    made = [case.params[k] for k in case.op.make or () if k in case.params]
    return made, [s for k, s in case.shapes.items() if k not in case.op.args]


def use_in_turn(cases: Sequence[Case], part: str) -> Plan:
    """Plan the use of several cases in turn, those of the same settings and sizes of parameters by one layer."""
    layers: list[tuple[Any, dict[str, np.ndarray]]] = []  # what each is made with, its parameters
    whole = Plan([], {}, {})
    for number, case in enumerate(cases, 1):
        turn = f"_{number}" if number > 1 else ""
        q, made = draw_question(case, turn), layer_of(case)
        known = [one for one, _held in layers]
        if made not in known:
            layers.append((made, {k: q[k] for k in q.arrays if k not in q.op.args}))
        index = [one for one, _held in layers].index(made)
        q = q.but(**layers[index][1])
        program, expect = steps_of(q, part, turn, make=made not in known)
        use = Plan(program, inputs_of(q, part, turn) | layers[index][1], expect)
        use = renamed(use, f"_other{index}") if index else use
        whole = replace(whole, program=whole.program + use.program, given=whole.given | use.given,
                        expect=whole.expect | use.expect)  # fmt: skip
    return replace(whole, keep=tuple(k for k in whole.expect if k.partition("_")[0] == "out"))


def as_many_numbers(*others: Case, level: str = "core") -> Scenario:
    """Return the scenario of calls in turn whose images have other sides but as many numbers, planes or pixels.

    What is kept by a product of sides, or by the sides of the padded image, shows here: in one layer, and in several.
    """
    title = "images of other sides in turn, with as many numbers, planes or pixels"
    return Scenario("as-many-numbers", title, lambda case, part: use_in_turn([case, *others], part), level,
                    partners=others)  # fmt: skip


def beside_same_sizes(*partners: Case) -> Scenario:
    """Make the scenario in which others of the same height and width, before or behind them, are used at the same time.

    Each of them differs in one thing that a key of what is kept may leave out: a setting, the window, the channels.
    """
    title = "others of the same height and width, each with another stride, padding, window or number of channels"

    def plan(case: Case, part: str) -> Plan:
        together = side_by_side(*(plain_use(one, part) for one in (case, *partners)))
        return replace(together, keep=tuple(name for name in together.expect if name.partition("_")[0] == "out"))

    return Scenario("beside-same-sizes", title, plan, partners=partners)


ONE_APART = "apart in one thing or in two"  # from others of these


def settings_apart(make: Callable[..., Case]) -> list[Case]:
    """Return cases of one square image of which any two need other indices: make(why, x, window, stride, pad).

    They have as many windows with another stride and padding, window and stride, or window and padding; or windows of
    another height, another width, or both exchanged, whose columns are as many.
    """
    used = (((1, 1), 2, 0), ((5, 5), 1, 1), ((3, 2), 1, 0), ((2, 3), 1, 0), ((3, 3), 1, 0), ((3, 3), 2, 1))
    return [make(ONE_APART, (2, 3, 5, 5), *one, number=n) for n, one in enumerate(used, 21)]


def sides_apart(make: Callable[..., Case]) -> list[Case]:
    """Return cases of another height alone, another width alone, and both exchanged: see settings_apart.

    The windows of the last two are longer, so that there are as many of them as in the first square image.
    """
    used = (((7, 5), (3, 3)), ((5, 7), (3, 3)), ((5, 7), (3, 5)), ((7, 5), (5, 3)))
    return [make(ONE_APART, (2, 3, *sides), window, 1, 0, number=n) for n, (sides, window) in enumerate(used, 31)]


def other_sides(x: Shape, window: Shape = (1, 1)) -> list[Shape]:
    """List other shapes that have a product in common with x, in which the window fits.

    As many pixels, also with height and width exchanged; as many planes; as many windows in an image, and in all.
    """
    n, c, h, w = x
    down, across = h - window[0] + 1, w - window[1] + 1

    def of_windows(images: int, count: int) -> list[Shape]:
        pairs = [(k, count // k) for k in range(2, count) if count % k == 0 and k not in (1, down)]
        return [(images, c, a + window[0] - 1, b + window[1] - 1) for a, b in pairs[:1]]

    pixels = [(n, c, k, h * w // k) for k in range(2, h * w) if h * w % k == 0 and k not in (h, w)]
    more = n * down * across // (n + 1) if n * down * across % (n + 1) == 0 else 0
    found = [(n, c, w, h), *pixels, (c, n, h, w), *of_windows(n, down * across), *of_windows(n + 1, more)]
    fit = [s for s in found if s != x and s[2] >= window[0] and s[3] >= window[1]]
    return list(dict.fromkeys(fit))


def size_between(other: Callable[[Case], Case]) -> Scenario:
    """Return the scenario in which one layer gets images of one size, of another, of its height, and of the first again.

    All of it counts. What is kept by the images' size shows here: in a dict, in a buffer that is made anew for another
    size, or as a number from the first call; what is kept by the height alone, or the width, too. other: a case -> that case in
    the other size.
    """

    def plan(case: Case, part: str) -> Plan:
        between = other(case)
        shapes = {k: (*between.shapes[k][:-1], case.shapes[k][-1]) for k in case.op.args if k in case.shapes}
        narrow = replace(between, shapes=between.shapes | shapes)
        whole = use_in_turn([case, between, narrow, case], part)
        first = steps_of(draw_question(case), part)[1]  # which is the plain use
        return replace(whole, expect={k: e for k, e in whole.expect.items() if k not in first})

    title = "images of another size, then of the first again"
    return Scenario("another-size-between", title, plan, mistakes=HISTORY)


BETWEEN = size_between(enlarge)


def give_same_array(case: Case, part: str) -> Plan:
    """Use a layer of several inputs on one array, which is given for each of them."""
    q, (first, *others) = draw_question(case), case.op.args
    plan = plan_of(q.but(**dict.fromkeys(others, q[first])), part)
    program = [[*step[:3], [first if a in others else a for a in step[3]], *step[4:]] for step in plan.program]
    return replace(plan, program=program)


SAME_ARRAY = Scenario("same-array", "one array given for every input", give_same_array, "edge")


def dout_kept(op: Op, plan: Callable[[Case, str], Plan]) -> Scenario:
    """Return the scenario in which backward must not write into the caller's dout."""

    def check(plan: Plan, trace: Trace) -> Problem | None:
        got, want = trace.inputs.get("dout", NO_ARRAY), plan.given["dout"]
        if np.array_equal(got, want):
            return None
        return Problem("changed-input", "dout", got, want, code=f"{op.component}.writes-dout")

    text = "backward leaves the caller's dout as it was"
    return Scenario("dout-kept", text, plan, level="advice", parts=("backward",), rule=check)
