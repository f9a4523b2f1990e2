"""Threads in processes of their own: the environment, forks, an interrupt, a sandbox."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import os, signal, sys, threading, time
import numpy as np
rng = np.random.default_rng(0)
x, W = rng.standard_normal((8, 32, 40, 40), "f4"), rng.standard_normal((32, 32, 3, 3), "f4")
from impl import functional
from impl.functional import threads
def blas():
    from threadpoolctl import threadpool_info
    return [one["num_threads"] for one in threadpool_info()]
def helpers():
    return [one.name for one in threading.enumerate() if one is not threading.current_thread()].count("impl")
def compute():
    return functional.conv2d(x, W).sum(dtype="f8")
"""


def run(program: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM + program], env={**os.environ, **environment}, capture_output=True, text=True,
        timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_environment_sets_the_number_of_threads() -> None:
    sums = [run("print(compute(), helpers())", CONVCHECK_THREADS=number).split() for number in ("1", "2", "5")]
    assert [helpers for _, helpers in sums] == ["0", "1", "4"]
    assert len({total for total, _ in sums}) == 1


@pytest.mark.slow
def test_without_threadpoolctl_one_thread_computes() -> None:
    assert run("sys.modules['threadpoolctl'] = None; compute(); print(helpers())", CONVCHECK_THREADS="3") == "0\n"


FORK = """
want, before = compute(), blas()
assert helpers() == 2
def child(helpers_after):
    pid = os.fork()
    if pid == 0:
        os._exit(0 if (helpers(), blas(), compute(), helpers()) == (0, before, want, helpers_after) else 1)
    assert os.waitpid(pid, 0)[1] == 0
child(2)
threads.run_blocks(lambda number: number or child(0), [(0,), (1,)])  # in a block, while BLAS has one thread
assert compute() == want and blas() == before
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_forked_child_begins_anew() -> None:
    run(FORK, CONVCHECK_THREADS="3")


INTERRUPT = """
want, before = compute(), blas()
timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)); timer.start()
try:
    while True: compute()
except KeyboardInterrupt:
    pass
else:
    raise SystemExit("not interrupted")
assert blas() == before and compute() == want
"""


@pytest.mark.slow
def test_interrupt_ends_a_computation_and_leaves_the_next_as_it_was() -> None:
    run(INTERRUPT, CONVCHECK_THREADS="3")


CONFINED = """
from reference_tests.grading.sandbox import kernel
if why := kernel.missing():
    print(why); raise SystemExit
kernel.drop_privileges(); kernel.install_seccomp()
try:
    threading.Thread(target=print).start()
except RuntimeError:
    total = compute()
    print(total == compute(), helpers())
"""


@pytest.mark.slow
def test_sandbox_without_threads_computes_with_one() -> None:
    printed = run(CONFINED, CONVCHECK_THREADS="3", OPENBLAS_NUM_THREADS="1").strip()
    if printed != "True 0":
        pytest.skip(printed or "this sandbox starts threads")
