"""Targets that are modules: imported by their name, every statement of theirs is run."""

import importlib
import os
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from .conventions.contract import may_compute
from .folder import find_code_files, names_defined_in
from .import_context import ROOT
from .reader import Reader, describe_failure
from .source import LoadError, read_file
from .timing.alarms import OutOfTime


def import_target(name: str, reader: Reader | None = None, here: Path | None = None) -> ModuleType:
    """Import a module by its name. Raises LoadError with the failing line.

    reader: None for a module of ours, which is the packaged one, whatever lies in the working directory.
    here: a folder that is searched last.
    """
    old = sys.path[:]
    if here:
        sys.path.append(str(here))
    if reader is None:
        sys.path.insert(0, str(ROOT))
    try:
        return importlib.import_module(name)
    except (OutOfTime, KeyboardInterrupt, LoadError):
        raise
    except BaseException as error:
        if isinstance(error, ModuleNotFoundError) and error.name and f"{name}.".startswith(f"{error.name}."):
            raise LoadError(f"there is no module, file or folder {name} here or on Python's path.") from None
        raise LoadError(f"{name} cannot be imported: {describe_failure(error)}{failing_line(error, reader)}.") from None
    finally:
        if reader is None:
            sys.path[:] = old


def failing_line(error: BaseException, reader: Reader | None) -> str:
    """Return " (layers.py, line 3: x = y)": the target's last line on the way to the error, "" without one."""
    files = tuple(reader.files) if reader else None
    frames = [f for f in traceback.extract_tb(error.__traceback__) if files is None or f.filename in files]
    return f" ({os.path.basename(frames[-1].filename)}, line {frames[-1].lineno}: {frames[-1].line})" if frames else ""


def import_definers(package: ModuleType, absent: set[str], reader: Reader | None) -> list[ModuleType]:
    """Import the package's modules that define names absent from its top level; return them."""
    found = []
    for folder in getattr(package, "__path__", ()) if absent else ():
        for file in sorted(find_code_files(Path(folder))):
            relative = file.relative_to(folder).with_suffix("")
            if file.suffix != ".py" or not any(name.encode() in read_file(file) for name in absent):
                continue
            try:
                own = names_defined_in(file, str(relative))
            except LoadError:
                continue  # it would have to be imported to matter
            if own.keys() & absent:
                found.append(import_target(".".join([package.__name__, *relative.parts]), reader))
    return found


def related_modules(modules: list[ModuleType]) -> list[ModuleType]:
    """Return all loaded modules of these modules' packages. Modules outside sys.modules are left out."""
    tops = {m.__name__.partition(".")[0] for m in modules if sys.modules.get(m.__name__) is m}
    loaded = sys.modules.items() if tops else ()
    return [m for n, m in list(loaded) if n.partition(".")[0] in tops and getattr(m, "__file__", None)]


def has_name(module: ModuleType, name: str) -> bool:
    """Return whether a module has the name, also by a __getattr__ of its own, whatever that raises for others."""
    try:
        return name in vars(module) or hasattr(module, name)
    except Exception:
        return False


def offers(module: ModuleType, name: str) -> bool:
    """Return whether a module has under a layer's name what may be one."""
    return has_name(module, name) and may_compute(name, vars(module).get(name))


def choose_definitions(wanted: Iterable[str], modules: list[ModuleType], reader: Reader | None) -> dict[str, Any]:
    """Return what the modules have under the wanted names: the first that has one; what only describes a layer last."""
    having = {name: [module for module in modules if has_name(module, name)] for name in wanted}
    return {name: choose_definition(name, there, reader) for name, there in having.items() if there}


def choose_definition(name: str, modules: list[ModuleType], reader: Reader | None) -> Any:
    """Return what one of the modules has under a name that all have."""

    def place(module: ModuleType) -> tuple[bool, bool]:
        return bool(reader) and name not in vars(module), not may_compute(name, vars(module).get(name))

    first = min(modules, key=place)
    return reader.own_definition(first, name) if reader and name in vars(first) else getattr(first, name)
