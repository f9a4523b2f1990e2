"""What is told of a reading: the target's own calls, the names of its results, the layouts of its arrays."""

import ast
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ...protocol import Spoken
from ...source import walk
from ..reading import LISTED, Reading
from ..signatures import arguments_of, tree_of


def speak(reading: Reading, things: Mapping[str, Any]) -> Spoken:
    """Return a reading in the target's own words."""
    places = {name: place for name, (place, _) in {**reading.params, **reading.grads}.items()}
    layouts = {"x": reading.x, "out": reading.out, **reading.given, **reading.others}
    layouts |= {name: layout for name, (_, layout) in {**reading.params, **reading.grads}.items()}
    asked = reading.backward if reading.alone else reading.forward
    layouts |= {"dout": reading.out} if reading.alone else {}
    forward, backward = (returned_names(code, reading.thing, things) for code in (asked, reading.backward))
    names = {name: own_name(place, backward if name.startswith("d") else {}) for name, place in places.items()}
    more = re.sub(r"\(.*", "()", reading.more.removeprefix("layer."))
    names |= {name: more + place.removeprefix("more") for name, place in places.items() if place.startswith("more")}
    given = input_names(reading, things)
    names |= {f"d{name}": name_of_step(reading.params.get(name, (name,))[0]) for name in reading.ascends}
    names |= {"out": own_name(reading.result, forward)} | given
    if names["out"] in {"x", *given.values()}:  # the output bears the input's name
        names["out"] = ""
    if names.get("dx") in argument_names(reading.backward, reading.thing, things):  # it bears the upstream one's name
        del names["dx"]
    if reading.backward == "cache" and reading.cache in forward:  # the gradient comes with the output
        names["dx"] = forward[reading.cache]
    return Spoken(
        reading.signature,
        ", ".join(forward.values()),
        reading.make,
        asked,
        reading.backward,
        {name: own for name, own in names.items() if own},
        {name: f"{layout.axes} {layout.text}" for name, layout in layouts.items()},
        tuple(reading.notes),
    )


def input_names(reading: Reading, things: Mapping[str, Any]) -> dict[str, str]:
    """Return what a class's forward pass calls the arrays that it is given: x -> inputs."""
    owner, _, method = reading.forward.partition("(")[0].rpartition(".")
    function = getattr(things.get(reading.thing), method, None) if owner == "layer" else None
    arguments = [a.name for a in arguments_of(function, skip_first=True) or []] if function else []
    given = re.findall(r"[(,] ?(?:\w+=)?(\w+)", reading.forward)
    return {code.removesuffix("_"): own for own, code in zip(arguments, given) if code in ("x_", *reading.others)}


def argument_names(call: str, name: str, things: Mapping[str, Any]) -> list[str]:
    """Return the names of the arguments of what a call calls. name: of the class or function that is read."""
    thing = function_of(call, name, things)
    return [a.name for a in arguments_of(thing) or []] if thing is not None else []


def function_of(call: str, name: str, things: Mapping[str, Any]) -> Any:
    """Return the function or the method that a call calls; None where it is neither."""
    function = re.match(r"([\w.]+)\(", call)
    called = function[1] if function else ""
    owner, _, method = called.rpartition(".")
    thing = things.get(name if owner == "layer" else called)
    return getattr(thing, method, None) if owner == "layer" else thing


def own_name(place: str, returned: Mapping[str, str]) -> str:
    """Return what the target calls the array in a place of a reading; "" where it has no name of its own.

    returned: code of what a call returned -> its name in the code.
    """
    if place in returned:
        return returned[place]
    if "__closure__" in place:  # a variable of a function around it
        return ""
    if found := re.fullmatch(r"got\[('.*')\]", place):
        return f"{returned['got']}[{found[1]}]" if "got" in returned else f"[{found[1]}]"
    place = listed[2] if (listed := LISTED.fullmatch(place)) else place
    return place.removeprefix("layer") if re.fullmatch(r"layer[\w.\[\]']+", place) else ""


def name_of_step(place: str) -> str:
    """Return what the step is called by which a layer moves a parameter itself: (kernel_before - kernel)."""
    own = place.removeprefix("layer.")
    return f"({own}_before - {own})"


def returned_names(call: str, name: str, things: Mapping[str, Any]) -> dict[str, str]:
    """Return code of what a call returns -> the name in the function's last return; {} where it has no plain names.

    name: of the class or function that is read.
    """
    tree = tree_of(function_of(call, name, things)) or ast.Module([], [])
    inner = {n for one in walk(tree) if isinstance(one, ast.FunctionDef) and one not in tree.body for n in walk(one)}  # type: ignore[attr-defined]
    returns = [n.value for n in walk(tree) if isinstance(n, ast.Return) and n.value and n not in inner]
    if not returns:
        return {}
    last = returns[-1]
    if isinstance(last, ast.Name):
        return {"got": last.id}
    parts = last.elts if isinstance(last, ast.Tuple) else []
    if not parts or not all(isinstance(part, ast.Name) for part in parts):
        return {}
    return {f"got[{i}]": part.id for i, part in enumerate(parts) if isinstance(part, ast.Name)}


def find_homes(names: Iterable[str], things: Mapping[str, Any], modules: Iterable[Any]) -> dict[str, str]:
    """Return for each name of the target's the module that has it and the file, a line each.

    things: what the names stand for; the contract's are called their_Convolution and so on there.
    """
    places = list(modules)
    found = {name: home_of(name.removeprefix("their_"), places, things.get(name)) for name in names}
    return {name: home for name, home in found.items() if home}


def home_of(name: str, modules: Iterable[Any], thing: Any = None) -> str:
    """Return the module that has a name (of this thing, if one is given) and its file, a line each; "" for none."""
    homes = [m for m in modules if getattr(m, "__file__", None) and name in vars(m)]
    return next((f"{m.__name__}\n{m.__file__}" for m in homes if thing is None or vars(m)[name] is thing), "")


def notes_of(text: str, signature: str) -> tuple[str, ...]:
    """Return what a description says besides the signature and the places of arrays."""
    _, found, said = text.partition(f"{signature}: ")
    parts = said.split("; ") if found else []
    return tuple(part for part in parts if " is layer" not in part and not part.startswith("arrays as in"))
