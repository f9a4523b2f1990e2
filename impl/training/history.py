"""A training run written down: a line for each epoch as CSV, or everything as JSON."""

import json
from pathlib import Path

from impl.files import write_atomically

from .trainer import Trainer

COLUMNS = ("epoch", "loss", "accuracy", "seconds")  # loss: mean of the epoch; accuracy: 0 to 1, of the test data


def save_history(trainer: Trainer, path: str | Path) -> None:
    """Write path, .csv or .json by its name; JSON has the loss of every step too. Raises ValueError, OSError."""
    rows = [{name: getattr(done, name) for name in COLUMNS} for done in trainer.history]
    suffix = Path(path).suffix
    if suffix == ".csv":
        lines = [",".join(COLUMNS), *(",".join(str(value) for value in row.values()) for row in rows)]
        text = "\n".join(lines) + "\n"
    elif suffix == ".json":
        text = json.dumps({"epochs": rows, "losses": trainer.losses}, indent=1) + "\n"
    else:
        raise ValueError(f"path={str(path)!r}: allowed is a name that ends with .csv or .json")
    write_atomically(path, text.encode())
