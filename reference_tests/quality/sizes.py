"""Find the sizes that the strata's cases may have: `python -m reference_tests.quality.sizes` writes the table anew.

With --kept the sizes of the table are only looked through: those at which a planted mistake behaves otherwise go.

A drawn case agrees with the written one in everything that a mistake may hang on: what is single or large, what is
equal, how the windows lie. Else the same file would have other marks under other seeds.
"""

import json
import math
import random
import sys
from bisect import bisect
from collections.abc import Hashable, Iterator
from functools import cache
from itertools import combinations, product
from types import ModuleType
from typing import Any

from ..conformance import corners, strata
from ..conformance.contract import COMPONENTS, layer
from ..conformance.strata import Sizes, written_cases
from ..conformance.types import Case

RESIZED = (
    "input_shape",
    "input_dim",
    "conv_param",
    "hidden_size",
    "groups",
    "filter_h",
    "filter_w",
    "pool_h",
    "pool_w",
)
TOGETHER = (("x 2", "x 3"), ("input_data 2", "input_data 3"))  # as in the written case: an image is square or not
SIDES = (1, 2, 17, 65, 257, 1025)  # between two of them a side may vary
BATCHES = (1, 2, 5, 7, 65, 257)  # and a number of images
PRODUCTS = (65, 257)  # and the numbers of an image
BYTES = (128, 256)  # and, in a finer kind, those of a plane: a place in it has room in a byte or not
FEW = (1, 2)  # and a stride or a padding
STEPS = (-2, -1, 1, 2, 3, 4, 5, 6)
TRIES = 20_000
ENOUGH, FEWEST = 6, 3  # sizes of one stratum, and those of the finer kind that make the others needless


def find_sizes(layer: ModuleType, written: Case) -> list[Sizes]:
    """Find sizes of the same kind that no written case has, all with the same sides equal; [] if there are none.

    If there are some, they are of the finer kind as well.
    """
    best: list[Sizes] = []
    for finer, only in product((True, False), (True, False)) if written.resize else ():
        found = search(layer, written, only, finer)
        best = found if len(found) > len(best) else best
        if len(best) >= (FEWEST if (finer, only) == (True, False) else ENOUGH):
            break
    return best


def search(layer: ModuleType, written: Case, only: bool, finer: bool) -> list[Sizes]:
    """Search sizes. only: just those sides are equal that have to be; else those that are equal in the written case."""
    chance, found = random.Random(written.why), dict[Hashable, Sizes]()
    for _ in range(TRIES):
        try:
            case, sizes = resized(written, chance)
            if is_of_stratum(layer, case, written, only) and not (finer and finer_kind(case) != finer_kind(written)):
                found[strata.sizes_of(case)] = sizes
        except (ValueError, ZeroDivisionError, IndexError):  # there is no such case
            continue
        if len(found) == ENOUGH:
            break
    return list(found.values())


def resized(written: Case, chance: random.Random) -> tuple[Case, Sizes]:
    """Return a written case in other sizes, and these."""
    sizes: list[Sizes] = []

    def change(before: Sizes) -> Sizes:
        sizes.append(change_sizes(before, chance, written.params.get("stride", 1)))
        return sizes[-1]

    return (written.resize(change) if written.resize else written), sizes[-1]


def is_of_stratum(layer: ModuleType, case: Case, written: Case, only: bool) -> bool:
    """Whether a case is of a written case's kind, and in sizes that no written case has. only: as of `search`."""
    return (
        kind_of(case) == kind_of_written(written)
        and is_equal(case, written, linked_sides(layer), only)
        and strata.sizes_of(case) not in strata.sizes_in_table(layer)
    )


KINDS: dict[int, Hashable] = {}  # of the written cases, which are asked for again and again


def kind_of_written(written: Case) -> Hashable:
    """Return the kind of a written case."""
    if id(written) not in KINDS:
        KINDS[id(written)] = kind_of(written)
    return KINDS[id(written)]


