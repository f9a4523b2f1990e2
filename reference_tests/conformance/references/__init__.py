"""The right answers. No reference is trusted alone: two must agree in float64 before a subject is judged.

Each module here has ANSWERS: component -> function(question) -> Answer, which is {} if it cannot answer the question.
Where torch is not installed, or not wanted, two other modules answer in its place.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ...installation import install_command
from ...subject.protocol import EPS32, EPS64, Answer, Fault, Question
from . import answer_cache

# The first that answers gives the numbers.
ORDER = ("loops", "loops_layers", "loops_network", "scipy_ref", "golden_ref")
WITH_TORCH = ("torch_ref", *ORDER)
WITHOUT_TORCH = ("matrices", "whole_arrays", *ORDER)
TWO = ("matrices", "whole_arrays", "loops", "loops_layers", "loops_network", "scipy_ref")  # the first two that answer
QUICK = ("matrices", "loops")  # which need no second to import
CPU = ("cpu",)
NO_TORCH: tuple[str, ...] = ()  # torch answers on no device
_memo: dict[tuple[bytes, tuple[str, ...]], Answer] = {}
_two_alone: tuple[str, ...] = ()

Reference = Callable[..., Answer]  # (question), torch's also (question, device, dtype)
Allowed = Callable[[Question, Answer, float], Answer]  # (question, right answer, eps) -> allowed error


def asks_torch() -> bool:
    """Whether torch is among the references: it is installed, and CONVCHECK_TORCH is not 0."""
    return os.environ.get("CONVCHECK_TORCH") != "0" and torch_is_installed()


@cache
def torch_is_installed() -> bool:
    """Whether torch can be imported; it is not."""
    return find_spec("torch") is not None


def _tables() -> dict[str, dict[str, Reference]]:
    """Return the ANSWERS of every reference in order; imported when first needed, torch takes seconds."""
    return _imported(_two_alone or (WITH_TORCH if asks_torch() else WITHOUT_TORCH))


@contextmanager
def two_alone() -> Iterator[None]:
    """Let two references answer, and none that takes seconds to import; no finite differences are tried besides.

    For many questions that nobody has asked before, whose formulas were tried on others.
    """
    global _two_alone
    before, _two_alone = _two_alone, TWO
    try:
        yield
    finally:
        _two_alone = before


@cache
def _imported(names: tuple[str, ...]) -> dict[str, dict[str, Reference]]:
    return {name: import_module(f"{__name__}.{name}").ANSWERS for name in names}


def ask(q: Question, reference: str | None = None) -> Answer:
    """Return the answer of one reference, or of the first that answers if none is named."""
    question, kept_as = q.key(), f"ask {reference}"
    if answer := answer_cache.get(kept_as, question):
        return answer
    tables = _tables() if q.arrays or reference else _imported(QUICK)  # without arrays an answer is a whole number
    answer = first_answer(q.exact(), [tables[reference]] if reference else tables.values())
    answer_cache.put(kept_as, question, answer)
    return answer


def first_answer(q: Question, tables: Iterable[dict[str, Reference]]) -> Answer:
    """Return the answer of the first reference that has one to this question, which is in float64."""
    answers = (t[q.op.component](q) for t in tables if q.op.component in t)
    return next(answer for answer in answers if answer)


def right_answer(q: Question, allowed: Allowed, devices: tuple[str, ...] = CPU) -> Answer:
    """Return the answer on which all references agree; it is remembered.

    Raises Fault if two disagree by more than allowed, or if fewer than two answer.
    """
    devices = devices if asks_torch() else NO_TORCH
    key, kept_as = (q.key(), devices), {CPU: "agreed", NO_TORCH: "agreed without torch"}.get(devices, "")
    if _two_alone:
        key, kept_as = (key[0], TWO), "agreed by two"
    if key not in _memo and kept_as and (known := answer_cache.get(kept_as, key[0])):
        _memo[key] = known
    if key not in _memo:
        exact = q.exact()
        answers = ask_all(exact, devices)
        want = dict(next(iter(answers.values())))
        for answer in answers.values():
            want = {**answer, **want}
        bounds = {eps: allowed(exact, want, eps) for eps in {precision_of(name) for name in answers}}
        for what in want:
            require_agreement(q, what, {name: a[what] for name, a in answers.items() if what in a}, bounds)
        if q.dout is not None and not _two_alone:
            check_gradient_numerically(exact, want)
        _memo[key] = want
        if kept_as:
            answer_cache.put(kept_as, key[0], want)
    return _memo.pop(key) if _two_alone else _memo[key]  # each target has others


def devices(asked: str) -> tuple[str, ...]:
    """Return the torch devices that --device means on this machine; raise ValueError if it has no such device.

    "none" means that torch is not asked, here and in every process started from here. torch is imported only if its
    build has CUDA at all: importing it takes seconds, and answers may all be cached.
    """
    if asked == "none":
        os.environ["CONVCHECK_TORCH"] = "0"
    if not asks_torch():
        if asked in ("cuda", "all"):
            raise ValueError(f"--device {asked} needs torch, which is not asked here: {how_to_add_torch()}")
        return NO_TORCH
    if asked in ("auto", "cpu") and not built_for_cuda():
        return CPU
    from . import torch_ref

    return torch_ref.devices(asked)


def how_to_add_torch() -> str:
    """Say what would make torch one of the references: installing it, or leaving out what keeps it away."""
    if torch_is_installed():
        return "leave out --device none and CONVCHECK_TORCH=0"
    return install_command("torch")


def built_for_cuda() -> bool:
    """Read from torch's version file, without importing torch, if its build has CUDA; True if there is no such file."""
    torch = find_spec("torch")
    about = Path(torch.origin).with_name("version.py") if torch and torch.origin else None
    if about is None or not about.exists():
        return True
    return not re.search(r"^cuda\b[^=]*= None$", about.read_text(encoding="utf-8"), re.M)


