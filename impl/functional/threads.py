"""Threads: the blocks of a computation, done by as many threads as there are processors for this process.

NumPy lets other threads run while it multiplies, adds or copies, so blocks of one array can be computed at once. BLAS
has threads too, but they meet at the end of every product, and on a busy machine each meeting waits for a thread that
has no processor. Here a thread takes the next block whenever it is free, and BLAS has one thread meanwhile. That needs
threadpoolctl; without it blocks are computed one after another, with BLAS's threads.

Blocks are cut by shapes alone and each writes to a place of its own, so results do not depend on the number of threads.
That number: limit_threads, else the environment's CONVCHECK_THREADS, else the processors that this process may use, and
at most BLAS's number of threads (OMP_NUM_THREADS and the like).
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from typing import Any

VARIABLE = "CONVCHECK_THREADS"
_limit: ContextVar[int | None] = ContextVar("limit", default=None)
_inside: ContextVar[bool] = ContextVar("inside", default=False)  # whether this thread is computing a block

# --- what others use -------------------------------------------------------------------------------------------------


def run_blocks(work: Callable[..., Any], blocks: Iterable[tuple[Any, ...]]) -> None:
    """Call work(*block) for every block, each once, in any order, on several threads if they can be had.

    A single block, and blocks within a block, are computed by this thread, and BLAS keeps its threads. The first error
    that a block raises ends the others and is raised here.
    """
    tasks = list(blocks)
    blas = _find_blas() if len(tasks) > 1 and not _inside.get() else None
    if blas is None:
        for task in tasks:
            work(*task)
        return
    with blas:
        job = _Job(work, tasks)
        _pool.invite(job, min(count_threads(), len(tasks)) - 1)
        job.finish()


@contextmanager
def limit_threads(number: int) -> Iterator[None]:
    """Let this thread's computations inside the with block use so many threads. Raises ValueError below 1."""
    token = _limit.set(_checked("number", number))
    try:
        yield
    finally:
        _limit.reset(token)


def count_threads() -> int:
    """Return how many threads a computation may use, at least 1. Raises ValueError for CONVCHECK_THREADS=two."""
    if (limit := _limit.get()) is not None:
        return limit
    if given := os.environ.get(VARIABLE):
        return _checked(VARIABLE, given)
    blas = _find_blas()
    return min(count_processors(), blas.usual_threads()) if blas else 1


@cache
def count_processors() -> int:
    """Return how many processors this process may use: its affinity, and the quota of its control group."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, min(count, int(quota) // int(period)))
    except (OSError, ValueError):  # no control group, or one without a quota: "max"
        return count


def _checked(name: str, value: Any) -> int:
    try:
        number = int(value)
    except ValueError:
        number = 0
    if number < 1:
        raise ValueError(f"{name} must be a whole number of at least 1; got {value!r}")
    return number


# --- BLAS ------------------------------------------------------------------------------------------------------------


class _Blas:
    """With it, BLAS has one thread, until the last of the computations that need that ends."""

    def __init__(self, libraries: list[Any]) -> None:
        self.libraries, self.lock = libraries, threading.Lock()
        self.users, self.usual = 0, [1] * len(libraries)  # usual: each library's number of threads without us

    def __enter__(self) -> None:
        with self.lock:
            if self.users == 0:
                self.usual = [library.num_threads for library in self.libraries]
                self._set([1] * len(self.usual))
            self.users += 1

    def __exit__(self, *_: object) -> None:
        with self.lock:
            self.users -= 1
            if self.users == 0:
                self._set(self.usual)

    def usual_threads(self) -> int:
        """Return the most threads that a library has without us."""
        with self.lock:
            return max(self.usual if self.users else [library.num_threads for library in self.libraries])

    def after_fork(self) -> None:
        """In a child process no computation runs, whatever ran in the parent."""
        self.lock = threading.Lock()
        if self.users:
            self.users = 0
            self._set(self.usual)

    def _set(self, numbers: list[int]) -> None:
        for library, usual, number in zip(self.libraries, self.usual, numbers):
            if usual != 1:
                library.set_num_threads(number)


@cache
def _find_blas() -> _Blas | None:
    """Return what sets BLAS's number of threads, None if nothing does."""
    try:
        from threadpoolctl import ThreadpoolController

        libraries = [one for one in ThreadpoolController().lib_controllers if one.user_api == "blas"]
    except (ImportError, OSError):
        return None
    return _Blas(libraries) if libraries else None


# --- jobs and threads ------------------------------------------------------------------------------------------------


class _Job:
    """Blocks to be computed, by the thread that has the job and by whoever helps it."""

    def __init__(self, work: Callable[..., Any], blocks: list[tuple[Any, ...]]) -> None:
        self.work, self.blocks = work, blocks[::-1]  # the next one is the last: list.pop is atomic
        self.helpers, self.changed = 0, threading.Condition()
        self.error: BaseException | None = None

    def help(self, context: Context) -> None:
        """Compute blocks while there are any. context: that of the thread that has the job, np.errstate included."""
        with self.changed:
            if not self.blocks:
                return
            self.helpers += 1
        try:
            context.run(self._compute)
        finally:
            with self.changed:
                self.helpers -= 1
                self.changed.notify_all()

    def finish(self) -> None:
        """Compute blocks, wait for the helpers' last ones, and raise the first error, Ctrl-C among them."""
        try:
            copy_context().run(self._compute)
        finally:
            self.blocks.clear()
            with self.changed:
                while self.helpers:
                    self.changed.wait()
        error, self.error = self.error, None
        if error is not None:
            raise error

    def _compute(self) -> None:
        _inside.set(True)
        try:
            while (block := self._next()) is not None:
                self.work(*block)
        except BaseException as error:
            self.blocks.clear()
            self.error = self.error or error

    def _next(self) -> tuple[Any, ...] | None:
        try:
            return self.blocks.pop()
        except IndexError:
            return None


class _Pool:
    """Threads that wait for jobs. They start when first needed, and never where none can be started."""

    def __init__(self) -> None:
        self.jobs: SimpleQueue[tuple[_Job, Context]] = SimpleQueue()
        self.lock, self.threads, self.refused = threading.Lock(), 0, False

    def invite(self, job: _Job, helpers: int) -> None:
        """Let so many threads help with the job when they are free."""
        with self.lock:
            while self.threads < helpers and not self.refused:
                self._start()
        for _ in range(min(helpers, self.threads)):
            self.jobs.put((job, copy_context()))

    def _start(self) -> None:
        try:
            threading.Thread(target=self._wait, name="impl", daemon=True).start()
            self.threads += 1
        except RuntimeError:  # a sandbox without threads, a limit reached, or the interpreter ends
            self.refused = True

    def _wait(self) -> None:
        while True:
            job, context = self.jobs.get()
            job.help(context)
            del job, context  # its arrays


_pool = _Pool()


def _after_fork() -> None:
    """Begin anew in a child process, which has none of its parent's threads."""
    global _pool
    _pool = _Pool()
    if _find_blas.cache_info().currsize and (blas := _find_blas()):
        blas.after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
