"""What the target itself has for a layer's arguments: initializers and optimizers, and the words for its modes."""

import ast
import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

from ...source import walk
from ..arguments import has_required, write_call
from ..reading import Unreadable
from ..signatures import arguments_of, is_name, tree_of
from ..vocabulary import layer_named, normalize

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


def word_codes(
    layer: str, thing: Any, usual: Mapping[str, tuple[str, ...]], things: Mapping[str, Any]
) -> dict[str, tuple[str, ...]]:
    """Return the codes of what a layer is told by a word: its mode, and an activation. Raises Unreadable."""
    modes = mode_codes(layer, thing, usual.get("mode", ()), things)
    told = {"mode": modes, "activation": activation_codes(thing, usual.get("activation", ()), things)}
    return told | ({"pad": padding_codes(thing, usual["pad"])} if "pad" in usual else {})


def mode_codes(layer: str, thing: Any, usual: tuple[str, ...], things: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the codes of a layer's mode: those first that the code itself compares with, as "avg" for an average.

    They may be members of a class too: Mode.MAX. Raises Unreadable where no word tells what the default stands for.
    """
    if layer not in MODES:
        return usual
    nodes = list(walk(tree_of(thing) or ast.Module([], [])))
    texts = [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    said = [repr(text) for text in texts if re.match(MODES[layer], text.lower())]
    members = [m for m in members_of(nodes, things) if re.match(MODES[layer], normalize(m.rpartition(".")[2]))]
    defaults = [a.default for a in arguments_of(thing) or [] if "mode" in a.roles]
    if not any(isinstance(one, int | Enum) and not isinstance(one, bool) for one in defaults):
        return tuple(dict.fromkeys([*said, *members, *usual]))
    if not members:
        raise Unreadable("what stands for which mode cannot be told")
    return tuple(dict.fromkeys(members))


def speaks_of_average(thing: Any, name: str) -> bool:
    """Return whether a pooling layer averages too: by its name or an argument for the mode."""
    if layer_named(name) == "AveragePooling":
        return True
    return "max" not in name.lower() and any("mode" in a.roles for a in arguments_of(thing) or [])


def members_of(nodes: list[ast.AST], things: Mapping[str, Any]) -> list[str]:
    """List what stands for a choice in code: the members of each class of which it names one, and its constants."""
    names = {n.id for n in nodes if isinstance(n, ast.Name)}
    kinds = {n.value.id for n in nodes if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)}
    classes = [(kind, vars(things[kind])) for kind in sorted(kinds) if isinstance(things.get(kind), type)]
    inside = [f"{kind}.{n}" for kind, own in classes for n in own if not n.startswith("_") and not callable(own[n])]
    return inside + [name for name in sorted(names) if isinstance(things.get(name), int | str)]


def padding_codes(thing: Any, usual: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codes of a padding: words alone where code compares it with words and never counts with it."""
    names = {a.name for a in arguments_of(thing) or [] if "pad" in a.roles}
    nodes = list(walk(tree_of(thing) or ast.Module([], [])))
    compared = [n for n in nodes if isinstance(n, ast.Compare) and speaks_of(n.left, names)]
    words = {
        c.value for n in compared for c in n.comparators if isinstance(c, ast.Constant) and isinstance(c.value, str)
    }
    other = [n for n in nodes if isinstance(n, ast.BinOp | ast.Call | ast.Tuple) and holds(n, names)]
    if other or not {word.lower() for word in words} & {"same", "valid"}:
        return usual
    valid = [word for word in sorted(words) if word.lower() == "valid"] or ["VALID" if {"SAME"} & words else "valid"]
    return tuple(repr(word) for word in valid)


def holds(node: ast.BinOp | ast.Call | ast.Tuple, names: set[str]) -> bool:
    """Return whether code counts with one of these names, hands it on or puts it beside others; not padding.lower()."""
    if isinstance(node, ast.BinOp):
        return any(speaks_of(one, names) for one in (node.left, node.right))
    return any(speaks_of(one, names) for one in (node.args if isinstance(node, ast.Call) else node.elts))


def speaks_of(node: ast.AST, names: set[str]) -> bool:
    """Return whether code is a variable of one of these names, self's attribute of it, or a method's call of it."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
        return speaks_of(node.func.value, names)
    return any(is_name(node, name) for name in names)


def activation_codes(thing: Any, usual: tuple[str, ...], things: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the codes of an activation that changes nothing: those words first that the code or its tables have."""
    tables = [one for one in things.values() if isinstance(one, dict) and {"relu", "ReLU", "RELU"} & one.keys()]
    words = [key for table in tables for key in table]
    words += [n.value for n in walk(tree_of(thing) or ast.Module([], [])) if isinstance(n, ast.Constant)]
    own = [repr(word) for word in words if isinstance(word, str) and word.lower() in ("linear", "identity", "none")]
    return tuple(dict.fromkeys([*own, *usual]))


def make(name: str, kind: Any, number: str) -> str:
    """Return the code that makes an object, the number for whatever it requires; "" if its arguments are not known."""
    arguments = arguments_of(kind)
    passed = {a.name: number for a in arguments or [] if a.required}
    return write_call(name, arguments, passed) if arguments is not None and has_required(arguments, passed) else ""
