"""What an examination ran on."""

import platform
from importlib.metadata import PackageNotFoundError, version


def environment(devices: tuple[str, ...]) -> dict[str, object]:
    """python, numpy, torch, scipy, blas, cpu, devices."""
    versions = {name: installed(name) for name in ("numpy", "torch", "scipy")}
    return {
        "python": platform.python_version(),
        **versions,
        "blas": blas(),
        "cpu": cpu(),
        "devices": list(devices),
    }


def installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def blas() -> str:
    import numpy as np

    found = np.show_config(mode="dicts")["Build Dependencies"]["blas"]  # type: ignore[index, call-overload]
    return f"{found.get('name', '')} {found.get('version', '')}".strip()


def cpu() -> str:
    """The processor's own name where the system tells it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
