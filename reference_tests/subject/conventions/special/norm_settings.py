"""What trials tell of batch normalization's settings: eps, momentum, the kind of the running variance.

A setting holds where batches of different size and scale tell the same; a mistake in the formula tells something else
in each. Where they contradict one another the code's own number stands, and else the contract's.
"""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ...source import walk
from ..signatures import arguments_of, tree_of
from ..trial import Env, Refused, evaluate
from ..vocabulary import normalize, roles_of
from .norm_gradients import adapter_class
from .norm_reading import NormReading

CHANNELS = 3
ROWS, IMAGES, LAST = "N C", "N C H W", "N H W C"
OWN = {"eps": ("eps", "epsilon"), "momentum": ("momentum", "alpha", "rho", "decay")}  # attributes of the object
EPS = "eps epsilon tiny small"
SMALL = tuple(  # batches of mean 0, of which eps is the larger part at first
    scale * np.array(rows)[:, None] * np.ones(CHANNELS)
    for scale, rows in ((1e-4, (1.0, -1.0)), (1e-3, (2.0, -1.0, 0.0, -1.0, 0.0)), (3e-2, (1.0, 1.0, -2.0)))
)
FAR = tuple(  # batches of which no mean is a variance, and no variance its root
    start + spread * np.array(rows)[:, None] * np.ones(CHANNELS)
    for start, spread, rows in ((10.0, 1.5, (-1.0, 1.0)), (-7.0, 3.0, (0.0, 0.0, 2.0, -1.0, -1.0)))
)
FIRST = 4.0  # a running mean before the batch


def arrange(rows: np.ndarray, layout: str) -> np.ndarray:
    """Return rows (N, C) as rows, or as images of 2 x 1 with every row twice."""
    if layout == ROWS:
        return rows.copy()
    images = np.repeat(rows[:, :, None, None], 2, axis=2)
    return images if layout == IMAGES else images.transpose(0, 2, 3, 1)


def measure(reading: NormReading, things: Mapping[str, Any], name: str, made: Any) -> None:
    """Measure what the names leave open: eps, momentum, the running variance. made: the target's object, if any."""
    tree = tree_of(things[name])
    for setting, words in OWN.items():
        code = f"{reading.make} {reading.forward} {reading.config}"
        if f"{setting}_" not in code:
            inside = next((w for w in words if isinstance(getattr(made, w, None), float)), "")
            setattr(reading, f"own_{setting}", f"layer.{inside}" if inside else "")
            if not inside:
                setattr(reading, f"fixed_{setting}", 0.0)
    if reading.own_momentum and reading.usual is None:
        reading.usual = telling(getattr(made, reading.own_momentum.removeprefix("layer.")))
    if reading.fixed_eps is not None:
        reading.fixed_eps = agreed([*eps_of_trials(reading, things)], eps_of_text(tree, things))
    if {"running_mean", "running_var"} <= set(reading.places):
        find_share(reading, things, share_of_text(tree))


def usual_momentum(thing: Any) -> float | None:
    """Return momentum's default: 0.9 of a share of the old, 0.1 of a share of the new; None if it tells nothing."""
    found = [a.default for a in arguments_of(thing) or [] if {"momentum", "lr"} & {*a.roles}]
    return next((d for d in map(telling, found) if d), None)


def telling(momentum: Any) -> float | None:
    """Return a momentum by which one can tell of what it is the share; None for what tells nothing."""
    return momentum if isinstance(momentum, float) and 0 < momentum < 1 and momentum != 0.5 else None


def trained(reading: NormReading, things: Mapping[str, Any], rows: np.ndarray, start: float = 0.0) -> Any:
    """Return the adapter after training on these rows with momentum 0.9, and its output.

    start: of the running mean; the running variance is 0 before. Raises Refused.
    """
    x = arrange(rows, ROWS if reading.rows else IMAGES)
    env: Env = {"kind": adapter_class(reading, things), "x": x, "np": np, "start": np.full(CHANNELS, start)}
    layer = env["layer"] = evaluate("kind(np.ones(3), np.zeros(3), 0.9, 1e-5, start, np.zeros(3))", env)
    return layer, evaluate("layer.forward(x, True)", env)


def agreed(found: list[float], said: float) -> float:
    """Return what all trials tell; where they differ, what the code says, 0 if it says nothing."""
    same = found and np.allclose(found, found[0], rtol=1e-3, atol=1e-14)
    return float(f"{found[0]:.2g}") if same and found[0] > 1e-14 else 0.0 if same else said


