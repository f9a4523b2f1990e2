"""Mistakes of state: every call is right alone, but an answer depends on the calls before it."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from ...i18n import N_, _
from ...subject.protocol import Answer, Question
from .. import references
from ..compare import close
from ..contract import layer
from ..mistakes.history import ROOM, ROOM_REPAIR
from ..scenarios import MANY_CALLS, WRITTEN_INTO
from ..scenarios.uses import draw_question
from ..tolerance import largest
from ..types import Diagnosis, Mistake, Problem, Verdict
from .causes.scores import name_softmax
from .causes.single import name_in_float32
from .causes.tiny import RIGHT, name_cause
from .exceptions import plain_stop, stop_of
from .magnitude import name_cut
from .match import WrongNumber, wrong_numbers
from .patterns import name_precision

STATE = {
    "changed-input": N_("it writes into {what}, an array that belongs to the caller"),
    "overwritten": N_("a later call writes into an earlier result, {what}"),
    "locked": N_("{what} is a read-only view, such as np.broadcast_to returns: whoever gets it cannot write into it"),
    "shared": N_(
        "{what} shares its memory with another gradient, or with itself: writing into one place of it changes another"
    ),
    "reshaped": N_("it sets the shape of {what}, an array that belongs to the caller, who has it in that shape then"),
}
REPAIR = {
    "changed-input": N_("work on a copy, or make a new array; += and out[...] = change the array itself"),
    "overwritten": N_("make a new array for every result, or return a copy"),
    "locked": N_("return a copy: the book's own Relu, say, writes into its dout"),
    "shared": N_("return a copy of each: the book's own Relu, say, writes into its dout"),
    "reshaped": N_(
        "x = x.reshape(...) makes a view of its own; x.shape = ... changes the array itself, and so does x.resize(...)"
    ),
}


IN_BACKWARD = {  # what is said of a mistake of the calls before where only gradients are wrong: (sentence, repair)
    "state.stale-input": (
        N_("what it keeps for backward is of an earlier forward: x, or what was worked out of it"),
        N_("keep it anew in every forward"),
    ),
}
UPDATES = "state.updates-itself"
GRADIENTS_ALONE = N_("backward works the gradients out and changes no parameter; the optimizer updates them")
LEFT_BEHIND = "-left-turned", ".shared"  # the ends of the codes of what backward leaves: wrong numbers may share memory


def name_by_history(bad: list[Verdict], fails_plainly: Callable[[Verdict], bool] = lambda v: False) -> None:
    """Name, for each failure, the state mistake that explains the most failures; None where none does.

    fails_plainly: whether the first call alone is wrong: nothing that it leaves behind is needed for that.
    """
    candidates = [
        [d for d in matching_histories(v) if not (d.code.endswith(LEFT_BEHIND) and fails_plainly(v))] for v in bad
    ]
    count = Counter(d.code for several in candidates for d in several)
    for v, several in zip(bad, candidates):
        v.diagnosis = max(several, key=lambda d: count[d.code], default=None)


def matching_histories(v: Verdict) -> list[Diagnosis]:
    """List the state mistakes that would give all of this verdict's wrong numbers; else what was overwritten.

    Where an array of the caller's is changed, which the program uses again, no other mistake is looked for.
    """
    wrong, overwriting = wrong_numbers(v), name_overwriting(v)
    if overwriting and overwriting.code == "state.changed-input":
        return [overwriting]
    turns = turns_of(v) if v.check.scenario.mistakes and wrong else []
    known = (*v.check.scenario.mistakes, *getattr(layer(v.check.case.op.component), "HISTORY", ()))
    found: dict[str, Diagnosis] = {}
    other_way = "state.stale-parameters" if is_after_assignment(v) else "state.assigned-parameters"
    for m in [m for m in known if m.code != other_way] if turns else ():
        if m.code not in found and all(history_matches(m, turns, *n) for n in wrong):
            text, repair = m.text, m.repair
            if all(what != "out" for _q, what, _p in wrong):
                text, repair = IN_BACKWARD.get(m.code, (text, repair))
            found[m.code] = Diagnosis(m.code, of_answers(wrong, text), repair)
    return [*found.values()] or ([overwriting] if overwriting else [])


def is_after_assignment(v: Verdict) -> bool:
    """Whether only what comes after an assignment is wrong: what was written in place before it counts."""
    program = v.plan.program if v.plan else []
    first = next((i for i, step in enumerate(program) if step[0] == "set"), len(program))
    return not {p.what for p in v.problems} & {str(step[1]) for step in program[:first]}


def turns_of(v: Verdict) -> list[Question]:
    """List what the subject was asked, turn by turn; the first turn's answers are not looked at."""
    expected = {id(q): q for q, _ in v.plan.expect.values()} if v.plan else {}
    q, scenario = draw_question(v.check.case), v.check.scenario
    return [*(before(q) for before in (*scenario.earlier, scenario.before)), *expected.values()]


