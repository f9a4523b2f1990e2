"""Sums of products beside torch: the same call to both, each answer within its derived bound, refusals alike."""

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import impl.functional as ours

SAFETY = 4  # for the order of summation, which is free
Call = dict[str, Any]


def draw(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng((seed, *shape)).normal(size=shape)


def torch_answers(name: str, arrays: Call, options: Call, dout: np.ndarray | None = None) -> list[np.ndarray]:
    """torch's output and the gradients of sum(output * dout) for every array, in the arrays' dtype."""
    leaves = {key: torch.tensor(value, requires_grad=value.dtype.kind == "f") for key, value in arrays.items()}
    out = getattr(F, name)(**leaves, **options)
    if dout is None:
        return [out.detach().numpy()]
    gradients = torch.autograd.grad(out, list(leaves.values()), torch.tensor(dout))
    return [out.detach().numpy(), *(gradient.numpy() for gradient in gradients)]


def our_answers(name: str, arrays: Call, options: Call, dout: np.ndarray) -> list[np.ndarray]:
    gradients = getattr(ours, f"{name}_backward")(dout, **arrays, **options)
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    return [getattr(ours, name)(**arrays, **options), *(gradient for gradient in gradients if gradient is not None)]


def check(name: str, arrays: Call, options: Call, terms: int | None = None, by_norm: bool = False) -> None:
    """Output and gradients agree with torch's float64 answers: float64 and float32, each within its own bound.

    The bound is SAFETY * n * eps * sum|a*b| (Higham 2002, ch. 3). sum|a*b| is torch's answer to the same call with
    every number made positive; n is its answer to ones, which counts the products, unless terms says it.
    by_norm: every number may be as wrong as the one with the largest bound.
    """
    dout = draw(*torch_answers(name, arrays, options)[0].shape, seed=1)
    counted = torch_answers(name, {k: np.ones_like(a) for k, a in arrays.items()}, options, np.ones_like(dout))
    for dtype in ("float64", "float32"):
        given = {key: value.astype(dtype) for key, value in arrays.items()}
        exact = {key: value.astype("float64") for key, value in given.items()}
        d = dout.astype(dtype)
        want = torch_answers(name, exact, options, d.astype("float64"))
        sizes = torch_answers(name, {key: np.abs(a) for key, a in exact.items()}, options, np.abs(d).astype("float64"))
        got = our_answers(name, given, options, d)
        assert len(got) == len(want)
        for what, one, other, size, n in zip(("out", *(f"d{key}" for key in arrays)), got, want, sizes, counted):
            allowed = SAFETY * (np.abs(n) if terms is None else terms) * np.finfo(dtype).eps * np.abs(size)
            if by_norm:
                allowed = allowed.max(initial=0)
            assert (one.dtype, one.shape) == (np.dtype(dtype), other.shape), what
            assert np.all(np.abs(one - other) <= allowed), f"{what} of {name}, {dtype}: {np.abs(one - other).max():.3g}"


def check_exact(name: str, arrays: Call, options: Call) -> None:
    """Nothing is rounded: the very numbers of torch, whatever the dtype."""
    dout = draw(*torch_answers(name, arrays, options)[0].shape, seed=1).astype(arrays["input"].dtype)
    for one, other in zip(our_answers(name, arrays, options, dout), torch_answers(name, arrays, options, dout)):
        np.testing.assert_array_equal(one, other, strict=True)


def check_refused(name: str, argument: str, arrays: Call, options: Call) -> None:
    """torch refuses the call, and we, forward and backward, with a ValueError or TypeError that names the argument."""
    with pytest.raises((RuntimeError, ValueError, TypeError, IndexError)) as theirs:
        getattr(F, name)(**{key: to_torch(value) for key, value in arrays.items()}, **options)
    assert not isinstance(theirs.value, NotImplementedError)
    with pytest.raises((ValueError, TypeError), match=rf"\b{argument}\b"):
        getattr(ours, name)(**arrays, **options)
    with pytest.raises((ValueError, TypeError), match=rf"\b{argument}\b"):
        getattr(ours, f"{name}_backward")(np.ones((1, 1, 1, 1)), **arrays, **options)


def to_torch(value: Any) -> Any:
    return torch.tensor(value) if isinstance(value, np.ndarray) else value
