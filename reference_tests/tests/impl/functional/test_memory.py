"""Blocks and buffers: all of the work, in pieces as large as the budget allows; memory used again."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from impl.functional import memory


def test_blocks_cover_all_work_and_fill_the_budget() -> None:
    for images, rows, row_bytes, budget in itertools.product((1, 2, 7), (1, 3, 8), (1, 10, 33), (1, 30, 99, 1000)):
        blocks = memory.split_into_blocks(images, rows, row_bytes, budget)
        places = [(i, row) for some, part in blocks for i in numbers(some) for row in numbers(part)]
        assert sorted(places) == [*itertools.product(range(images), range(rows))]
        assert all(len(numbers(a)) * len(numbers(b)) * row_bytes <= max(budget, row_bytes) for a, b in blocks)
        first, rows_of_first = blocks[0]
        if first.stop < images:
            assert (first.stop + 1) * rows * row_bytes > budget
        if rows_of_first.stop < rows:
            assert (rows_of_first.stop + 1) * row_bytes > budget


def numbers(part: slice) -> range:
    return range(part.start, part.stop)


def test_large_work_is_cut_into_shares_for_threads() -> None:
    for images, rows in ((1, 64), (64, 1), (16, 16), (3, 400)):
        row_bytes = memory.BUDGET // (images * rows)
        assert memory.SHARES <= len(memory.split_into_blocks(images, rows, row_bytes)) <= 2 * memory.SHARES
        assert len(memory.split_into_blocks(images, rows, memory.SMALLEST // (images * rows))) == 1


def test_blocks_of_nothing() -> None:
    assert memory.split_into_blocks(2, 3, 0, 5) == [(slice(0, 2), slice(0, 3))]
    assert memory.split_into_blocks(0, 3, 1) == memory.split_into_blocks(3, 0, 1) == memory.cut(0, 0) == []


@pytest.mark.parametrize("count", [0, 5, memory.PART, 9 * memory.PART])
def test_parts_cover_all_numbers_in_any_layout(count: int) -> None:
    flat = np.arange(count, dtype=float)
    for x in (flat, flat.reshape(-1, max(1, count // 4)), flat.reshape(-1, max(1, count // 4)).T):
        sizes: list[int] = []
        out = np.zeros_like(x)  # of the layout of x

        def work(x: np.ndarray, out: np.ndarray, sizes: list[int] = sizes) -> None:
            sizes.append(x.size)
            np.add(x, 1, out=out)

        memory.run_parts(work, x, out)
        np.testing.assert_array_equal(out, x + 1)
        assert sum(sizes) == count
        assert len(sizes) > 1 or count <= memory.PART or not x.flags.c_contiguous


@pytest.mark.parametrize("count", [0, 1, 2, 30])
@pytest.mark.parametrize("lanes", [1, 10, 400, 1 << 20])
def test_sum_of_blocks_has_every_block_once(count: int, lanes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "LANES", lanes)
    blocks = [(number, np.full(3, number + 1.0)) for number in range(count)]

    def add(total: np.ndarray, place: int, numbers: np.ndarray) -> None:
        total[place % 4] += numbers

    want = np.zeros((4, 3))
    for place, some in blocks:
        want[place % 4] += some
    np.testing.assert_array_equal(memory.sum_blocks(add, blocks, (4, 3), float), want)
    assert memory.sum_blocks(add, [], (0, 3), float).shape == (0, 3)


@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (7, 1, 300, 400), (0, 3, 4, 5), (2, 3, 0, 5)])
def test_channels_are_summed(shape: tuple[int, ...]) -> None:
    d = np.arange(np.prod(shape)).reshape(shape) % 11 - 5
    np.testing.assert_array_equal(memory.sum_channels(d), d.sum(axis=(0, 2, 3)))


def test_blocks_without_a_budget_use_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "BUDGET", 7)
    default = memory.split_into_blocks(5, 3, 2)
    assert default == memory.split_into_blocks(5, 3, 2, 7) != memory.split_into_blocks(5, 3, 2, 2)


def test_buffer_is_reused_while_large_enough() -> None:
    buffer = memory.Buffer(np.dtype("f4"))
    first, same, smaller, larger = (buffer.array(*shape) for shape in ((2, 3), (3, 2), (1, 5), (7,)))
    assert np.shares_memory(first, same) and np.shares_memory(first, smaller) and not np.shares_memory(first, larger)
    assert [a.shape for a in (first, same, smaller, larger)] == [(2, 3), (3, 2), (1, 5), (7,)]
    assert {a.dtype for a in (first, larger)} == {np.dtype("f4")}


def test_buffer_of_another_thread_is_other_memory() -> None:
    buffer = memory.Buffer(np.dtype("f4"))
    own = buffer.array(5)
    with ThreadPoolExecutor(1) as pool:
        assert not np.shares_memory(own, pool.submit(buffer.array, 5).result())
    assert np.shares_memory(own, buffer.array(5))
