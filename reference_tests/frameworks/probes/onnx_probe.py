"""ONNX's answers, one operator a model, one function a question; run by ONNX Runtime or by onnx's own reference."""

import numpy as np
import onnx
from onnx import helper
from onnx.helper import make_tensor_value_info as value
from onnx.reference import ReferenceEvaluator

COLUMN = globals().get("COLUMN", "onnxruntime")
if COLUMN == "onnxruntime":
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)

OPSET = 21
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
    "K01": "no such operator",
    "K02": "no such operator",
}


def about():
    if COLUMN == "onnxruntime":
        provider = onnxruntime.get_available_providers()[-1]
        return {"version": onnxruntime.__version__, "switches": {"provider": provider, "opset": OPSET}, "device": "cpu"}
    return {"version": onnx.__version__, "switches": {"opset": OPSET}, "device": "cpu"}


def run(operator, *arrays, outputs=1, **attributes):
    """The outputs of one operator; an array given as None is an input left out."""
    names = ["" if a is None else f"in{i}" for i, a in enumerate(arrays)]
    out = [f"out{i}" for i in range(outputs)]
    node = helper.make_node(operator, names, out, **attributes)
    feed = {name: np.ascontiguousarray(a) for name, a in zip(names, arrays) if name}
    given = [value(n, helper.np_dtype_to_tensor_dtype(a.dtype), None) for n, a in feed.items()]
    graph = helper.make_graph([node], "one operator", given, [helper.make_empty_tensor_value_info(n) for n in out])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    if COLUMN == "onnxruntime":
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        got = session.run(None, feed)
    else:
        got = ReferenceEvaluator(model).run(None, feed)
    return got[0] if outputs == 1 else got


def conv(x, w, b=None, **how):
    return run("Conv", *((x, w) if b is None else (x, w, b)), **how)


def max_pool(x, *window, **how):
    return run("MaxPool", x, kernel_shape=window, **how)


def average_pool(x, *window, **how):
    return run("AveragePool", x, kernel_shape=window, **how)


def entropy(x, t, *weights, **how):
    return run("SoftmaxCrossEntropyLoss", x, t, *weights, **how)


def dropout(x, ratio=None, training=None):
    given = (None if v is None else np.array(v, kind) for v, kind in ((ratio, "float32"), (training, "bool")))
    return run("Dropout", x, *given, seed=1)


def norm(x, mean=0.0, var=1.0, **how):
    scale, offset, mean, var = (np.full(x.shape[1], v, "float32") for v in (1, 0, mean, var))
    return run("BatchNormalization", x, scale, offset, mean, var, outputs=3, training_mode=1, **how)


def default(operator, attribute):
    return onnx.defs.get_schema(operator, OPSET).attributes[attribute].default_value.f


# sizes
def S01(x, w):
    return conv(x, w, strides=[3, 3])


def S02(x):
    return max_pool(x, 2, 2, strides=[2, 2])


def S03(x):
    return max_pool(x, 2, 2, strides=[2, 2], ceil_mode=1)


def S04(x):
    return max_pool(x, 1, 1, strides=[2, 2], ceil_mode=1)


def S05(x, w):
    return conv(x, w, auto_pad="SAME_UPPER")


def S06(x, w):
    return conv(x, w, auto_pad="SAME_UPPER", strides=[1, 2])


def S07(x, w):
    return conv(x, w, auto_pad="SAME_UPPER", strides=[2, 2])


def S08(x):
    return max_pool(x, 3, 3, strides=[1, 1], pads=[2, 2, 2, 2])


def S09(x, w):
    return conv(x, w, pads=[4, 4, 4, 4])


def S10(x, w):
    return conv(x, w)


def S11(x):
    return max_pool(x, 5, 5)


def S12(x, w):
    return conv(x, w)


def S13(x):
    return max_pool(x, 2, 2, strides=[2, 2])


def S14(x, w):
    return conv(x, w, strides=[0, 0])


def S15(x):
    return max_pool(x, 2, 2, strides=[0, 0])


def S16(x):
    return max_pool(x, 2, 2)


def S17(x, w):
    return conv(x, w)


def S18(x, w):
    return conv(x, w, pads=[-1, -1, -1, -1])


def S19(x, w):
    return conv(x, w, pads=[1, 1, 0, 0])


# convolution
def C01(x, w):
    return conv(x, w)


def C02(x, w):
    return run("ConvTranspose", x, w)


def C03(x, w):
    return run("ConvTranspose", x, w, strides=[2, 2])


