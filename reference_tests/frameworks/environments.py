"""Environments of their own: frameworks that are not installed beside convcheck, each with versions that were tried.

`convcheck compare --install NAME` makes one in the user's cache; its columns are asked by its interpreter from then on.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError
from ..i18n import _
from .cache import cache_directory
from .registry import FRAMEWORKS, GROUPS


@dataclass(frozen=True)
class Environment:
    """An environment: what is installed, in steps, and which columns it answers.

    steps: arguments of pip for each step.
    """

    steps: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]


KERAS = GROUPS["keras"]  # keras.ops too
WITH_TORCH = tuple(column for column in KERAS if column.endswith("@torch"))
TENSORFLOW = ("tensorflow", "litert", *(column for column in KERAS if column not in WITH_TORCH))
TORCH = ("torch==2.13.0",)
OLD_NUMPY = "numpy==1.23.5"  # np.bool and numpy.distutils, which Chainer and MXNet import
ENVIRONMENTS = {
    "tensorflow": Environment(
        (
            ("tensorflow-cpu==2.21.0; platform_system != 'Darwin'", "tensorflow==2.21.0; platform_system == 'Darwin'",
             "keras==3.15.1", "jax==0.10.2", "ai-edge-litert==2.3.0"),
        ),
        TENSORFLOW,
    ),
    "keras-torch": Environment((TORCH, ("keras==3.15.1", "numpy==2.4.6")), WITH_TORCH),
    "opencv": Environment((("opencv-python-headless==5.0.0.93", "onnx==1.23.2"),), GROUPS["opencv"]),
    "openvino": Environment((("openvino==2026.4.1", "onnx==1.23.2"),), ("openvino",)),
    "flax": Environment((("flax==0.12.8", "optax==0.2.8", "jax==0.10.2"),), ("flax",)),
    "paddle": Environment((("paddlepaddle==3.3.1",),), ("paddle",)),
    "mlx": Environment((("mlx[cpu]==0.32.4", "numpy==2.4.6"),), ("mlx",)),
    "executorch": Environment(
        (
            TORCH,
            ("numpy==2.4.6", "torchao==0.18.0", "flatbuffers==25.12.19", "ruamel.yaml==0.19.1", "tabulate==0.10.0",
             "pyyaml==6.0.3", "packaging==26.3"),
            ("--no-deps", "executorch==1.4.0"),  # of its dependencies CoreML and Hydra are not needed here
        ),
        ("executorch",),
    ),
    "tinygrad": Environment((("tinygrad==0.14.0", "numpy==2.4.6"),), ("tinygrad",)),
    "mxnet": Environment((("mxnet==1.9.1", OLD_NUMPY),), ("mxnet",)),
    "chainer": Environment(
        (
            (OLD_NUMPY, "setuptools==69.5.1", "wheel==0.45.1", "six==1.17.0", "protobuf==7.36.2", "filelock==4.3.1",
             "typing_extensions==4.16.0"),
            ("--no-build-isolation", "chainer==7.8.1"),
        ),
        ("chainer",),
    ),
}  # fmt: skip


def environment_of(name: str) -> str:
    """Return the environment of a column, a group or an environment. Raises UsageError if there is none."""
    if name in ENVIRONMENTS:
        return name
    found = next((e for e, made in ENVIRONMENTS.items() if name in made.columns or name == e), None)
    if found is None and name in GROUPS:
        found = environment_of(GROUPS[name][0])
    if found is None:
        raise UsageError(f"--install {name}: " + _("there are {names}").format(names=", ".join(ENVIRONMENTS)))
    return found


def brings_cuda(name: str) -> bool:
    """Whether an environment has torch, of which the package index has the build for CUDA alone for Linux."""
    return sys.platform == "linux" and TORCH in ENVIRONMENTS[name].steps


def folder_of(name: str) -> Path:
    """Return the folder of an environment; other versions, or another Python, have another folder."""
    text = repr((ENVIRONMENTS[name].steps, sys.version_info[:2]))
    return cache_directory().parent / "environments" / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def python_in(folder: Path) -> Path:
    """Return the interpreter of an environment's folder."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def installed_pythons() -> dict[str, str]:
    """Return {column: interpreter} of the environments that are complete."""
    return {
        column: str(python_in(folder))
        for name, environment in ENVIRONMENTS.items()
        if ((folder := folder_of(name)) / "complete").exists()
        for column in environment.columns
        if column in FRAMEWORKS
    }


def install(name: str) -> Path:
    """Make the environment of a column with pip; return its folder. Raises UsageError with pip's last line."""
    name = environment_of(name)
    folder = folder_of(name)
    if (folder / "complete").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)  # of an installation that was interrupted
    try:
        venv.create(folder, with_pip=True, symlinks=os.name != "nt")
        for step in ENVIRONMENTS[name].steps:
            command = [str(python_in(folder)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *step]
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", env=plain_environment())
            if done.returncode:
                lines = [line for line in done.stderr.splitlines() if line.strip()] or [f"status {done.returncode}"]
                raise UsageError(f"--install {name}: pip: {lines[-1].strip()}")
        (folder / "complete").touch()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def plain_environment() -> dict[str, str]:
    """Return the environment variables without those that lead a Python to our own packages."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
