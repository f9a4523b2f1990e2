"""Checks that fit the interface: what a layer in another interface than the contract's can be asked.

A case that the interface cannot express does not exist for it; drawn cases inside its reach take their place, so that
each mistake that can be made there is still seen.
"""

from collections.abc import Callable, Mapping

from ..i18n import N_, _
from ..subject.protocol import Fault, Interface, Subject
from ..subject.source import LoadError
from .types import Case

Reach = Mapping[str, list[int | str]]
LIMITS = {  # what a limit leaves out; {}: the values that there are
    "square": N_("windows that are not square"),
    "W": N_("images that are not square"),
    "FH": N_("windows of other than {} rows"),
    "FW": N_("windows of other than {} columns"),
    "stride": N_("strides other than {}"),
    "pad": N_("padding other than {}"),
    "rest": N_("images of which rows or columns are left over"),
    "dilation": N_("dilation other than {}"),
    "C": N_("several channels"),
    "FN": N_("several filters"),
    "axes": N_("arrays of other than {} axes"),
    "N": N_("several images"),
    "train_flg": N_("inference"),
    "same": N_('a padding other than none and "same"'),
}


def interface_of(subject: Subject, name: str) -> Interface | None:
    """Return how the subject offers a layer in another interface than the contract's; None in the contract's own."""
    found: Interface | None = getattr(subject, "interfaces", {}).get(name)
    return found


def apart(subject: Subject | None) -> Subject | None:
    """Return the subject as one of which every program is the first that it runs; None where that cannot be had."""
    make: Callable[[], Subject] | None = getattr(subject, "apart", None)
    try:
        return make() if make else None
    except (LoadError, Fault, AttributeError):  # one with right components in place of its own, in this process
        return None


def is_cheap(alone: Subject) -> bool:
    """Whether a subject that is asked apart takes no new process of Python's for every program."""
    return not getattr(alone, "forgets", False)


def is_unread(subject: Subject, name: str, part: str = "") -> bool:
    """Return whether the subject has something like the layer, or this part of it, that could not be read."""
    return any(one.name == name and one.part in ("", part) for one in getattr(subject, "unread", ()))


def geometry(case: Case) -> dict[str, int]:
    """Return the sizes of a case under the names that a reach uses."""
    found: dict[str, int] = {}
    first = next(iter(case.shapes.values()), ())
    if len(first) == 4:
        found |= dict(zip(("N", "C", "H", "W"), first))
    found["axes"] = len(first)
    if len(case.shapes.get("W", ())) >= 4:
        found |= dict(zip(("FN", "WC", "FH", "FW"), case.shapes["W"][-4:]))
    if isinstance(conv := case.params.get("conv_param"), dict):  # of a network
        found |= {"FH": conv["filter_size"], "FW": conv["filter_size"], "pad": conv["pad"], "stride": conv["stride"]}
    for name, value in case.params.items():
        short = {"pool_h": "FH", "pool_w": "FW", "filter_h": "FH", "filter_w": "FW"}.get(name, name)
        if isinstance(value, int):
            found[short] = value
    return found | left_over(found)


def left_over(sizes: Mapping[str, int]) -> dict[str, int]:
    """Return how many rows or columns no window reaches at most, where a case has windows."""
    if not {"H", "W", "FH", "FW", "stride"} <= sizes.keys():
        return {}
    step, more = sizes["stride"], 2 * sizes.get("pad", 0)
    lengths = [sizes[image] + more - sizes[window] for image, window in (("H", "FH"), ("W", "FW"))]
    return {"rest": max(length % step for length in lengths)}


def left_out(case: Case, reach: Reach) -> str:
    """Return which limit of the interface the case is beyond, "" if it is within all."""
    sizes = geometry(case)
    for name, values in reach.items():
        if name in sizes and sizes[name] not in [allowed(value, sizes) for value in values]:
            return name
    return ""


def allowed(value: int | str, sizes: Mapping[str, int]) -> int | None:
    """Return the number that a value of a reach stands for: itself, another size, the padding that keeps the size."""
    if value == "same":
        odd = sizes.get("FH", 0) % 2 == 1 and sizes.get("stride", 1) == 1
        return (sizes["FH"] - 1) // 2 if odd and sizes.get("FW") == sizes.get("FH") else None
    return sizes.get(value) if isinstance(value, str) else value


def say_limit(name: str, values: list[int | str]) -> str:
    """Say what a limit leaves out."""
    key = "square" if values in (["FH"], ["FW"]) and name in ("FH", "FW") else "same" if "same" in values else name
    if key not in LIMITS:  # a name that a target has made up
        return name
    said = [_("the window's") if value in ("FH", "FW") else str(value) for value in values]
    return _(LIMITS[key]).format(" {} ".format(_("or")).join(said))
