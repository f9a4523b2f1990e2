"""What the tests of the special readers share: a target is loaded, and one of its layers is compared with ours."""

from pathlib import Path
from typing import Any

import numpy as np

import impl.layers
from reference_tests.subject.load import Subject, load


def read(folder: Path, text: str) -> Subject:
    """Load a target written as text."""
    path = folder / "target.py"
    path.write_text("import numpy as np\n" + text, encoding="utf-8")
    return load(str(path))


def numbers(*shape: int, seed: int = 1) -> np.ndarray:
    """Draw numbers of this shape."""
    return np.random.default_rng(seed).standard_normal(shape)


def run(layer: Any, x: np.ndarray, backward: bool) -> dict[str, np.ndarray]:
    """Return the output, and the gradients for a random upstream one."""
    found = {"out": layer.forward(x)}
    if backward:
        found["dx"] = layer.backward(numbers(*found["out"].shape, seed=2))
        found |= {k: getattr(layer, k) for k in ("dW", "db", "dgamma", "dbeta") if hasattr(layer, k)}
    return found


def differing(subject: Subject, name: str, *made_with: Any, x: np.ndarray, backward: bool = True) -> set[str]:
    """Return the names of the results in which the target's layer differs from ours."""
    theirs = run(subject.names[name](*made_with), x, backward)
    ours = run(getattr(impl.layers, name)(*made_with), x, backward)
    given = {k: theirs.get(k, np.empty(0)) for k in ours}
    return {k for k in ours if np.shape(ours[k]) != np.shape(given[k]) or not np.allclose(ours[k], given[k])}
