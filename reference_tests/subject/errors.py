"""What the code under test raises, or returns in place of an array, as data; and Missing, for a name not loaded."""

import dis
import os
import traceback
from collections.abc import Collection, Iterator, Mapping, MutableMapping
from itertools import islice
from types import (
    ClassMethodDescriptorType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    NoneType,
    TracebackType,
    WrapperDescriptorType,
)
from typing import Any

import numpy as np

from .names import suggest_for
from .protocol import Returned

LONGEST = 300  # characters of a message
DETAIL = 120  # characters of what is said of a returned thing
PARTS, KEYS = 6, 20  # parts of it, and keys, that are listed
NUMPY = os.path.dirname(np.__file__)
CALLER = os.path.join(os.path.dirname(__file__), "execute.py")  # what calls the target
LENT = "<right "  # how the file name of code of ours begins that a target runs


class MissingName(ImportError):
    """A name was used that the target could not import or assign."""


def raised_by_submission(tb: TracebackType | None) -> bool:
    """Return whether the submission raised the exception itself.

    NumPy's C functions have no frame, so being in the last frame is not enough: it must stand at a `raise`.
    """
    while tb is not None and tb.tb_next:
        tb = tb.tb_next
    if tb is None:
        return False
    code = tb.tb_frame.f_code
    own = not code.co_filename.startswith(NUMPY)
    return own and dis.opname[code.co_code[tb.tb_lasti]] in ("RAISE_VARARGS", "RERAISE")


def own_lines(error: BaseException, files: tuple[str, ...]) -> tuple[str, str]:
    """Return the submission's last line on the way to the error, and the line of the method that was called.

    Each is "line 3: x = y", "" if there is none. The second is "" where it is the first, and leaves out a __call__
    that only hands on.
    """
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in files]
    if not frames:
        return "", ""
    called = next((f for f in frames[:-1] if f.name != "__call__"), frames[-1])
    last, first = (_describe_line(f, files) for f in (frames[-1], called))
    return last, first if first != last else ""


def _describe_line(frame: traceback.FrameSummary, files: tuple[str, ...]) -> str:
    name = f"{os.path.basename(frame.filename)}, " if len(files) > 1 else ""
    return f"{name}line {frame.lineno}: {frame.line}"


def lent_call(error: BaseException) -> str:
    """Return the call of a lent function that raised, with what the target gave to it: its author never saw its text.

    im2col(input_data (2, 3, 4, 5), filter_h=7, filter_w=1, stride=1, pad=0); "" where it was none.
    """
    for frame, _ in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        if code.co_filename.startswith(LENT):
            names = [n for n in code.co_varnames[: code.co_argcount] if n != "self" and n in frame.f_locals]
            given = [_argument(name, frame.f_locals[name]) for name in names]
            return f"{code.co_filename[len(LENT) : -1]}({', '.join(given)})"[:DETAIL]
    return ""


def with_parameters(error: TypeError, thing: Any) -> TypeError:
    """Return the error that a call did not fit, with what is called and its parameters; any other error as it is.

    Such an error has no frame of the thing's own: Relu.backward() takes 1 positional argument but 2 were given:
    backward(self).
    """
    deepest = list(traceback.walk_tb(error.__traceback__))[-1][0]
    code = getattr(getattr(thing, "__func__", thing), "__code__", None)
    if (
        deepest.f_code.co_filename != CALLER
        or not isinstance(code, CodeType)
        or "positional argument" not in str(error)
    ):
        return error
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    return TypeError(f"{error}: {code.co_name}({', '.join(names)})").with_traceback(error.__traceback__)


def _argument(name: str, value: Any) -> str:
    return f"{name} {value.shape}" if isinstance(value, np.ndarray) else f"{name}={value!r:.40}"


def describe_exception(error: BaseException) -> str:
    """Return the exception's type and message, with a suggestion for a misspelled name, or what a lent function got."""
    try:
        text = f"{type(error).__name__}: {error}{suggest_for(error)}"[:LONGEST].removesuffix(": ")
        text += f": {call}" if (call := lent_call(error)) else ""
        return text.encode(errors="replace").decode()  # without half characters
    except Exception:  # its own __str__ fails
        return type(error).__name__


def describe_returned(got: Any) -> Returned | None:
    """Return what came in place of an array of numbers, None for such an array."""
    try:
        return _describe(got)
    except Exception:  # an object of the submission's that cannot be looked at
        return Returned("object", detail=type(got).__name__)


