"""A dense layer with its softmax inside, as beginners' networks end: it gives shares, and no scores.

Scores are worked out of shares: the layer is made with one output more, whose score is 0, and a score is the logarithm
of a share over that output's share. The gradient is handed in by one share at a time, as such layers are used; a layer
that takes the target in its place is given the one that leaves the wanted difference.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np

from ..candidates import Offer
from ..gradients import run_forward
from ..reach import takes_images
from ..reading import Reading, uses
from ..render import copied, describe, of_adapter, restore, tidy, wrap
from ..signatures import arguments_of, is_own, methods_of
from ..trial import Refused, evaluate
from ..vocabulary import FORWARD, method_word, normalize

NOTE = "a softmax is inside; scores are the logarithms of the shares that it gives"
NAMED = r"soft_?max|output_?layer"
TARGETS = "t y ytrue target targets label labels onehot yonehot yreal truth"


def share_offers(things: Mapping[str, Any], files: Collection[str]) -> Iterator[Offer]:
    """Yield the classes that may be a dense layer with its softmax inside: named for it, and made from two sizes."""
    for name, thing in things.items():
        if not isinstance(thing, type) or not re.search(NAMED, name, re.IGNORECASE) or not is_own(thing, files):
            continue
        arguments = arguments_of(thing) or []
        sized = all(any(role in a.roles for a in arguments) for role in ("in", "out"))
        sized = sized or sum(a.required for a in arguments) == 2
        if sized and {method_word(n) for n in methods_of(thing)} & set(FORWARD):
            yield Offer("Affine", name, is_class=True)


def gives_shares(things: Mapping[str, Any], reading: Reading) -> bool:
    """Return whether a softmax is inside a dense layer: it gives numbers above 0 alone, for x and for -x."""
    known = {"W", "b"} <= reading.params.keys() and not (reading.late or reading.lazy or reading.prepare)
    if not known or not re.search(NAMED, reading.thing, re.IGNORECASE):
        return False
    try:
        env = run_forward(things, reading, reading.family.sizes, reading.family.values)
        env["x_"] = -env["x_"]
        env["got"] = evaluate(reading.forward, env)
        other = evaluate(reading.result, env)
    except Refused:
        return False
    return bool(np.min(env["out"]) > 0 and np.min(other) > 0)


def takes_target(things: Mapping[str, Any], reading: Reading) -> bool:
    """Return whether backward is given the target, by the name of its argument."""
    method = reading.backward.partition("(")[0].rpartition(".")[2]
    arguments = arguments_of(getattr(things[reading.thing], method, None), skip_first=True) or []
    return bool(arguments) and normalize(arguments[0].name) in TARGETS.split()


def render_shares(things: Mapping[str, Any], reading: Reading) -> str:
    """Return the adapter's source text."""
    reading.notes.append(NOTE)
    reading.reach |= {} if takes_images(things, reading) else {"axes": [2]}
    lines = [f"class {reading.family.name}:", f'    """{describe(reading)}"""', ""]
    lines += [f"    reach = {reading.reach!r}", ""] if reading.reach else []
    body = [*constructor(reading), "", *forward_lines(reading), "", *shares_lines(reading)]
    if reading.backward and reading.grads:
        body += ["", *(target_lines if takes_target(things, reading) else share_by_share)(reading)]
    return "\n".join([*lines, *(f"    {line}" if line else "" for line in body)]) + "\n"


def constructor(reading: Reading) -> list[str]:
    """Return the lines of __init__: the layer has one output more."""
    return [
        "def __init__(self, W, b):",
        "    self.W, self.b = W, b",
        "    D, M = len(W), len(b) + 1  # one output more, whose score is 0: the others' scores are against it",
        f"    self.layer = {reading.make}",
    ]


def forward_lines(reading: Reading) -> list[str]:
    """Return the lines of forward. Scores are scaled to at most 1: no share is then too small to be told from 0."""
    given = "self.scores(x)" if "N" in reading.x.letters else "np.stack([self.scores(one) for one in x])"
    return [
        "def forward(self, x):",
        "    most = np.abs(self.W).sum(0).max() * np.abs(x).max() + np.abs(self.b).max() + 1e-30",
        "    self.x, self.scale = x, 2.0 ** -np.ceil(np.log2(most))",
        f"    return {given}",
        "",
        "def scores(self, x):",
        "    p = self.shares(x)",
        "    return (np.log(p[..., :-1] / p[..., -1:]) + np.log(p.sum(-1, keepdims=True))) / self.scale",
    ]


