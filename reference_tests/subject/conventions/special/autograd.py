"""Tensors with autograd: each operation on them is bridged to a pair of functions on arrays, as CS231n has them.

Three styles: functions and methods of tensors (DeZero, micrograd), classes that are called with tensors (DeZero's
Function), and static classes that are given a context (torch.autograd.Function).
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import numpy as np

from ...source import walk
from ..candidates import direction
from ..signatures import arguments_of, is_own, methods_of, tree_of, write_signature
from ..trial import Refused, evaluate, execute
from ..vocabulary import layer_named
from . import columns

DATA = ("data", "value", "array", "cached_data", "_data", "arr")  # where a tensor has its array
WAYS = (  # how the upstream gradient is given
    "y.backward(dout)",
    "y.backward({tensor}(dout))",
    "y.grad = dout\ny.backward()",
    "y.grad = {tensor}(dout)\ny.backward()",
    "(y * {tensor}(dout)).sum().backward()",
)
CONTEXT = '''class Context:
    """Remembers what forward saves for backward."""

    saved_tensors = ()
    needs_input_grad = (True,) * 9

    def save_for_backward(self, *arrays):
        self.saved_tensors = arrays


'''


@dataclass
class Bridges:
    """Functions on arrays that stand for operations on tensors."""

    functions: dict[str, Callable[..., Any]] = field(default_factory=dict)  # with their backward functions
    sources: dict[str, str] = field(default_factory=dict)  # forward function -> the text of both
    hidden: set[str] = field(default_factory=set)  # names of the target's that cannot be asked with arrays


@dataclass(frozen=True)
class Tensors:
    """How a target's tensors are made and asked. Codes use y, v and dout."""

    name: str
    data: str
    way: str = WAYS[2]
    grad: str = "v.grad"
    fresh: str = "None"  # the gradient of a new tensor
    more: str = ""  # arguments that say that a gradient is wanted


@dataclass(frozen=True)
class Operation:
    """One operation: the function whose arguments it has, and the call. Codes use inputs, args and settings."""

    name: str
    function: Any
    call: str
    inputs: int = 0  # how many of its arguments are tensors or arrays; 0: any


ARITHMETIC = (
    Operation("+", None, "inputs[0] + inputs[0]"), Operation("*", None, "inputs[0] * inputs[0]"),
    Operation("-", None, "-inputs[0]"), Operation("*", None, "inputs[0] * 2.0"),
)  # fmt: skip


def find_bridges(things: Mapping[str, Any], files: Collection[str]) -> Bridges:
    """Bridge a target's operations on tensors; there are none where it has no tensors and no static classes."""
    own = {name: thing for name, thing in things.items() if callable(thing) and is_own(thing, files)}
    bridges = Bridges()
    found = find_tensors(own, things)
    for name, thing in own.items():
        if is_static_pair(thing):
            bridges.hidden.add(name)
            if layer_named(name) and found is None:
                add(bridges, things, name, thing.forward, static_source(name, things), skip=1)
    if found is None:
        return bridges
    operations = list(operations_of(found, own))
    tensors = find_way(found, operations, things)
    for operation in operations:
        bridges.hidden.add(operation.name)
        add(bridges, things, operation.name, operation.function, tensor_source(operation, tensors))
    bridges.hidden |= {name for name, thing in own.items() if is_function_class(thing)}
    done = {layer_named(operation.name) for operation in operations}
    for name, thing in own.items():
        if isinstance(thing, type) and name not in bridges.hidden and layer_named(name) not in {None, *done}:
            bridges.hidden.add(name)
            add_class(bridges, things, name, module_source(name, tensors))
    return bridges


def takers_of_tensors(names: Mapping[str, Any], things: Mapping[str, Any], files: Collection[str]) -> set[str]:
    """Return the contract's names under which a target has operations on its own tensors."""
    pairs = {name for name, thing in names.items() if is_function_class(thing)}
    own = {name: thing for name, thing in things.items() if callable(thing) and is_own(thing, files)} if pairs else {}
    return pairs if pairs and find_tensors(own, things) else set()


