"""PyTorch's answers by torch.nn.functional: a row for each question.

The same rows are asked of torch.compile, of a model exported to ONNX and of ExecuTorch; what has no function of tensors
to compile or export is asked of eager torch only.
"""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

DEVICE = globals().get("DEVICE", "cpu")
COLUMN = globals().get("FRAMEWORK", "torch").removesuffix("@cuda")
ABSENT = {
    "K01": "no layer of this kind: unfold and einsum",
    "K02": "no layer of this kind: unfold and einsum",
    **dict.fromkeys(["T02", "P19", "P20"], "no 'same' here: padding by number"),
    "E": "layers: see torch.nn",
    "O": "torch.optim: see torch.nn",
}


class NotOffered(Exception):
    """There is nothing here that could be asked; the message says why."""


def about() -> dict[str, Any]:
    """Fix the seed; return the version, the switches and the device."""
    torch.manual_seed(0)
    if DEVICE == "cuda" and not torch.cuda.is_available():
        raise ImportError("torch sees no CUDA device")
    device = torch.cuda.get_device_name() if DEVICE == "cuda" else "cpu"
    switches = {"mkldnn": torch.backends.mkldnn.is_available(), "threads": torch.get_num_threads()}
    if DEVICE == "cuda":
        tf32 = torch.backends.cudnn.allow_tf32
        switches = {"cudnn": torch.backends.cudnn.version(), "cudnn tf32": tf32, "cuda": torch.version.cuda}
    if COLUMN == "executorch":
        from importlib.metadata import version

        return {"version": version("executorch"), "switches": {"torch": torch.__version__}, "device": "cpu"}
    return {"version": torch.__version__, "switches": switches, "device": device}


def tensor(a: Any) -> Any:
    """Return an array as a tensor on the device."""
    return torch.from_numpy(a).to(DEVICE)


def array(y: Any) -> Any:
    """Return a tensor as a NumPy array."""
    return y.detach().cpu().numpy()


def as_module(function: Callable[..., Any]) -> Any:
    """Return a module whose forward is the function."""

    class Model(torch.nn.Module):
        def forward(self, *tensors: Any) -> Any:
            return function(*tensors)

    return Model().eval()


def run_compiled(function: Callable[..., Any], *tensors: Any) -> Any:
    """Call a function through torch.compile."""
    torch._dynamo.reset()
    return array(torch.compile(function)(*tensors))


