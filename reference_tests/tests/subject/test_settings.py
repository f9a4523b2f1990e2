"""Settings beside the target: found, checked, and every mistake named."""

import os
import re

import pytest

from reference_tests.subject.settings import settings_beside
from reference_tests.subject.source import LoadError


@pytest.fixture
def beside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    os.mkdir("a")

    def beside(toml: str, name: str = "convcheck.toml") -> dict:
        (tmp_path / "a" / name).write_text(toml)
        return settings_beside("a/layers.py")

    return beside


def test_no_file_gives_no_settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert settings_beside("impl") == settings_beside("layers.py") == {}


def test_convcheck_toml_goes_before_pyproject_toml(beside, monkeypatch):
    assert beside("[tool.other]\nx = 1\n[tool.convcheck]\nstrict = true\n", "pyproject.toml") == {"strict": True}
    toml = "timeout = 2.5\nonly = ['relu']\nrequire = ['relu']\n[map]\nConvolution = 'my.module:Conv2d'\n"
    found = {"timeout": 2.5, "only": ["relu"], "require": ["relu"], "map": {"Convolution": "my.module:Conv2d"}}
    assert beside(toml) == settings_beside("a") == found
    monkeypatch.chdir("a")
    assert settings_beside("some.module") == found


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("requires = []", "convcheck.toml: unknown key 'requires' (did you mean require?); known are map,"),
        ("timeout = 0", "convcheck.toml: timeout = 0 should be a number of seconds above 0."),
        ("timeout = true", "timeout = True should be"),
        ("only = 'relu'", "only = 'relu' should be a list of texts"),
        ("map = {Relu = 3}", "map = {'Relu': 3} should be a table of texts"),
        ("map = {Conv = 'Conv'}", "--map Conv=Conv: Conv is not one of"),
        ("seed = -1", "seed = -1 should be a whole number"),
        ("only = [", "convcheck.toml cannot be read: "),
    ],
)
def test_wrong_settings_are_refused(toml, says, beside):
    with pytest.raises(LoadError, match=re.escape(says)):
        beside(toml)
    if "cannot be read" not in says:
        with pytest.raises(LoadError, match=re.escape("[tool.convcheck]") if "toml" in says else re.escape(says)):
            os.remove("a/convcheck.toml")
            beside(f"[tool.convcheck]\n{toml}", "pyproject.toml")