def add_class(bridges: Bridges, things: Mapping[str, Any], name: str, source: str) -> None:
    """Define the bridge of a class of layers between tensors, which has the class's own arguments."""
    home: dict[str, Any] = {**things, "np": np}
    exec(compile(source, f"<bridge of {name}>", "exec"), home)
    bridge = home[on_arrays(name)]
    bridge.__init__.__wrapped__ = things[name].__init__
    bridge.shown = write_signature(name, things[name])
    bridges.functions[on_arrays(name)] = bridge
    bridges.sources[on_arrays(name)] = source


def module_source(name: str, tensors: Tensors) -> str:
    """Return the source of the bridge of a class of layers between tensors."""
    return f'''class {on_arrays(name)}:
    """Call {name} with a {tensors.name} in place of an array."""

    def __init__(self, *args, **settings):
        self.layer = {name}(*args, **settings)

    def forward(self, x):
        self.x, self.used = {tensors.name}(x{tensors.more}), False
        self.y = self.layer(self.x)
        return self.y.{tensors.data}

    def backward(self, dout):
        if self.used:  # gradients inside a graph add up: each backward pass has one of its own
            self.forward(self.x.{tensors.data})
        y, self.used = self.y, True
        for v in (y, self.x, *(v for v in vars(self.layer).values() if isinstance(v, {tensors.name}))):
            v.grad = {tensors.fresh}
{textwrap.indent(tensors.way, "        ")}
        v = self.x
        return {tensors.grad}
'''


def add(bridges: Bridges, things: Mapping[str, Any], name: str, function: Any, source: str, skip: int = 0) -> None:
    """Define a bridge, and let it look like the function that it stands for. skip: how many arguments it hides."""
    home: dict[str, Any] = {**things, "np": np}
    exec(compile(source, f"<bridge of {name}>", "exec"), home)
    bridge = home[on_arrays(name)]
    parameters = list(inspect.signature(function).parameters.values())[skip:]
    if parameters and parameters[0].name == "self":
        parameters[0] = parameters[0].replace(name="x")
    bridge.__signature__ = inspect.Signature(parameters)
    bridge.__wrapped__ = function
    bridge.shown = write_signature(name, function)
    back = home[f"{on_arrays(name)}_backward"]
    back.__wrapped__, back.__signature__ = function, inspect.signature(back)
    bridges.functions |= {on_arrays(name): bridge, back.__name__: back}
    bridges.sources[on_arrays(name)] = source


def on_arrays(name: str) -> str:
    """Return the name of the bridge of an operation."""
    return f"{name.rpartition('.')[2]}_on_arrays"


def is_static_pair(thing: Any) -> bool:
    """Return whether a class has a static forward and backward that are given a context, and no base of a framework."""
    if not isinstance(thing, type) or any(base.__module__ == "torch.autograd.function" for base in thing.__mro__):
        return False
    pair = [inspect.getattr_static(thing, name, None) for name in ("forward", "backward")]
    if not all(isinstance(one, staticmethod | classmethod) for one in pair):
        return False
    arguments = arguments_of(getattr(thing, "forward")) or []  # noqa: B009
    return bool(arguments) and arguments[0].name.lower() in ("ctx", "context", "self", "c")


def static_source(name: str, things: Mapping[str, Any]) -> str:
    """Return the source of the bridge of a static class."""
    context = next((how for n, t in things.items() if hasattr(t, "save_for_backward") and (how := makes(n, t))), "")
    text = f'''def {on_arrays(name)}(*args, **settings):
    """Call {name}.forward with a new context."""
    ctx = {context or "Context()"}
    return {name}.forward(ctx, *args, **settings), ctx


def {on_arrays(name)}_backward(dout, cache):
    """Call {name}.backward with the context of the forward pass."""
    got = {name}.backward(cache, dout)
    return tuple(part for part in got if part is not None) if isinstance(got, tuple) else got
'''
    return text if context else CONTEXT + text


