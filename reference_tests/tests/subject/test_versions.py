"""Which of several files with the same definitions is examined: the newest, no copy, no stub, and it is said."""

import os

import pytest

from reference_tests.conformance import absences
from reference_tests.subject.load import load

RIGHT = """
class Relu:
    NAME = {name!r}
    def forward(self, x): return x * (x > 0)
    def backward(self, d): return d
"""
TEMPLATE = """
class Layer:
    def __call__(self, x): return self.forward(x)
class Relu(Layer):
    def forward(self, x): raise NotImplementedError
    def backward(self, d): raise NotImplementedError
"""
CHOICES = [  # the one that is examined comes first
    ("layers_v2.py", "layers_v1.py"),
    ("layers_v10.py", "layers_v9.py", "layers.py"),
    ("layers_final.py", "layers_v3.py", "layers.py"),
    ("layers_final2.py", "layers_final.py"),
    ("layers_final_final.py", "layers_final.py", "layers_v7.py"),
    ("layers (1).py", "layers.py"),
    ("layers (2).py", "layers (1).py", "layers.py"),
    ("layers-2.py", "layers-1.py"),
    ("layers2.py", "layers.py"),
    ("LayersV2.py", "LayersV1.py"),
    ("layers_v1_2.py", "layers_v1_1.py"),
    ("layers_new.py", "layers.py"),
    ("layers_fixed.py", "layers.py"),
    ("layers.py", "layers_draft.py"),
    ("layers_20261102.py", "layers_20261031.py"),
    ("layers_最終.py", "layers.py"),
    ("layers.py", "Copy of layers.py"),
    ("layers.py", "layers copy.py"),
    ("layers.py", "layers copy 2.py"),
    ("layers.py", "layers - Copy.py"),
    ("layers.py", "layers-Copy1.py"),
    ("layers.py", "layers - コピー.py"),
    ("layers.py", "layers - Kopie.py"),
    ("layers.py", "Copy of layers_v2.py"),
    ("layers.py", "layers_old.py"),
    ("layers.py", "old_layers.py"),
    ("layers.py", "layers_backup.py"),
    ("layers.py", "old/layers.py"),
    ("layers.py", "backup/layers_v9.py"),
    ("v2/layers.py", "v1/layers.py"),
    ("final/layers.py", "draft/layers.py"),
    ("week2/layers.py", "week1/layers.py"),
    ("my_solution.py", "template.py"),
    ("layers.py", "starter/layers.py"),
]


def write(folder, *names, text=RIGHT, age=0):
    """Write files, each with its name in it, all of one age in seconds."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("{name!r}", repr(name)))
        os.utime(path, (1_790_000_000 - age, 1_790_000_000 - age))


def examined(folder, first=""):
    """Return the name of the file whose Relu is examined, and what is said."""
    subject = load(str(folder), alone=True, first=first)
    return subject.names["Relu"].NAME, absences.header(subject.notes)


@pytest.mark.parametrize("names", CHOICES, ids=lambda names: names[0] + " and " + names[1])
def test_newest_original_is_examined_and_said(tmp_path, names):
    write(tmp_path, *names)
    chosen, said = examined(tmp_path)
    assert chosen == names[0]
    others = " ".join(said)
    assert all(f"{names[0]} is examined, not {other}" in others for other in names[1:])


def test_a_lone_copy_is_examined(tmp_path):
    write(tmp_path, "Copy of layers.py")
    write(tmp_path, "main.py", text="x = 1\n")
    assert examined(tmp_path) == ("Copy of layers.py", [])


def test_a_copy_provides_what_the_original_lacks(tmp_path):
    write(
        tmp_path,
        "layers.py",
        text="class Tanh:\n    def forward(self, x): return x\n    def backward(self, d): return d\n",
    )
    write(tmp_path, "old/layers.py")
    assert examined(tmp_path)[0] == "old/layers.py"


def test_files_of_unlike_names_are_told_apart_by_their_time(tmp_path):
    write(tmp_path, "alpha.py", age=7200)
    write(tmp_path, "beta.py")
    assert examined(tmp_path)[0] == "beta.py"
    write(tmp_path, "alpha.py")
    write(tmp_path, "beta.py", age=7200)
    assert examined(tmp_path)[0] == "alpha.py"


def test_seconds_tell_nothing(tmp_path):
    write(tmp_path, "alpha.py", age=3)
    write(tmp_path, "beta.py")
    assert examined(tmp_path)[0] == "alpha.py"


def test_a_template_with_bases_is_no_definition(tmp_path):
    write(tmp_path, "a_template_of_the_course.py", "layers_v9.py", text=TEMPLATE)
    write(tmp_path, "mine.py", age=7200)
    chosen, said = examined(tmp_path)
    assert chosen == "mine.py" and len(said) == 2
    assert all(
        "mine.py is examined, not " in line and "which has only stubs of the same: Relu" in line for line in said
    )


@pytest.mark.parametrize("pattern", ["layers_v1.py", "LAYERS_V1.py", "*_v1.py", "hw/layers_v1.py"])
def test_the_course_may_name_the_file(tmp_path, pattern):
    write(tmp_path, "hw/layers_v1.py", "hw/layers_v2.py")
    assert examined(tmp_path, first=pattern)[0] == "hw/layers_v1.py"


def test_a_named_file_that_is_absent_is_said(tmp_path):
    write(tmp_path, "layers_v2.py")
    chosen, said = examined(tmp_path, first="layers.py")
    assert chosen == "layers_v2.py" and said == ["there is no file layers.py, which the course asks for"]


DESCRIBED = """
class Tanh:
    def build(self): return None
