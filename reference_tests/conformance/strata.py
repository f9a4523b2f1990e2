"""Strata: the kinds of cases that are drawn whatever the seed is, so that no mark hangs on it.

A layer's STRATA names written cases, each of which stands for its kind: padded or not, one channel or several, square
or not ... A case drawn in a stratum has other sizes and numbers, and agrees with the written one in everything that a
mistake may hang on (quality.sizes): what is single, what is equal, what the stride divides.
"""

import json
import random
import re
from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from . import corners
from .scenarios import PLAIN, parts_of
from .types import Case, Check, Scenario, Shape

SIZED = ("filters", "hidden", "input_dim")  # keywords of a network that are sizes
SLACK = 4.0  # what a drawn case allows of the rounding error: how exact a layer is, the written case of the kind tells
TABLE = Path(__file__).with_name("components") / "strata.json"
Sizes = tuple[Any, ...]  # whole numbers, and tuples of them


def resizable(make: Callable[..., Case]) -> Callable[..., Case]:
    """Let the cases that `make` makes know how to be made in other sizes: make(why, *sizes, **more)."""

    def made(why: str, *sizes: Any, **more: Any) -> Case:
        names = [name for name in SIZED if name in more]

        def resize(change: Callable[[Sizes], Sizes]) -> Case:
            changed = change((*sizes, *(more[name] for name in names)))
            return make(why, *changed[: len(sizes)], **more | dict(zip(names, changed[len(sizes) :])))

        return replace(make(why, *sizes, **more), resize=resize)

    return made


def written_cases(layer: ModuleType) -> dict[str, Case]:
    """Return the written cases of a layer by what they require; a network has them in its scenarios."""
    cases = [*layer.CASES, *(case for case, _ in getattr(layer, "SCENARIOS", ()))]
    return {case.why: case for case in reversed(cases)}


def strata_of(layer: ModuleType) -> list[Case]:
    """Return the written cases that stand for the layer's strata."""
    written = written_cases(layer)
    return [written[why] for why in layer.STRATA]


def uses_of(layer: ModuleType, written: Case) -> list[Scenario]:
    """Return how a stratum's case is used: plainly, as a network is, or as the layer's own scenarios use it."""
    if hasattr(layer, "GENERATED"):
        return [layer.GENERATED]
    own = [how for case, how in getattr(layer, "SCENARIOS", ()) if case.why == written.why and how.level != "advice"]
    return [PLAIN] if any(case.why == written.why for case in layer.CASES) else own


def drawn_checks(layer: ModuleType, seed: int, number: int = 1) -> Iterator[list[Check]]:
    """Yield the checks of each stratum's case of this seed."""
    for written in strata_of(layer):
        yield checks_of(layer, written, draw_case(layer, written, seed, number))


def checks_of(layer: ModuleType, written: Case, case: Case) -> list[Check]:
    """Return the checks of a case that is drawn in a stratum, or those of the written one in the same scenarios."""
    uses, parts, slack = uses_of(layer, written), parts_of(case.op), SLACK if case is not written else 1.0
    asked = [(how, part) for how in uses for part in [p for p in parts if p in how.parts] or how.parts]
    return [Check(case, how, part, slack=slack) for how, part in asked]


def draw_case(layer: ModuleType, written: Case, seed: int, number: int = 1) -> Case:
    """Draw the stratum's case of this seed; number: which one, where several are drawn.

    It is no case that anybody can read: neither its sizes, as far as its kind allows others, nor its numbers.
    """
    return draw_numbers(written, choose_sizes(layer, seed, number)[written.why], seed, number)


@cache
def choose_sizes(layer: ModuleType, seed: int, number: int = 1) -> dict[str, Any]:
    """Choose the sizes of each stratum's case: what it requires -> sizes; None: the written ones.

    No two cases of a layer have images of one size if their strata have others, nor else of one shape: what a layer
    keeps by that, and takes up again where it must not, would show under some seeds only. The stratum with the fewest
    left chooses next.
    """
    chosen: dict[str, Any] = {}
    seen: set[Shape] = set()
    left: dict[str, list[tuple[Any, Case]]] = {}
    for written in strata_of(layer):
        why = written.why
        left[why] = [(row, draw_numbers(written, row, seed)) for row in sizes_in(written)]
        random.Random(f"{seed} {number} {layer.OP.component} {why}").shuffle(left[why])
    while left:
        free = {why: {frozenset(images_of(case)) for _, case in found} for why, found in left.items()}
        why = min(left, key=lambda w: sum(not images & seen for images in free[w]))
        chosen[why], case = min(
            left.pop(why), key=lambda one: (bool(images_of(one[1]) & seen), shape_of(one[1]) in seen)
        )
        seen |= {*images_of(case), shape_of(case)}
    return chosen


