"""Running a program on the code under test: arrays go in with a layout, copies of the results come back."""

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np

from .arrays.boundary import Misplaced
from .errors import (
    LENT,
    MissingName,
    describe_exception,
    describe_returned,
    own_lines,
    raised_by_submission,
    with_parameters,
)  # fmt: skip
from .limits import silence_io
from .names import attribute_names, find_close_name
from .protocol import Returned, Step, Stop, Trace, counted
from .timing.alarms import OutOfTime, limit_time

NUMBER_KINDS = "biuf"
CHANGES = ("write", "descend", "set")  # the verbs that change a place: their result
FILLED = ("written", "sealed", "spread")  # how writing into a result ends
MAX_RESULT = 256 << 20  # bytes of one result: no layer of a case comes near it


class UnknownTarget(LookupError):
    """A name, an attribute or a dict's key that the submission does not have; and one that looks like it, or ""."""


class WrongShape(Exception):
    """A parameter's shape differs from the array that is written into it."""


def execute(
    names: Mapping[str, Any], program: list[Step], given: Mapping[str, np.ndarray], layout: str = "C",
    seconds: float = 10.0, files: tuple[str, ...] = (), note: Callable[[int], None] = lambda step: None,
    begin: Callable[[Mapping[str, np.ndarray]], None] = lambda given: None, wall: float | None = None,
) -> Trace:  # fmt: skip
    """Run a program on the submission's names and return its trace. Raises nothing that the submission does.

    files: the submission's own, for its line in an error. note: called with the number of each step before it runs.
    begin: called with the arrays as they are given. wall: seconds by the clock, as limit_time has them.
    """
    env: dict[str, Any] = {k: with_layout(a, layout) for k, a in given.items()}
    lent = dict(env)
    begin(lent)
    trace, objects = Trace(), dict[str, Any]()
    at = ""
    try:
        with limit_time(seconds, wall), silence_io(), np.errstate(all="ignore"):
            for number, step in enumerate(copy_settings(program)):
                note(number)
                at = step[1] if step[0] in CHANGES else step[2]
                execute_step(step, names, objects, env, trace)
            trace.left = {k: copy_result(env[k]) for k in trace.results}
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        trace.stop = describe_stop(error, at, seconds, files)
    trace.inputs = {k: np.array(a) for k, a in lent.items()}
    trace.left = trace.left or dict(trace.results)
    return trace


def describe_stop(error: BaseException, step: str, seconds: float, files: tuple[str, ...]) -> Stop:
    """Return why the program stopped at this step."""
    match error:
        case UnknownTarget():
            return Stop("absent", str(error.args[0]), error.args[1])
        case Misplaced():
            return Stop("arrays", step, str(error))
        case WrongShape():  # no line of the submission's
            return Stop("exception", step, str(error))
        case OutOfTime():
            return Stop("timeout", step, str(error) or f"{seconds:g} s")
        case MemoryError():
            return Stop("memory", step, str(error))
        case SystemExit():
            return Stop("exit", step, describe_exception(error))
        case MissingName() | ModuleNotFoundError():
            return Stop("import", step, str(error), own_lines(error, files)[0])
        case NotImplementedError() if raised_by_submission(error.__traceback__):
            return Stop("absent", str(error) or step)
    own = raised_by_submission(error.__traceback__)
    line, call = own_lines(error, files)
    return Stop("exception", step, describe_exception(error), line, own, call)


def execute_step(
    step: Step, names: Mapping[str, Any], objects: dict[str, Any], env: dict[str, Any], trace: Trace
) -> None:
    """Run one step of a plan (see protocol.Plan). objects: what make has made. env: arrays by name.

    A replace step is done before all others, by replace_target.
    """
    verb, result, target, args, *named = step
    if verb == "replace":
        return
    if verb == "set":
        put_in_place_of(result, env[args[0]], env[target], objects)
        return
    if verb in CHANGES:
        place = find_target(result, names, objects, env)
        if target not in env:  # a gradient that the dict does not have
            raise UnknownTarget(target, find_close_name(target, list(env)))
        write_into(place, env[target] if verb == "write" else place - args[0] * env[target])
        return
    thing = find_target(target, names, objects, env)
    if verb == "fill":
        env[result] = trace.results[result] = np.array(FILLED.index(fill(thing, args[0])))
        return
    if verb == "get":
        got = thing
    else:
        keywords = {k: resolve_argument(a, env) for k, a in named[0].items()} if named else {}
        try:
            got = call_by_keywords(thing, [resolve_argument(a, env) for a in args], keywords)
        except TypeError as error:
            raise with_parameters(error, thing) from error.__cause__
    if verb == "make":
        objects[result] = got
        return
    keep_results(got, verb, result, target, env, trace)


