"""Index maps: which input each output comes from, read off the answers to numbered and one-hot arrays."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from ...i18n import N_, _
from ...subject.protocol import Answer, Question, Subject
from .. import references
from ..compare import NUMBERS
from ..mistakes.changes import Ask
from ..scenarios.uses import plan_of
from ..types import Cell, IndexMap, Shape
from .exceptions import HOPELESS

MOST = 40  # programs for one table
UNKNOWN = "?"
Table = tuple[list[str], list[str], list[list[Cell]]]  # names of the rows, of the columns, cells


class NoTable(Exception):
    """The subject gave no answer of the right shape, or the table would be too large."""


@dataclass(frozen=True)
class Probe:
    """One kind of index map."""

    part: str
    title: str  # what the table shows
    read: Callable[[Ask, Question], Table]  # reads the table off the answers of a reference or the subject


def numbered(a: np.ndarray) -> np.ndarray:
    """Number the places 1, 2, 3 ... in the order of reading."""
    return np.arange(1.0, a.size + 1).reshape(a.shape)


def cell(value: float) -> Cell:
    """Name the input whose number this is; () for 0, which is padding."""
    number = round(float(value)) if np.isfinite(value) else None
    if number is None or abs(value - number) > 1e-3:
        return (UNKNOWN,)
    return (str(number),) if number else ()


def cells(a: np.ndarray) -> list[list[Cell]]:
    """Name the input of every number of a matrix."""
    return [[cell(v) for v in row] for row in a.reshape(len(a), -1)]


def weights(values: np.ndarray) -> Cell:
    """Name the inputs that a number is the sum of; a factor other than 1 is written before the name."""
    names = []
    for k, v in enumerate(values.ravel(), 1):
        if abs(v) > 1e-6:
            names.append(str(k) if abs(v - 1) < 1e-3 else f"{v:.3g}*{k}")
    return tuple(names)


def places(shape: Shape) -> list[str]:
    """Write the indices of an array as [0,0,1,2] ..., in the order of reading."""
    return [f"[{','.join(map(str, at))}]" for at in product(*map(range, shape))]


def one_hots(a: np.ndarray | None) -> np.ndarray:
    """Make an array of a's shape for each of its places: zeros with a 1 there. Raises NoTable where there are many."""
    if a is None or a.size > MOST:
        raise NoTable
    return np.eye(a.size).reshape(a.size, *a.shape)


def of_im2col(ask: Ask, q: Question) -> Table:
    """Read for each number of the matrix: which place of the image it is."""
    out = ask(q.but(input_data=numbered(q["input_data"])))["out"]
    return [str(i) for i in range(out.shape[0])], [str(i) for i in range(out.shape[1])], cells(out)


def of_col2im(ask: Ask, q: Question) -> Table:
    """Read for each place of the image: which numbers of col it is the sum of."""
    answers = np.array([ask(q.but(col=one))["out"] for one in one_hots(q["col"])])
    return places(answers.shape[1:]), [""], [[weights(v)] for v in answers.reshape(len(answers), -1).T]


def of_convolution(ask: Ask, q: Question) -> Table:
    """Read for each output of the first filter: which x each place of the filter is laid on."""
    W, x = q["W"], numbered(q["x"])
    answers = []
    for place in one_hots(W[0]):
        one = np.zeros_like(W, "f8")
        one[0] = place
        answers.append(ask(q.but(x=x, W=one, b=np.zeros(len(W)), dout=None))["out"][:, 0])
    table = np.array(answers)
    rows = [f"[{n},0,{i},{j}]" for n, i, j in product(*map(range, table.shape[1:]))]
    return rows, [f"W{p}" for p in places((1, *W.shape[1:]))], cells(table.reshape(len(table), -1).T)


def of_filter_gradient(ask: Ask, q: Question) -> Table:
    """Read for each place of dout: which x it multiplies in the gradient of each place of the first filter."""
    return of_dout(q, lambda dout: ask(q.but(x=numbered(q["x"]), dout=dout))["dW"][0], "dW", (1, *q["W"].shape[1:]))


