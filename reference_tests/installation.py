"""How this suite was installed, so that an install command in a message is true here."""

import json
import shlex
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

NAME = "convcheck"
EXTRAS = {  # module -> the extra that brings it
    "torch": "torch", "sklearn": "notebook", "nbformat": "notebook", "nbclient": "notebook", "jinja2": "report",
    "distributed": "dask", "dask": "dask", "onnx": "onnx", "onnxruntime": "onnx", "jax": "jax", "pooch": "data",
    "watchfiles": "watch", "mkdocs": "docs", "babel": "dev", "cosmic_ray": "dev",
}  # fmt: skip


def install_command(extra: str) -> str:
    """Return the command that adds an extra to this installation, from where it came: a folder, a file or the index."""
    return f"python -m pip install {source_of(extra)}"


def source_of(extra: str) -> str:
    """Return what pip is given, quoted for a shell."""
    origin = direct_url()
    path = unquote(urlsplit(origin.get("url", "")).path)
    if "dir_info" in origin:
        editable = "-e " if origin["dir_info"].get("editable") else ""
        return editable + shlex.quote(f"{path}[{extra}]")
    if "vcs_info" in origin:
        return shlex.quote(f"{NAME}[{extra}] @ {origin['vcs_info']['vcs']}+{origin['url']}")
    if "url" in origin:
        return shlex.quote(f"{NAME}[{extra}] @ {origin['url']}")
    return shlex.quote(f"{NAME}[{extra}]")


def direct_url() -> dict[str, Any]:
    """Return pip's record of where the distribution came from, {} for an index; a checkout in place is one."""
    try:
        text = distribution(NAME).read_text("direct_url.json")
        return dict(json.loads(text)) if text else {}
    except (PackageNotFoundError, ValueError):
        root = Path(__file__).parents[1]
        in_place = (root / "pyproject.toml").exists()
        return {"url": root.as_uri(), "dir_info": {"editable": True}} if in_place else {}


def installed_version() -> str:
    """Return the suite's version."""
    try:
        return version(NAME)
    except PackageNotFoundError:
        return "in place, not installed"
