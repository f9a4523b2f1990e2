"""How a layer is told whether it trains: a flag, its opposite, a word, methods, or an attribute of any such kind."""

import ast
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ...source import walk
from ..signatures import ABSENT, Argument, methods_of, tree_of
from ..vocabulary import normalize

ON = "train training istraining trainmode istrain trainflg trainflag isintraining trainingmode trainphase trainingphase"
OFF = "eval evalmode iseval inference istest test testing testmode evaluate isinference inferencemode deterministic"
WORDS = "mode phase state stage"  # of what is told by a word
SAID_ON = ("train", "training")
SAID_OFF = ("test", "eval", "inference", "testing", "evaluate", "validation", "predict", "infer")


def with_modes(
    arguments: list[Argument], tree: ast.AST | None, train: str, any_flag: bool = False
) -> tuple[list[Argument], dict[str, tuple[str, ...]]]:
    """Return forward's arguments, those of the mode with a role of their own, and the codes of these roles.

    train: the variable that says whether to train. any_flag: whether any argument that is true or false is one.
    """
    found, codes = [], dict[str, tuple[str, ...]]()
    for i, a in enumerate(arguments):
        code = mode_code(a, tree, train, any_flag) if i and "config" not in a.roles else ""
        found.append(replace(a, roles=(f"={a.name}",), default=ABSENT) if code else a)  # it is not left out
        codes |= {f"={a.name}": (code,)} if code else {}
    return found, codes


def mode_code(argument: Argument, tree: ast.AST | None, train: str, any_flag: bool = False) -> str:
    """Return the code of what an argument for the mode is given; "" for another argument."""
    plain, default = normalize(argument.name.strip("_")), argument.default
    if plain in OFF.split() and not isinstance(default, str):
        return f"not {train}"
    if isinstance(default, str) and (plain in f"{ON} {OFF} {WORDS}".split()):
        return f"({words_of(tree, default, train)})"
    if plain in WORDS.split() and argument.required and said(tree, (*SAID_ON, *SAID_OFF)):
        return f"({words_of(tree, '', train)})"
    is_flag = plain in f"{ON} {WORDS}".split() or {"train", "mode"} & {*argument.roles}
    return train if is_flag or (any_flag and isinstance(default, bool)) else ""


def words_of(tree: ast.AST | None, known: str, train: str) -> str:
    """Return the code that says one of two words: those that code compares with, or the usual ones."""
    on = known if known.lower() in SAID_ON else said(tree, SAID_ON) or "train"
    off = known if known.lower() in SAID_OFF else said(tree, SAID_OFF) or "test"
    return f"{on!r} if {train} else {off!r}"


def said(tree: ast.AST | None, words: Iterable[str]) -> str:
    """Return the first of the words that code has as a text, in its own letters; "" for none."""
    texts = [n.value for n in walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)] if tree else []
    return next((text for word in words for text in texts if text.lower() == word), "")


def switch_of(layer: Any, train: str) -> str:
    """Return the statement that sets an object's mode; "" if there is none."""
    if {"train", "eval"} <= set(methods_of(type(layer))):
        return f"layer.train() if {train} else layer.eval()"
    for name, value in {**vars(type(layer)), **getattr(layer, "__dict__", {})}.items():
        plain = normalize(name.strip("_"))
        if isinstance(value, bool) and plain in ON.split():
            return f"layer.{name} = {train}"
        if isinstance(value, bool) and plain in OFF.split():
            return f"layer.{name} = not {train}"
        if isinstance(value, str) and plain in WORDS.split():
            return f"layer.{name} = {words_of(tree_of(type(layer)), value, train)}"
    return ""