class Relu:
    NAME = {name!r}
    def __init__(self, width=1): self.width = width
    def parameters(self): return self.width
"""
OTHER_WORK = RIGHT + "class Tanh(Relu): pass\n"  # it has more of the names than one that has Relu alone


def test_a_layer_stands_before_what_describes_one(tmp_path):
    write(tmp_path, "net.py", text=DESCRIBED)
    write(tmp_path, "layers.py", age=7200)
    chosen, said = examined(tmp_path)
    assert chosen == "layers.py" and any("layers.py is examined, not net.py" in line for line in said)


def test_a_description_of_a_layer_is_examined_where_there_is_no_other(tmp_path):
    write(tmp_path, "layers.py", text=RIGHT.replace("class Relu", "class Sigmoid"))
    write(tmp_path, "net.py", text=DESCRIBED)
    assert examined(tmp_path)[0] == "net.py"


def test_a_newer_version_with_another_method_stays_the_newer(tmp_path):
    write(tmp_path, "layers_v2.py", text=DESCRIBED)
    write(tmp_path, "layers_v1.py")
    assert examined(tmp_path)[0] == "layers_v2.py"


@pytest.mark.parametrize(
    "export", ["from .core import Relu", "from .core import *", "from . import core\nRelu = core.Relu"]
)
def test_export_of_a_package_is_examined(tmp_path, export):
    folder = tmp_path / f"package_{abs(hash(export))}"
    write(folder, "core.py")
    write(folder, "another.py", text=OTHER_WORK)
    assert examined(folder)[0] == "another.py"
    write(folder, "__init__.py", text=export)
    assert examined(folder)[0] == "core.py"
    assert examined(folder, first="another.py")[0] == "another.py"


def test_a_package_that_exports_what_describes_a_layer_has_the_layer_examined(tmp_path):
    folder = tmp_path / "describing"
    write(folder, "__init__.py", text="from .blocks import Relu")
    write(folder, "blocks.py", text=DESCRIBED)
    write(folder, "layers.py")
    assert examined(folder)[0] == "layers.py"


@pytest.mark.parametrize("export", ["", "from .blocks import Relu"])
def test_a_package_asked_by_its_name_has_its_layer_examined(tmp_path, monkeypatch, export):
    name = f"named_package_{len(export)}"
    write(tmp_path / name, "__init__.py", text=export)
    write(tmp_path / name, "blocks.py", text=DESCRIBED)
    write(tmp_path / name, "layers.py")
    monkeypatch.chdir(tmp_path)
    assert load(name).names["Relu"].NAME == "layers.py"
