"""The short words and headings of every report, in two languages; what is said of a failure is in messages."""

from collections.abc import Mapping

from .language import N_, _

LISTED = 3  # cases named where there are many
STATUS = {
    "pass": N_("agrees"),
    "fail": N_("disagrees"),
    "absent": N_("absent"),
    "error": N_("could not be examined"),
    "partial": N_("agrees as far as it goes"),
}
PART = {"forward": N_("forward"), "backward": N_("backward"), "result": N_("result")}
MAPS = {"got": N_("got"), "want": N_("should be"), "off": N_("difference")}
TOTAL = {
    "pass": N_("{n} agree"),
    "partial": N_("{n} agree as far as they go"),
    "fail": N_("{n} disagree"),
    "absent": N_("{n} absent"),
    "error": N_("{n} could not be examined"),
}


def status(name: str) -> str:
    return _(STATUS[name])


def header(target: str, path: str, against: str, devices: tuple[str, ...], seed: int) -> list[str]:
    where = path if path in ("", target) else f"{target} ({path})"
    cuda = _("on CPU and CUDA") if "cuda" in devices and len(devices) > 1 else ""
    on = cuda or (_("on CUDA") if "cuda" in devices else _("on CPU; CUDA was not checked"))
    return [
        _("checking {where}").format(where=where or target),
        _("against {against}, {on}; drawn cases from seed {seed}").format(against=against, on=on, seed=seed),
    ]


def skipped_title(n: int) -> str:
    return _("{n} statements are not definitions or could not be run, and are left out:").format(n=n)


def part(name: str) -> str:
    return _(PART[name])


def section(name: str) -> str:
    """Where to read about it: a section of the book, or of a paper."""
    return _("the book's section {name}").format(name=name) if name[:1].isdigit() else name


def failing(n: int, one_cause: bool) -> str:
    if one_cause:
        return _("{n} checks fail alike").format(n=n) if n > 1 else _("1 check fails")
    return _("{n} checks fail, and no known mistake gives their numbers").format(n=n)


def drawn(name: str, size: tuple[int, int], pad: int, windows: list[tuple[int, int]], window: tuple[int, int]) -> str:
    """A drawn case in words."""
    rows, columns = size
    text = _("{name}, {rows} rows and {columns} columns with a padding of {pad}")
    lines = [text.format(name=name, rows=rows, columns=columns, pad=pad)]
    where = _("a window of {rows} × {columns} from row {row}, column {column}")
    lines += [where.format(rows=window[0], columns=window[1], row=i, column=j) for i, j in windows]
    return "; ".join(lines)


def map_title(kind: str) -> str:
    return _(MAPS[kind])


def case(name: str) -> str:
    return _("the case: {name}").format(name=name)


def wrong_places_of(what: str, bad: int, size: int) -> str:
    return _("wrong places of all of {what}: {bad} of {all}").format(what=what, bad=bad, all=size)


def shows_all() -> str:
    return _("--html FILE shows every failure, with pictures")


def any_layer() -> str:
    return _("any layer")


def no_such_code(code: str, near: list[str]) -> str:
    hint = _("did you mean {names}?").format(names=", ".join(near)) if near else ""
    return _("no mistake has the code {code}: {hint}").format(code=code, hint=hint or _("convcheck explain lists all"))


def to_repair(text: str) -> str:
    return _("How to repair it: {text}").format(text=text)


def to_read(section: str) -> str:
    return _("Where to read about it: {section}").format(section=section)


def worked_example(call: str) -> str:
    return _("A worked example: {call}").format(call=call)


def no_example() -> str:
    return _("On this layer no number shows it by itself.")


def with_the_mistake() -> str:
    return _("with the mistake")


def caught_by(cases: list[str]) -> str:
    text = _("Cases of the suite that catch it: {cases}")
    return text.format(cases="; ".join(_(why) for why in cases[:LISTED]) + and_more(len(cases) - LISTED))


def and_more(n: int) -> str:
    return _(" and {n} more").format(n=n) if n > 0 else ""


def of() -> str:
    return _("of")


def more(n: int, component: str) -> str:
    return _("and {n} more of {component}").format(n=n, component=component)


def total(seen: Mapping[str, int]) -> str:
    return ", ".join(_(text).format(n=seen[name]) for name, text in TOTAL.items() if seen.get(name))


def advice_title() -> str:
    return _("Advice (does not count unless --strict):")
