"""The package convcheck, its version, and install commands that are true for how it was installed."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

import reference_tests
from reference_tests import installation
from reference_tests.cli import run

ALIAS = Path(reference_tests.__file__).parent / "alias"


@pytest.mark.parametrize(
    "record, command",
    [
        ({}, "'convcheck[torch]'"),
        ({"url": "file:///home/you/convcheck", "dir_info": {"editable": True}}, "-e '/home/you/convcheck[torch]'"),
        ({"url": "file:///home/my%20own/c", "dir_info": {}}, "'/home/my own/c[torch]'"),
        (
            {"url": "https://example.org/c.git", "vcs_info": {"vcs": "git", "commit_id": "1"}},
            "'convcheck[torch] @ git+https://example.org/c.git'",
        ),
        ({"url": "file:///tmp/c-1.whl", "archive_info": {}}, "'convcheck[torch] @ file:///tmp/c-1.whl'"),
    ],
    ids=["index", "editable", "folder", "vcs", "wheel"],
)
def test_install_command_is_true_for_how_it_was_installed(monkeypatch, record, command):
    class Installed:
        def read_text(self, name):
            return json.dumps(record) if record else None

    monkeypatch.setattr(installation, "distribution", lambda name: Installed())
    assert installation.install_command("torch") == f"python -m pip install {command}"


def test_every_extra_of_a_hint_is_declared():
    import tomllib

    about = tomllib.loads((Path(reference_tests.__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(installation.EXTRAS.values()) <= set(about["project"]["optional-dependencies"])
    assert not any(need.startswith("torch") for need in about["project"]["dependencies"])


def test_a_missing_extra_is_one_sentence(monkeypatch, capsys):
    def broken(arguments):
        raise ModuleNotFoundError("No module named 'torch'", name="torch.nn")

    monkeypatch.setattr("reference_tests.cli.build_app", broken)
    assert run(["bench"]) == 2
    assert "this needs torch, which is not installed: python -m pip install" in capsys.readouterr().err


def test_version(capsys):
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith(f"convcheck {installation.installed_version()} (Python 3.")


@pytest.mark.slow
def test_convcheck_is_the_same_modules_under_another_name(monkeypatch):
    monkeypatch.syspath_prepend(ALIAS)
    program = (
        "import sys, convcheck, convcheck.impl.layers as ours, impl.layers as theirs\n"
        "from convcheck.golden import __doc__\n"
        "assert ours is theirs and sys.modules['convcheck.impl'] is sys.modules['impl'] is convcheck.impl\n"
        "assert ours.__spec__.name == ours.__name__ == 'impl.layers'\n"
        "assert 'torch' not in sys.modules\n"
        "from convcheck import check\n"
        "print(check.__module__, convcheck.__version__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": f"{ALIAS}:{ALIAS.parents[1]}"},
    )
    assert done.stdout == f"reference_tests.notebook {installation.installed_version()}\n", done.stderr


def test_python_m_convcheck(monkeypatch):
    done = subprocess.run(
        [sys.executable, "-m", "convcheck", "--version"],
        capture_output=True, text=True, env={"PYTHONPATH": f"{ALIAS}:{ALIAS.parents[1]}"},
    )  # fmt: skip
    assert done.stdout.startswith("convcheck "), done.stderr


def test_no_module_of_another_name(monkeypatch):
    monkeypatch.syspath_prepend(ALIAS)
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("convcheck.nothing")


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["cp932", "cp1252", "latin-1", "ascii"])
def test_any_encoding_prints(encoding):
    """What a code page cannot show is replaced; the verdict and the exit status stay."""
    done = subprocess.run(
        [sys.executable, "-m", "reference_tests", "explain", "conv.flipped", "--lang", "ja"],
        capture_output=True, env={"PYTHONPATH": str(ALIAS.parents[1]), "PYTHONIOENCODING": encoding, "LANG": "C"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert "W" in done.stdout.decode(encoding)
