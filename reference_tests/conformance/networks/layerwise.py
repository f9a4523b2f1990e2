"""A network of impl beside its twin in torch: every layer is fed the twin's input and upstream gradient and judged by
its own rule; end to end the scores, the loss, the gradients and the running statistics.

Sums of products: SAFETY * sqrt(n) * eps * the largest sum|a*b|, with n up to 10**5 (Higham, Mary 2019: rounding errors
are as good as independent; linear in n the bound would let any gradient of a large image pass).
"""

from collections.abc import Callable, Iterator
from math import sqrt
from time import perf_counter

import numpy as np

from impl.networks import NETWORKS, Graph, Network
from impl.networks.graph import Node
from impl.networks.network import layer_of, run

from ...subject.protocol import EPS32, EPS64, Answer, Fault, Op, Question
from ..compare import compare_one
from ..contract import layer as component
from ..scenarios import PLAIN
from ..tolerance import SAFETY, largest, relative
from ..types import Case, Check, Problem, Verdict

END = {EPS64: 1e-9, EPS32: 1e-3}  # of the largest value, from one end of the network to the other
PIECE = 1 << 22  # numbers compared at once: a large layer's gradients would need many times their own memory

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
    """All verdicts on one network. size: (C, H, W) of the images, classes: both the paper's where None.

    width: of the layers, 1 is the paper's. train: batch normalization by the batch; dropout never drops here.
    """
    given = {k: v for k, v in (("input_dim", size), ("classes", classes)) if v is not None}
    graph = NETWORKS[name](**given, width=width)
    rng = np.random.default_rng(seed)
    scores = graph.shapes[graph.nodes[-1].name][0]
    x = rng.standard_normal((batch, *graph.input_dim)).astype(dtype)
    t = rng.integers(0, scores, batch)
    twin = twin_of(name, graph.input_dim, scores, width, seed, dtype)
    return side_by_side(graph, twin, x, t, train, EPS64 if dtype == "float64" else EPS32, seen)


def twin_of(name: str, size: tuple[int, ...], classes: int, width: float = 1.0, seed: int = 0, dtype: str = "float32"):
    """torch's network of that name, with drawn parameters."""
    from . import torch_twin, twin_builders, twin_builders_small

    build = {**twin_builders_small.LAYERS, **twin_builders.LAYERS}[name]
    return torch_twin.Twin(lambda: build(size, classes, width), seed, dtype)


def side_by_side(graph: Graph, twin, x, t, train: bool, eps: float, seen=lambda v: None) -> list[Verdict]:
    """graph's layers with the twin's parameters (shared, not copied), the last one first."""
    shared = twin.numbers()
    check_names(graph, twin, shared)
    before = shared | {k: shared[k].copy() for k in graph.buffers}  # training moves them
    values = twin.run(x, train)
    loss, dscores = loss_of(values[graph.nodes[-1].name], t)
    found, start = list[Verdict](), perf_counter()

    def tell(verdict: Verdict) -> None:
        verdict.seconds = perf_counter() - start - sum(v.seconds for v in found)
        found.append(verdict)
        seen(verdict)

    net = Network(graph, given=before, dtype=x.dtype.type)
    for verdict in end_to_end(net, x, t, train, values[graph.nodes[-1].name], loss, shared, eps):
        tell(verdict)
    grads: dict[str, np.ndarray] = {}
    douts = {graph.nodes[-1].name: dscores}
    for node in reversed(graph.nodes):
        inputs, dout = [values[i] for i in node.inputs], douts.pop(node.name)
        dxs, dparams = twin.pull(node.name, dout, *inputs)
        arrays = {k: before[f"{node.name}.{k}"] for k in graph.parameters_of(node)}
        want = {"out": values.pop(node.name), **{f"dx{k}": a for k, a in enumerate(dxs)}}
        want |= {f"d{k}": a for k, a in dparams.items()}
        want |= {k: shared[f"{node.name}.{k}"] for k in node.block.buffers} if train else {}
        bounds = allowed(twin, node, arrays, inputs, dout, want, train, eps)
        for verdict in judge_layer(graph, node, arrays, inputs, dout, want, bounds, train):
            tell(verdict)
        for name, dx in zip(node.inputs, dxs):
            douts[name] = douts[name] + dx if name in douts else dx
        grads |= {f"{node.name}.{k}": a for k, a in dparams.items()} if eps == EPS64 else {}
    for name, right in grads.items():
        tell(
            verdict_of(
                graph, "gradients end to end", name, "backward", [end_of_run(name, gradient_of(net, name), right, eps)]
            )
        )
    return found


def check_names(graph: Graph, twin, shared: dict[str, np.ndarray]) -> None:
    """Fault where the twin has other layers or parameters."""
    ours = [(node.name, node.inputs) for node in graph.nodes]
    if ours != twin.order:
        first = next(((a, b) for a, b in zip(ours, twin.order) if a != b), "another number of layers")
        raise Fault(f"{graph.name}: the twin's layers are others: {first}")
    shapes = {k: a.shape for k, a in shared.items()}
    if shapes != {**graph.trained, **graph.buffers}:
        odd = sorted(set(shapes.items()) ^ set({**graph.trained, **graph.buffers}.items()))[:2]
        raise Fault(f"{graph.name}: the twin's parameters are others: {odd}")


def loss_of(scores: np.ndarray, t: np.ndarray) -> tuple[float, np.ndarray]:
    from .torch_twin import loss

    return loss(scores, t)


