"""Local response normalization: where its settings are, whether alpha is divided by the window, the channels' axis."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..gradients import run_forward
from ..layouts import Layout
from ..reading import Reading, Unreadable, uses
from ..trial import Refused
from ..vocabulary import roles_of

SETTINGS = {  # the contract's setting -> the roles of attributes that may be it, and what each is then given
    "n": {"lrn_n": "n", "lrn_radius": "(n - 1) // 2"}, "k": {"lrn_k": "k"}, "alpha": {"lrn_alpha": "alpha"},
    "beta": {"lrn_beta": "beta"},
}  # fmt: skip
FIXED = "its settings are fixed in its code"


def find_formula(things: Mapping[str, Any], reading: Reading) -> None:
    """Find out what the target's names leave open: settings, alpha's meaning, and the axis of the channels.

    Raises Unreadable where a setting can neither be passed nor set.
    """
    find_settings(things, reading)
    if len(reading.family.x.layouts) > 1:  # its code does not say the axis, nor does another layer
        find_channels(things, reading)
    find_share(things, reading)


def find_settings(things: Mapping[str, Any], reading: Reading) -> None:
    """Find the attributes of settings that no call is given. Raises Unreadable for one that has none."""
    open_ones = [name for name in SETTINGS if not uses(f"{reading.make} {reading.forward}", name)]
    if not open_ones:
        return
    try:
        layer = run_forward(things, reading, reading.family.sizes, reading.family.values).get("layer")
    except Refused:
        return
    own = {n: v for n, v in vars(layer).items() if type(v) in (int, float)} if hasattr(layer, "__dict__") else {}
    for name in open_ones:
        found = next(((n, code) for n in own for role, code in SETTINGS[name].items() if role in roles_of(n)), None)
        if found is None:
            raise Unreadable(FIXED)
        reading.prepare.append(f"layer.{found[0]} = {found[1]}")


def find_share(things: Mapping[str, Any], reading: Reading) -> None:
    """Find out whether alpha is divided by the window's width, as torch and Caffe do; a convention, so it is undone.

    One channel is asked, of which every window is the same number: no mistake about the window is touched. It holds
    where windows of every width tell it.
    """
    if all(is_divided(things, reading, width) for width in (3, 5, 7)):
        of = re.compile(r"\balpha\b(?! \*)(?!=)(?! =)")
        for name in ("make", "forward"):
            setattr(reading, name, of.sub("alpha * n", getattr(reading, name)))
        reading.prepare = [of.sub("alpha * n", statement) for statement in reading.prepare]
        reading.notes.append("alpha is divided by n there, so alpha * n is passed")


def is_divided(things: Mapping[str, Any], reading: Reading, width: int) -> bool:
    """Return whether an output of one channel is that of alpha / n, for windows of this width."""
    try:
        env = run_forward(things, reading, {**reading.family.sizes, "C": 1}, {**reading.family.values, "n": width})
        there = eval(reading.out.back("out"), {**env, "np": np})
    except (Refused, TypeError, ValueError, AttributeError):
        return False
    x, k, alpha, beta = (env[name] for name in ("x", "k", "alpha", "beta"))
    return there.shape == x.shape and np.allclose(there, x / (k + alpha / width * x**2) ** beta)


def find_channels(things: Mapping[str, Any], reading: Reading) -> None:
    """Find out which axis the channels are where the code does not say it: the one whose neighbours a number changes.

    Only the last axis speaks against channels first.
    """
    last = replace(reading, x=Layout("N H W C", "NCHW"), out=Layout("N H W C", "NCHW"))
    try:
        here, there = (moved_axes(things, one) for one in (reading, last))
    except Refused:
        return
    if here == {3} and there == {1}:
        reading.x, reading.out = last.x, last.out


def moved_axes(things: Mapping[str, Any], reading: Reading) -> set[int]:
    """Return the axes, in the contract's order, along which one number changes others. Raises Refused."""
    family = reading.family
    sizes = {**family.sizes, "N": 4, "C": 4, "H": 4, "W": 4}
    values = {**family.values, "n": 3}
    outs = []
    for place in ((), (1, 1, 1, 1)):
        env = run_forward(things, with_x(reading, place), sizes, values)
        outs.append(eval(reading.out.back("out"), {**env, "np": np}))
    moved = np.argwhere(~np.isclose(outs[0], outs[1]))
    return {axis for axis in range(4) if moved.size and len(set(moved[:, axis])) > 1}


def with_x(reading: Reading, place: tuple[int, ...]) -> Reading:
    """Return the reading with an input in which one number is larger."""
    if not place:
        return reading
    index = ", ".join(map(str, reading_order(reading.x, place)))
    code = f"np.add(x_, 3 * (np.arange(x_.size) == np.ravel_multi_index(({index}), x_.shape)).reshape(x_.shape))"
    return replace(reading, forward=re.sub(r"\bx_\b", code, reading.forward, count=1))


def reading_order(layout: Layout, place: tuple[int, ...]) -> tuple[int, ...]:
    """Return a place of the contract's array in the layout's order."""
    return tuple(place["NCHW".index(letter)] for letter in layout.letters)
