"""Reading dropout: which share its number is, whether training scales, and how it is told to train."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .arguments import calls, has_required, write_call
from .candidates import Offer
from .families import COMMON
from .interview import callables_of
from .signatures import ABSENT, Argument, arguments_of, keys_read, tree_of
from .trial import Env, Refused, evaluate, execute
from .vocabulary import BACKWARD, FORWARD, roles_of

SIZE, SHARE = 10_000, 0.8  # of a trial: 80 % or 20 % are dropped, which no chance confuses
MODES = {  # (in training, at inference) -> statements or arguments that say so
    "flag": ("True", "False"),
    "word": ("'train'", "'test'"),
}


@dataclass
class DropoutReading:
    """How the target offers dropout. Codes use layer, x, ratio, keep and train (a flag)."""

    make: str
    forward: str
    result: str
    cache: str
    switch: str = ""  # a statement that sets the mode
    kept: bool = False  # its number is the share that is kept
    inverted: bool = True
    backward: str = ""
    inference: bool = True  # it has a way to be told that it is inference


def read_dropout(offer: Offer, things: dict[str, Any]) -> DropoutReading | None:
    """Read dropout from a class or a pair of functions; None if it cannot be."""
    for reading in itertools.islice(ways(offer, things), 30):
        if measure(reading, things):
            find_backward(reading, offer, things)
            return reading
    return None


def ways(offer: Offer, things: dict[str, Any]) -> Iterator[DropoutReading]:
    """Yield the ways to call it."""
    codes = {**COMMON, "ratio": ("ratio",), "train": ("train",), "mode": ("train",), "x": ("x",)}
    if offer.is_class:
        arguments = arguments_of(things[offer.name]) or []
        for passed in calls(arguments, codes, ("ratio",)):
            if has_required(arguments, passed) and "ratio" in passed.values():
                yield from uses(write_call(offer.name, arguments, passed), things)
        return
    arguments = arguments_of(things[offer.name]) or []
    tree = tree_of(things[offer.name])
    for config in next(([configs(keys_read(tree, a.name))] for a in arguments if "config" in a.roles), [("",)])[0]:
        for passed in calls(first_is_input(arguments), {**codes, "config": (config,)}, ("x", "ratio")):
            if has_required(arguments, passed) and "ratio" in str(passed):
                yield from with_mode("", write_call(offer.name, arguments, passed))


def first_is_input(arguments: list[Argument]) -> list[Argument]:
    """Return the arguments; the first is the input."""
    first = [Argument(a.name, ("x",), a.default, a.keyword_only) for a in arguments[:1]]
    return first + [
        Argument(a.name, tuple(r for r in a.roles if r != "x"), a.default, a.keyword_only) for a in arguments[1:]
    ]


def configs(keys: list[str]) -> tuple[str, ...]:
    """Return the codes of the dict that the function reads: the mode as a word, as CS231n has it."""
    parts = []
    for key in keys or ["p", "mode"]:
        roles = roles_of(key)
        if "ratio" in roles:
            parts.append(f"{key!r}: ratio")
        elif {"mode", "train"} & set(roles):
            parts.append(f"{key!r}: train")
    return ("{" + ", ".join(parts) + "}",)


def uses(make: str, things: dict[str, Any]) -> Iterator[DropoutReading]:
    """Yield the ways to use the object that `make` makes."""
    env: Env = {**things, "np": np, "ratio": 0.5, "train": True}
    try:
        layer = evaluate(make, env)
    except Refused:
        return
    codes = {"x": ("x",), "train": ("train",), "mode": ("train",)}
    for target, method in callables_of(layer, FORWARD):
        arguments = arguments_of(method) or []
        for passed in calls(with_flag(arguments), codes, ("x",)):
            if has_required(arguments, passed):
                yield from with_mode(make, write_call(target, arguments, passed), layer)


def with_flag(arguments: list[Argument]) -> list[Argument]:
    """Return forward's arguments: the first is the input, a switch may be the flag for training."""
    found = first_is_input(arguments)
    return [
        replace(a, roles=("train",), default=ABSENT) if i and (isinstance(a.default, bool) or a.roles) else a
        for i, a in enumerate(found)
    ]


def with_mode(make: str, forward: str, layer: Any = None) -> Iterator[DropoutReading]:
    """Yield the reading with each way to tell the mode: an argument, methods train() and eval(), an attribute."""
    if "train" in forward:
        for on, off in MODES.values():
            flag = "train" if on == "True" else f"({on} if train else {off})"
            yield DropoutReading(make, forward.replace("train", flag), "got", "")
        return
    if callable(getattr(layer, "train", None)) and callable(getattr(layer, "eval", None)):
        yield DropoutReading(make, forward, "got", "", switch="layer.train() if train else layer.eval()")
    for name in ("training", "train", "is_training", "train_mode", "is_train", "train_flg"):
        if isinstance(getattr(layer, name, None), bool):
            yield DropoutReading(make, forward, "got", "", switch=f"layer.{name} = train")
    yield DropoutReading(make, forward, "got", "", inference=False)


