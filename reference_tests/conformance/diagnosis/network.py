"""A network's own mistakes: its first parameters, whether written ones count, whether gradient updates them."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from ...i18n import N_, _
from ...subject.protocol import Plan, Question, Subject
from .. import references
from ..compare import close
from ..contract import layer
from ..network_scenarios import draw_question, parameters
from ..references.loops_network import PARAMS
from ..types import Case, Diagnosis, Mistake, Verdict
from .assign import Name, explain_stage, follow, forms_of, keep_own_exceptions, mistake_from_rules, name_given, name_own
from .causes.network_state import (
    AGAIN,
    ROUNDING,
    agrees,
    name_kept_pooling,
    name_piled_up,
    name_stale_forward,
    share_later_calls,
)
from .exceptions import stop_of
from .match import Predictions, WrongNumber, wrong_numbers
from .state import matching_histories, name_overwriting, name_scenario

STAGES = (  # ids of scenarios; the earliest wrong stage is explained first; accuracy follows from predict alone
    ("init",),
    ("predict", "predict-pixels"),
    ("accuracy", "accuracy-one-hot", "accuracy-many-classes"),
    ("loss", "loss-one-hot", "loss-many-classes"),
    ("gradient", "gradient-one-hot", "gradient-pixels", "float32"),
    ("parameters-stay", "gradient-twice", "parameters-changed", "used-in-turn"),
    ("made-twice", "beside-another", "defaults-after-others"),
    ("training",),
    ("one-hot-floats",),
    ("images-far-apart",),
    ("flat-images",),
    ("its-own-loss",),
)
ALONE = ("accuracy-one-hot", "predict-pixels", "gradient-pixels")
BY_SIZE = ("predict-pixels", "gradient-pixels", "images-far-apart")
OF_USE = (*ALONE, "images-far-apart", "gradient-twice", "made-twice", "beside-another", "used-in-turn")
GRADIENT = ("net.gradient", "net.loss", "net.predict")
ROWS_AT_FIRST = (  # what a convolution's backward says to dout of rows (N, classes), as if it were the last layer
    r"axes don't match array|expected 4, got 2|axis [23] is out of bounds for array of dimension 2"
    r"|array is 2-dimensional, but [34] were indexed"
)
FEW = 3  # checks of a stage: all of the network's checks say more
COPIED_REPAIR = N_("fill the layers with the very arrays of params; do not copy them")
STD = 1.0  # of the parameters that a network is made with, so that old ones show


Side = Callable[[int, int, int, int], int]  # (side of the image, of the filter, stride, padding) -> of the pooled image
FLAT: tuple[tuple[str, str, Side], ...] = (  # sentence of W2, that of the layer, how the pooled image's side is counted
    (N_("W2's rows are counted without the padding"), N_("the convolution works without its padding"),
     lambda n, f, s, p: ((n - f) // s + 1) // 2),
    (N_("W2's rows are counted with the padding of one side only"), N_("the convolution pads one side only"),
     lambda n, f, s, p: ((n + p - f) // s + 1) // 2),
    (N_("W2's rows are counted without the stride"), N_("the convolution works without its stride"),
     lambda n, f, s, p: (n + 2 * p - f + 1) // 2),
    (N_("W2's rows are counted without stride and padding"), N_("the convolution works without stride and padding"),
     lambda n, f, s, p: (n - f + 1) // 2),
    (N_("W2's rows are counted without the + 1 of the output's size"), "",
     lambda n, f, s, p: (n + 2 * p - f) // s // 2),
    (N_("W2's rows are counted without the pooling"), N_("the images are not pooled before they are flattened"),
     lambda n, f, s, p: (n + 2 * p - f) // s + 1),
)  # fmt: skip
RIGHT: Side = lambda n, f, s, p: ((n + 2 * p - f) // s + 1) // 2  # noqa: E731 (one more of FLAT's)
PASSED_ON = N_("hand conv_param's pad and stride on to the convolution, in the order of its parameters")


def assign_names(
    predictions: Predictions, bad: list[Verdict], verdicts: list[Verdict], subject: Subject | None
) -> None:
    """Explain the earliest wrong stage; the first parameters and accuracy, which no other needs, on their own."""
    known = layer(bad[0].check.case.op.component).MISTAKES
    rest = list(bad)
    for stage in STAGES:
        mine = [v for v in rest if v.check.scenario.id in stage]
        if not mine:
            continue
        written = next((d for v in mine if wrong_numbers(v) and (d := name_overwriting(v))), None)
        diagnosis = mistake_from_rules(known, mine) or written or name_network_mistake(known, mine, subject)
        if diagnosis and diagnosis.code == "net.init-shape":
            diagnosis = name_rows_of_W2(known, mine) or diagnosis
        names = [Name(diagnosis, forms=forms_of(known, diagnosis))] if diagnosis else []
        names = names or explain_stage(predictions, known, mine, verdicts)
        for v in mine:
            v.diagnosis = name_own(names, predictions, v)
            if is_named_by_use(v, mine) and (not names or says_less(names, v)):
                v.diagnosis = name_scenario(v)
        rest = [v for v in rest if v not in mine]
        if stage[0] not in ("init", "accuracy") or (diagnosis and diagnosis.code == "net.init-shape"):
            for v in rest:
                v.diagnosis = name_given(names, predictions, v) or follow(names) or follow_size(v, mine)
            break
    share_later_calls(bad)
    keep_own_exceptions(bad, [], predictions)
    lead_back_to_W2(bad)
    at_once = {stop.line for v in bad if v.check.scenario.id not in AGAIN and (stop := stop_of(v))}
    for v in bad:
        name_clash(known, v, at_once)
        name_shared(known, v)
    lead_back_to_settings(bad)


def name_shared(known: Sequence[Mistake], v: Verdict) -> None:
    """Name an exception beside another network by whose sizes it meets: the other one's are in its own place."""
    stop = stop_of(v)
    if not stop or not v.check.scenario.partners or not v.diagnosis or v.diagnosis.code != "exception":
        return
    own, other = parameters(v.check.case), parameters(v.check.scenario.partners[0])
    name = stop.step.removeprefix("net.params.")
    numbers = {int(n) for n in re.findall(r"\d+", stop.text.partition(":")[2])}
    code = ""
    if name in own:
        code = "net.params-shared" if str(other[name]) in stop.text.partition("should be")[0] else ""
    elif stop.step in GRADIENT and numbers & (lengths_of(other) - lengths_of(own)):
        code = "net.layers-shared"
    for m in known:
        if m.code == code:
            v.diagnosis = replace(v.diagnosis, code=m.code, text=m.text, repair=m.repair)


