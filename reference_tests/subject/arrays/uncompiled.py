"""Calls of JAX's functions without a compiler: JAX writes down what a call computes, and NumPy computes it.

JAX compiles each operation for each shape that it meets, in a thirtieth of a second. A target is read by some forty
small calls, and nearly all of the time went there. Trials alone are run so: what is judged is computed by JAX.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from ..conventions.trial import refused
from .primitives import RULES, NotKnown
from .target import home_of, names_in

INNER = ("jaxpr", "call_jaxpr", "fun_jaxpr")  # the parameters that hold the program of a function inside another
CONSTANTS = (bool, int, float, complex, str, bytes, np.generic)  # of types that nothing can be written into
LIBRARIES = ("jax", "numpy", "math", "builtins")  # whose functions keep nothing


@dataclass
class Traced:
    """What a call computes. own: which leaves of the arguments are arrays. parts: the leaves of what is returned."""

    program: Any
    own: list[int]
    parts: list[Any]
    form: Any


class Uncompiled:
    """Runs calls by NumPy where it can, and else as they are. lib: jax."""

    def __init__(self, lib: Any) -> None:
        self.lib = lib
        self.leaked = False  # the target keeps arrays outside its calls, and met there what is none
        self.raised: Exception | None = None  # by the call that was traced last
        self.known: dict[Any, Traced] = {}

    def __call__(self, call: Callable[..., Any], *args: Any, **keywords: Any) -> Any:
        """Return what the call returns; its arrays are JAX's or NumPy's. Raises what it raises."""
        try:
            return self.by_numpy(call, args, keywords)
        except Exception as error:
            if error is self.raised and is_of_shapes(error):
                raise
            return self.by_itself(call, args, keywords)

    def by_itself(self, call: Callable[..., Any], args: Any, keywords: Any) -> Any:
        """Return what a usual call returns, and note whether an array is none that was kept from one before."""
        try:
            got = call(*args, **keywords)
        except self.lib.errors.UnexpectedTracerError:
            self.leaked = True
            raise
        self.leaked |= any(isinstance(leaf, self.lib.core.Tracer) for leaf in self.lib.tree_util.tree_leaves(got))
        return got

    def by_numpy(self, call: Callable[..., Any], args: Any, keywords: Any) -> Any:
        """Return what the call returns, its arrays NumPy's. Raises NotKnown or anything else where that cannot be."""
        leaves, form = self.lib.tree_util.tree_flatten((args, keywords))
        key = self.key_of(call, leaves, form)
        traced = self.known.get(key) or self.trace(call, leaves, form)
        if key is not None:
            self.known[key] = traced
        with np.errstate(all="ignore"):  # JAX warns of no number
            arrays = compute(traced.program.jaxpr, traced.program.consts, [np.asarray(leaves[i]) for i in traced.own])
        found = iter(arrays)
        mixed = [next(found) if isinstance(part, self.lib.Array) else part for part in traced.parts]
        got, news = self.lib.tree_util.tree_unflatten(traced.form, mixed)
        for one, new in zip([*args, *(keywords[name] for name in sorted(keywords))], news):
            if new:
                one.update(new)
        return got

    def key_of(self, call: Callable[..., Any], leaves: list[Any], form: Any) -> Any:
        """Return by what a call is known that computes the same again; None where that is not sure."""
        around = surroundings(call, set())
        kind = self.lib.Array
        told = [(leaf.shape, leaf.dtype) if isinstance(leaf, kind) else (type(leaf), leaf) for leaf in leaves]
        plain = all(isinstance(leaf, (kind, *CONSTANTS)) for leaf in leaves)
        return (call, form, *told, *around) if around is not None and plain else None

    def trace(self, call: Callable[..., Any], leaves: list[Any], form: Any) -> Traced:
        """Return what a call computes, of arguments as a tree. Raises NotKnown, and what the call raises."""
        tree, kind = self.lib.tree_util, self.lib.Array
        own = [i for i, leaf in enumerate(leaves) if isinstance(leaf, kind)]
        returned: list[Any] = []

        def run(*arrays: Any) -> list[Any]:
            given = leaves.copy()
            for i, a in zip(own, arrays):
                given[i] = a
            args, keywords = tree.tree_unflatten(form, given)
            each = [*args, *keywords.values()]
            before = [dict(one) if type(one) is dict else one for one in each]
            try:
                got = call(*args, **keywords)
            except Exception as error:
                self.raised = error
                raise
            after = tree.tree_leaves(before)
            if len(after) != len(given) or any(a is not b for a, b in zip(after, given)):
                raise NotKnown("the call writes into what it is given")
            returned[:] = tree.tree_flatten((got, [written(one, old) for one, old in zip(each, before)]))
            return [part for part in returned[0] if isinstance(part, kind)]

        program = self.lib.make_jaxpr(run)(*(leaves[i] for i in own))
        parts, form_of_parts = returned
        if not all(isinstance(part, (kind, np.ndarray, *CONSTANTS)) for part in parts):
            raise NotKnown("the call returns what may hold arrays, and is none")
        return Traced(program, own, parts, form_of_parts)


