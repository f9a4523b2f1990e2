"""What makes a case a corner case: a drawn case is asked no more strictly than the written case of its kind.

Nothing is said twice: which facts of its sizes make a case mild is read from the layer's own table. A padded pooling is
a corner case, because the written case about nothing but padding is; a padded convolution is not.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from types import ModuleType

from .types import LEVELS, REFUSALS, Case, Shape

Fact = Callable[[Case], bool]  # KeyError or IndexError: the layer has no such size


def image(case: Case) -> Shape:
    """Return the shape of what goes in. KeyError for a layer of numbers."""
    if "input_shape" in case.params:
        shape: Shape = case.params["input_shape"]
        return shape
    return case.shapes[case.op.args[0]]


def window(case: Case) -> Shape:
    """Return the height and width of the window. KeyError for a layer without one."""
    p = case.params
    if "W" in case.shapes and len(case.shapes["W"]) > 3:
        return case.shapes["W"][-2:]
    if "conv_param" in p:
        return (p["conv_param"]["filter_size"],) * 2
    if "filter_size" in p:
        return (p["filter_size"],)
    kind = "pool" if "pool_h" in p else "filter"
    return p[f"{kind}_h"], p[f"{kind}_w"]


def sides(case: Case) -> Shape:
    """Return the height and width that the window moves over. KeyError for a layer without a window."""
    return (case.params["input_size"],) if "input_size" in case.params else image(case)[2:]


def step(case: Case, name: str) -> int:
    """Return the stride or the padding. KeyError for a layer without it."""
    found: int = case.params.get("conv_param", case.params)[name]
    return found


def is_fractional(case: Case) -> bool:
    """Whether the stride does not divide the way of the window."""
    spare = 2 * step(case, "pad")
    return any((side + spare - f) % step(case, "stride") for side, f in zip(sides(case), window(case)))


def is_odd(case: Case) -> bool:
    """Whether a network's pooling of two by two meets an odd size."""
    conv, size = case.params["conv_param"], image(case)[2:]
    return any(((s + 2 * conv["pad"] - conv["filter_size"]) // conv["stride"] + 1) % 2 for s in size)


FACTS: dict[str, Fact] = {
    "no image": lambda case: image(case)[0] == 0,
    "one image": lambda case: image(case)[0] == 1,
    "one image at inference": lambda case: image(case)[0] == 1 and not case.params["train_flg"],
    "one channel": lambda case: image(case)[1] == 1 and "conv_param" not in case.params,
    "padding": lambda case: step(case, "pad") > 0,
    "padding as wide as the window": lambda case: step(case, "pad") >= min(window(case)),
    "a remainder": is_fractional,
    "a window larger than the padded image": lambda case: any(
        f > side + 2 * step(case, "pad") for side, f in zip(sides(case), window(case))
    ),
    "everything dropped": lambda case: bool(case.params["dropout_ratio"] == 1),
    "a network's image not square": lambda case: "conv_param" in case.params and len({*image(case)[2:]}) > 1,
    "a network's odd size": is_odd,
    "a last batch that is not full": lambda case: (
        "conv_param" in case.params and image(case)[0] > 100 and image(case)[0] % 100 > 0
    ),
}


def facts_of(case: Case) -> frozenset[str]:
    """Return the facts that hold of a case's sizes."""
    return frozenset(name for name, fact in FACTS.items() if holds(fact, case))


def holds(fact: Fact, case: Case) -> bool:
    """Whether a fact holds; a layer that has no such size has no such fact."""
    try:
        return fact(case)
    except (KeyError, IndexError):
        return False


def cases_of_sizes(layer: ModuleType) -> list[Case]:
    """List the written cases that are about their sizes. One with numbers of its own is about those."""
    written = [*layer.CASES, *(case for case, how in getattr(layer, "SCENARIOS", ()) if how.level == "core")]
    draws = [identify_draw(case) for case in written]
    usual = Counter(draws).most_common(1)
    return [case for case, draw in zip(written, draws) if draw == usual[0][0]]


def identify_draw(case: Case) -> tuple[object, ...]:
    """Return what is equal for two cases whose numbers are drawn alike, by functions that were made twice too."""
    code, cells = getattr(case.draw, "__code__", case.draw), getattr(case.draw, "__closure__", None) or ()
    return code, *(repr(cell.cell_contents) for cell in cells)


@cache
def kinds(layer: ModuleType) -> dict[str, tuple[str, str]]:
    """Map each fact that a written case is about, alone, to the mildest (level, refuse) of those cases."""
    found: dict[str, tuple[str, str]] = {}
    for case in cases_of_sizes(layer):
        facts = facts_of(case)
        if len(facts) == 1:
            (fact,) = facts
            found[fact] = milder((case.level, case.refuse if case.level != "core" else "no"), found.get(fact))
    return found


def milder(one: tuple[str, str], other: tuple[str, str] | None) -> tuple[str, str]:
    """Return the milder level and the milder rule of refusal of the two."""
    if other is None:
        return one
    return max(one[0], other[0], key=LEVELS.index), max(one[1], other[1], key=REFUSALS.index)


def as_written(layer: ModuleType, case: Case) -> Case:
    """Give a drawn case the level and the rule of refusal that the written cases of its kind have."""
    own = case.level, case.refuse
    for fact in facts_of(case):
        own = milder(own, kinds(layer).get(fact))
    return replace(case, level=own[0], refuse=own[1])
