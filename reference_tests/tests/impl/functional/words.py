"""What a function says: its defaults beside torch's, its refusals to the letter."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch.nn.functional as F

import impl.functional as ours


def check_defaults(name: str) -> None:
    """Forward and backward have torch's defaults, for all that torch's function has too."""
    theirs = torch_defaults(name)
    for function in (getattr(ours, name), getattr(ours, f"{name}_backward")):
        own = {k: p.default for k, p in inspect.signature(function).parameters.items() if p.default is not p.empty}
        shared = {k: v for k, v in own.items() if k in theirs}
        assert shared and shared == {k: theirs[k] for k in shared}, function.__name__


def torch_defaults(name: str) -> dict[str, Any]:
    """From the signature; a built-in function has one in the first line of its documentation alone."""
    function = getattr(F, f"_{name}" if name == "max_pool2d" else name)  # the public one dispatches
    try:
        signature = inspect.signature(function)
    except ValueError:
        arguments = function.__doc__.partition("(")[2].partition(")")[0]
        signature = inspect.signature(eval(f"lambda {arguments}: 0"))
    return {k: p.default for k, p in signature.parameters.items() if p.default is not p.empty}


def check_says(message: str, call: Callable[[], Any]) -> None:
    with pytest.raises((ValueError, TypeError)) as refusal:
        call()
    assert str(refusal.value) == message
