"""Does what the target has under one of the contract's names also have the contract's interface?"""

import ast
import inspect
from collections.abc import Mapping
from difflib import get_close_matches
from types import CodeType
from typing import Any

from ..source import walk
from .families import Family
from .signatures import Argument, arguments_of, may_return_several, methods_of, returns_several, tree_of
from .special.families import CONTRACTS
from .uncommon.scaled_tanh import outer_factor
from .uncommon.statics import has_static_forward, takes_statically
from .vocabulary import BACKWARD, FORWARD, LOSSES, method_word, normalize

SLIP = 0.85  # likeness of a mistyped name
FUNCTIONS = {  # function -> the roles of its arguments
    "conv_output_size": ("size", "window", "stride", "pad"),
    "im2col": ("x", "window_h", "window_w", "stride", "pad"),
    "col2im": ("col", "input_shape", "window_h", "window_w", "stride", "pad"),
}
GRADIENTS_OF_W = "dw gradw gradweight weightgrad dweight dweights gradweights dkernel dkernels dfilters"
FLAGGED = {"Dropout": 2, "InvertedDropout": 2, "BatchNorm": 2, "SoftmaxWithLoss": 2}  # arguments of forward
SEVERAL = {"ResidualAdd": 2, "ChannelConcat": 3}  # arrays that forward is given
MADE_OF = {"MeanNormalization": 2}  # arguments that the constructor is given, of layers that no family describes
MADE_WITH = {"Dropout": 1, "InvertedDropout": 1, **dict.fromkeys(("SoftmaxWithLoss", *SEVERAL), 0)}  # arguments at most


def fits_contract(name: str, thing: Any, dout: bool = True) -> bool:
    """Return whether the contract's calls can be made, and mean what the target's names say that they mean.

    What cannot be looked at fits: it is asked as it is. dout: backward has to take one.
    """
    if thing is None:
        return False
    if not callable(thing) or (arguments := arguments_of(thing)) is None:
        return True
    if has_static_forward(thing):
        return name in SEVERAL and takes_statically(thing, forward=SEVERAL[name], backward=1)
    if name == "SimpleConvNet":  # its gradients have a method of their own
        return "gradient" in methods_of(thing)
    if has_backward_elsewhere(thing):
        return False
    if name in FUNCTIONS:
        several = name != "conv_output_size" and returns_several(tree_of(thing))
        return fits_function(FUNCTIONS[name], arguments) and not several
    if name == "SoftmaxWithLoss" and returns_several(tree_of(methods_of(thing).get("forward"))):
        return False  # it gives the shares beside the loss; no layer is given them next
    if (name == "Dropout" and not speaks_as_the_book(thing)) or (name == "Tanh" and outer_factor(thing)):
        return False
    family = CONTRACTS.get(name)
    if family and not fits_constructor(family, arguments, thing):
        return False
    if family and "W" in family.params and not keeps_gradients(thing):
        return False
    if sum(not a.keyword_only for a in arguments) < MADE_OF.get(name, 0) and not takes_more(thing):
        return False
    if dout and takes_nothing(thing, "backward"):
        return False
    if sum(a.required for a in arguments) > MADE_WITH.get(name, len(arguments)) or not means_the_same(name, thing):
        return False
    given = {"forward": SEVERAL.get(name, FLAGGED.get(name, 1)), "backward": 1}
    return accepts(thing, given["forward"]) and all(fits_method(thing, *item) for item in given.items())


def may_compute(name: str, thing: Any) -> bool:
    """Return whether what has a layer's name may be one: a class without a forward pass describes a layer at most."""
    if not isinstance(thing, type) or name == "SimpleConvNet":  # a network's methods have many names
        return True
    words = {*FORWARD, "__call__", *(LOSSES if name == "SoftmaxWithLoss" else ())}
    return any(method_word(method) in words for method in methods_of(thing))


def hands_back_more(names: Mapping[str, Any], things: Mapping[str, Any]) -> set[str]:
    """Return the names of layers whose backward gives more than dx, (dx, []), where other layers' does so too."""
    kinds = {thing for thing in things.values() if isinstance(thing, type) and "backward" in methods_of(thing)}
    backward = {kind: methods_of(kind)["backward"] for kind in kinds}
    several = {kind for kind, own in backward.items() if may_return_several(own) and returns_several(tree_of(own))}
    return {name for name, thing in names.items() if thing in several} if len(several) > 1 else set()


def has_settings(network: Any) -> bool:
    """Return whether a network is made with the contract's settings; True where that cannot be told."""
    arguments = arguments_of(network) if isinstance(network, type) else None
    return arguments is None or any(a.name == "conv_param" for a in arguments)


def has_backward_elsewhere(thing: Any) -> bool:
    """Return whether a class has no method backward, and another whose name says that it is the backward pass.

    A slip of the pen is no other name: under the book's names backword is an absent backward.
    """
    methods = methods_of(thing) if isinstance(thing, type) else {}
    if "backward" in methods or get_close_matches("backward", methods, 1, SLIP):
        return False
    return any(method_word(name) in BACKWARD for name in methods)


