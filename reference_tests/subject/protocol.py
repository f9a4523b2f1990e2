"""The protocol between judge and subject: the question, the program to run, the trace of the run. Data only."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

Step = list[Any]  # of a program, as Plan explains
Answer = dict[str, np.ndarray]  # "out", "dx", "dW", "db" -> array; a reference may answer only some
EPS32, EPS64 = (float(np.finfo(kind).eps) for kind in ("float32", "float64"))


@dataclass(frozen=True)
class Op:
    """The contract of one component: how it is called. Argument names are the keys of a case's arrays and params."""

    component: str
    name: str  # the contract's name
    section: str  # the book's
    args: tuple[str, ...]  # of the function, or of forward
    make: tuple[str, ...] | None = None  # of the constructor; None: a plain function
    grads: Mapping[str, str] = field(default_factory=dict)  # "dx": "backward()", "dW": "dW"
    labels: tuple[str, ...] = ()  # arrays that stay integers
    named: tuple[str, ...] = ()  # arguments passed by keyword
    upstream: float | None = None  # what backward is called with; None: drawn
    advice: tuple[str, ...] = ()  # scenarios that are only advice for this layer
    edge: tuple[str, ...] = ()  # scenarios that are corner cases for this layer
    without: tuple[str, ...] = ()  # scenarios that mean nothing for this layer
    diagnose_with: str = "layer"  # how its failures are explained: as a layer's, or as a "network"'s
    may_write: tuple[str, ...] = ()  # inputs whose change is only advice; the layer has a scenario of its own for it


@dataclass(frozen=True)
class Question:
    """One case with its numbers drawn; every reference and the subject are asked the same."""

    op: Op
    arrays: dict[str, np.ndarray]
    params: dict[str, Any]
    dout: np.ndarray | None = None

    def __getitem__(self, name: str) -> Any:
        return self.arrays[name] if name in self.arrays else self.params[name]

    def but(self, **changes: Any) -> "Question":
        """Return the question with other arrays, parameters or dout. A mistake changes a reference's question so."""
        dout = changes.pop("dout", self.dout)
        arrays = {k: changes.get(k, v) for k, v in self.arrays.items()}
        return replace(self, dout=dout, arrays=arrays, params={k: changes.get(k, v) for k, v in self.params.items()})

    def cast(self, kind: str) -> "Question":
        """Return the question with every array (except labels) and the upstream gradient in another type."""
        arrays = {k: a if k in self.op.labels else np.asarray(a, kind) for k, a in self.arrays.items()}
        return self.but(**arrays, dout=None if self.dout is None else np.asarray(self.dout, kind))

    def exact(self) -> "Question":
        """Return the question in float64, in which every reference is asked."""
        return self.cast("f8")

    def key(self) -> bytes:
        """Return bytes that are equal for equal questions: the key under which answers are cached."""
        arrays = [*self.arrays.items(), *([] if self.dout is None else [("dout", self.dout)])]
        parts = [f"{k}{a.dtype}{a.shape}".encode() + a.tobytes() for k, a in arrays]
        return b"|".join([self.op.component.encode(), repr(self.params).encode(), *parts])


@dataclass(frozen=True)
class Plan:
    """A small program for the subject, and what must come out.

    A step is [verb, result, target, args] or [verb, result, target, args, keywords]. The verbs are
    make (an object), call, get (an attribute), spread (a call that gives a tuple; its result is a list of names),
    write (result[...] = target), descend (result[...] -= args[0] * target), set (the attribute result = target, where
    it is the array that args names; else that array is written into), fill (target[...] = counted(args[0]); the result
    is 0 if that is done, 1 if target is none or sealed, 2 if it is a read-only view of fewer numbers), and, before all
    others, replace (the subject's target by what the text in args defines).
    A target is a name of the subject's or of an object made before, with dots for attributes and dict keys.
    The program, the given arrays and the layout can be sent to another process; nothing else of a plan is.
    """

    program: list[Step]
    given: dict[str, np.ndarray]
    expect: dict[str, tuple[Question, str]]  # result -> (question, name in its answer)
    layout: str = "C"
    keep: tuple[str, ...] = ()  # results that later steps may not change
    eps: float = EPS32
    most: int = 0  # bytes that the arrays of an answer may have: what the right ones need, and more; 0: not known
    seconds: float = 0.0  # that the program may take; 0: as many as any


def counted(number: int, shape: Sequence[int]) -> np.ndarray:
    """Return an array of a shape whose numbers differ from place to place, and from those of another number."""
    return np.arange(math.prod(shape)).reshape(tuple(shape)) % 97 + 100.0 * number


@dataclass
class Stop:
    """The reason why a program did not reach its end."""

    reason: str  # absent arrays import exception timeout signal memory exit
    step: str
    text: str = ""
    line: str = ""
    refused: bool = False  # the submission's own raise
    call: str = ""  # the line of the method that was called, where `line` lies deeper


@dataclass(frozen=True)
class Returned:
    """What a call gave in place of one array of numbers."""

    kind: str  # None tuple list str dict generator method class complex objects text number array object
    length: int = 0  # of a tuple, list, dict or str
    detail: str = ""  # the shapes of its parts, its keys, its type
    call: str = ""  # the step's target, as layer.forward
    wanted: int = 1  # how many arrays should have come
    attribute: bool = False  # it was read, not called


