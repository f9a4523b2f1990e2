"""Blocks and buffers: all of the work, in pieces as large as the budget allows; memory used again."""

import itertools

import numpy as np
import pytest

from impl.functional import memory


def test_blocks_cover_all_work_and_fill_the_budget() -> None:
    for images, rows, row_bytes, budget in itertools.product((1, 2, 7), (1, 3, 8), (1, 10, 33), (1, 30, 99, 1000)):
        blocks = list(memory.split_into_blocks(images, rows, row_bytes, budget))
        assert [i for some, _ in blocks for i in range(some.start, some.stop)] == [*range(images)]
        for some, parts in blocks:
            assert [row for part in parts for row in range(part.start, part.stop)] == [*range(rows)]
            largest = max((some.stop - some.start) * (part.stop - part.start) * row_bytes for part in parts)
            assert largest <= max(budget, row_bytes)  # a block has at least one row
            if some.stop < images:
                assert (some.stop - some.start + 1) * rows * row_bytes > budget
            if len(parts) > 1:
                assert (parts[0].stop + 1) * row_bytes > budget


def test_blocks_of_nothing() -> None:
    assert [*memory.split_into_blocks(2, 3, 0, 5)] == [(slice(0, 2), [slice(0, 3)])]
    assert [*memory.split_into_blocks(0, 3, 1)] == []


def test_blocks_without_a_budget_use_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "BUDGET", 7)
    default = [*memory.split_into_blocks(5, 3, 2)]
    assert default == [*memory.split_into_blocks(5, 3, 2, 7)] != [*memory.split_into_blocks(5, 3, 2, 2)]


def test_buffer_is_reused_while_large_enough() -> None:
    buffer = memory.Buffer(np.dtype("f4"))
    first, same, smaller, larger = (buffer.array(*shape) for shape in ((2, 3), (3, 2), (1, 5), (7,)))
    assert np.shares_memory(first, same) and np.shares_memory(first, smaller) and not np.shares_memory(first, larger)
    assert [a.shape for a in (first, same, smaller, larger)] == [(2, 3), (3, 2), (1, 5), (7,)]
    assert {a.dtype for a in (first, larger)} == {np.dtype("f4")}