def lengths_of(shapes: Mapping[str, tuple[int, ...]]) -> set[int]:
    """Collect the lengths of a network's parameters, flat filters among them."""
    return {n for shape in shapes.values() for n in (*shape, int(np.prod(shape[1:]))) if n > 1}


def follow_size(v: Verdict, earlier: Sequence[Verdict]) -> Diagnosis | None:
    """Say of a use with large numbers that it may come from what an earlier one shows."""
    size = next((w.diagnosis for w in earlier if w.check.scenario.id in BY_SIZE and w.diagnosis), None)
    return replace(size, follows=True) if size and v.check.scenario.id in BY_SIZE else None


def lead_back_to_settings(bad: Sequence[Verdict]) -> None:
    """Let an exception follow from what the convolution is made with where it stops at the same line."""
    settings = {stop.line: v.diagnosis for v in bad
                if v.diagnosis and v.diagnosis.code == "net.conv-settings" and (stop := stop_of(v))}  # fmt: skip
    for v in bad:  # another network of other sizes, beside it
        if v.diagnosis and v.diagnosis.code == "exception" and v.diagnosis.line in settings:
            v.diagnosis = replace(settings[v.diagnosis.line], follows=True)


def name_clash(known: Sequence[Mistake], v: Verdict, at_once: Collection[str] = ()) -> None:
    """Name an exception by whose sizes meet in it: those of the two ReLUs, or of the images and the last layer.

    at_once: lines that stop in the first gradient, too: nothing that it leaves behind is needed for that.
    """
    stop, q = stop_of(v), v.question
    if not stop or not q or not v.diagnosis or v.diagnosis.code != "exception" or "conv_param" not in q.params:
        return
    shapes = [tuple(map(int, re.findall(r"\d+", s))) for s in re.findall(r"\(([\d, ]+)\)", stop.text)]
    numbers = {int(n) for n in re.findall(r"\d+", stop.text.partition(":")[2])}
    rows, filters, hidden = q["x"].shape[-4], q["conv_param"]["filter_num"], q["hidden_size"]
    meet = {shape[:2] for shape in shapes} == {(rows, hidden), (rows, filters)} and {2, 4} == set(map(len, shapes))
    mask = "boolean index" in stop.text and {filters, hidden} <= numbers and filters != hidden
    code = "net.mask-of-other-relu" if meet or mask else ""
    again = v.check.scenario.id in AGAIN and stop.step in GRADIENT
    rows = stop.line not in at_once and re.search(ROWS_AT_FIRST, stop.text)
    if again and (is_image_at_end(shapes, numbers, stop.text, q) or rows):
        code = "net.layers-reversed"
    if not code and (sized := name_flat_image(v, shapes, numbers, stop.text)):
        v.diagnosis = replace(v.diagnosis, code=sized.code, text=sized.text, repair=sized.repair)
    for m in known:
        if m.code == code:
            v.diagnosis = replace(v.diagnosis, code=m.code, text=m.text, repair=m.repair)