def end_to_end(net: Network, x, t, train: bool, scores, loss: float, after, eps: float) -> Iterator[Verdict]:
    """Scores, loss and, in training, running statistics; the gradients are left in the layers."""
    for layer in net.layers.values():
        if hasattr(layer, "dropout_ratio"):
            layer.dropout_ratio = 0.0
    got = net.forward(x, train)
    yield verdict_of(net.graph, "end to end", "scores", "forward", [end_of_run("scores", got, scores, eps)])
    value = np.asarray(net.last_layer.forward(got, t))
    yield verdict_of(net.graph, "end to end", "loss", "forward", [end_of_run("loss", value, np.asarray(loss), eps)])
    if eps == EPS64:
        net.backward(net.last_layer.backward(1))
    for name in net.graph.buffers if train else ():
        problem = end_of_run(name, net.buffers[name], after[name], eps)
        yield verdict_of(net.graph, "end to end", name, "forward", [problem])


def end_of_run(what: str, got: np.ndarray, want: np.ndarray, eps: float) -> Problem | None:
    return compare_tensors(what, got, want, END[eps] * largest(want))


def gradient_of(net: Network, name: str) -> np.ndarray:
    place, _, last = name.rpartition(".")
    node = next(node for node in net.graph.nodes if node.name == place)
    return node.block.gradients(net.layers[place])[last]


def judge_layer(
    graph: Graph, node: Node, arrays, inputs, dout, want: Answer, bounds: Bounds, train
) -> Iterator[Verdict]:
    """One layer of ours, with the twin's parameters, input and upstream gradient: forward, then backward."""
    layer = layer_of(node, arrays)
    if hasattr(layer, "dropout_ratio"):
        layer.dropout_ratio = 0.0
    got = {"out": run(node, layer, inputs, train)}
    got |= {k: getattr(layer, k) for k in node.block.buffers if k in want}
    forward = [compare_tensors(k, a, want[k], bounds.get(k, 0.0)) for k, a in got.items()]
    yield verdict_of(graph, node.name, type(node.block).__name__, "forward", forward, inputs)
    found = layer.backward(dout)
    got = {f"dx{k}": a for k, a in enumerate(found if isinstance(found, tuple) else (found,))}
    got |= {f"d{k}": a for k, a in node.block.gradients(layer).items()}
    backward = [compare_tensors(k, a, want[k], bounds[k]) for k, a in got.items()]
    yield verdict_of(graph, node.name, type(node.block).__name__, "backward", backward, inputs)


def allowed(twin, node: Node, arrays, inputs, dout, want: Answer, train: bool, eps: float) -> Bounds:
    """Each answer's allowed error, by the rule of the layer's own component."""
    kind, params = twin.kind(node.name)
    if kind == "sum":
        sizes, n = twin.sizes(node.name, dout, *inputs), twin.terms(node.name, inputs[0].shape, want["out"].shape)
        return {k: SAFETY * sqrt(n.get(k, n["other"])) * eps * size for k, size in sizes.items()}
    right = {("dx" if k == "dx0" else k): a for k, a in want.items()}
    if kind in ("copy", "channel_concat"):
        bounds = relative(right, 1, eps)
    elif kind == "batch_norm":
        bounds = batch_norm(arrays, inputs, dout, right, {**params, "train_flg": train}, eps)
    elif kind == "residual_add":
        size = largest(inputs[0]) + largest(inputs[1])
        bounds = {**relative(right, 1, eps), "out": np.asarray(SAFETY * eps * size)}
    else:
        of = component(kind)
        more = {k: v for k, v in params.items() if k != "largest"}
        bounds = of.allowed(Question(of.OP, {"x": inputs[0]}, more, dout), right, eps)
        bounds = {k: a * params.get("largest", 1) for k, a in bounds.items()}
    return {("dx0" if k == "dx" else k): a for k, a in bounds.items()}


def batch_norm(arrays, inputs, dout, right: Answer, params, eps: float) -> Answer:
    of, names = component("batch_norm"), {"dgamma": "dweight", "dbeta": "dbias"}
    given = {"gamma": arrays["weight"], "beta": arrays["bias"]}
    given |= {k: arrays[k] for k in ("running_mean", "running_var")}
    answer = {k: right[names.get(k, k)] for k in ("out", "dx", "dgamma", "dbeta")}
    answer |= {k: right.get(k, arrays[k]) for k in ("running_mean", "running_var")}
    q = Question(of.OP, {"x": inputs[0], **given}, params, dout)
    return {names.get(k, k): a for k, a in of.allowed(q, answer, eps).items()}


def compare_tensors(what: str, got: np.ndarray, want: np.ndarray, bound: np.ndarray | float) -> Problem | None:
    """compare_one, in pieces where there are many numbers."""
    if got.shape != want.shape or want.size <= PIECE:
        return compare_one(what, got, want, np.broadcast_to(bound, want.shape))
    step, limit = max(1, PIECE * len(want) // want.size), float(np.max(bound))
    for first in range(0, len(want), step):
        piece = slice(first, first + step)
        problem = compare_one(f"{what} from {first} on", got[piece], want[piece], limit)
        if problem:
            return problem
    return None


def verdict_of(graph: Graph, why: str, what: str, part: str, problems, inputs=()) -> Verdict:
    """A verdict in the words of the flow: the network is the component, the layer its case."""
    shapes = {f"x{k}" if len(inputs) > 1 else "x": a.shape for k, a in enumerate(inputs, 1)}
    case = Case(Op(graph.name, what, "", ("x",)), why if inputs else f"{why}: {what}", shapes)
    bad = [p for p in problems if p]
    return Verdict(Check(case, PLAIN, part), "fail" if bad else "pass", bad[0].kind if bad else "", bad)
