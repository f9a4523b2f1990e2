"""The necessity of checks: which check catches a mutant that no other check catches, and why the others stay.

A row of the table is a case in a scenario, forward and backward together. needed.json is
written by `convcheck self-test --full --write`.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from ..conformance.contract import all_checks
from ..conformance.types import Check
from .detection import Detection

KEPT = Path(__file__).with_name("needed.json")
PARTS = re.compile(r"/(forward|backward)(?=/|$)")


def row(check_id: str) -> str:
    """Return the row of a check: its id without the part."""
    return PARTS.sub("", check_id)


def rows(checks: Iterable[Check] | None = None) -> list[str]:
    """List the rows of these checks, of all checks by default."""
    return list(dict.fromkeys(row(check.id) for check in (all_checks() if checks is None else checks)))


def table(found: Iterable[Detection]) -> dict[str, list[int]]:
    """Map each row to [number of mutants that it catches, number of those that no other row catches]."""
    caught, alone = Counter[str](), Counter[str]()
    for one in found:
        seen = {row(check) for check in (*one.own, *one.advised)}
        caught.update(seen)
        if len(seen) == 1:
            alone.update(seen)
    return {name: [caught[name], alone[name]] for name in rows()}


def write(of: dict[str, list[int]], mutants: int) -> str:
    """Return the text of needed.json, a row a line for readable diffs."""
    lines = [f'    "{name}": [{n}, {alone}, "{reason(name, n, alone)}"]' for name, (n, alone) in of.items()]
    return f'{{\n  "mutants": {mutants},\n  "rows": {{\n' + ",\n".join(lines) + "\n  }\n}\n"


def load() -> dict[str, list]:
    """Read the rows of needed.json."""
    return json.loads(KEPT.read_text(encoding="utf-8"))["rows"]


def of_mutants() -> int:
    """Return the number of mutants that needed.json was measured with."""
    return json.loads(KEPT.read_text(encoding="utf-8"))["mutants"]


def reason(name: str, caught: int, alone: int) -> str:
    """Return the key of the first matching reason of REASONS; "" if the row catches a mutant alone or none matches."""
    if alone:
        return ""
    return next((why for why, names, fewest in REASONS if caught >= fewest and re.fullmatch(names, name)), "")


REASONS = (  # key of WHY, the rows' names, how many mutants it catches at least
    ("refused", r".*/refused", 0),
    ("source", r"[^/]+/golden-.*", 0),
    ("scenario", r"[^/]+/.+/[^/]+", 0),
    ("sizes", r".*", 1),
    ("off", r"inverted_dropout/nothing-dropped", 0),
)
WHY = {
    "refused": "no answer is right here but an error; advice, which no program that raises one can fail",
    "source": "its numbers come from pencil and paper: were all references wrong alike, only these would say so",
    "scenario": "alone in another layer: every layer runs in every scenario, as nobody knows whose state goes wrong",
    "sizes": "other cases catch these planted mistakes too; the sizes decide which of a learner's it catches",
    "off": "dropout that is off: wrong only where somebody writes a shortcut for it",
}
