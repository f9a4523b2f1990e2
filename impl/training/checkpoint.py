"""Checkpoint files: the state of a training run, written so that a whole one is always there.

A file has one line with its kind, the SHA-256 of the rest, and an .npz without pickle: the state's arrays, and all
else in it as JSON. The previous checkpoint is kept as NAME.earlier, unless it is damaged.
"""

import hashlib
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import numpy as np

from impl.files import write_atomically

KIND = b"convcheck checkpoint 1\n"
DIGEST = 64 + 1  # hexadecimal digits and the end of the line
State = dict[str, Any]  # of arrays, of values that JSON has, and of such dicts


class CheckpointError(ValueError):
    """A checkpoint is missing, damaged or of another run: one sentence that names the file and the fault."""


def previous(path: Path) -> Path:
    """Path of the previous checkpoint."""
    return path.with_name(f"{path.name}.earlier")


def write(state: State, path: Path) -> None:
    """Write a state dict to path; a whole checkpoint exists at every moment. Raises OSError."""
    packed = io.BytesIO()
    arrays = dict(_arrays_in(state))
    text = np.frombuffer(json.dumps(_without_arrays(state)).encode(), np.uint8)
    np.savez(packed, allow_pickle=False, state=text, **arrays)  # type: ignore[arg-type]
    content = packed.getvalue()
    if path.exists() and _fault(path.read_bytes()) is None:
        os.replace(path, previous(path))
    write_atomically(path, KIND + hashlib.sha256(content).hexdigest().encode() + b"\n" + content)


def read(path: Path) -> State:
    """Read the state dict of a checkpoint. Raises CheckpointError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}") from None
    if fault := _fault(content):
        raise CheckpointError(f"{path} {fault}")
    with np.load(io.BytesIO(content[len(KIND) + DIGEST :]), allow_pickle=False) as packed:
        arrays = {name: packed[name] for name in packed.files}
    state: State = json.loads(arrays.pop("state").tobytes())
    for name, array in arrays.items():
        *outer, last = map(unquote, name.split("/"))
        place = state
        for key in outer:
            place = place.setdefault(key, {})
        place[last] = array
    return state


def read_newest(path: Path) -> tuple[State, str]:
    """Read path, or the previous checkpoint if path is missing or damaged; also return the fault of path, or "".

    Raises CheckpointError if neither is whole.
    """
    faults: list[str] = []
    for file in (path, previous(path)):
        try:
            return read(file), "; ".join(faults)
        except CheckpointError as error:
            if file.exists():
                faults.append(str(error))
    raise CheckpointError("; ".join(faults) or f"there is no checkpoint {path}")


def _arrays_in(state: State, prefix: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """Yield each array of a state dict and the keys that lead to it, quoted and joined by "/"."""
    for key, value in state.items():
        path = prefix + quote(key, safe="")
        if isinstance(value, np.ndarray):
            yield path, value
        elif isinstance(value, dict):
            yield from _arrays_in(value, f"{path}/")


def _without_arrays(state: State) -> State:
    return {
        key: _without_arrays(value) if isinstance(value, dict) else value
        for key, value in state.items()
        if not isinstance(value, np.ndarray)
    }


def _fault(content: bytes) -> str | None:
    body = content[len(KIND) + DIGEST :]
    if not content.startswith(KIND):
        return "is not a checkpoint"
    if content[len(KIND) : len(KIND) + DIGEST] != hashlib.sha256(body).hexdigest().encode() + b"\n":
        return "is damaged: its bytes do not give its checksum"
    return None
