"""An examination in the terminal: progress, one line a component, the failures (most basic layer first), the advice."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

from ..conformance import absences, messages, spoken
from ..conformance.examination import Examination, Request
from ..conformance.locations import say_skipped
from ..conformance.types import LEVELS, Verdict
from ..faults import keep_verdicts
from ..i18n import _
from .grids import failure_lines

COLOUR = {
    "pass": "green",
    "partial": "green",
    "edge": "yellow",
    "fail": "red",
    "absent": "dim",
    "unread": "red",
    "error": "magenta",
}
MAX_SKIPPED = 12  # skipped statements of the target that are listed
LEAST = (24, 10, 27)  # columns of a component's name, status and counts
NOTHING_NEW = ("values", "shape", "exception", "timeout")  # how advice fails where a layer is wrong anyway
MAX_FAILURES = 3  # failures of one component that are shown; the rest is counted


@contextmanager
def show_progress(total: int, quiet: bool) -> Iterator[Callable[[Verdict], None]]:
    """Show a bar on standard error if that is a terminal; yield the function to call with each verdict."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        task = bar.add_task("references", total=total)

        def seen(v: Verdict) -> None:
            bar.update(task, advance=1, description=v.check.case.op.component)

        yield seen


def print_header(console: Console, subject: Any, request: Request, about: dict[str, Any]) -> None:
    """Print the target's path, what it is checked against, and what was skipped in it."""
    for text in describe_run(subject, request, about):
        console.print(Text(text))
    if subject.skipped:
        console.print(messages.skipped_title(len(subject.skipped)), style="dim")
        for one in subject.skipped[:MAX_SKIPPED]:
            console.print(Text(f"  {say_skipped(one)}", style="dim"))
        if len(subject.skipped) > MAX_SKIPPED:
            console.print(Text(f"  ... {len(subject.skipped) - MAX_SKIPPED}", style="dim"))
    console.print()


def describe_run(subject: Any, request: Request, about: dict[str, Any]) -> list[str]:
    """Return the lines above a report: target, references, devices, seed. about: what the examination runs on."""
    torch = f"torch {about['torch']}, " if request.devices else ""
    against = f"{torch}SciPy {about['scipy']}"
    lines = messages.header(subject.target, subject.path, against, request.devices, request.seed)
    return lines + absences.header(subject.notes) + spoken.header(subject.interfaces)


def print_examination(console: Console, found: Examination, quiet: bool = False, hint: bool = False) -> None:
    """Print components, failures, advice and the total. hint: also how to see every failure."""
    if not quiet:
        for line in component_lines(found, found.components):
            console.print(line)
        for text in absent_lines(found):
            console.print(Text(text), highlight=False)
    for name, verdicts in found.components.items():
        print_failures(console, name, verdicts, found.strict)
    if not quiet:
        print_advice(console, found)
    console.print(total_line(found))
    if not found.judged:
        console.print(Text(messages.nothing_judged(), style="red"))
    if hint and any(found.status(name) in ("fail", "edge") for name in found.components):
        console.print(Text(_("--html FILE shows every failure, with pictures"), style="dim"))


def component_lines(found: Examination, names: Iterable[str]) -> list[Text]:
    """Return a line a component: "convolution        agrees      core 76 of 76, edge 6 of 6      0.8 s"."""
    rows = [(name, messages.status(found.shown(name)), messages.counts(found.levels(name))) for name in names]
    widths = [max(least, *(cell_len(row[i]) for row in rows)) for i, least in enumerate(LEAST)]
    lines = []
    for row in rows:
        name, status, counts = (text + " " * (width - cell_len(text)) for text, width in zip(row, widths))
        seconds = sum(v.seconds for v in found.components[row[0]])
        line = Text(f"{name} ").append(f"{status}  ", style=COLOUR[found.status(row[0])])
        lines.append(line.append(f"{counts} {seconds:6.1f} s"))
    return lines


