"""Which input does each output come from? Read off the subject by numbered and one-hot arrays, compared exactly.

A probe asks somebody (the subject or the reference) and makes a table of what comes back; the two tables are compared.
"""

from . import references
from .diagnosis import Wiring
from .language import _
from .manners import program
from .probes import PROBES, Silent
from .smallest import ENDS
from .types import Answer, Question, Subject


def wired(component: str, part: str, q: Question, subject: Subject) -> Wiring | None:
    """The first of the component's tables that is not as it should be, on the sizes of this question."""
    for probe in PROBES.get(component, ()):
        if probe.part != part:
            continue
        try:
            rows, columns, want = probe.read(references.ask, q)
            got, again = (probe.read(lambda asked: ask(subject, asked, part), q)[2] for _twice in range(2))
        except (Silent, ValueError, IndexError):  # of a shape that no table fits
            continue
        if got == again and got != want and [len(r) for r in got] == [len(r) for r in want]:
            cells = (tuple(map(tuple, table)) for table in (got, want))
            return Wiring(_(probe.title), tuple(rows), tuple(columns), *cells)
    return None


def ask(subject: Subject, q: Question, part: str) -> Answer:
    """The subject's answer to one question, as a reference gives it."""
    plan = program(q, part)
    trace = subject.run(plan)
    if trace.stop and trace.stop.reason in ENDS:
        raise Silent
    want = references.ask(q)
    found = {what: trace.results[r] for r, (_q, what) in plan.expect.items() if r in trace.results}
    if trace.stop or any(a.shape != want[k].shape or a.dtype.kind not in "biuf" for k, a in found.items()):
        raise Silent
    return {k: a.astype("f8") for k, a in found.items()}
