"""The blocks of a computation on several threads: the same numbers on any number of them, and every way back to one."""

import functools
import os
import sys
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import impl.functional as ours
from impl.functional import threads

from .torch_comparison import draw

BLOCKS = [(number,) for number in range(40)]


def blas_threads() -> list[int]:
    return [one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"]


@pytest.mark.parametrize("number", [1, 2, 5])
def test_every_block_is_computed_once(number: int) -> None:
    done: list[int] = []
    with threads.limit_threads(number):
        threads.run_blocks(done.append, BLOCKS)
    assert sorted(done) == [number for (number,) in BLOCKS]


@pytest.mark.parametrize("number", [1, 3])
def test_no_more_threads_than_allowed_start(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = threads._Pool()
    monkeypatch.setattr(threads, "_pool", pool)
    with threads.limit_threads(number):
        threads.run_blocks(lambda _: None, BLOCKS)
    assert pool.threads == number - 1  # and the caller's


def test_slow_block_holds_nobody_up() -> None:
    """The other thread takes all other blocks meanwhile; and BLAS has one thread, and its own number afterwards."""
    before, others = blas_threads(), threading.Semaphore(0)
    seen: list[list[int]] = []
    took: list[bool] = []

    def work(number: int) -> None:
        seen.append(blas_threads())
        if number == 0:
            took.append(all(others.acquire(timeout=20) for _ in BLOCKS[1:]))
        else:
            others.release()

    with threads.limit_threads(2):
        threads.run_blocks(work, BLOCKS)
    assert took == [True]
    assert all(set(numbers) == {1} for numbers in seen) and blas_threads() == before


def test_block_within_a_block_runs_in_its_thread() -> None:
    inner: list[tuple[int, int]] = []

    def outer(number: int) -> None:
        me = threading.get_ident()
        threads.run_blocks(lambda _: inner.append((me, threading.get_ident())), BLOCKS)

    with threads.limit_threads(3):
        threads.run_blocks(outer, BLOCKS[:6])
    assert len(inner) == 6 * len(BLOCKS) and all(one == other for one, other in inner)


@pytest.mark.parametrize("number", [1, 4])
def test_thread_knows_whether_it_computes_a_block(number: int) -> None:
    seen: list[bool] = []
    with threads.limit_threads(number):
        threads.run_blocks(lambda _: seen.append(threads._inside.get()), BLOCKS)
    assert seen == [True] * len(BLOCKS) and not threads._inside.get()


@pytest.mark.parametrize("number", [1, 4])
def test_error_in_a_block_is_raised_and_ends_the_others(number: int) -> None:
    before, done = blas_threads(), []

    def work(block: int) -> None:
        if block == 3:
            raise LookupError("block 3")
        done.append(block)
        time.sleep(0.001)

    with threads.limit_threads(number), pytest.raises(LookupError, match="block 3"):
        threads.run_blocks(work, BLOCKS)
    assert len(done) < len(BLOCKS) - 1 and blas_threads() == before
    test_every_block_is_computed_once(number)


def test_error_state_of_numpy_holds_in_every_thread() -> None:
    with threads.limit_threads(4), np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        threads.run_blocks(lambda _: np.ones(9) / np.zeros(9), BLOCKS)
    with threads.limit_threads(4), np.errstate(divide="ignore"):
        threads.run_blocks(lambda _: np.ones(9) / np.zeros(9), BLOCKS)


def test_calls_from_many_threads_at_once() -> None:
    x, W = draw(8, 16, 30, 30).astype("f4"), draw(16, 16, 3, 3).astype("f4")
    want, found, before = ours.conv2d(x, W), [], blas_threads()
    callers = [threading.Thread(target=lambda: found.append(ours.conv2d(x, W))) for _ in range(6)]
    for one in callers:
        one.start()
    for one in callers:
        one.join()
    assert len(found) == 6 and all(np.array_equal(one, want) for one in found) and blas_threads() == before


class Library:
    """BLAS, as threadpoolctl shows it."""

    def __init__(self, number: int) -> None:
        self.num_threads, self.told = number, 0

    def set_num_threads(self, number: int) -> None:
        self.num_threads, self.told = number, self.told + 1


def test_blas_has_one_thread_until_the_last_computation_ends() -> None:
    libraries = [Library(4), Library(1), Library(3)]
    blas, numbers = threads._Blas(libraries), lambda: [one.num_threads for one in libraries]
    for _ in range(2):
        assert blas.usual_threads() == 4
        with blas:
            with blas:
                assert numbers() == [1, 1, 1] and blas.usual_threads() == 4
            assert numbers() == [1, 1, 1] and blas.usual_threads() == 4
        assert numbers() == [4, 1, 3]
    assert libraries[1].told == 0  # who has one thread anyhow is left alone


def test_single_block_leaves_blas_its_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(4)
    monkeypatch.setattr(threads, "_find_blas", lambda: threads._Blas([library]))
    threads.run_blocks(lambda _: None, [(1,)])
    assert library.told == 0
    threads.run_blocks(lambda _: None, [(1,), (2,)])
    assert library.told > 0


def test_forked_child_has_blas_as_it_was() -> None:
    libraries = [Library(4), Library(2)]
    blas = threads._Blas(libraries)
    blas.__enter__()
    blas.after_fork()
    assert [one.num_threads for one in libraries] == [4, 2] and blas.usual_threads() == 4
    with blas:
        assert [one.num_threads for one in libraries] == [1, 1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_fork_during_a_computation_sets_blas_back_in_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(4)
    blas = threads._Blas([library])
    monkeypatch.setattr(threads, "_find_blas", functools.cache(lambda: blas))
    with threads._find_blas() or pytest.fail():
        child = os.fork()
        if child == 0:
            os._exit(library.num_threads)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 4


def test_without_a_library_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError("no such library")

    for controller in (fail, lambda: SimpleNamespace(lib_controllers=[SimpleNamespace(user_api="openmp")])):
        monkeypatch.setitem(sys.modules, "threadpoolctl", SimpleNamespace(ThreadpoolController=controller))
        assert threads._find_blas.__wrapped__() is None
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)  # not installed
    assert threads._find_blas.__wrapped__() is None
    monkeypatch.delenv(threads.VARIABLE, raising=False)
    monkeypatch.setattr(threads, "_find_blas", lambda: None)
    assert threads.count_threads() == 1


def test_pool_starts_as_many_threads_as_are_wanted_and_no_more() -> None:
    pool, job, before = threads._Pool(), threads._Job(print, []), {*threading.enumerate()}
    for wanted, there in ((2, 2), (1, 2), (3, 3)):
        pool.invite(job, wanted)
        started = {*threading.enumerate()} - before
        assert len(started) == pool.threads == there
        assert all(thread.daemon for thread in started)  # the interpreter does not wait for them


def test_pool_without_threads_leaves_the_work_to_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threads, "_pool", threads._Pool())
    monkeypatch.setattr(threading, "Thread", fail)
    test_every_block_is_computed_once(3)


# --- how many --------------------------------------------------------------------------------------------------------


def test_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(threads.VARIABLE, raising=False)
    assert 1 <= threads.count_threads() <= threads.count_processors() <= (os.cpu_count() or 1)
    with threadpool_limits(1, "blas"):
        assert threads.count_threads() == 1  # who gives BLAS one thread wants one
    monkeypatch.setenv(threads.VARIABLE, "7")
    assert threads.count_threads() == 7
    with threads.limit_threads(3):
        assert threads.count_threads() == 3
        with threads.limit_threads(2):
            assert threads.count_threads() == 2
        assert threads.count_threads() == 3
    assert threads.count_threads() == 7


@pytest.mark.parametrize(
    "quota, most", [("max 100000", 10_000), ("50000 100000", 1), ("250000 100000", 2), ("", 10_000)]
)
def test_quota_of_the_control_group_limits_the_number(quota: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "Path", lambda _: SimpleNamespace(read_text=lambda: quota))
    for count in (1, 5):
        monkeypatch.setattr(os, "sched_getaffinity", lambda process, count=count: range(process + count), raising=False)
        assert threads.count_processors.__wrapped__() == min(count, most)
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    for known, count in ((None, 1), (6, 6)):
        monkeypatch.setattr(os, "cpu_count", lambda known=known: known)
        assert threads.count_processors.__wrapped__() == min(count, most)


@pytest.mark.parametrize("wrong", ["two", "0", "-1", "1.5", " "])
def test_wrong_number_is_refused(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(threads.VARIABLE, wrong)
    with pytest.raises(ValueError, match=f"{threads.VARIABLE} must be a whole number of at least 1"):
        threads.count_threads()
    with pytest.raises(ValueError, match="number must be"), threads.limit_threads(0):
        pass


# --- the same numbers ------------------------------------------------------------------------------------------------

CONVOLUTIONS: list[tuple[str, tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
    ("im2col", (8, 3, 64, 60), (16, 3, 5, 4), {"stride": 2, "padding": 2}),
    ("im2col, one image", (1, 8, 90, 90), (12, 8, 3, 3), {"dilation": 2}),
    ("im2col, groups", (3, 16, 40, 41), (24, 4, 3, 3), {"groups": 4, "stride": (2, 1)}),
    ("batched", (200, 24, 9, 9), (32, 24, 3, 3), {}),
    ("pointwise", (9, 70, 30, 31), (33, 70, 1, 1), {}),
    ("banded", (100, 6, 14, 14), (16, 6, 5, 5), {}),
    ("winograd", (5, 32, 40, 44), (24, 32, 3, 3), {"padding": 1}),
    ("winograd, one image", (1, 64, 56, 56), (64, 64, 3, 3), {"padding": 1}),
    ("depthwise", (4, 32, 40, 44), (32, 1, 3, 3), {"padding": 1, "groups": 32}),
]


def convolve(x: tuple[int, ...], W: tuple[int, ...], options: dict[str, Any], dtype: str) -> list[np.ndarray]:
    arrays: Any = [draw(*x).astype(dtype), draw(*W, seed=1).astype(dtype), draw(W[0], seed=2).astype(dtype)]
    out = ours.conv2d(*arrays, **options)
    return [out, *ours.conv2d_backward(draw(*out.shape, seed=3).astype(dtype), *arrays, **options)]


def same_on_any_threads(compute: Callable[[], list[np.ndarray]]) -> None:
    with threads.limit_threads(1):
        want = compute()
    for number in (1, 2, 5):
        with threads.limit_threads(number):
            for got, one in zip(compute(), want, strict=True):
                assert got.dtype == one.dtype
                np.testing.assert_array_equal(got, one)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("x, W, options", [row[1:] for row in CONVOLUTIONS], ids=[row[0] for row in CONVOLUTIONS])
def test_convolution_is_the_same_on_any_threads(x: Any, W: Any, options: Any, dtype: str) -> None:
    same_on_any_threads(lambda: convolve(x, W, options, dtype))


def layers(dtype: str) -> dict[str, Callable[[], list[np.ndarray]]]:
    """Layers without filters, at sizes that are divided among threads."""
    x, numbers = draw(6, 24, 41, 40).astype(dtype), np.abs(draw(24, seed=1)).astype(dtype)
    norm: Any = {"running_mean": numbers, "running_var": numbers, "weight": numbers, "bias": numbers, "training": True}
    made: dict[str, Callable[[], list[np.ndarray]]] = {}
    for name, arguments in (
        ("relu", ()), ("max_pool2d", (3, 2, 1)), ("avg_pool2d", (3, 2, 1)), ("local_response_norm", (5,))
    ):  # fmt: skip
        made[name] = functools.partial(both, name, x, arguments)
    made["batch_norm"] = lambda: [*ours.batch_norm(x, **norm), *ours.batch_norm_backward(x, x, **norm)]  # type: ignore[list-item]
    for batch, inputs, units in ((100, 2000, 90), (50, 90, 3000), (3000, 80, 90)):
        rows, matrix = draw(batch, inputs).astype(dtype), draw(units, inputs).astype(dtype)
        made[f"linear, {batch} rows"] = functools.partial(both, "linear", rows, (matrix,))
    made["conv_transpose2d"] = functools.partial(both, "conv_transpose2d", x, (draw(24, 8, 3, 3).astype(dtype),))
    return made


def both(name: str, x: np.ndarray, arguments: tuple[Any, ...]) -> list[np.ndarray]:
    """A function's output and its gradients."""
    out = getattr(ours, name)(x, *arguments)
    found = getattr(ours, f"{name}_backward")(np.sin(out), x, *arguments)
    return [out, *(a for a in (found if isinstance(found, tuple) else (found,)) if a is not None)]


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("name", [*layers("f4")])
def test_layer_is_the_same_on_any_threads(name: str, dtype: str) -> None:
    same_on_any_threads(layers(dtype)[name])
