"""What conv_output_size is asked one after another in one process: sizes that what is kept of them may mix up."""

import random
from collections.abc import Iterator
from functools import cache
from itertools import product

Arguments = tuple[int, int, int, int]  # input_size, filter_size, stride, pad
STRIDES = (*range(1, 17), 32)
PADS = range(9)
INPUTS = (*range(1, 21), 24, 28, 31, 32, 48, 63, 64, 65, 96, 127, 128, 129, 224, 255, 256, 257, 512, 1000, 4097)
SCATTERED = 150  # of all kinds
ROOM = (4, 7, 8, 10, 16, 17, 31, 32, 64, 100, 128, 256, 1000, 1024)  # what a number for four may leave to one of them
MOST = {"filter": 100, "stride": 64, "pad": 17}  # of these rooms
INVERSE = (41, 47, 49, 55, 61)  # strides whose inverse, as a float, is too small: times the stride it is less than 1
WRITTEN_ALIKE = (  # pairs of the same digits, one behind the other
    *((11, 1, 1, 5), (1, 11, 1, 5), (25, 1, 12, 0), (25, 11, 2, 0), (25, 3, 11, 0), (25, 3, 1, 10)),
)


@cache
def many_sizes() -> tuple[Arguments, ...]:
    """List the arguments in an order of no system: all steps and padding of some axes, and more of all kinds."""
    rng = random.Random(5)
    dense = [a for a in product((28, 60), (4, 9, 36), STRIDES, PADS) if divides(*a)]
    inverse = [(stride + 5, 5, stride, 0) for stride in INVERSE]
    asked = [*dense, *scattered(rng), *kept_alike(), *WRITTEN_ALIKE, *inverse]
    rng.shuffle(asked)
    return tuple(dict.fromkeys(asked))


def divides(n: int, f: int, stride: int, pad: int) -> bool:
    """Whether the window fits and its steps reach the end."""
    return n + 2 * pad >= f and (n + 2 * pad - f) % stride == 0


def scattered(rng: random.Random) -> list[Arguments]:
    """Draw arguments of all kinds."""
    found: list[Arguments] = []
    while len(found) < SCATTERED:
        one = rng.choice(INPUTS), rng.randint(1, 40), rng.choice(STRIDES), rng.choice(PADS)
        found += [one] if divides(*one) else []
    return found


def kept_alike() -> Iterator[Arguments]:
    """Yield what one number stands for where it leaves too little room to an argument: it is lost, or carried."""
    for m in ROOM:
        yield from ((20, 5, 1, 1), (20 + m, 5, 1, 1))
        if m <= MOST["filter"]:
            yield from ((21 + m, 5, 1, 0), (20 + m, 5 + m, 1, 0), (20 + m, 5, 1, 0))
        if m <= MOST["stride"]:
            yield from ((2 * m + 7, 6, 1, 0), (2 * m + 7, 5, 1 + m, 0), (2 * m + 7, 5, 1, 0))
        if m <= MOST["pad"]:
            yield from ((28, 8, 2, 0), (28, 8, 1, m), (28, 8, 1, 0))
