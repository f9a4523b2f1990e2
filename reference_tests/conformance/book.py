"""Where the book's own published code is wrong too. Each row is a fact: a test runs such code and compares."""

from typing import NamedTuple

from ..i18n import N_, _
from .corners import facts_of
from .types import Verdict


class BookFault(NamedTuple):
    """A fault of the book's own code."""

    component: str
    where: str  # a fact of corners.FACTS, or the id of a scenario
    reasons: tuple[str, ...]  # how a check ends that has the same fault
    text: str
    codes: tuple[str, ...] = ()  # of the diagnosis, where numbers may be wrong in other ways too
    says: str = ""  # what the exception says, where a check may stop for another reason


FRACTION = N_("the book's own formula has this too: it divides with /")
NOT_REFUSED = N_("the book's own formula has this too: it gives a size for a filter that does not fit")
PADDING = N_("the book's own Pooling has this too: its output size leaves the padding out")
WRITES = N_("the book's own Relu has this too: backward writes into the caller's dout")
PARTIAL = N_("the book's own SimpleConvNet has this too: accuracy leaves out a last batch that is not full")
SQUARE = N_("the book's own SimpleConvNet has this too: it takes the height for the width")
ODD = N_("the book's own SimpleConvNet has this too: it halves an odd size with /")

FAULTS = (
    BookFault("shapes", "a remainder", ("values",), FRACTION, ("shapes.fraction",)),
    BookFault("shapes", "whole-number", ("type",), FRACTION),
    BookFault("shapes", "a window larger than the padded image", ("not-refused",), NOT_REFUSED),
    BookFault("pooling", "padding", ("exception",), PADDING, says="reshape"),
    BookFault("relu", "dout-kept", ("changed-input",), WRITES),
    BookFault("relu", "read-only", ("exception",), WRITES, says="read-only"),
    BookFault("simple_conv_net", "a last batch that is not full", ("values",), PARTIAL, ("net.accuracy-partial",)),
    BookFault("simple_conv_net", "a network's image not square", ("exception",), SQUARE, ("net.init-shape",)),
    BookFault("simple_conv_net", "a network's odd size", ("exception",), ODD, ("net.init-shape",)),
)


def book_has_it_too(v: Verdict) -> str:
    """Say that the book's own code has the fault that this check found; '' where it has not."""
    check, code = v.check, v.diagnosis.code if v.diagnosis else ""
    about = {*facts_of(check.case), check.scenario.id}
    for fault in FAULTS:
        same = fault.component == check.case.op.component and fault.where in about and v.reason in fault.reasons
        stop = v.trace.stop if v.trace else None
        same = same and fault.says in (stop.text if stop else "")
        if v.status == "fail" and same and (not fault.codes or code in fault.codes):
            return _(fault.text)
    return ""