def of_answers(wrong: Sequence[WrongNumber], text: str) -> str:
    """Put before a sentence which gradients it is about; nothing before one about the output."""
    names = ", ".join(dict.fromkeys(what for _q, what, _p in wrong))
    return text if names == "out" else f"{names}: {_(text)}"


def name_overwriting(v: Verdict) -> Diagnosis | None:
    """Name the array that was written into; its numbers are not searched for other mistakes."""
    for p in v.problems:
        if p.kind in STATE:
            if p.kind == "changed-input" and (updated := name_update(v, p)):
                return updated
            whole = p.want is None or np.shape(p.got) == np.shape(p.want)
            how = p.kind if whole else "reshaped"
            parameter = p.kind == "changed-input" and v.check.part == "backward" and is_parameter(v, p.what)
            more = "; " + _(GRADIENTS_ALONE) if parameter else ""
            return Diagnosis(f"state.{p.kind}", _(STATE[how]).format(what=p.what), _(REPAIR[how]) + more)
    return None


def spread_updates(bad: Sequence[Verdict]) -> None:
    """Tell a parameter that is changed over several calls as what it is in one: an update in backward."""
    named = next((v.diagnosis for v in bad if v.diagnosis and v.diagnosis.code == UPDATES), None)
    for v in bad:
        if named and v.diagnosis and v.diagnosis.code == "state.changed-input":
            changed = [p.what.partition("_")[0] for p in v.problems if p.kind == "changed-input"]
            v.diagnosis = named if all(is_parameter(v, name) for name in changed) else v.diagnosis


def share_changed_inputs(bad: Sequence[Verdict]) -> None:
    """Name what stops at a read-only array by the array that is changed where it may be: one cause, one name."""
    named = {v.check.part: v.diagnosis for v in bad if v.diagnosis and v.diagnosis.code == "state.changed-input"}
    for v in bad:
        d, same = v.diagnosis, named.get(v.check.part)
        if d and same and d.code == "exception.read-only" and v.check.scenario.id == "read-only":
            v.diagnosis = replace(d, code=same.code, text=same.text, repair=same.repair)


def is_parameter(v: Verdict, name: str) -> bool:
    """Whether an array is one that the layer is made with, and has a gradient."""
    op = v.check.case.op
    return name not in op.args and f"d{name}" in op.grads


def name_update(v: Verdict, p: Problem) -> Diagnosis | None:
    """Recognize a parameter from which a multiple of its own gradient is subtracted, as whoever trains does it.

    One number is a multiple of any other: where the gradient has no more, it tells nothing.
    """
    name, _end, turn = p.what.partition("_")
    right = (v.expected or {}).get(f"d{name}" + (f"_{turn}" if turn else ""))
    if not is_parameter(v, name) or right is None or not np.shape(p.got) == np.shape(p.want) == right.want.shape:
        return None
    if right.want.size == 1:
        return None
    step, gradient = np.asarray(p.want, "f8") - np.asarray(p.got, "f8"), np.asarray(right.want, "f8")
    rate = float(np.vdot(step, gradient) / max(float(np.vdot(gradient, gradient)), 1e-300))
    if not rate or not close(step, rate * gradient, 1e-3 * float(np.abs(step).max(initial=0))):
        return None
    text = _("backward itself subtracts {rate} times d{name} from {name}, as whoever trains does it")
    if rate < 0:
        text = _("backward itself adds {rate} times d{name} to {name}: that is up the gradient")
    return Diagnosis(UPDATES, text.format(rate=f"{abs(rate):.3g}", name=name), _(GRADIENTS_ALONE))


def history_matches(mistake: Mistake, turns: Sequence[Question], q: Question, what: str, p: Problem) -> bool:
    """Whether this mistake gives the wrong number, after one of the turns before or after all of them."""
    last = max(i for i, turn in enumerate(turns) if turn is q)
    bound = 2 * np.max(p.allowed) if p.kind == "values" else 1e-5 * largest(np.asarray(p.want, "f8"))
    for some in [*([turn, q] for turn in reversed(turns[:last])), turns[: last + 1]]:
        mine = after_turns(mistake, some).get(what)
        if bound and mine is not None and close(p.got, mine, bound) and not close(p.want, mine, bound):
            return True
    return False


