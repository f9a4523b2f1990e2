"""Convolution by kernels compiled elsewhere, where they are installed: ONNX Runtime and jax.jit."""

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np

Work = Callable[[], Any]
Sides = dict[str, Work]


def compiled(part: str, arrays: list[np.ndarray], dout: np.ndarray, options: dict[str, int]) -> Sides:
    """Return those of onnx, onnxruntime and jax that are installed and can do this part; arrays: x, W, b."""
    sides: Sides = {}
    if part == "forward" and importlib.util.find_spec("onnx"):
        model = onnx_model(arrays, options)
        sides["onnx"] = reference_operator(model, arrays)
        if importlib.util.find_spec("onnxruntime") and arrays[0].dtype == np.float32:  # it has no other kernel
            sides["onnxruntime"] = runtime(model, arrays)
    if importlib.util.find_spec("jax"):
        sides["jax"] = jitted(part, arrays, dout, options)
    return sides


def onnx_model(arrays: list[np.ndarray], options: dict[str, int]) -> Any:
    """Return an ONNX model of one Conv of x, W, b."""
    from onnx import TensorProto, helper

    kind = helper.np_dtype_to_tensor_dtype(arrays[0].dtype)
    given = [helper.make_tensor_value_info(n, kind, a.shape) for n, a in zip("xWb", arrays)]
    names = {"stride": "strides", "padding": "pads", "dilation": "dilations"}
    attributes: dict[str, Any] = {
        names[k]: [v] * (4 if k == "padding" else 2) for k, v in options.items() if k in names
    }
    node = helper.make_node("Conv", ["x", "W", "b"], ["y"], group=options["groups"], **attributes)
    out = helper.make_tensor_value_info("y", kind or TensorProto.UNDEFINED, None)
    graph = helper.make_graph([node], "conv", given, [out])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def reference_operator(model: Any, arrays: list[np.ndarray]) -> Work:
    """Return onnx's reference operator Conv, which is NumPy."""
    from onnx.reference import ReferenceEvaluator

    evaluator = ReferenceEvaluator(model)
    return lambda: evaluator.run(None, dict(zip("xWb", arrays)))


def runtime(model: Any, arrays: list[np.ndarray]) -> Work:
    """Return ONNX Runtime's Conv on the processor."""
    import onnxruntime

    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return lambda: session.run(None, dict(zip("xWb", arrays)))


def jitted(part: str, arrays: list[np.ndarray], dout: np.ndarray, options: dict[str, int]) -> Work:
    """Return jax's convolution compiled by jit for the processor."""
    import jax

    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_enable_x64", True)
    stride, pad, dilation = ((options[name],) * 2 for name in ("stride", "padding", "dilation"))

    def forward(x: Any, W: Any, b: Any) -> Any:
        out = jax.lax.conv_general_dilated(
            x, W, stride, [(p, p) for p in pad], rhs_dilation=dilation, feature_group_count=options["groups"]
        )
        return out + b[:, None, None]

    def both(x: Any, W: Any, b: Any) -> Any:
        out, back = jax.vjp(forward, x, W, b)
        return out, back(jax.numpy.asarray(dout))

    work, given = jax.jit(forward if part == "forward" else both), [jax.numpy.asarray(a) for a in arrays]
    return lambda: jax.block_until_ready(work(*given))