def change_sizes(sizes: Sizes, chance: random.Random, stride: int) -> Sizes:
    """Change some of the sizes a little: those that are equal together, or each by itself, or by whole strides."""
    together, share, step = chance.random() < 0.6, chance.random(), chance.choice((1, stride))
    moved: dict[int, int] = {}

    def one(size: Any) -> Any:
        if isinstance(size, tuple):
            return tuple(map(one, size))
        if type(size) is not int or size < 2:
            return size
        if not together or size not in moved:
            by = step if chance.random() < 0.5 else 1
            moved[size] = max(1, size + (by * chance.choice(STEPS) if chance.random() < share else 0))
        return moved[size]

    return tuple(map(one, sizes))


def kind_of(case: Case) -> Hashable:
    """Return the kind of a case: how large its sides are, roughly, its parameters, and how its windows lie."""
    rough = [(bisect(BATCHES if name.endswith(" 0") else SIDES, size)) for name, size in sides_of(case)]
    windows = [(bisect(SIDES, size), size % 2) for size in window_of(case)]
    longer = [(sides[0] > sides[-1]) - (sides[0] < sides[-1]) for sides in (window_of(case), image_of(case)) if sides]
    numbers = [math.prod(shape[1:]) for shape in case.shapes.values()]
    products = [bisect(PRODUCTS, n) for n in numbers] + [n == shape[0] for n in numbers[:1] for shape in matrices(case)]
    return rough, windows, longer, products, parameters_of(case), how_windows_lie(case), corners.facts_of(case)


def finer_kind(case: Case) -> Hashable:
    """Return whether a case has an odd number of windows on each axis, on which more, and what has room in a byte."""
    if not (places := places_of(case)):
        return ()
    planes = [*sorted(strata.images_of(case)), tuple(places)]
    more = (places[0] > places[-1]) - (places[0] < places[-1])
    return more, [n % 2 for n in places], [bisect(BYTES, math.prod(sides)) for sides in planes]


def matrices(case: Case) -> list[tuple[int, ...]]:
    """List the shapes of a case's matrices, of which each row belongs to a number of an image."""
    return [shape for name, shape in case.shapes.items() if len(shape) == 2 and name == "W"]


def is_equal(case: Case, written: Case, linked: frozenset[tuple[str, str]], only: bool) -> bool:
    """Whether just those sides are equal that are to be: what is equal by chance would be a kind of its own.

    linked: sides that are equal in all cases of the layer. In a case about rows alone the written one's are equal.
    """
    as_written = not only or all(len(shape) < 3 for shape in written.shapes.values())
    before = dict(sides_and_places(written))
    for (one, a), (other, b) in combinations(sides_and_places(case), 2):
        if as_written or (one, other) in linked or (one, other) in TOGETHER:
            right = (a == b) == (before[one] == before[other])
        else:
            right = a != b or a == 1
        if not right:
            return False
    return True


@cache
def linked_sides(layer: ModuleType) -> frozenset[tuple[str, str]]:
    """Return the pairs of sides that are equal in all resizable cases of a layer, such as the channels of x and W."""
    cases = [dict(sides_and_places(case)) for case in written_cases(layer).values() if case.resize]
    pairs = {pair for sides in cases for pair in combinations(sides, 2)}
    return frozenset(
        (one, other)
        for one, other in pairs
        if all(sides[one] == sides[other] for sides in cases if one in sides and other in sides)
    )


def sides_of(case: Case) -> list[tuple[str, int]]:
    """List the sides of a case's arrays, each with the array's name and the number of its axis, windows left out."""
    found = []
    for number, (array, shape) in enumerate(case.shapes.items()):
        own = shape[:-2] if number and len(shape) > 3 else shape
        found += [(f"{array} {axis}", size) for axis, size in enumerate(own)]
    return found


def sides_and_places(case: Case) -> list[tuple[str, int]]:
    """List the sides of a case's arrays, and how many windows there are on each axis."""
    return [*sides_of(case), *((f"places {axis}", place) for axis, place in enumerate(places_of(case)))]


