"""Comparison with torch: one call of a function of impl.functional and of torch.nn.functional, forward and backward.

Three bounds: `assert_agrees` for functions of a few roundings, `assert_sums_agree` for sums of products, and
`assert_equal` where nothing is rounded. `assert_refused`, `assert_message` and `assert_defaults` compare the rest.
"""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import impl.functional as ours

ROUNDING_ERRORS = 32  # of the largest number that goes in or comes out (numbers that cancel were as large)
SAFETY = 4  # for the order of summation, which is free
REFUSALS = (ValueError, TypeError)
Call = dict[str, Any]  # a function's arguments by name


def draw(*shape: int, seed: int = 0) -> np.ndarray:
    """Normal numbers, the same for the same shape and seed."""
    return np.random.default_rng((seed, *shape)).normal(size=shape)


def torch_answers(
    name: str, call: Call, dout: np.ndarray | None = None, fixed: tuple[str, ...] = ()
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """torch's output, and the gradients of sum(output * dout) by name, for each float array that is not fixed."""
    tensors = {
        k: torch.tensor(np.array(v)) for k, v in call.items() if isinstance(v, np.ndarray)
    }  # torch takes no negative strides
    leaves = {k: t.requires_grad_() for k, t in tensors.items() if t.is_floating_point() and k not in fixed}
    out = getattr(F, name)(**{**call, **{k: t.clone() for k, t in tensors.items()}})
    if dout is None:
        return out.detach().numpy(), {}
    gradients = torch.autograd.grad(out, list(leaves.values()), torch.tensor(dout), allow_unused=True)
    return out.detach().numpy(), {k: None if g is None else g.numpy() for k, g in zip(leaves, gradients)}


def our_answers(name: str, call: Call, dout: np.ndarray) -> list[np.ndarray]:
    """impl's output and gradients, without those that are None."""
    out, gradients = getattr(ours, name)(**call), getattr(ours, f"{name}_backward")(dout, **call)
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    return [out[0] if isinstance(out, tuple) else out, *(g for g in gradients if g is not None)]


def assert_agrees(name: str, *, fixed: tuple[str, ...] = (), seed: int = 0, **call: Any) -> None:
    """Check output and gradients in float64 and float32 within ROUNDING_ERRORS; arrays of floats are differentiated.

    fixed: names of float arrays that are not differentiated. No argument may be written to.
    """
    for dtype in (np.float64, np.float32):
        given = {k: v.astype(dtype) if _is_float(v) else v for k, v in call.items()}
        exact = {k: v.astype(np.float64) if _is_float(v) else v for k, v in given.items()}
        before = {k: v.copy() for k, v in given.items() if isinstance(v, np.ndarray)}
        dout = np.random.default_rng(seed).standard_normal(torch_answers(name, exact, fixed=fixed)[0].shape)
        dout = np.asarray(dout, dtype=np.float32).astype(np.float64)  # the same number in both types
        want, gradients = torch_answers(name, exact, dout, fixed)
        with np.errstate(all="raise", under="ignore"):
            out, *got = our_answers(name, given, dout.astype(dtype))
        largest = max((np.abs(v[np.isfinite(v)]).max(initial=0) for v in given.values() if _is_float(v)), default=0)
        assert_close(out, want, "out", dtype, largest)
        wanted = {k: g for k, g in gradients.items() if g is not None}
        for (key, gradient), one in zip(wanted.items(), got, strict=True):
            assert_close(one, gradient, f"gradient of {key}", dtype, float(np.abs(dout).max(initial=0)))
        for key, array in before.items():
            np.testing.assert_array_equal(given[key], array, f"{key} was written to")


def assert_close(got: Any, want: np.ndarray, what: str, dtype: Any, largest: float = 0.0) -> None:
    """Check dtype, shape and numbers, within ROUNDING_ERRORS of the largest finite number."""
    assert got.dtype == dtype, f"{what} is {got.dtype}, from {dtype}"
    assert got.shape == want.shape, f"{what} has shape {got.shape}, torch's {want.shape}"
    finite = np.abs(want[np.isfinite(want)])
    allowed = ROUNDING_ERRORS * np.finfo(dtype).eps * max(finite.max(initial=0), largest)
    np.testing.assert_allclose(got, want, rtol=0, atol=allowed, err_msg=what)


def assert_sums_agree(name: str, call: Call, terms: int | None = None, by_norm: bool = False) -> None:
    """Check output and gradients against torch's float64 answers, in float64 and float32, each within its own bound.

    The bound is SAFETY * n * eps * sum|a*b| (Higham 2002, ch. 3). sum|a*b| is torch's answer to the same call with
    every number made positive; n is its answer to ones, which counts the products, unless terms is given.
    by_norm: the largest bound holds for every number.
    """
    arrays = [k for k, v in call.items() if isinstance(v, np.ndarray)]
    dout = draw(*torch_answers(name, call)[0].shape, seed=1)
    counts = _answers(name, {**call, **{k: np.ones_like(call[k]) for k in arrays}}, np.ones_like(dout))
    for dtype in ("float64", "float32"):
        given = {**call, **{k: call[k].astype(dtype) for k in arrays}}
        exact = {**call, **{k: given[k].astype("float64") for k in arrays}}
        d = dout.astype(dtype)
        wanted = _answers(name, exact, d.astype("float64"))
        positive = {**call, **{k: np.abs(exact[k]) for k in arrays}}
        sizes = _answers(name, positive, np.abs(d).astype("float64"))
        got = our_answers(name, given, d)
        for what, one, want, size, n in zip(("out", *arrays), got, wanted, sizes, counts, strict=True):
            allowed = SAFETY * (np.abs(n) if terms is None else terms) * np.finfo(dtype).eps * np.abs(size)
            if by_norm:
                allowed = allowed.max(initial=0)
            assert (one.dtype, one.shape) == (np.dtype(dtype), want.shape), what
            assert np.all(np.abs(one - want) <= allowed), f"{what} of {name}, {dtype}: {np.abs(one - want).max():.3g}"


def assert_equal(name: str, call: Call) -> None:
    """Check that output and gradients are torch's very numbers and dtypes: nothing is rounded."""
    dout = draw(*torch_answers(name, call)[0].shape, seed=1).astype(call["input"].dtype)
    for one, other in zip(our_answers(name, call, dout), _answers(name, call, dout), strict=True):
        np.testing.assert_array_equal(one, other, strict=True)


def assert_refused(name: str, argument: str, call: Call) -> None:
    """Check that torch refuses, and impl, forward and backward, with a ValueError or TypeError naming the argument."""
    with pytest.raises((*REFUSALS, RuntimeError, IndexError, AttributeError)):
        getattr(F, name)(**{k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in call.items()})
    with pytest.raises(REFUSALS, match=rf"\b{argument}\b"):
        getattr(ours, name)(**call)
    if name != "dropout":  # its backward takes a mask, not forward's arguments
        with pytest.raises(REFUSALS, match=rf"\b{argument}\b"):
            getattr(ours, f"{name}_backward")(np.ones((1, 1, 1, 1)), **call)


def bad_calls(good: Call, **bad: list[Any]) -> list[tuple[str, Call]]:
    """Return rows for `assert_refused`: each bad value of each argument beside the good values of the others."""
    return [(name, {**good, name: value}) for name, values in bad.items() for value in values]


def assert_message(fragment: str, call: Callable[[], Any]) -> None:
    """Check that the call is refused with a message that contains the fragment."""
    with pytest.raises(REFUSALS) as refusal:
        call()
    assert fragment in str(refusal.value)


def assert_defaults(name: str) -> None:
    """Check that forward and backward have torch's defaults, for every argument that torch's function has too."""
    theirs = _torch_defaults(name)
    for function in (getattr(ours, name), getattr(ours, f"{name}_backward")):
        own = _defaults(inspect.signature(function))
        shared = {k: v for k, v in own.items() if k in theirs}
        assert shared and shared == {k: theirs[k] for k in shared}, function.__name__


def _torch_defaults(name: str) -> Call:
    """From the signature; a built-in function has one only in the first line of its documentation."""
    function = getattr(F, f"_{name}" if name == "max_pool2d" else name)  # the public one dispatches
    try:
        return _defaults(inspect.signature(function))
    except ValueError:
        arguments = function.__doc__.partition("(")[2].partition(")")[0]
        return _defaults(inspect.signature(eval(f"lambda {arguments}: 0")))


def _defaults(signature: inspect.Signature) -> Call:
    return {k: p.default for k, p in signature.parameters.items() if p.default is not p.empty}


def _answers(name: str, call: Call, dout: np.ndarray) -> list[np.ndarray]:
    out, gradients = torch_answers(name, call, dout)
    return [out, *gradients.values()]


def _is_float(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"
