"""Gradients that a backward pass leaves on the arrays themselves, as fast.ai has them: inp.g = out.g @ w.t()."""

import ast
from collections import Counter
from typing import Any

import numpy as np

from ...source import walk
from ..reading import Reading
from ..signatures import tree_of
from ..trial import arrays_inside, likeness

LEFT_ON = "left_on"  # the name under which the boundary asks such a pass, where the target's arrays can hold gradients


def left_code(target: str, layer: Any, reading: Reading) -> str:
    """Return the code that asks a backward pass without arguments what it leaves on arrays; "" if nothing.

    NumPy's arrays hold nothing: there it must be a pass that goes through the boundary to another library's.
    """
    attribute = attribute_left(type(layer))
    if not attribute or not hasattr(getattr(layer, target.split(".")[-1], None), "passes"):
        return ""
    weights = [
        reading.params[n][0] if n in reading.params else place_of(n, layer, reading) for n in reading.family.params
    ]
    return f"{LEFT_ON}({', '.join([target, repr(attribute), 'dout_', 'out_', 'x_', *filter(None, weights)])})"


def attribute_left(kind: type) -> str:
    """Return the attribute that a class both sets on arrays and reads of one; "" if there is none."""
    found = [
        n for n in walk(tree_of(kind) or ast.Module([], [])) if isinstance(n, ast.Attribute) and not is_self(n.value)
    ]
    stored = Counter(n.attr for n in found if isinstance(n.ctx, ast.Store))
    read = {n.attr for n in found if isinstance(n.ctx, ast.Load)}
    return next((name for name, _ in stored.most_common() if name in read), "")


def is_self(node: ast.AST) -> bool:
    """Return whether it is the object itself, not one of its arrays."""
    return isinstance(node, ast.Name) and node.id == "self"


def place_of(name: str, layer: Any, reading: Reading) -> str:
    """Return the code of the array that an object was given as this parameter; "" where it keeps none."""
    if name not in reading.given:
        return ""
    kept = [(where, one) for where, one in arrays_inside(layer, "layer") if isinstance(one, np.ndarray)]
    fits = [where for where, one in kept if reading.given[name].fits(one.shape, reading.family.sizes)]
    return min(fits, key=lambda where: likeness(where, name), default="")
