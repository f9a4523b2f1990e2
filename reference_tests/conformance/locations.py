"""Where something stands in a target, and why a statement was left out, in the current language."""

import re

from ..i18n import N_, _
from ..subject.source import Skipped, in_current_language

PLACE = re.compile(r"^(?P<file>[^:]*?, )?(?:cell (?P<cell>\d+), )?line (?P<line>\d+)(?P<rest>:.*|$)", re.S)
REASONS = (  # why a statement was left out, as subject.statements and its like say it
    N_("a loop"), N_("prints"), N_("plots"), N_("trains"), N_("a notebook magic"), N_("exits"), N_("magic"),
    N_("cell magic"), N_("not a definition"), N_("the main block"), N_("not a simple assignment"),
    N_("changes something else than this file's names"),
)  # fmt: skip


def say_place(text: str) -> str:
    """Say a place such as "notes.ipynb, cell 2, line 3: y = x" in the current language; other texts as they are."""
    found = PLACE.match(text)
    if found is None:
        return text
    cell = _("cell {n}").format(n=found["cell"]) + ", " if found["cell"] else ""
    line = _("line {n}").format(n=found["line"])
    return f"{found['file'] or ''}{cell}{line}{found['rest']}"


def say_load_error(error: Exception) -> str:
    """Say why a target cannot be loaded, in the current language: a known sentence, else its place."""
    return say_place(in_current_language(str(error)))


def say_skipped(one: Skipped) -> str:
    """Say which statement was left out, where and why."""
    why = _(one.why) if one.why in REASONS else one.why
    return f"{say_place(f'{one.place}, line {one.line}')}: {one.source} ({why})"
