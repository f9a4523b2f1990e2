"""Columns as they are asked for: a framework, by another interpreter or with other switches, several of one if wanted.

Written as NAME[=PYTHON][+VARIABLE=VALUE]..., with commas: torch=/old/python,torch=/new/python or
tensorflow,tensorflow+TF_ENABLE_ONEDNN_OPTS=0.
"""

import re
import shutil
import sys
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from ..i18n import _
from .cache import versions
from .registry import FRAMEWORKS, GROUPS, Framework, default_columns, framework_of

SWITCH = re.compile(r"\+(?=[A-Za-z_]\w*=)")


@dataclass(frozen=True)
class Order:
    """A column as it is written: a framework's name, an interpreter or "", and environment variables."""

    name: str
    python: str = ""
    switches: tuple[tuple[str, str], ...] = ()


def parse_columns(text: str) -> list[Order]:
    """Parse what is written for --columns; a group's name stands for its columns. Raises ValueError."""
    orders = []
    for word in filter(None, (word.strip() for word in text.split(","))):
        first, *switches = SWITCH.split(word)
        name, _sign, path = first.partition("=")
        python = find_python(f"--columns {word}", path) if path else ""
        pairs = tuple((variable, value) for variable, _sign, value in (one.partition("=") for one in switches))
        for column in GROUPS.get(name, (name,)):
            if column not in FRAMEWORKS:
                raise ValueError(_("{option}: {name!r} is none of {known}").format(
                    option="--columns", name=column, known=", ".join(FRAMEWORKS)
                ))  # fmt: skip
            orders.append(Order(column, python, pairs))
    return list(dict.fromkeys(orders))


def find_python(option: str, path: str) -> str:
    """Return an interpreter's absolute path; a link of a virtual environment stays one. Raises ValueError."""
    found = shutil.which(path)
    if not found:
        raise ValueError(_("{option}: {path} cannot be run").format(option=option, path=path))
    return str(Path(found).absolute())


def select_columns(
    text: str | None, target: str = "", pythons: dict[str, str] | None = None
) -> tuple[list[Framework], dict[str, str]]:
    """Return the columns that are asked for and {column: interpreter}; without text, those asked by default.

    pythons: interpreters of the frameworks that no column names. A target has a column of its own. Raises ValueError.
    """
    pythons = pythons or {}
    orders = parse_columns(text) if text else [Order(name) for name in default_columns()]
    found: list[Framework] = []
    by: dict[str, str] = {}
    for order, name in zip(orders, column_names(orders, pythons)):
        framework = FRAMEWORKS[order.name]
        found.append(replace(framework, name=name, setting=(*framework.setting, *order.switches)))
        if python := order.python or pythons.get(order.name, ""):
            by[name] = python
    if target:
        found.append(Framework("target", "target", ("numpy",), target=target))
    return found, {**pythons, **by}


def column_names(orders: list[Order], pythons: dict[str, str]) -> list[str]:
    """Return a name for each column: the framework's, and what tells it from another column of the framework."""
    repeated = {name for name, times in Counter(order.name for order in orders).items() if times > 1}
    names = [
        " ".join([order.name, *version_of(order, orders, pythons, repeated), *(f"{k}={v}" for k, v in order.switches)])
        for order in orders
    ]
    seen: Counter[str] = Counter()
    for i, name in enumerate(names):
        seen[name] += 1
        names[i] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return names


def version_of(order: Order, orders: list[Order], pythons: dict[str, str], repeated: set[str]) -> list[str]:
    """Return the versions of the framework's packages in which its columns differ, [] if they do not."""
    if order.name not in repeated:
        return []
    packages = FRAMEWORKS[order.name].packages
    all_versions = [installed(one, packages, pythons) for one in orders if one.name == order.name]
    mine = installed(order, packages, pythons)
    differ = [i for i in range(len(packages)) if len({some[i] for some in all_versions}) > 1]
    return [mine[i] if i == 0 else f"{packages[i]}-{mine[i]}" for i in differ]


def installed(order: Order, packages: tuple[str, ...], pythons: dict[str, str]) -> list[str]:
    """Return the versions of packages in a column's interpreter, "-" for one that is not there."""
    python = order.python or pythons.get(order.name, "") or sys.executable
    lines = versions(python, *packages).splitlines()
    return [line.rpartition(" ")[2] for line in lines] if len(lines) == len(packages) else ["-"] * len(packages)


def compared_pairs(frameworks: list[Framework]) -> list[tuple[str, str]]:
    """Return the pairs of columns of one framework, the first with each further one: those a diff is made of."""
    pairs = []
    for name in dict.fromkeys(framework_of(f.name) for f in frameworks):
        first, *others = [f.name for f in frameworks if framework_of(f.name) == name]
        pairs += [(first, other) for other in others]
    return pairs
