"""What a learner has solved of a target so far: a list in the order of the book's chapter, and the next thing to do."""

import hashlib
import json
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.text import Text

from ..conformance import messages
from ..conformance.contract import COMPONENTS, layer
from ..conformance.examination import Examination
from ..conformance.references.answer_cache import default
from ..conformance.types import LEVELS
from ..files import write_atomically
from ..i18n import N_, _
from .terminal import is_shown

SOLVED = ("pass", "partial")
MARKS = {"solved": "green", "new": "bold green", "again": "bold red", "open": "red", "edge": "yellow", "absent": "dim"}
WORDS = {
    "solved": N_("solved"),
    "new": N_("solved just now"),
    "again": N_("was solved, and is wrong again"),
    "open": N_("to do"),
    "edge": N_("solved but for corner cases"),
    "absent": N_("not there yet"),
}


class Solved:
    """The components that have been right once."""

    def __init__(self, names: tuple[str, ...] = ()):
        self.names = set(names)

    def learn(self, found: Examination) -> None:
        """Add what is right now."""
        self.names |= {name for name in found.components if found.status(name) in SOLVED}

    def keep(self, target: Path) -> None:
        """Write it to the cache folder; a folder that cannot be written keeps nothing."""
        with suppress(OSError):
            place_of(target).parent.mkdir(parents=True, exist_ok=True)
            write_atomically(place_of(target), json.dumps(sorted(self.names)))


def place_of(target: Path) -> Path:
    """Return the file in which a target's solved components are kept."""
    return default().parent / "solved" / f"{hashlib.blake2b(bytes(target), digest_size=8).hexdigest()}.json"


def open_solved(target: Path) -> Solved:
    """Read what an earlier session has kept; nothing where there is no such file, or it is damaged."""
    with suppress(OSError, ValueError, TypeError):
        names = json.loads(place_of(target).read_text(encoding="utf-8"))
        return Solved(tuple(name for name in names if name in COMPONENTS))
    return Solved()


def mark_of(found: Examination, name: str, solved: Solved) -> str:
    """Return how a component stands: a key of WORDS."""
    status = found.status(name)
    if status in SOLVED:
        return "solved" if name in solved.names else "new"
    if status in ("absent", "edge"):
        return status
    return "again" if name in solved.names else "open"


def progress_lines(found: Examination, solved: Solved) -> list[Text]:
    """Return a line a component in the order of the chapter, and the count of those that are solved."""
    lines, names = [], [name for name in COMPONENTS if name in found.components]
    width = max(map(len, names), default=0)
    for name in names:
        mark = mark_of(found, name, solved)
        section = layer(name).OP.section
        section = section if section[:1].isdigit() else ""
        line = Text(f"  {section:6} {name:{width}}  ").append(_(WORDS[mark]), style=MARKS[mark])
        if mark in ("open", "again", "edge"):
            line.append(f"  {messages.counts(found.levels(name))}", style="dim")
        lines.append(line)
    right = sum(found.status(name) in SOLVED for name in names)
    return [*lines, Text(_("  {right} of {total} solved").format(right=right, total=len(names)))]


def print_next(console: Console, found: Examination) -> None:
    """Print the most basic failure: of the first component that is wrong, core before corner cases."""
    for name in (n for status in ("fail", "unread", "edge") for n in COMPONENTS if n in found.components
                 and found.status(n) == status):  # fmt: skip
        bad = sorted(
            (v for v in found.components[name] if is_shown(v, found.strict)), key=lambda v: LEVELS.index(v.check.level)
        )
        texts = [bad[0].message] if bad else found.why_absent(name)
        console.print(Text("\n" + "\n".join(texts)))
        return
    absent = next((n for n in COMPONENTS if n in found.components and found.status(n) == "absent"), "")
    if absent:
        console.print(Text("\n" + _("next: {name}").format(name=absent), style="bold"))
