"""Arrays on their way to somebody's code and back."""

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from .errors import MissingName, describe_exception, last_own_line, raised_by_submission
from .limits import OutOfTime, limit_time, silence_io
from .protocol import Stop, Trace
from .suggest import attribute_names, find_close_name

NUMBER_KINDS = "biuf"
MAX_RESULT = 256 << 20  # bytes of one result: no layer of a case comes near it


def copy_result(got: Any) -> np.ndarray:
    """As an array of our own; what is no number is kept as its text, and is of the wrong type."""
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


def with_layout(a: np.ndarray, layout: str) -> np.ndarray:
    """The same numbers, laid out in memory as callers really have them."""
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


def execute(
    names: Mapping[str, Any],
    program: list,
    given: dict[str, np.ndarray],
    layout: str = "C",
    seconds: float = 10.0,
    files: tuple[str, ...] = (),
    note: Callable[[int], None] = lambda step: None,
) -> Trace:
    """-> Trace. Never raises for what the submission does.

    files: the submission's own, for its line in an error. note: is told the number of each step before it is taken."""
    env: dict[str, Any] = {k: with_layout(a, layout) for k, a in given.items()}
    lent = dict(env)
    trace, objects = Trace(), dict[str, Any]()
    at = ""
    try:
        with limit_time(seconds), silence_io(), np.errstate(all="ignore"):
            for number, step in enumerate(program):
                note(number)
                at = step[1] if step[0] in ("write", "descend") else step[2]
                execute_step(step, names, objects, env, trace)
            trace.left = {k: copy_result(env[k]) for k in trace.results}
    except UnknownTarget as missing:
        trace.stop = Stop("absent", str(missing.args[0]), missing.args[1])
    except WrongShape as error:  # no line of theirs
        trace.stop = Stop("exception", at, str(error))
    except OutOfTime:
        trace.stop = Stop("timeout", at, f"{seconds:g} s")
    except MemoryError as e:
        trace.stop = Stop("memory", at, str(e))
    except SystemExit as e:
        trace.stop = Stop("exit", at, describe_exception(e))
    except (MissingName, ModuleNotFoundError) as e:
        trace.stop = Stop("import", at, str(e), last_own_line(e, files))
    except KeyboardInterrupt:
        raise
    except BaseException as e:
        trace.stop = Stop(
            "exception", at, describe_exception(e), last_own_line(e, files), raised_by_submission(e.__traceback__)
        )
    trace.inputs = {k: np.array(a) for k, a in lent.items()}
    trace.left = trace.left or dict(trace.results)
    return trace


def execute_step(step: list, names: Mapping[str, Any], objects: dict, env: dict, trace: Trace) -> None:
    """One step: make, call, get, write, descend (place -= rate * gradient) or spread (a call that gives a tuple).

    replace is done before all of them."""
    verb, result, target, args, *named = step
    if verb == "replace":
        return
    if verb in ("write", "descend"):
        place = find_target(result, names, objects, env)
        new = env[target] if verb == "write" else place - args[0] * env[target]
        try:
            place[...] = new
        except ValueError:
            raise WrongShape(f"the shape {np.shape(place)}, should be {np.shape(new)}") from None
        return
    thing = find_target(target, names, objects, env)
    keywords = {k: resolve_argument(a, env) for k, a in named[0].items()} if named else {}
    got = thing if verb == "get" else thing(*[resolve_argument(a, env) for a in args], **keywords)
    if verb == "make":
        objects[result] = got
    elif verb == "spread":
        if not isinstance(got, tuple | list) or len(got) != len(result):
            raise ValueError(f"{target} should give {len(result)} arrays, as a tuple; it gives {type(got).__name__}")
        env |= dict(zip(result, got))
        trace.results |= {k: copy_result(a) for k, a in zip(result, got)}
    elif isinstance(got, Mapping):
        env |= {f"{result}.{k}": a for k, a in got.items()}
        trace.results |= {f"{result}.{k}": copy_result(a) for k, a in got.items()}
    else:
        env[result] = got
        trace.results[result] = copy_result(got)


class UnknownTarget(LookupError):
    """A name, an attribute or a dict's key that the submission does not have; and one that looks like it, or ''."""


class WrongShape(Exception):
    """A parameter has not the shape that is written into it."""


def find_target(path: str, names: Mapping[str, Any], objects: dict, env: dict) -> Any:
    first, *rest = path.split(".")
    if path in env:
        return env[path]
    thing = objects.get(first, names.get(first))
    if thing is None:
        raise UnknownTarget(path, "")
    for part in rest:
        if isinstance(thing, Mapping):
            if part not in thing:
                raise UnknownTarget(path, find_close_name(part, attribute_names(thing)))
            thing = thing[part]
        elif hasattr(thing, part):
            thing = getattr(thing, part)
        else:
            raise UnknownTarget(path, find_close_name(part, attribute_names(thing)))
    return thing


def resolve_argument(argument: Any, env: dict) -> Any:
    """A string names an array; anything else is itself. (A list that came over a pipe was a tuple.)"""
    if isinstance(argument, str):
        return env[argument]
    return tuple(argument) if isinstance(argument, list) else argument


@functools.cache
def load_substitute(source: str, name: str) -> Any:
    """What a text of ours defines under the name."""
    home: dict[str, Any] = {"__name__": "right"}
    exec(compile(source, f"<right {name}>", "exec"), home)
    return home[name]


@contextlib.contextmanager
def replace_target(names: dict[str, Any], name: str, ours: Any, modules: Iterable[ModuleType] = ()) -> Iterator[None]:
    """For a while, everything that the subject's modules call `name` is ours: is a failure only a consequence of it?"""
    theirs = names.get(name)
    homes = [names, *(vars(m) for m in modules if theirs is not None and vars(m).get(name) is theirs)]
    for home in homes:
        home[name] = ours
    try:
        yield
    finally:
        for home in homes:
            home[name] = theirs