def run_onnx(function: Callable[..., Any], *tensors: Any) -> Any:
    """Export a function to ONNX and run the model in ONNX Runtime."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    file = io.BytesIO()
    torch.onnx.export(as_module(function), tensors, file, dynamo=False, opset_version=18)  # type: ignore[arg-type]
    session = onnxruntime.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])
    given = {i.name: t.numpy() for i, t in zip(session.get_inputs(), tensors)}
    return session.run(None, given)[0]


def run_executorch(function: Callable[..., Any], *tensors: Any) -> Any:
    """Export a function to ExecuTorch and run the program."""
    from executorch.exir import to_edge
    from executorch.runtime import Runtime

    program = to_edge(torch.export.export(as_module(function), tensors)).to_executorch()
    return array(Runtime.get().load_program(program.buffer).load_method("forward").execute(tensors)[0])


RUNNERS = {"torch@compile": run_compiled, "torch@onnx": run_onnx, "executorch": run_executorch}


def run(function: Callable[..., Any], *arrays: Any) -> Any:
    """Return what a function of tensors makes of these arrays, in the way of this column."""
    tensors = tuple(tensor(a) for a in arrays if a is not None)
    if COLUMN in RUNNERS:
        return RUNNERS[COLUMN](function, *tensors)
    return array(function(*tensors))


def only_eager() -> None:
    """Raise NotOffered unless this column is eager torch."""
    if COLUMN != "torch":
        raise NotOffered("nothing to compile or export: see torch")


def conv(x: np.ndarray, w: np.ndarray, b: np.ndarray | None = None, **how: Any) -> Any:
    """Convolve x (N, C, H, W) with w (FN, C, FH, FW)."""
    return run(lambda *tensors: F.conv2d(*tensors, **how), x, w, b)


def max_pool(x: np.ndarray, window: Any, *more: Any, **how: Any) -> Any:
    """Return the maximum of each window of x (N, C, H, W)."""
    return run(lambda x: F.max_pool2d(x, window, *more, **how), x)


def average_pool(x: np.ndarray, window: Any, **how: Any) -> Any:
    """Return the mean of each window of x (N, C, H, W)."""
    return run(lambda x: F.avg_pool2d(x, window, **how), x)


def gradient(function: Callable[..., Any], x: np.ndarray) -> Any:
    """Return the gradient of the sum of function(x) with respect to x."""
    if COLUMN not in ("torch", "torch@compile"):
        raise NotOffered("inference only: no gradient")
    if COLUMN == "torch@compile":
        torch._dynamo.reset()
        function = torch.compile(function)
    leaf = tensor(x).requires_grad_()
    function(leaf).sum().backward()
    return array(leaf.grad)


def entropy(x: np.ndarray, t: np.ndarray, **how: Any) -> Any:
    """Return the cross-entropy of the logits x (N, classes) and the labels t, reduced as by default."""
    return run(lambda x, t: F.cross_entropy(x, t, **how), x, t)


def norm(x: np.ndarray, mean: Any = 0.0, var: Any = 1.0, **how: Any) -> Any:
    """Normalize a batch in training; return the output, the new running mean and the new running variance."""
    only_eager()
    mean, var = (torch.full((x.shape[1],), v, device=DEVICE) for v in (mean, var))
    return array(F.batch_norm(tensor(x), mean, var, training=True, **how)), array(mean), array(var)


def alone_and_in_a_batch(x: np.ndarray, w: np.ndarray) -> float:
    """Return the largest difference between the last image's result in the batch and alone."""
    return float(np.abs(conv(x, w)[-1] - conv(x[-1:], w)[0]).max())