def of_input_gradient(ask: Ask, q: Question) -> Table:
    """Read for each place of dout: which number of W it brings to each place of dx."""
    return of_dout(q, lambda dout: ask(q.but(W=numbered(q["W"]), dout=dout))["dx"], "dx", q["x"].shape)


def of_dout(q: Question, answer: Callable[[np.ndarray], np.ndarray], what: str, shape: Shape) -> Table:
    """Read one row for each one-hot dout, one column for each number of its answer."""
    answers = [answer(dout) for dout in one_hots(q.dout)]
    return rows_of_dout(q), [f"{what}{p}" for p in places(shape)], [[cell(v) for v in a.ravel()] for a in answers]


def rows_of_dout(q: Question) -> list[str]:
    """Name the row of each place of dout."""
    return [f"dout{p}" for p in places(() if q.dout is None else q.dout.shape)]


def shuffled(a: np.ndarray) -> np.ndarray:
    """Number the places in an order in which the largest is not always the last; the same each time."""
    return np.random.default_rng(a.size).permutation(numbered(a).ravel()).reshape(a.shape)


def of_maximum(ask: Ask, q: Question) -> Table:
    """Read for each output: the place of the x that it is. x is numbered in a shuffled order."""
    x = shuffled(q["x"])
    out = ask(q.but(x=x, dout=None))["out"]
    at = {float(v): p for v, p in zip(x.ravel(), places(x.shape))}
    return [f"out{p}" for p in places(out.shape)], [_("comes from x")], [[place_of(v, at)] for v in out.ravel()]


def place_of(value: float, at: dict[float, str]) -> Cell:
    """Name the place of a shuffled number; () for 0."""
    return (at.get(float(value), UNKNOWN),) if value else ()


def of_maximum_gradient(ask: Ask, q: Question) -> Table:
    """Read for each place of dout: which place of dx it goes to."""
    x, names, table = shuffled(q["x"]), places(q["x"].shape), []
    for dout in one_hots(q.dout):
        dx = ask(q.but(x=x, dout=dout))["dx"].ravel()
        went = [(names[i], dx[i]) for i in np.flatnonzero(np.abs(dx) > 1e-6)]
        table.append([tuple(p if abs(v - 1) < 1e-3 else f"{v:.3g}*{p}" for p, v in went)])
    return rows_of_dout(q), [_("goes to dx")], table


def of_average(ask: Ask, q: Question) -> Table:
    """Read for each output: which x it is made of, with their shares."""
    answers = np.array([ask(q.but(x=one, dout=None))["out"] for one in one_hots(q["x"])])
    area = q["pool_h"] * q["pool_w"]
    rows, title = [f"out{p}" for p in places(answers.shape[1:])], _("is the sum, through {area}, of x")
    return rows, [title.format(area=area)], [[weights(v * area)] for v in answers.reshape(len(answers), -1).T]


def of_average_gradient(ask: Ask, q: Question) -> Table:
    """Read for each place of dout: which places of dx it goes to, with their shares."""
    area = q["pool_h"] * q["pool_w"]
    table = [[weights(ask(q.but(dout=dout))["dx"] * area)] for dout in one_hots(q.dout)]
    return rows_of_dout(q), [_("goes, through {area}, to dx").format(area=area)], table


