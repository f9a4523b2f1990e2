"""A server that imports everything but impl, prepares the right answers, and forks once for each mutant of impl.

It runs in a copy of the repository, reads the mutant's module and the names of test files from a socket, and answers
with the verdict on the mutant: survived, killed by the suite, killed by a test, or timeout. What most likely kills the
mutant is asked first: the checks whose answers the module takes part in, then its unit tests, then all other checks.
"""

import contextlib
import os
import resource
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

LIMIT = 30  # seconds of processor time for a mutant; impl itself takes about two
WAIT = 5 * LIMIT  # seconds of wall-clock time, for a mutant that waits
ENDS = {0: "survived", 1: "killed by the suite", -signal.SIGXCPU: "timeout", -signal.SIGKILL: "timeout"}
QUICK = ("-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--hypothesis-seed=1")


class Ready(NamedTuple):
    """A check with its program and right answers, and the files that run when the unchanged impl is asked."""

    check: Any
    answers: Any
    files: frozenset[str]


def serve(address: str) -> None:
    """Listen at a UNIX socket for ever; print "ready" once the answers are prepared."""
    ready = prepare()
    compile_tests()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen()
        print("ready", flush=True)
        while True:
            line, _ = door.accept()
            with line, contextlib.suppress(OSError):
                module, *tests = line.makefile().read().split()
                line.sendall(verdict(module, tests, ready).encode())


def prepare() -> list[Ready]:
    """Return every check of the contract with its program and right answers."""
    import hypothesis.extra.numpy  # noqa: F401
    import torch

    from reference_tests.conformance.contract import all_checks
    from reference_tests.conformance.judge import prepare
    from reference_tests.subject.load import load

    torch.set_num_threads(1)
    subject, asked = load("impl"), [(check, prepare(check)) for check in all_checks()]
    ready = [Ready(check, answers, files_that_run(check, subject, answers)) for check, answers in asked]
    for name in [name for name in sys.modules if name.partition(".")[0] == "impl"]:
        del sys.modules[name]  # each child imports the mutant
    return ready


def files_that_run(check: Any, subject: Any, answers: Any) -> frozenset[str]:
    """Return the source files that a check of the unchanged impl runs."""
    from reference_tests.conformance.judge import judge

    files = set()
    sys.setprofile(lambda frame, _event, _value: files.add(frame.f_code.co_filename))
    try:
        judge(check, subject, ready=answers)
    finally:
        sys.setprofile(None)
    return frozenset(files)


def compile_tests() -> None:
    """Compile impl and its tests, before the first change, so that no child has to; a child writes no bytecode."""
    import pytest

    child = os.fork()
    if not child:
        silence()
        sys.dont_write_bytecode = False
        pytest.main(["--collect-only", *QUICK, "reference_tests/tests/impl"])
        os._exit(0)
    os.waitpid(child, 0)


def silence() -> None:
    """Let this process read and print nothing."""
    quiet = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(quiet, number)


def verdict(module: str, tests: list[str], ready: list[Ready]) -> str:
    """Fork a child that judges the mutant within the limits; return the verdict in words."""
    child = os.fork()
    if not child:
        silence()
        resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT + 1))
        os._exit(outcome(module, tests, ready))
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return ENDS.get(os.waitstatus_to_exitcode(status), "killed by a test")
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "timeout"


def outcome(module: str, tests: list[str], ready: list[Ready]) -> int:
    """Return 0 if the mutant survives, 1 if the suite rejects it, 2 if a test does."""
    path = str(Path(f"impl/{module}.py").resolve())
    try:
        import numpy as np
        import pytest

        from reference_tests.subject.load import load

        np.random.seed(1)  # noqa: NPY002 (random masks may not decide the verdict)
        subject = load("impl")
        if not agrees(subject, [one for one in ready if path in one.files]):
            return 1
        if pytest.main([*QUICK, *tests]):
            return 2
        return int(not agrees(subject, [one for one in ready if path not in one.files]))
    except BaseException:  # a mutant that cannot be imported, or that exits
        return 1


def agrees(subject: Any, ready: list[Ready]) -> bool:
    """Return whether impl passes every one of these checks, advice too; stop at the first failure."""
    from reference_tests.conformance.judge import judge

    return all(judge(one.check, subject, ready=one.answers).status == "pass" for one in ready)


if __name__ == "__main__":
    serve(sys.argv[1])
