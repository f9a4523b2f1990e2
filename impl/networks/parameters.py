"""Parameters of a network as a safetensors file: named arrays, and no code as in a pickle."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from impl.files import write_atomically

MAX_NAMES = 12  # in an error


class ParameterFileError(ValueError):
    """A parameter file is damaged or of another network: one sentence that names the file and the fault."""


def save_parameters(path: str | Path, params: Mapping[str, np.ndarray]) -> None:
    """Write all arrays with their checksum; the file appears whole or not at all. Raises OSError."""
    from safetensors.numpy import save

    arrays = {name: np.ascontiguousarray(array) for name, array in params.items()}
    write_atomically(path, save(arrays, metadata={"sha256": _checksum(arrays)}))


def load_parameters(
    path: str | Path, like: Mapping[str, np.ndarray], ignored: Callable[[str], bool] = lambda name: False
) -> dict[str, np.ndarray]:
    """Read the arrays of a file written by save_parameters, with the names, shapes and dtypes of `like`.

    ignored: whether a name in the file is skipped. A file without our checksum is read too.
    Raises ParameterFileError if it cannot be read, is damaged, or has other names or shapes.
    """
    everything, metadata = _read(path)
    arrays = {name: array for name, array in everything.items() if not ignored(name)}
    if set(arrays) != set(like):
        raise ParameterFileError(f"{path} holds {_names(arrays)}, this network has {_names(like)}")
    for name, array in arrays.items():
        if array.shape != like[name].shape:
            raise ParameterFileError(f"{path}: {name} is {array.shape}, in this network {like[name].shape}")
    if "sha256" in metadata and metadata["sha256"] != _checksum(everything):
        raise ParameterFileError(f"{path} is damaged: its numbers do not give its checksum")
    return {name: arrays[name].astype(like[name].dtype) for name in like}


def _read(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except OSError as error:
        raise ParameterFileError(f"{path} cannot be read: {error.strerror or error}") from None
    except (SafetensorError, TypeError, ValueError) as error:
        raise ParameterFileError(f"{path} is not a whole safetensors file: {error}") from None


def _checksum(arrays: Mapping[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].dtype} {arrays[name].shape}\n".encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()


def _names(arrays: Mapping[str, np.ndarray]) -> str:
    names = sorted(arrays)
    return " ".join(names[:MAX_NAMES]) + (f" ... ({len(names)} in all)" if len(names) > MAX_NAMES else "") or "nothing"