def shape_of(case: Case) -> Shape:
    """Return the whole shape of a case's image; () for a case without an image."""
    return corners.image(case) if images_of(case) else ()


def sizes_in(written: Case) -> list[Any]:
    """Return the sizes that a stratum's case may have; [None], its own alone, if there are no others."""
    found = table().get(written.op.component, {}).get(written.why) if written.resize else None
    return found or [None]


def images_of(case: Case) -> set[Shape]:
    """Return the sizes of a case's image, without and with its padding; none of a case without an image."""
    try:
        height, width = corners.sides(case)
    except (KeyError, IndexError, ValueError):
        return set()
    padding = 2 * case.params.get("conv_param", case.params).get("pad", 0)
    return {(height, width), (height + padding, width + padding)}


def draw_numbers(written: Case, sizes: Any, seed: int, number: int = 1) -> Case:
    """Return a written case in other sizes (None: its own), whose numbers are drawn from a seed."""
    found = written.resize(lambda _: tuplets(sizes)) if sizes and written.resize else written
    why = f"drawn {number} like {written.why}" if number > 1 else f"drawn like {written.why}"
    found = replace(found, level=written.level, refuse=written.refuse, resize=None, spread=True)
    return replace(found, why=why, number=None, seed=seed)


@cache
def table() -> dict[str, dict[str, list[Any]]]:
    """Read the sizes of each stratum: component -> what the written case requires -> sizes that it may have."""
    content: dict[str, dict[str, list[Any]]] = json.loads(TABLE.read_text(encoding="utf-8"))
    return content


def tuplets(sizes: Any) -> Any:
    """Turn lists into tuples, all the way down."""
    return tuple(map(tuplets, sizes)) if isinstance(sizes, list) else sizes


def large_checks(layer: ModuleType, seed: int, budget: float) -> list[Check]:
    """Return the checks of the layer's large case, one for each part: none for a layer without such a case.

    A layer that is right for small inputs alone fails there; and backward has to be computed, not tried number by
    number. budget: seconds of processor time, many times what loops in plain Python take, and a part of what finite
    differences do.
    """
    if not hasattr(layer, "LARGE"):
        return []
    case, use = large_case(layer, seed), getattr(layer, "LARGE_USE", PLAIN)
    return [Check(case, use, part, budget, SLACK) for part in parts_of(layer.OP)]


def large_case(layer: ModuleType, seed: int) -> Case:
    """Return the layer's large case with the numbers of a seed."""
    return replace(layer.LARGE, seed=seed, spread=True, resize=None)


def written_id(id: str) -> str:
    """Return the id of the written case or check whose kind that of this id is, which is drawn or has other numbers."""
    return re.sub(r"/(?:drawn-(?:\d+-)?like-)?([^@/]+)@\d+", r"/\1", id)


def rebuild_case(layer: ModuleType, case_id: str) -> Case | None:
    """Draw the case of an id such as convolution/drawn-like-one-image@7 again; None for an id of another kind."""
    large = getattr(layer, "LARGE", None)
    if large and (again := re.fullmatch(re.escape(large.id) + r"@(\d+)", case_id)):
        return large_case(layer, int(again[1]))
    match = re.fullmatch(r"\w+/drawn-(?:(\d+)-)?like-(.+)@(\d+)", case_id)
    names = {case.id.partition("/")[2]: case for case in strata_of(layer)} if hasattr(layer, "STRATA") else {}
    if not match or match[2] not in names:
        return None
    return draw_case(layer, names[match[2]], int(match[3]), int(match[1] or 1))


@cache
def sizes_in_table(layer: ModuleType) -> frozenset[Hashable]:
    """Return the sizes of all written cases of a layer."""
    refused = getattr(layer, "REFUSED", ())
    return frozenset(sizes_of(case) for case in (*written_cases(layer).values(), *refused))


def sizes_of(case: Case) -> Hashable:
    """Return the shapes and parameters of a case."""
    return tuple(case.shapes.items()), repr(sorted(case.params.items()))
