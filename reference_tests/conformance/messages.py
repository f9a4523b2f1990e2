"""The sentences about verdicts that a learner reads. No knowledge of the tests is needed, nor of English."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

from ..i18n import N_, _
from ..subject.protocol import Interface, Stop
from ..subject.source import in_current_language
from . import spoken
from .book import book_has_it_too
from .compare import wrong_places
from .diagnosis.index_map import draw_index_map
from .diagnosis.returned import say_returned
from .locations import say_place
from .references import how_to_add_torch
from .types import Case, Check, Diagnosis, Problem, Verdict

LISTED = 3  # cases named where there are many
STATUS = {
    "pass": N_("agrees"),
    "edge": N_("agrees but for corner cases"),
    "fail": N_("disagrees"),
    "absent": N_("absent"),
    "unread": N_("called differently"),
    "crashes": N_("crashes when called"),  # these are unread, and said in place of that
    "ends": N_("exits when called"),
    "hangs": N_("does not end when called"),
    "slow": N_("takes too long"),
    "untried": N_("could not be tried"),
    "error": N_("could not be examined"),
    "partial": N_("agrees as far as it goes"),
}
CASE = {  # level -> the line that names a case
    "core": N_("core case: {title}"),
    "edge": N_("edge case: {title}"),
    "advice": N_("case of advice: {title}"),
}
LEVEL = {"core": N_("core"), "edge": N_("edge"), "advice": N_("advice")}
CHECKS = {"core": N_("core checks"), "edge": N_("edge checks"), "advice": N_("checks of advice")}
PART = {"forward": N_("forward"), "backward": N_("backward"), "result": N_("result")}
MAPS = {"got": N_("got"), "want": N_("should be"), "off": N_("difference")}
TOTAL = {  # status -> (for one component, for several)
    "pass": (N_("1 agrees"), N_("{n} agree")),
    "partial": (N_("1 agrees as far as it goes"), N_("{n} agree as far as they go")),
    "edge": (N_("1 agrees but for corner cases"), N_("{n} agree but for corner cases")),
    "fail": (N_("1 disagrees"), N_("{n} disagree")),
    "absent": (N_("{n} absent"), N_("{n} absent")),
    "unread": (N_("1 is called differently"), N_("{n} are called differently")),
    "crashes": (N_("1 crashes when called"), N_("{n} crash when called")),
    "ends": (N_("1 exits when called"), N_("{n} exit when called")),
    "hangs": (N_("1 does not end when called"), N_("{n} do not end when called")),
    "slow": (N_("1 takes too long"), N_("{n} take too long")),
    "untried": (N_("1 could not be tried"), N_("{n} could not be tried")),
    "error": (N_("{n} could not be examined"), N_("{n} could not be examined")),
}


def status(name: str) -> str:
    """Say a component's status."""
    return _(STATUS[name])


def level(name: str) -> str:
    """Say a check's level: core, edge or advice."""
    return _(LEVEL[name])


def checks_of(level: str) -> str:
    """Say the title of a column of counts."""
    return _(CHECKS[level])


def counts(levels: Mapping[str, Mapping[str, int]]) -> str:
    """Say how many checks of each level passed: core 40 of 40, edge 7 of 9."""
    text = _("{level} {passed} of {total}")
    return ", ".join(text.format(level=level(name), **n) for name, n in levels.items())


def and_more_of(component: str, levels: Iterable[str]) -> str:
    """Say how many failures of a component are not shown, level by level."""
    numbers = Counter(levels)
    of_each = ", ".join(f"{level(name)} {numbers[name]}" for name in LEVEL if numbers[name])
    return _("and {n} more of {component}: {levels}").format(n=numbers.total(), component=component, levels=of_each)


def header(target: str, path: str, against: str, devices: tuple[str, ...], seed: int) -> list[str]:
    """Say what is examined, against what, where, and from which seed. -> two lines."""
    where = path if path in ("", target) else f"{target} ({path})"
    cuda = _("on CPU and CUDA") if "cuda" in devices and len(devices) > 1 else ""
    on = cuda or (_("on CUDA") if "cuda" in devices else _("on CPU; CUDA was not checked"))
    against = _("against {against}, {on}").format(against=against, on=on) if devices else against_formulas(against)
    return [
        _("checking {where}").format(where=where or target),
        _("{against}; generated cases from seed {seed}").format(against=against, seed=seed),
    ]


def against_formulas(against: str) -> str:
    """Say that torch was not asked, and how it would be. against: what else was, SciPy and its version."""
    text = _("against {against}, the formulas and finite differences; torch was not asked (to add it: {how})")
    return text.format(against=against, how=how_to_add_torch())


