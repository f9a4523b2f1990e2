"""Functions that give the slope of an activation alone: of its input, or of its output.

sigmoid_derivative(x) that gives x * (1 - x) is right where it is given the output, and wrong where it is given the
input. Its argument's name tells, or what the code passes; else it is not judged.
"""

import ast
import inspect
import linecache
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ...source import walk
from ..gradients import run_forward
from ..reading import Reading
from ..signatures import Argument, arguments_of, is_name, methods_of, tree_of
from ..trial import Refused, evaluate
from ..vocabulary import FORWARD, method_word, normalize

OUTPUTS = ("y", "out", "output", "outputs", "a", "activation", "result")
FLAGS = ("deriv", "derivative", "derivate", "derive", "der", "prime", "grad", "gradient", "slope", "isderivative")
SLOPES = ("prime", "deriv", "grad", "slope")
OF_OUTPUT = r"(a|y|s|h|l|p|o|t)[\d_]*|.*(out|output|pred|hidden|layer|activ|result|sigmoid|tanh).*"
OF_INPUT = r"(x|z|u|net|zs)[\d_]*|.*(input|preact|weighted|logit|linear|zsum).*"
RIGHT = {"Sigmoid": lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2, "Tanh": lambda x: 1 - np.tanh(x) ** 2}
EITHER = "it may be meant of the input or of the output"
NOTE = "the derivative is given the output"


def is_output(name: str) -> bool:
    """Return whether an argument of a backward pass is what the forward pass gave, by its name."""
    return normalize(name) in OUTPUTS


def is_slope(name: str, arguments: list[Argument]) -> bool:
    """Return whether a function gives the slope alone, to be multiplied: sigmoid_derivative(x)."""
    required = [a for a in arguments if a.required]
    last = normalize(name.rpartition(".")[2])
    return len(required) == 1 and "dout" not in required[0].roles and any(word in last for word in SLOPES)


def uses_what_is_kept(layer: Any, method: Any, arguments: list[Argument]) -> bool:
    """Return whether a method uses its argument and what forward has kept: it is given a gradient then, and no input.

    A slope needs nothing kept: gradient(self, eta) that sets eta to 0 where self.x < 0 is a backward pass.
    """
    given = next(a for a in arguments if a.required)
    if "x" in given.roles or is_output(given.name):
        return False
    forward = [m for n, m in methods_of(type(layer)).items() if method_word(n) in FORWARD]
    kept = {n.attr for m in forward for n in attributes(m) if isinstance(n.ctx, ast.Store)}
    read = {n.attr for n in attributes(method) if isinstance(n.ctx, ast.Load)}
    return bool(kept & read) and any(is_name(n, given.name) for n in walk(tree_of(method) or ast.Module([], [])))


def attributes(method: Any) -> Iterator[ast.Attribute]:
    """Yield the attributes of self that a method's code writes or reads."""
    for node in walk(tree_of(method) or ast.Module([], [])):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
            yield node


def slope_call(target: str, arguments: list[Argument]) -> str:
    """Return the code of a gradient by a function of the slope."""
    given = next((a.name for a in arguments if a.required), "")
    return f"dout_ * {target}({'out_' if is_output(given) else 'x_'})"


def flagged_slopes(name: str, function: Any) -> list[str]:
    """List the code of a gradient by a function that gives its slope where a flag says so: relu(x, derivative=True)."""
    flags = [a.name for a in arguments_of(function) or [] if a.default is False and normalize(a.name) in FLAGS]
    return [f"dout_ * {name}(x_, {flag}=True)" for flag in flags[:1]]


def settle_slope(things: Mapping[str, Any], reading: Reading) -> None:
    """Settle what a slope's function is given where its argument's name leaves it open, and both may be meant."""
    found = re.fullmatch(r"dout_ \* ([\w.]+)\(x_(?:, (\w+)=True)?\)", reading.backward)
    if not found or found[1] not in things or reading.family.name not in RIGHT or not may_be_of_output(things, reading):
        return
    given = {kind for name in passed_to(found[1], things[found[1]], found[2]) for kind in kinds_of(name)}
    if given == {"output"}:
        reading.backward = reading.backward.replace("x_", "out_")
        reading.notes.append(NOTE)
    elif given != {"input"}:
        reading.backward, reading.grads = "", {}


def may_be_of_output(things: Mapping[str, Any], reading: Reading) -> bool:
    """Return whether the slope is right of the output, and not of the input."""
    try:
        env = run_forward(things, reading, reading.family.sizes, reading.family.values)
        of_input, of_output = (evaluate(reading.backward.replace("x_", name), env) for name in ("x_", "out_"))
        right = env["dout_"] * RIGHT[reading.family.name](env["x_"])
    except Refused:
        return False
    return not agree(of_input, right) and agree(of_output, right)


def agree(got: Any, right: np.ndarray) -> bool:
    """Return whether an answer has the right shape and numbers."""
    return np.shape(got) == right.shape and bool(np.allclose(got, right))


def kinds_of(name: str) -> Iterator[str]:
    """Yield what a variable's name says that it is: an output, an input, or nothing."""
    if re.fullmatch(OF_INPUT, name):
        yield "input"
    elif re.fullmatch(OF_OUTPUT, name):
        yield "output"


def passed_to(name: str, function: Any, flag: str | None = None) -> Iterator[str]:
    """Yield the last names of what the file of a function passes to it: z2 of self.z2. flag: where that is set."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    try:
        tree = ast.parse("".join(linecache.getlines(code.co_filename))) if code else ast.Module([], [])
    except SyntaxError:
        return
    for node in walk(tree):
        if not (
            isinstance(node, ast.Call) and node.args and ast.unparse(node.func).split(".")[-1] == name.split(".")[-1]
        ):
            continue
        if flag is None or len(node.args) > 1 or flag in [keyword.arg for keyword in node.keywords]:
            yield ast.unparse(node.args[0]).split(".")[-1].lower()
