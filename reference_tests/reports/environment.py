"""The environment that an examination ran in."""

import platform
from importlib.metadata import PackageNotFoundError, version


def describe_environment(devices: tuple[str, ...]) -> dict[str, object]:
    """Return versions of Python, NumPy, torch and SciPy, the BLAS, the processor and the devices, by name."""
    versions = {name: installed_version(name) for name in ("numpy", "torch", "scipy")}
    return {
        "python": platform.python_version(),
        **versions,
        "blas": blas_name(),
        "cpu": processor_name(),
        "devices": list(devices),
    }


def installed_version(name: str) -> str:
    """Return a distribution's version, "" if it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def blas_name() -> str:
    """Return the name and the version of NumPy's BLAS."""
    import numpy as np

    found = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"{found.get('name', '')} {found.get('version', '')}".strip()


def processor_name() -> str:
    """Return the processor's model name, or what Python knows of it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