def makes(name: str, kind: Any) -> str:
    """Return the code that makes an object of a class, None for each argument; "" if it cannot be made so."""
    code = f"{name}({', '.join('None' for a in arguments_of(kind) or [] if a.required)})"
    try:
        return code if isinstance(evaluate(code, {name: kind}), kind) else ""
    except (Refused, TypeError):
        return ""


def find_tensors(own: Mapping[str, Any], things: Mapping[str, Any]) -> Tensors | None:
    """Find the class of tensors: made from an array, with a gradient and a method backward."""
    for name, kind in own.items():
        if not isinstance(kind, type) or "backward" not in methods_of(kind) or is_of_numbers(kind, things):
            continue
        try:
            more = ", requires_grad=True" if "requires_grad" in [a.name for a in arguments_of(kind) or []] else ""
            made = evaluate(f"{name}(np.ones((2, 3)){more})", {**things, "np": np})
        except Refused:
            continue
        data = next((d for d in DATA if isinstance(getattr(made, d, None), np.ndarray)), "")
        if data and hasattr(made, "grad"):
            zeros = f"np.zeros_like(v.{data}, dtype=float)"
            fresh = "None" if made.grad is None else zeros if isinstance(made.grad, np.ndarray) else f"{name}({zeros})"
            return Tensors(name, data, fresh=fresh, more=more)
    return None


def is_of_numbers(kind: type, things: Mapping[str, Any]) -> bool:
    """Return whether a class holds single numbers, as micrograd's: it has a layer's method, and no use of arrays.

    Its code names nothing of the target's or of a library but itself and Python's math.
    """
    if not any(layer_named(name) for name in methods_of(kind)):
        return False
    named = {node.id for node in walk(tree_of(kind) or ast.Module([], [])) if isinstance(node, ast.Name)}
    used = [things[name] for name in named & things.keys() if things[name] is not kind]
    homes = [thing.__name__ if isinstance(thing, ModuleType) else getattr(thing, "__module__", "") for thing in used]
    return {*homes} <= {"math", "random"}


def operations_of(tensors: Tensors, own: Mapping[str, Any]) -> Iterator[Operation]:
    """Yield the operations whose names speak of a layer: methods of tensors, functions, classes that are called."""
    layers = set()
    for name, method in methods_of(own[tensors.name]).items():
        if (layer := layer_named(name)) and not name.startswith("_"):
            layers.add(layer)
            yield Operation(f"{tensors.name}.{name}", method, f"inputs[0].{name}(*inputs[1:], **settings)")
    for name, thing in own.items():
        layer = layer_named(name.removeprefix("their_"))
        if is_of_arrays(layer, name, own):
            continue
        if layer and not isinstance(thing, type) and direction(name) != "backward":
            layers.add(layer)
            yield Operation(name, thing, f"{name}(*inputs, **settings)")
    for name, thing in own.items():
        if is_static_pair(thing) and hasattr(thing, "apply") and layer_named(name) not in {None, *layers}:
            yield Operation(name, without_context(thing.forward), f"{name}.apply(*inputs, **settings)")
        if is_function_class(thing) and layer_named(name) and layer_named(name) not in layers:
            taken = len(inspect.signature(thing.forward).parameters) - 1
            yield Operation(name, joined(thing), f"{name}(*args[{taken}:], **settings)(*inputs)", taken)


def is_of_arrays(layer: str | None, name: str, own: Mapping[str, Any]) -> bool:
    """Return whether a function that tensors are built on is given arrays itself: DeZero's im2col_array."""
    if layer == "im2col":
        return columns.read_im2col(name, {**own, "np": np}) is not None
    return layer == "conv_output_size" or (
        layer == "col2im" and columns.read_col2im(name, {**own, "np": np}, None) is not None
    )


def is_function_class(thing: Any) -> bool:
    """Return whether it is a class of operations on tensors: its base calls forward, and it has a backward."""
    if not isinstance(thing, type) or not {"forward", "backward"} <= set(methods_of(thing)):
        return False
    return any("__call__" in vars(base) for base in thing.__mro__[1:-1])