def window_of(case: Case) -> tuple[int, ...]:
    """Return the sides of the window; () for a layer without one."""
    try:
        return corners.window(case)
    except (KeyError, IndexError):
        return ()


def image_of(case: Case) -> tuple[int, ...]:
    """Return the height and width of the image; () for a layer of numbers or rows."""
    try:
        return corners.sides(case)
    except (KeyError, IndexError):
        return ()


def parameters_of(case: Case) -> Hashable:
    """Return the parameters, as they are but for those that are sizes; those of a layer without arrays roughly."""
    if not case.shapes:
        return tuple(bisect(FEW if name in ("stride", "pad") else SIDES, size) for name, size in case.params.items())
    kept = {name: value for name, value in case.params.items() if name not in RESIZED}
    conv = case.params.get("conv_param", {})
    kept["filters"] = bisect(SIDES, conv.get("filter_num", 0)), bisect(SIDES, case.params.get("hidden_size", 0))
    if case.shapes.get("W", ())[1:2] == (1,) and "x" in case.shapes:  # filters of one channel
        kept["filters of a channel"] = case.shapes["W"][0] % case.shapes["x"][1]
    if "input_shape" in case.params:  # of the images that a matrix is put back into
        images, channels, *_ = case.params["input_shape"]
        kept["input"] = bisect(BATCHES, images), bisect(SIDES, channels)
    if "levels" in case.params:  # how the windows of a pyramid divide the image
        kept["rest"] = [side % n for side in image_of(case) for n in case.params["levels"]]
    if "groups" in case.params:
        filters, channels, *_ = case.shapes["W"]
        kept["groups"] = filters % case.params["groups"], case.shapes["x"][1] - channels * case.params["groups"]
    return repr(sorted(kept.items()))


def steps_of(case: Case) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield for each axis: the window's steps and what is left over, its size, the stride, and the image's side."""
    if image_of(case) and window_of(case) and "stride" in case.params.get("conv_param", case.params):
        stride, spare = corners.step(case, "stride"), 2 * corners.step(case, "pad")
        for side, window in zip(image_of(case), window_of(case)):
            steps, rest = divmod(side + spare - window, stride)
            yield steps, rest, window, stride, side


def places_of(case: Case) -> list[int]:
    """List the number of windows on each axis."""
    return [steps + 1 for steps, *_ in steps_of(case)]


def how_windows_lie(case: Case) -> list[Hashable]:
    """List for each axis how the windows lie: one or several, over all, apart or overlapping, or as blocks."""
    as_blocks = case.params.get("stride", 1) > 1 and case.params["stride"] in window_of(case)
    return [
        (steps > 0, rest > 0, window > stride, window < stride, window > side, as_blocks and side % window == 0)
        for steps, rest, window, stride, side in steps_of(case)
    ]


def write_table(found: dict[str, dict[str, list[Sizes]]]) -> str:
    """Return the table as JSON, a line for each stratum."""
    parts = []
    for name, rows in found.items():
        lines = [f"  {json.dumps(why)}: {json.dumps(sizes)}" for why, sizes in rows.items()]
        parts.append(f' "{name}": {{\n' + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main(arguments: list[str]) -> int:
    """Find the sizes of these components' strata anew, or of all, and write the table. Return the exit status."""
    from .alike import keep_alike

    kept, found = strata.table(), dict[str, dict[str, list[Sizes]]]()
    named = [name for name in arguments if name != "--kept"]
    for name in COMPONENTS:
        of, found[name] = layer(name), kept[name]
        if name in (named or COMPONENTS):
            if "--kept" not in arguments:
                found[name] = {w.why: find_sizes(of, w) for w in strata.strata_of(of)}
            found[name] = keep_alike(of, {why: list(map(strata.tuplets, rows)) for why, rows in found[name].items()})
            print(name, [len(sizes) for sizes in found[name].values()], flush=True)
    strata.TABLE.write_text(write_table(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