def forget() -> None:
    """Drop all remembered answers, which otherwise live as long as the process: for who draws thousands of cases."""
    _memo.clear()


def ask_all(q: Question, devices: tuple[str, ...]) -> dict[str, Answer]:
    """Return name -> answer of every reference that answers this question; torch answers on every device."""
    component, found = q.op.component, dict[str, Answer]()
    for name, table in _tables().items():
        if component not in table or (_two_alone and len(found) == 2):
            continue
        if not name.startswith("torch"):
            found[name] = table[component](q)
            continue
        for device in devices:
            found[f"torch on {device}"] = table[component](q, device)
            if device != "cpu":
                found[f"torch on {device} in float32"] = table[component](q.cast("f4"), device, "float32")
    return {name: answer for name, answer in found.items() if answer}


def precision_of(reference: str) -> float:
    """Return the eps in which a reference answers."""
    return EPS32 if reference.endswith("float32") else EPS64


def require_agreement(q: Question, what: str, given: dict[str, np.ndarray], bounds: dict[float, Answer]) -> None:
    """Raise Fault if fewer than two references give this array, or if two differ by more than the bound.

    given: reference -> array. bounds: eps of the reference's precision -> allowed errors.
    """
    (first, right), *others = given.items()
    if not others:
        raise Fault(f"{q.op.component}.{what}: only {first} answers")
    for name, other in others:
        bound = bounds[precision_of(name)][what]
        if other.shape != right.shape:
            raise Fault(f"{q.op.component}.{what}: {first} has shape {right.shape}, {name} {other.shape}")
        with np.errstate(invalid="ignore"):
            off = np.where(other == right, 0.0, np.abs(other - right))
        if not np.all((off <= bound) | (np.isnan(right) & np.isnan(other))):
            raise Fault(f"{q.op.component}.{what}: {first} and {name} disagree by {np.nanmax(off):.3g}")


def check_gradient_numerically(q: Question, want: Answer) -> None:
    """Compare each gradient with central differences of the forward, along a random direction of the array.

    Raises Fault if they differ by more than the differences' own error. A kink on the way (ReLU at 0, a tie) shows as
    one-sided differences that part, and says nothing about the gradient: such an array is skipped.
    """
    middle = want["out"] if "out" in want else ask(q.but(dout=None))["out"]
    for name, gradient in want.items():
        x = q.arrays.get(name[1:])
        if name == "out" or x is None or not x.size or name[1:] in q.op.labels:
            continue
        direction = np.random.default_rng(x.size).standard_normal(x.shape) * np.maximum(1.0, np.abs(x))
        step = 1e-6  # of each number's own size: what is small beside 1000 may be large beside 1
        moved = (q.but(**{name[1:]: x + sign * step * direction}, dout=None) for sign in (1, -1))
        up, down = (first_answer(m, _tables().values())["out"] for m in moved)
        right, left = ((a - b) / step * np.asarray(q.dout) for a, b in ((up, middle), (middle, down)))
        scale = float(np.sum(np.abs(gradient * direction)) + np.sum(np.abs(right)))
        kinks = float(np.sum(np.abs(right - left)))  # a smooth function has 1e-6 of its curvature here
        if not np.isfinite(scale) or kinks > 1e-3 * scale:
            continue
        dout = np.abs(np.asarray(q.dout))  # what is rounded is as large as the output, or as x
        rounding = EPS64 * float(np.sum(np.abs(middle) * dout) + np.max(np.abs(x)) * np.sum(dout)) / step
        numerical, analytic = float(np.sum(right + left) / 2), float(np.sum(gradient * direction))
        if abs(numerical - analytic) > 1e-7 * scale + kinks / 2 + rounding:
            raise Fault(
                f"{q.op.component}.{name}: central differences give {numerical:.9g}, the references {analytic:.9g}"
            )