def C04(x, w):
    return conv(x, w, dilations=[1, 2])


def C05(x, w):
    return conv(x, w, dilations=[0, 0])


def C06(x, w):
    return conv(x, w)


def C07(x, w):
    return conv(x, w)


def C08(x, w, b):
    return conv(x, w, b)


def C09(x, w, b):
    return conv(x, w, b)


def C10(x, w):
    return conv(x, w)


def C11(x, w):
    return conv(x, w)


def C12(x, w):
    return conv(x, w)


def C13(x, w):
    return conv(x, w)


def C14(x, w):
    return conv(x, w)


def C15(x, w):
    return float(abs(conv(x, w)[0, 0, 0, 0] - np.sum(x.astype("float64") * w)) / np.abs(x * w).sum())


def C16(x, w):
    return float(np.abs(conv(x, w)[3] - conv(x[3:4], w)[0]).max())


def C17(x, w):
    return conv(x, w)


def C18(x, w):
    feed = x[..., ::-1]
    return conv(feed, w)


def C19(x):
    return conv(x, np.ones((2, 3, 1, 1), "float32")).shape


def C20():
    conv(np.ones((1, 3, 5, 4), "float32"), np.ones((2, 3, 5, 4), "float32"))
    return [2, 3, 5, 4]


def C21(x, w):
    return conv(x, w)


# pooling
def P01(x):
    return max_pool(x, 2, 2, strides=[2, 2], pads=[1, 1, 1, 1])


def P02(x):
    return average_pool(x, 3, 3, pads=[1, 1, 1, 1])[0, 0, 0, 0]


def P03(x):
    return average_pool(x, 2, 2, strides=[2, 2], ceil_mode=1)[0, 0, 1, 1]


def P04(x):
    out = average_pool(x, 1, 3, strides=[1, 2], pads=[0, 1, 0, 1], ceil_mode=1, count_include_pad=1)
    return out[0, 0, 0, -1]


def P07(x):
    return max_pool(x, 1, 2)


def P08(x):
    return max_pool(x, 2, 2)


def P09(x):
    return max_pool(x, 1, 2)


def P10(x):
    return average_pool(x, 1, 2)


def P11(x):
    return run("MaxPool", x, kernel_shape=[2, 4], strides=[2, 4], outputs=2)[1][0, 1]


def P12(x):
    out, index = run("MaxPool", x, kernel_shape=[2, 2], outputs=2)
    return bool((out == x.ravel()[index.clip(0, x.size - 1)]).all())


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


# loss
def L01(x, t):
    return entropy(x, t)


def L02(x, t):
    return entropy(x, t)


def L03(x, t):
    return entropy(x, t)


def L04(x, t):
    return entropy(x, t)


def L06(x, t):
    return entropy(x, t)


def L07(x, t):
    return entropy(x, t)


def L08(x, t):
    return entropy(x, t)


def L09(x, t):
    return entropy(x, t)


def L10(x, t):
    return run("NegativeLogLikelihoodLoss", run("Log", x), t)


def L11(x, t, weights):
    return entropy(x, t, weights)


# local response normalization
def R01(x):
    return run("LRN", x, size=3, alpha=1.0, beta=1.0, bias=1.0)[0, 1]


def R02(x):
    return run("LRN", x, size=2, alpha=2.0, beta=1.0, bias=1.0).ravel()


def R03(x):
    return run("LRN", x, size=1, alpha=1.0, beta=1.0, bias=1.0).ravel()


def R04():
    alpha, beta, k = (default("LRN", name) for name in ("alpha", "beta", "bias"))
    return f"size -, alpha {alpha:g}, beta {beta:g}, k {k:g}"


def R05(x):
    both = run("LRN", x, size=3, alpha=1.0)
    return bool(np.allclose(both[1:], run("LRN", x[1:], size=3, alpha=1.0)))


# dropout
def D01(x):
    return np.unique(dropout(x, 0.5, True))


def D02(x):
    return float((dropout(x, 0.25, True) == 0).mean())


def D03(x):
    return dropout(x, 1.0, True)


def D04(x):
    return np.unique(dropout(x, 0.5, False))


def D05(x):
    return bool((dropout(x) == 0).any())


# batch normalization
def B01():
    return default("BatchNormalization", "epsilon")


def B02(x):
    return norm(x, momentum=0.1)[1]


def B03(x):
    return norm(x)[1] / 10


def B04(x):
    return norm(x, momentum=0.0)[2]


def B05(x):
    return norm(x)[0]


def B06(x):
    return norm(x)[0].max()