def written(one: Any, before: Any) -> dict[Any, Any]:
    """Return what a call has put into a dict that it was given."""
    return {k: v for k, v in one.items() if v is not before.get(k)} if type(one) is dict else {}


def surroundings(call: Any, seen: set[Any]) -> list[Any] | None:
    """Return the constants that a function's code sees, and that of the functions that it calls.

    None if it sees anything else that may be another one at its next call. What it writes is not looked for: arrays
    that it keeps are found when they are used.
    """
    call = inspect.unwrap(call)
    if not inspect.isfunction(call) or call.__closure__:
        return None
    if call in seen:
        return []
    seen.add(call)
    found: list[Any] = []
    for name in [name for name in names_in(call.__code__) if name in call.__globals__]:
        thing = call.__globals__[name]
        if isinstance(thing, CONSTANTS):
            found.append((name, type(thing), thing))
        elif not isinstance(thing, ModuleType | type) and home_of(thing).partition(".")[0] not in LIBRARIES:
            more = surroundings(thing, seen)
            if more is None:
                return None
            found += more
    return found


def is_of_shapes(error: Exception) -> bool:
    """Return whether JAX refuses shapes or types: it does so of arrays too. Not what the target itself refuses."""
    kind = type(error)
    plain = kind.__module__ == "builtins" and issubclass(kind, TypeError | ValueError | IndexError)
    return plain and "Tracer" not in str(error) and not refused(error).on_purpose


def compute(program: Any, constants: Sequence[Any], given: Sequence[Any]) -> list[np.ndarray]:
    """Return the results of a program of JAX's. Raises NotKnown for an operation that is not known here."""
    values: dict[Any, Any] = dict(zip([*program.constvars, *program.invars], [*constants, *given]))

    def read(one: Any) -> np.ndarray:
        return np.asarray(one.val if hasattr(one, "val") else values[one])

    for step in program.eqns:
        found = run_step(step.primitive.name, step.params, [read(one) for one in step.invars])
        for one, array in zip(step.outvars, found, strict=True):
            if np.shape(array) != one.aval.shape:
                raise NotKnown(f"{step.primitive.name}: another shape than JAX's")
            own = isinstance(one.aval.dtype, np.dtype)  # a key of random numbers has a type of JAX's
            values[one] = np.asarray(array).astype(one.aval.dtype, copy=False) if own else np.asarray(array)
    return [read(one) for one in program.outvars]


def run_step(name: str, p: Any, arrays: list[np.ndarray]) -> list[Any]:
    """Return the results of one operation. p: its parameters."""
    rule = CONTROL.get(name) or RULES.get(name)
    if rule:
        found = rule(p, *arrays)
        return found if isinstance(found, list) else [found]
    inner = next((p[key] for key in INNER if key in p), None)
    if inner is None:
        raise NotKnown(name)
    return call(inner, arrays)


def call(program: Any, arrays: Sequence[Any]) -> list[np.ndarray]:
    """Return the results of a program that is part of another."""
    return compute(getattr(program, "jaxpr", program), getattr(program, "consts", ()), arrays)


def choose(p: Any, index: np.ndarray, *arrays: np.ndarray) -> list[np.ndarray]:
    """Return the results of one of several programs."""
    return call(p["branches"][min(max(int(index), 0), len(p["branches"]) - 1)], arrays)


def repeat(p: Any, *arrays: np.ndarray) -> list[np.ndarray]:
    """Return the results of a program that runs as long as another one says."""
    first, second = p["cond_nconsts"], p["cond_nconsts"] + p["body_nconsts"]
    state = [*arrays[second:]]
    while call(p["cond_jaxpr"], [*arrays[:first], *state])[0]:
        state = call(p["body_jaxpr"], [*arrays[first:second], *state])
    return state


def go_through(p: Any, *arrays: np.ndarray) -> list[np.ndarray]:
    """Return the results of a program that runs for each part of arrays, and hands a state on."""
    first, second = p["num_consts"], p["num_consts"] + p["num_carry"]
    state, rows = [*arrays[first:second]], list[list[np.ndarray]]()
    turn = reversed if p["reverse"] else iter
    for i in turn(range(p["length"])):
        found = call(p["jaxpr"], [*arrays[:first], *state, *(a[i] for a in arrays[second:])])
        state = found[: len(state)]
        rows.append(found[len(state) :])
    return [*state, *(np.stack(column) for column in zip(*(rows[::-1] if p["reverse"] else rows)))]


CONTROL: dict[str, Callable[..., list[np.ndarray]]] = {"cond": choose, "while": repeat, "scan": go_through}
