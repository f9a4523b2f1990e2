"""ONNX's answers, each from a model of one operator.

It is run by ONNX Runtime, by onnx's own reference, by OpenVINO or by OpenCV's dnn module.
"""

from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from onnx.helper import make_tensor_value_info as value
from onnx.reference import ReferenceEvaluator

COLUMN = globals().get("FRAMEWORK", "onnxruntime")
OPSET = 13 if COLUMN == "opencv.dnn" else 21
NO_GRADIENT = "inference only: no gradient"
NO_WEIGHTS = "operators have no weights of their own"
ABSENT = {
    "C22": "no unfold operator",
    "P05": NO_GRADIENT,
    "P06": NO_GRADIENT,
    "A01": NO_GRADIENT,
    "A02": NO_GRADIENT,
    "L05": "no smoothing in SoftmaxCrossEntropyLoss",
    "W01": NO_WEIGHTS,
    "W02": NO_WEIGHTS,
    "W03": NO_WEIGHTS,
    "W04": NO_WEIGHTS,
    **dict.fromkeys(["P13", "P16", "A11", "A12", "A13"], NO_GRADIENT),
    **dict.fromkeys(["C25", "C26"], "one layout, one implementation"),
    **dict.fromkeys(["P15", "P17"], "no adaptive pooling but to 1x1"),
    "P18": "no divisor of its own",
    **dict.fromkeys(["L12", "L13", "L14"], "no such operator"),
    "L15": "ignore_index has no default",
    **dict.fromkeys(["B07", "N05", "F02"], "operators have no weights of their own"),
    "F03": "Gemm takes two axes; MatMul has no weights' side",
    "F04": "Flatten makes two axes by its own axis",
    "E": "operators have no state",
    "O": "operators, no optimizer",
    "K01": "no such operator",
    "K02": "no such operator",
}


def about() -> dict[str, Any]:
    """Return the version, the switches and the device that the answers depend on."""
    if COLUMN == "onnxruntime":
        import onnxruntime

        provider = onnxruntime.get_available_providers()[-1]
        return {"version": onnxruntime.__version__, "switches": {"provider": provider, "opset": OPSET}, "device": "cpu"}
    if COLUMN == "openvino":
        import openvino

        return {"version": openvino.__version__.split("-")[0], "switches": {"opset": OPSET}, "device": "cpu"}
    if COLUMN == "opencv.dnn":
        import cv2

        return {
            "version": cv2.__version__,
            "switches": {"opset": OPSET, "threads": cv2.getNumThreads()},
            "device": "cpu",
        }
    return {"version": onnx.__version__, "switches": {"opset": OPSET}, "device": "cpu"}


class NotOffered(Exception):
    """There is nothing here that could be asked; the message says why."""


def run_onnxruntime(model: Any, feed: dict[str, np.ndarray]) -> Any:
    """Run a model in ONNX Runtime."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, feed)


def run_reference(model: Any, feed: dict[str, np.ndarray]) -> Any:
    """Run a model in onnx's own reference."""
    return ReferenceEvaluator(model).run(None, feed)


def run_openvino(model: Any, feed: dict[str, np.ndarray]) -> Any:
    """Run a model in OpenVINO."""
    import openvino

    core = openvino.Core()
    compiled = core.compile_model(core.read_model(model.SerializeToString()), "CPU", PRECISION)
    results = compiled(list(feed.values()))
    return [results[i] for i in range(len(compiled.outputs))]


def run_opencv(model: Any, feed: dict[str, np.ndarray]) -> Any:
    """Run a model in OpenCV's dnn module."""
    import cv2

    net = cv2.dnn.readNetFromONNX(np.frombuffer(model.SerializeToString(), np.uint8))
    for name, a in feed.items():
        net.setInput(a, name)
    return net.forward(net.getUnconnectedOutLayersNames())


