"""convcheck bench: what it times does the same work on every side; its table, JSON and picture. No time is asserted."""

import json
import os
import sys

import numpy as np
import pytest

from reference_tests import cli
from reference_tests.benchmarks import growth, limits, loads, networks, peers, table, timing
from reference_tests.benchmarks.picture import make_figure
from reference_tests.cli import bench
from reference_tests.i18n import speaking

pytestmark = pytest.mark.slow  # each measures


@pytest.fixture
def small(monkeypatch):
    """Two loads of no size, timed as briefly as can be."""
    some = [loads.conv("a", "small", (2, 3, 8, 9), (4, 3, 3, 2), quick=True),
            loads.layer("m", "maxima", "max_pool2d", (2, 3, 8, 9), 3, 2, out=1 / 4)]  # fmt: skip
    monkeypatch.setattr(loads, "LOADS", some)
    monkeypatch.setattr(limits, "SIDE", 64)
    monkeypatch.setattr(limits, "MEGABYTES", 2)
    monkeypatch.setattr(bench, "SECONDS", 0.0)
    monkeypatch.setattr(bench, "QUICK", 0.0)
    for name in [name for name in os.environ if name.startswith("OPENBLAS_")]:
        monkeypatch.delenv(name)


def test_bench_writes_table_json_and_picture(small, tmp_path, capfd):
    files = tmp_path / "times.json", tmp_path / "ratios.png"
    assert cli.run(["bench", "--no-growth", "--json", str(files[0]), "--plot", str(files[1])]) == 0
    found = json.loads(files[0].read_text())
    measured = [(name, dtype, part) for name in "am" for dtype in ("float32", "float64") for part in loads.PARTS]
    means = [(bench.MEAN, dtype, part) for dtype in ("float32", "float64") for part in loads.PARTS]
    assert [(r["load"], r["dtype"], r["part"]) for r in found["rows"]] == [*measured, *means]
    for row in found["rows"][:8]:
        numpy, torch = (np.median(row["seconds"][side]) for side in ("numpy", "torch"))
        assert len(row["seconds"]["numpy"]) == len(row["seconds"]["torch"]) >= timing.FEWEST
        assert row["ratio"] == pytest.approx(numpy / torch)
        if row["load"] == "a":
            assert row["book"] == pytest.approx(np.median(row["seconds"]["book"]) / numpy)
            count = 4 * 2 * 6 * 8 * 18 * (1 if row["part"] == "forward" else 3)
            assert row["of_products"] == pytest.approx(count / numpy / found["limits"][row["dtype"]])
        assert row["of_copy"] > 0
    assert files[1].read_bytes().startswith(b"\x89PNG")
    assert not list(tmp_path.glob("*.partial"))
    assert capfd.readouterr().out.count("of torch") == 12


def test_picture_is_in_the_readers_language(small):
    found = {"rows": [{"busy": False, "text": "a", "dtype": "float32", "part": "forward", "ratio": 0.5, "bar": 1.0}],
             "environment": {"load_average": 12.0024414}}  # fmt: skip
    with speaking("ja"):
        figure = make_figure(found)
    assert figure.axes[0].get_xlabel().startswith("NumPy の時間") and "順伝播" in figure.legends[0].texts[0].get_text()
    assert figure.get_suptitle() == "load average 12.0"
    assert make_figure(found).axes[0].get_title() == "NumPy (impl) beside torch"


def test_busy_machine_is_measured_too(small, tmp_path, capfd):
    files = tmp_path / "times.json", tmp_path / "ratios.svg"
    assert cli.run(["bench", "--quick", "--busy", "--json", str(files[0]), "--plot", str(files[1])]) == 0
    rows = json.loads(files[0].read_text())["rows"]
    assert [(row["busy"], row["bar"]) for row in rows] == [
        (busy, bar) for busy, bar in ((False, 1.5), (True, 2.0)) for _ in "fb"
    ]
    assert "Once more" in capfd.readouterr().out
    assert files[1].stat().st_size


def test_computing_process_ends():
    with bench.computing_process() as process:
        assert process.poll() is None
    assert process.returncode is not None


