"""The boundary of a target that is written for another library's arrays: NumPy's go in, and NumPy's come out.

All else (the trials, the adapters, the programs) stays on this side and knows NumPy alone. Each call of the target's
from here passes the boundary; what it calls itself inside does not.
"""

import functools
import inspect
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .kinds import Place

HELD = 64  # results of calls before that may still change
LABELS = ("t", "train")  # arrays of the contract that stay whole numbers


class Misplaced(Exception):
    """A result is on another device, or of another type of floats, than what the target was given."""


@dataclass
class Pair:
    """A NumPy array and the library's that it stands for; what is written into one is carried over to the other."""

    array: np.ndarray
    there: weakref.ref[Any]
    seen: np.ndarray  # the numbers that both had

    def push(self, place: Place) -> None:
        """Carry over what was written into the NumPy array."""
        there = self.there()
        if there is not None and not same(self.array, self.seen):
            assert place.kind.write
            place.kind.write(place.lib, there, self.array)
            self.seen = self.array.copy()

    def pull(self, place: Place) -> None:
        """Carry over what was written into the library's array."""
        there = self.there()
        if there is None:
            return
        now = place.kind.to_numpy(place.lib, there)
        if now.shape == self.seen.shape and not same(now, rounded(self.seen, place, there)):
            locked = not self.array.flags.writeable
            if locked and self.array.base is None:  # it was written into all the same
                self.array.flags.writeable = True
            if self.array.flags.writeable:
                np.copyto(self.array, now, casting="unsafe")
                if locked:
                    self.array.flags.writeable = False
            self.seen = self.array.copy()


def memory_of(a: np.ndarray) -> np.ndarray:
    """Return the array that owns the memory of another."""
    return a.base if isinstance(a.base, np.ndarray) else a


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether two arrays have the same numbers."""
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))


def rounded(a: np.ndarray, place: Place, there: Any) -> np.ndarray:
    """Return the numbers as they are in the library's type."""
    return place.kind.to_numpy(place.lib, place.to(a)) if a.dtype.kind == "f" else a


