"""Whether judge and diagnosis bear any answer: right traces are changed at random, and no change may be a fault.

python -m reference_tests.quality.changed_answers 100000 --seed 1
"""

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from ..conformance import examination, judge, messages
from ..conformance.contract import COMPONENTS, all_checks
from ..conformance.types import Check, PreparedCheck, Verdict
from ..subject.load import load
from ..subject.protocol import Plan, Returned, Stop, Trace

TARGET = "impl.plain"
REASONS = ("absent", "stub", "import", "exception", "timeout", "signal", "memory", "exit")
KINDS = ("None", "tuple", "list", "str", "dict", "generator", "method", "class", "complex", "objects", "number", "?")
DTYPES = ("f2", "f4", "f8", "i1", "i8", "u1", "u8", "b1")
TEXTS: tuple[str, ...] = (
    "None",
    "object array of shape (3,)",
    "complex128 array of shape (2, 3)",
    "float64 array of shape (9999, 9999)",
)
TEXTS += ("", "\x1b[2J", "{0.__class__}", "a" * 200)
ODD = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1e308, -1e308, 1e-310)
GROUP = 25  # answers that are changed before a component is explained


@dataclass
class Faults:
    """The changed answers that were judged, and what went wrong: one text each."""

    changed: int = 0
    found: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Recorded:
    """A subject that answers with a changed trace."""

    changed: Trace

    def has(self, name: str) -> bool:
        """Return True: every name is there."""
        return True

    def run(self, plan: Plan) -> Trace:
        """Return the changed trace."""
        return self.changed


@cache
def right_traces(component: str) -> list[tuple[Check, PreparedCheck, Trace]]:
    """Return the checks of a component with a right implementation's traces."""
    subject = load(TARGET)
    found = []
    for check in all_checks([component]):
        ready = judge.prepare(check)
        found.append((check, ready, subject.run(ready.plan)))
    return found


def find_faults(count: int, seed: int = 0, components: tuple[str, ...] = COMPONENTS) -> Faults:
    """Change so many answers, judge and explain them. Return what went wrong: an exception, or a fault of ours."""
    rng, faults = np.random.default_rng(seed), Faults()
    while faults.changed < count:
        component = components[rng.integers(len(components))]
        faults.found += list(fuzz_component(component, rng))
        faults.changed += GROUP
    return faults


def fuzz_component(component: str, rng: np.random.Generator) -> Iterator[str]:
    """Change a few of a component's answers, in one way or each in its own; judge all, explain, say the messages."""
    entries = right_traces(component)
    chosen = {int(n) for n in rng.integers(len(entries), size=GROUP)}
    one = CHANGES[rng.integers(len(CHANGES))] if rng.random() < 0.5 else None
    verdicts: list[Verdict] = []
    doing = "judging"
    try:
        for number, (check, ready, trace) in enumerate(entries):
            doing = f"judging {check.id}"
            if number in chosen:
                changed = (one or CHANGES[rng.integers(len(CHANGES))])(trace, ready.plan, rng)
                verdicts.append(judge.judge(check, Recorded(changed), ready=ready))
            else:
                verdicts.append(Verdict(check, "pass", plan=ready.plan))
        yield from (f"{v.check.id}: {v.reason}" for v in verdicts if v.status == "error")
        doing = "explaining " + ", ".join(v.check.id for v in verdicts if v.status != "pass")
        examination.explain(verdicts, pairs=0)
        for verdict in verdicts:
            messages.failure(verdict, TARGET)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        yield f"{doing}: {type(error).__name__}: {error} at {place.filename}:{place.lineno}"


def change_results(trace: Trace, change: Callable[[np.ndarray], np.ndarray], rng: np.random.Generator) -> Trace:
    """Return the trace with one result, or all, changed."""
    names = list(trace.results)
    some = names if rng.random() < 0.4 or not names else [names[rng.integers(len(names))]]
    numbers = {k for k in some if np.asarray(trace.results[k]).dtype.kind in "biuf"}
    results = {k: change(np.asarray(a)) if k in numbers else a for k, a in trace.results.items()}
    return replace(trace, results=results, left=dict(results))


def to_shape(trace: Trace, plan: Plan, rng: np.random.Generator) -> Trace:
    """Change shapes: an axis more or less, other sizes, none at all, empty."""

    def change(a: np.ndarray) -> np.ndarray:
        kind = rng.integers(8)
        if kind == 0:
            return a[None]
        if kind == 1:
            return a.ravel()
        if kind == 2:
            return a.T.copy()
        if kind == 3:
            return np.array(a.flat[0] if a.size else 0.0)
        if kind == 4:
            return np.zeros((0, *a.shape[1:]), a.dtype)
        if kind == 5:
            return rng.standard_normal(tuple(rng.integers(0, 5, size=rng.integers(0, 6))))
        if kind == 6:
            return np.pad(a, 1) if a.ndim else np.zeros(3)
        return a[..., :-1] if a.ndim else np.zeros((1, 1))

    return change_results(trace, change, rng)


