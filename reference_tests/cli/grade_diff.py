"""`convcheck grade-diff`: compare two runs of grade, what changed for whom."""

import json as json_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import option, require_writable, write_report

if TYPE_CHECKING:
    from ..grading.outputs.differences import Change, Comparison

MOST = 200  # rows on a terminal


def grade_diff(
    before: Annotated[str, typer.Argument(help="The --out of a run, or one of its results-1.jsonl.", metavar="RUN1")],
    after: Annotated[str, typer.Argument(help="The --out of another run.", metavar="RUN2")],
    json: Annotated[str, option("Everything as JSON; - is standard output.", "FILE")] = "",
    csv: Annotated[str, option("A row a submission; - is standard output.", "FILE")] = "",
    lang: Annotated[str, option("en or ja [as the system speaks].", "LANG")] = "",
) -> None:
    """Compare two runs of `convcheck grade`: what changed for whom, and what differs between the runs.

    Exit status: 0 nothing changed for anybody; 1 something did; 2 wrong use.
    """
    from ..grading.outputs import differences
    from ..i18n import current_language, speaking
    from ..reports.console import open_console

    for name, path in (("--json", json), ("--csv", csv)):
        require_writable(name, path)
    with speaking(lang or current_language()):
        found = differences.compare(before, after)
        print_changes(open_console(stderr="-" in (json, csv)), found)
        if json:
            text = json_module.dumps(differences.as_json(found), indent=1, ensure_ascii=False)
            write_report("--json", json, text + "\n")
        if csv:
            write_report("--csv", csv, differences.as_csv(found))
    raise typer.Exit(int(bool(found.moved)))


def print_changes(out: Any, found: "Comparison") -> None:
    """Print what differs between two runs, a row for each submission for which something changed, and how many."""
    from ..grading.outputs.differences import COUNTS
    from ..i18n import _

    moved = found.moved
    for cause in found.causes:
        out.print(_("differs: {what}").format(what=cause), markup=False)
    if moved:
        out.print(changes_table(moved[:MOST]))
    if len(moved) > MOST:
        out.print(_("and {n} more; --csv and --json have all").format(n=len(moved) - MOST), markup=False)
    counts = [_(text).format(n=found.count(kind)) for kind, text in COUNTS.items() if found.count(kind)]
    text = _("{moved} of {all} changed").format(moved=len(moved), all=len(found.changes))
    out.print(text + (f": {', '.join(counts)}" if counts else ""), markup=False)


def changes_table(moved: "list[Change]") -> Any:
    """Return a table with a row for each change."""
    from rich.table import Table
    from rich.text import Text

    from ..grading.outputs.differences import describe
    from ..grading.outputs.overview import format_number
    from ..i18n import _

    table = Table(box=None, pad_edge=False)
    table.add_column(_("submission"))
    for title in (_("before"), _("after"), _("difference")):
        table.add_column(title, justify="right")
    table.add_column(_("what changed"))
    for one in moved:
        scores = [format_number(score) or "-" for score in one.score]
        style = "green" if one.difference > 0 else "red" if one.difference < 0 else ""
        table.add_row(
            Text(one.submission), *scores, Text(f"{one.difference:+g}" if one.difference else "0", style),
            Text(describe(one)),
        )  # fmt: skip
    return table
