"""The child process of a RemoteSubject: runs foreign code. It imports NumPy and this package, and knows no answer."""

import mmap
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import numpy as np

from ..i18n import _
from . import wire
from .conventions.attempts import FIRST, Attempts
from .load import Ask, Subject, load
from .protocol import Note, Plan, Trace, identical
from .settings import settings_beside
from .source import LoadError, Skipped, TooSlow

CUT_OFF = 71  # the exit status of a process whose pipes are gone
ANSWERED = 72  # that of a fork of ours that has run its program and sent the answer
answering: set[int] = set()  # the processes that may answer: this one, and in a fork of ours that one
LONGEST, MOST_ENTRIES = 400, 1000  # characters of a statement that is described, and how many are


def serve(
    loading: Callable[[], Subject], read_fd: int, write_fd: int, note: Callable[[int], None] | None = None
) -> None:
    """Load a subject, send what it has, then run one program after the other until the parent closes the pipe.

    note: called with the number of each step before it runs; without one the number is sent to the parent.
    """
    note = of_this_process(note or (lambda step: wire.send(write_fd, {"at": step}, {})))
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=partial(silence_fork, read_fd, write_fd))
    try:
        subject = loading()
    except LoadError as error:
        wire.send(write_fd, {"error": str(error), "late": isinstance(error, TooSlow)}, {})
        return
    except MemoryError:
        wire.send(write_fd, {"error": "it needs more memory than there is to load."}, {})
        return
    except Exception as error:
        wire.send(write_fd, {"fault": f"{type(error).__name__}: {error}"[:1000]}, {})
        raise
    wire.send(write_fd, describe_subject(subject), {})
    serve_programs(subject, read_fd, write_fd, note)


def serve_programs(subject: Subject, read_fd: int, write_fd: int, note: Callable[[int], None]) -> None:
    """Run one program after the other until the parent closes the pipe."""
    frames, apart = wire.FrameReader(read_fd), False
    while True:
        try:
            request, given = frames.receive()
        except EOFError:
            return
        if "program" not in request:
            subject.seconds, apart = request["seconds"], request.get("apart", False)
            continue
        answer = partial(answer_program, subject, request, given, write_fd, note)
        if apart:
            run_in_fork(answer)
        else:
            answer()


def answer_program(
    subject: Subject, request: dict[str, Any], given: dict[str, np.ndarray], write_fd: int, note: Callable[[int], None]
) -> None:
    """Run one program and send what it gave."""
    plan = Plan(request["program"], given, {}, request["layout"], seconds=request["seconds"])
    trace = subject.run(plan, note)
    end_forked()
    stop = asdict(trace.stop) if trace.stop else None
    returned = {k: asdict(r) for k, r in trace.returned.items()}
    most = request.get("most") or wire.MAX_PAYLOAD
    wire.send(write_fd, {"stop": stop, "returned": returned}, pack_arrays(trace, given), most=most)


def run_in_fork(answer: Callable[[], None]) -> None:
    """Answer a program in a fork of this process, which stays as it was loaded; end as the fork ends if it crashes."""
    answering.clear()  # for a moment: this fork is ours, and is not silenced
    pid = os.fork()
    answering.add(os.getpid())
    if not pid:
        try:
            answer()
            os._exit(ANSWERED)
        finally:
            os._exit(1)
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if ended < 0:
        os.kill(os.getpid(), -ended)
    if ended != ANSWERED:
        os._exit(max(ended, 0))


