"""Packages that a rubric allows: exactly these can be imported, at every level that confines."""

import pytest

from reference_tests.errors import UsageError
from reference_tests.grading import rubric_toml
from reference_tests.grading.sandbox import packages
from reference_tests.grading.sandbox.levels import missing
from reference_tests.grading.settings import merge_settings

from . import RIGHT, SMALL, graded

LEVELS = ("process", "confined", "bwrap")
USES = "from scipy.special import expit\nfrom scipy.signal import correlate2d\nimport scipy.linalg\n"
USES += RIGHT.replace("(self.on, x, 0)", "(self.on, x, 0) + 0 * expit(x * 0)")
OWN = "import toolbox\nfrom toolbox.parts import zero\n" + RIGHT.replace("x > 0", "x > zero()")
OTHER = """
try:
    import {other}
    EXTRA = 0
except ImportError:
    EXTRA = 1
"""


PEEK = """
def peek():
    try:
        open({path!r})
        return 0
    except OSError:
        return 1
"""
SCALED = RIGHT.replace("np.where(self.on, x, 0)", "np.where(self.on, x, 0) * {factor}")


def rubric(*allowed):
    """Return the small rubric with these packages."""
    return rubric_toml.parse({**SMALL, "packages": list(allowed)})


def grade_at(level, folder, text, *allowed):
    """Grade a submission at a level with these packages. Skip where the machine lacks the level."""
    if missing(level):
        pytest.skip(f"{level}: {missing(level)}")
    (folder / "work.py").write_text(text)
    return graded(folder / "work.py", rubric(*allowed), level)


@pytest.fixture
def toolbox(tmp_path, monkeypatch):
    """A distribution that is installed, of a package that needs one module of another distribution."""
    site = tmp_path / "site"
    for name, files, needs in (
        (
            "toolbox",
            {"toolbox/__init__.py": "import nail\n", "toolbox/parts.py": "from nail import zero\n"},
            "nail-box",
        ),
        ("nail-box", {"nail.py": "def zero():\n    return 0\n"}, ""),
        ("secret", {"secret.py": "ANSWER = 42\n"}, ""),
    ):
        about = f"{name.replace('-', '_')}-1.0.dist-info"
        meta = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n" + (
            f"Requires-Dist: {needs} >=1\n" if needs else ""
        )
        for path, text in {**files, f"{about}/METADATA": meta}.items():
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            (site / path).write_text(text)
        (site / about / "RECORD").write_text("".join(f"{path},,\n" for path in files))
    monkeypatch.syspath_prepend(str(site))
    packages.locate.cache_clear()
    yield site
    packages.locate.cache_clear()


@pytest.mark.slow
def test_needs_are_found_and_nothing_else(toolbox):
    found = packages.locate(("toolbox",))
    assert found.modules.keys() == {"toolbox", "nail"}
    assert {path.rpartition("/")[2] for path in found.readable if str(toolbox) in path} == {"toolbox", "nail.py"}


@pytest.mark.slow
def test_package_that_is_not_installed_is_named_before_anything_runs(tmp_path):
    (tmp_path / "rubric.toml").write_text('packages = ["no_such_package"]\ncomponents.relu.points = 1\n')
    with pytest.raises(UsageError, match="no_such_package is not installed here"):
        merge_settings(tmp_path / "rubric.toml")


@pytest.mark.slow
def test_package_that_fails_to_import_is_named(toolbox):
    (toolbox / "nail.py").write_text("raise RuntimeError('bent')\n")
    with pytest.raises(packages.Uninstalled, match="bent"):
        packages.locate(("toolbox",))


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS)
def test_scipy_is_read_where_it_is_allowed(tmp_path, level):
    assert grade_at(level, tmp_path, USES, "scipy").score == 10


@pytest.mark.slow
@pytest.mark.parametrize("level", ["confined", "bwrap"])
def test_package_and_its_needs_are_read_and_nothing_else(tmp_path, toolbox, level):
    assert grade_at(level, tmp_path, OWN, "toolbox").score == 10
    for other in ("secret", "torch", "pytest", "matplotlib_inline"):
        text = OTHER.format(other=other) + SCALED.format(factor="EXTRA")
        assert grade_at(level, tmp_path, text, "toolbox").score == 10
    text = PEEK.format(path=str(toolbox / "secret.py")) + SCALED.format(factor="peek()")
    assert grade_at(level, tmp_path, text, "toolbox").score == 10


@pytest.mark.slow
def test_package_that_is_not_allowed_is_not_read(tmp_path):
    assert grade_at("confined", tmp_path, USES, "numpy").score < 10
