"""Somebody's file, statement by statement: imports, functions, classes and simple assignments are kept; the rest is listed."""

import ast
import contextlib
import importlib
import io
import os
import sys
import types
from dataclasses import dataclass, field
from pathlib import Path

from . import drive

KEEP = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.Try, ast.If)


class Missing:
    """Stands for what a failed import would have bound; raises only when used."""

    def __init__(self, why):
        self.__dict__["_why"] = why

    def __call__(self, *args, **kwargs):
        raise ImportError(self._why)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise ImportError(self._why)


@dataclass
class Subject:
    """In this process. `run` is all that judge knows of a subject."""

    target: str
    names: dict
    skipped: list = field(default_factory=list)
    seconds: float = 10.0

    def has(self, name):
        return name in self.names and not isinstance(self.names[name], Missing)

    def run(self, plan):
        names = {k: v for k, v in self.names.items() if not isinstance(v, Missing)}
        return drive.run(names, plan.program, plan.given, plan.layout, self.seconds, self.target)


def bound(node):
    return [(a.asname or a.name).split(".")[0] for a in node.names]


def is_main(node):
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


def load(target):
    if not target.endswith(".py"):  # a module is imported as it is; only a file is read statement by statement
        return Subject(target, vars(importlib.import_module(target)))
    path = Path(target).resolve()
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    module = types.ModuleType(path.stem)
    module.__file__ = str(path)
    sys.modules[path.stem] = module
    skipped, old = [], os.getcwd()
    os.chdir(path.parent)
    sys.path.insert(0, str(path.parent))
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            for node in tree.body:
                keep(node, module.__dict__, str(path), skipped)
    finally:
        os.chdir(old)
        sys.path.remove(str(path.parent))
    return Subject(str(path), module.__dict__, skipped)


def keep(node, names, filename, skipped):
    if not isinstance(node, KEEP) or is_main(node):
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            skipped.append((node.lineno, ast.unparse(node).splitlines()[0], "not a definition"))
        return
    try:
        exec(compile(ast.Module([node], []), filename, "exec"), names)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        skipped.append((node.lineno, ast.unparse(node).splitlines()[0], why))
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update({name: Missing(why) for name in bound(node)})
        elif isinstance(node, ast.Assign):
            names.update({t.id: Missing(why) for t in node.targets if isinstance(t, ast.Name)})
