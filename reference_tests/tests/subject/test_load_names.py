"""The loader: modules, folders and maps, and whose names they give."""

from pathlib import Path

import numpy as np
import pytest

from reference_tests.subject.load import load
from reference_tests.subject.names import NAMES
from reference_tests.subject.source import LoadError

from .test_load import X, call, missing, use


def test_module_is_imported_whole(write):
    write("mine/__init__.py", "RUN = [i for i in range(3)]\nfrom .layers import Relu\n")
    write("mine/layers.py", "class Relu:\n    def forward(self, x): return x\nprint('!')\nclass Tanh(Relu): pass")
    write("mine/more.py", "def im2col(x): return 5")
    write("mine/script.py", "raise RuntimeError('not asked for')")
    subject = load("mine")
    assert set(subject.names) == {"Relu", "Tanh", "im2col"} and not subject.skipped
    assert call(subject, "im2col", 1).results["out"] == 5
    write("broken.py", "import numpy\n\nx = 1 / 0\n")
    with pytest.raises(LoadError, match=r"broken cannot be imported: ZeroDivisionError.*line 3: x = 1 / 0"):
        load("broken")


def test_module_target_imports_from_pythons_own_path_alone(write, tmp_path, monkeypatch):
    write("helper.py", "raise SystemExit('it is above the working folder')")
    write("here/mine.py", "try:\n    import helper\nexcept ImportError:\n    helper = None\ndef im2col(x): return 5")
    monkeypatch.chdir(tmp_path / "here")
    assert call(load("mine"), "im2col", 1).results["out"] == 5


def test_impl_is_the_packaged_one(write):
    write("impl.py", "def im2col(x): return 'not this one'")
    subject = load("impl")
    assert Path(subject.path).parent == Path(__file__).parents[3] / "impl"
    assert set(subject.names) == set(NAMES) and not missing(subject)
    assert str(Path(subject.path).parent / "layers" / "convolution.py") in subject.files


@pytest.mark.slow
def test_maps_provide_names_or_are_refused(write):
    write("other.py", "class Deep:\n    class Conv2d:\n        def forward(self, x): return x\nprint(3)")
    path = write("a/layers.py", "class Conv:\n    def forward(self, x): return x + 1\ndef Relu(): pass")
    answers = {"Conv": X + 1, "other:Deep.Conv2d": X, "other.py:Deep.Conv2d": X, "layers.py:Conv": X + 1}
    for where, answer in answers.items():
        subject = load(path, {"Convolution": where})
        assert np.array_equal(use(subject, "Convolution").results["out"], answer)
    for maps, says in {
        ("Conv", "Conv"): "did you mean",
        ("Convolution", "Cnv"): "the target has no Cnv",
        ("Convolution", "lost.py:Conv"): "there is no lost.py",
        ("Convolution", "nowhere:Conv"): "there is no module",
        ("Convolution", "a b"): "should be NAME",
    }.items():
        with pytest.raises(LoadError, match=says):
            load(path, dict([maps]))


def test_name_defined_twice_can_be_mapped(write, tmp_path):
    write("all/layers.py", "class Relu:\n    def forward(self, x): return x\nclass Tanh(Relu): pass")
    write("all/old/layers.py", "class Relu:\n    def forward(self, x): return x - 1")
    subject = load("all")
    assert np.array_equal(use(subject, "Relu").results["out"], X)
    assert "--map Relu=old/layers.py:Relu" in subject.skipped[-1].why
    assert np.array_equal(use(load("all", {"Relu": "old/layers.py:Relu"}), "Relu").results["out"], X - 1)


def test_broken_file_in_a_folder_costs_its_own_names(write):
    write("all/layers.py", "class Relu:\n    def forward(self, x): return x")
    write("all/util.py", "def im2col(x):\n    retrun x")
    subject = load("all")
    assert set(subject.names) == {"Relu"}
    assert "util.py, line 2: SyntaxError" in subject.skipped[0].why


def test_suggests_close_names(write):
    code = "class Relu: pass\nclass Conv2D: pass\nclass MaxPool: pass\nclass Poolling: pass"
    assert load(write("layers.py", code)).near == {"Convolution": "Conv2D", "Pooling": "MaxPool"}


def test_suggests_a_function_only_where_it_takes_what_the_contract_gives(write):
    relu = "class Relu:\n    def forward(self, x): return x\n"
    taken = {
        "unfold(x, kh, kw, s)": {},
        "unfold(x, k)": {},
        "unfold(x, kh, kw, s, p)": {"im2col": "unfold"},
        "unfold(x, kh, kw, s=1, p=0, value=0)": {"im2col": "unfold"},
        "unfold(*everything)": {"im2col": "unfold"},
        "fold(col, shape, kh, kw)": {},
        "fold(col, shape, kh, kw, s, p)": {"col2im": "fold"},
        "out_size(n, f, s, p)": {"conv_output_size": "out_size"},
        "out_size(n)": {},
    }
    found = {one: load(write(f"l{i}.py", f"{relu}def {one}: pass")).near for i, one in enumerate(taken)}
    assert found == taken


@pytest.mark.slow
@pytest.mark.parametrize("filling", ["\n" * 300_000, " " * 300_000 + "\n", ("\t" * 500 + "\n") * 600])
def test_file_with_much_empty_space_is_loaded(tmp_path, filling):
    path = tmp_path / "layers.py"
    path.write_text(f"{filling}class Relu:\n    def forward(self, x):\n        return x * (x > 0)\n{filling}")
    assert "Relu" in load(str(path)).names