def keep_results(got: Any, verb: str, result: str | list[str], target: str, env: dict[str, Any], trace: Trace) -> None:
    """Copy what a step gave into the trace, under the step's names, and say where it is no array of numbers."""
    if isinstance(result, list) and (not isinstance(got, tuple | list) or len(got) != len(result)):
        odd = describe_returned(got) or Returned("array", detail=str(np.shape(got)))
        trace.returned |= dict.fromkeys(result, replace(odd, call=target, wanted=len(result)))
        return
    if isinstance(result, list):
        parts = dict(zip(result, got))
    elif isinstance(got, Mapping):
        parts = {f"{result}.{k}": a for k, a in got.items()}
        trace.returned[result] = replace(describe_returned(got) or Returned("dict"), call=target)
    else:
        parts = {result: got}
    env |= parts
    trace.results |= {k: copy_result(a) for k, a in parts.items()}
    for k, a in parts.items():
        if odd_one := describe_returned(a):
            trace.returned[k] = replace(odd_one, call=target, attribute=verb == "get")


def call_by_keywords(thing: Callable[..., Any], args: list[Any], keywords: dict[str, Any]) -> Any:
    """Call with each keyword that the signature has; another goes to the parameter that is free and most like it.

    A flag of another name is a flag all the same: it is the free parameter whose default is a flag, or the next one.
    """
    try:
        known = inspect.signature(thing).parameters if keywords else {}
    except (TypeError, ValueError):  # a builtin tells nothing
        known = {}
    by_name = {k for k, p in known.items() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    free = [p for p in list(known.values())[len(args) :] if p.name not in keywords]
    if keywords.keys() <= by_name or any(p.kind is p.VAR_KEYWORD for p in free):
        return thing(*args, **keywords)
    more, renamed = list[Any](), dict[str, Any]()
    for k, a in keywords.items():
        p = next((p for p in free if type(p.default) is type(a)), free[0] if free else None)
        if k in by_name or p is None:
            renamed[k] = a
        elif p.name in by_name:
            renamed[p.name] = a
            free.remove(p)
        else:
            more.append(a)
    return thing(*args, *more, **renamed)


def fill(place: Any, number: int) -> str:
    """Write counted numbers into a result in place, and say how that ended: written, sealed or spread.

    sealed: the author has made the array read-only, or it is no array. spread: it is a read-only view of fewer numbers.
    """
    if type(place) is not np.ndarray or not place.ndim:
        return "sealed"
    if place.flags.writeable:
        place[...] = counted(number, place.shape)
        return "written"
    return "spread" if any(n > 1 and not step for n, step in zip(place.shape, place.strides)) else "sealed"


def write_into(place: Any, new: np.ndarray) -> None:
    """Write an array into a parameter in place. Raises WrongShape if the shapes differ."""
    try:
        place[...] = new
    except ValueError:
        raise WrongShape(f"the shape {np.shape(place)}, should be {np.shape(new)}") from None


def put_in_place_of(path: str, old: np.ndarray, new: np.ndarray, objects: Mapping[str, Any]) -> None:
    """Assign an array to the attribute that holds another one; write it into that one where none is known to."""
    home, _, name = path.rpartition(".")
    if holds_alone(objects.get(home), name, old):
        with contextlib.suppress(Exception):  # an attribute that can only be read
            setattr(objects[home], name, new)
            return
    write_into(old, new)


def holds_alone(thing: Any, name: str, array: np.ndarray) -> bool:
    """Return whether an attribute is this very array, and no public dict or list of the object's has it as well.

    Where one has, as in self.params["W"], whoever trains assigns it there. An adapter is not the target's own object.
    """
    if type(thing).__module__ == "adapter" or hasattr(type(thing), "reach") or getattr(thing, name, None) is not array:
        return False
    public = [part for k, part in getattr(thing, "__dict__", {}).items() if not k.startswith("_")]
    kept = [
        part.values() if isinstance(part, dict) else part for part in public if isinstance(part, dict | list | tuple)
    ]
    return not any(one is array for some in kept for one in some)


def find_target(path: str, names: Mapping[str, Any], objects: Mapping[str, Any], env: Mapping[str, Any]) -> Any:
    """Return what a dotted path means: an array, or a part of an object or a name. Raises UnknownTarget."""
    first, *rest = path.split(".")
    if path in env:
        return env[path]
    thing = objects.get(first, names.get(first))
    if thing is None:
        raise UnknownTarget(path, "")
    for part in rest:
        if isinstance(thing, Mapping) and part in thing:
            thing = thing[part]
        elif not isinstance(thing, Mapping) and hasattr(thing, part):
            thing = getattr(thing, part)
        else:
            raise UnknownTarget(path, find_close_name(part, attribute_names(thing)))
    return thing


def resolve_argument(argument: Any, env: Mapping[str, Any]) -> Any:
    """Return the array that a string names; anything else is itself. (A list that came over a pipe was a tuple.)"""
    if isinstance(argument, str):
        return env[argument]
    return tuple(argument) if isinstance(argument, list) else argument


def copy_settings(program: list[Step]) -> list[Step]:
    """Copy the dicts among the arguments, equal ones to one: a caller's, given again as the first call left it."""
    copies: dict[str, Any] = {}

    def own(argument: Any) -> Any:
        return copies.setdefault(repr(argument), dict(argument)) if isinstance(argument, dict) else argument

    return [[*step[:3], [own(a) for a in step[3]] if isinstance(step[3], list) else step[3], *step[4:]]
            for step in program]  # fmt: skip


def with_layout(a: np.ndarray, layout: str) -> np.ndarray:
    """Return a copy laid out in memory as callers really have arrays: C, F, strided, reversed or read-only."""
    if a.ndim == 0:
        return a.copy()
    if layout == "F":
        return np.array(a, order="F")
    if layout == "strided":
        wide = np.zeros((*a.shape[:-1], 2 * a.shape[-1]), a.dtype)
        wide[..., ::2] = a
        return wide[..., ::2]
    if layout == "reversed":
        return a[..., ::-1].copy()[..., ::-1]
    a = a.copy()
    a.flags.writeable = layout != "read-only"
    return a


def copy_result(got: Any) -> np.ndarray:
    """Copy a result into an array of our own; what is no number becomes its text, which no check accepts.

    Raises MemoryError for more than MAX_RESULT bytes.
    """
    size = getattr(got, "nbytes", 0)
    if isinstance(size, int) and size > MAX_RESULT:
        raise MemoryError(f"a result of shape {np.shape(got)}, {size / 1e9:.1f} GB")
    if got is None or isinstance(got, str | bytes):
        return np.array(f"{got!r:.60}")
    try:
        array = np.array(got)
    except ValueError:
        return np.array(f"{type(got).__name__} {got!r:.60}")
    if array.dtype.kind in NUMBER_KINDS:
        return array
    return np.array(f"{got!r:.60}" if array.ndim == 0 else f"{array.dtype} array of shape {array.shape}")


@functools.cache
def load_substitute(source: str, name: str) -> Any:
    """Run a source text of ours and return what it defines under the name."""
    home: dict[str, Any] = {"__name__": "right"}
    exec(compile(source, f"{LENT}{name}>", "exec"), home)
    return home[name]


@contextlib.contextmanager
def replace_target(names: dict[str, Any], name: str, ours: Any, modules: Iterable[ModuleType] = ()) -> Iterator[None]:
    """Put our object in place of the submission's, wherever its modules use it, for the block.

    A failure that is gone then is only a consequence of the replaced part's.
    """
    theirs = names.get(name)
    homes = [names, *(vars(m) for m in modules if theirs is not None and vars(m).get(name) is theirs)]
    for home in homes:
        home[name] = ours
    try:
        yield
    finally:
        for home in homes:
            home[name] = theirs
