"""OpenCV's answers: filter2D for a single filter, its dnn module (fed with one ONNX operator) for layers."""

from typing import Any

import cv2
import numpy as np
import onnx
from onnx import helper, numpy_helper

NO_GRADIENT = "inference only: no gradient"
NO_TRAINING = "inference only: no training"
NONE = "not in OpenCV"
ABSENT = {
    **dict.fromkeys(["C02", "C03", "C22", "P11", "P12", "C21"], NONE),
    **dict.fromkeys(["P05", "P06", "A01", "A02"], NO_GRADIENT),
    **dict.fromkeys(["C06", "C07", "C08", "C09"], "filter2D takes one filter for every channel"),
    **dict.fromkeys([f"L{i:02}" for i in range(1, 12)], "no loss"),
    **dict.fromkeys(["R04"], "the model file states them"),
    **dict.fromkeys([f"D{i:02}" for i in range(1, 6)], NO_TRAINING),
    **dict.fromkeys([f"B{i:02}" for i in range(1, 7)], NO_TRAINING),
    **dict.fromkeys(["W01", "W02", "W03", "W04", "K01", "K02"], NO_TRAINING),
}


def about() -> dict[str, Any]:
    """Return the version, the switches and the device that the answers depend on."""
    switches = {"optimized": cv2.useOptimized(), "IPP": cv2.ipp.useIPP(), "threads": cv2.getNumThreads()}
    return {"version": cv2.__version__, "switches": switches, "device": "cpu"}


def value(name: str, shape: Any) -> Any:
    """Declare a float32 input or output of a graph."""
    return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)


def run(operator: str, x: np.ndarray, w: np.ndarray | None = None, **attributes: Any) -> Any:
    """Return the output of one ONNX operator, read by cv2.dnn."""
    node = helper.make_node(operator, ["x"] if w is None else ["x", "w"], ["out"], **attributes)
    constant = [] if w is None else [numpy_helper.from_array(w, "w")]
    graph = helper.make_graph([node], "one operator", [value("x", x.shape)], [value("out", [None] * x.ndim)], constant)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    net = cv2.dnn.readNetFromONNX(np.frombuffer(model.SerializeToString(), np.uint8))
    net.setInput(x)
    return net.forward()


def conv(x: np.ndarray, w: np.ndarray, **how: Any) -> Any:
    """Convolve x (N, C, H, W) with w (FN, C, FH, FW) in the dnn module."""
    return run("Conv", x, w, kernel_shape=w.shape[2:], **how)


def filtered(x: np.ndarray, w: np.ndarray, depth: Any = -1, **how: Any) -> Any:
    """Filter one image of one channel with filter2D."""
    return cv2.filter2D(x[0, 0], depth, w[0, 0], **how)


