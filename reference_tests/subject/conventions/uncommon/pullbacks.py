"""Functions that return their own backward pass beside the output: y, pullback = f(x)."""

from collections.abc import Mapping
from typing import Any

from ..gradients import run_forward
from ..reading import Reading
from ..trial import Refused


def pullback_calls(things: Mapping[str, Any], reading: Reading, upstream: str = "dout_") -> list[str]:
    """List the calls of the function that a forward pass has returned beside its output; nothing where it is none.

    upstream: the code of what it is given; a loss's may be given nothing.
    """
    if not reading.cache:
        return []
    try:
        env = run_forward(things, reading, reading.family.sizes, reading.family.values)
    except Refused:
        return []
    if not callable(env["cache"]):
        return []
    return [f"cache({upstream})"] + (["cache()"] if upstream != "dout_" else [])
