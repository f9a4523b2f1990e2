"""Environments of their own: what is known of them without installing; one small one is made at night."""

import re
import sys

import pytest

from reference_tests.errors import UsageError
from reference_tests.frameworks import environments
from reference_tests.frameworks.environments import ENVIRONMENTS, Environment, environment_of, install
from reference_tests.frameworks.registry import FRAMEWORKS, GROUPS


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch, not_the_users_cache):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_every_version_is_pinned():
    for name, made in ENVIRONMENTS.items():
        for package in (word for step in made.steps for word in step if not word.startswith("--")):
            assert re.fullmatch(r"[\w.\[\]-]+==[\w.]+(\+cpu)?(; platform_system [!=]= '\w+')?", package), (
                f"{name}: {package}"
            )


def test_environments_without_torch_take_builds_for_the_processor():
    """On Linux the plain torch and TensorFlow of the package index bring several GB of CUDA: who has torch says so."""
    for name, made in ENVIRONMENTS.items():
        words = [word for step in made.steps for word in step if not word.endswith("; platform_system == 'Darwin'")]
        assert not [word for word in words if re.match(r"(tensorflow==|jax\[|paddlepaddle-gpu|mxnet-cu)", word)], name
        has_torch = any(word.startswith("torch==") for word in words)
        assert environments.brings_cuda(name) == (has_torch and sys.platform == "linux"), name


def test_every_column_outside_the_dev_extra_has_an_environment():
    ours = {name for name, f in FRAMEWORKS.items() if f.install.startswith("convcheck compare --install")}
    assert ours == {column for made in ENVIRONMENTS.values() for column in made.columns}
    assert all(environment_of(name) for name in (*ours, *GROUPS))


def test_environment_of_unknown_name_lists_the_known():
    with pytest.raises(UsageError, match="chainer"):
        environment_of("theano")


def test_installed_pythons_without_an_environment_is_empty():
    assert environments.installed_pythons() == {}


def test_other_versions_have_another_folder(monkeypatch):
    before = environments.folder_of("mlx")
    monkeypatch.setitem(ENVIRONMENTS, "mlx", Environment((("mlx==0.1",),), ("mlx",)))
    assert environments.folder_of("mlx") != before


@pytest.mark.slow
def test_failed_installation_leaves_nothing(monkeypatch, tmp_path):
    step = ("--no-index", f"--find-links={tmp_path}", "there-is-no-such-package==1")
    monkeypatch.setitem(ENVIRONMENTS, "mlx", Environment((step,), ("mlx",)))
    with pytest.raises(UsageError, match=r"--install mlx: pip: .*no-such-package"):
        install("mlx")
    assert environments.installed_pythons() == {} and not environments.folder_of("mlx").exists()


@pytest.mark.slow
def test_environment_answers_its_column_by_its_own_python(monkeypatch):
    """Without a package to fetch, the interpreter is there and is none of ours."""
    monkeypatch.setitem(ENVIRONMENTS, "mlx", Environment((), ("mlx",)))
    folder = install("mlx")
    python = environments.installed_pythons()["mlx"]
    assert python.startswith(str(folder)) and python != sys.executable
    assert install("mlx") == folder, "made once"
