"""Comparing a user's own network with the twin of one of ours: the same parameters, then scores, loss and gradients.

The network is made without arguments and used as the book's are: params (a dict of arrays, written in place),
predict(x), loss(x, t), gradient(x, t). Its parameters may have other names and another order; they are matched with
the twin's by their shapes.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from impl.networks import NETWORKS, Graph

from ...subject.protocol import EPS32, Op, Plan, Subject, Trace
from ..compare import compare_one
from ..scenarios import PLAIN
from ..tolerance import largest
from ..types import Case, Check, Problem, Verdict
from .layerwise import END, Arrays, add_gradients, loss_of, twin_of

if TYPE_CHECKING:  # torch takes seconds to import
    from .torch_twin import Twin

NAME = "SimpleConvNet"  # the contract's name that the network is mapped to
BATCH = 3
MAKE: list[Any] = ["make", "net", NAME, []]

Shapes = dict[str, tuple[int, ...]]
Pairs = dict[str, tuple[str, bool]]  # own name -> (the twin's name, whether the array is transposed)


def examine(subject: Subject, place: str, like: str) -> list[Verdict]:
    """Judge the network that `subject` has under NAME and that its file calls `place`, beside the twin of `like`."""
    graph = NETWORKS[like]()
    report = ForeignNetworkReport(place, like, {"x": (BATCH, *graph.input_dim)})
    first = subject.run(Plan([MAKE, ["get", "params", "net.params", []]], {}, {}))
    own = {k.partition(".")[2]: a for k, a in first.results.items() if k.startswith("params.")}
    if first.stop or not own:
        return [report.stopped("its parameters", first)]
    classes = graph.shapes[graph.nodes[-1].name][0]
    twin = twin_of(like, graph.input_dim, classes, dtype="float64")
    right = {k: a for k, a in twin.numbers().items() if k in graph.trained}
    pairs = match_parameters({k: a.shape for k, a in own.items()}, {k: a.shape for k, a in right.items()})
    if isinstance(pairs, str):
        return [report.problem("its parameters", Problem("parameters", "params", note=pairs))]
    rng = np.random.default_rng(0)
    given = {"x": rng.standard_normal((BATCH, *graph.input_dim)), "t": rng.integers(0, classes, BATCH)}
    given |= {k: transposed(right[of], back) for k, (of, back) in pairs.items()}
    return compare_uses(subject, report, graph, twin, given, pairs)


def compare_uses(
    subject: Subject, report: "ForeignNetworkReport", graph: Graph, twin: "Twin", given: Arrays, pairs: Pairs
) -> list[Verdict]:
    """Compare predict, loss and gradient; wrong scores get a note that names the first layer that differs."""
    values = twin.run(given["x"], train=True)
    scores = values[graph.nodes[-1].name]
    loss, dscores = loss_of(scores, given["t"])
    writes = [["write", f"net.params.{k}", k, []] for k in pairs]
    found = []
    for what, step, want in (
        ("predict", ["call", "scores", "net.predict", ["x"]], {"scores": scores}),
        ("loss", ["call", "loss", "net.loss", ["x", "t"]], {"loss": np.asarray(loss)}),
        ("gradient", ["call", "grads", "net.gradient", ["x", "t"]], gradients(twin, graph, values, dscores, pairs)),
    ):
        trace = subject.run(Plan([MAKE, *writes, step], given, {}))
        found.append(report.compared(what, trace, want))
    if found[0].status == "fail" and found[0].reason == "values":
        note = name_first_wrong_layer(subject, writes, given, [values[node.name] for node in graph.nodes])
        found[0].problems[0] = replace(found[0].problems[0], note=note)
    return found


class ForeignNetworkReport:
    """Verdicts on one foreign network; `place`, its name in the user's file, stands for the name in our contract."""

    def __init__(self, place: str, like: str, shapes: dict[str, tuple[int, ...]]) -> None:
        self.op, self.shapes = Op(like, place, "", ("x", "t")), shapes

    def verdict(self, why: str, status: str, reason: str, problems: list[Problem]) -> Verdict:
        """Make a verdict on one use of the network."""
        part = "backward" if why == "gradient" else "forward"
        return Verdict(Check(Case(self.op, why, self.shapes), PLAIN, part), status, reason, problems)

    def problem(self, why: str, problem: Problem) -> Verdict:
        """Make a failing verdict of one problem."""
        return self.verdict(why, "fail", problem.kind, [problem])

    def stopped(self, why: str, trace: Trace) -> Verdict:
        """Make a verdict on a program that stopped: absent if a name is missing, else a failure."""
        if trace.stop is None or trace.stop.reason == "absent":
            return self.verdict(why, "absent", trace.stop.step if trace.stop else "net.params", [])
        stop = replace(trace.stop, step=trace.stop.step.replace(NAME, self.op.name))
        return self.verdict(why, "fail", stop.reason, [Problem("stopped", stop.step, stop)])

    def compared(self, why: str, trace: Trace, want: Mapping[str, np.ndarray]) -> Verdict:
        """Make a verdict on the results of a program, compared with the twin's."""
        if trace.stop:
            return self.stopped(why, trace)
        lacking = [k for k in want if k not in trace.results]
        if lacking:
            return self.verdict(why, "absent", lacking[0], [])
        bounds = {k: np.full(a.shape, END[EPS32] * largest(a)) for k, a in want.items()}
        problems = [compare_one(k, trace.results[k], a, bounds[k]) for k, a in want.items()]
        bad = [p for p in problems if p]
        return self.verdict(why, "fail" if bad else "pass", bad[0].kind if bad else "", bad)


def match_parameters(own: Shapes, right: Shapes) -> Pairs | str:
    """Match the foreign parameters with the twin's by their shapes, in order; return a sentence if that fails."""
    if len(own) != len(right):
        return f"{len(own)} arrays, should be {len(right)}: {', '.join(f'{k} {s}' for k, s in right.items())}"
    left, pairs = dict(right), Pairs()
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


def transposed(a: np.ndarray, back: bool) -> np.ndarray:
    """Copy an array, transposed if `back`."""
    return np.ascontiguousarray(a.T) if back else a.copy()


def gradients(twin: "Twin", graph: Graph, values: Arrays, dscores: np.ndarray, pairs: Pairs) -> Arrays:
    """Return the twin's gradients under the foreign network's names."""
    douts = {graph.nodes[-1].name: dscores}
    found: Arrays = {}
    for node in reversed(graph.nodes):
        dxs, dparams = twin.pull(node.name, douts.pop(node.name), *(values[i] for i in node.inputs))
        found |= {f"{node.name}.{k}": a for k, a in dparams.items()}
        add_gradients(douts, node.inputs, dxs)
    return {f"grads.{k}": transposed(found[of], back) for k, (of, back) in pairs.items()}


def name_first_wrong_layer(subject: Subject, writes: list[list[Any]], given: Arrays, right: list[np.ndarray]) -> str:
    """Name the first of net.layers (a dict, as the book's) whose output matches none of the twin's remaining outputs.

    right: the twin's outputs in their order. Returns '' if the network has no such dict or a layer gives no array.
    """
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
        same = (k for k in range(at, len(right)) if is_close(got, right[k]))
        found = next(same, None)
        if found is None:
            return f"(the first layer that gives something else is {name})"
        at = found
    return ""


def is_close(got: np.ndarray, want: np.ndarray) -> bool:
    """Compare two arrays of any shapes with the error allowed end to end."""
    return got.size == want.size and compare_one("", got.reshape(want.shape), want, END[EPS32] * largest(want)) is None
