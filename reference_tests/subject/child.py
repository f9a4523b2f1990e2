"""The side of a worker that runs somebody's code: it imports numpy, the loader and the driver, and knows no answer."""

import os
from collections.abc import Callable
from dataclasses import asdict

import numpy as np

from . import wire
from .load import Subject, load
from .protocol import Plan, Trace
from .source import LoadError


def serve(
    loading: Callable[[], Subject], read_fd: int, write_fd: int, note: Callable[[int], None] | None = None
) -> None:
    """Loads, says what is there, then runs one program after the other until the other side is gone.

    note: is told the number of each step before it is taken; without one the other side is."""
    note = note or (lambda step: wire.send(write_fd, {"at": step}, {}))
    try:
        subject = loading()
    except LoadError as error:
        wire.send(write_fd, {"error": str(error)}, {})
        return
    except MemoryError:
        wire.send(write_fd, {"error": "it needs more memory than there is to load."}, {})
        return
    except Exception as error:
        wire.send(write_fd, {"fault": f"{type(error).__name__}: {error}"[:1000]}, {})
        raise
    wire.send(write_fd, describe_subject(subject), {})
    while True:
        try:
            asked, given = wire.receive(read_fd)
        except EOFError:
            return
        subject.seconds = asked["seconds"]
        plan = Plan(asked["program"], given, {}, asked["layout"])
        trace = subject.run(plan, note)
        stop = asdict(trace.stop) if trace.stop else None
        wire.send(write_fd, {"stop": stop}, pack_arrays(trace, given))


def describe_subject(subject: Subject) -> dict:
    """What a Remote shows of the subject."""
    return {
        "names": list(subject.names),
        "path": subject.path,
        "files": list(subject.files),
        "near": subject.near,
        "skipped": [asdict(entry) for entry in subject.skipped],
    }


def pack_arrays(trace: Trace, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Results, and of what is left at the end only what is not as it was."""
    found = {f"r.{k}": a for k, a in trace.results.items()}
    found |= {f"l.{k}": a for k, a in trace.left.items() if not identical(a, trace.results[k])}
    return found | {f"i.{k}": a for k, a in trace.inputs.items() if not identical(a, given[k])}


def identical(a: np.ndarray, b: np.ndarray) -> bool:
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def main() -> None:
    """The child process: frames on what were standard input and output; both, and errors, then lead nowhere."""
    read_fd, write_fd, nowhere = os.dup(0), os.dup(1), os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)
    wire.send(write_fd, {"ready": True}, {})
    asked, _ = wire.receive(read_fd)
    serve(lambda: load(asked["target"], asked["maps"], loading=asked["seconds"]), read_fd, write_fd)