def means_the_same(name: str, thing: Any) -> bool:
    """Return whether forward's second argument may be what the contract passes there: a flag, or the labels."""
    found = methods_of(thing).get("forward") if isinstance(thing, type) else None
    arguments = arguments_of(found, skip_first=True) or [] if found else []
    if name not in FLAGGED or len(arguments) < 2:
        return True
    first, second = arguments[0].roles, arguments[1].roles
    if name == "SoftmaxWithLoss":
        return not ("t" in first and "x" not in first and "x" in second and "t" not in second)
    return "mode" not in second or isinstance(arguments[1].default, bool)


def speaks_as_the_book(thing: Any) -> bool:
    """Return whether a class of dropout has one of the book's own names: elsewhere training scales as often as not."""
    forward = methods_of(thing).get("forward") if isinstance(thing, type) else None
    found = [*(arguments_of(thing) or []), *(arguments_of(forward, skip_first=True) or [] if forward else [])]
    return any(normalize(a.name) in ("dropoutratio", "trainflg") for a in found)


def keeps_gradients(thing: Any) -> bool:
    """Return whether a class with a backward pass has an attribute dW; True where that cannot be told.

    Where there is none, gradients are elsewhere if it has one by another name, or if backward returns several things.
    """
    methods = methods_of(thing)
    codes = [code for m in methods.values() for code in codes_of(inspect.unwrap(m))]
    if "backward" not in methods or inspect.getattr_static(thing, "dW", None) is not None:  # a property, say
        return True
    if any("dW" in code.co_names for code in codes):  # no need to look at its source
        return True
    tree, back = tree_of(thing), methods["backward"]
    if tree is None:
        return True
    names = {n.attr for n in walk(tree) if isinstance(n, ast.Attribute)}
    texts = {n.value for n in walk(tree) if isinstance(n, ast.Constant)}
    if "dW" in names | texts:
        return True
    returned = [n.value for n in walk(tree_of(back) or ast.Module([], [])) if isinstance(n, ast.Return)]
    elsewhere = any(isinstance(value, ast.Tuple | ast.List | ast.Dict) for value in returned)
    others = {"grads", "grad", "gradients", *GRADIENTS_OF_W.split()}
    return not elsewhere and not {normalize(name) for name in names} & others


def codes_of(function: Any) -> list[CodeType]:
    """List the compiled code of a function and of those inside it; nothing for what is written in C."""
    found = [code] if isinstance(code := getattr(function, "__code__", None), CodeType) else []
    for one in found:  # the list grows meanwhile
        found += [inner for inner in one.co_consts if isinstance(inner, CodeType)]
    return found


def fits_function(wanted: tuple[str, ...], arguments: list[Argument]) -> bool:
    """Return whether a function takes the contract's arguments, and no name contradicts its place."""
    if len(arguments) < len(wanted) or any(a.required for a in arguments[len(wanted) :]):
        return False
    return not any(known_roles(a) and role not in a.roles for a, role in zip(arguments, wanted))


def known_roles(argument: Argument) -> set[str]:
    """Return the roles of an argument that a function of the contract may have."""
    return set(argument.roles)


def accepts(thing: Any, wanted: int) -> bool:
    """Return whether forward can be given so many arguments; True where that cannot be told."""
    found = methods_of(thing).get("forward") if isinstance(thing, type) else None
    arguments = arguments_of(found, skip_first=True) if found else None
    if isinstance(thing, type) and found is None:
        return not {normalize(name) for name in methods_of(thing)} & set(FORWARD)
    return not found or arguments is None or len(arguments) >= wanted or "*" in str(inspect.signature(found))


def fits_constructor(family: Family, arguments: list[Argument], thing: Any) -> bool:
    """Return whether the contract's arguments can be passed by position, and no name contradicts its place."""
    wanted = family.roles
    positional = [a for a in arguments if not a.keyword_only]
    if any(a.required for a in [*positional[len(wanted) :], *(a for a in arguments if a.keyword_only)]):
        return False
    if any(isinstance(a.default, tuple | str) for a in positional[: len(wanted)]):
        return False
    if len(positional) < len(family.params) or any(
        known(family, a) and r not in a.roles for a, r in zip(positional, wanted)
    ):
        return False
    if family.name == "BatchNorm" and len(positional) < len(wanted):
        return False  # its statistics have to be given
    return len(positional) >= len(wanted) or takes_more(thing)


def takes_more(thing: Any) -> bool:
    """Return whether a callable takes any number of arguments by position."""
    return any(p.kind is p.VAR_POSITIONAL for p in inspect.signature(thing).parameters.values())


def known(family: Family, argument: Argument) -> bool:
    """Return whether the argument's name says what it is, among what this layer may be given."""
    return any(role in family.codes for role in argument.roles)


def takes_nothing(thing: Any, method: str) -> bool:
    """Return whether a method of the class takes self alone: what it needs is elsewhere. One without self is wrong."""
    found = methods_of(thing).get(method) if isinstance(thing, type) else None
    return inspect.isfunction(found) and [*inspect.signature(found).parameters] == ["self"]


def fits_method(thing: Any, method: str, most: int) -> bool:
    """Return whether a method of the class takes what the contract passes; True where there is no such method."""
    found = methods_of(thing).get(method) if isinstance(thing, type) else None
    arguments = arguments_of(found, skip_first=True) if found else None
    if arguments is None:
        return True
    return sum(a.required for a in arguments) <= most
