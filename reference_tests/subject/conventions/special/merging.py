"""Layers in which the branches of a network meet: residual addition and concatenation along the channels.

They are read where a name and a trial agree. In a library of operations, beside a product and a power, Add is one of
many operations of a graph and none of these layers.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ...protocol import Spoken
from ..adapter import Adapter, build, with_words
from ..candidates import Offer, base_of, direction
from ..reading import Unreadable, uses
from ..render import of_adapter
from ..signatures import Argument, arguments_of, is_own, methods_of, write_signature
from ..trial import Env, Refused, evaluate
from ..vocabulary import BACKWARD, FORWARD, method_word, normalize

NAMED = {
    "ResidualAdd": r"(residual|skip|shortcut)(add|addition|sum|merge|connect|connection)(layer)?",
    "ChannelConcat": r"(channel|depth|feature|filter)?concat(enate|enation)?(channels|features|layer)?",
}
PLAIN = r"(eltwise|elementwise)?(add|addition|sum)(layer)?"  # of an addition that need not be one of branches
OPERATIONS = r"(mul|multiply|sub|subtract|div|divide|truediv|neg|pow|matmul|exp|log)(layer|node|op|function)?"
MEETS = re.compile(r"add|sum|merge|connect|concat")
INPUTS = {"ResidualAdd": ("x", "shortcut"), "ChannelConcat": ("x1", "x2", "x3")}
AXIS = ("axis", "dim", "concataxis")
THERE, BACK = ".transpose(0, 2, 3, 1)", ".transpose(0, 3, 1, 2)"  # channels last


@dataclass(frozen=True)
class Merge:
    """How a target offers one of the layers. Codes use the inputs' names, layer, got, cache and dout."""

    layer: str
    inputs: tuple[str, ...]
    make: str = ""  # "" for functions
    forward: str = ""
    result: str = "got"
    cache: str = ""
    backward: str = ""
    gradients: str = "got"  # of what backward returned; as it is, where that is neither one for both nor one for each
    last: bool = False  # the channels are the last axis


def merge_offers(things: Mapping[str, Any], files: Collection[str]) -> Iterator[Offer]:
    """Yield the classes and functions that may be such a layer: by their names, and a backward pass beside."""
    short = {n: n.removeprefix("their_") for n, thing in things.items() if MEETS.search(n.lower()) and callable(thing)}
    likely = {name: layer for name, plain in short.items() if (layer := merge_named(base_of(plain)))}
    likely = {name: layer for name, layer in likely.items() if is_own(things[name], files)}
    operations = likely and any(re.fullmatch(OPERATIONS, normalize(n)) for n in things if callable(things[n]))
    for name in [name for name in likely if direction(name) != "backward"]:
        if operations and not re.fullmatch(NAMED["ResidualAdd"], base_of(short[name])):
            continue
        twins = (n for n in likely if direction(n) == "backward" and base_of(n) == base_of(name))
        offer = Offer(likely[name], name, next(twins, ""), is_class=isinstance(things[name], type))
        methods = methods_of(things[name]) if offer.is_class else {}
        if offer.backward or any(method_word(n) in BACKWARD for n in methods):  # anybody's helper may join arrays
            yield offer


def merge_named(base: str) -> str:
    """Return the layer that a name speaks of; "" for none."""
    return next((layer for layer, like in NAMED.items() if re.fullmatch(like, base)), is_plain(base) * "ResidualAdd")


def is_plain(base: str) -> bool:
    """Return whether a name is that of any addition."""
    return bool(re.fullmatch(PLAIN, base))


def adapt_merge(offer: Offer, things: Mapping[str, Any]) -> Adapter:
    """Return the adapter of a layer with several inputs. Raises Unreadable."""
    reading = read_merge(offer, things)
    if reading is None:
        raise Unreadable("no call of it gives an array of a legal shape")
    signature = write_signature(offer.name.removeprefix("their_"), things[offer.name])
    text = f"{signature}: {'channels last' if reading.last else 'arrays as in the book'}"
    adapter = build(offer.layer, render_merge(reading, text), things, text)
    return adapter if len(reading.inputs) < len(INPUTS[offer.layer]) else with_words(adapter, speak(reading, signature))


