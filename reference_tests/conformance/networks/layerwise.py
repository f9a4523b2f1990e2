"""Comparing a network of impl with its twin in torch, layer by layer and end to end.

Every layer is fed the twin's input and upstream gradient and judged by its own component's rule; end to end the
scores, the loss, the gradients and the running statistics are compared.

Sums of products: SAFETY * sqrt(n) * eps * the largest sum|a*b|, with n up to 10**5 (Higham, Mary 2019: rounding errors
are as good as independent; linear in n the bound would let any gradient of a large image pass).
"""

from collections.abc import Callable, Iterator, Sequence
from math import sqrt
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from impl.networks import NETWORKS, Graph, Network
from impl.networks.graph import Node
from impl.networks.network import build_layer, run_layer

from ...subject.protocol import EPS32, EPS64, Answer, Fault, Op, Question
from ..compare import compare_one
from ..contract import layer as component
from ..scenarios import PLAIN
from ..tolerance import SAFETY, largest, relative
from ..types import Case, Check, Problem, Verdict

if TYPE_CHECKING:  # torch takes seconds to import
    from .torch_twin import Twin

END = {EPS64: 1e-9, EPS32: 1e-3}  # of the largest value, from one end of the network to the other
PIECE = 1 << 22  # numbers compared at once: a large layer's gradients would need many times their own memory

Arrays = dict[str, np.ndarray]
Bounds = dict[str, np.ndarray | float]


def examine(
    name: str,
    size: tuple[int, ...] | None = None,
    classes: int | None = None,
    width: float = 1.0,
    batch: int = 2,
    dtype: str = "float32",
    train: bool = True,
    seed: int = 0,
    seen: Callable[[Verdict], None] = lambda v: None,
) -> list[Verdict]:
    """Judge a network of impl beside its twin; return all verdicts, and hand each to `seen` as it comes.

    size: (C, H, W) of the images, classes: both the paper's if None. width: of the layers, 1 is the paper's.
    train: batch normalization uses the batch; dropout never drops here.
    """
    given = {k: v for k, v in (("input_dim", size), ("classes", classes)) if v is not None}
    graph = NETWORKS[name](**given, width=width)
    rng = np.random.default_rng(seed)
    scores = graph.shapes[graph.nodes[-1].name][0]
    x = rng.standard_normal((batch, *graph.input_dim)).astype(dtype)
    t = rng.integers(0, scores, batch)
    twin = twin_of(name, graph.input_dim, scores, width, seed, dtype)
    found, start = list[Verdict](), perf_counter()
    for verdict in compare_networks(graph, twin, x, t, train, EPS64 if dtype == "float64" else EPS32):
        verdict.seconds = perf_counter() - start - sum(v.seconds for v in found)
        found.append(verdict)
        seen(verdict)
    return found


def twin_of(
    name: str, size: tuple[int, ...], classes: int, width: float = 1.0, seed: int = 0, dtype: str = "float32"
) -> "Twin":
    """Build torch's network of that name, with drawn parameters."""
    from . import torch_twin, twin_builders

    build = twin_builders.LAYERS[name]
    return torch_twin.Twin(lambda: build(size, classes, width), seed, dtype)


def compare_networks(
    graph: Graph, twin: "Twin", x: np.ndarray, t: np.ndarray, train: bool, eps: float
) -> Iterator[Verdict]:
    """Judge the scores and the loss end to end, then each layer, the last one first, then the gradients end to end.

    graph's layers use the twin's parameters, shared, not copied.
    """
    shared = twin.numbers()
    check_names(graph, twin, shared)
    before = shared | {k: shared[k].copy() for k in graph.buffers}  # training moves them
    values = twin.run(x, train)
    last = graph.nodes[-1].name
    loss, dscores = loss_of(values[last], t)
    net = Network(graph, given=before, dtype=x.dtype.type)
    yield from judge_end_to_end(net, x, t, train, values[last], loss, shared, eps)
    grads, douts = Arrays(), {last: dscores}
    for node in reversed(graph.nodes):
        inputs, dout = [values[i] for i in node.inputs], douts.pop(node.name)
        dxs, dparams = twin.pull(node.name, dout, *inputs)
        arrays = {k: before[f"{node.name}.{k}"] for k in graph.parameters_of(node)}
        want = {"out": values.pop(node.name), **{f"dx{k}": a for k, a in enumerate(dxs)}}
        want |= {f"d{k}": a for k, a in dparams.items()}
        want |= {k: shared[f"{node.name}.{k}"] for k in node.block.buffers} if train else {}
        bounds = allowed(twin, node, arrays, inputs, dout, want, train, eps)
        yield from judge_layer(graph, node, arrays, inputs, dout, want, bounds, train)
        add_gradients(douts, node.inputs, dxs)
        grads |= {f"{node.name}.{k}": a for k, a in dparams.items()} if eps == EPS64 else {}
    for name, right in grads.items():
        problem = compare_end_to_end(name, gradient_of(net, name), right, eps)
        yield verdict_of(graph, "gradients end to end", name, "backward", [problem])


