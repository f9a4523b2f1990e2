"""What is told of a whole network: its author's own calls, and the names and layouts of its parameters."""

import re
from collections.abc import Mapping
from typing import Any

from ...protocol import Spoken
from ..signatures import arguments_of
from .net_functions import role_of
from .nets import NetReading


def speak_net(reading: NetReading, signature: str, things: Mapping[str, Any], notes: tuple[str, ...]) -> Spoken:
    """Return the reading of a network in the target's own words."""
    loss, of_class = re.sub(r"\[\d\]$", "", reading.loss or reading.step or reading.grads), not reading.run
    code = re.sub(r"^ls(\[\d\])?$", reading.run.rpartition("ls = ")[2], loss)
    names = own_arguments(code, reading.name, things)
    of_dict = {name: f"grads.{name}" for name in reading.keys}
    layouts = {name: f"{layout.axes} {layout.text}" for name, (_, layout) in reading.places.items()}
    layouts |= {of_dict[name]: f"{layout.axes} {layout.text}" for name, (_, layout) in reading.keys.items()}
    own = {of_dict[name]: f"grads[{key!r}]" for name, (key, _) in reading.keys.items()}
    own |= {"x": names.get("x", ""), "t": names.get("t", ""), "loss": "loss"}
    forward = re.sub(r"\bnet\b", "layer" if of_class else names.get("net", "net"), code)
    make = reading.make if of_class else ""
    return Spoken(signature, "", make, forward, "", {k: v for k, v in own.items() if v}, layouts, notes)


def own_arguments(code: str, kind: str, things: Mapping[str, Any]) -> dict[str, str]:
    """Return what the function or method that a code calls calls the images, the labels and the parameters."""
    owner, _, name = code.partition("(")[0].rpartition(".")
    function = getattr(things.get(kind), name, None) if owner else things.get(name)
    arguments = arguments_of(function, skip_first=bool(owner)) or [] if function else []
    return {role: a.name for a in reversed(arguments) if (role := role_of(a)) in ("x", "t", "net")}