def shares_lines(reading: Reading) -> list[str]:
    """Return the lines that write the parameters and ask for the shares of an input."""
    made = {"W": "np.pad(self.W, ((0, 0), (0, 1)))", "b": "np.pad(self.b * self.scale, (0, 1))"}
    puts = [f"{of_adapter(place)}[...] = {layout.there(made[n])}" for n, (place, layout) in reading.params.items()]
    body = [*sizes(reading), f"x_ = {reading.x.there('x')} * self.scale", *puts, f"got = {of_adapter(reading.forward)}",
            f"return {reading.out.back(of_adapter(reading.result))}"]  # fmt: skip
    return ["def shares(self, x):", *(f"    {line}" for line in tidy(body))]


def sizes(reading: Reading) -> list[str]:
    """Return the line that works out the sizes which layouts use."""
    return ["D, M = len(self.W), len(self.b) + 1"] + (["N = len(x)"] if "N" in reading.x.letters else [])


def backward_head(reading: Reading) -> list[str]:
    """Return the lines of backward: of the whole batch, or image by image."""
    whole = ["    return self.back(self.x, dout)"]
    each = ["    return np.stack([self.back(one, d) for one, d in zip(self.x, dout)])"]
    head = ["def backward(self, dout):", "    self.dW, self.db = 0.0, 0.0"]
    return [*head, *(whole if "N" in reading.x.letters else each), "", "def back(self, x, dout):"]


def given_again(reading: Reading) -> list[str]:
    """Return the line that works out the input in the target's layout, if backward is given it."""
    return [f"x_ = {reading.x.there('x')} * self.scale"] if uses(reading.backward, "x_") else []


def back_once(reading: Reading) -> list[str]:
    """Return the lines of one call of the target's backward, whose gradients are added up."""
    parts = {name: layout.back(wrap(of_adapter(code))) for name, (code, layout) in reading.grads.items()}
    lines = [f"dout_ = {reading.out.there('given')}"]
    lines += [f"{name} = {copied(of_adapter(where))}" for name, where in reading.kept.items()]
    lines.append(f"got = {of_adapter(reading.backward)}")
    lines += [f"dx = dx + {parts['dx']}"] if "dx" in parts else []
    lines += [f"self.dW = self.dW + {parts['dW']}[:, :-1] / self.scale"] if "dW" in parts else []
    lines += [f"self.db = self.db + {parts['db']}[:-1]"] if "db" in parts else []
    return [*lines, *restore(reading)]


def share_by_share(reading: Reading) -> list[str]:
    """Return the lines of backward for a layer that is given the gradient by its shares.

    A number that all of these gradients have more changes nothing; by it the last output's gradient is 0.
    """
    body = [
        *sizes(reading), "dx, p, total = 0.0, self.shares(x), dout.sum(-1, keepdims=True)",
        "wanted = np.concatenate([dout / p[..., :-1] + total / p[..., -1:], 0 * total], -1)",
        "for i in range(M):  # the gradient by one share at a time: the others' are 0",
        "    given = np.where(np.arange(M) == i, wanted, 0.0)",
        "    if not given.any():",
        "        continue",
        *(f"    {line}" for line in given_again(reading)),
        "    self.shares(x)",
        *(f"    {line}" for line in back_once(reading)),
        "return dx",
    ]  # fmt: skip
    return [*backward_head(reading), *(f"    {line}" for line in body)]


def target_lines(reading: Reading) -> list[str]:
    """Return the lines of backward for a layer that is given the target: what it takes off the shares."""
    body = [
        *sizes(reading), "dx, p, total = 0.0, self.shares(x), dout.sum(-1, keepdims=True)",
        *given_again(reading), "given = p - np.concatenate([dout, -total], -1)",
        *back_once(reading), "return dx",
    ]  # fmt: skip
    return [*backward_head(reading), *(f"    {line}" for line in body)]