PRECISION = {"INFERENCE_PRECISION_HINT": "f32"}  # else a processor with bfloat16 computes in it
RUNNERS = {
    "onnxruntime": run_onnxruntime,
    "onnx-reference": run_reference,
    "openvino": run_openvino,
    "opencv.dnn": run_opencv,
}


def run(operator: str, *arrays: Any, outputs: int = 1, **attributes: Any) -> Any:
    """Return the outputs of one operator; an array given as None is an input left out."""
    names = ["" if a is None else f"in{i}" for i, a in enumerate(arrays)]
    out = [f"out{i}" for i in range(outputs)]
    node = helper.make_node(operator, names, out, **attributes)
    arrays_by_name = {name: np.ascontiguousarray(a) for name, a in zip(names, arrays) if name}
    fixed = {n: a for n, a in arrays_by_name.items() if n != "in0"} if COLUMN == "opencv.dnn" else {}
    feed = {n: a for n, a in arrays_by_name.items() if n not in fixed}
    given = [value(n, helper.np_dtype_to_tensor_dtype(a.dtype), shape_of(a)) for n, a in feed.items()]
    graph = helper.make_graph(
        [node],
        "one operator",
        given,
        [declared(n, arrays) for n in out],
        [numpy_helper.from_array(a, n) for n, a in fixed.items()],
    )
    ir = 8 if COLUMN == "opencv.dnn" else 10
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=ir)
    got = RUNNERS[COLUMN](model, feed)
    return got[0] if outputs == 1 else got


def declared(name: str, arrays: Any) -> Any:
    """Declare an output: without a type, or as OpenCV asks for it, which knows float32 only."""
    if COLUMN != "opencv.dnn":
        return helper.make_empty_tensor_value_info(name)
    return value(name, onnx.TensorProto.FLOAT, [None] * arrays[0].ndim)


def shape_of(a: np.ndarray) -> Any:
    """Return the shape that a model states for an input: none, or the array's where the framework wants to know."""
    return a.shape if COLUMN in ("openvino", "opencv.dnn") else None


def conv(x: np.ndarray, w: np.ndarray, b: np.ndarray | None = None, **how: Any) -> Any:
    """Convolve x (N, C, H, W) with w (FN, C, FH, FW)."""
    return run("Conv", *((x, w) if b is None else (x, w, b)), kernel_shape=w.shape[2:], **how)


def max_pool(x: np.ndarray, *window: Any, **how: Any) -> Any:
    """Return the maximum of each window of x (N, C, H, W)."""
    return run("MaxPool", x, kernel_shape=window, **how)


def average_pool(x: np.ndarray, *window: Any, **how: Any) -> Any:
    """Return the mean of each window of x (N, C, H, W)."""
    return run("AveragePool", x, kernel_shape=window, **how)


def entropy(x: np.ndarray, t: np.ndarray, *weights: Any, **how: Any) -> Any:
    """Return the cross-entropy of the logits x (N, classes) and the labels t, reduced as by default."""
    return run("SoftmaxCrossEntropyLoss", x, t, *weights, **how)


def no_training() -> None:
    """Raise NotOffered in a framework that does inference only."""
    if COLUMN in ("openvino", "opencv.dnn"):
        raise NotOffered("inference only: no training")


def dropout(x: np.ndarray, ratio: Any = None, training: Any = None) -> Any:
    """Apply dropout; ratio is the share that is dropped."""
    no_training()
    given = (None if v is None else np.array(v, kind) for v, kind in ((ratio, "float32"), (training, "bool")))
    return run("Dropout", x, *given, seed=1)


def norm(x: np.ndarray, mean: Any = 0.0, var: Any = 1.0, **how: Any) -> Any:
    """Normalize a batch in training; return the output, the new running mean and the new running variance."""
    no_training()
    scale, offset, mean, var = (np.full(x.shape[1], v, "float32") for v in (1, 0, mean, var))
    return run("BatchNormalization", x, scale, offset, mean, var, outputs=3, training_mode=1, **how)


