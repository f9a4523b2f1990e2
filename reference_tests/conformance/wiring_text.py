"""The wiring drawn in text: theirs beside the right one."""

from .diagnosis import Cell, Wiring
from .language import _

LARGEST = 80  # cells drawn
ROWS = 6


def drawn_wiring(wiring: Wiring) -> list[str]:
    """The first rows that are wrong, wrong cells marked with !."""
    wrong = [i for i in range(len(wiring.rows)) if wiring.got[i] != wiring.want[i]]
    some = wrong[:ROWS]
    if len(wiring.columns) * len(some) > LARGEST:
        return [_("{title}: wrong in {n} rows, too large to draw").format(title=wiring.title, n=len(wrong))]
    columns = ", ".join(c for c in wiring.columns if not c.isdigit()) if any(wiring.columns) else ""
    widest = max(len(shown(c)) for table in (wiring.got, wiring.want) for i in some for c in table[i])
    yours = [line(wiring.got[i], wiring.want[i], widest) for i in some]
    right = [line(wiring.want[i], wiring.want[i], widest) for i in some]
    first = max(len(wiring.rows[i]) for i in some)
    second = max(len(_("yours")), len(yours[0]))
    found = [wiring.title + (f": {columns}" if columns and len(columns) < 60 else "")]
    found.append(f"  {'':{first}}  {_('yours'):>{second}}  {_('should be')}")
    found += [f"  {wiring.rows[i]:{first}}  {a:>{second}} {b}" for i, a, b in zip(some, yours, right)]
    return found + ([_("  ... and {n} more rows").format(n=len(wrong) - ROWS)] if len(wrong) > ROWS else [])


def line(got: tuple[Cell, ...], want: tuple[Cell, ...], width: int) -> str:
    return " ".join(f"{shown(g):>{width}}{'!' if g != w else ' '}" for g, w in zip(got, want))


def shown(c: Cell) -> str:
    return "+".join(c) if c else "."