def stopped_before(components: list[str]) -> str:
    """Say that the run was stopped, and which components it did not reach."""
    return _("stopped; not judged: {names}").format(names=", ".join(components))


def skipped_title(n: int) -> str:
    """Say how many statements of the subject are left out."""
    if n == 1:
        return _("1 statement is not a definition or could not be run, and is left out:")
    return _("{n} statements are not definitions or could not be run, and are left out:").format(n=n)


def part(name: str) -> str:
    """Say a check's part: forward, backward or result."""
    return _(PART[name])


def section(name: str) -> str:
    """Say where to read about a layer: a section of the book, or of a paper."""
    return _("the book's section {name}").format(name=name) if name[:1].isdigit() else name


def failing(n: int, one_cause: bool) -> str:
    """Say how many checks fail. one_cause: all in the same way."""
    if one_cause:
        return _("{n} checks fail alike").format(n=n) if n > 1 else _("1 check fails")
    if n == 1:
        return _("1 check fails, and no known mistake gives its numbers")
    return _("{n} checks fail, and no known mistake gives their numbers").format(n=n)


def drawn(name: str, size: tuple[int, int], pad: int, windows: list[tuple[int, int]], window: tuple[int, int]) -> str:
    """Describe an image and the windows laid on it. size: its rows and columns."""
    rows, columns = size
    text = _("{name}, {rows} rows and {columns} columns with a padding of {pad}")
    lines = [text.format(name=name, rows=rows, columns=columns, pad=pad)]
    where = _("a window of {rows} × {columns} from row {row}, column {column}")
    lines += [where.format(rows=window[0], columns=window[1], row=i, column=j) for i, j in windows]
    return "; ".join(lines)


def map_title(kind: str) -> str:
    """Say which numbers a picture shows: got, want, off."""
    return _(MAPS[kind])


def no_such_code(code: str, similar: list[str]) -> str:
    """Say that a mistake's code is unknown, and which known codes are similar."""
    hint = _("did you mean {names}?").format(names=", ".join(similar)) if similar else ""
    return _("no mistake has the code {code}: {hint}").format(code=code, hint=hint or _("convcheck explain lists all"))


def caught_by(cases: list[str]) -> str:
    """Say which cases catch a mistake."""
    text = _("Cases of the suite that catch it: {cases}")
    return text.format(cases="; ".join(_(why) for why in cases[:LISTED]) + and_more(len(cases) - LISTED))


def and_more(n: int) -> str:
    """Say how many are not listed; '' for none."""
    return _(" and {n} more").format(n=n) if n > 0 else ""


def total(counts: Mapping[str, int]) -> str:
    """Say how many components have each status."""
    there = {name: counts[name] for name in TOTAL if counts.get(name)}
    return ", ".join(_(TOTAL[name][n > 1]).format(n=n) for name, n in there.items())


def nothing_judged() -> str:
    """Say that no component could be judged."""
    return _("nothing here could be judged, so nothing agrees")


STOPPED = {
    "exception": N_("{step} stops with {text}"),
    "arrays": N_("{step} gives arrays of another type or on another device than it was given: {text}"),
    "timeout": N_("{step} had not ended after {text}"),
    "memory": N_("{step} ran out of memory {text}"),
    "signal": N_("the process was killed by {text} in {step}"),
    "exit": N_("the process ended itself in {step} {text}"),
    "absent": N_("{step} is not there; did you mean {text}?"),
    "stub": N_("{text} is not implemented yet"),
    "import": N_("{step} needs something that could not be imported: {text}"),
}
UNNAMED = ("", "when", "name")  # codes of diagnoses that name no mistake
LARGE = re.compile(r"(bool|u?int\d+|float\d+) array of shape \(.*\)")  # an array that is far too large, in words
SAID = ("type",)  # first parts of codes whose sentence is the problem's


def call(case: Case, interface: Interface | None = None) -> str:
    """Write a case as a call: Convolution(x (2, 3, 7, 6), W (4, 3, 5, 1), b (4,), stride=1); or as the target's."""
    if interface and (own := spoken.call(case, interface)):
        return own
    shapes = [f"{k} {tuple(s)}" for k, s in case.shapes.items()]
    return f"{case.op.name}({', '.join([*shapes, *(f'{k}={v}' for k, v in case.params.items())])})"


def call_of(v: Verdict) -> str:
    """Write the call that a failure is of."""
    return call(v.asked or v.check.case, v.interface)