def rounding_error(x: np.ndarray, w: np.ndarray) -> float:
    """Return the error of a sum of products, in units of the sum of their sizes."""
    return float(abs(conv(x, w)[0, 0, 0, 0] - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum())


def indices_point_at_maxima(x: np.ndarray) -> bool:
    """Tell whether the value at each index is the maximum of its window."""
    out, index = (run(lambda x, i=i: F.max_pool2d(x, 2, return_indices=True)[i], x) for i in (0, 1))
    flat = x.reshape(*x.shape[:2], -1)
    return bool((out.reshape(*x.shape[:2], -1) == np.take_along_axis(flat, index.reshape(*x.shape[:2], -1), 2)).all())


def lrn(x: np.ndarray, n: int, alpha: float = 1.0, k: float = 1.0) -> Any:
    """Apply local response normalization with beta 1."""
    return run(lambda x: F.local_response_norm(x, n, alpha=alpha, beta=1.0, k=k), x)


def lrn_defaults() -> str:
    """Return the default size, alpha, beta and k as one text."""
    only_eager()
    layer = torch.nn.LocalResponseNorm(5)
    return f"size -, alpha {layer.alpha:g}, beta {layer.beta:g}, k {layer.k:g}"


def lrn_sample_is_alone(x: np.ndarray) -> bool:
    """Tell whether a sample gives the same result in a batch and alone."""
    return bool(np.allclose(lrn(x, 3)[1:], lrn(x[1:], 3), rtol=1e-6))


def dropped(x: np.ndarray, p: float, training: bool = True) -> Any:
    """Apply dropout."""
    only_eager()
    return array(F.dropout(tensor(x), p, training=training))


def layer_weights(make: Callable[[], Any], name: str = "weight") -> Any:
    """Return the weights of a new layer."""
    only_eager()
    return array(getattr(make(), name))


def largest_he_normal() -> Any:
    """Return the largest of 10000 weights of He's normal initialization, in sigma."""
    only_eager()
    w = torch.nn.init.kaiming_normal_(torch.empty(100, 100))
    return float(w.abs().max()) / (2 / 100) ** 0.5


def transposed_conv(x: np.ndarray, w: np.ndarray, **how: Any) -> Any:
    """Apply a transposed convolution, w (C, FN, FH, FW)."""
    return run(lambda x, w: F.conv_transpose2d(x, w, **how), x, w)


def in_type(function: Callable[..., Any], type: Any, *arrays: Any) -> Any:
    """Compute in a half type; return float32."""
    return run(lambda *tensors: function(*(t.to(type) for t in tensors)).float(), *arrays)


def bits_moved(change: Callable[[Any], Any], x: np.ndarray, w: np.ndarray) -> float:
    """Return how far a convolution's result moves when its tensors are changed."""
    only_eager()
    first = F.conv2d(tensor(x), tensor(w))
    return float(np.abs(array(F.conv2d(change(tensor(x)), change(tensor(w)))) - array(first)).max())


def without_onednn(x: np.ndarray, w: np.ndarray) -> float:
    """Return how far a convolution's result moves with oneDNN switched off."""
    only_eager()
    first = array(F.conv2d(tensor(x), tensor(w)))
    with torch.backends.mkldnn.flags(enabled=False):
        return float(np.abs(array(F.conv2d(tensor(x), tensor(w))) - first).max())


def layer_norm(x: Any) -> Any:
    """Normalize over the last axis."""
    return F.layer_norm(x, x.shape[-1:])


PROBES = {
    # sizes
    "S01": lambda x, w, s: conv(x, w, stride=s),
    "S02": lambda x, k, s: max_pool(x, k, stride=s),
    "S03": lambda x, k, s: max_pool(x, k, stride=s, ceil_mode=True),
    "S04": lambda x, k, s: max_pool(x, k, stride=s, ceil_mode=True),
    "S05": lambda x, w: conv(x, w, padding="same"),
    "S06": lambda x, w, s: conv(x, w, stride=s, padding="same"),
    "S07": lambda x, w, s: conv(x, w, stride=s, padding="same"),
    "S08": lambda x, k, p: max_pool(x, k, stride=1, padding=p),
    "S09": lambda x, w, p: conv(x, w, padding=p),
    "S10": lambda x, w, s: conv(x, w, stride=s),
    "S11": lambda x, k, s: max_pool(x, k, stride=s),
    "S13": lambda x: max_pool(x, 2),
    "S14": lambda x, w: conv(x, w, stride=0),
    "S15": lambda x, k: max_pool(x, k, stride=0),
    "S16": lambda x, k: max_pool(x, k),
    "S18": lambda x, w: conv(x, w, padding=-1),
    "S19": lambda x, w: conv(x, w, padding=((1, 0), (1, 0))),
    "S20": lambda x, w, s, d: conv(x, w, stride=(1, s), dilation=(1, d), padding="same"),
    # convolution
    "C02": lambda x, w: run(F.conv_transpose2d, x, w),
    "C03": lambda x, w, s: run(lambda x, w: F.conv_transpose2d(x, w, stride=s), x, w),
    "C04": lambda x, w, d: conv(x, w, dilation=(1, d)),
    "C05": lambda x, w: conv(x, w, dilation=0),
    "C15": rounding_error,
    "C16": alone_and_in_a_batch,
    "C18": lambda x, w: conv(x[..., ::-1], w),
    "C19": lambda x: conv(x, np.ones((2, 3, 1, 1), "float32")).shape,
    "C20": lambda: layer_weights(lambda: torch.nn.Conv2d(3, 2, (5, 4))).shape,
    "C22": lambda x: run(lambda x: F.unfold(x, 2), x).ravel(),
    "C23": lambda: layer_weights(lambda: torch.nn.Conv2d(2, 6, (5, 4), groups=2)).shape,
    "C24": lambda x, m: conv(
        x, np.tile(np.arange(1, m + 1, dtype="float32"), x.shape[1]).reshape(-1, 1, 1, 1), groups=x.shape[1]
    ),
    "C25": lambda x, w: bits_moved(lambda t: t.to(memory_format=torch.channels_last), x, w),
    "C26": without_onednn,
    # transposed convolution
    "T01": lambda: layer_weights(lambda: torch.nn.ConvTranspose2d(2, 3, (5, 4))).shape,
    "T03": lambda x, w, s, out: transposed_conv(x, w, stride=(1, s), padding=(0, 1), output_padding=(0, out)),
    "T04": lambda x, w, s: transposed_conv(x, w, stride=s, dilation=2),
    "T05": lambda x, w, s: [
        transposed_conv(x, w, stride=(1, s), padding=(0, w.shape[3] // 2), **how).shape[3]
        for how in ({}, {"output_padding": 0})
    ],
    # pooling
    "P01": lambda x, k, s, p: max_pool(x, k, stride=s, padding=p),
    "P02": lambda x, k, p: average_pool(x, k, stride=1, padding=p)[0, 0, 0, 0],
    "P03": lambda x, k, s: average_pool(x, k, stride=s, ceil_mode=True)[0, 0, 1, 1],
    "P04": lambda x, k, s: average_pool(x, (1, k), stride=(1, s), padding=(0, 1), ceil_mode=True)[0, 0, 0, -1],
    "P05": lambda x, k: gradient(lambda x: F.max_pool2d(x, k), x),
    "P06": lambda x, k: gradient(lambda x: F.max_pool2d(x, (1, k), stride=1), x),
    "P07": lambda x, k: max_pool(x, (1, k)),
    "P08": lambda x, k: max_pool(x, k),
    "P09": lambda x: max_pool(x, (1, 2)),
    "P10": lambda x: average_pool(x, (1, 2)),
    "P11": lambda x: run(lambda x: F.max_pool2d(x, (2, 4), return_indices=True)[1], x)[0, 1],
    "P12": indices_point_at_maxima,
    "P13": lambda x: gradient(torch.amax, x),
    "P14": lambda x, k, d, s: max_pool(x, (1, k), stride=(1, s), dilation=(1, d)),
    "P15": lambda x, size: run(lambda x: F.adaptive_avg_pool2d(x, (1, size)), x),
    "P16": lambda x, k: gradient(lambda x: F.avg_pool2d(x, (1, k), stride=(1, 2), ceil_mode=True), x),
    "P17": lambda x, size: run(lambda x: F.adaptive_avg_pool2d(x, (1, size)), x),
    "P18": lambda x, divisor: average_pool(x, 2, divisor_override=divisor),
    # padding and resizing
    "G01": lambda x, p: run(lambda x: F.pad(x, (p, p, 0, 0), mode="reflect"), x),
    "G02": lambda x, p: run(lambda x: F.pad(x, (p, p, 0, 0), mode="reflect"), x),
    "G03": lambda x, size: run(lambda x: F.interpolate(x, (1, size), mode="bilinear"), x),
    "G04": lambda x, size: run(lambda x: F.interpolate(x, (1, size)), x),
    "G05": lambda x, size: run(lambda x: F.interpolate(x, (1, size), mode="bilinear"), x),
    # activations
    "A01": lambda x: gradient(F.relu, x),
    "A02": lambda x: gradient(lambda x: torch.maximum(x, torch.zeros_like(x)), x),
    "A03": lambda x: np.copysign(1, run(F.relu, x)),
    "A04": lambda x: run(F.relu, x),
    "A05": lambda x: run(torch.sigmoid, x),
    "A06": lambda x: run(lambda x: F.softmax(x, dim=1), x),
    "A07": lambda x: run(F.softmax, x),
    "A08": lambda x: run(F.gelu, x),
    "A09": lambda x: -run(F.leaky_relu, x),
    "A10": lambda x: run(F.hardsigmoid, x),
    "A11": lambda x: gradient(lambda x: torch.clamp(x, 0, 1), x),
    "A12": lambda x: gradient(F.relu6, x),
    "A13": lambda x: gradient(torch.linalg.vector_norm, x),
    "A14": lambda x: run(lambda x: torch.clamp(x, 0, 1), x),
    "A15": lambda x: run(torch.argmax, x),
    "A16": lambda x: run(torch.argmax, x),
    # loss
    "L05": lambda x, t: entropy(x, t, label_smoothing=0.1),
    "L10": lambda x, t: run(lambda x, t: F.nll_loss(torch.log(x), t), x, t),
    "L11": lambda x, t, weights: run(lambda x, t, w: F.cross_entropy(x, t, weight=w), x, t, weights),
    "L12": lambda p, t: run(F.binary_cross_entropy, p, t),
    "L13": lambda x, t: run(F.mse_loss, x, t),
    "L14": lambda q, p: run(lambda q, p: F.kl_div(torch.log(q), p), q, p),
    # local response normalization
    "R01": lambda x, n: lrn(x, n)[0, n // 2],
    "R02": lambda x, n: lrn(x, n, alpha=float(n)).ravel(),
    "R03": lambda x, n: lrn(x, n, alpha=float(n)).ravel(),
    "R04": lrn_defaults,
    "R05": lrn_sample_is_alone,
    # dropout
    "D01": lambda x, p: np.unique(dropped(x, p)),
    "D02": lambda x, p: float((dropped(x, p) == 0).mean()),
    "D03": lambda x: dropped(x, 1.0),
    "D04": lambda x, p: np.unique(dropped(x, p, training=False)),
    "D05": lambda x: bool((array(F.dropout(tensor(x))) == 0).any()),
    # batch normalization
    "B01": lambda: torch.nn.BatchNorm2d(1).eps,
    "B02": lambda x, momentum: norm(x, momentum=momentum)[1],
    "B03": lambda x: norm(x)[1] / 10,
    "B04": lambda x: norm(x, momentum=1.0)[2],
    "B05": lambda x: norm(x)[0],
    "B06": lambda x: norm(x)[0].max(),
    "B07": lambda x: layer_weights(lambda: torch.nn.BatchNorm2d(x.shape[1])).shape,
    # other normalizations, half precision
    "N01": lambda x: norm(x)[0].max(),
    "N02": lambda x: run(layer_norm, x).max(),
    "N03": lambda x: run(lambda x: F.group_norm(x, 1), x).max(),
    "N04": lambda: torch.nn.LayerNorm(2).eps,
    "N05": lambda: torch.nn.GroupNorm(1, 2).eps,
    "N06": lambda x: run(F.normalize, x)[0, 0],
    "H01": lambda x: in_type(lambda x: F.avg_pool2d(x, x.shape[2:]), torch.bfloat16, x),
    "H02": lambda x: in_type(lambda x: F.avg_pool2d(x, x.shape[2:]), torch.float16, x),
    "H03": lambda x, w: in_type(F.conv2d, torch.bfloat16, x, w),
    "H04": lambda x: in_type(layer_norm, torch.float16, x)[0, 0, 0, 1],
    "H05": lambda x: in_type(lambda x: F.softmax(x, dim=1), torch.float16, x)[0, 0],
    "H06": lambda x: in_type(torch.mean, torch.float16, x),
    # fully connected
    "F01": lambda x: run(lambda x: torch.flatten(x, 1), x).ravel(),
    "F02": lambda: layer_weights(lambda: torch.nn.Linear(3, 5)).shape,
    "F03": lambda x: run(lambda x: F.linear(x, torch.ones(5, 4)), x).shape,
    "F04": lambda x: run(torch.flatten, x).shape,
    # initial weights
    "W01": lambda channels, filters: (
        layer_weights(lambda: torch.nn.Conv2d(channels, filters, 3)).max() * (9 * channels) ** 0.5
    ),
    "W02": lambda: layer_weights(lambda: torch.nn.Conv2d(16, 16, 3), "bias")[:3],
    "W03": lambda inputs, outputs: abs(layer_weights(lambda: torch.nn.Linear(inputs, outputs))).max() * inputs**0.5,
    "W04": largest_he_normal,
}