def after_turns(mistake: Mistake, turns: Sequence[Question]) -> Answer:
    """Answer the last of the questions as the mistake does, after those before; {} where it does not fit."""
    memory: dict[int, Answer | None] = {}  # id of a question -> what was given for it

    def ask(asked: Question) -> Answer:
        return memory.get(id(asked)) or references.ask(asked)

    try:
        for old, new in pairwise(turns):
            memory[id(new)] = mistake.answer(ask, old, new)
    except Exception:  # sizes that do not go together
        return {}
    return memory[id(turns[-1])] or {}


IN_MEMORY = N_(
    "{what} is read in the order in which its numbers lie in memory, which is not C order here: by strides worked out "
    "by hand, or by order='A' or 'K'"
)
BATCH_SIZE = "state.batch-size"
SHAPES = "shape-mismatch for sum"  # what np.tensordot says, without the shapes
SMALL_ROOM = N_("what is kept of the first batch, an array or its number of rows, is too small for a larger one")
SMALL_REPAIR = N_("make it anew where the batch has another size: compare shapes, or make it in every call")
BUFFERS = N_("look for globals, class attributes, default arguments and buffers that are written into")
OWN_STRIDES = N_(
    "take the array's own strides, x.strides; flatten it without order=; or copy it first: np.ascontiguousarray(x)"
)
# fmt: off
SCENARIO = {
    "float32": N_("right for float64, wrong for float32 arrays"),
    "mixed-types": N_("right where inputs and parameters are of one type, wrong where one is float32 and the other "
                      "float64: an array is made in the type of one of them alone; let NumPy choose, or use "
                      "np.result_type"),
    "second-call": N_("right on the first call, wrong on the second"),
    "after-another-batch-size": N_("right on the first call, wrong after a batch of another size"),
    "another-size-between": N_("right on the first call, wrong after images of another size: what depends on their "
                               "size is kept from an earlier call"),
    "parameters-changed": N_("right with the parameters it was made with, wrong once they are written into, or once "
                             "others are assigned in their place"),
    "another-layer-between": N_("right alone, wrong where another layer of the same kind is used in between: what is "
                                "kept stands on the class, in a default argument or in a global, and all share it"),
    "float32-far": N_("right near 0, wrong for float32 numbers far from it: E[x^2] - E[x]^2 is the difference of two "
                      "large numbers; the mean of (x - mean)^2 is not"),
    "float32-apart": N_("right for float32 channels that are about as far from 0, wrong where one is far from another: "
                        "one number is taken off all channels, or they share a sum; take each channel's own mean off"),
    "float32-far-number": N_("right, but for float32 where one number is far larger than the others: its rounding "
                             "error reaches windows that it is not in, by running sums or by a Fourier transform; add "
                             "up every window by itself, or in float64"),
    "beside-another": N_("right alone, wrong where a layer of other sizes and parameters is made and used beside it: "
                         "what belongs to one layer stands on the class, in a default argument or in a global"),
    "beside-same-sizes": N_("right alone, wrong beside others of the same height and width but another stride, "
                            "padding, window or number of channels: what is kept by sizes alone leaves these out"),
    "as-many-numbers": N_("right alone, wrong after images of other sides with as many numbers, planes or pixels, or "
                          "as large when they are padded: what is kept is found by a product of sides, or by those of "
                          "the padded image alone; keep it by the whole shape and the padding"),
    MANY_CALLS: N_("right for the sizes of the other cases, wrong for others, or after others: a table, a short "
                            "cut or a memo does not fit all arguments; work the size out by the formula in each call"),
    "same-array": N_("right for inputs that are arrays of their own, wrong where one array is given for each: `is` or "
                     "id() tells them apart, or one is changed before another is read"),
    "gradients-later": N_("right straight after backward, wrong once forward has seen another batch: the gradient is "
                          "worked out when it is read, from what the last forward left; work it out in backward"),
    "other-numbers": N_("right with three inputs, wrong with another number of them: how many there are stands in the "
                        "code"),
    "after-another-kind": N_("right on the first call, wrong after an array of another kind: rows after images, or "
                             "labels after one-hot rows"),
    "beside-defaults": N_("right alone, wrong where another layer is made with the same defaults: the arrays that the "
                          "running statistics start with are shared"),
    "made-twice": N_("right the first time, wrong where a second one is made with the same arguments: conv_param, or "
                     "the default that stands for it, is changed (pop takes keys out of it)"),
    "used-in-turn": N_("right on the first call, wrong later: something of an earlier call is kept, such as what was "
                       "worked out of the same images, of a batch of its size, or of the parameters as they were"),
    "predict-pixels": N_("right for images of 0 to 1, wrong for images of 0 to 255: large numbers are cut off, or x is "
                         "divided where it is large"),
    "gradient-pixels": N_("right for images of 0 to 1, wrong for images of 0 to 255: large numbers or large gradients "
                          "are cut off or scaled down"),
    "images-far-apart": N_("right for images of like brightness, wrong where one is far brighter: softmax subtracts "
                           "nothing from the scores, cuts large ones off, or subtracts the largest of the whole batch, "
                           "not each image's own"),
    "accuracy-one-hot": N_("accuracy is right for labels, wrong for one-hot t"),
    "large-dout": N_("right for upstream gradients about 1, wrong for large ones: gradients are cut off or scaled down "
                     "inside the layer; clipping belongs to who trains"),
    "tiny-dout": N_("right for upstream gradients about 1, wrong for tiny ones: a threshold, or a number that is added "
                    "so that nothing is divided by 0, is larger than they are"),
    "tiny-numbers": N_("right for numbers about 1, wrong for tiny ones: a threshold, np.isclose or np.allclose, whose "
                       "1e-8 is absolute, rounding, or a number that is added so that nothing is divided by 0"),
    "large-numbers": N_("right for numbers about 1, wrong for large ones: they are cut off or scaled down, or a number "
                        "stands for infinity that is too small"),
    "digits-near-0": N_("numbers near 0 lose their digits: exp(x) - exp(-x), or 1 - exp(-2x), is the difference of two "
                        "numbers near 1; np.tanh loses none, nor does np.expm1"),
    "forward-twice": N_("right where backward follows every forward, wrong after a forward without it"),
    "backward-twice": N_("the first backward is right, a second one is not"),
    "gradient-twice": N_("the first gradient is right, a second one is not: something is left changed by the first"),
    "fortran": N_("right for arrays in C order, wrong for the same numbers in Fortran order"),
    "strided": N_("right for arrays in one piece, wrong for the same numbers in a view with gaps"),
    "reversed": N_("right for arrays in one piece, wrong for the same numbers in a reversed view"),
    WRITTEN_INTO: N_("the numbers are right, and what it gives cannot be written into"),
    "read-only": N_("right for arrays that may be written into, wrong for read-only ones"),
    "train-written-into": N_("right while train stays as it is, wrong once it is written into: the mean is taken in "
                             "forward, not when the layer is made"),
    "empty-batch": N_("right for batches of some images, wrong for one of none: its answer has no rows"),
    "defaults": N_("right with every argument given, wrong with the contract's defaults"),
}
# fmt: on