def test_quick_and_glob_select_loads(small, capfd):
    assert cli.run(["bench", "--quick"]) == 0
    assert capfd.readouterr().out.count("of torch") == 2
    assert cli.run(["bench", "--loads", "m*"]) == 0
    assert capfd.readouterr().out.count("of torch") == 4
    assert cli.run(["bench", "--loads", "z*"]) == 2
    assert "there are a, m" in capfd.readouterr().err


@pytest.mark.parametrize("option", ["--json", "--plot"])
def test_unwritable_file_ends_with_one_sentence(option, small, tmp_path, capfd):
    assert cli.run(["bench", "--quick", option, str(tmp_path / "none" / "file.png")]) == 1
    assert option in capfd.readouterr().err


def test_openblas_settings_are_removed_at_restart(monkeypatch):
    started = []
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setattr(sys, "argv", ["convcheck", "bench", "--quick"])
    monkeypatch.setattr(os, "execve", lambda *how: started.append(how))
    bench.restart_without_openblas()
    [(program, arguments, environment)] = started
    assert arguments == [program, "-m", "reference_tests", "bench", "--quick"]
    assert not [name for name in environment if name.startswith("OPENBLAS_")] and "PATH" in environment


def test_all_sides_of_a_load_give_the_same_output():
    rng = np.random.default_rng(1)
    arrays = [rng.standard_normal(shape).astype("f4") for shape in ((2, 3, 9, 10), (4, 3, 4, 3), (4,))]
    options = {"stride": 2, "padding": 1, "dilation": 1, "groups": 1}
    sides = peers.convolution("forward", arrays, options)
    want = sides["torch"]().numpy()
    np.testing.assert_allclose(sides["book"](), want, atol=1e-4)
    if "onnx" in sides:
        np.testing.assert_allclose(sides["onnx"]()[0], want, atol=1e-4)
    if "onnxruntime" in sides:
        np.testing.assert_allclose(sides["onnxruntime"]()[0], want, atol=1e-4)
    if "jax" in sides:
        np.testing.assert_allclose(sides["jax"](), want, atol=1e-4)
    assert set(peers.convolution("forward+backward", arrays, options)) - {"jax"} == {"numpy", "torch", "book"}


def test_every_load_has_a_name_and_sides_that_run():
    names = [load.name for load in loads.LOADS]
    assert len(set(names)) == len({load.text for load in loads.LOADS}) == len(names)
    for load in loads.LOADS:
        if load.numbers and not load.products:
            for part in load.parts:
                for work in load.make(part, "float32").values():
                    work()


@pytest.mark.parametrize("load", loads.LOADS[-4:-2], ids=lambda load: load.name)
def test_training_sides_reach_the_same_parameters(load, monkeypatch):
    x, t = networks.digits("float32")
    monkeypatch.setattr(networks, "digits", lambda dtype: (x[:200].astype(dtype), t[:200]))
    sides = load.make(load.parts[0], "float32")
    found = {name: work() for name, work in sides.items()}
    assert len(found) > 1
    for params in found.values():
        for name, array in params.items():
            np.testing.assert_allclose(array, found["torch"][name], atol=1e-4)
            assert np.any(array != 0)


def test_exponent_is_fitted_from_times():
    assert growth.exponent([1, 2, 4, 8], [0.001, 0.02, 0.04, 0.08]) == pytest.approx(1)
    assert growth.exponent([1, 2, 4], [0.02, 0.08, 0.32]) == pytest.approx(2)
    assert growth.exponent([1, 2], [0.001, 0.02]) is None


def test_memory_is_within_the_allowance(monkeypatch):
    monkeypatch.setattr(growth, "MEMORY", [(1, 16, 16, 64, 3, 1), (16, 6, 16, 14, 5, 0)])
    for row in growth.memory():
        assert 0 < row["beside"] <= row["allowed"], row


def test_table_has_a_line_for_each_load():
    row = {"load": "a", "dtype": "float32", "part": "forward", "ratio": 0.5, "of_products": 0.256, "jax": 2.0}
    made = table.make_table({"rows": [row, row | {"ratio": 1.25}, row | {"load": "b", "dtype": "float64"}]})
    head, _, first, second = made.splitlines()
    assert [line.count("|") for line in (head, first, second)] == [len(table.COLUMNS) + 2] * 3
    assert first.startswith("| a | 0.50 / 1.25 |") and "| 26% |" in first and first.endswith("| 2.00 |")
    assert second.startswith("| b |  |  | 0.50 |")