def rows_by(q: Mapping[str, Any], side: Side) -> int:
    """Count the rows of W2 for pooled images of such sides."""
    conv = q["conv_param"]
    h, w = (side(n, conv["filter_size"], conv["stride"], conv["pad"]) for n in q["input_dim"][1:])
    return int(conv["filter_num"] * h * w)


def shape_of_W2(v: Verdict) -> tuple[int, ...]:
    """Return the wrong shape that W2 has, as it is made or where it is written into; () where it has none."""
    made = [np.shape(p.got) for p in v.problems if p.what == "params['W2']" and p.kind == "shape"]
    stop = stop_of(v)
    if not made and stop and stop.step == "net.params.W2" and "should be" in stop.text:
        made = [tuple(map(int, re.findall(r"\d+", stop.text.partition("should be")[0])))]
    return made[0] if made else ()


def count_rows_of_W2(plain: Sequence[Verdict]) -> tuple[str, Side] | None:
    """Find how the rows of W2 are counted where all wrong shapes of it agree, and they have the right columns."""
    met: list[tuple[Mapping[str, Any], int]] = []
    for v in plain:
        shape, params = shape_of_W2(v), v.check.case.params
        if shape:
            if len(shape) != 2 or shape[1] != params["hidden_size"]:
                return None
            met.append((params, shape[0]))
    for text, _layer, side in FLAT if met else ():
        if all(rows_by(params, side) == rows for params, rows in met):
            return text, side
    return None


def name_rows_of_W2(known: Sequence[Mistake], plain: Sequence[Verdict]) -> Diagnosis | None:
    """Say how the rows of W2 are counted."""
    m, counted = next(m for m in known if m.code == "net.init-shape"), count_rows_of_W2(plain)
    return Diagnosis(m.code, _(counted[0]), m.repair) if counted else None


def lead_back_to_W2(bad: Sequence[Verdict]) -> None:
    """Let an exception follow from the rows of W2 where they are counted wrongly for its network, too."""
    named = next((v.diagnosis for v in bad if v.diagnosis and v.diagnosis.code == "net.init-shape"), None)
    counted = count_rows_of_W2(bad)
    for v in bad if named and counted else ():
        stops = v.diagnosis and v.diagnosis.code.startswith("exception") and "conv_param" in v.check.case.params
        if stops and named and counted and len({rows_by(v.check.case.params, s) for s in (RIGHT, counted[1])}) > 1:
            v.diagnosis = replace(named, follows=True)


