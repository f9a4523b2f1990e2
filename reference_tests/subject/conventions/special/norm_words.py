"""Batch normalization in the target's own words."""

import re
from collections.abc import Mapping
from typing import Any

from ...protocol import Spoken
from ..known.spoken import own_name, returned_names
from .norm_reading import NormReading

WORDS = {
    "C_": "C",
    "eps_": "eps",
    "momentum_": "momentum",
    "train_": "train_flg",
    "mean_": "running_mean_",
    "var_": "running_var_",
}


def speak_norm(
    reading: NormReading, signature: str, notes: tuple[str, ...], name: str, things: Mapping[str, Any]
) -> Spoken:
    """Return the reading of batch normalization in the target's own words. name: of the class or function."""
    images = f"NCHW {reading.images}" if reading.images else ""
    layouts = dict.fromkeys(("x", "out", "dx"), images) if images and not reading.rows else {}
    returned = returned_names(reading.backward, name, things)
    names = {n: own_name(place, returned) for n, place in {**reading.places, **reading.grads}.items()}
    forward = re.sub(r"\bparam\b", lambda _: reading.config, reading.forward) if reading.config else reading.forward
    return Spoken(
        signature,
        make=in_words(reading, reading.make),
        forward=in_words(reading, forward),
        backward=reading.backward,
        names={n: own for n, own in names.items() if own},
        layouts=layouts,
        notes=notes,
    )


def in_words(reading: NormReading, code: str) -> str:
    """Return code with the contract's names."""
    words = {**WORDS, "momentum_": "1 - momentum" if reading.old_share else "momentum"}
    return re.sub(rf"(?<![.\w'])({'|'.join(words)})(?![\w'])", lambda m: words[m[1]], code)