FILTER = N_("which x each number of the filter is laid on; x is numbered 1, 2, 3 ... (. is padding)")
PROBES: dict[str, tuple[Probe, ...]] = {
    "im2col": (Probe("result", N_("the matrix of an image numbered 1, 2, 3 ... (. is padding)"), of_im2col),),
    "col2im": (Probe("result", N_("which numbers of col are added up; col is numbered 1, 2, 3 ..."), of_col2im),),
    "convolution": (
        Probe("forward", FILTER, of_convolution),
        Probe("backward", N_("which x each place of dout multiplies in dW; x is numbered"), of_filter_gradient),
        Probe("backward", N_("which number of W each place of dout brings to dx; W is numbered"), of_input_gradient),
    ),
    "pooling": (
        Probe("forward", N_("which x is taken for the maximum; x is 1, 2, 3 ... in a shuffled order"), of_maximum),
        Probe("backward", N_("where each place of dout goes"), of_maximum_gradient),
    ),
    "average_pooling": (
        Probe("forward", N_("which x each output is the average of; x is numbered 1, 2, 3 ..."), of_average),
        Probe("backward", N_("where each place of dout goes; dx is numbered 1, 2, 3 ..."), of_average_gradient),
    ),
}


def index_map(component: str, part: str, q: Question, subject: Subject) -> IndexMap | None:
    """Return the component's first table that is wrong, on the sizes of this question; None if none is.

    It is read twice; a subject that answers otherwise the second time has none.
    """
    for probe in PROBES.get(component, ()):
        if probe.part != part:
            continue
        try:
            rows, columns, want = probe.read(references.ask, q)
            got, again = (probe.read(lambda asked: run_probe(subject, asked, part), q)[2] for _twice in range(2))
        except (NoTable, ValueError, IndexError):  # the answer has a shape that no table fits
            continue
        if got == again and got != want and [len(r) for r in got] == [len(r) for r in want]:
            yours, right = (tuple(map(tuple, table)) for table in (got, want))
            return IndexMap(_(probe.title), tuple(rows), tuple(columns), yours, right)
    return None


def run_probe(subject: Subject, q: Question, part: str) -> Answer:
    """Ask the subject one question as a reference is asked. Raises NoTable where it gives no such answer."""
    plan = plan_of(q, part)
    trace = subject.run(plan)
    if trace.stop and trace.stop.reason in HOPELESS:
        raise NoTable
    want = references.ask(q)
    answer = {what: trace.results[r] for r, (_q, what) in plan.expect.items() if r in trace.results}
    if trace.stop or any(a.shape != want[k].shape or a.dtype.kind not in NUMBERS for k, a in answer.items()):
        raise NoTable
    return {k: a.astype("f8") for k, a in answer.items()}


LARGEST = 80  # cells drawn
ROWS = 6


def draw_index_map(table: IndexMap) -> list[str]:
    """Draw the first rows that are wrong, in lines of text; a wrong cell is marked with !."""
    wrong = [i for i in range(len(table.rows)) if table.got[i] != table.want[i]]
    some = wrong[:ROWS]
    if len(table.columns) * len(some) > LARGEST:
        return [_("{title}: wrong in {n} rows, too large to draw").format(title=table.title, n=len(wrong))]
    columns = ", ".join(c for c in table.columns if not c.isdigit()) if any(table.columns) else ""
    widest = max(len(show_cell(c)) for rows in (table.got, table.want) for i in some for c in rows[i])
    yours = [map_row(table.got[i], table.want[i], widest) for i in some]
    right = [map_row(table.want[i], table.want[i], widest) for i in some]
    first = max(len(table.rows[i]) for i in some)
    second = max(len(_("yours")), len(yours[0]))
    lines = [table.title + (f": {columns}" if columns and len(columns) < 60 else "")]
    lines.append(f"  {'':{first}}  {_('yours'):>{second}}  {_('should be')}")
    lines += [f"  {table.rows[i]:{first}}  {a:>{second}} {b}" for i, a, b in zip(some, yours, right)]
    return lines + ([_("  ... and {n} more rows").format(n=len(wrong) - ROWS)] if len(wrong) > ROWS else [])


def map_row(got: tuple[Cell, ...], want: tuple[Cell, ...], width: int) -> str:
    """Write one row, each cell so wide."""
    return " ".join(f"{show_cell(g):>{width}}{'!' if g != w else ' '}" for g, w in zip(got, want))


def show_cell(c: Cell) -> str:
    """Write one cell: the inputs with + between; . for none."""
    return "+".join(c) if c else "."
