"""The step by which a layer that updates itself moves a parameter, held against the gradient beside it."""

import ast
import inspect
import linecache
import re
from types import FunctionType
from typing import Any

import numpy as np

from ...source import walk
from ..signatures import methods_of, tree_of

OTHER_WAY = re.compile(  # a line that takes the error as the target less the output: its gradient points down
    r"=\s*\(?\s*(self\.)?(targets?|t|y|ys|labels?|y_?true|y_?train|expected|desired|truth)\s*-\s*(self\.)?"
    r"(out(put)?s?|y_?hat|y_?pred|pred(iction)?s?|probs?|a\d*|o|result)\b(?!.*(\*\* ?2|square|pow|abs))"
)
WELL_KNOWN = {  # calls that turn no sign
    "dot", "matmul", "outer", "einsum", "tensordot", "sum", "mean", "reshape", "transpose", "copy", "flatten", "ravel",
    "zeros", "zeros_like", "array", "asarray", "atleast_2d", "squeeze", "expand_dims", "len", "range", "zip",
    "multiply", "enumerate",
}  # fmt: skip
FEW = 8  # numbers of a step that may all be opposite to the gradient by chance


def descends(step: np.ndarray, gradient: np.ndarray) -> bool:
    """Return whether a parameter has moved against its gradient everywhere. step: what was before, less what is now.

    Plain descent subtracts the gradient itself; Adam and its like take steps of their own length.
    """
    return goes_with(step, gradient)


def ascends(step: np.ndarray, gradient: np.ndarray) -> bool:
    """Return whether a parameter has moved along its gradient everywhere; a few numbers must be a multiple of it too.

    Momentum, a decay of the weights, clipping and means over the batch turn some of the numbers at most, or none.
    """
    if not goes_with(step, -np.asarray(gradient)):
        return False
    return np.size(step) >= FEW or is_multiple(np.ravel(step), np.ravel(gradient))


def turns_error_round(layer: Any) -> bool:
    """Return whether the code around a layer, or a function, takes the error as the target less the output.

    To add what it gives is right then.
    """
    own = [layer] if isinstance(layer, FunctionType) else methods_of(type(layer)).values()
    codes = [getattr(inspect.unwrap(method), "__code__", None) for method in own]
    files = {code.co_filename for code in codes if code}
    return any(OTHER_WAY.search(line) for name in files for line in linecache.getlines(name))


def adds_step(layer: Any, where: str) -> bool:
    """Return whether a layer's code adds its step to a parameter, by a method without a minus sign.

    where: code of the parameter. A call that may turn the sign leaves it open: that is not said.
    """
    own, found = f"self{where.removeprefix('layer')}", []
    for function in (n for n in walk(tree_of(type(layer)) or ast.Module([], [])) if isinstance(n, ast.FunctionDef)):
        nodes = list(walk(function))
        if any(added_to(node) == own for node in nodes):
            found.append(not any(may_turn(node) for node in nodes))
    return found == [True]


def added_to(node: ast.AST) -> str:
    """Return what a statement adds something to: w += step, w = w + step; "" for none."""
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add):
        return ast.unparse(node.target)
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp) and isinstance(node.value.op, ast.Add):
        parts = {ast.unparse(part) for part in (node.value.left, node.value.right)}
        return next((text for text in map(ast.unparse, node.targets) if text in parts), "")
    return ""


def may_turn(node: ast.AST) -> bool:
    """Return whether a piece of code may turn a sign: a minus, or a call of which nothing is known."""
    if isinstance(node, ast.Call):
        return (node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)) not in WELL_KNOWN
    return isinstance(node, ast.Sub | ast.USub)


def goes_with(step: np.ndarray, gradient: np.ndarray) -> bool:
    """Return whether all numbers of both have the same sign, and not all are 0."""
    same = np.shape(step) == np.shape(gradient) and bool(np.any(step))
    return same and bool(np.all(np.sign(step) == np.sign(gradient)))


def is_multiple(step: np.ndarray, gradient: np.ndarray) -> bool:
    """Return whether one is the other times a number."""
    factor = (step @ gradient) / (gradient @ gradient)
    return bool(np.allclose(step, factor * gradient))
