"""What somebody has settled for their code: [tool.convcheck] in a pyproject.toml, or a convcheck.toml, beside it."""

import difflib
import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .names import check_maps, suggestion
from .source import LoadError

Fits = Callable[[Any], bool]


def is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def is_whole_number(value: Any) -> bool:
    return type(value) is int and value >= 0


KEYS: dict[str, tuple[str, Fits]] = {  # the command's options of these names
    "map": ("a table of texts", lambda v: isinstance(v, dict) and is_list_of_texts(list(v.values()))),
    "require": ("a list of texts", is_list_of_texts),
    "only": ("a list of texts", is_list_of_texts),
    "timeout": ("a number of seconds above 0", lambda v: type(v) in (int, float) and v > 0),
    "strict": ("true or false", lambda v: type(v) is bool),
    "device": ("a text", lambda v: isinstance(v, str)),
    "fuzz": ("a whole number", is_whole_number),
    "seed": ("a whole number", is_whole_number),
}


def settings_beside(target: str) -> dict[str, Any]:
    """The settings in the target's folder (the working directory's for a module); convcheck.toml before pyproject.toml.

    Raises LoadError, naming the file, for a key that is not known, a value of the wrong kind, and what is not TOML."""
    path = Path(os.path.abspath(os.path.expanduser(target)))
    folder = path if path.is_dir() else path.parent
    own, project = folder / "convcheck.toml", folder / "pyproject.toml"
    if own.is_file():
        return validate(read_toml(own), own.name)
    table = read_toml(project).get("tool", {}) if project.is_file() else {}
    return validate(table.get("convcheck", {}), f"{project.name}, [tool.convcheck]")


def read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LoadError(f"{path} cannot be read: {error}.") from None


def validate(settings: Any, place: str) -> dict[str, Any]:
    if not isinstance(settings, dict):
        raise LoadError(f"{place} should be a table.")
    for key, value in settings.items():
        if key not in KEYS:
            close = difflib.get_close_matches(key, KEYS, 1)
            raise LoadError(f"{place}: unknown key {key!r}{suggestion(close)}; known are {', '.join(KEYS)}.")
        kind, fits = KEYS[key]
        if not fits(value):
            raise LoadError(f"{place}: {key} = {value!r:.60} should be {kind}.")
    check_maps(settings.get("map", {}))
    return settings