def speak(reading: Merge, signature: str) -> Spoken:
    """Return the reading in the target's own words."""
    asked, back = (
        re.sub(rf"\b({'|'.join(['dout', *reading.inputs])})\b(?!=)", r"\1_", code)
        for code in (reading.forward, reading.backward)
    )
    arrays = ("x", "out", *reading.inputs, *(f"d{name}" for name in reading.inputs))
    layouts = dict.fromkeys(arrays, "NCHW N H W C") if reading.last else {}
    return Spoken(signature, make=reading.make, forward=asked, backward=back, layouts=layouts)


def read_merge(offer: Offer, things: Mapping[str, Any]) -> Merge | None:
    """Read a layer with several inputs by trials; None where no call gives an array of a legal shape.

    A concatenation of two arrays is asked twice. One of other shapes is read too where all its inputs are alike: the
    shape is its mistake then.
    """
    inputs = INPUTS[offer.layer]
    fewer = [inputs] if len(inputs) == 2 else [inputs, inputs[:2]]
    for alike in (False, True):
        for own in fewer:
            for reading in forwards(offer, things, own):
                if (env := run_merge(reading, things, alike)) is not None:
                    return with_backward(offer, things, reading, env)
    return None


def forwards(offer: Offer, things: Mapping[str, Any], inputs: tuple[str, ...]) -> Iterator[Merge]:
    """Yield the ways in which forward may be called."""
    thing, make = things[offer.name], ""
    if offer.is_class:
        made = settings_of(arguments_of(thing) or [])
        methods = {method_word(n): n for n in reversed(methods_of(thing))}
        word = next((word for word in FORWARD if word in methods), "")
        if made is None or not word:
            return
        make, called, function = f"{offer.name}({made})", f"layer.{methods[word]}", getattr(thing, methods[word])
    else:
        called, function = offer.name, thing
    arguments = arguments_of(function, skip_first=offer.is_class) or []
    axis = "".join(f", {a.name}=1" for a in arguments if a.name in AXIS)
    listed = ", ".join(inputs)
    ways = [listed, f"[{listed}]", f"({listed})"]
    if any("train" in a.roles for a in arguments[1:2]):  # it is given one thing, and told how
        ways = ways[1:]
    for last in (False, True) if offer.layer == "ChannelConcat" and not (axis or "=1" in make) else (False,):
        for way in ways:
            yield Merge(offer.layer, inputs, make, f"{called}({way}{axis})", last=last)


def settings_of(arguments: list[Argument]) -> str | None:
    """Return the code of a constructor's arguments: the axis of the channels; None where it requires another."""
    if any(a.required and a.name not in AXIS for a in arguments):
        return None
    return ", ".join(f"{a.name}=1" for a in arguments if a.name in AXIS)


def run_merge(reading: Merge, things: Mapping[str, Any], alike: bool) -> Env | None:
    """Run forward in a trial; return the names after it, None where it gives no array of a legal shape."""
    adds, turn = reading.layer == "ResidualAdd", THERE if reading.last else ""
    channels = (3, 3, 3) if alike or adds else (3, 1, 4)
    drawn = [np.random.default_rng(c).standard_normal((2, c, 4, 5)) for c in channels[: len(reading.inputs)]]
    right = sum(drawn) if adds else np.concatenate(drawn, axis=1)
    arrays = {name: eval(f"a{turn}", {"a": a}) for name, a in zip((*reading.inputs, "right"), (*drawn, right))}
    env: Env = {**things, "np": np, **arrays}
    try:
        env["layer"] = evaluate(reading.make, env) if reading.make else None
        env["got"] = evaluate(reading.forward, env)
    except Refused:
        return None
    out = env["got"][0] if isinstance(env["got"], tuple | list) and env["got"] else env["got"]
    if not isinstance(out, np.ndarray) or out.ndim != 4:
        return None
    if adds and np.allclose(out, np.maximum(env["right"], 0)):  # its activation is inside: another layer
        return None
    called = (reading.make or reading.forward).partition("(")[0].removeprefix("their_")
    legal = out.shape == np.shape(env["right"]) or (alike and not adds)
    return {**env, "out": out} if legal and (not is_plain(base_of(called)) or np.allclose(out, env["right"])) else None


