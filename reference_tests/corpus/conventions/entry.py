"""One target of the set, and what a judge has to say of it."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Entry:
    """One target (a file or a folder below FOLDER), and what a judge has to say of it.

    right: components that have to be judged, and right. wrong: component to (the mistake, the parts that are wrong).
    unjudged: component to why it cannot be judged; the key "" is the whole target.
    """

    path: str
    convention: str
    right: tuple[str, ...] = ()
    wrong: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    unjudged: dict[str, str] = field(default_factory=dict)


def family(convention: str, right: str, components: str, *wrong: tuple[str, str, str]) -> Iterator[Entry]:
    """Yield the entry of a right target, then those of its wrong siblings: (name, "component parts; ...", mistake)."""
    names = tuple(components.split())
    yield Entry(f"{convention}/{right}", convention, names)
    for name, where, mistake in wrong:
        parts = {part.split()[0]: (mistake, tuple(part.split()[1:])) for part in where.split(";")}
        yield Entry(f"{convention}/{name}", convention, tuple(n for n in names if n not in parts), parts)


def unjudged(name: str, reason: str) -> Entry:
    """Make the entry of a target without anything to judge."""
    return Entry(f"unjudged/{name}", "", unjudged={"": reason})