def eps_of_trials(reading: NormReading, things: Mapping[str, Any]) -> Iterator[float]:
    """Yield the eps that each of the small batches tells: x / out is the root of the variance and eps."""
    for rows in SMALL:
        try:
            _, out = trained(reading, things, rows)
            place = np.unravel_index(np.argmax(np.abs(arrange(rows, ROWS if reading.rows else IMAGES))), out.shape)
            share = float(out[place]) / float(rows.flat[np.argmax(np.abs(rows))])
        except (Refused, TypeError, ValueError, IndexError, AttributeError):
            continue
        yield 1 / share**2 - float(rows.var(0)[0]) if share else float("nan")


def eps_of_text(tree: ast.AST | None, things: Mapping[str, Any]) -> float:
    """Return the only small number that code adds, or calls eps; 0 if there is none, or more than one."""
    found = set()
    for node in walk(tree) if tree else ():
        parts = [node.left, node.right] if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) else []
        if isinstance(node, ast.Assign) and called_so(node.targets[0], EPS):
            parts = [node.value]
        for part in parts:
            value = part.value if isinstance(part, ast.Constant) else None
            if isinstance(part, ast.Name) and called_so(part, EPS):
                value = things.get(part.id)
            if isinstance(value, float) and 0 < value <= 1e-2:
                found.add(value)
    return found.pop() if len(found) == 1 else 0.0


def called_so(node: ast.AST, words: str) -> bool:
    """Return whether a variable or an attribute bears one of the names."""
    return isinstance(node, ast.Name | ast.Attribute) and normalize(ast.unparse(node).split(".")[-1]) in words.split()


def share_of_text(tree: ast.AST | None) -> float:
    """Return the smaller of the two shares that code multiplies by, or of the number that it calls momentum.

    0 if there is none, or more than one.
    """
    found = set()
    for node in walk(tree) if tree else ():
        parts = [node.left, node.right] if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) else []
        if isinstance(node, ast.Assign) and "momentum" in roles_of(ast.unparse(node.targets[0]).split(".")[-1]):
            parts = [node.value]
        numbers = [part.value for part in parts if isinstance(part, ast.Constant)]
        found |= {round(min(n, 1 - n), 9) for n in numbers if isinstance(n, float) and 0 < n < 1 and n != 0.5}
    return found.pop() if len(found) == 1 else 0.0


def find_share(reading: NormReading, things: Mapping[str, Any], said: float) -> None:
    """Find out whether momentum is the share of the old, and whether the running variance is the biased one.

    said: the share that the code's own text has. No author's own share of the new is more than half: that is turned.
    """
    share, biased = share_of_trials(reading, things), is_biased(reading, things)
    if reading.fixed_momentum is not None:
        told = said if share is None else share
        reading.fixed_momentum = round(min(told, 1 - told), 6)
    elif (reading.usual > 0.5) if reading.usual is not None else abs((share or 0) - 0.1) < 0.05:
        reading.old_share = True
    reading.biased = biased  # asked before: an adapter of a fixed momentum takes no other


def share_of_trials(reading: NormReading, things: Mapping[str, Any]) -> float | None:
    """Return the share of the batch in the running mean, where all batches tell the same and the old has the rest."""
    found, kept = [], []
    for rows in FAR:
        mean = float(rows.mean())
        try:
            moved, from_first = (
                float(np.mean(trained(reading, things, rows, s)[0].running_mean)) for s in (0.0, FIRST)
            )
        except (Refused, TypeError, ValueError, AttributeError):
            return None
        found.append(moved / mean)
        kept.append((from_first - moved) / FIRST)
    same = np.allclose(found, found[0], rtol=1e-4) and np.allclose(np.add(found, kept), 1, rtol=1e-4)
    return found[0] if same else None


def is_biased(reading: NormReading, things: Mapping[str, Any]) -> bool:
    """Return whether the running variance moves by the same share of the biased variance of every batch."""
    shares = []
    for rows in FAR:
        try:
            moved = float(np.mean(trained(reading, things, rows)[0].running_var))
        except (Refused, TypeError, ValueError, AttributeError):
            return False
        shares.append(moved / float(rows.var(0)[0]))
    return bool(shares[0]) and bool(np.allclose(shares, shares[0], rtol=1e-3))