def failure(v: Verdict, target: str = "impl") -> str:
    """Say the call, what is wrong where, what it looks like, and how to run it again."""
    lines = [_(CASE[v.check.level]).format(title=title(v.check)), *outcome(v)]
    lines += diagnosis(v.diagnosis) if v.diagnosis else []
    lines += filter(None, [book_has_it_too(v)])
    again = v.diagnosis.again if v.diagnosis else None
    options = f"--case '{v.check.id}'" if again is None else again
    lines.append(_("run it again: {command}").format(command=f"convcheck verify {target} {options}".rstrip()))
    return "\n".join([call_of(v), *(f"  {line}" for line in lines)])


def title(check: Check) -> str:
    """Say what a check requires, and its scenario unless the case says it all."""
    why = _(check.case.why)
    return why if check.scenario.id in ("plain", "refused") else f"{why}; {_(check.scenario.title)}"


def outcome(v: Verdict) -> list[str]:
    """Say what is wrong where, or why there is no verdict."""
    lines = []
    if v.status == "error":
        lines.append(_("a fault of convcheck, not of yours: {reason}").format(reason=v.reason))
    if v.reason == "after-timeout":
        lines.append(_("not run, because an earlier check of this part ran out of time"))
    return lines + [line for p in v.problems[:2] for line in problem(p, v.interface)] + not_explained(v)


def not_explained(v: Verdict) -> list[str]:
    """Say that no mistake is named because of a fault of ours; nothing where there was none."""
    said = _(
        "a fault of convcheck, not of yours, stopped the diagnosis of {component}: no mistake is named, and the "
        "verdict stands. Please report the fault: {fault}"
    )
    return [said.format(component=v.check.case.op.component, fault=v.undiagnosed)] if v.undiagnosed else []


def network_failure(v: Verdict, network: str, like: str = "") -> str:
    """Say which layer of which network is wrong, where, and how to run it again."""
    lines = [f"{v.check.case.op.component}: {v.check.case.why}, {v.check.part}"]
    if v.check.case.op.name and v.check.case.shapes:
        lines.append(f"  {call(v.check.case)}")
    lines += [f"  {line}" for p in v.problems[:2] for line in problem(p)]
    again = f"convcheck verify --network {network}" + (f" --like {like}" if like else "")
    return "\n".join([*lines, "  " + _("run it again: {command}").format(command=again)])


def diagnosis(d: Diagnosis) -> list[str]:
    """Say a mistake's name, how to repair it, and the evidence."""
    if d.follows:
        head = [_("an earlier step is wrong, and this may come from it: {text} ({code})")]
    elif d.code in UNNAMED or d.code in STOPPED or d.code.partition(".")[0] in SAID or not d.text:  # said already
        head = []
    else:
        head = [_("looks like: {text} ({code})")]
    if d.sizes:
        head = [_("sizes: {sizes}").format(sizes=d.sizes).replace("{", "{{").replace("}", "}}"), *head]
    if d.cause and not d.code.startswith("cause."):
        head = [_("also with a right {cause} in place of yours: {text} ({code})")]
    lines = [line.format(text=sentence(d.text), code=d.code, cause=d.cause) for line in head]
    if d.repair and not d.follows:
        text = _("repair: {repair} ({section})") if d.section else _("repair: {repair}")
        lines.append(text.format(repair=sentence(d.repair), section=section(d.section)))
    return lines + evidence(d)


def sentence(text: str) -> str:
    """Translate the sentence of one mistake, or of two together; either may have a semicolon of its own."""
    parts = text.split("; ")
    pairs = [("; ".join(parts[:i]), "; ".join(parts[i:])) for i in range(1, len(parts))]
    both = next(((a, b) for a, b in pairs if _(a) != a and _(b) != b), (text,))
    return _(text) if _(text) != text else "; ".join(_(part) for part in both)


def evidence(d: Diagnosis) -> list[str]:
    """Say when it is wrong, what speaks against it, the smallest case, and which input each number comes from."""
    lines = circumstances(d)
    if d.after:
        lines.append(
            _("after this call alone it fails: {call}").format(call=call(d.after.check.case, d.after.interface))
        )
    if d.smallest:
        lines.append(
            _("the smallest failing call: {call}").format(call=call(d.smallest.check.case, d.smallest.interface))
        )
        lines += [f"  {line}" for line in problem(d.smallest.problems[0], d.smallest.interface)]
    return lines + (draw_index_map(d.index_map) if d.index_map else [])


def circumstances(d: Diagnosis) -> list[str]:
    """Say when it is wrong, and in which cases it is right in spite of the mistake."""
    lines = [d.rule or d.text] if d.rule or d.code == "when" else []
    if d.only and not d.follows:
        right = [_(why) for why in d.only.split(", ")]
        lines.append(_("correct in: {cases}").format(cases="; ".join(right[:LISTED]) + and_more(len(right) - LISTED)))
    return lines