def of_this_process(note: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return what notes the same in this process, and ends one that the target has forked."""
    answering.add(os.getpid())

    def note_or_end(what: Any) -> None:
        end_forked()
        note(what)

    return note_or_end


def end_forked() -> None:
    """End this process if it is none of those that answer: what a target forks goes on in nothing of ours."""
    if os.getpid() not in answering:
        os._exit(0)


def silence_fork(*pipes: int) -> None:
    """Lead the pipes to the parent nowhere, in a process that the target forks, which may run for long."""
    if not answering:  # the fork is ours
        return
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in pipes:
        os.dup2(nowhere, fd, False)
    os.close(nowhere)


def describe_subject(subject: Subject) -> dict[str, Any]:
    """Return what a RemoteSubject has to know of the subject."""
    return {
        "names": list(subject.names),
        "path": subject.path,
        "files": list(subject.files)[:MOST_ENTRIES],
        "near": subject.near,
        "interfaces": {name: asdict(one) for name, one in subject.interfaces.items()},
        "unread": [asdict(one) for one in subject.unread[:MOST_ENTRIES]],
        "homes": subject.homes,
        "skipped": [shorten(entry) for entry in most_telling(subject.skipped)],
        "arrays": subject.arrays,
        "notes": [note.as_data() for note in subject.notes[:MOST_ENTRIES]],
    }


def most_telling(skipped: list[Skipped]) -> list[Skipped]:
    """Return at most so many of the statements left out, in their order: those first that could not be run."""
    if len(skipped) <= MOST_ENTRIES:
        return skipped
    ranked = sorted(range(len(skipped)), key=lambda i: "Error" not in skipped[i].why and "taken" not in skipped[i].why)
    return [skipped[i] for i in sorted(ranked[:MOST_ENTRIES])]


def shorten(entry: Skipped) -> dict[str, Any]:
    """Return a skipped statement as data; a picture in a notebook is one statement of a million characters."""
    return asdict(replace(entry, source=entry.source[:LONGEST], why=entry.why[:LONGEST]))


def ask_parent(read_fd: int, write_fd: int, borrowed: list[str], own: list[str]) -> dict[str, str]:
    """Ask the parent for the texts of functions that a target borrows. It gives none that the target has itself."""
    wire.send(write_fd, {"borrowed": borrowed, "names": own}, {})
    texts: dict[str, str] = wire.receive(read_fd)[0]["texts"]
    return texts


def load_as_asked(
    request: dict[str, Any], ask: Ask, alone: bool = False, attempts: Attempts = FIRST
) -> Subject:  # fmt: skip
    """Load the target of a parent's request. attempts: what attempts_of says. Raises LoadError."""
    arrays = {str(k): str(v) for k, v in request.get("arrays", {}).items()}
    target, maps, convention, notes = request["target"], request["maps"], request.get("convention", ""), list[Note]()
    if request.get("beside"):
        own, notes = follow_settings(target)
        maps, convention = {**own.get("map", {}), **maps}, convention or own.get("convention", "")
    how = {"loading": request["seconds"], "convention": convention, "arrays": arrays}
    subject = load(
        target,
        maps,
        **how,
        alone=alone,
        ask=ask,
        first=request.get("file", ""),
        patience=request.get("patience", 1.0),
        attempts=attempts,
    )
    attempts.note("")
    subject.patience = request.get("patience", 1.0)
    subject.notes += notes
    return subject


def attempts_of(request: dict[str, Any], page: mmap.mmap | None, *pipes: int) -> Attempts:
    """Return what a request says of earlier processes of the target, noting in a page what this one does."""
    if page is None:
        return FIRST
    places = wire.KEY, wire.LINE, wire.LATE
    note, note_line, note_late = (of_this_process(partial(wire.note_text, page, place)) for place in places)
    check = partial(end_if_cut_off, pipes, list(map(identity, pipes)))
    return Attempts(request.get("without", {}), request.get("traced", ""), note, note_line, note_late, check)


def identity(fd: int) -> tuple[int, int]:
    """Return by what an open file is known. Raises OSError if it is closed."""
    about = os.fstat(fd)
    return about.st_dev, about.st_ino


def end_if_cut_off(pipes: Sequence[int], before: Sequence[tuple[int, int]]) -> None:
    """End this process if the target has closed or replaced the pipes to the parent, which learns so what did it."""
    try:
        intact = [identity(fd) for fd in pipes] == before
    except OSError:
        intact = False
    if not intact:
        os._exit(CUT_OFF)


def follow_settings(target: str) -> tuple[dict[str, Any], list[Note]]:
    """Return the settings that a submission brings, as far as they say how it is read; and notes of the others."""
    try:
        own = settings_beside(target)
    except (LoadError, ValueError, RecursionError) as error:
        return {}, [Note("settings", "convcheck.toml", {"why": str(error)})]
    others = sorted(own.keys() - {"map", "convention"})
    return own, [Note("settings", name, {"why": _("a submission says how it is read, and no more")}) for name in others]


def pack_arrays(trace: Trace, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return a trace's arrays to send: all results, and of the arrays at the end only those that have changed."""
    found = {f"r.{k}": a for k, a in trace.results.items()}
    found |= {f"l.{k}": a for k, a in trace.left.items() if not identical(a, trace.results[k])}
    return found | {f"i.{k}": a for k, a in trace.inputs.items() if not identical(a, given[k])}


def main() -> None:
    """Run the child: frames come and go on what were standard input and output.

    The three standard streams lead nowhere then, so that the foreign code cannot write into a frame.
    """
    read_fd, write_fd, nowhere = os.dup(0), os.dup(1), os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)
    wire.send(write_fd, {"ready": True}, {})
    request, _ = wire.receive(read_fd)
    ask, page_fd = partial(ask_parent, read_fd, write_fd), int(sys.argv[1])
    page = mmap.mmap(page_fd, mmap.PAGESIZE) if page_fd >= 0 else None
    note = partial(wire.note_step, page) if page else None
    attempts = attempts_of(request, page, read_fd, write_fd)
    serve(lambda: load_as_asked(request, ask, attempts=attempts), read_fd, write_fd, note)
