"""A server that imports everything but impl, prepares the right answers, and forks once for each mutant of impl.

It runs in a copy of the repository, reads the names of test files from a socket, and answers with the verdict on the
mutant: survived, killed by the suite, killed by a test, or timeout.
"""

import contextlib
import os
import resource
import signal
import socket
import sys
import time

LIMIT = 60  # seconds of processor time for a mutant; impl itself takes about five
WAIT = 10 * LIMIT  # seconds of wall-clock time, for a mutant that waits
ENDS = {0: "survived", 1: "killed by the suite", -signal.SIGXCPU: "timeout", -signal.SIGKILL: "timeout"}


def serve(address: str) -> None:
    """Listen at a UNIX socket for ever; print "ready" once the answers are prepared."""
    ready = prepare()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen()
        print("ready", flush=True)
        while True:
            line, _ = door.accept()
            with line, contextlib.suppress(OSError):
                line.sendall(verdict(line.makefile().read().split(), ready).encode())


def prepare() -> list:
    """Return every check of the contract with its program and right answers."""
    import hypothesis.extra.numpy  # noqa: F401
    import pytest  # noqa: F401
    import torch

    from reference_tests.conformance.contract import all_checks
    from reference_tests.conformance.judge import prepare

    torch.set_num_threads(1)
    ready = [(check, prepare(check)) for check in all_checks()]
    for name in [name for name in sys.modules if name.partition(".")[0] == "impl"]:
        del sys.modules[name]  # imported along with the digits; each child imports the mutant
    return ready


def verdict(tests: list[str], ready: list) -> str:
    """Fork a child that judges the mutant within the limits; return the verdict in words."""
    child = os.fork()
    if not child:
        quiet = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(quiet, number)
        resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT + 1))
        os._exit(outcome(tests, ready))
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return ENDS.get(os.waitstatus_to_exitcode(status), "killed by a test")
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "timeout"


def outcome(tests: list[str], ready: list) -> int:
    """Return 0 if the mutant survives, 1 if the suite rejects it, 2 if a test does."""
    try:
        if not agrees(ready):
            return 1
        import pytest

        quick = ["-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "--hypothesis-seed=1"]
        return 2 * bool(pytest.main([*quick, *tests]))
    except BaseException:  # a mutant that cannot be imported, or that exits
        return 1


def agrees(ready: list) -> bool:
    """Return whether impl passes every check, advice too; stop at the first failure."""
    import numpy as np

    from reference_tests.conformance.judge import judge
    from reference_tests.subject.load import load

    np.random.seed(1)  # noqa: NPY002 (random masks may not decide the verdict)
    subject = load("impl")
    return all(judge(check, subject, ready=answers).status == "pass" for check, answers in ready)


if __name__ == "__main__":
    serve(sys.argv[1])
