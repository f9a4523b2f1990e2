"""Every small geometry of a sliding window, the least work first."""

import itertools
from collections.abc import Callable, Iterable

Geometry = dict[str, int]


def grid(filters: Iterable[int] = (1,), pads: Iterable[int] = range(3)) -> list[Geometry]:
    """The least work first, then the least padding and stride.

    A size that does not divide is left out, and a window of padding alone, which shows nothing.
    """
    ranges = (range(1, 7), range(1, 7), range(1, 5), range(1, 5), range(1, 4), pads, (1, 2), (1, 2), filters)
    found = []
    for h, w, fh, fw, s, p, n, c, fn in itertools.product(*ranges):
        oh, ow = h + 2 * p - fh, w + 2 * p - fw
        if min(oh, ow) >= 0 and oh % s == ow % s == 0 and p < min(fh, fw):
            g = {"N": n, "C": c, "H": h, "W": w, "FN": fn, "FH": fh, "FW": fw, "stride": s, "pad": p}
            found.append({**g, "OH": oh // s + 1, "OW": ow // s + 1})
    return sorted(found, key=work)


def work(g: Geometry) -> tuple[int, ...]:
    padded = (g["H"] + 2 * g["pad"]) * (g["W"] + 2 * g["pad"])
    return g["N"] * g["C"] * g["FN"] * padded, g["pad"], g["stride"], *g.values()


def fitting(pick: Callable[[int, int], int], filters: bool = False) -> Geometry:
    """One geometry, picked: the windows fit, sizes divide, no window is of padding alone."""
    fh, fw, stride = pick(1, 5), pick(1, 5), pick(1, 4)
    pad = pick(0, min(fh, fw, 4) - 1)
    g = {"N": pick(1, 6), "C": pick(1, 4), "FN": pick(1, 5) if filters else 1}
    for side, f in (("H", fh), ("W", fw)):
        fewest = max(0, -((f - 2 * pad - 1) // stride))
        steps = fewest + pick(0, 4)
        g |= {side: f - 2 * pad + stride * steps, f"O{side}": steps + 1}
    return {**g, "FH": fh, "FW": fw, "stride": stride, "pad": pad}