def print_slowest(console: Console, found: Examination, number: int = 10) -> None:
    """Print the checks that took longest, each with its seconds."""
    console.print()
    every = (v for verdicts in found.components.values() for v in verdicts)
    for v in sorted(every, key=lambda v: -v.seconds)[:number]:
        console.print(Text(f"{v.seconds:7.3f} s  {v.check.id}"))


def print_failures(console: Console, name: str, verdicts: list[Verdict], strict: bool) -> None:
    """Print a component's first failures, one of each diagnosis, and how many more there are."""
    bad = [v for v in verdicts if is_shown(v, strict)]
    bad.sort(key=lambda v: LEVELS.index(v.check.level))
    shown = one_of_each_diagnosis(bad)[:MAX_FAILURES]
    for v in shown:
        console.print()
        console.print(Text(v.message), highlight=False)
        with keep_verdicts():
            for text in failure_lines(v, console.width) if v is bad[0] else ():
                console.print(text)
    if more_bad := [v for v in bad if v not in shown and not not_run(v)]:
        more = messages.and_more_of(name, (v.check.level for v in more_bad))
        console.print(Text(f"  {more}", style="dim"))


def is_shown(v: Verdict, strict: bool) -> bool:
    """Return whether a verdict is shown as a failure: what is absent has its lines below the table."""
    return bool(v.message) and v.status != "absent" and (strict or v.check.level != "advice")


def absent_lines(found: Examination) -> list[str]:
    """Return why components, or parts of them, are absent, each with its name; first an empty line."""
    lines = [f"{name}: {line}" for name in found.components for line in found.why_absent(name)]
    return ["", *lines] if lines else []


def one_of_each_diagnosis(bad: list[Verdict]) -> list[Verdict]:
    """Return the first failure of each diagnosis; what kept checks from running, once.

    One without a diagnosis is shown unless the plain use of its case, or the forward before it, is shown as wrong.
    """
    seen: dict[str, Verdict] = {}
    by_use = {(v.check.case.id, v.check.scenario.id, v.check.part): v for v in bad}

    def cause(v: Verdict) -> str:
        if code := getattr(v.diagnosis, "code", "") or (v.reason if not_run(v) else ""):
            return code
        case, scenario, part = v.check.case.id, v.check.scenario.id, v.check.part
        before = ((case, "plain", part), (case, scenario, "forward"), (case, "plain", "forward"))
        found = next((by_use[use] for use in before if use in by_use and by_use[use] is not v), None)
        return cause(found) if found else v.check.id

    for v in bad:
        first = seen.setdefault(cause(v), v)
        if first.diagnosis and v.diagnosis and first.diagnosis.follows and not v.diagnosis.follows:
            seen[cause(v)] = v  # what it follows from
    return list(seen.values())


def not_run(v: Verdict) -> bool:
    """Return whether a check did not run: what kept one from it keeps all, and is said once."""
    return v.status == "not_run"


def print_advice(console: Console, found: Examination) -> None:
    """Print the advice, if there is any."""
    lines = advice_lines(found)
    if lines:
        console.print(Text("\n" + _("Advice (does not count unless --strict):"), style="yellow"))
    for text in lines:
        console.print(Text(f"  {text}"), highlight=False)


def advice_lines(found: Examination) -> list[str]:
    """Return the failed advice checks' lines, each once; none with --strict, where they count as failures.

    Wrong numbers of a part that is wrong anyway are no advice.
    """
    lines = []
    for verdicts in found.components.values() if not found.strict else ():
        wrong = {v.check.part for v in verdicts if v.status == "fail" and v.check.level != "advice"}
        failed = [v for v in verdicts if v.status == "fail" and v.check.level == "advice"]
        lines += [messages.advice(v) for v in failed if not (v.check.part in wrong and v.reason in NOTHING_NEW)]
    return list(dict.fromkeys(lines))


def total_line(found: Examination) -> Text:
    """Return the last line: how many components agree, disagree, are absent."""
    seen = Counter(found.status(name) for name in found.components)
    worst = next((s for s in ("fail", "error", "unread", "edge") if seen[s]), "pass")
    return Text("\n" + messages.total(Counter(map(found.shown, found.components))), style=COLOUR[worst])