def with_backward(offer: Offer, things: Mapping[str, Any], reading: Merge, env: Env) -> Merge:
    """Return the reading with its backward pass, where a call of it can be written."""
    several = isinstance(env["got"], tuple | list)
    cache = "got[1]" if several and len(env["got"]) > 1 and not offer.is_class else ""
    reading = replace(reading, result="got[0]" if several else "got", cache=cache)
    if offer.is_class:
        methods = {method_word(n): n for n in reversed(methods_of(things[offer.name]))}
        name = next((methods[word] for word in BACKWARD if word in methods), "")
        function = getattr(things[offer.name], name) if name else None
        called = f"layer.{name}"
    else:
        called, function = offer.backward, things.get(offer.backward)
    required = [a for a in arguments_of(function, skip_first=offer.is_class) or [] if a.required] if function else []
    given = {
        1: "dout",
        2: "dout, cache" if cache else "",
        1 + len(reading.inputs): ", ".join(["dout", *reading.inputs]),
    }
    passed = given.get(len(required), "")
    if not passed:
        return reading
    reading = replace(reading, backward=f"{called}({passed})")
    try:
        got = evaluate(reading.backward, {**env, "cache": env["got"][1] if cache else None, "dout": env["out"] * 2.0})
    except Refused:
        return reading
    if isinstance(got, tuple | list):
        return replace(reading, gradients=f"tuple(np.array(a{BACK if reading.last else ''}) for a in got)")
    both = isinstance(got, np.ndarray) and offer.layer == "ResidualAdd"
    return replace(reading, gradients="np.array(got), np.array(got)" if both else "got")


def render_merge(reading: Merge, text: str) -> str:
    """Return the adapter's source text."""
    if len(reading.inputs) == len(INPUTS[reading.layer]):
        return "\n".join(class_of(reading, reading.layer, text)) + "\n"
    pairs = [
        f"class {reading.layer}:",
        f'    """{text}"""',
        "",
        "    def __init__(self):",
        "        self.first, self.second = Pair(), Pair()",
        "",
        "    def forward(self, x1, x2, x3):",
        "        return self.second.forward(self.first.forward(x1, x2), x3)",
    ]
    if reading.backward:
        pairs += [
            "",
            "    def backward(self, dout):",
            "        both, dx3 = self.second.backward(dout)",
            "        return (*self.first.backward(both), dx3)",
        ]
    return "\n".join([*class_of(reading, "Pair", "Two arrays"), "", "", *pairs]) + "\n"


def class_of(reading: Merge, name: str, text: str) -> list[str]:
    """Return the lines of a class that asks the target once."""
    inputs, kept = ", ".join(reading.inputs), uses(reading.backward, *reading.inputs)
    there, back = (THERE, BACK) if reading.last else ("", "")
    code = {old: of_adapter(getattr(reading, old)) for old in ("forward", "result", "cache", "backward")}
    lines = [f"class {name}:", f'    """{text}"""', ""]
    lines += ["    def __init__(self):", f"        self.layer = {reading.make}", ""] if reading.make else []
    lines += [f"    def forward(self, {inputs}):"]
    lines += [f"        {inputs} = [a{there} for a in ({inputs})]"] if there else []
    lines += [f"        self.inputs = {inputs}"] if kept else []
    lines += [f"        got = {code['forward']}"]
    lines += [f"        self.cache = {code['cache']}"] if reading.cache else []
    lines += [f"        return {code['result']}{back}"]
    if not reading.backward:
        return lines
    lines += ["", "    def backward(self, dout):"]
    lines += [f"        dout = dout{there}"] if there else []
    lines += [f"        {inputs} = self.inputs"] if kept else []
    return [*lines, f"        got = {code['backward']}", f"        return {reading.gradients}"]
