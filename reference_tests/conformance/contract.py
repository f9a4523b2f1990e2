"""The contract: every component, the most basic first. The row that says how it is called is in its own file."""

import re
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from types import ModuleType

from ..subject.names import EXTRA_NAMES
from .scenarios import checks_of
from .types import Check

CORE = (
    "shapes",
    "im2col",
    "col2im",
    "convolution",
    "pooling",
    "average_pooling",
    "relu",
    "sigmoid",
    "tanh",
    "affine",
    "softmax_with_loss",
    "dropout",
    "lrn",
    "simple_conv_net",
)
BEYOND = tuple(re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower() for name in EXTRA_NAMES)  # BatchNorm -> batch_norm
COMPONENTS = CORE + BEYOND


@cache
def layer(component: str) -> ModuleType:
    """Import the module of one component: OP, CASES, allowed() ... ImportError for an unknown one."""
    return import_module(f".components.{component}", __package__)


def all_checks(only: Iterable[str] = ()) -> list[Check]:
    """List the checks of the named components, or of all, in the contract's order."""
    wanted = tuple(only) or COMPONENTS
    return [check for name in COMPONENTS if name in wanted for check in checks_of(layer(name))]