def add_gradients(douts: Arrays, inputs: Sequence[str], dxs: Sequence[np.ndarray]) -> None:
    """Add a layer's dx to the upstream gradient of each layer that it takes its inputs from, in place."""
    for name, dx in zip(inputs, dxs):
        douts[name] = douts[name] + dx if name in douts else dx


def check_names(graph: Graph, twin: "Twin", shared: Arrays) -> None:
    """Raise Fault if the twin has other layers or parameters."""
    ours = [(node.name, node.inputs) for node in graph.nodes]
    if ours != twin.order:
        first = next(((a, b) for a, b in zip(ours, twin.order) if a != b), "another number of layers")
        raise Fault(f"{graph.name}: the twin's layers are others: {first}")
    shapes = {k: a.shape for k, a in shared.items()}
    if shapes != {**graph.trained, **graph.buffers}:
        odd = sorted(set(shapes.items()) ^ set({**graph.trained, **graph.buffers}.items()))[:2]
        raise Fault(f"{graph.name}: the twin's parameters are others: {odd}")


def loss_of(scores: np.ndarray, t: np.ndarray) -> tuple[float, np.ndarray]:
    """Return torch's mean cross-entropy and its gradient."""
    from .torch_twin import loss

    return loss(scores, t)


def judge_end_to_end(
    net: Network,
    x: np.ndarray,
    t: np.ndarray,
    train: bool,
    scores: np.ndarray,
    loss: float,
    after: Arrays,
    eps: float,
) -> Iterator[Verdict]:
    """Judge the scores, the loss and, in training, the running statistics; leave the gradients in the layers."""
    for layer in net.layers.values():
        if hasattr(layer, "dropout_ratio"):
            layer.dropout_ratio = 0.0
    got = net.forward(x, train)
    yield verdict_of(net.graph, "end to end", "scores", "forward", [compare_end_to_end("scores", got, scores, eps)])
    value = np.asarray(net.last_layer.forward(got, t))
    yield verdict_of(
        net.graph, "end to end", "loss", "forward", [compare_end_to_end("loss", value, np.asarray(loss), eps)]
    )
    if eps == EPS64:
        net.backward(net.last_layer.backward(1))
    for name in net.graph.buffers if train else ():
        problem = compare_end_to_end(name, net.buffers[name], after[name], eps)
        yield verdict_of(net.graph, "end to end", name, "forward", [problem])


def compare_end_to_end(what: str, got: np.ndarray, want: np.ndarray, eps: float) -> Problem | None:
    """Compare two arrays with the error allowed from one end of the network to the other."""
    return compare_tensors(what, got, want, END[eps] * largest(want))


def gradient_of(net: Network, name: str) -> np.ndarray:
    """Return the gradient that backward left for the parameter `layer.name`."""
    place, _, last = name.rpartition(".")
    node = next(node for node in net.graph.nodes if node.name == place)
    return node.block.gradients(net.layers[place])[last]


def judge_layer(
    graph: Graph,
    node: Node,
    arrays: Arrays,
    inputs: Sequence[np.ndarray],
    dout: np.ndarray,
    want: Answer,
    bounds: Bounds,
    train: bool,
) -> Iterator[Verdict]:
    """Judge one layer of ours, given the twin's parameters, input and upstream gradient: forward, then backward."""
    layer = build_layer(node, arrays)
    if hasattr(layer, "dropout_ratio"):
        layer.dropout_ratio = 0.0
    got = {"out": run_layer(node, layer, list(inputs), train)}
    got |= {k: getattr(layer, k) for k in node.block.buffers if k in want}
    forward = [compare_tensors(k, a, want[k], bounds.get(k, 0.0)) for k, a in got.items()]
    yield verdict_of(graph, node.name, type(node.block).__name__, "forward", forward, inputs)
    found = layer.backward(dout)
    got = {f"dx{k}": a for k, a in enumerate(found if isinstance(found, tuple) else (found,))}
    got |= {f"d{k}": a for k, a in node.block.gradients(layer).items()}
    backward = [compare_tensors(k, a, want[k], bounds[k]) for k, a in got.items()]
    yield verdict_of(graph, node.name, type(node.block).__name__, "backward", backward, inputs)


