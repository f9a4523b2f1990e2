"""What the target itself has for a layer's arguments: initializers and optimizers, and the words for its modes."""

import ast
import re
from collections.abc import Mapping
from typing import Any

from ...source import walk
from ..arguments import has_required, write_call
from ..signatures import arguments_of
from ..vocabulary import normalize

HELPERS = {"scale": ("init", "0.1"), "optimizer": ("sgd|gradientdescent|optim|momentum|adagrad|adam", "1.0")}
MODES = {"Pooling": r"max\w*$", "AveragePooling": r"(av|mean)\w*$"}
PLAIN = "sgd|gradientdescent|simple"  # of several the one that does the least


def helper_codes(things: Mapping[str, Any], thing: Any) -> dict[str, tuple[str, ...]]:
    """Return the codes of a constructor's arguments for an initializer and an optimizer, by their roles.

    The target's own come first: an optimizer whose rate is 1.0, an initializer whose spread is 0.1.
    """
    found = {}
    for argument in arguments_of(thing) or []:
        for role in [role for role in argument.roles if role in HELPERS and argument.required]:
            pattern, number = HELPERS[role]
            own = [n for n, t in things.items() if isinstance(t, type) and re.search(pattern, normalize(n))]
            own.sort(key=lambda name: not re.search(PLAIN, normalize(name)))
            codes = [code for code in (make(name, things[name], number) for name in own) if code]
            stand_ins = ("0.1", "Spread()") if role == "scale" else ("Descent()", "None")
            found[role] = (*codes[:2], *stand_ins)
    return found


def mode_codes(layer: str, tree: ast.AST | None, usual: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codes of a layer's mode: those first that the code itself compares with, as "avg" for an average."""
    said = [n.value for n in walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)] if tree else []
    own = [repr(text) for text in said if layer in MODES and re.match(MODES[layer], text.lower())]
    return tuple(dict.fromkeys([*own, *usual]))


def make(name: str, kind: Any, number: str) -> str:
    """Return the code that makes an object, the number for whatever it requires; "" if its arguments are not known."""
    arguments = arguments_of(kind)
    passed = {a.name: number for a in arguments or [] if a.required}
    return write_call(name, arguments, passed) if arguments is not None and has_required(arguments, passed) else ""