@dataclass(frozen=True)
class Note:
    """A remark, as data: conformance/absences.py has the sentences.

    kind and values: lent (module), stand-in, decorator, base, own (place, other), imported (place, other),
    methods (there), init (place, method), stub (place), file (other, names), first, settings (why), net
    (signature, why), model and model-wrong (cost, names).
    """

    kind: str
    name: str  # the contract's name, or what was lent
    values: Mapping[str, str]

    def as_data(self) -> dict[str, object]:
        """Return the note as plain data, to be sent."""
        return {"kind": self.kind, "name": self.name, "values": dict(self.values)}


def read_note(data: Mapping[str, object]) -> Note:
    """Return the note in plain data that came from a child. Raises KeyError, TypeError or AttributeError for others."""
    values: Mapping[str, str] = data["values"]  # type: ignore[assignment]
    return Note(str(data["kind"])[:20], str(data["name"])[:200], {str(k): str(v)[:300] for k, v in values.items()})


@dataclass
class Trace:
    """The results of a run, and what the run left behind."""

    results: dict[str, np.ndarray] = field(default_factory=dict)  # as returned
    left: dict[str, np.ndarray] = field(default_factory=dict)  # the same arrays when the program ended
    inputs: dict[str, np.ndarray] = field(default_factory=dict)  # the given arrays when the program ended
    stop: Stop | None = None
    returned: dict[str, Returned] = field(default_factory=dict)  # result -> what came in place of an array


def identical(a: np.ndarray, b: np.ndarray) -> bool:
    """Return whether two arrays of a trace have the same type, shape and bytes."""
    return a is b or (a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes())


@dataclass(frozen=True)
class Spoken:
    """A layer in the target's own words. Codes use the contract's sizes (FN, FH ...), arguments and arrays (x_, W_)."""

    signature: str = ""  # of the class, or of the function
    returns: str = ""  # what forward returns, by the target's names
    make: str = ""  # the calls; "" where there is none
    forward: str = ""
    backward: str = ""
    names: Mapping[str, str] = field(default_factory=dict)  # array or result -> what it is called there
    layouts: Mapping[str, str] = field(default_factory=dict)  # -> its axes here, then there: "NCHW N H W C"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Interface:
    """How the target offers a layer where that is not the contract's interface. It was found out by trials."""

    text: str  # what is called, and what goes where
    source: str = ""  # of the adapter that is used
    convention: str = ""  # the known one that it follows
    reach: Mapping[str, list[int | str]] = field(default_factory=dict)  # what it can express, where that is not all
    lacks: tuple[str, ...] = ()  # results that it does not give, scenarios that it has no argument for
    spoken: Spoken = Spoken()
    uses: Mapping[str, str] = field(default_factory=dict)  # the source's names -> the module and the file they are from


@dataclass(frozen=True)
class Unread:
    """A class or function that looks like a layer, and whose interface could not be found out."""

    name: str  # the contract's, of the layer that it looks like
    signature: str
    why: str = ""  # "" where it only has another signature than the contract's
    sure: bool = True  # more than its name speaks for a layer
    home: str = ""  # the module and the file that it is from, a line each
    part: str = ""  # "backward": of a layer that is judged else, its backward pass


def parse_interface(one: Any) -> Interface:
    """Return what the child says of an interface. Raises what comes of reading a malformed description."""
    reach = {str(k): [v if type(v) is int else str(v) for v in values] for k, values in one["reach"].items()}
    text, source, convention = (str(one[k])[:20_000] for k in ("text", "source", "convention"))
    said = one["spoken"]
    words = {k: str(said[k])[:1000] for k in ("signature", "returns", "make", "forward", "backward")}
    spoken = Spoken(
        **words,
        names=parse_texts(said["names"]),
        layouts=parse_texts(said["layouts"]),
        notes=tuple(str(note)[:1000] for note in said["notes"]),
    )
    return Interface(text, source, convention, reach, tuple(map(str, one["lacks"])), spoken, parse_texts(one["uses"]))


def parse_unread(one: Any) -> Unread:
    """Return what the child says of something unread. Raises what comes of reading a malformed description."""
    name, signature, why, home, part = (str(one[k])[:1000] for k in ("name", "signature", "why", "home", "part"))
    return Unread(name, signature, why, home=home, part=part)


def parse_texts(texts: Any) -> dict[str, str]:
    """Return a dict of texts from the child. Raises what comes of reading a malformed description."""
    return {str(k)[:1000]: str(v)[:1000] for k, v in texts.items()}


class Subject(Protocol):
    """The implementation under test, as the judge knows it."""

    def has(self, name: str) -> bool:
        """Return whether the subject defines the name."""
        ...

    def run(self, plan: Plan) -> Trace:
        """Run a plan's program. Raises nothing that the subject does."""
        ...


def run_all(subject: Subject, plans: Sequence[Plan]) -> Iterator[Trace]:
    """Run plans' programs, several at a time where a subject can. Not all of them are run, as RemoteSubject says."""
    several: Callable[[Sequence[Plan]], Iterator[Trace]] | None = getattr(subject, "run_all", None)
    return several(plans) if several else map(subject.run, plans)


class Fault(Exception):
    """A fault of ours, never the learner's: references disagree, a case cannot be drawn."""