def name_flat_image(v: Verdict, shapes: Sequence[tuple[int, ...]], numbers: set[int], text: str) -> Diagnosis | None:
    """Name a product in which W2 has the right rows and the flat images another length: as without the padding."""
    q = v.question
    if q is None or "W2" not in q.arrays:
        return None
    right, rows = len(q["W2"]), q["x"].shape[-4]
    for _rows, said, side in FLAT:
        flat = rows_by(q.params, side)
        dot = "not aligned" in text and [*shapes][:2] == [(rows, flat), q["W2"].shape]
        if said and flat != right and (dot or ("matmul" in text and {flat, right} <= numbers)):
            return Diagnosis("net.conv-settings", _(said), _(PASSED_ON))
    return None


def is_image_at_end(shapes: Sequence[tuple[int, ...]], numbers: set[int], text: str, q: Question) -> bool:
    """Whether a product fails because the images, flat or not, meet W3 (hidden, classes)."""
    one = q["x"].shape[-4:]  # of training there are the batches of all steps
    image = int(np.prod(one[1:]))
    if "not aligned" in text:
        return q["W3"].shape in shapes and any(s in (one, (one[0], image)) for s in shapes)
    return "matmul" in text and {len(q["W3"]), image} <= numbers and len(q["W3"]) != image


def stages(bad: list[Verdict], verdicts: list[Verdict]) -> list[list[Verdict]]:
    """Sort the verdicts by stage; a wrong stage of few checks is shown with all checks."""
    groups = [[v for v in verdicts if v.check.scenario.id in scenarios] for scenarios in STAGES]
    return [group if len(group) > FEW else verdicts if any(v in bad for v in group) else [] for group in groups]


def name_network_mistake(known: Sequence[Mistake], mine: list[Verdict], subject: Subject | None) -> Diagnosis | None:
    """Name what no reference's answer reveals: by a program of its own, or by what the network was asked before."""
    plain = [v for v in mine if v.check.scenario.id not in ("beside-another", "made-twice")]
    if sized := name_rows_of_W2(known, plain):
        return sized
    if any((stop := stop_of(v)) and stop.step.startswith("net.params.") for v in plain):
        m = next(m for m in known if m.code == "net.init-shape")
        return Diagnosis(m.code, m.text, m.repair)
    scenarios = {v.check.scenario.id: v for v in mine}
    if "predict" in scenarios:
        return name_copied_parameters(scenarios["predict"].check.case, subject) if subject else None
    if "loss" in scenarios and (diagnosis := name_weight_decay([n for v in mine for n in wrong_numbers(v)])):
        return diagnosis
    if "gradient" in scenarios and (diagnosis := name_clipping(mine)):
        return diagnosis
    if "parameters-stay" in scenarios and (diagnosis := name_update(wrong_numbers(scenarios["parameters-stay"]))):
        return diagnosis
    of_earlier = (name_stale_forward, name_piled_up, name_kept_pooling)
    if named := next((d for name in of_earlier for v in mine if (d := name(v))), None):
        return named
    return next((d for v in mine if v.check.scenario.mistakes for d in matching_histories(v)), None)


def is_named_by_use(v: Verdict, mine: list[Verdict]) -> bool:
    """Whether the scenario itself is the name: its plain use is right."""
    scenario = v.check.scenario.id
    alone = all(m.check.scenario.id == scenario for m in mine)
    return scenario in OF_USE and (scenario not in ALONE or alone)


def says_less(names: list[Name], v: Verdict) -> bool:
    """Whether a pattern of the numbers says less than the use in which alone they are wrong."""
    return v.check.scenario.id in BY_SIZE and all(n.diagnosis.code in ("nan", "scaled") for n in names)


def name_copied_parameters(case: Case, subject: Subject) -> Diagnosis | None:
    """Recognize a network that answers by the parameters it was made with: they are read, then written, then used."""
    q = draw_question(case)
    arguments = [*(q[k] for k in (q.op.make or ())[:-1]), STD]
    reads: list[list[Any]] = [["get", f"first.{k}", f"net.params.{k}", []] for k in PARAMS]
    writes = [["write", f"net.params.{k}", k, []] for k in PARAMS]
    program = [["make", "net", q.op.name, arguments], *reads, *writes, ["call", "out", "net.predict", ["x"]]]
    trace = subject.run(Plan(program, q.arrays, {}))
    first = {k: trace.results.get(f"first.{k}") for k in PARAMS}
    if trace.stop or any(a is None or a.shape != q[k].shape for k, a in first.items()):
        return None
    got = trace.results["out"]
    for names in [PARAMS, *(n for size in (1, 2, 3) for n in combinations(PARAMS, size) if "W" in "".join(n))]:
        if agrees(got, references.ask(q.but(**{k: first[k] for k in names}))["out"]):
            which = _("the parameters") if names == PARAMS else ", ".join(names)
            text = _("it uses {which} from the time it was made: what is written into params does not count")
            return Diagnosis("state.stale-parameters", text.format(which=which), _(COPIED_REPAIR))
    return None


