"""A rubric.toml is read, and every mistake in it named."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..conformance.contract import COMPONENTS
from .rubric import Component, Late, Rubric, RubricError, Single
from .rubric_sense import makes_sense
from .rubric_values import CHECK, COMPONENT, LATE, TOP, checked, missing, near

DEFAULT = Path(__file__).with_name("rubric.toml")


def load(path: str | Path | None = None) -> Rubric:
    """Raises RubricError."""
    path = Path(path or DEFAULT)
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RubricError(str(path), [f"it cannot be read: {error.strerror}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RubricError(str(path), [f"it is not TOML: {error}"]) from None
    return of(said, str(path))


def of(said: Mapping[str, Any], path: str = "rubric") -> Rubric:
    """Raises RubricError with all mistakes."""
    mistakes: list[str] = []
    top = checked(said, TOP, "", mistakes)
    share, drawn = top.get("hidden_share", 0.5), top.get("drawn", 3)
    components = []
    for name, about in top.get("components", {}).items():
        place = f"components.{name}"
        if name not in COMPONENTS:
            mistakes.append(f"{place}: no component is called {name!r}{near(name, COMPONENTS)}")
        elif not isinstance(about, dict):
            mistakes.append(f"{place} should be a table, [components.{name}]")
        else:
            kept = {"points": 0.0, "hidden_share": share, "drawn": drawn, **checked(about, COMPONENT, place, mistakes)}
            missing("points", about, place, mistakes)
            components.append(Component(name, **kept))
    components.sort(key=lambda part: COMPONENTS.index(part.name))
    singles = [one for i, about in enumerate(top.get("checks", [])) if (one := single(about, i, mistakes))]
    late = lateness(top["late"], mistakes) if "late" in top else None
    words = (top.get("title", "A CNN in NumPy"), top.get("language", "en"), top.get("prerequisites", "replace"))
    rubric = Rubric(*words, tuple(components), tuple(singles), late)
    mistakes += makes_sense(rubric, top.get("total"))
    if mistakes:
        raise RubricError(path, mistakes)
    return rubric


def single(about: Any, number: int, mistakes: list[str]) -> Single | None:
    place = f"checks[{number}]"
    if not isinstance(about, dict):
        mistakes.append(f"{place} should be a table, [[checks]]")
        return None
    kept = checked(about, CHECK, place, mistakes)
    missing("id", about, place, mistakes)
    missing("points", about, place, mistakes)
    return Single(**kept) if {"id", "points"} <= kept.keys() else None


def lateness(about: dict[str, Any], mistakes: list[str]) -> Late | None:
    kept = checked(about, LATE, "late", mistakes)
    missing("deadline", about, "late", mistakes)
    return Late(**kept) if "deadline" in kept else None
