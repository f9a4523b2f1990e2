"""How a layer may be used, once for all layers. Each scenario turns a case into a program."""

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import chain, zip_longest
from types import ModuleType
from typing import Any

import numpy as np

from ...subject.protocol import EPS64, Op, Plan, Question
from ..compare import FILLED, LATER, check_gradients_later, check_written_into
from ..inputs import LARGE, TINY, as_at_first, resized
from ..mistakes.history import ASSIGNED, IDENTITY
from ..mistakes.history import HISTORY as HISTORY
from ..mistakes.history import QUEUE as QUEUE
from ..types import Case, Check, Scenario
from .uses import Expect, draw_question, inputs_of, plain_use, plan_of, steps_of, with_upstream_gradient, without_answer

AGAIN = 4  # calls more than two: of arrays that are handed out in turn there are seldom more
WRITTEN_INTO = "written-into"
MANY_CALLS = "one-after-another"  # of a function, in one process


def two_batches(
    case: Case, part: str, before: Callable[[Question], Question] = lambda q: q, write: bool = False,
    first_part: str = "",
) -> Plan:  # fmt: skip
    """Use the layer on one batch, then on another; the second counts, and the first output must stay as it was.

    before: changes the first question. write: new parameters are written into the old ones' arrays in between.
    first_part: what is asked of the first batch, if not the same.
    """
    first, second = before(draw_question(case)), draw_question(case, "_2")
    held = [k for k in first.arrays if k not in case.op.args]  # the parameters
    use, _ = steps_of(first, first_part or part)
    arrays = {**inputs_of(first, first_part or part), **inputs_of(second, part, "_2")}
    second = second.but(**{k: first[k] for k in held})
    if write:
        new = draw_question(case, "_w")
        second = second.but(**{k: new[k] for k in held})
        use += [["write", k, k + "_w", []] for k in held]
        arrays |= {k + "_w": new[k] for k in held}
    more, expect = steps_of(second, part, "_2", make=False)
    return Plan(use + more, arrays, expect, keep=("out",))


def changed_parameters(case: Case, part: str) -> Plan:
    """Use the layer on a batch, write new parameters into it, use it on another batch, and on the first one again.

    Then others are assigned to its attributes, as a network's load_params does, and the second batch comes again.
    """
    plan, first = two_batches(case, part, as_at_first, write=True), draw_question(case)
    new = next(q for q, _what in plan.expect.values())
    plan = once_more(plan, first.but(**{k: new[k] for k in case.shapes if k not in case.op.args}), part, "_3", "")
    drawn = draw_question(case, "_a")
    assigned = {k: drawn[k] for k in case.shapes if f"d{k}" in case.op.grads and k not in case.op.args}
    sets = [["set", f"layer.{k}", k + "_a", [k]] for k in assigned]
    given = plan.given | {k + "_a": a for k, a in assigned.items()}
    return once_more(replace(plan, program=plan.program + sets, given=given), new.but(**assigned), part, "_4", "_2")


def once_more(plan: Plan, q: Question, part: str, turn: str, of: str) -> Plan:
    """Let a plan end with one more use, on the very arrays of an earlier turn."""
    steps, expect = steps_of(q, part, turn, make=False)
    same = {k + turn: k + of for k in (*q.op.args, "dout")}
    again = [[*step[:3], [same.get(str(a), a) for a in step[3]], *step[4:]] for step in steps]
    return replace(plan, program=plan.program + again, expect=plan.expect | expect)


def several_batches(case: Case, part: str) -> Plan:
    """Use the layer on two batches; then forward AGAIN times more, where outputs are handed out in turn.

    Two of them in turn leave the first output as it was until the third call.
    """
    plan = two_batches(case, part)
    if part == "backward":
        return plan
    again = [
        [verb, "again", *rest]
        for verb, _result, *rest in steps_of(draw_question(case, "_2"), part, "_2", make=False)[0]
    ]
    return replace(plan, program=[*plan.program, *again * AGAIN])