def problem(p: Problem, interface: Interface | None = None) -> list[str]:
    """Say what is wrong with one result. interface: the target's own, in whose words it is said."""
    if p.kind == "values":
        return values(p, interface)
    if p.kind == "stopped":
        return stopped(p.got, interface)
    if p.returned:
        return [say_returned(p.returned)]
    if p.kind == "type" and p.want is not None and LARGE.fullmatch(str(p.got)):  # its numbers did not come
        return [_("{what} is {text}, should have shape {want}").format(what=p.what, text=p.got, want=np.shape(p.want))]
    text = {
        "shape": _("{what} has shape {got}, should be {want}"),
        "type": _("{what} is {text}, should be an array of numbers"),
        "changed-input": _("the array {what} that was passed in is changed afterwards")
        if np.shape(p.got) == np.shape(p.want)
        else _("the array {what} that was passed in has the shape {got} afterwards; it was passed in with {want}"),
        "overwritten": _("the earlier result {what} is overwritten by a later call"),
        "locked": _("{what} cannot be written into"),
        "shared": _("writing into {what}, or into another gradient, changes more than that"),
        "not-refused": _("expected an error, got the number {text}")
        if p.got is not None and not np.shape(p.got)
        else _("expected an error, got an array of shape {got}"),
    }.get(p.kind, p.note)
    got, want = spoken.own_shapes(interface, p.what, np.shape(p.got), np.shape(p.want))
    what = spoken.own_result(interface, p.what)
    said = text.format(what=what, text=str(p.got)[:60], got=got, want=want)
    return [said, *([p.note] if p.note and p.note != text else [])]


def values(p: Problem, interface: Interface | None = None) -> list[str]:
    """Say the largest error: out[0, 1, 1, 3] is 10.0674, should be -7.28838 (allowed difference 0.0001)."""
    got, want = np.asarray(p.got, "f8"), np.asarray(p.want, "f8")
    bad = wrong_places(got, want, p.allowed)
    with np.errstate(invalid="ignore"):
        off = np.where(bad, np.nan_to_num(np.abs(got - want), nan=np.inf), -1.0)
    at = np.unravel_index(int(off.argmax()), off.shape)
    place = f"{p.what}[{', '.join(map(str, at))}]" if got.ndim else p.what
    place = spoken.own_place(interface, p.what, tuple(map(int, at)), got.shape) or place
    mine, right = float(got[at]) + 0.0, float(want[at]) + 0.0  # -0 is 0
    worst = _("{place} is {got}, should be {want} (allowed difference {allowed:.1g})")
    shown = next((d for d in range(6, 17) if f"{mine:.{d}g}" != f"{right:.{d}g}"), 17)  # as many as differ
    allowed = float(np.broadcast_to(p.allowed, got.shape)[at])
    said = worst.format(place=place, got=f"{mine:.{shown}g}", want=f"{right:.{shown}g}", allowed=allowed)
    return [said, *filter(None, [" ".join(filter(None, [share(int(bad.sum()), bad.size), p.note]))])]


def share(bad: int, all: int) -> str:
    """Say how many numbers are wrong; nothing where there is only one, which stands there already."""
    if all == 1:
        return ""
    if bad == all:
        return _("all {all} numbers are wrong").format(all=all)
    return (_("1 of {all} numbers is wrong") if bad == 1 else _("{bad} of {all} numbers are wrong")).format(
        bad=bad, all=all
    )


def stopped(stop: Stop, interface: Interface | None = None) -> list[str]:
    """Say why a program stopped, and at which line of the learner's."""
    step = spoken.own_step(interface, stop.step) or _("the program")
    reason = _(STOPPED[stop.reason]).format(step=step, text=in_current_language(stop.text))
    at = [_("at {line}").format(line=say_place(stop.line))] if stop.line else []
    return [reason.rstrip(), *at, *([_("called at {line}").format(line=say_place(stop.call))] if stop.call else [])]


def advice(v: Verdict) -> str:
    """Say in one line what is impolite, and where."""
    why = problem(v.problems[0], v.interface)[0] if v.problems else v.reason
    book, d = book_has_it_too(v), v.diagnosis
    name = d.text if d and not (d.follows or book) and v.reason in ("values", "exception") else ""
    said = [f"{v.check.case.op.component}: {title(v.check)}: {why}", name, book, *not_explained(v)]
    return "; ".join(filter(None, said))