def allowed(
    twin: "Twin",
    node: Node,
    arrays: Arrays,
    inputs: Sequence[np.ndarray],
    dout: np.ndarray,
    want: Answer,
    train: bool,
    eps: float,
) -> Bounds:
    """Return each answer's allowed error, by the rule of the layer's own component."""
    kind, params = twin.kind(node.name)
    if kind == "sum":
        sizes, n = twin.sizes(node.name, dout, *inputs), twin.terms(node.name, inputs[0].shape, want["out"].shape)
        return {k: SAFETY * sqrt(n.get(k, n["other"])) * eps * size for k, size in sizes.items()}
    right = {("dx" if k == "dx0" else k): a for k, a in want.items()}
    if kind in ("copy", "channel_concat"):
        bounds = relative(right, 1, eps)
    elif kind == "batch_norm":
        bounds = allowed_of_batch_norm(arrays, inputs, dout, right, {**params, "train_flg": train}, eps)
    elif kind == "residual_add":
        size = largest(inputs[0]) + largest(inputs[1])
        bounds = {**relative(right, 1, eps), "out": np.asarray(SAFETY * eps * size)}
    else:
        of = component(kind)
        more = {k: v for k, v in params.items() if k != "largest"}
        bounds = of.allowed(Question(of.OP, {"x": inputs[0]}, more, dout), right, eps)
        bounds = {k: a * params.get("largest", 1) for k, a in bounds.items()}
    return {("dx0" if k == "dx" else k): a for k, a in bounds.items()}


def allowed_of_batch_norm(
    arrays: Arrays, inputs: Sequence[np.ndarray], dout: np.ndarray, right: Answer, params: dict[str, Any], eps: float
) -> Answer:
    """Ask batch_norm's rule in its own names: torch's weight and bias are its gamma and beta."""
    of, names = component("batch_norm"), {"dgamma": "dweight", "dbeta": "dbias"}
    given = {"gamma": arrays["weight"], "beta": arrays["bias"]}
    given |= {k: arrays[k] for k in ("running_mean", "running_var")}
    answer = {k: right[names.get(k, k)] for k in ("out", "dx", "dgamma", "dbeta")}
    answer |= {k: right.get(k, arrays[k]) for k in ("running_mean", "running_var")}
    q = Question(of.OP, {"x": inputs[0], **given}, params, dout)
    return {names.get(k, k): a for k, a in of.allowed(q, answer, eps).items()}


def compare_tensors(what: str, got: np.ndarray, want: np.ndarray, bound: np.ndarray | float) -> Problem | None:
    """Compare like compare_one, but in pieces of PIECE numbers if there are more."""
    if got.shape != want.shape or want.size <= PIECE:
        return compare_one(what, got, want, np.broadcast_to(bound, want.shape))
    step, limit = max(1, PIECE * len(want) // want.size), float(np.max(bound))
    for first in range(0, len(want), step):
        piece = slice(first, first + step)
        problem = compare_one(f"{what} from {first} on", got[piece], want[piece], limit)
        if problem:
            return problem
    return None


def verdict_of(
    graph: Graph,
    why: str,
    what: str,
    part: str,
    problems: Sequence[Problem | None],
    inputs: Sequence[np.ndarray] = (),
) -> Verdict:
    """Make a verdict in which the network stands for the component and the layer for its case."""
    shapes = {f"x{k}" if len(inputs) > 1 else "x": a.shape for k, a in enumerate(inputs, 1)}
    case = Case(Op(graph.name, what, "", ("x",)), why if inputs else f"{why}: {what}", shapes)
    bad = [p for p in problems if p]
    return Verdict(Check(case, PLAIN, part), "fail" if bad else "pass", bad[0].kind if bad else "", bad)
