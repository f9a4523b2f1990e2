"""conv_output_size: contract, cases, tolerance."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ...subject.protocol import Answer, Op, Plan, Question, Trace
from ..inputs import Geometry
from ..mistakes.shapes import MISTAKES as MISTAKES
from ..references import loops
from ..scenarios import MANY_CALLS, with_defaults
from ..scenarios.uses import plain_use
from ..strata import resizable
from ..types import Case, Problem, Scenario
from .many_sizes import many_sizes

OP = Op("shapes", "conv_output_size", "7.2.4", args=("input_size", "filter_size", "stride", "pad"))


@resizable
def size(why: str, input_size: int, filter_size: int, stride: int = 1, pad: int = 0, **more: Any) -> Case:
    """Make a case of one axis."""
    params = {"input_size": input_size, "filter_size": filter_size, "stride": stride, "pad": pad}
    return Case(OP, why, {}, params, **more)


# fmt: off
CASES = [
    #    what it requires                          size filter stride pad
    size("the steps of the window plus one",          8,   3),
    size("size 7 filter 3 stride 1",                  7,   3),
    size("size 7 filter 3 stride 2",                  7,   3,   2),
    size("size 4 filter 3",                           4,   3),
    size("padding on both sides",                     4,   3,   1,   1),
    size("size 4 filter 3 padding 2",                 4,   3,   1,   2),
    size("size 4 filter 3 padding 3",                 4,   3,   1,   3),
    size("filter of size one",                        6,   1),
    size("filter as large as the input",              5,   5),
    size("filter larger than the unpadded input",     3,   5,   1,   2),
    size("even filter",                               9,   4),
    size("stride of three with padding",              10,   6,   3,   1),
    size("stride and padding differ",                 11,   5,   4,   3),
    size("stride larger than the filter",             13,   1,   3),
    size("MNIST 28 and 5",                            28,   5),
    size("pooling 24 by 2",                           24,   2,   2),
    size("LeNet 32 and 5",                            32,   5),
    size("AlexNet 227 and 11",                        227,  11,   4),
    size("AlexNet 55 and 3",                          55,   3,   2),
    size("VGG 224 and 3",                             224,   3,   1,   1),
    size("even filter with padding",                  9,   2,   1,   2),
    size("filter of five and stride of three",        8,   5,   3),
    size("padding of half an even filter",            9,   4,   1,   2),
    size("less padding than half an even filter",     8,   4,   1,   1),
    size("half the padding and a stride",             7,   5,   3,   2),
    size("windows side by side with padding", 8, 2, 2, 1),
    size("windows leave gaps in a padded axis", 8, 1, 3, 1),
    size("an axis of one thousand",                   1025, 7,   3,   4),
    size("an axis of one hundred thousand",           100001, 7, 3, 4),
    size("a remainder of one third",                  7,   3,   3,      level="edge", refuse="may"),
    size("AlexNet 224 without padding",               224,  11,   4,      level="edge", refuse="may"),
    size("a remainder of two thirds",                 9,   2,   3,   2, level="edge", refuse="may"),
    size("a remainder of three quarters",             10,   3,   4,      level="edge", refuse="may"),
    size("a remainder of one half",                   6,   3,   2,   1, level="edge", refuse="may"),
]
REFUSED = [
    size("filter larger than the input",              3,   6,           level="advice"),
    size("filter larger than the padded input",       4,   9,   1,   1, level="advice"),
    size("filter larger than the input and a stride", 2,   7,   3,      level="advice"),
    size("filter one larger than input",              5,   6,           level="advice"),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "the steps of the window plus one", "padding on both sides", "filter of size one",
    "filter as large as the input", "filter larger than the unpadded input", "even filter",
    "stride of three with padding", "stride and padding differ", "stride larger than the filter",
    "even filter with padding", "a remainder of one third", "a remainder of one half",
)
# fmt: on


def check_whole_number(plan: Plan, trace: Trace) -> Problem | None:
    """Check that the size is an integer: no reshape takes 5.0."""
    got, (q, _) = trace.results["out"], plan.expect["out"]
    return None if got.dtype.kind in "iu" else Problem("type", "out", got, loops.shapes(q)["out"])


def one_after_another(case: Case, part: str) -> Plan:
    """Ask many sizes in one process. Each result is named by its call."""
    asked = {f"{OP.name}{arguments}": arguments for arguments in many_sizes()}
    program = [["call", name, OP.name, [*arguments]] for name, arguments in asked.items()]
    questions = {name: Question(OP, {}, dict(zip(OP.args, some, strict=True))) for name, some in asked.items()}
    return Plan(program, {}, {name: (q, "out") for name, q in questions.items()})


# fmt: off
SCENARIOS = [
    (CASES[2], Scenario("whole-number", "a whole number, not 5.0", plain_use, "advice", parts=("result",),
                        rule=check_whole_number)),
    (CASES[0], Scenario("defaults", "stride and pad left out", with_defaults(2), "advice")),
    (size("a stride of eight", 60, 4, 8, 4),
     Scenario(MANY_CALLS, "many sizes, one after another", one_after_another)),
]
# fmt: on


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Allow no error."""
    return {"out": np.array(0.0)}


def sizes() -> Iterator[tuple[Geometry, Case]]:
    """Yield every small case with its geometry, the smallest first, without those that do not divide."""
    for n in range(1, 13):
        for f, stride, pad in ((f, s, p) for s in (1, 2, 3) for p in range(4) for f in range(1, 6)):
            steps, rest = divmod(n + 2 * pad - f, stride)
            if steps >= 0 and not rest:
                g = {"H": n, "FH": f, "stride": stride, "pad": pad, "OH": steps + 1}
                yield g, size(f"small {g}", n, f, stride, pad)


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    f, stride, pad = pick(1, 12), pick(1, 5), pick(0, 6)
    fewest = max(0, -((f - 2 * pad - 1) // stride))
    return size("drawn", f - 2 * pad + stride * (fewest + pick(0, 60)), f, stride, pad)
