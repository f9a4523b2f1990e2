"""OpenCV's answers: filter2D for a single filter, its dnn module (fed with one ONNX operator) for layers."""

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


def about():
    switches = {"optimized": cv2.useOptimized(), "IPP": cv2.ipp.useIPP(), "threads": cv2.getNumThreads()}
    return {"version": cv2.__version__, "switches": switches, "device": "cpu"}


def value(name, shape):
    return helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape)


def run(operator, x, w=None, **attributes):
    """One ONNX operator read by cv2.dnn; its output."""
    node = helper.make_node(operator, ["x"] if w is None else ["x", "w"], ["out"], **attributes)
    constant = [] if w is None else [numpy_helper.from_array(w, "w")]
    graph = helper.make_graph([node], "one operator", [value("x", x.shape)], [value("out", [None] * x.ndim)], constant)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    net = cv2.dnn.readNetFromONNX(np.frombuffer(model.SerializeToString(), np.uint8))
    net.setInput(x)
    return net.forward()


def conv(x, w, **how):
    return run("Conv", x, w, kernel_shape=w.shape[2:], **how)


def filtered(x, w, depth=-1, **how):
    return cv2.filter2D(x[0, 0], depth, w[0, 0], **how)


# sizes
def S01(x, w):
    return conv(x, w, strides=[3, 3])


def S02(x):
    return run("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])


def S03(x):
    return run("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)


def S04(x):
    return run("MaxPool", x, kernel_shape=[1, 1], strides=[2, 2], ceil_mode=1)


def S05(x, w):
    return filtered(x, w, borderType=cv2.BORDER_CONSTANT)


def S06(x, w):
    return conv(x, w, auto_pad="SAME_UPPER", strides=[1, 2])


def S07(x, w):
    return conv(x, w, auto_pad="SAME_UPPER", strides=[2, 2])


def S08(x):
    return run("MaxPool", x, kernel_shape=[3, 3], strides=[1, 1], pads=[2, 2, 2, 2])


def S09(x, w):
    return conv(x, w, pads=[4, 4, 4, 4])


def S10(x, w):
    return conv(x, w)


def S11(x):
    return run("MaxPool", x, kernel_shape=[5, 5])


def S12(x, w):
    return conv(x, w)


def S13(x):
    return run("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])


def S14(x, w):
    return conv(x, w, strides=[0, 0])


def S15(x):
    return run("MaxPool", x, kernel_shape=[2, 2], strides=[0, 0])


def S16(x):
    return run("MaxPool", x, kernel_shape=[2, 2])


def S17(x, w):
    return filtered(x, w)


def S18(x, w):
    return conv(x, w, pads=[-1, -1, -1, -1])


def S19(x, w):
    return conv(x, w, pads=[1, 1, 0, 0])


# convolution
def C01(x, w):
    return filtered(x, w)[0, 1]


def C04(x, w):
    return conv(x, w, dilations=[1, 2])


def C05(x, w):
    return conv(x, w, dilations=[0, 0])


def C10(x, w):
    return filtered(x, w)


def C11(x, w):
    return filtered(x, w, anchor=(0, 0))[0, 0]


def C12(x, w):
    return filtered(x, w, anchor=(0, 0))[0, 0]


def C13(x, w):
    return filtered(x, w)


def C14(x, w):
    return filtered(x, w)


def C15(x, w):
    got = filtered(x, w, anchor=(0, 0))[0, 0]
    return float(abs(got - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum())


def C16(x, w):
    return float(np.abs(conv(x, w)[3] - conv(x[3:4], w)[0]).max())


def C17(x, w):
    return filtered(x, w)[1:-1, 1:-1]


def C18(x, w):
    return filtered(x[..., ::-1], w)[0, 1]


def C19(x):
    blob = cv2.dnn.blobFromImage(np.ones((5, 4, 3), "float32"))
    return [1, 2, *blob.shape[2:]] if blob.shape == x.shape else [1, *blob.shape[1:3], 2]


def C20():
    cv2.filter2D(np.ones((9, 9), "float32"), -1, np.ones((5, 4), "float32"))
    return [5, 4]


# pooling
def P01(x):
    return run("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2], pads=[1, 1, 1, 1])


def P02(x):
    return run("AveragePool", x, kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])[0, 0, 0, 0]


def P03(x):
    return run("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)[0, 0, 1, 1]


def P04(x):
    how = {"kernel_shape": [1, 3], "strides": [1, 2], "pads": [0, 1, 0, 1], "ceil_mode": 1, "count_include_pad": 1}
    return run("AveragePool", x, **how)[0, 0, 0, -1]


def P07(x):
    return run("MaxPool", x, kernel_shape=[1, 2], strides=[1, 2])


def P08(x):
    return run("MaxPool", x, kernel_shape=[2, 2], strides=[1, 1])


def P09(x):
    return run("MaxPool", x, kernel_shape=[1, 2], strides=[1, 1])


def P10(x):
    return run("AveragePool", x, kernel_shape=[1, 2], strides=[1, 1])


# activations
def A03(x):
    return np.copysign(1, run("Relu", x))


def A04(x):
    return run("Relu", x)


def A05(x):
    return run("Sigmoid", x)


def A06(x):
    return run("Softmax", x, axis=1)


def A07(x):
    return run("Softmax", x)


def A08(x):
    return run("Gelu", x)


def A09(x):
    return -run("LeakyRelu", x)


def A10(x):
    return run("HardSigmoid", x)


# local response normalization
def R01(x):
    return run("LRN", x, size=3, alpha=1.0, beta=1.0, bias=1.0)[0, 1]


def R02(x):
    return run("LRN", x, size=2, alpha=2.0, beta=1.0, bias=1.0).ravel()


def R03(x):
    return run("LRN", x, size=1, alpha=1.0, beta=1.0, bias=1.0).ravel()


def R05(x):
    both = run("LRN", x, size=3, alpha=1.0, beta=0.75, bias=1.0)
    return bool(np.allclose(both[1:], run("LRN", x[1:], size=3, alpha=1.0, beta=0.75, bias=1.0), rtol=1e-6))