def half(operator: str, dtype: str, *arrays: Any, **attributes: Any) -> Any:
    """Compute one operator in a half type; return float32."""
    import ml_dtypes

    kind = np.dtype(ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype)
    return np.asarray(run(operator, *(a.astype(kind) for a in arrays), **attributes)).astype("float32")


def layer_norm(x: np.ndarray, dtype: str = "float32") -> Any:
    """Normalize over the last axis."""
    return half("LayerNormalization", dtype, x, np.ones(x.shape[-1], "float32"), np.zeros(x.shape[-1], "float32"))


def resize(x: np.ndarray, size: int, **how: Any) -> Any:
    """Resize the width of an image."""
    return run("Resize", x, None, None, np.array([1, 1, 1, size], "int64"), **how)


def depthwise(x: np.ndarray, m: int) -> Any:
    """Convolve each channel with m filters 1x1, of weights 1, 2, ... m."""
    w = np.tile(np.arange(1, m + 1, dtype="float32"), x.shape[1]).reshape(-1, 1, 1, 1)
    return conv(x, w, group=x.shape[1])


def weight_shape(operator: str, x: np.ndarray, *shape: int, **how: Any) -> Any:
    """Return the shape of weights that an operator has taken."""
    run(operator, x, np.ones(shape, "float32"), **how)
    return list(shape)


def default(operator: str, attribute: str) -> Any:
    """Return the default value of an operator's attribute."""
    if operator == "LayerNormalization" and OPSET < 17:
        raise NotOffered("no such operator in this operator set")
    return onnx.defs.get_schema(operator, OPSET).attributes[attribute].default_value.f


def weight_layout() -> Any:
    """Return the shape of the weights of 2 filters of 5x4 over 3 channels."""
    conv(np.ones((1, 3, 5, 4), "float32"), np.ones((2, 3, 5, 4), "float32"))
    return [2, 3, 5, 4]


def pool_beyond_padding(x: np.ndarray, k: int, s: int) -> Any:
    """Return the last mean of a row whose last window reaches beyond the padding."""
    out = average_pool(x, 1, k, strides=[1, s], pads=[0, 1, 0, 1], ceil_mode=1, count_include_pad=1)
    return out[0, 0, 0, -1]


def indices_point_at_maxima(x: np.ndarray) -> bool:
    """Tell whether the value at each index is the maximum of its window."""
    out, index = run("MaxPool", x, kernel_shape=[2, 2], outputs=2)
    return bool((out == x.ravel()[index.clip(0, x.size - 1)]).all())


def lrn_defaults() -> str:
    """Return the default size, alpha, beta and k as one text."""
    alpha, beta, k = (default("LRN", name) for name in ("alpha", "beta", "bias"))
    return f"size -, alpha {alpha:g}, beta {beta:g}, k {k:g}"


def lrn_sample_is_alone(x: np.ndarray) -> bool:
    """Tell whether a sample gives the same result in a batch and alone."""
    both = run("LRN", x, size=3, alpha=1.0)
    return bool(np.allclose(both[1:], run("LRN", x[1:], size=3, alpha=1.0)))


