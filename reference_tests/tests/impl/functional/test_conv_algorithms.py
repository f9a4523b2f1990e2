"""Every algorithm of convolution, wherever it supports the case: its answers, bound and memory; and the choice."""

import functools
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

import impl.functional as ours
from impl.functional import conv_algorithms, memory
from impl.functional.conv_algorithms import ALGORITHMS, banded, batched_im2col, im2col, pointwise, taps, winograd
from impl.functional.shapes import Pair, Window, fit_window
from reference_tests.conformance.examination import Request, requested_checks
from reference_tests.conformance.judge import judge, prepare
from reference_tests.conformance.types import Check, PreparedCheck
from reference_tests.subject.load import load

from .test_convolution import CONV, TRANSPOSED, arrays_for
from .torch_comparison import assert_sums_agree, draw

NAMES = [module.__name__.rpartition(".")[2] for module in ALGORITHMS]
Questions = list[tuple[Check, PreparedCheck]]
Force = Callable[[ModuleType], list[Window]]


@pytest.fixture
def force(monkeypatch: pytest.MonkeyPatch) -> Force:
    """force(algorithm): select it wherever it supports the case; the list returned grows by those windows."""

    def forced(algorithm: ModuleType) -> list[Window]:
        taken: list[Window] = []
        usual = conv_algorithms.select

        def select(window: Window, N: int, C: int, FN: int, *factors: np.ndarray, forward: bool = False) -> ModuleType:
            safe = all(a.dtype.kind != "f" or conv_algorithms.is_safely_finite(a) for a in factors)
            if not (safe and algorithm.supports(window, C, factors[0].dtype)):
                return usual(window, N, C, FN, *factors, forward=forward)
            taken.append(window)
            return algorithm

        monkeypatch.setattr(ours.convolution, "select", select)
        return taken

    return forced


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("budget", [1, None], ids=["smallest-blocks", ""])
@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=NAMES)
def test_algorithm_agrees_with_torch(
    algorithm: ModuleType, budget: int | None, force: Force, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (memory, im2col, banded, winograd, taps):
        if budget:
            monkeypatch.setattr(module, "BUDGET", budget)
    taken = force(algorithm)
    for table, function in ((CONV, "conv2d"), (TRANSPOSED, "conv_transpose2d")):
        for x, W, bias, options in (parameters.values for parameters in table):
            count = W[0] if function == "conv2d" else W[1] * options.get("groups", 1)
            call = {**arrays_for(x, W, count if bias else None), **options}
            assert_sums_agree(function, call, by_norm=algorithm is winograd)
    assert len(taken) > (6 if algorithm in (pointwise, taps) else 30), f"selected {len(taken)} times"


DIRECT: list[tuple[str, tuple[int, ...], tuple[int, ...], tuple[Pair, Pair], dict[str, Any]]] = [
    #  x, W, pads ((top, bottom), (left, right)), the window's other numbers
    ("alone", (3, 2, 7, 9), (5, 2, 3, 2), ((0, 0), (0, 0)), {}),
    ("pads of four sizes", (3, 2, 7, 9), (5, 2, 4, 5), ((1, 2), (0, 3)), {}),
    ("pads as wide as the filters allow", (3, 2, 7, 9), (5, 2, 3, 2), ((2, 0), (1, 0)), {}),
    ("rows of tiles above and below", (3, 2, 7, 9), (5, 2, 5, 2), ((4, 4), (1, 0)), {}),
    ("a narrow plane in wide pads", (3, 2, 7, 3), (5, 2, 3, 3), ((0, 0), (2, 2)), {}),
    ("pads as large as the filter", (3, 2, 7, 9), (5, 2, 3, 2), ((3, 3), (2, 2)), {}),
    ("stride, dilation", (3, 2, 9, 8), (5, 2, 3, 2), ((2, 0), (1, 3)), {"stride": (2, 3), "dilation": (2, 1)}),
    ("groups", (3, 4, 7, 9), (6, 2, 2, 3), ((1, 0), (2, 1)), {"stride": (1, 2), "groups": 2}),
    ("channels alone", (3, 4, 8, 9), (8, 1, 3, 2), ((1, 2), (0, 1)), {"stride": (3, 2), "groups": 4}),
    ("channels alone, dilation", (2, 3, 8, 9), (3, 1, 2, 3), ((3, 1), (0, 0)), {"dilation": (2, 3), "groups": 3}),
    ("channels alone, gaps", (2, 3, 15, 12), (3, 1, 2, 2), ((1, 0), (0, 0)), {"stride": (5, 7), "groups": 3}),
    ("channels alone, one window", (2, 3, 3, 8), (3, 1, 2, 2), ((0, 0), (0, 0)), {"stride": (2, 7), "groups": 3}),
    ("channels alone, a short plane", (2, 3, 1, 9), (3, 1, 2, 2), ((2, 2), (0, 0)), {"stride": (3, 1), "groups": 3}),
    ("1x1", (3, 4, 5, 6), (7, 4, 1, 1), ((0, 0), (0, 0)), {}),
    ("1x1, groups", (3, 4, 5, 6), (6, 2, 1, 1), ((0, 0), (0, 0)), {"groups": 2}),
]


def spoilt(empty: Callable[..., np.ndarray], shape: int | tuple[int, ...], dtype: Any = float) -> np.ndarray:
    """np.empty with nan in the memory."""
    made = empty(shape, dtype)
    made.reshape(-1).view("u1")[...] = 255
    return made


@pytest.mark.parametrize("budget", [1, None], ids=["smallest-blocks", ""])
@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=NAMES)
def test_algorithm_called_directly_agrees_with_torch(
    algorithm: ModuleType, budget: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it would be selected or not, whatever its output is asked for, and whatever lies in fresh memory."""
    monkeypatch.setattr(np, "empty", functools.partial(spoilt, np.empty))
    for module in (memory, im2col, banded, winograd, taps):
        if budget:
            monkeypatch.setattr(module, "BUDGET", budget)
    done = 0
    for _, shape, weight_shape, pads, others in DIRECT:
        x, W, b = draw(*shape), draw(*weight_shape, seed=1), draw(weight_shape[0], seed=2)
        leaves = [torch.tensor(a, requires_grad=True) for a in (x, W, b)]
        padded = F.pad(leaves[0], (*pads[1], *pads[0]))
        want = F.conv2d(padded, leaves[1], leaves[2], **others)
        OH, OW = want.shape[2:]
        stride, dilation = others.get("stride", (1, 1)), others.get("dilation", (1, 1))
        window = Window(
            (shape[2], shape[3]), (W.shape[2], W.shape[3]), stride, dilation, pads, (OH, OW), others.get("groups", 1)
        )
        if algorithm.supports(window, shape[1], x.dtype):
            done += 1
            dout = draw(*want.shape, seed=3)
            wanted = [want, *torch.autograd.grad(want, leaves, torch.tensor(dout))]
            got = [algorithm.output(x, W, b, window), algorithm.input_gradient(dout, W, window)]
            for one, other in zip([*got, *algorithm.weight_gradient(x, dout, window)], wanted, strict=True):
                np.testing.assert_allclose(one, other.detach().numpy(), rtol=0, atol=1e-11, strict=True)
    assert done > 1


@pytest.fixture(scope="module")
def questions() -> Questions:
    """All checks of the layers that convolve, with their right answers."""
    with load("impl") as subject:
        components = ("convolution", "grouped_convolution", "depthwise_convolution", "transposed_convolution")
        return [(one, prepare(one)) for one in requested_checks(subject, Request(only=components))]


def failures(questions: Questions) -> Iterator[str]:
    with load("impl") as subject:
        for one, ready in questions:
            verdict = judge(one, subject, ready=ready)
            if verdict.status != "pass":
                yield f"{one.id}: {verdict.status} {verdict.reason}"


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=NAMES)
def test_algorithm_passes_every_check_of_the_suite(algorithm: ModuleType, force: Force, questions: Questions) -> None:
    taken = force(algorithm)
    mixed = "far-number" if algorithm is winograd else " "  # the transforms mix all numbers of a tile, in float32 too
    assert [failure for failure in failures(questions) if mixed not in failure.partition(":")[0]] == []
    assert len(taken) > 50 or algorithm in (pointwise, taps), f"selected {len(taken)} times"


def test_minimal_filtering_is_correlation() -> None:
    """Over the rationals, so that nothing is rounded."""
    rng = np.random.default_rng(8)
    exact = np.vectorize(lambda number: Fraction(number).limit_denominator(1000), otypes=[object])
    for rows in range(2, winograd.POINTS):
        A, G, B = map(exact, winograd.minimal_filtering(rows))
        w, d = rng.integers(-9, 9, rows).astype(object), rng.integers(-9, 9, winograd.POINTS).astype(object)
        want = [sum(w * d[i : i + rows]) for i in range(winograd.POINTS + 1 - rows)]
        assert list(A @ ((G @ w) * (B @ d))) == want


@pytest.mark.parametrize("height", [2, 3, 4, 5])
def test_winograd_worst_case_stays_within_its_bound(height: int) -> None:
    """error <= (n + 12) * eps * amplification * n * max|w| * max|d|, for inputs whose products all add up."""
    _, G, B = winograd.minimal_filtering(height)
    assert 8 < winograd.amplification(height) < 12
    C = 16
    for worst in range(winograd.POINTS + 1):
        x, W = draw(2, C, 12, 11).astype("f4"), draw(8, C, height, 3, seed=1).astype("f4")
        if worst < winograd.POINTS:  # every summand of one of the products has the same sign
            x[:, :, : winograd.POINTS] = np.sign(B[worst])[:, None]
            W[...] = np.sign(G[worst])[:, None]
        want = F.conv2d(torch.tensor(x, dtype=torch.float64), torch.tensor(W, dtype=torch.float64)).numpy()
        error = np.abs(winograd.output(x, W, None, fit_window("", (12, 11), (height, 3))) - want).max()
        n = C * height * 3
        assert error <= (n + 12) * np.finfo("f4").eps * winograd.amplification(height) * abs(x).max() * abs(W).max() * n


NARROW: Any = ((100, 4, 14, 14), (16, 4, 5, 5), {"padding": 0})  # banded's case
DEEP: Any = ((3, 16, 13, 14), (16, 16, 3, 3), {"padding": 1})  # winograd's case
ALONE: Any = ((3, 5, 13, 14), (10, 1, 3, 4), {"padding": 1, "groups": 5})  # taps' case
SELECTED: list[tuple[str, tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
    ("narrow", *NARROW),
    ("deep", *DEEP),
    ("channels alone", *ALONE),
    (
        "channels alone, stride, dilation",
        (2, 3, 23, 24),
        (3, 1, 3, 4),
        {"stride": (3, 2), "dilation": (2, 3), "groups": 3},
    ),
    ("channels alone, more pixels than windows", (2, 3, 23, 24), (3, 1, 2, 2), {"stride": (5, 7), "groups": 3}),
    ("channels alone, many filters", (2, 3, 23, 24), (30, 1, 2, 2), {"groups": 3}),
    ("1x1", (2, 3, 5, 7), (4, 3, 1, 1), {}),
    ("1x1, a column of which one row is left", (2, 3, 4, 8), (2, 3, 1, 1), {"stride": (1, 2)}),
    ("1x1, a row of which one column is left", (2, 4, 8, 5), (2, 4, 1, 1), {"stride": (2, 1)}),
    ("1x1, padded", (2, 16, 8, 8), (16, 16, 1, 1), {"padding": 1}),
    ("small output", (2, 16, 7, 7), (16, 16, 3, 3), {}),
    ("small output, groups", (2, 16, 7, 7), (16, 8, 3, 3), {"groups": 2}),
    ("deep, stride", (1, 16, 31, 31), (16, 16, 3, 3), {"stride": 2}),
    ("deep, dilation", (1, 16, 31, 31), (16, 16, 3, 3), {"dilation": 2}),
    ("deep, groups", (1, 32, 21, 21), (32, 16, 3, 3), {"groups": 2}),
    ("deep, padding as large as the filter", (1, 16, 21, 21), (16, 16, 3, 3), {"padding": 3}),
    ("deep, filters too tall", (1, 16, 31, 31), (16, 16, 7, 3), {}),
    ("narrow, stride", (16, 3, 29, 29), (4, 3, 13, 13), {"stride": 2}),
    ("narrow, dilation", (16, 3, 29, 29), (4, 3, 7, 7), {"dilation": 2}),
    ("narrow, groups", (16, 4, 21, 21), (4, 2, 11, 11), {"groups": 2}),
    ("one row of tiles larger than a block", (1, 64, 11, 20002), (64, 64, 3, 3), {}),
]


def window_of(x: tuple[int, ...], W: tuple[int, ...], options: dict[str, Any]) -> Window:
    pairs: dict[str, Any] = {k: v if isinstance(v, tuple) else (v, v) for k, v in options.items() if k != "groups"}
    return fit_window("", (x[2], x[3]), (W[2], W[3]), **pairs, groups=options.get("groups", 1))


@pytest.mark.parametrize("dtype", ["f4", "f8", "i8", "u1"])
@pytest.mark.parametrize("x, W, options", [row[1:] for row in SELECTED], ids=[row[0] for row in SELECTED])
def test_select_returns_an_algorithm_that_supports_the_case(x: Any, W: Any, options: Any, dtype: str) -> None:
    window, factor = window_of(x, W, options), np.ones(3, dtype)
    assert conv_algorithms.select(window, x[0], x[1], W[0], factor).supports(window, x[1], factor.dtype)


@pytest.mark.parametrize(
    "x, W, options, algorithm",
    [
        (*NARROW, banded),
        (*DEEP, winograd),
        (*ALONE, taps),
        ((2, 3, 5, 7), (4, 3, 1, 1), {}, pointwise),
        ((2, 16, 7, 7), (16, 16, 3, 3), {}, batched_im2col),
        ((1, 16, 31, 31), (16, 16, 3, 3), {"stride": 2}, im2col),
    ],
    ids=["narrow", "deep", "channels-alone", "1x1", "small-output", "stride"],
)
def test_select_returns_the_algorithm_made_for_the_case(x: Any, W: Any, options: Any, algorithm: ModuleType) -> None:
    assert conv_algorithms.select(window_of(x, W, options), x[0], x[1], W[0], np.ones(3, "f4")) is algorithm


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
@pytest.mark.parametrize("x, W, options", [NARROW, DEEP], ids=["narrow", "deep"])
def test_select_near_overflow_returns_the_plain_algorithm(x: Any, W: Any, options: Any, value: float) -> None:
    """The fast one multiplies by zeros, or adds numbers that cancel."""
    window, ones, odd = window_of(x, W, options), np.ones(3, "f4"), np.array([1, value], "f4")
    assert conv_algorithms.select(window, x[0], x[1], W[0], ones, ones) in conv_algorithms.SPREADING
    for factors in ((ones, odd), (odd, ones)):
        assert conv_algorithms.select(window, x[0], x[1], W[0], *factors) is im2col


@pytest.mark.parametrize("kind, rtol", [("f4", 1e-4), ("f8", 1e-10), ("i8", 0)])
@pytest.mark.parametrize("x, W, options", [row[1:] for row in SELECTED[:-1]], ids=[row[0] for row in SELECTED[:-1]])
def test_selected_algorithm_agrees_with_torch(x: Any, W: Any, options: Any, kind: str, rtol: float) -> None:
    image, weight = (10 * draw(*x)).astype(kind), (10 * draw(*W)).astype(kind)
    want = F.conv2d(torch.tensor(image).double(), torch.tensor(weight).double(), **options).numpy()
    np.testing.assert_allclose(ours.conv2d(image, weight, **options), want, rtol, rtol * np.abs(want).max())


@pytest.mark.parametrize(
    "x, W, options, part",
    [(*NARROW, 0.5), (*DEEP, 0.5), (*ALONE, 0.5), (*ALONE, 1)],  # the middle; the end of the last row
    ids=["narrow", "deep", "alone", "alone-last"],
)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_odd_number_spreads_only_as_far_as_in_torch(x: Any, W: Any, options: Any, part: float, value: Any) -> None:
    """In the image, the filters, the bias or the upstream gradient; and no finite number overflows."""
    given: dict[str, Any] = {key: array.astype("f4") for key, array in arrays_for(x, W, W[0]).items()}
    dout = draw(*F.conv2d(torch.tensor(given["input"]), torch.tensor(given["weight"]), **options).shape).astype("f4")
    for spoilt in ("input", "bias", "dout", *([] if options["padding"] else ["weight"])):  # 0 * inf in the padding
        arrays = {**given, "dout": dout}
        arrays[spoilt] = arrays[spoilt].copy()
        arrays[spoilt][tuple(int(part * (size - 1)) for size in arrays[spoilt].shape)] = value
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


def test_product_near_overflow_is_exact() -> None:
    """Winograd's intermediate sums would be larger than the answer."""
    x, W = np.zeros((1, 16, 20, 20), "f4"), np.zeros((16, 16, 3, 3), "f4")
    x[0, 3, 9, 9] = W[5, 3, 1, 1] = 1.8e19  # the square is 95 % of the largest float32
    out = ours.conv2d(x, W, padding=1)
    want = np.zeros_like(out)
    want[0, 5, 9, 9] = x[0, 3, 9, 9] * W[5, 3, 1, 1]
    np.testing.assert_array_equal(out, want)


def test_threads_get_the_numbers_of_one_thread() -> None:
    """Nothing is shared between calls."""
    tasks = [(draw(*x).astype("f4"), draw(*W, seed=2).astype("f4"), options) for x, W, options in (NARROW, DEEP) * 2]
    alone = [ours.conv2d(x, W, **options) for x, W, options in tasks]
    with ThreadPoolExecutor(len(tasks)) as pool:
        together = pool.map(lambda task: ours.conv2d(task[0], task[1], **task[2]), tasks * 5)
    for got, want in zip(together, alone * 5, strict=True):
        np.testing.assert_array_equal(got, want)


MEMORY = [
    #    N   C, FN  side  without blocks
    (1, 64, 64, 112, "a quarter of VGG's conv1_2: 29 MB of columns"),
    (16, 64, 64, 56, "many images, blocks of several"),
    (256, 16, 32, 28, "a batch"),
]


@pytest.mark.slow
@pytest.mark.parametrize("N, C, FN, side, why", MEMORY, ids=[row[-1] for row in MEMORY])
@pytest.mark.parametrize("algorithm", [im2col, batched_im2col, winograd], ids=["im2col", "batched", "winograd"])
def test_algorithm_memory_does_not_grow_with_the_batch(
    N: int, C: int, FN: int, side: int, why: str, algorithm: ModuleType, force: Force
) -> None:
    """Outputs, gradients, two padded inputs and 8 MB."""
    if algorithm is batched_im2col:
        side, N = 8, N * 8
    x, W, b = np.ones((N, C, side, side), "f4"), draw(FN, C, 3, 3).astype("f4"), np.ones(FN, "f4")
    dout = np.ones((N, FN, side, side), "f4")
    assert force(algorithm) == []
    tracemalloc.start()
    results = [ours.conv2d(x, W, b, padding=1), *ours.conv2d_backward(dout, x, W, b, padding=1)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    padded = N * C * (side + 2) ** 2 * x.itemsize
    assert peak <= sum(a.nbytes for a in results if a is not None) + 2 * padded + (8 << 20)