def _describe(got: Any) -> Returned | None:
    if got is None:
        return Returned("None")
    if isinstance(got, np.ndarray | np.generic):
        return _describe_array(got)
    if isinstance(got, str | bytes):
        return Returned(type(got).__name__, len(got), f"{got!r:.60}")
    if isinstance(got, tuple | list):
        parts = [_part(part) for part in got[:PARTS]] + ["..."] * (len(got) > PARTS)
        return Returned("tuple" if isinstance(got, tuple) else "list", len(got), ", ".join(parts)[:DETAIL])
    if isinstance(got, Mapping):
        return Returned("dict", len(got), ", ".join(map(str, islice(got, KEYS)))[:DETAIL])
    if isinstance(got, Iterator):
        return Returned("generator", detail=type(got).__name__)
    if isinstance(got, bool | int | float | complex):
        return Returned("complex" if isinstance(got, complex) else "number", detail=f"{got!r:.60}")
    if callable(got) and hasattr(got, "__name__"):
        return Returned("class" if isinstance(got, type) else "method", detail=got.__name__[:DETAIL])
    return None if hasattr(got, "__array__") else Returned("object", detail=type(got).__name__)


def _describe_array(got: np.ndarray | np.generic) -> Returned | None:
    if got.dtype.kind in "biuf":
        return None if isinstance(got, np.ndarray) else Returned("number", detail=f"{got!r:.60}")
    if got.dtype.kind == "O":
        inside = dict.fromkeys(type(part).__name__ for part in np.ravel(got)[:PARTS])
        return Returned("objects", detail=", ".join(inside)[:DETAIL])
    return Returned("complex" if got.dtype.kind == "c" else "text", detail=str(got.dtype)[:DETAIL])


def _part(part: Any) -> str:
    return str(part.shape) if isinstance(part, np.ndarray) else "None" if part is None else type(part).__name__


class Missing:
    """The value of a name that could not be loaded. Whatever is done with it raises MissingName with the reason."""

    def __init__(self, why: str) -> None:
        self.__dict__["_why"] = why

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # copy, inspect and the like only ask whether it is there
            raise AttributeError(name)
        raise MissingName(self._why)

    def __setattr__(self, name: str, value: Any) -> None:
        raise MissingName(self._why)

    def __repr__(self) -> str:
        return f"<missing: {self._why}>"


def _raise_missing(self: Missing, *args: Any, **keywords: Any) -> Any:
    raise MissingName(self._why)


SPECIAL_METHODS = """
    call getitem setitem delitem iter next len contains bool int float index complex array enter exit mro_entries
    add radd iadd sub rsub isub mul rmul imul matmul rmatmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow
    neg pos abs invert and or xor lshift rshift lt le gt ge"""
for _name in SPECIAL_METHODS.split():
    setattr(Missing, f"__{_name}__", _raise_missing)

_LOOKED_AT = """
    getattribute getattr get class instancecheck subclasscheck signature eq hash bool len iter contains dir repr str"""
LOOKED_AT = frozenset(f"__{_name}__" for _name in _LOOKED_AT.split())  # what runs where a thing is only looked at
MRO, VARS = (vars(type)[name].__get__ for name in ("__mro__", "__dict__"))  # of a class, and nothing of its own is run


def set_aside(names: MutableMapping[str, Any], files: Collection[str], why: str) -> None:
    """Put a Missing in the place of each thing in a module's names that runs code of these files where it is looked at.

    why: what is said of them. The module's own __getattr__ goes.
    """
    names.pop("__getattr__", None)
    for name, thing in names.items():
        if answers_itself(thing, files):
            names[name] = Missing(f"{name}: {why}")


def answers_itself(thing: Any, files: Collection[str]) -> bool:
    """Return whether code of these files runs where a thing, or a member of a class, is only looked at."""
    kind = type(thing)
    if any(is_hook(value, files) for one in MRO(kind) for name, value in VARS(one).items() if name in LOOKED_AT):
        return True
    if type not in MRO(kind):
        return False
    members = [type(value) for one in MRO(thing) for value in VARS(one).values()]
    return any(is_hook(VARS(one)["__get__"], files) for kind in members for one in MRO(kind) if "__get__" in VARS(one))


def is_hook(value: Any, files: Collection[str]) -> bool:
    """Return whether what a class has under a special name may run code of these files."""
    if type(value) is FunctionType:
        return value.__code__.co_filename in files
    return type(value) not in OF_PYTHON


OF_PYTHON = (
    NoneType,  # __hash__ of what has an __eq__ of its own
    WrapperDescriptorType,
    MethodDescriptorType,
    ClassMethodDescriptorType,
    CodeType,
    GetSetDescriptorType,
    MemberDescriptorType,
)