def without_context(function: Any) -> Callable[..., Any]:
    """Return a function that looks like a static forward without its context."""

    def stand_in() -> None: ...

    stand_in.__wrapped__ = function  # type: ignore[attr-defined]
    parameters = list(inspect.signature(function).parameters.values())[1:]
    stand_in.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return stand_in


def joined(kind: Any) -> Callable[..., Any]:
    """Return a function with forward's arguments and then the constructor's."""
    forward = list(inspect.signature(kind.forward).parameters.values())[1:]
    made = list(inspect.signature(kind).parameters.values())
    plain = [p.replace(default=p.empty) for p in forward]

    def stand_in() -> None: ...

    stand_in.__wrapped__ = kind.forward  # type: ignore[attr-defined]
    stand_in.__signature__ = inspect.Signature([*plain, *made])  # type: ignore[attr-defined]
    return stand_in


def find_way(tensors: Tensors, operations: list[Operation], things: Mapping[str, Any]) -> Tensors:
    """Find out how an upstream gradient is given: one of zeros has to come back as zeros, one of ones as others."""
    alone = [operation for operation in operations if layer_named(operation.name) in ("Relu", "Sigmoid", "Tanh")]
    for operation in [*alone, *ARITHMETIC]:  # an activation may be wrong, or be missing
        for way in WAYS:
            found = try_way(tensors, operation, way.format(tensor=tensors.name), things)
            if found:
                return found
    return tensors


def try_way(tensors: Tensors, operation: Operation, way: str, things: Mapping[str, Any]) -> Tensors | None:
    """Try one way on an operation of one tensor; None if the gradient does not follow the upstream one."""
    sums = []
    grad = "v.grad"
    for number in (0.0, 1.0):
        env = {**things, "np": np, "dout": np.full((2, 3), number), "args": (), "settings": {}}
        try:
            env["v"] = evaluate(f"{tensors.name}(np.ones((2, 3)){tensors.more})", env)
            env["inputs"] = [env["v"]]
            env["y"] = evaluate(operation.call, env)
            execute(way, env)
            got = evaluate("v.grad", env)
            if not isinstance(got, np.ndarray):
                grad = f"v.grad.{tensors.data}"
            if "y.grad =" in way and (f"= {tensors.name}(" in way) != (grad != "v.grad"):
                return None  # gradients are arrays, or they are tensors
            sums.append(float(np.abs(evaluate(grad, env)).sum()))
        except (Refused, TypeError, ValueError):
            return None
    return replace(tensors, way=way, grad=grad) if sums[0] == 0 < sums[1] else None


def tensor_source(operation: Operation, tensors: Tensors) -> str:
    """Return the source of the bridge of an operation on tensors."""
    name = on_arrays(operation.name)
    given = f"args[:{operation.inputs}]" if operation.inputs else "args"
    return f'''def {name}(*args, **settings):
    """Call {operation.name} with a {tensors.name} in place of each array."""
    arrays = [isinstance(a, np.ndarray) and (i == 0 or a.dtype.kind == "f") for i, a in enumerate({given})]
    inputs = [{tensors.name}(a{tensors.more}) if array else a for a, array in zip({given}, arrays)]
    y = {operation.call}
    graph = y, [v for v, array in zip(inputs, arrays) if array]
    return y.{tensors.data}, {{"graph": graph, "again": (args, settings)}}


def {name}_backward(dout, cache):
    """Give the result this gradient, and return those of all inputs."""
    if "graph" not in cache:  # gradients inside a graph add up: each backward pass has one of its own
        args, settings = cache["again"]
        cache |= {name}(*args, **settings)[1]
    y, inputs = cache.pop("graph")
    for v in (y, *inputs):
        v.grad = {tensors.fresh}
{textwrap.indent(tensors.way, "    ")}
    return tuple({tensors.grad} for v in inputs)
'''
