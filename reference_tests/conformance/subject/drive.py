"""Runs one program on somebody's names. Used as it is in our process and in a worker: one way to drive."""

import contextlib
import dis
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

import numpy as np

from ..types import Stop, Trace

LIMIT = 256 << 20  # bytes of one result: no layer of a case comes near it


class TooLong(BaseException):
    """The time of one check is over."""


class MissingName(ImportError):
    """Something was used that the target could not import or assign."""


def run(
    names: Mapping[str, Any], program: list, given: dict[str, np.ndarray], layout="C", seconds=10.0, files=()
) -> Trace:
    """-> Trace. Never raises for what the submission does. files: the submission's own, for its line in an error."""
    env = {k: present(a, layout) for k, a in given.items()}
    trace, objects, step = Trace(), {}, ["", "", "", []]
    try:
        with limit(seconds), contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            for step in program:
                try:
                    take(step, names, objects, env, trace)
                except NotThere as missing:
                    trace.stop = Stop("absent", str(missing))
                    break
    except TooLong:
        trace.stop = Stop("timeout", step[2], f"{seconds:g} s")
    except MemoryError:
        trace.stop = Stop("memory", step[2])
    except SystemExit as e:
        trace.stop = Stop("exit", step[2], repr(e))
    except MissingName as e:
        trace.stop = Stop("import", step[2], str(e), where(e, files))
    except Exception as e:
        trace.stop = Stop("exception", step[2], sentence(e), where(e, files), refused(e.__traceback__))
    trace.inputs = {k: np.array(env[k]) for k in given}
    trace.left = {k: copied(env[k]) if k in env else trace.results[k] for k in trace.results}
    return trace


def take(step: list, names: Mapping[str, Any], objects: dict, env: dict, trace: Trace) -> None:
    """One step: make, call, get, write or descend (place -= rate * gradient)."""
    verb, result, target, args, *named = step
    if verb in ("write", "descend"):
        place = find(result, names, objects, env)
        place[...] = env[target] if verb == "write" else place - args[0] * env[target]
        return
    thing = find(target, names, objects, env)
    keywords = {k: value(a, env) for k, a in named[0].items()} if named else {}
    got = thing if verb == "get" else thing(*[value(a, env) for a in args], **keywords)
    if verb == "make":
        objects[result] = got
    elif isinstance(got, Mapping):
        env |= {f"{result}.{k}": a for k, a in got.items()}
        trace.results |= {f"{result}.{k}": copied(a) for k, a in got.items()}
    else:
        env[result] = got
        trace.results[result] = copied(got)


class NotThere(LookupError):
    """A name, an attribute or a dict's key that the submission does not have."""


def find(path: str, names: Mapping[str, Any], objects: dict, env: dict) -> Any:
    first, *rest = path.split(".")
    if path in env:
        return env[path]
    thing = objects.get(first, names.get(first))
    if thing is None:
        raise NotThere(path)
    for part in rest:
        if isinstance(thing, Mapping):
            if part not in thing:
                raise NotThere(path)
            thing = thing[part]
        elif hasattr(thing, part):
            thing = getattr(thing, part)
        else:
            raise NotThere(path)
    return thing


def value(argument: Any, env: dict) -> Any:
    """A string names an array; anything else is itself. (A list that came over a pipe was a tuple.)"""
    if isinstance(argument, str):
        return env[argument]
    return tuple(argument) if isinstance(argument, list) else argument


def copied(got: Any) -> np.ndarray:
    """As an array of our own; what is none is kept as its text, and is of the wrong type."""
    size = getattr(got, "nbytes", 0)
    if isinstance(size, int) and size > LIMIT:
        raise MemoryError(f"a result of {size >> 20} MB")
    try:
        return np.array(got)
    except ValueError:
        return np.array(f"{type(got).__name__} {got!r:.60}")


def present(a: np.ndarray, layout: str) -> np.ndarray:
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


@contextlib.contextmanager
def limit(seconds: float) -> Iterator[None]:
    """TooLong after so many seconds, and again each half second for code that catches everything.

    Only where signals reach us (the main thread, not Windows): elsewhere the worker's parent keeps the time."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: Any) -> None:
        raise TooLong

    old = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


def refused(tb: TracebackType | None) -> bool:
    """The submission's own `raise`: the last frame stands at one. numpy's C functions have no frame, so look at it."""
    while tb is not None and tb.tb_next:
        tb = tb.tb_next
    if tb is None:
        return False
    code = tb.tb_frame.f_code
    own = not code.co_filename.startswith(os.path.dirname(np.__file__))
    return own and dis.opname[code.co_code[tb.tb_lasti]] in ("RAISE_VARARGS", "RERAISE")


def where(error: BaseException, files: tuple[str, ...]) -> str:
    """The submission's own last line on the way to the error."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in files]
    if not frames:
        return ""
    name = f"{os.path.basename(frames[-1].filename)}, " if len(files) > 1 else ""
    return f"{name}line {frames[-1].lineno}: {frames[-1].line}"


def sentence(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]


@contextlib.contextmanager
def replaced(names: dict[str, Any], name: str, ours: Any) -> Iterator[None]:
    """For a while, everything that the subject's modules call `name` is ours: is a failure only a consequence of it?"""
    theirs = names.get(name)
    others = [vars(m) for m in list(sys.modules.values()) if theirs is not None and has(m, name, theirs)]
    homes = [names, *[home for home in others if home is not names]]
    for home in homes:
        home[name] = ours
    try:
        yield
    finally:
        for home in homes:
            home[name] = theirs


def has(module: Any, name: str, thing: Any) -> bool:
    return getattr(module, "__dict__", {}).get(name) is thing
