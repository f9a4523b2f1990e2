"""Layers that a network tells the shape of their input before they are used: layer.set_input_shape((C, H, W))."""

from ..reading import Reading, uses
from ..trial import Env, Refused, execute

TELLING = "layer.set_input_shape(x_.shape[1:])"


def tell_shape(reading: Reading, env: Env) -> None:
    """Tell the object its input's shape where it has a method for it and was not made with one; each time anew."""
    if uses(reading.make, "IH") or not hasattr(env["layer"], "set_input_shape"):
        return
    try:
        execute(TELLING, env)
    except Refused:
        return
    reading.before.append(TELLING)
