"""`convcheck doctor`: list the isolation levels of this machine, and prove them with hostile submissions."""

import json as json_module
import os
import platform
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError
from ..grading.sandbox.levels import LEVELS, available, how_to_get, say_reason, what_holds
from ..i18n import _
from .options import write_report

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
    clean: Annotated[
        bool, typer.Option("--clean", help="Only remove what killed runs have left in the temporary folder.")
    ] = False,
) -> None:
    """Which isolation levels this machine has; a set of hostile submissions is run at each of them to prove it.

    Exit status: 0 nothing gets through where nothing may (confined, bwrap) and this machine has confined; 1 something
    does, or it has not.
    """
    from ..reports.console import open_console

    if clean:
        remove_leftovers()
        return
    for name in level or []:
        if name not in LEVELS:
            raise UsageError(f"--level {name}: " + _("there are {names}").format(names=", ".join(LEVELS)))
    out = open_console(stderr=json == "-")
    missing = available()
    last = ""
    for name, why in missing.items():
        out.print(
            f"{name:9} {_('not on this machine: {why}').format(why=say_reason(why)) if why else _('there')}",
            markup=False,
        )
        for how in how_to_get(why) if why != last else ():
            out.print(f"{'':9} " + _("to get it: {how}").format(how=_(how)), markup=False)
        last = why and f"it needs confined: {why}"
    out.print(_(what_holds(missing)), markup=False)
    levels = [name for name in LEVELS if not missing[name] and name in (level or LEVELS)]
    outcomes = run_attacks(levels, quick) if levels != ["none"] or os.name == "posix" else []
    if json:
        write_report("--json", json, json_module.dumps(as_json(missing, outcomes), indent=1) + "\n")
    raise typer.Exit(print_report(outcomes, missing, levels, level, out))


def remove_leftovers() -> None:
    """Remove the temporary folders of runs that were killed, and print them."""
    from ..grading.leftovers import remove_folders

    removed = remove_folders()
    for path in removed:
        typer.echo(path)
    n = len(removed)
    text = _("1 folder of a run that has ended was removed") if n == 1 else _("{n} folders of ended runs were removed")
    typer.echo(text.format(n=n))


def run_attacks(levels: list[str], quick: bool) -> "list[Outcome]":
    """Run each attack at each level, with progress on standard error. quick: only the attacks of FEW."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from ..grading.sandbox.attacks import CONTROLS, attack_range, attacks

    names = [*CONTROLS[:2], *(name for name in attacks() if not quick or name in FEW)]
    todo = [(level, name) for level in levels for name in names]
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    outcomes = []
    with attack_range() as where, Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(_("hostile submissions"), total=len(todo))
        for level, name in todo:
            bar.update(task, description=f"{level}: {name}")
            outcomes.append(where.run(name, level))
            bar.advance(task)
    return outcomes


def print_report(
    outcomes: "list[Outcome]", missing: dict[str, str], levels: list[str], wanted: list[str] | None, out: Any
) -> int:
    """Print a table of attacks and levels, and what is wrong. Return the exit status. wanted: the levels of --level."""
    from ..grading.sandbox.attacks import PROMISED

    out.print(outcome_table(outcomes, levels))
    wrong = [sentence for outcome in outcomes if (sentence := describe_leak(outcome))]
    for sentence in wrong:
        out.print(sentence, style="red")
    lacking = [level for level in (wanted or ["confined"]) if missing[level]]
    for level in lacking:
        text = _("{level} is not on this machine: submissions that are not trusted cannot be graded at it")
        out.print(text.format(level=level), style="red")
    if not wrong and not lacking:
        held = [level for level in levels if level in PROMISED]
        text = _("nothing got through at {levels}") if held else _("nothing is promised at these levels")
        out.print(text.format(levels=_(" and ").join(held)))
    return int(bool(wrong or lacking))


def outcome_table(outcomes: "list[Outcome]", levels: list[str]) -> Any:
    """Return a table with a row for each attack, a column for each level."""
    from rich.table import Table

    from ..grading.sandbox.attacks import CONTROLS

    by_name = {(outcome.attack, outcome.level): outcome for outcome in outcomes}
    table = Table("", *levels, box=None, pad_edge=False)
    for name in dict.fromkeys(outcome.attack for outcome in outcomes if outcome.attack not in CONTROLS):
        effects = [by_name[name, level].effects for level in levels]
        table.add_row(
            name, *(f"[red]{', '.join(some)}[/]" if some else f"[green]{_('held off')}[/]" for some in effects)
        )
    return table


def describe_leak(outcome: "Outcome") -> str:
    """Return a sentence about what got through where nothing may, or about a control that fails; "" if all is well."""
    from ..grading.sandbox.attacks import PROMISED

    if outcome.attack == "control_honest":
        right = outcome.ended == ("pass",)
        text = _("{level}: the honest control does not get full marks ({ended})")
        return "" if right else text.format(level=outcome.level, ended=outcome.ended)
    if outcome.level in PROMISED and outcome.effects:
        return f"{outcome.level}: {outcome.attack} {', '.join(outcome.effects)}"
    return ""


def as_json(missing: dict[str, str], outcomes: "Iterable[Outcome]") -> dict[str, Any]:
    """Return the report for --json."""
    return {
        "machine": {"system": platform.platform(), "machine": platform.machine(), "python": platform.python_version()},
        "levels": {level: {"there": not why, "why_not": why} for level, why in missing.items()},
        "outcomes": [vars(outcome) for outcome in outcomes],
        "held": not any(map(describe_leak, outcomes)),
    }
