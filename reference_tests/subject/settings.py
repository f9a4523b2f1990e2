"""Settings that a target brings: a convcheck.toml, or [tool.convcheck] in a pyproject.toml, in its folder."""

import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..suggest import similar_names
from .arrays.kinds import ARRAYS, FLOATS
from .conventions.known.table import NAMES as CONVENTIONS
from .names import check_maps, suggestion
from .source import LoadError

Fits = Callable[[Any], bool]


def is_list_of_texts(value: Any) -> bool:
    """Return whether the value is a list of strings only."""
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def is_whole_number(value: Any) -> bool:
    """Return whether the value is an int from 0 on, and no bool."""
    return type(value) is int and value >= 0


KEYS: dict[str, tuple[str, Fits]] = {  # the command's options of these names
    "map": ("a table of texts", lambda v: isinstance(v, dict) and is_list_of_texts(list(v.values()))),
    "require": ("a list of texts", is_list_of_texts),
    "only": ("a list of texts", is_list_of_texts),
    "timeout": ("a number of seconds above 0", lambda v: type(v) in (int, float) and v > 0),
    "strict": ("true or false", lambda v: type(v) is bool),
    "level": ('"core" or "edge"', lambda v: v in ("core", "edge")),
    "convention": ("one of " + ", ".join(CONVENTIONS), lambda v: v in CONVENTIONS),
    "arrays": ("one of " + ", ".join(ARRAYS), lambda v: v in ARRAYS),
    "dtype": ("one of " + ", ".join(FLOATS), lambda v: v in FLOATS),
    "device": ("a text", lambda v: isinstance(v, str)),
    "fuzz": ("a whole number", is_whole_number),
    "seed": ("a whole number", is_whole_number),
}


def settings_beside(target: str) -> dict[str, Any]:
    """Return the settings in the target's folder (a module's: the working directory), convcheck.toml's if it is there.

    Raises LoadError, naming the file, for an unknown key, a value of the wrong kind, and a file that is not TOML.
    """
    path = Path(os.path.abspath(os.path.expanduser(target)))
    folder = path if path.is_dir() else path.parent
    own, project = folder / "convcheck.toml", folder / "pyproject.toml"
    if own.is_file():
        return validate(read_toml(own), own.name)
    table = read_toml(project).get("tool", {}) if project.is_file() else {}
    return validate(table.get("convcheck", {}), f"{project.name}, [tool.convcheck]")


def read_toml(path: Path) -> dict[str, Any]:
    """Return a TOML file's contents. Raises LoadError if it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LoadError(f"{path} cannot be read: {error}.") from None


def validate(settings: Any, place: str) -> dict[str, Any]:
    """Return the settings if every key is known and every value fits. Raises LoadError, naming the place."""
    if not isinstance(settings, dict):
        raise LoadError(f"{place} should be a table.")
    for key, value in settings.items():
        if key not in KEYS:
            close = suggestion(similar_names(key, KEYS))
            raise LoadError(f"{place}: unknown key {key!r}{close}; known are {', '.join(KEYS)}.")
        kind, fits = KEYS[key]
        if not fits(value):
            raise LoadError(f"{place}: {key} = {value!r:.60} should be {kind}.")
    check_maps(settings.get("map", {}))
    return settings
