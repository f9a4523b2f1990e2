"""Checkpoints: all that a training run needs to go on as if it had never stopped.

A file holds one line of what it is, the SHA-256 of the rest, and an .npz without pickle: arrays, and the state as JSON.
Two generations: writing one moves the one before it to NAME.earlier, unless that one is damaged.
"""

import hashlib
import io
import json
import os
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from impl.files import write_atomically

from .optimizers import Arrays
from .trainer import Progress

if TYPE_CHECKING:
    from .trainer import Trainer

KIND = b"convcheck checkpoint 1\n"
DIGEST = 64 + 1  # hexadecimal digits and the end of the line


class CheckpointError(ValueError):
    """A checkpoint that is missing, damaged or of another run: one sentence that names file and fact."""


def earlier(path: Path) -> Path:
    """Where the generation before is."""
    return path.with_name(f"{path.name}.earlier")


def write(trainer: "Trainer", path: Path) -> None:
    """Write where the trainer stands. Whatever happens meanwhile, one whole checkpoint is there. Raises OSError."""
    packed = io.BytesIO()
    arrays, state = _state(trainer)
    text = np.frombuffer(json.dumps(state).encode(), np.uint8)
    np.savez(packed, allow_pickle=False, state=text, **arrays)  # type: ignore[arg-type]
    content = packed.getvalue()
    if path.exists() and _fault(path.read_bytes()) is None:
        os.replace(path, earlier(path))
    write_atomically(path, KIND + hashlib.sha256(content).hexdigest().encode() + b"\n" + content)


def read(path: Path) -> tuple[Arrays, dict[str, Any]]:
    """Arrays and state of a checkpoint. Raises CheckpointError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}") from None
    if fault := _fault(content):
        raise CheckpointError(f"{path} {fault}")
    with np.load(io.BytesIO(content[len(KIND) + DIGEST :]), allow_pickle=False) as packed:
        arrays = {name: packed[name] for name in packed.files}
    return arrays, json.loads(arrays.pop("state").tobytes())


def resume(trainer: "Trainer", path: Path) -> str:
    """Bring the trainer to where the checkpoint stands; "" or what was wrong with the newest. Raises CheckpointError"""
    arrays, state, complaint = _newest(path)
    for name, here in trainer.about.items():
        if state["about"].get(name) != here:
            there = _short(state["about"].get(name))
            raise CheckpointError(f"{path} is of another run: its {name} is {there}, now it is {_short(here)}")
    put(trainer.network, _under("model", arrays))
    trainer.best = _under("best", arrays)
    for name, value in state["optimizer"].items():
        setattr(trainer.optimizer, name, value)
    for name, value in vars(trainer.optimizer).items():
        if isinstance(value, dict):
            setattr(trainer.optimizer, name, _under(f"optimizer/{name}", arrays))
    for generator, kept in zip(_generators(trainer), state["generators"], strict=True):
        generator.bit_generator.state = kept
    trainer.history = [Progress(**done) for done in state["history"]]
    trainer.losses = arrays["losses"].tolist()
    return complaint


def model(network: Any) -> Arrays:
    """What belongs to the model: parameters, and buffers where there are any."""
    return network.state_dict() if hasattr(network, "state_dict") else network.params


def put(network: Any, arrays: Arrays) -> None:
    """Write into the network's own arrays: its layers may hold on to them."""
    own = model(network)
    for name, array in arrays.items():
        own[name][...] = array


def about(trainer: "Trainer") -> dict[str, Any]:
    """What makes a run this one, as JSON has it; epochs are not in it: a run may be made longer."""
    x, t = trainer.train_data
    optimizer = {k: v for k, v in vars(trainer.optimizer).items() if isinstance(v, (int, float))}
    own = {
        "network": [type(trainer.network).__name__, {k: list(a.shape) for k, a in model(trainer.network).items()}],
        "data": [len(x), zlib.crc32(np.ascontiguousarray(x[:100]).tobytes()), zlib.crc32(t.tobytes())],
        "optimizer": [type(trainer.optimizer).__name__, optimizer],
        "batch": trainer.batch,
        "schedule": [trainer.schedule(step, 100) for step in (0, 50, 99)],
        "label_smoothing": trainer.label_smoothing,
        "augment": repr(trainer.augment) if getattr(trainer.augment, "__dataclass_fields__", None) else None,
        "patience": trainer.patience,
        "seed": zlib.crc32(repr(trainer.rng.bit_generator.state).encode()),
    }
    return json.loads(json.dumps(own))


def _state(trainer: "Trainer") -> tuple[Arrays, dict[str, Any]]:
    arrays = {f"model/{name}": array for name, array in model(trainer.network).items()}
    arrays |= {f"best/{name}": array for name, array in trainer.best.items()}
    numbers = {}
    for name, value in vars(trainer.optimizer).items():
        if isinstance(value, dict):
            arrays |= {f"optimizer/{name}/{key}": array for key, array in value.items()}
        else:
            numbers[name] = value
    arrays["losses"] = np.array(trainer.losses)
    state = {
        "about": trainer.about,
        "optimizer": numbers,
        "generators": [g.bit_generator.state for g in _generators(trainer)],
        "history": [vars(done) for done in trainer.history],
    }
    return arrays, state


def _generators(trainer: "Trainer") -> list[np.random.Generator]:
    """The trainer's, and those that the layers draw from (dropout), each once."""
    layers = getattr(trainer.network, "layers", {})
    layers = layers.values() if isinstance(layers, dict) else layers
    drawing = [v for layer in layers for v in getattr(layer, "__dict__", {}).values()]
    return list({id(g): g for g in [trainer.rng, *drawing] if isinstance(g, np.random.Generator)}.values())


def _newest(path: Path) -> tuple[Arrays, dict[str, Any], str]:
    faults: list[str] = []
    for file in (path, earlier(path)):
        try:
            return *read(file), "; ".join(faults)
        except CheckpointError as error:
            if file.exists():
                faults.append(str(error))
    raise CheckpointError("; ".join(faults) or f"there is no checkpoint {path}")


def _under(prefix: str, arrays: Arrays) -> Arrays:
    return {name[len(prefix) + 1 :]: a for name, a in arrays.items() if name.startswith(f"{prefix}/")}


def _fault(content: bytes) -> str | None:
    body = content[len(KIND) + DIGEST :]
    if not content.startswith(KIND):
        return "is not a checkpoint"
    if content[len(KIND) : len(KIND) + DIGEST] != hashlib.sha256(body).hexdigest().encode() + b"\n":
        return "is damaged: its bytes do not give its checksum"
    return None


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
