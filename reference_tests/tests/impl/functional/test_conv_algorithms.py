"""Every way of computing a convolution, forced wherever it can do it: the same answers, bounds, memory."""

import functools
import inspect
import itertools
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import impl.functional as ours
from impl.functional import conv_algorithms, shapes
from impl.functional.conv_algorithms import Geometry, banded, batched_im2col, im2col, pointwise, winograd
from reference_tests.conformance.examination import Request, asked_of
from reference_tests.conformance.judge import Prepared, judge, prepared
from reference_tests.conformance.types import Check
from reference_tests.subject.load import load

from .beside_torch import check, draw
from .test_convolution import CONV, TRANSPOSED, arrays_for

WAYS = {"direct": im2col, "side_by_side": batched_im2col, "pointwise": pointwise, "band": banded, "winograd": winograd}
Taken = list[Geometry]
Questions = list[tuple[Check, Prepared]]
Force = Callable[[ModuleType], Taken]


@pytest.fixture
def force(monkeypatch: pytest.MonkeyPatch) -> Force:
    """force(way): taken wherever it can do the work; the list grows by what it was taken for."""

    def forced(way: ModuleType) -> Taken:
        taken: Taken = []
        usual = conv_algorithms.quickest

        def quickest(geo: Geometry, shape: tuple[int, ...], filters: int, dtype: np.dtype[Any]) -> ModuleType:
            exact = way.__name__.endswith("winograd") and dtype.kind != "f"
            if exact or not getattr(way, "can", lambda *_: True)(geo, (shape[2], shape[3])):
                return usual(geo, shape, filters, dtype)
            taken.append(geo)
            return way

        monkeypatch.setattr(conv_algorithms, "quickest", quickest)
        monkeypatch.setattr(
            conv_algorithms,
            "SPREADING",
            (*conv_algorithms.SPREADING, way) if way not in (im2col,) else conv_algorithms.SPREADING,
        )
        return taken

    return forced


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("budget", [1, None], ids=["smallest-blocks", ""])
@pytest.mark.parametrize("name", WAYS)
def test_the_same_answers(name: str, budget: int | None, force: Force, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (shapes, banded, winograd):
        if budget:
            monkeypatch.setattr(module, "BUDGET", budget)
    taken = force(WAYS[name])
    for table, function in ((CONV, "conv2d"), (TRANSPOSED, "conv_transpose2d")):
        for x, W, bias, options in (parameters.values for parameters in table):
            count = W[0] if function == "conv2d" else W[1] * options.get("groups", 1)
            check(function, arrays_for(x, W, count if bias else None), options, by_norm=name == "winograd")
    assert len(taken) > (10 if name == "pointwise" else 30), f"{name} was taken {len(taken)} times"


@pytest.fixture(scope="module")
def questions() -> Questions:
    """All checks of the layers that convolve, with their right answers."""
    with load("impl") as subject:
        components = ("convolution", "grouped_convolution", "depthwise_convolution", "transposed_convolution")
        return [(one, prepared(one)) for one in asked_of(subject, Request(only=components))]


def failures(questions: Questions) -> Iterator[str]:
    with load("impl") as subject:
        for one, ready in questions:
            verdict = judge(one, subject, ready=ready)
            if verdict.status != "pass":
                yield f"{one.id}: {verdict.status} {verdict.reason}"


@pytest.mark.parametrize("name", WAYS)
def test_every_case_of_the_suite(name: str, force: Force, questions: Questions) -> None:
    taken = force(WAYS[name])
    assert list(failures(questions)) == []
    assert len(taken) > 50 or name == "pointwise", f"{name} was taken {len(taken)} times"


MUTANTS = [  # what goes wrong in a way alone, in small blocks
    ("winograd", "return _powers(m).T,", "return _powers(m).T * 1.001,"),
    ("winograd", "powers[-1] = ", "powers[-2] = "),
    ("winograd", "tiles.start * m - top, left", "tiles.start * m, left"),
    ("winograd", "tiles.start * m - top, left", "tiles.start * m - top, 0"),
    ("winograd", "_tiled(dout[images], tiles.start * m", "_tiled(dout[images], 0 * m"),
    ("winograd", "V[:, j, :-j] = V[:, 0, j:]", "V[:, j, :-j] = V[:, 0, :-j]"),
    ("winograd", "rows[:, :, :above] = rows", "rows"),
    ("winograd", "out[..., :left] = out[", "out["),
    ("winograd", "weight[:, :, ::-1, ::-1].swapaxes", "weight[:, :, ::-1].swapaxes"),
    ("winograd", "(size - 1 - a, size - 1 - b)", "(a, b)"),
    ("winograd", "dU += V", "dU[...] = V"),
    ("winograd", "M[1] += bias", "M[2] += bias"),
    ("band", "row + place)", "row)"),
    ("band", "weight.transpose(1, 2, 3, 0)", "weight[:, :, ::-1].transpose(1, 2, 3, 0)"),
    ("band", "(rows.start + i) * Wp :", "i * Wp :"),
    ("band", "+= dcol[:, i]", "= dcol[:, i]"),
    ("band", "total += col.T", "total = col.T"),
    ("band", "under[:, rows]", "under[:, : rows.stop - rows.start]"),
    ("band", "np.repeat(bias, OW)", "np.tile(bias, OW)"),
]


@pytest.mark.parametrize("name, old, new", MUTANTS)
def test_a_mistake_in_a_way_is_seen(name: str, old: str, new: str, force: Force, questions: Questions) -> None:
    way = WAYS[name]
    source = inspect.getsource(way)
    assert old in source
    mutant = ModuleType(way.__name__)
    mutant.__package__ = way.__package__
    exec(compile(source.replace(old, new), f"<{name}>", "exec"), mutant.__dict__)
    mutant.BUDGET = 1  # type: ignore[attr-defined]
    force(mutant)
    with np.errstate(all="ignore"):
        assert next(failures(questions), None), "every check passes"


def test_minimal_filtering_is_correlation() -> None:
    """Over the rationals, so that nothing is rounded; and `amplification` is what the module says."""
    rng = np.random.default_rng(8)
    for taps in range(2, winograd.POINTS):
        exact = [
            np.vectorize(lambda number: Fraction(number).limit_denominator(1000), otypes=[object])(matrix)
            for matrix in winograd.minimal_filtering(taps)
        ]
        A, G, B = exact
        w, d = rng.integers(-9, 9, taps).astype(object), rng.integers(-9, 9, winograd.POINTS).astype(object)
        want = [sum(w * d[i : i + taps]) for i in range(winograd.POINTS + 1 - taps)]
        assert list(A @ ((G @ w) * (B @ d))) == want
        assert 8 < winograd.amplification(taps) < 12


@pytest.mark.parametrize("taps", [2, 3, 4, 5])
def test_winograd_keeps_its_bound(taps: int) -> None:
    """error <= (n + 12) * eps * amplification * n * max|w| * max|d|, where all that meets in a product adds up too."""
    _, G, B = winograd.minimal_filtering(taps)
    C = 16
    for worst in range(winograd.POINTS + 1):
        x, W = draw(2, C, 12, 11).astype("f4"), draw(8, C, taps, 3, seed=1).astype("f4")
        if worst < winograd.POINTS:  # all that goes into one of the products adds up
            x[:, :, : winograd.POINTS] = np.sign(B[worst])[:, None]
            W[...] = np.sign(G[worst])[:, None]
        geo = Geometry((taps, 3), (1, 1), (1, 1), ((0, 0), (0, 0)), (13 - taps, 9), 1)
        want = F.conv2d(torch.tensor(x, dtype=torch.float64), torch.tensor(W, dtype=torch.float64)).numpy()
        error = np.abs(winograd.output(x, W, None, geo) - want).max()
        n = C * taps * 3
        assert error <= (n + 12) * np.finfo("f4").eps * winograd.amplification(taps) * abs(x).max() * abs(W).max() * n


NARROW: Any = ((100, 4, 14, 14), (16, 4, 5, 5), {"padding": 0}, banded)
DEEP: Any = ((3, 16, 13, 14), (16, 16, 3, 3), {"padding": 1}, winograd)


@pytest.mark.parametrize("x, W, options, way", [NARROW, DEEP], ids=["band", "winograd"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_what_is_not_finite_stays_where_torch_leaves_it(x: Any, W: Any, options: Any, way: Any, value: Any) -> None:
    """In the image, the filters, the bias or the gradient from above; and what is finite overflows nowhere."""
    given: dict[str, Any] = {key: array.astype("f4") for key, array in arrays_for(x, W, W[0]).items()}
    dout = draw(*F.conv2d(torch.tensor(given["input"]), torch.tensor(given["weight"]), **options).shape).astype("f4")
    geo = Geometry((W[2], W[3]), (1, 1), (1, 1), ((options["padding"],) * 2,) * 2, (dout.shape[2], dout.shape[3]), 1)
    assert conv_algorithms.choose(geo, x, W[0], given["input"], given["weight"]) is way
    for spoilt in ("input", "bias", "dout", *([] if options["padding"] else ["weight"])):  # 0 * inf in the padding
        arrays = {**given, "dout": dout}
        arrays[spoilt] = arrays[spoilt].copy()
        arrays[spoilt][tuple(size // 2 for size in arrays[spoilt].shape)] = value
        d = arrays.pop("dout")
        leaves: Any = {key: torch.tensor(a, requires_grad=True) for key, a in arrays.items()}
        want = F.conv2d(**leaves, **options)
        wanted = [want, *torch.autograd.grad(want, list(leaves.values()), torch.tensor(d))]
        with np.errstate(invalid="ignore"):
            forward: Any = functools.partial(ours.conv2d, **arrays, **options)
            backward: Any = functools.partial(ours.conv2d_backward, **arrays, **options)
            got = [forward(), *backward(d)]
        for one, other in zip(got, wanted):
            assert one is not None
            np.testing.assert_array_equal(np.isfinite(one), np.isfinite(other.detach().numpy()))
            np.testing.assert_array_equal(np.isnan(one), np.isnan(other.detach().numpy()))


def test_two_layers_at_once() -> None:
    """Nothing is shared between calls: threads get the numbers that one alone gets."""
    tasks = [(draw(*x).astype("f4"), draw(*W, seed=2).astype("f4"), options) for x, W, options, _ in (NARROW, DEEP) * 2]
    alone = [ours.conv2d(x, W, **options) for x, W, options in tasks]
    found: list[list[Any]] = [[] for _ in tasks]

    def work(task: int) -> None:
        x, W, options = tasks[task]
        found[task] = [ours.conv2d(x, W, **options) for _ in range(5)]

    threads = [threading.Thread(target=work, args=(task,)) for task in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for got, want in zip(found, alone):
        assert len(got) == 5
        for one in got:
            np.testing.assert_array_equal(one, want)


MEMORY = [
    #    N   C, FN  side  what it would take
    (1, 64, 64, 112, "a quarter of VGG's conv1_2: 29 MB of columns"),
    (16, 64, 64, 56, "many images, blocks of several"),
    (256, 16, 32, 28, "a batch"),
]


@pytest.mark.parametrize("N, C, FN, side, why", MEMORY, ids=[row[-1] for row in MEMORY])
@pytest.mark.parametrize("way", [im2col, batched_im2col, winograd])
def test_memory(N: int, C: int, FN: int, side: int, why: str, way: Any, force: Force) -> None:
    """Outputs, gradients, two padded inputs and 8 MB; a layout with the places of an image, but not one larger."""
    if way is batched_im2col:
        side, N = 8, N * 8
    x, W, b = np.ones((N, C, side, side), "f4"), draw(FN, C, 3, 3).astype("f4"), np.ones(FN, "f4")
    dout = np.ones((N, FN, side, side), "f4")
    assert force(way) == []
    tracemalloc.start()
    results = [ours.conv2d(x, W, b, padding=1), *ours.conv2d_backward(dout, x, W, b, padding=1)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    padded = N * C * (side + 2) ** 2 * x.itemsize
    assert peak <= sum(a.nbytes for a in results if a is not None) + 2 * padded + (8 << 20)


GEO = Geometry((3, 3), (1, 1), (1, 1), ((0, 0), (0, 0)), (5, 6), 1)  # of images of 7x8
STEPS: list[dict[str, Any]] = [
    {"stride": (2, 1)},
    {"stride": (1, 2)},
    {"dilation": (2, 1)},
    {"dilation": (1, 2)},
    {"groups": 2},
]
POINT: dict[str, Any] = {"kernel": (1, 1), "out": (7, 8)}
CAN: list[tuple[ModuleType, bool, dict[str, Any]]] = [
    (banded, True, {}),
    (banded, True, {"kernel": (7, 1), "pads": ((9, 9), (9, 9))}),
    *((banded, False, change) for change in STEPS),
    (winograd, True, {}),
    *((winograd, True, {"kernel": kernel}) for kernel in ((2, 1), (5, 8))),
    *((winograd, False, {"kernel": kernel}) for kernel in ((1, 3), (6, 3))),
    (winograd, True, {"pads": ((2, 2), (2, 2))}),
    *((winograd, False, {"pads": pads}) for pads in (((3, 0), (0, 0)), ((0, 3), (0, 0)), ((0, 0), (0, 3)))),
    *((winograd, False, change) for change in STEPS),
    (pointwise, True, POINT),
    (pointwise, True, {**POINT, "groups": 2}),
    *((pointwise, False, {**POINT, "kernel": kernel}) for kernel in ((1, 2), (2, 1))),
    *((pointwise, False, {**POINT, "out": out}) for out in ((7, 4), (4, 8))),
    *((pointwise, False, {**POINT, "pads": pads}) for pads in (((0, 0), (0, 1)), ((0, 0), (1, 0)))),
    *((pointwise, False, {**POINT, "pads": pads}) for pads in (((0, 1), (0, 0)), ((1, 0), (0, 0)))),
]


@pytest.mark.parametrize("way, able, change", CAN)
def test_what_a_way_can_do(way: Any, able: bool, change: dict[str, Any]) -> None:
    assert way.can(GEO._replace(**change), (7, 8)) is able


UNABLE: list[tuple[str, tuple[int, ...], tuple[int, ...], Any]] = [  # x, W, stride
    ("as many rows as are left of the columns", (2, 3, 4, 8), (2, 3, 1, 1), (1, 2)),
    ("as many columns as are left of the rows", (2, 3, 8, 4), (2, 3, 1, 1), (2, 1)),
    ("as many channels as are left of the rows", (2, 4, 8, 5), (2, 4, 1, 1), (2, 1)),
    ("many channels, and a stride", (1, 16, 31, 31), (16, 16, 3, 3), 2),
    ("few channels, many rows, and a stride", (16, 3, 29, 29), (4, 3, 13, 13), 2),
]


@pytest.mark.parametrize("kind, rtol", [("f4", 1e-4), ("f8", 1e-10)])
@pytest.mark.parametrize("why, x, W, stride", UNABLE, ids=[row[0] for row in UNABLE])
def test_a_way_that_cannot_is_not_taken(why: str, x: Any, W: Any, stride: Any, kind: str, rtol: float) -> None:
    image, weight = draw(*x).astype(kind), draw(*W).astype(kind)
    want = F.conv2d(torch.tensor(image).double(), torch.tensor(weight).double(), stride=stride).numpy()
    np.testing.assert_allclose(ours.conv2d(image, weight, stride=stride), want, rtol, rtol * np.abs(want).max())


def test_what_comes_near_to_overflow_does_not() -> None:
    """Winograd's sums on the way are larger than the answer."""
    x, W = np.zeros((1, 16, 20, 20), "f4"), np.zeros((16, 16, 3, 3), "f4")
    x[0, 3, 9, 9] = W[5, 3, 1, 1] = 1.8e19  # the square is 95 % of the largest float32
    out = ours.conv2d(x, W, padding=1)
    want = np.zeros_like(out)
    want[0, 5, 9, 9] = x[0, 3, 9, 9] * W[5, 3, 1, 1]
    np.testing.assert_array_equal(out, want)


def test_the_bytes_that_decide_are_those_that_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """winograd's buffers for one row of tiles; band's matrix."""
    x, W = draw(1, 2, 7, 11).astype("f4"), draw(5, 2, 3, 4).astype("f4")
    geo = GEO._replace(kernel=(3, 4), out=(5, 8))
    asked: dict[int, int] = {}

    class Counting(shapes.Buffer):
        def shaped(self, *shape: int) -> np.ndarray:
            array = super().shaped(*shape)
            asked[id(self)] = max(asked.get(id(self), 0), array.nbytes)
            return array

    monkeypatch.setattr(winograd, "Buffer", Counting)
    monkeypatch.setattr(winograd, "BUDGET", 1)
    winograd.output(x, W, None, geo)
    assert len(asked) == 4 and winograd.tile_bytes(geo, 2, 5, x.dtype) == sum(asked.values())
    assert banded.matrix_bytes(geo, 2, 5, W.dtype) == banded._band(W, geo).nbytes


def test_blocks_are_all_of_the_work_and_as_large_as_the_budget_lets_them() -> None:
    for images, rows, row_bytes, budget in itertools.product((1, 2, 7), (1, 3, 8), (1, 10, 33), (1, 30, 99, 1000)):
        found = list(shapes.blocks(images, rows, row_bytes, budget))
        assert [i for some, _ in found for i in range(some.start, some.stop)] == [*range(images)]
        for some, parts in found:
            assert [row for part in parts for row in range(part.start, part.stop)] == [*range(rows)]
            largest = max((some.stop - some.start) * (part.stop - part.start) * row_bytes for part in parts)
            assert largest <= max(budget, row_bytes)  # one row is the least
            if some.stop < images:
                assert (some.stop - some.start + 1) * rows * row_bytes > budget
            if len(parts) > 1:
                assert (parts[0].stop + 1) * row_bytes > budget
    assert [*shapes.blocks(2, 3, 0, 5)] == [(slice(0, 2), [slice(0, 3)])]
    assert [*shapes.blocks(0, 3, 1)] == []


def test_blocks_have_a_budget_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes, "BUDGET", 7)
    assert [*shapes.blocks(5, 3, 2)] == [*shapes.blocks(5, 3, 2, 7)] != [*shapes.blocks(5, 3, 2, 2)]


def test_a_buffer_is_used_again_while_it_is_large_enough() -> None:
    buffer = shapes.Buffer(np.dtype("f4"))
    first, same, smaller, larger = (buffer.shaped(*shape) for shape in ((2, 3), (3, 2), (1, 5), (7,)))
    assert np.shares_memory(first, same) and np.shares_memory(first, smaller) and not np.shares_memory(first, larger)
    assert [a.shape for a in (first, same, smaller, larger)] == [(2, 3), (3, 2), (1, 5), (7,)]
    assert {a.dtype for a in (first, larger)} == {np.dtype("f4")}
