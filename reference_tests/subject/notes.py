"""Remarks on a target that travel with its description: what was lent, which of two is examined, what is absent."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Note:
    """A remark, as data: conformance/absences.py has the sentences.

    kind and values: lent (module), stand-in, decorator, own (place, other), imported (place, other), methods (there),
    init (place, method), stub (place).
    """

    kind: str
    name: str  # the contract's name, or what was lent
    values: Mapping[str, str]

    def as_data(self) -> dict[str, object]:
        """Return the note as plain data, to be sent."""
        return {"kind": self.kind, "name": self.name, "values": dict(self.values)}


def read_note(data: Mapping[str, object]) -> Note:
    """Return the note in plain data that came from a child. Raises KeyError, TypeError or AttributeError for others."""
    values: Mapping[str, str] = data["values"]  # type: ignore[assignment]
    return Note(str(data["kind"])[:20], str(data["name"])[:200], {str(k): str(v)[:300] for k, v in values.items()})
