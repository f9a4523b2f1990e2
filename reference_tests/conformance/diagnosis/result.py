"""What is known of a failure. Data only."""

from dataclasses import dataclass, field

from ..types import Verdict

Cell = tuple[str, ...]  # where one number comes from: names of places; () from nowhere, ("?",) from none that is known


@dataclass(frozen=True)
class IndexMap:
    """Which input each output comes from, in a table: one row an output, one column a place of its window."""

    title: str
    rows: tuple[str, ...]  # names of the rows
    columns: tuple[str, ...]
    got: tuple[tuple[Cell, ...], ...]
    want: tuple[tuple[Cell, ...], ...]

    def wrong(self, row: int, column: int) -> bool:
        return self.got[row][column] != self.want[row][column]


@dataclass(frozen=True)
class Diagnosis:
    """The name of a mistake, with what is known of it; never a guess. Sentences that are empty are not known."""

    code: str
    text: str
    repair: str = ""  # in words, not the solution
    section: str = ""  # the book's
    only: str = ""  # the cases in which the subject is right in spite of the mistake, with commas between
    rule: str = ""  # wrong only when ...
    line: str = ""  # the learner's own, where an exception came from
    cause: str = ""  # the components whose mistake it is; or (the code says so) with right ones of which it was seen
    follows: bool = False  # it was seen in an earlier step; that this failure comes from it is likely, not shown
    smallest: Verdict | None = field(default=None, compare=False)  # the smallest case that is wrong
    wiring: IndexMap | None = field(default=None, compare=False)
