"""Functions a few roundings deep against torch: outputs and all gradients. Sums of products: beside_torch.py."""

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from impl import functional

ROUNDING_ERRORS = 32  # of the largest number that goes in or comes out (what cancels was as large), sums are short


def assert_agrees(name: str, *, fixed: tuple[str, ...] = (), seed: int = 0, **arguments: Any) -> None:
    """Forward and backward in float64 and float32; arrays are differentiated unless fixed or of whole numbers."""
    for dtype in (np.float64, np.float32):
        given = {k: v.astype(dtype) if _is_float(v) else v for k, v in arguments.items()}
        before = {k: v.copy() for k, v in given.items() if isinstance(v, np.ndarray)}
        wanted, gradients, dout = torch_answer(name, given, fixed, seed)
        with np.errstate(all="raise", under="ignore"):
            out = first(getattr(functional, name)(**given))
            largest = max((np.abs(v[np.isfinite(v)]).max(initial=0) for v in given.values() if _is_float(v)), default=0)
            assert_close(out, wanted, "out", dtype, largest)
            grads = getattr(functional, f"{name}_backward")(dout.astype(dtype), **given)
        for key, grad in zip((k for k, v in given.items() if _is_float(v) and k not in fixed), as_tuple(grads)):
            assert_close(grad, gradients[key], f"gradient of {key}", dtype, float(np.abs(dout).max(initial=0)))
        for key, array in before.items():
            np.testing.assert_array_equal(given[key], array, f"{key} was written to")


def torch_answer(
    name: str, given: dict[str, Any], fixed: tuple[str, ...], seed: int
) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """torch's output and gradients for a random upstream gradient, in float64 whatever is given."""
    leaves = {k: _tensor(v) for k, v in given.items() if isinstance(v, (np.ndarray, np.generic))}
    varied = {k: t.requires_grad_() for k, t in leaves.items() if t.is_floating_point() and k not in fixed}
    out = getattr(F, name)(**{**given, **{k: t.clone() for k, t in leaves.items()}})
    dout = np.random.default_rng(seed).standard_normal(tuple(out.shape))
    dout = np.asarray(dout, dtype=np.float32).astype(np.float64)  # the same number in both types
    grads = torch.autograd.grad(out, list(varied.values()), torch.from_numpy(dout), allow_unused=True)
    return out.detach().numpy(), {k: None if g is None else g.numpy() for k, g in zip(varied, grads)}, dout


def assert_close(got: Any, want: np.ndarray, what: str, dtype: Any, largest: float = 0.0) -> None:
    assert got.dtype == dtype, f"{what} is {got.dtype}, from {dtype}"
    assert got.shape == want.shape, f"{what} has shape {got.shape}, torch's {want.shape}"
    finite = np.abs(want[np.isfinite(want)])
    allowed = ROUNDING_ERRORS * np.finfo(dtype).eps * max(finite.max(initial=0), largest)
    np.testing.assert_allclose(got, want, rtol=0, atol=allowed, err_msg=what)


def assert_refused(name: str, argument: str, **arguments: Any) -> None:
    """torch refuses, and so do we, forward and backward: ValueError or TypeError naming the argument."""
    tensors = {k: torch.from_numpy(v) if isinstance(v, np.ndarray) else v for k, v in arguments.items()}
    with pytest.raises((ValueError, TypeError, RuntimeError, IndexError, AttributeError)):
        getattr(F, name)(**tensors)
    calls = [lambda: getattr(functional, name)(**arguments)]
    if name != "dropout":  # whose backward asks for a mask
        calls.append(lambda: getattr(functional, f"{name}_backward")(np.ones(1), **arguments))
    for call in calls:
        with pytest.raises((ValueError, TypeError), match=rf"\b{argument}\b"):
            call()


def as_tuple(value: Any) -> tuple[Any, ...]:
    """Gradients as a tuple, without those that are None."""
    return tuple(v for v in (value if isinstance(value, tuple) else (value,)) if v is not None)


def first(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) else value


def _is_float(value: Any) -> bool:
    return isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind == "f"


def _tensor(value: Any) -> torch.Tensor:
    array = np.array(value, np.float64 if _is_float(value) else value.dtype)  # a copy: torch takes no negative strides
    return torch.from_numpy(array)