@dataclass
class Boundary:
    """The pairs of arrays that are known on both sides, and whether a call of the target's runs."""

    place: Place
    strict: bool = False  # a result that is misplaced is said; in trials it is only read
    inside: bool = False
    pairs: dict[int, Pair] = field(default_factory=dict)  # by the id of the library's array
    held: list[Any] = field(default_factory=list)  # results of the program that runs: they may change later
    numbers: dict[int, np.ndarray] = field(default_factory=dict)  # by id: whole numbers that are no labels
    classes: dict[type, type] = field(default_factory=dict)
    own: Callable[[Any], bool] = lambda thing: False  # whether a class or function is the target's
    chosen: Callable[[Any], bool] = lambda thing: False  # whether it is for such arrays
    carry_one: Callable[[Any, "Boundary"], Any] = lambda thing, boundary: thing  # -> what passes in its place
    trial: Any = None  # runs the calls of trials, where a usual call takes long
    alone: bool = False  # no program says which whole numbers are no labels: those of several axes are none

    def carry(self, things: Mapping[str, Any]) -> dict[str, Any]:
        """Return what passes the boundary, in place of those functions and classes that are for its arrays."""
        return {name: self.carry_one(thing, self) for name, thing in things.items() if self.chosen(thing)}

    def begin(self, given: Mapping[str, np.ndarray]) -> None:
        """Forget the program before, and learn what the next one is given: whole numbers but labels become floats."""
        self.held.clear()
        self.sweep()
        own = [memory_of(a) for name, a in given.items() if name.partition("_")[0] not in LABELS]
        self.numbers = {id(a): a for a in own}

    def describe(self) -> dict[str, str]:
        """Return the arrays' kind, device and type of floats."""
        return {"kind": self.place.kind.name, "device": self.place.device, "floats": self.place.floats}

    def sweep(self) -> None:
        """Forget the pairs of arrays that are gone."""
        self.pairs = {k: pair for k, pair in self.pairs.items() if pair.there() is not None}

    def enter(self, thing: Any) -> Any:
        """Return what the target is given in place of a thing of ours."""
        if isinstance(thing, np.ndarray) and thing.dtype.kind in "biuf":
            known = next((t for p in self.pairs.values() if p.array is thing and (t := p.there()) is not None), None)
            if known is not None:
                return known
            return self.pair(thing, self.place.to(thing.astype(float) if self.is_number(thing) else thing))[1]
        if type(thing) in (tuple, list):
            return type(thing)(self.enter(part) for part in thing)
        if type(thing) is dict:
            return {key: self.enter(part) for key, part in thing.items()}
        if isinstance(thing, np.floating):
            return float(thing)
        return thing

    def is_number(self, a: np.ndarray) -> bool:
        """Return whether an array of whole numbers is one of numbers, no labels."""
        return a.dtype.kind in "iu" and (a.ndim > 1 if self.alone else id(memory_of(a)) in self.numbers)

    def pair(self, array: np.ndarray, there: Any) -> tuple[np.ndarray, Any]:
        """Make a pair known."""
        if self.place.kind.write:
            self.pairs[id(there)] = Pair(array, weakref.ref(there), array.copy())
        return array, there

    def leave(self, thing: Any, depth: int = 0) -> Any:
        """Return what stands on our side for a target's thing. Raises Misplaced. depth: of the tuples around it."""
        kind, lib = self.place.kind, self.place.lib
        if kind.is_own(lib, thing):
            if self.strict and depth < 2:
                self.require_place(thing)
            pair = self.pairs.get(id(thing))
            if pair and pair.there() is thing:
                return pair.array
            self.held += [thing] if self.strict else []
            return self.pair(kind.to_numpy(lib, thing), thing)[0]
        if type(thing) in (tuple, list):
            return type(thing)(self.leave(part, depth + 1) for part in thing)
        if type(thing) is dict:
            return {key: self.leave(part, depth + 2) for key, part in thing.items()}
        if inspect.ismethod(thing) or (inspect.isfunction(thing) and self.own(thing)):
            return self.function(thing)
        if self.own(type(thing)) and type(thing) not in self.classes.values():
            try:
                thing.__class__ = self.kind_of(type(thing))
            except TypeError:  # slots, or a class of C
                return thing
        return thing

    def require_place(self, got: Any) -> None:
        """Raise Misplaced for an array on another device, or of other floats, than the target is given."""
        where, floats = self.place.kind.where(got), str(got.dtype).rpartition(".")[2]
        if where.partition(":")[0] != self.place.device.partition(":")[0]:
            raise Misplaced(f"{where} != {self.place.device}")
        if "float" in floats and floats != self.place.floats:
            raise Misplaced(f"{floats} != {self.place.floats}")

    def cross(self, call: Callable[..., Any], args: Any, keywords: dict[str, Any]) -> Any:
        """Call the target's code with its own kind of arrays; return NumPy's."""
        if self.inside:
            return call(*args, **keywords)
        if self.alone:  # no program begins that forgets those of the one before
            del self.held[:-HELD]
        self.sweep()
        for pair in self.pairs.values():
            pair.push(self.place)
        given, named = [self.enter(a) for a in args], {k: self.enter(a) for k, a in keywords.items()}
        theirs = [*given, *named.values()]
        before = [dict(one) if type(one) is dict else {} for one in theirs]
        self.inside = True
        try:
            got = self.trial(call, *given, **named) if self.trial else call(*given, **named)
        finally:
            self.inside = False
            for pair in list(self.pairs.values()):
                pair.pull(self.place)
        for ours, one, old in zip([*args, *keywords.values()], theirs, before):
            if type(ours) is dict:  # what the target put into it
                ours |= {k: self.leave(v, 2) for k, v in one.items() if v is not old.get(k)}
        return self.leave(got)

    def function(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function or method of the target's that passes the boundary."""

        @functools.wraps(call)
        def crossing(*args: Any, **keywords: Any) -> Any:
            return self.cross(call, args, keywords)

        crossing.passes = self  # type: ignore[attr-defined]
        return crossing

    def operation(self, kind: Any) -> Callable[..., Any]:
        """Return a torch.autograd.Function as a plain function: its forward pass, with its own backward pass."""
        call = self.function(lambda *args: kind.apply(*args))
        arguments = list(inspect.signature(kind.forward).parameters.values())
        call.__name__, call.__signature__ = kind.__name__, inspect.Signature(arguments[1:])  # type: ignore[attr-defined]
        call.__wrapped__ = kind.forward  # type: ignore[attr-defined]
        return call

    def kind_of(self, base: type) -> type:
        """Return a class whose objects pass the boundary: what they are asked, and what they hold, is NumPy's here."""
        if base not in self.classes:
            self.classes[base] = make_class(self, base)
        return self.classes[base]

    def gradients(
        self, call: Callable[..., Any], dout: np.ndarray, *args: Any, of_: Any = (), part_: int = -1, **keywords: Any
    ) -> list[Any]:
        """Return the gradients of a call by the float arrays among its arguments, then by those of `of_`.

        part_: of the tuple that the call returns; -1: the call returns one array. Raises TypeError for what does not
        pass the boundary: nothing but the library's own arrays remembers how it was made.
        """
        if getattr(call, "passes", None) is not self or self.place.kind.differentiate is None:
            raise TypeError("no automatic differentiation")
        for pair in self.pairs.values():
            pair.push(self.place)
        everything = dict(enumerate(args)) | keywords
        given = {k: self.enter(a) for k, a in everything.items()}
        floats = [k for k, a in everything.items() if is_array(a) and (a.dtype.kind == "f" or self.is_number(a))]

        def run(*arrays: Any) -> Any:
            now: dict[Any, Any] = {**given, **dict(zip(floats, arrays))}
            got = call(*(now[i] for i in range(len(args))), **{k: now[k] for k in keywords})
            return got if part_ < 0 else got[part_]

        more, dout_there = [self.enter(a) for a in of_], self.enter(dout)
        self.inside = True
        try:
            arrays = [given[k] for k in floats]
            how = self.place.kind.differentiate, self.place.lib, run, dout_there, arrays, more
            found = self.trial(*how) if self.trial else how[0](*how[1:])
        finally:
            self.inside = False
        return [None if g is None else self.leave(g, 2) for g in found]


def gradients_of(call: Callable[..., Any], dout: np.ndarray, *args: Any, **options: Any) -> list[Any]:
    """Return what Boundary.gradients does, of the boundary that the call passes. Raises TypeError if it passes none."""
    boundary: Boundary | None = getattr(call, "passes", None)
    if boundary is None:
        raise TypeError("no automatic differentiation")
    return boundary.gradients(call, dout, *args, **options)


def left_on(back: Callable[..., Any], attribute: str, dout: np.ndarray, out: np.ndarray, *arrays: Any) -> list[Any]:
    """Return what a backward pass leaves on the library's arrays under an attribute, where out has been given dout.

    Raises TypeError for a call that passes no boundary: NumPy's arrays hold no attributes.
    """
    boundary: Boundary | None = getattr(back, "passes", None)
    if boundary is None:
        raise TypeError("no attributes of arrays")
    result, *there = [boundary.enter(a) for a in (out, *arrays)]
    for one in there:
        vars(one).pop(attribute, None)
    setattr(result, attribute, boundary.enter(dout))
    back()
    found = [getattr(one, attribute, None) for one in there]
    return [None if one is None else boundary.leave(one, 2) for one in found]


def is_array(thing: Any) -> bool:
    """Return whether it is a NumPy array."""
    return isinstance(thing, np.ndarray)


def look_up(boundary: Boundary, base: Any, thing: Any, name: str) -> Any:
    """Return an attribute of a target's object as it is on our side. Raises AttributeError, Misplaced."""
    boundary.inside = True
    try:
        got = base.__getattribute__(thing, name)
    except AttributeError:
        if not hasattr(base, "__getattr__"):
            raise
        got = base.__getattr__(thing, name)
    finally:
        boundary.inside = False
    strict = boundary.strict
    boundary.strict = strict and name != "__dict__"
    try:
        return boundary.leave(got)
    finally:
        boundary.strict = strict


def make_class(boundary: Boundary, base: Any) -> type:
    """Make the class whose objects pass the boundary. The target's own methods see the objects as they are."""

    def __init__(self: Any, *args: Any, **keywords: Any) -> None:
        with boundary.place.kind.usual(boundary.place):  # its weights are of the type of its inputs, and where they are
            boundary.cross(lambda *a, **k: base.__init__(self, *a, **k), args, keywords)

    def __getattribute__(self: Any, name: str) -> Any:
        within = boundary.inside or (name.startswith("__") and name not in ("__dict__", "__call__"))
        return base.__getattribute__(self, name) if within else look_up(boundary, base, self, name)

    def __setattr__(self: Any, name: str, value: Any) -> None:
        base.__setattr__(self, name, value if boundary.inside else boundary.enter(value))

    def __call__(self: Any, *args: Any, **keywords: Any) -> Any:
        return boundary.cross(lambda *a, **k: base.__call__(self, *a, **k), args, keywords)

    functools.update_wrapper(__init__, base.__init__)
    own: dict[str, Any] = {"__init__": __init__, "__getattribute__": __getattribute__, "__setattr__": __setattr__}
    if any("__call__" in vars(kind) for kind in base.__mro__):
        own["__call__"] = functools.update_wrapper(__call__, base.__call__)
    for kind in [kind for kind in base.__mro__ if boundary.own(kind)]:  # asked of the class, without an object
        statics = [name for name, m in vars(kind).items() if isinstance(m, staticmethod | classmethod)]
        own |= {name: staticmethod(boundary.function(getattr(base, name))) for name in statics}
    own["passes"] = boundary
    names = {"__module__": base.__module__, "__qualname__": base.__qualname__, "__doc__": base.__doc__}
    made: type = type(base)(base.__name__, (base,), {**names, **own})
    return made