def name_scenario(v: Verdict, beside: Sequence[WrongNumber] = ()) -> Diagnosis | None:
    """Say that the plain use is right and this scenario wrong, where no more is known.

    beside: what is wrong in the other part of the same use.
    """
    if v.check.scenario.id == "float64-kept":
        return name_float32_inside(wrong_numbers(v))
    if kept := name_batch_size(v):
        return kept
    text = SCENARIO.get(v.check.scenario.id)
    repair = _(BUFFERS) if v.check.scenario.id == "second-call" else ""
    diagnosis = Diagnosis(f"manner.{v.check.scenario.id}", _(text), repair) if text else None
    if diagnosis and v.check.scenario.id in RIGHT:
        return name_cause(diagnosis, v.check.scenario.id, wrong_numbers(v), beside)
    if diagnosis and v.check.scenario.id == "float32":
        return name_in_float32(diagnosis, wrong_numbers(v))
    if diagnosis and v.check.scenario.id == "images-far-apart":
        return name_softmax(diagnosis, v)
    if diagnosis and v.check.scenario.id == "large-numbers":
        return name_cut(wrong_numbers(v)) or diagnosis
    what = diagnosis and name_in_memory(v)
    return of_layout(diagnosis, what) if diagnosis and what else diagnosis


def name_batch_size(v: Verdict) -> Diagnosis | None:
    """Recognize what was kept of a batch of another size, in the rows of an answer or in an exception's sizes."""
    if v.check.scenario.id != "after-another-batch-size" or not v.question:
        return None
    asked = [*(before(v.question) for before in (*v.check.scenario.earlier, v.check.scenario.before)), v.question]
    small, old, new = (next(len(q[k]) for k in q.op.args if k in q.arrays) for q in asked)
    stop, wrong = stop_of(v), wrong_numbers(v)
    numbers = [int(n) for n in re.findall(r"\d+", stop.text)] if stop and stop.reason == "exception" else []
    meet = meet_in(numbers, old, new) or bool(stop and SHAPES in stop.text)
    arrays = [p for *_q, p in wrong if np.ndim(p.want)]
    rows = bool(arrays) and all(np.shape(p.got) == (old, *np.shape(p.want)[1:]) for p in arrays)
    if meet or rows:
        return Diagnosis(BATCH_SIZE, _(ROOM), _(ROOM_REPAIR), line=stop.line if stop else "")
    if meet_in(numbers, small, old):
        return Diagnosis(BATCH_SIZE, _(SMALL_ROOM), _(SMALL_REPAIR), line=stop.line if stop else "")
    return None