def to_dtype(trace: Trace, plan: Plan, rng: np.random.Generator) -> Trace:
    """Change the type of the numbers."""
    with np.errstate(all="ignore"):
        return change_results(trace, lambda a: a.astype(DTYPES[rng.integers(len(DTYPES))]), rng)


def to_odd_numbers(trace: Trace, plan: Plan, rng: np.random.Generator) -> Trace:
    """Put nan, infinities, zeros and the largest numbers at some places, or at all."""

    def change(a: np.ndarray) -> np.ndarray:
        a = np.array(a, "f8")
        a[rng.random(a.shape) < rng.choice([0.02, 0.5, 1.0])] = ODD[rng.integers(len(ODD))]
        return a

    return change_results(trace, change, rng)


def to_constant(trace: Trace, plan: Plan, rng: np.random.Generator) -> Trace:
    """Make all numbers one."""
    return change_results(trace, lambda a: np.full(a.shape, rng.choice([0.0, 1.0, -1.0, 0.5, 2.0])), rng)


def to_scaled(trace: Trace, plan: Plan, rng: np.random.Generator) -> Trace:
    """Scale, negate, shuffle or shift the numbers."""

    def change(a: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            a = np.asarray(a, "f8")
            return [a * 2, -a, rng.permutation(a.ravel()).reshape(a.shape), a + 1, a * 1e300, a**2][rng.integers(6)]

    return change_results(trace, change, rng)


def to_text(trace: Trace, plan: Plan, rng: np.random.Generator) -> Trace:
    """Put a text in place of an array, as comes of what is no array of numbers."""
    return change_results(trace, lambda a: np.array(TEXTS[rng.integers(len(TEXTS))]), rng)


def to_large(trace: Trace, plan: Plan, rng: np.random.Generator) -> Trace:
    """Make an array many times larger than the right one."""
    return change_results(trace, lambda a: np.zeros((int(rng.integers(1, 40)), *a.shape[:2], 7)), rng)


def to_missing(trace: Trace, plan: Plan, rng: np.random.Generator) -> Trace:
    """Leave results out, with or without a word on what came in their place."""
    results = {k: a for k, a in trace.results.items() if rng.random() < 0.5}
    said = Returned(str(rng.choice(KINDS)), int(rng.integers(-3, 5)), str(rng.choice(TEXTS)), "layer.forward")
    returned = {k: said for k in trace.results if k not in results} if rng.random() < 0.5 else {}
    return replace(trace, results=results, left=dict(results), returned=returned)


def to_returned(trace: Trace, plan: Plan, rng: np.random.Generator) -> Trace:
    """Say of results that they were no arrays, and how many should have come."""
    values = (int(rng.integers(0, 9)), str(rng.choice(TEXTS)), "", int(rng.integers(0, 4)), bool(rng.integers(2)))
    said = Returned(str(rng.choice(KINDS)), *values)
    return replace(to_text(trace, plan, rng), returned=dict.fromkeys(trace.results, said))


def to_stop(trace: Trace, plan: Plan, rng: np.random.Generator) -> Trace:
    """Stop somewhere, for any reason, with any text."""
    step = str(plan.program[rng.integers(len(plan.program))][2]) if rng.random() < 0.8 else ""
    text = str(rng.choice([*TEXTS, "ValueError: shapes (3,4) and (5,6) not aligned", "IndexError: index 9 is out"]))
    stop = Stop(str(rng.choice(REASONS)), step, text, str(rng.choice(["", "layers.py:3: x"])), bool(rng.integers(2)))
    return Trace(inputs=dict(trace.inputs), stop=stop)


def to_overwritten(trace: Trace, plan: Plan, rng: np.random.Generator) -> Trace:
    """Change what is left at the end: inputs, or earlier results."""
    inputs = {k: a + 1 if rng.random() < 0.5 and a.dtype.kind == "f" else a for k, a in trace.inputs.items()}
    left = {k: np.asarray(a) * 0 if np.asarray(a).dtype.kind in "biuf" else a for k, a in trace.results.items()}
    return replace(trace, inputs=inputs, left=left)


Change = Callable[[Trace, Plan, np.random.Generator], Trace]
CHANGES: tuple[Change, ...] = (
    to_shape, to_dtype, to_odd_numbers, to_constant, to_scaled, to_text, to_large, to_missing, to_returned, to_stop,
    to_overwritten,
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Change so many answers, and print what went wrong. Return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m reference_tests.quality.changed_answers", description=main.__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(arguments)
    os.environ["CONVCHECK_TRACEBACK"] = "1"  # a fault of the diagnosis is what is looked for
    faults = find_faults(given.count, given.seed)
    print(f"{faults.changed} answers changed: {len(faults.found)} faults")
    for fault in faults.found[:50]:
        print(f"  {fault}")
    return int(bool(faults.found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