def refilled(case: Case, part: str) -> Plan:
    """Use the layer on arrays, then on the same arrays with other numbers, as a loader fills one array again.

    What is kept by an array's identity is of its old numbers. The first output may be a view of x.
    """
    plan = two_batches(case, part)
    args = [k for k in case.op.args if k in plan.given]
    filled, anew = [["write", k, k + "_2", []] for k in args], {k + "_2": k for k in args}
    count = len(plan.program) - len(steps_of(draw_question(case), part, make=False)[0])
    rest = [[*step[:3], [anew.get(str(a), a) for a in step[3]], *step[4:]] for step in plan.program[count:]]
    return replace(plan, program=[*plan.program[:count], *filled, *rest], keep=())


def doubled_batch(q: Question) -> Question:
    """Put the batch twice, one behind the other."""
    return change_batch(q, lambda a: np.concatenate([a, a]))


def halved_batch(q: Question) -> Question:
    """Leave the first half of the batch, two images at least: one alone is a corner case."""
    return change_batch(q, lambda a: a[: max(2, (len(a) + 1) // 2)])


def after_other_batches(case: Case, part: str) -> Plan:
    """Use the layer on a smaller batch, on twice as many images, and on another batch, which counts."""
    plan, small = two_batches(case, part, doubled_batch), halved_batch(draw_question(case))
    make, *rest = plan.program
    use = steps_of(small, part, "_0", make=False)[0]
    return replace(plan, program=[make, *use, *rest], given={**plan.given, **inputs_of(small, part, "_0")})


def change_batch(q: Question, change: Callable[[np.ndarray], np.ndarray]) -> Question:
    """Change the arrays that have a batch axis: the arguments of forward, and dout."""
    q = q.but(**{k: change(q[k]) for k in q.op.args if k in q.arrays})
    return q if q.dout is None or not q.dout.ndim else q.but(dout=change(q.dout))


def empty_batch(case: Case, part: str) -> Plan:
    """Use the layer on a batch of no images."""
    return plan_of(with_upstream_gradient(case, change_batch(case.question(), lambda a: a[:0])), part)


def upstream_of_size(size: float) -> Callable[[Case, str], Plan]:
    """Make the plan of the plain use with another size of the upstream gradient."""

    def plan(case: Case, part: str) -> Plan:
        q = draw_question(case)
        return plan_of(q if q.dout is None else q.but(dout=size * q.dout), part)

    return plan


def numbers_of_size(size: float) -> Callable[[Case, str], Plan]:
    """Make the plan of the plain use with inputs and parameters of another size."""
    return lambda case, part: plan_of(with_upstream_gradient(case, resized(case.question(), size)), part)


def backward_twice(case: Case, part: str) -> Plan:
    """Use the layer once, with all steps after forward done twice."""
    plan = plain_use(case, part)
    return replace(plan, program=plan.program + plan.program[2:])


def interleaved(case: Case, part: str) -> Plan:
    """Use another layer of the same kind on another batch in turn: two layers share nothing."""
    second = draw_question(case, "_2")
    return replace(side_by_side(plain_use(case, part), plan_of(second, part)), keep=("out", "out_other"))


def renamed(plan: Plan, end: str) -> Plan:
    """Put an ending to every name of a plan, so that it can stand beside another plan in one program."""

    def longer(name: Any) -> Any:
        if isinstance(name, list):
            return [longer(one) for one in name]
        return re.sub(r"^[^.]+", rf"\g<0>{end}", name) if isinstance(name, str) else name

    def step(verb: str, result: Any, target: str, args: list[Any], *named: dict[str, Any]) -> list[Any]:
        words = [{k: longer(a) for k, a in some.items()} for some in named]
        own = verb == "make" or (verb == "call" and "." not in target)  # a name of the subject
        return [verb, longer(result), target if own else longer(target), longer(args), *words]

    given: dict[str, np.ndarray] = {longer(k): a for k, a in plan.given.items()}
    expect: Expect = {longer(k): v for k, v in plan.expect.items()}
    return replace(plan, program=[step(*one) for one in plan.program], given=given, expect=expect)


def side_by_side(*plans: Plan) -> Plan:
    """Take the steps of several plans in turn, and expect the answers of all.

    The names of all but the first get an ending: _other, _other2 ...
    """
    first, *others = plans
    several = [first, *(renamed(one, f"_other{n if n > 1 else ''}") for n, one in enumerate(others, 1))]
    steps = [step for turn in zip_longest(*(one.program for one in several)) for step in turn if step]
    given = {name: a for one in several for name, a in one.given.items()}
    return replace(first, program=steps, given=given, expect={k: e for one in several for k, e in one.expect.items()})


def beside_another(partner: Case) -> Scenario:
    """Make the scenario in which a layer of other sizes and parameters is made and used at the same time."""
    title = "another layer of other sizes and parameters at the same time"

    def plan(case: Case, part: str) -> Plan:
        return replace(side_by_side(plain_use(case, part), plain_use(partner, part)), keep=("out", "out_other"))

    return Scenario("beside-another", title, plan, partners=(partner,))


def gradients_later(case: Case, part: str) -> Plan:
    """Read the gradients of one layer straight after its backward, those of another after one more forward."""
    at_once = plain_use(case, part)
    later, second = renamed(at_once, LATER), draw_question(case, "_2")
    use = steps_of(second, "forward", "_2", make=False)[0]
    between = renamed(Plan(use, inputs_of(second, "forward", "_2"), {}), LATER)
    reads = [step for step in later.program if step[0] == "get"]
    others = [step for step in later.program if step[0] != "get"]
    program = [*at_once.program, *others, *between.program, *reads]
    return replace(at_once, program=program, given=at_once.given | later.given | between.given, expect={})


def mixed_types(case: Case, part: str) -> Plan:
    """Use a layer of float64 parameters on float32 inputs, and beside it one of float32 parameters on float64 inputs.

    The upstream gradient is float64: what comes of both types is. The parameters with a gradient are those that count.
    """
    q = draw_question(case)
    held = {k: q[k].astype("f4") for k in q.arrays if k not in case.op.args}
    given = {k: a.astype("f4") for k, a in q.arrays.items() if k in case.op.args}
    return side_by_side(plan_of(q.but(**given), part), plan_of(q.but(**held), part))


def written_into(case: Case, part: str) -> Plan:
    """Use the layer, write into what it gave, as the layers before and behind it may do, and use it again."""
    plan, second = replace(plain_use(case, part), expect={}), draw_question(case, "_2")
    given = [np.atleast_1d(step[1]).tolist() for step in plan.program if step[0] in ("call", "spread")]
    fills = [["fill", name + FILLED, name, [n]] for n, name in enumerate(chain(*given), 1)]
    again = steps_of(second, part, "_2", make=False)[0] * AGAIN
    return replace(plan, program=[*plan.program, *fills, *again], given=plan.given | inputs_of(second, part, "_2"))


def after_another_kind(title: str, before: Callable[[Question], Question]) -> Scenario:
    """Make the scenario in which the call before was asked the same in another shape: before(question)."""
    return Scenario("after-another-kind", title, lambda c, p: two_batches(c, p, before), "edge", mistakes=HISTORY,
                    before=before)  # fmt: skip


def partner_of(cases: list[Case]) -> Case | None:
    """Pick the case that differs from the first in every shape, and in most of what it is made with; None: none does.

    What is kept on the class shows only in a parameter that differs.
    """
    first = cases[0]
    made = [k for k in first.op.make or () if k in first.params]
    others = [c for c in cases[1:] if c.level == "core" and c.refuse == "no" and c.rule is first.rule]
    others = [c for c in others if all(c.shapes[k] != s for k, s in first.shapes.items())]
    return max(others, key=lambda c: sum(c.params[k] != first.params[k] for k in made), default=None)


def with_defaults(count: int) -> Callable[[Case, str], Plan]:
    """Make a plan in which the last `count` arguments of the first call are left out: the contract's defaults."""

    def plan(case: Case, part: str) -> Plan:
        whole = plain_use(case, part)
        (verb, result, target, args, *named), *rest = whole.program
        return replace(whole, program=[[verb, result, target, args[:-count], *named], *rest])

    return plan


def forward_twice(case: Case, part: str) -> Plan:
    """Use forward on a batch without going back, as for accuracy, then forward and backward on another."""
    return two_batches(case, part, first_part="forward")


REFUSED = Scenario("refused", "an error is expected", without_answer)
PLAIN = Scenario("plain", "the numbers are right", plain_use)
SCENARIOS = (
    Scenario("float32", "float32 in", lambda c, p: plain_use(c, p, "float32")),
    Scenario("mixed-types", "float32 inputs with float64 parameters, and the other way round", mixed_types, "edge"),
    Scenario("second-call", "a second batch of the same shape, and the first output stays", several_batches,
             mistakes=HISTORY),
    Scenario("refilled", "the same arrays, filled with other numbers between two calls", refilled,
             mistakes=(*IDENTITY, *HISTORY)),
    Scenario("after-another-batch-size", "a batch of another size before", after_other_batches, mistakes=HISTORY,
             before=doubled_batch, earlier=(halved_batch,)),
    Scenario("parameters-changed", "parameters written in place between calls count, and those assigned anew",
             changed_parameters, mistakes=(*ASSIGNED.values(), *HISTORY), before=as_at_first),
    Scenario("forward-twice", "a forward without backward before", forward_twice, parts=("backward",),
             mistakes=(QUEUE, *HISTORY)),
    Scenario("large-dout", "an upstream gradient of about 1e6", upstream_of_size(1e6), parts=("backward",)),
    Scenario("tiny-dout", "an upstream gradient of about 1e-12", upstream_of_size(1e-12), parts=("backward",)),
    Scenario("tiny-numbers", "inputs and parameters of about 1e-15", numbers_of_size(TINY)),
    Scenario("large-numbers", "inputs and parameters of about 1e6", numbers_of_size(LARGE)),
    Scenario("backward-twice", "backward twice gives the same, or an error of its own", backward_twice, refuse="may",
             parts=("backward",), mistakes=HISTORY),
    Scenario("another-layer-between", "another layer of the same kind used before backward", interleaved),
    Scenario("gradients-later", "gradients read after one more forward", gradients_later, level="edge", refuse="any",
             parts=("backward",), rule=check_gradients_later),
    Scenario(WRITTEN_INTO, "out and dx can be written into, each by itself", written_into, level="edge", refuse="any",
             parts=("backward",), rule=check_written_into),
    Scenario("fortran", "Fortran order", lambda c, p: plain_use(c, p, layout="F")),
    Scenario("strided", "views with gaps", lambda c, p: plain_use(c, p, layout="strided")),
    Scenario("reversed", "negative strides", lambda c, p: plain_use(c, p, layout="reversed")),
    Scenario("read-only", "read-only arrays", lambda c, p: plain_use(c, p, layout="read-only")),
    Scenario("empty-batch", "a batch of no images: its empty answer, or any error", empty_batch, level="advice",
             refuse="any"),
    Scenario("float64-kept", "float64 in, float64 precision out", lambda c, p: plain_use(c, p, eps=EPS64),
             level="advice"),
)  # fmt: skip


def parts_of(op: Op) -> tuple[str, ...]:
    """Return the parts of a component that are checked: forward and backward, or the one result of a function."""
    return ("forward", "backward") if op.grads else ("result",)


def applies_to(scenario: Scenario, case: Case) -> bool:
    """Whether the layer has what the scenario needs: parameters, or a state between calls."""
    op = case.op
    if scenario.id in op.without or not case.shapes:
        return False
    if scenario.id in ("parameters-changed", "mixed-types"):
        return any(k not in op.args for k in case.shapes)
    if scenario.id in ("large-dout", "tiny-dout"):
        return op.upstream is None
    if scenario.id == WRITTEN_INTO:
        return "backward()" in op.grads.values()
    if scenario.id == "gradients-later":
        return any(not source.endswith("()") for source in op.grads.values())
    return op.make is not None or scenario.id != "another-layer-between"


def checks_of(layer: ModuleType) -> list[Check]:
    """List a layer's checks: every case in plain use, every scenario on the first case, the layer's own scenarios."""
    op = layer.OP
    checks = [Check(c, PLAIN, p) for c in layer.CASES for p in parts_of(op)]
    checks += [Check(c, REFUSED, parts_of(op)[0]) for c in getattr(layer, "REFUSED", ())]
    for c, m in getattr(layer, "SCENARIOS", ()):  # dropout's training has parts that its inference has not
        checks += [Check(c, m, p) for p in [p for p in parts_of(op) if p in m.parts] or m.parts]
    if not layer.CASES:
        return checks
    first = layer.CASES[0]
    partner = partner_of(layer.CASES) if op.make is not None else None
    usual = [m for m in (*SCENARIOS, *([beside_another(partner)] if partner else [])) if applies_to(m, first)]
    return checks + [Check(first, m, p) for m in usual for p in parts_of(op) if p in m.parts]
