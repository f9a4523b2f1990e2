"""torch's own sample inputs and error inputs (OpInfo) for every function of impl.functional that torch has them for."""

import importlib
import warnings

import numpy as np
import pytest
import torch

from impl import functional

pytestmark = pytest.mark.slow  # importing torch's database of operators takes seconds

PREFIXED = """relu linear cross_entropy local_response_norm batch_norm dropout conv2d conv_transpose2d max_pool2d
avg_pool2d adaptive_avg_pool2d unfold"""
NAMES = {f"nn.functional.{name}": name for name in PREFIXED.split()}
NAMES |= {name: name for name in ("sigmoid", "tanh", "softmax", "log_softmax")}
TYPES = {torch.float64: np.float64, torch.float32: np.float32}
WHOLE = (torch.int64, torch.uint8)
ALLOWED = {np.dtype(np.float64): 1e-13, np.dtype(np.float32): 3e-5}  # of the largest value: sums of up to some hundred


def operators():
    """(OpInfo, our name): torch's database needs expecttest, an extra of ours (dev)."""
    database = importlib.import_module("torch.testing._internal.common_methods_invocations").op_db
    return [(op, NAMES[op.name]) for op in database if op.name in NAMES]


def to_numpy(value):
    """A sample's argument as impl.functional takes it."""
    if torch.is_tensor(value):
        return value.detach().resolve_neg().numpy()
    return TYPES.get(value, value) if isinstance(value, torch.dtype) else value


def is_drawn(name, kwargs):
    return name == "dropout" and kwargs.get("training", True) and kwargs.get("p", 0.5) not in (0.0, 1.0)


def is_dropped(sample):
    """Whether the sample has half or complex types, which impl does not support."""
    values = [sample.input, *sample.args, *sample.kwargs.values()]
    kinds = [v.dtype if torch.is_tensor(v) else v for v in values if torch.is_tensor(v) or isinstance(v, torch.dtype)]
    return any(kind not in (*TYPES, *WHOLE, torch.bool) for kind in kinds)


def agree(got, want, what, scale=0.0):
    want = want.detach().numpy()
    got = np.asarray(got)
    assert (got.dtype, got.shape) == (want.dtype, want.shape), what
    if want.dtype.kind != "f":
        np.testing.assert_array_equal(got, want, err_msg=what)
        return
    size = np.abs(want[np.isfinite(want)]).max(initial=scale)
    np.testing.assert_allclose(got, want, rtol=0, atol=ALLOWED[want.dtype] * size, err_msg=what)


def forward_and_backward(op, name, sample):
    what = f"{op.name} {op.variant_test_name}: {sample.summary()}"
    args, kwargs = [to_numpy(a) for a in sample.args], {k: to_numpy(v) for k, v in sample.kwargs.items()}
    want = op(sample.input, *sample.args, **sample.kwargs)
    got = getattr(functional, name)(to_numpy(sample.input), *args, **kwargs)
    if name == "batch_norm":
        got = got[0]
    pairs = list(zip(got, want)) if isinstance(want, tuple) else [(got, want)]
    for one, other in pairs:
        agree(one, other, what)
    want = pairs[0][1]
    if name == "dropout" or not want.requires_grad:
        return
    values = sample.input, *sample.args, *sample.kwargs.values()
    leaves = [v for v in values if torch.is_tensor(v) and v.requires_grad]
    dout = torch.randn(want.shape, dtype=want.dtype, generator=torch.Generator().manual_seed(1))
    grads = torch.autograd.grad(want, leaves, dout)
    ours = getattr(functional, f"{name}_backward")(dout.numpy(), to_numpy(sample.input), *args, **kwargs)
    ours = ours if isinstance(ours, tuple) else (ours,)
    for grad, other in zip([g for g in ours if g is not None], grads, strict=name != "batch_norm"):
        agree(grad, other, f"gradient of {what}", scale=float(dout.abs().max()) if dout.numel() else 0.0)  # may cancel


@pytest.mark.nightly
def test_functional_torchs_samples_agree():
    counted = dict.fromkeys(NAMES.values(), 0)
    for op, name in operators():
        for dtype in (*TYPES, *WHOLE):
            if dtype not in op.dtypes:
                continue
            for sample in op.sample_inputs("cpu", dtype, requires_grad=dtype.is_floating_point):
                if is_dropped(sample) or is_drawn(name, sample.kwargs):
                    continue
                with warnings.catch_warnings():
                    warnings.simplefilter("error", RuntimeWarning)
                    forward_and_backward(op, name, sample)
                counted[name] += 1
    assert all(counted.values()), f"no sample examined: {[n for n, k in counted.items() if not k]}"


def test_functional_torchs_error_inputs_are_refused():
    counted = 0
    for op, name in operators():
        for error in op.error_inputs("cpu") if op.error_inputs_func else ():
            sample = error.sample_input
            with pytest.raises((ValueError, TypeError)):
                named = {k: to_numpy(v) for k, v in sample.kwargs.items()}
                getattr(functional, name)(to_numpy(sample.input), *map(to_numpy, sample.args), **named)
            counted += 1
    assert counted > 20