def measure(reading: DropoutReading, things: dict[str, Any]) -> bool:
    """Measure what its number is, and whether training scales; return whether that could be seen."""
    try:
        kept = run(reading, things, SHARE, True)
        still = run(reading, things, SHARE, False) if reading.inference else None
    except Refused:
        return False
    if kept is None or (reading.inference and still is None):
        return False
    share = float((kept != 0).mean())
    if abs(share - SHARE) > 0.1 and abs(share - (1 - SHARE)) > 0.1:
        return False
    reading.kept = share > 0.5
    scale = float(np.abs(kept).max())
    unscaled = abs(scale - 1) < 0.01
    inference = float(np.abs(still).mean()) if still is not None else share  # what is not scaled is not inverted
    reading.inverted = not unscaled or (abs(inference - share) > 0.1 and not speaks_of_book(reading))
    return True


def speaks_of_book(reading: DropoutReading) -> bool:
    """Return whether its names are of those who scale at inference, as the book does."""
    return "forward_pass" in reading.forward or "DropoutLayer" in reading.make


def run(reading: DropoutReading, things: dict[str, Any], number: float, train: bool) -> np.ndarray | None:
    """Run it on ones; None if no array of the right shape came out. Raises Refused."""
    env: Env = {**things, "np": np, "ratio": number, "train": train, "x": np.ones((100, SIZE // 100))}
    env["layer"] = evaluate(reading.make, env) if reading.make else None
    if reading.switch:
        execute(reading.switch, env)
    got = evaluate(reading.forward, env)
    if isinstance(got, tuple | list):
        reading.result, reading.cache = "got[0]", "got[1]" if len(got) == 2 else "got[1:]"
        got = got[0] if got else None
    return got if isinstance(got, np.ndarray) and got.shape == env["x"].shape else None


def find_backward(reading: DropoutReading, offer: Offer, things: dict[str, Any]) -> None:
    """Find the backward pass."""
    env: Env = {**things, "np": np, "ratio": 0.5, "train": True, "x": np.ones((3, 4)), "dout": np.ones((3, 4))}
    if reading.make:
        env["layer"] = evaluate(reading.make, env)
        found = list(callables_of(env["layer"], BACKWARD))
    else:
        found = [(offer.backward, things[offer.backward])] if offer.backward else []
    for target, function in found:
        arguments = arguments_of(function) or []
        rest = ["cache" if reading.cache else "1.0" for a in arguments[1:] if a.required]
        reading.backward = f"{target}({', '.join(['dout', *rest])})"
        return


def render_dropout(reading: DropoutReading, signature: str) -> tuple[str, str]:
    """Return the contract's name of the layer, and the adapter's source text."""
    name = "InvertedDropout" if reading.inverted else "Dropout"
    number = "1 - dropout_ratio" if reading.kept else "dropout_ratio"

    lines = [f"class {name}:", f'    """{describe_dropout(reading, signature)}"""', "",
             "    def __init__(self, dropout_ratio=0.5):", f"        self.ratio = {number}"]  # fmt: skip
    lines += [f"        self.layer = {reading.make.replace('ratio', 'self.ratio')}"] if reading.make else []
    lines += ["", "    def forward(self, x, train_flg=True):"]
    if not reading.inference:
        lines += [
            "        if not train_flg:",
            '            raise NotImplementedError("it cannot be told that it is inference")',
        ]
    if reading.switch:
        lines += switch_lines(reading.switch)
    lines += [f"        got = {mode_code(reading.forward)}"]
    lines += [f"        self.cache = {reading.cache}"] if reading.cache else []
    lines += [f"        return {reading.result}"]
    if reading.backward:
        call = reading.backward.replace("layer", "self.layer").replace("cache", "self.cache")
        lines += ["", "    def backward(self, dout):", f"        return {call}"]
    return name, "\n".join(lines) + "\n"


def switch_lines(switch: str) -> list[str]:
    """Return the lines that set the mode."""
    if " if train else " in switch:
        on, _, off = switch.partition(" if train else ")
        return ["        if train_flg:", f"            self.{on}", "        else:", f"            self.{off}"]
    target, _, _ = switch.partition(" = ")
    return [f"        self.{target} = train_flg"]


def mode_code(code: str) -> str:
    """Return forward's code with the adapter's names."""
    code = code.replace("(ratio", "(self.ratio").replace(": ratio", ": self.ratio").replace(", ratio", ", self.ratio")
    code = code.replace(" if train else ", " if train_flg else ")
    for before in ("(", ", ", ": ", "="):
        for after in (")", ",", "}"):
            code = code.replace(f"{before}train{after}", f"{before}train_flg{after}")
    return code.replace("layer.", "self.layer.").replace("layer(", "self.layer(")


def describe_dropout(reading: DropoutReading, signature: str) -> str:
    """Say how dropout is read."""
    share = "its number is the share that is kept" if reading.kept else "its number is the share that is dropped"
    return f"{signature}: {share}; {'training scales' if reading.inverted else 'inference scales'}"
