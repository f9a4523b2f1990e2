"""`convcheck grade --dry-run`: try a rubric on a model solution and on the template that was given out."""

import json as json_module
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from .options import require_writable, write_report

if TYPE_CHECKING:
    from ..grading.executor import Executor
    from ..grading.outputs.dry_run import DryRun, Tried
    from ..grading.settings import RunSettings


def run_dry(settings: "RunSettings", paths: list[str], template: str, json: str, executor: "Executor") -> int:
    """Try a rubric, and print what is found. Return the exit status: 1 if something is not as it should be."""
    from pathlib import Path

    from ..grading.outputs.dry_run import try_rubric
    from ..i18n import _, speaking
    from ..reports.console import open_console

    if len(paths) != 1:
        raise UsageError(_("--dry-run takes one PATH, the model solution"))
    for path in (*paths, *([template] if template else [])):
        if not Path(path).exists():
            raise UsageError(_("there is no {path}").format(path=path))
    require_writable("--json", json)
    with speaking(settings.rubric.language):
        found = try_rubric(settings, paths[0], template, executor)
        print_dry_run(open_console(stderr=json == "-"), found)
    if json:
        write_report("--json", json, json_module.dumps(found.as_json(), indent=1, ensure_ascii=False) + "\n")
    return int(not found.ok)


def print_dry_run(out: Any, found: "DryRun") -> None:
    """Print what the model and the template get, and what is to be said of the rubric."""
    from ..i18n import _

    out.print(_("{title}: {points:g} points").format(title=found.title, points=found.max_score), markup=False)
    print_tried(out, _("the model solution"), found.model, found.max_score)
    if found.template:
        print_tried(out, _("the template"), found.template, found.max_score)
    for warning in found.warnings:
        out.print(warning, style="yellow", markup=False)
    if found.ok:
        out.print(_("the rubric gives all points to the model and none for nothing"), style="green", markup=False)


def print_tried(out: Any, who: str, tried: "Tried", most: float) -> None:
    """Print the points of a file, and the components that are not as they should be."""
    from ..grading.messages import outcome
    from ..i18n import _

    text = _("{who}, {file}: {score:g} of {most:g} points")
    out.print(text.format(who=who, file=tried.file, score=tried.score, most=most), markup=False)
    if tried.outcome != "graded":
        out.print(f"  {outcome(tried.outcome)}: {tried.reason}", markup=False)
        return
    for name, points, of, why in tried.components:
        out.print("  " + _("{name}: {points:g} of {of:g}").format(name=name, points=points, of=of), markup=False)
        for reason in why:
            out.print(f"    {reason}", markup=False)