def rounding_error(x: np.ndarray, w: np.ndarray) -> Any:
    """Return the error of a sum of products, in units of the sum of their sizes."""
    got = filtered(x, w, anchor=(0, 0))[0, 0]
    return float(abs(got - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum())


def channel_axis(x: np.ndarray) -> Any:
    """Return the result's shape if the channels of x stand on the axis where blobFromImage puts them."""
    blob = cv2.dnn.blobFromImage(np.ones((5, 4, 3), "float32"))
    return [1, 2, *blob.shape[2:]] if blob.shape == x.shape else [1, *blob.shape[1:3], 2]


def weight_layout() -> Any:
    """Return the shape of the weights of 2 filters of 5x4 over 3 channels."""
    cv2.filter2D(np.ones((9, 9), "float32"), -1, np.ones((5, 4), "float32"))
    return [5, 4]


def pool_beyond_padding(x: np.ndarray) -> Any:
    """Return the last mean of a row whose last window reaches beyond the padding."""
    return run(
        "AveragePool", x, kernel_shape=[1, 3], strides=[1, 2], pads=[0, 1, 0, 1], ceil_mode=1, count_include_pad=1
    )[0, 0, 0, -1]


def lrn_sample_is_alone(x: np.ndarray) -> bool:
    """Tell whether a sample gives the same result in a batch and alone."""
    both = run("LRN", x, size=3, alpha=1.0, beta=0.75, bias=1.0)
    return bool(np.allclose(both[1:], run("LRN", x[1:], size=3, alpha=1.0, beta=0.75, bias=1.0), rtol=1e-6))


PROBES = {
    # sizes
    "S01": lambda x, w: conv(x, w, strides=[3, 3]),
    "S02": lambda x: run("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]),
    "S03": lambda x: run("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1),
    "S04": lambda x: run("MaxPool", x, kernel_shape=[1, 1], strides=[2, 2], ceil_mode=1),
    "S05": lambda x, w: filtered(x, w, borderType=cv2.BORDER_CONSTANT),
    "S06": lambda x, w: conv(x, w, auto_pad="SAME_UPPER", strides=[1, 2]),
    "S07": lambda x, w: conv(x, w, auto_pad="SAME_UPPER", strides=[2, 2]),
    "S08": lambda x: run("MaxPool", x, kernel_shape=[3, 3], strides=[1, 1], pads=[2, 2, 2, 2]),
    "S09": lambda x, w: conv(x, w, pads=[4, 4, 4, 4]),
    "S11": lambda x: run("MaxPool", x, kernel_shape=[5, 5]),
    "S13": lambda x: run("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]),
    "S14": lambda x, w: conv(x, w, strides=[0, 0]),
    "S15": lambda x: run("MaxPool", x, kernel_shape=[2, 2], strides=[0, 0]),
    "S16": lambda x: run("MaxPool", x, kernel_shape=[2, 2]),
    "S17": lambda x, w: filtered(x, w),
    "S18": lambda x, w: conv(x, w, pads=[-1, -1, -1, -1]),
    "S19": lambda x, w: conv(x, w, pads=[1, 1, 0, 0]),
    # convolution
    "C01": lambda x, w: filtered(x, w)[0, 1],
    "C04": lambda x, w: conv(x, w, dilations=[1, 2]),
    "C05": lambda x, w: conv(x, w, dilations=[0, 0]),
    "C10": lambda x, w: filtered(x, w),
    "C11": lambda x, w: filtered(x, w, anchor=(0, 0))[0, 0],
    "C12": lambda x, w: filtered(x, w, anchor=(0, 0))[0, 0],
    "C13": lambda x, w: filtered(x, w),
    "C14": lambda x, w: filtered(x, w),
    "C15": rounding_error,
    "C16": lambda x, w: float(np.abs(conv(x, w)[3] - conv(x[3:4], w)[0]).max()),
    "C17": lambda x, w: filtered(x, w)[1:-1, 1:-1],
    "C18": lambda x, w: filtered(x[..., ::-1], w)[0, 1],
    "C19": channel_axis,
    "C20": weight_layout,
    # pooling
    "P01": lambda x: run("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2], pads=[1, 1, 1, 1]),
    "P02": lambda x: run("AveragePool", x, kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])[0, 0, 0, 0],
    "P03": lambda x: run("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)[0, 0, 1, 1],
    "P04": pool_beyond_padding,
    "P07": lambda x: run("MaxPool", x, kernel_shape=[1, 2], strides=[1, 2]),
    "P08": lambda x: run("MaxPool", x, kernel_shape=[2, 2], strides=[1, 1]),
    "P09": lambda x: run("MaxPool", x, kernel_shape=[1, 2], strides=[1, 1]),
    "P10": lambda x: run("AveragePool", x, kernel_shape=[1, 2], strides=[1, 1]),
    # activations
    "A03": lambda x: np.copysign(1, run("Relu", x)),
    "A04": lambda x: run("Relu", x),
    "A05": lambda x: run("Sigmoid", x),
    "A06": lambda x: run("Softmax", x, axis=1),
    "A07": lambda x: run("Softmax", x),
    "A08": lambda x: run("Gelu", x),
    "A09": lambda x: -run("LeakyRelu", x),
    "A10": lambda x: run("HardSigmoid", x),
    # local response normalization
    "R01": lambda x: run("LRN", x, size=3, alpha=1.0, beta=1.0, bias=1.0)[0, 1],
    "R02": lambda x: run("LRN", x, size=2, alpha=2.0, beta=1.0, bias=1.0).ravel(),
    "R03": lambda x: run("LRN", x, size=1, alpha=1.0, beta=1.0, bias=1.0).ravel(),
    "R05": lrn_sample_is_alone,
}