def name_update(wrong: Sequence[WrongNumber]) -> Diagnosis | None:
    """Recognize a gradient that changes the parameters, by a multiple of itself."""
    rates: list[float] = []
    for q, name, p in wrong:
        step = np.asarray(p.want, "f8") - np.asarray(p.got, "f8")
        right = references.ask(q)[f"d{name}"]
        if step.shape != right.shape or not np.any(right):
            return None
        rates.append(float(np.vdot(step, right) / np.vdot(right, right)))
        if np.max(np.abs(step - rates[-1] * right)) > 1e-3 * abs(rates[-1]) * np.abs(right).max():
            return None
    if rates and max(rates) - min(rates) < 1e-3 * abs(rates[0]):
        text = _("gradient updates the parameters itself: it subtracts {rate} times the gradient")
        if rates[0] < 0:
            text = _(
                "gradient updates the parameters itself: it adds {rate} times the gradient, which is up and not down"
            )
        repair = _("gradient only tells; the update belongs to who trains")
        return Diagnosis("net.gradient-updates", text.format(rate=f"{abs(rates[0]):.4g}"), repair)
    return None


def name_weight_decay(wrong: Sequence[WrongNumber]) -> Diagnosis | None:
    """Recognize a loss to which the squares or the sizes of weights are added, in every case times the same number."""
    losses = [
        (q, float(np.sum(p.got) - np.sum(p.want))) for q, what, p in wrong if what == "loss" and not np.ndim(p.got)
    ]
    if len(losses) < 2 or len(losses) < len(wrong):
        return None
    some = [names for size in (3, 2, 1) for names in combinations(("W1", "W2", "W3"), size)]
    for text, size in (
        (_("weight decay is added to the loss: {rate} times the sum of the squared {weights}"), np.square),
        (_("weight decay is added to the loss: {rate} times the sum of the sizes of the {weights}"), np.abs),
    ):
        for names in some:
            rates = [more / sum(float(np.sum(size(q[k]))) for k in names) for q, more in losses]
            if max(rates) - min(rates) <= 1e-3 * abs(rates[0]):
                weights = _("weights") if len(names) == 3 else ", ".join(names)
                repair = _("the loss is the mean cross-entropy alone; weight decay belongs to who trains")
                return Diagnosis("net.weight-decay", text.format(rate=f"{rates[0]:.4g}", weights=weights), repair)
    return None


def name_clipping(mine: Sequence[Verdict]) -> Diagnosis | None:
    """Recognize gradients that are scaled down together, to one norm of all of them."""
    norms = list[float]()
    for wrong in filter(None, map(wrong_numbers, mine)):
        got, want = (np.concatenate([np.ravel(np.asarray(a, "f8")) for a in arrays])
                     for arrays in ([p.got for *_q, p in wrong], [p.want for *_q, p in wrong]))  # fmt: skip
        if len(wrong) < len(PARAMS) or got.shape != want.shape or not np.linalg.norm(got) < np.linalg.norm(want):
            return None
        factor = float(np.vdot(got, want) / np.vdot(want, want))
        if not close(got, factor * want, ROUNDING * np.abs(got).max()):
            return None
        norms.append(float(np.linalg.norm(got)))
    if len(norms) < FEW or max(norms) - min(norms) > ROUNDING * max(norms):
        return None
    text = _("the gradients are scaled down together, to a norm of {norm}: gradient clipping is left in gradient")
    return Diagnosis("scaled.norm", text.format(norm=f"{norms[0]:.4g}"), _("clipping belongs to who trains"))
