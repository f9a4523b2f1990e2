"""What a layer returns in place of an array of numbers, as a sentence and as a diagnosis."""

import numpy as np

from ...i18n import N_, _
from ...subject.protocol import Returned
from ..types import Diagnosis, Problem

ONE_ARRAY = N_("return one array of numbers")
THINGS = {  # kind -> (what it is, how to repair it)
    "None": (N_("None"), N_("return the result in the last line of the method")),
    "tuple": (N_("a tuple of {length}: {detail}"), ONE_ARRAY),
    "list": (N_("a list of {length}: {detail}"), ONE_ARRAY),
    "str": (N_("a str: {detail}"), ONE_ARRAY),
    "bytes": (N_("bytes: {detail}"), ONE_ARRAY),
    "dict": (N_("a dict with the keys {detail}"), ONE_ARRAY),
    "generator": (N_("a generator, which has computed nothing yet"), N_("fill an array, or make one of a list")),
    "method": (N_("the function {detail} itself"), N_("call it: the parentheses () are missing")),
    "class": (N_("the class {detail} itself"), N_("return the numbers, not the class")),
    "complex": (N_("complex numbers"), N_("take the real part, and look for sqrt, log or a power of negative numbers")),
    "objects": (
        N_("an array of Python objects ({detail})"),
        N_("make all rows equally long, and leave None out of the array"),
    ),
    "text": (N_("an array of text ({detail})"), ONE_ARRAY),
    "number": (N_("the single number {detail}"), N_("return the array, not one number of it or its sum")),
    "array": (N_("one array of shape {detail}"), ONE_ARRAY),
    "object": (N_("an object of type {detail}"), ONE_ARRAY),
}
MISSING = {  # whether it was called or read -> the sentence on None
    False: N_("{call} returns None: is `return` missing?"),
    True: N_("{call} is still None after backward: is it assigned to self.{name}?"),
}


def say_returned(returned: Returned) -> str:
    """Say what came in place of an array, and from which call or attribute."""
    if returned.kind == "None":
        name = returned.call.rpartition(".")[2]
        return _(MISSING[returned.attribute]).format(call=returned.call, name=name)
    if returned.wanted > 1:
        return say_count(returned)
    says = _("{call} is {thing}") if returned.attribute else _("{call} returns {thing}")
    return says.format(call=returned.call, thing=name_thing(returned))


def say_count(returned: Returned) -> str:
    """Say how many gradients came, of how many."""
    if returned.kind not in ("tuple", "list"):
        text = _("{call} returns {thing}, should return {wanted} gradients as a tuple")
        return text.format(call=returned.call, thing=name_thing(returned), wanted=returned.wanted)
    text = _("{call} gives {length} of {wanted} gradients ({detail})")
    if returned.length > returned.wanted:
        text = _("{call} gives {length} arrays, should give {wanted} gradients ({detail})")
    return text.format(**vars(returned))


def name_thing(returned: Returned) -> str:
    """Name the thing with what is known of it: a tuple of 2: (2, 3), (2, 3)."""
    thing, _repair = THINGS.get(returned.kind, THINGS["object"])
    return _(thing).format(length=returned.length, detail=returned.detail or returned.kind)


def name_growing(returned: Returned) -> Diagnosis | None:
    """Recognize a later call that gives the arrays of the calls before as well: a list that is never emptied."""
    if returned.wanted < 2 or returned.length <= returned.wanted or returned.length % returned.wanted:
        return None
    text = _("{call} gives {length} arrays in a later call, should give {wanted}: a list grows with every call")
    return Diagnosis("state.accumulates", text.format(**vars(returned)), _("make a new list in every forward"))


def name_returned(p: Problem) -> Diagnosis:
    """Name what came in place of an array of numbers."""
    if p.returned is None:  # an array that is no answer, such as 5.0 where 5 is asked for
        text = _("it returns {what}, which is not an array of numbers").format(what=str(np.asarray(p.got).dtype))
        return Diagnosis("type", text, _("return an array of floating-point numbers"))
    if p.returned.wanted > 1 and p.returned.kind != "None":
        repair = _("return one gradient for each input, in the inputs' order")
        return Diagnosis("type.count", say_returned(p.returned), repair)
    kind = p.returned.kind if p.returned.kind in THINGS else "object"
    repair = _("assign the gradient to the attribute in backward") if p.returned.attribute else _(THINGS[kind][1])
    return Diagnosis(f"type.{kind.lower()}", say_returned(p.returned), repair)