def meet_in(numbers: Sequence[int], one: int, other: int) -> bool:
    """Whether two of the numbers that an exception tells stand to each other as the rows of two batches do."""
    return any(a * one == b * other for a in numbers for b in numbers if b)


def name_stops_by_scenario(bad: Sequence[Verdict]) -> None:
    """Name an exception that no more is known of by the use in which alone it comes, as wrong numbers are."""
    ids = {_(text): scenario for scenario, text in SCENARIO.items()}
    for v in bad:
        d = v.diagnosis
        if d and d.code == "exception" and d.rule in ids and not plain_stop(v, bad):
            repair = _(BUFFERS) if ids[d.rule] == "second-call" else d.repair
            v.diagnosis = replace(d, code=f"manner.{ids[d.rule]}", text=d.rule, rule="", repair=repair)
    mixed = {v.diagnosis.line: v.diagnosis for v in bad if v.diagnosis and v.diagnosis.code == "manner.mixed-types"}
    for v in bad:  # the same line that stops at images in bytes, or at whole numbers
        if v.diagnosis and v.diagnosis.code == "exception" and v.diagnosis.line in mixed:
            v.diagnosis = mixed[v.diagnosis.line]


def of_layout(diagnosis: Diagnosis, what: str) -> Diagnosis:
    """Say that the cause is how an array is read, `what`."""
    return replace(diagnosis, text=f"{diagnosis.text}: {_(IN_MEMORY).format(what=what)}", repair=_(OWN_STRIDES))


def name_in_memory(v: Verdict) -> str:
    """Name the arrays in Fortran order that are read as they lie in memory, if that gives what is wrong; else ''."""
    wrong = wrong_numbers(v)
    if not wrong or not v.plan or v.plan.layout != "F":
        return ""
    names = [*wrong[0][0].arrays, *(["dout"] if wrong[0][0].dout is not None else [])]
    for some in [*([name] for name in names), *([names] if len(names) > 1 else [])]:
        if all(close(p.got, as_in_memory(q, some)[what], 2 * np.max(p.allowed, initial=0)) for q, what, p in wrong):
            return ", ".join(some)
    return ""


def as_in_memory(q: Question, some: Sequence[str]) -> Answer:
    """Answer with some arrays read in the order in which they lie in memory, if that is Fortran's."""
    arrays = {**q.arrays, "dout": np.asarray(q.dout)}
    return references.ask(q.but(**{k: arrays[k].ravel("F").reshape(arrays[k].shape) for k in some}))


def share_layout(bad: Sequence[Verdict]) -> None:
    """Give the cause found in Fortran order to the other layouts, which are not contiguous either."""
    found = [v for v in bad if v.diagnosis and v.diagnosis.code == "manner.fortran" and v.diagnosis.repair]
    for v in bad if found else ():
        if v.diagnosis and v.diagnosis.code in ("manner.strided", "manner.reversed"):
            v.diagnosis = of_layout(v.diagnosis, name_in_memory(found[0]))


def name_float32_inside(wrong: Sequence[WrongNumber]) -> Diagnosis | None:
    """Recognize numbers that are right to float32's precision only."""
    diagnosis = name_precision(wrong, 0.0) if wrong else None
    text = _("the numbers are right, to float32's precision")
    return replace(diagnosis, text=f"{text} ({diagnosis.text})") if diagnosis else None
