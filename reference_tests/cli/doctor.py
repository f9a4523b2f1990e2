"""convcheck doctor: the isolation levels of this machine, proved with hostile submissions."""

import json as json_module
import os
import platform
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError
from ..grading.sandbox.levels import LEVELS, available

if TYPE_CHECKING:
    from ..grading.sandbox.attacks import Outcome

FEW = (
    *("classmate", "environment", "exit_zero", "fork_bomb", "forged_answers", "memory", "network", "parent_memory"),
    *("raw_calls", "reads_bait", "segfault", "torch_inside", "writes_files"),
)


def doctor(
    quick: Annotated[bool, typer.Option("--quick", help=f"Only {len(FEW)} of the hostile submissions.")] = False,
    level: Annotated[
        list[str] | None, typer.Option(metavar="LEVEL", help="Only this level of isolation. Repeatable.")
    ] = None,
    json: Annotated[str, typer.Option(metavar="FILE", help="The outcome as JSON; - is standard output.")] = "",
) -> None:
    """Which isolation levels this machine has; a set of hostile submissions is run at each of them to prove it.

    Exit status: 0 nothing gets through where nothing may (confined, bwrap) and this machine has confined; 1 something
    does, or it has not.
    """
    from rich.console import Console

    for name in level or []:
        if name not in LEVELS:
            raise UsageError(f"--level {name}: there are {', '.join(LEVELS)}")
    out = Console(stderr=json == "-", soft_wrap=True, highlight=False)
    missing = available()
    for name, why in missing.items():
        out.print(f"{name:9} {f'not on this machine: {why}' if why else 'there'}")
    levels = [name for name in LEVELS if not missing[name] and name in (level or LEVELS)]
    found = outcomes(levels, quick, out) if levels != ["none"] or os.name == "posix" else []
    if json:
        write(json, as_json(missing, found))
    raise typer.Exit(report(found, missing, levels, level, out))


def outcomes(levels: list[str], quick: bool, out: Any) -> "list[Outcome]":
    """Each attack at each level; progress on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from ..grading.sandbox.attacks import CONTROLS, attack_range, attacks

    names = [*CONTROLS[:2], *(name for name in attacks() if not quick or name in FEW)]
    todo = [(level, name) for level in levels for name in names]
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    found = []
    with attack_range() as where, Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("hostile submissions", total=len(todo))
        for level, name in todo:
            bar.update(task, description=f"{level}: {name}")
            found.append(where.run(name, level))
            bar.advance(task)
    return found


def report(found: "list[Outcome]", missing: dict[str, str], levels: list[str], asked: Any, out: Any) -> int:
    """The table, attack by level; -> exit status."""
    from rich.table import Table

    from ..grading.sandbox.attacks import CONTROLS, PROMISED

    by = {(o.attack, o.level): o for o in found}
    table = Table("", *levels, box=None, pad_edge=False)
    for name in dict.fromkeys(o.attack for o in found if o.attack not in CONTROLS):
        table.add_row(name, *(cell(by[name, level]) for level in levels))
    out.print(table)
    wrong = [sentence for o in found if (sentence := broken(o))]
    for sentence in wrong:
        out.print(sentence, style="red")
    lacking = [level for level in (asked or ["confined"]) if missing[level]]
    for level in lacking:
        out.print(
            f"{level} is not on this machine: submissions that are not trusted cannot be graded at it", style="red"
        )
    if not wrong and not lacking:
        held = [level for level in levels if level in PROMISED]
        out.print(f"nothing got through at {' and '.join(held)}" if held else "nothing is promised at these levels")
    return int(bool(wrong or lacking))


def cell(outcome: "Outcome") -> str:
    return f"[red]{', '.join(outcome.effects)}[/]" if outcome.effects else "[green]stopped[/]"


def broken(outcome: "Outcome") -> str:
    """What is not as it should be, in a sentence."""
    from ..grading.sandbox.attacks import PROMISED

    if outcome.attack == "control_honest":
        right = outcome.ended == ("pass",)
        return "" if right else f"{outcome.level}: the honest control does not get full marks ({outcome.ended})"
    if outcome.level in PROMISED and outcome.effects:
        return f"{outcome.level}: {outcome.attack} {', '.join(outcome.effects)}"
    return ""


def as_json(missing: dict[str, str], found: "Iterable[Outcome]") -> dict[str, Any]:
    return {
        "machine": {"system": platform.platform(), "machine": platform.machine(), "python": platform.python_version()},
        "levels": {level: {"there": not why, "why_not": why} for level, why in missing.items()},
        "outcomes": [vars(o) for o in found],
        "held": not any(map(broken, found)),
    }


def write(place: str, what: dict[str, Any]) -> None:
    text = json_module.dumps(what, indent=1) + "\n"
    if place == "-":
        print(text, end="")
        return
    try:
        with open(f"{place}.new", "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(f"{place}.new", place)
    except OSError as error:
        raise UsageError(f"--json {place}: {error.strerror}") from None
