"""Somebody's own network beside the twin of one of ours: the same parameters, then scores, loss and gradients.

It is made without arguments and used as the book's are: params (a dict of arrays, written in place), predict(x),
loss(x, t), gradient(x, t). Its parameters may have other names and another order; they are found by their shapes.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from impl.networks import NETWORKS

from ...subject.protocol import EPS32, Op, Plan, Subject, Trace
from ..compare import compare_one
from ..scenarios import PLAIN
from ..tolerance import largest
from ..types import Case, Check, Problem, Verdict
from .layerwise import END, loss_of, twin_of

NAME = "SimpleConvNet"  # the contract's name that the network is mapped to
BATCH = 3
MAKE = ["make", "net", NAME, []]


def examine(subject: Subject, place: str, like: str) -> list[Verdict]:
    """Verdicts on the network that `subject` has under NAME, called `place`, beside the twin of `like`."""
    graph = NETWORKS[like]()
    told = ForeignNetworkReport(place, like, {"x": (BATCH, *graph.input_dim)})
    first = subject.run(Plan([MAKE, ["get", "params", "net.params", []]], {}, {}))
    own = {k.partition(".")[2]: a for k, a in first.results.items() if k.startswith("params.")}
    if first.stop or not own:
        return [told.stopped("its parameters", first)]
    classes = graph.shapes[graph.nodes[-1].name][0]
    twin = twin_of(like, graph.input_dim, classes, dtype="float64")
    right = {k: a for k, a in twin.numbers().items() if k in graph.trained}
    pairs = matched({k: a.shape for k, a in own.items()}, {k: a.shape for k, a in right.items()})
    if isinstance(pairs, str):
        return [told.problem("its parameters", Problem("parameters", "params", note=pairs))]
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((BATCH, *graph.input_dim)), rng.integers(0, classes, BATCH)
    values = twin.run(x, train=True)
    scores = values[graph.nodes[-1].name]
    loss, dscores = loss_of(scores, t)
    given = {"x": x, "t": t, **{k: turned(right[of], back) for k, (of, back) in pairs.items()}}
    writes = [["write", f"net.params.{k}", k, []] for k in pairs]
    found = []
    for what, step, want in (
        ("predict", ["call", "scores", "net.predict", ["x"]], {"scores": scores}),
        ("loss", ["call", "loss", "net.loss", ["x", "t"]], {"loss": np.asarray(loss)}),
        ("gradient", ["call", "grads", "net.gradient", ["x", "t"]], gradients(twin, graph, values, dscores, pairs)),
    ):
        trace = subject.run(Plan([MAKE, *writes, step], given, {}))
        found.append(told.compared(what, trace, want))
    if found[0].status == "fail" and found[0].reason == "values":
        note = where(subject, writes, given, [values[node.name] for node in graph.nodes])
        found[0].problems[0] = told.with_note(found[0].problems[0], note)
    return found


class ForeignNetworkReport:
    """Verdicts under one name."""

    def __init__(self, place: str, like: str, shapes: dict[str, tuple[int, ...]]) -> None:
        self.op, self.shapes = Op(like, place, "", ("x", "t")), shapes

    def verdict(self, why: str, status: str, reason: str, problems: list[Problem]) -> Verdict:
        part = "backward" if why == "gradient" else "forward"
        return Verdict(Check(Case(self.op, why, self.shapes), PLAIN, part), status, reason, problems)

    def problem(self, why: str, problem: Problem) -> Verdict:
        return self.verdict(why, "fail", problem.kind, [problem])

    def stopped(self, why: str, trace: Trace) -> Verdict:
        if trace.stop is None or trace.stop.reason == "absent":
            return self.verdict(why, "absent", trace.stop.step if trace.stop else "net.params", [])
        stop = replace(trace.stop, step=trace.stop.step.replace(NAME, self.op.name))
        return self.verdict(why, "fail", stop.reason, [Problem("stopped", stop.step, stop)])

    def compared(self, why: str, trace: Trace, want: Mapping[str, np.ndarray]) -> Verdict:
        if trace.stop:
            return self.stopped(why, trace)
        lacking = [k for k in want if k not in trace.results]
        if lacking:
            return self.verdict(why, "absent", lacking[0], [])
        bounds = {k: np.full(a.shape, END[EPS32] * largest(a)) for k, a in want.items()}
        problems = [compare_one(k, trace.results[k], a, bounds[k]) for k, a in want.items()]
        bad = [p for p in problems if p]
        return self.verdict(why, "fail" if bad else "pass", bad[0].kind if bad else "", bad)

    @staticmethod
    def with_note(problem: Problem, note: str) -> Problem:
        return Problem(problem.kind, problem.what, problem.got, problem.want, problem.allowed, note)


def matched(own: dict[str, tuple], right: dict[str, tuple]) -> dict[str, tuple[str, bool]] | str:
    """own name -> (the twin's name, whether it is transposed), by shapes, in order; a sentence where it cannot be."""
    if len(own) != len(right):
        return f"{len(own)} arrays, should be {len(right)}: {', '.join(f'{k} {s}' for k, s in right.items())}"
    left, pairs = dict(right), dict[str, tuple[str, bool]]()
    turn = any(len(s) == 2 and s not in right.values() for s in own.values())  # then square ones are turned too
    for name, shape in own.items():
        for back in (True, False) if turn and len(shape) == 2 else (False, True):
            of = next((k for k, s in left.items() if (s[::-1] if back and len(s) == 2 else s) == shape), None)
            if of:
                pairs[name] = of, back and len(shape) == 2
                del left[of]
                break
        else:
            there = ", ".join(f"{k} {s}" for k, s in left.items())
            return f"{name} has shape {shape}; of these none is left with it: {there}"
    return pairs


def turned(a: np.ndarray, back: bool) -> np.ndarray:
    return np.ascontiguousarray(a.T) if back else a.copy()


def gradients(twin, graph, values, dscores, pairs) -> dict[str, np.ndarray]:
    """The twin's, from the last layer to the first, under the other network's names."""
    douts = {graph.nodes[-1].name: dscores}
    found: dict[str, np.ndarray] = {}
    for node in reversed(graph.nodes):
        dxs, dparams = twin.pull(node.name, douts.pop(node.name), *(values[i] for i in node.inputs))
        found |= {f"{node.name}.{k}": a for k, a in dparams.items()}
        for name, dx in zip(node.inputs, dxs):
            douts[name] = douts[name] + dx if name in douts else dx
    return {f"grads.{k}": turned(found[of], back) for k, (of, back) in pairs.items()}


def where(subject: Subject, writes: list, given: dict, right: list[np.ndarray]) -> str:
    """The first of net.layers (a dict, as the book's) whose output is none of the twin's, in their order."""
    keys = subject.run(Plan([MAKE, ["get", "layers", "net.layers", []]], {}, {})).results
    names = [k.partition(".")[2] for k in keys if k.startswith("layers.")]
    steps = [
        ["call", f"a{n}", f"net.layers.{name}.forward", [f"a{n - 1}" if n else "x"]] for n, name in enumerate(names)
    ]
    trace = subject.run(Plan([MAKE, *writes, *steps], given, {}))
    at = 0
    for n, name in enumerate(names):
        got = trace.results.get(f"a{n}")
        if got is None:
            return ""
        same = (k for k in range(at, len(right)) if alike(got, right[k]))
        found = next(same, None)
        if found is None:
            return f"(the first layer that gives something else is {name})"
        at = found
    return ""


def alike(got: np.ndarray, want: np.ndarray) -> bool:
    return got.size == want.size and compare_one("", got.reshape(want.shape), want, END[EPS32] * largest(want)) is None