PROBES = {
    # sizes
    "S01": lambda x, w, s: conv(x, w, strides=[s, s]),
    "S02": lambda x, k, s: max_pool(x, k, k, strides=[s, s]),
    "S03": lambda x, k, s: max_pool(x, k, k, strides=[s, s], ceil_mode=1),
    "S04": lambda x, k, s: max_pool(x, k, k, strides=[s, s], ceil_mode=1),
    "S05": lambda x, w: conv(x, w, auto_pad="SAME_UPPER"),
    "S06": lambda x, w, s: conv(x, w, auto_pad="SAME_UPPER", strides=[1, s]),
    "S07": lambda x, w, s: conv(x, w, auto_pad="SAME_UPPER", strides=[s, s]),
    "S08": lambda x, k, p: max_pool(x, k, k, strides=[1, 1], pads=[p] * 4),
    "S09": lambda x, w, p: conv(x, w, pads=[p] * 4),
    "S10": lambda x, w, s: conv(x, w, strides=[s, s]),
    "S11": lambda x, k, s: max_pool(x, k, k, strides=[s, s]),
    "S13": lambda x: max_pool(x, 2, 2, strides=[2, 2]),
    "S14": lambda x, w: conv(x, w, strides=[0, 0]),
    "S15": lambda x, k: max_pool(x, k, k, strides=[0, 0]),
    "S16": lambda x, k: max_pool(x, k, k),
    "S18": lambda x, w: conv(x, w, pads=[-1, -1, -1, -1]),
    "S19": lambda x, w: conv(x, w, pads=[1, 1, 0, 0]),
    "S20": lambda x, w, s, d: conv(x, w, auto_pad="SAME_UPPER", strides=[1, s], dilations=[1, d]),
    # convolution
    "C02": lambda x, w: run("ConvTranspose", x, w),
    "C03": lambda x, w, s: run("ConvTranspose", x, w, strides=[s, s]),
    "C04": lambda x, w, d: conv(x, w, dilations=[1, d]),
    "C05": lambda x, w: conv(x, w, dilations=[0, 0]),
    "C15": lambda x, w: float(abs(conv(x, w)[0, 0, 0, 0] - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum()),
    "C16": lambda x, w: float(np.abs(conv(x, w)[-1] - conv(x[-1:], w)[0]).max()),
    "C18": lambda x, w: conv(x[..., ::-1], w),
    "C19": lambda x: conv(x, np.ones((2, 3, 1, 1), "float32")).shape,
    "C20": weight_layout,
    "C23": lambda: weight_shape("Conv", np.ones((1, 2, 5, 4), "float32"), 6, 1, 5, 4, group=2),
    "C24": depthwise,
    "T01": lambda: weight_shape("ConvTranspose", np.ones((1, 2, 1, 1), "float32"), 2, 3, 5, 4),
    "T02": lambda x, w, s: run("ConvTranspose", x, w, strides=[1, s], auto_pad="SAME_UPPER"),
    "T03": lambda x, w, s, out: run("ConvTranspose", x, w, strides=[1, s], pads=[0, 1, 0, 1], output_padding=[0, out]),
    "T04": lambda x, w, s: run("ConvTranspose", x, w, strides=[s, s], dilations=[2, 2]),
    "T05": lambda x, w, s: [
        run("ConvTranspose", x, w, strides=[1, s], pads=[0, w.shape[3] // 2] * 2).shape[3],
        run("ConvTranspose", x, w, strides=[1, s], pads=[0, w.shape[3] // 2] * 2, output_padding=[0, 0]).shape[3],
    ],
    "P19": lambda x, k, s: max_pool(x, 1, k, strides=[1, s], auto_pad="SAME_UPPER"),
    # pooling
    "P01": lambda x, k, s, p: max_pool(x, k, k, strides=[s, s], pads=[p] * 4),
    "P20": lambda x, k, s: average_pool(x, 1, k, strides=[1, s], auto_pad="SAME_LOWER", count_include_pad=1),
    "P02": lambda x, k, p: average_pool(x, k, k, pads=[p] * 4)[0, 0, 0, 0],
    "P03": lambda x, k, s: average_pool(x, k, k, strides=[s, s], ceil_mode=1)[0, 0, 1, 1],
    "P04": pool_beyond_padding,
    "P07": lambda x, k: max_pool(x, 1, k, strides=[1, k]),
    "P08": lambda x, k: max_pool(x, *k),
    "P09": lambda x: max_pool(x, 1, 2),
    "P10": lambda x: average_pool(x, 1, 2),
    "P11": lambda x: run("MaxPool", x, kernel_shape=[2, 4], strides=[2, 4], outputs=2)[1][0, 1],
    "P12": indices_point_at_maxima,
    "P14": lambda x, k, d, s: max_pool(x, 1, k, dilations=[1, d], strides=[1, s]),
    # padding and resizing
    "G01": lambda x, p: run("Pad", x, np.array([0, 0, 0, p] * 2, "int64"), mode="reflect"),
    "G02": lambda x, p: run("Pad", x, np.array([0, 0, 0, p] * 2, "int64"), mode="reflect"),
    "G03": lambda x, size: resize(x, size, mode="linear"),
    "G04": lambda x, size: resize(x, size, mode="nearest"),
    "G05": lambda x, size: resize(x, size, mode="linear"),
    # activations
    "A03": lambda x: np.copysign(1, run("Relu", x)),
    "A04": lambda x: run("Relu", x),
    "A05": lambda x: run("Sigmoid", x),
    "A06": lambda x: run("Softmax", x, axis=1),
    "A07": lambda x: run("Softmax", x),
    "A08": lambda x: run("Gelu", x),
    "A09": lambda x: -run("LeakyRelu", x),
    "A10": lambda x: run("HardSigmoid", x),
    "A14": lambda x: run("Clip", x, np.float32(0), np.float32(1)),
    "A15": lambda x: run("ArgMax", x),
    "A16": lambda x: run("ArgMax", x),
    # loss
    "L10": lambda x, t: run("NegativeLogLikelihoodLoss", run("Log", x), t),
    "L11": lambda x, t, weights: entropy(x, t, weights),
    # local response normalization
    "R01": lambda x, n: run("LRN", x, size=n, alpha=1.0, beta=1.0, bias=1.0)[0, n // 2],
    "R02": lambda x, n: run("LRN", x, size=n, alpha=float(n), beta=1.0, bias=1.0).ravel(),
    "R03": lambda x, n: run("LRN", x, size=n, alpha=float(n), beta=1.0, bias=1.0).ravel(),
    "R04": lrn_defaults,
    "R05": lrn_sample_is_alone,
    # dropout
    "D01": lambda x, p: np.unique(dropout(x, p, True)),
    "D02": lambda x, p: float((dropout(x, p, True) == 0).mean()),
    "D03": lambda x: dropout(x, 1.0, True),
    "D04": lambda x, p: np.unique(dropout(x, p, False)),
    "D05": lambda x: bool((dropout(x) == 0).any()),
    # batch normalization
    "B01": lambda: default("BatchNormalization", "epsilon"),
    "B02": lambda x, momentum: norm(x, momentum=momentum)[1],
    "B03": lambda x: norm(x)[1] / 10,
    "B04": lambda x: norm(x, momentum=0.0)[2],
    "B05": lambda x: norm(x)[0],
    "B06": lambda x: norm(x)[0].max(),
    # other normalizations, half precision, fully connected
    "N01": lambda x: norm(x)[0].max(),
    "N02": lambda x: layer_norm(x).max(),
    "N03": lambda x: run("InstanceNormalization", x, np.ones(1, "float32"), np.zeros(1, "float32")).max(),
    "N04": lambda: default("LayerNormalization", "epsilon"),
    "N06": lambda x: run("LpNormalization", x)[0, 0],
    "H01": lambda x: half("AveragePool", "bfloat16", x, kernel_shape=x.shape[2:]),
    "H02": lambda x: half("AveragePool", "float16", x, kernel_shape=x.shape[2:]),
    "H03": lambda x, w: half("Conv", "bfloat16", x, w),
    "H04": lambda x: layer_norm(x, "float16")[0, 0, 0, 1],
    "H05": lambda x: half("Softmax", "float16", x)[0, 0],
    "H06": lambda x: half("ReduceMean", "float16", x),
    "F01": lambda x: run("Flatten", x).ravel(),
}
