"""What Python and NumPy mean by an exception: a sentence and a repair for each of those that beginners meet."""

import re
from typing import NamedTuple

from ...i18n import N_, _
from ...subject.protocol import Stop
from ..types import Diagnosis
from .shape_errors import FLAT


class Hint(NamedTuple):
    """A kind of exception. Its groups fill the sentence. line: what the learner's line must have in it besides."""

    pattern: str
    slug: str  # the code is exception.slug
    text: str
    repair: str
    line: str = ""


HINTS = (
    Hint(
        r"'(?:numpy\.)?float\d*' object cannot be interpreted as an integer|slice indices must be",
        "float-size",
        N_("a size or an index is a float: a / b gives a float even where it divides"),
        N_("use a // b, or int(...) around the quotient"),
    ),
    Hint(
        r"only integers, slices",
        "index",
        N_("an index is not a whole number"),
        N_("use a // b for sizes; an array has no names as a dict has"),
    ),
    Hint(
        r"'tuple' object cannot be interpreted as an integer",
        "shape-for-size",
        N_("a whole shape stands where one size belongs"),
        N_("take one axis of it: x.shape[0]"),
    ),
    Hint(
        r"'(?:int|numpy\.int\d+)' object is not iterable",
        "range",
        N_("a number is looped over"),
        N_("write range(n)"),
        r"\b(?:for|in)\b",
    ),
    Hint(
        r"'NoneType' object (?:is not|has no)|operand type\(s\) for .*'NoneType'|type 'NoneType' has no len",
        "none-used",
        N_("None is used as an array: an attribute is still None, or a function gives nothing back"),
        N_("assign the attribute in forward, and end every function with return"),
    ),
    Hint(
        r"(?:too many|not enough) values to unpack",
        "unpack",
        N_("the array has more or fewer axes than there are names before .shape"),
        N_("look at the shape with print, and reshape the array first"),
        r"\.shape",
    ),
    Hint(
        r"tuple index out of range",
        "shape-index",
        N_("the array has fewer axes than the index of its shape needs"),
        N_("look at the shape with print; the first axis is 0"),
        r"\.shape",
    ),
    Hint(
        r"axes don't match array",
        "transpose",
        N_("transpose is given another number of axes than the array has"),
        N_("name every axis of the array once; reshape it before if it has been made a matrix"),
    ),
    Hint(
        r"OverflowError: Python integer \d+ out of bounds for u?int8",
        "byte",
        N_("a number is put into a byte, which counts to 255 only, or to 127 with a sign"),
        N_("keep places and counts in int64, NumPy's default: leave the dtype out"),
    ),
    Hint(
        r"OverflowError: cannot convert float infinity to integer",
        "infinity-as-integer",
        N_("infinity is put into an array of whole numbers, which have none: it has the type of x"),
        N_("let the array be of floats: leave dtype=x.dtype out, or make x one with x.astype(float)"),
        r"(?i)\binf|pad|full|fill",
    ),
    Hint(
        r"negative dimensions are not allowed",
        "negative-size",
        N_("a size is below 0"),
        N_("look at how the output's size is counted: with 2*pad, and the window's own height and width"),
    ),
    Hint(
        r"truth value of an array with more than one element",
        "truth-of-array",
        N_("a whole array stands where one yes or no is needed (if, and, or, max, min)"),
        N_("use np.where, np.maximum, & and |, which work number by number"),
    ),
    Hint(
        r"setting an array element with a sequence|only (?:0-dimensional|length-1|size-1) arrays can be converted",
        "array-for-number",
        N_("an array is put where one number belongs"),
        N_("add it up or take its largest first, or index every axis"),
    ),
    Hint(
        r"Cannot cast ufunc .* from dtype\('float\d+'\) to dtype\('(?:u?int|bool)",
        "integers",
        N_("a float is written into an array of whole numbers"),
        N_("make the array with a dtype of float, or write out = out + ... in place of +="),
    ),
    Hint(
        r"output array is not acceptable",
        "out-type",
        N_("np.dot is to write into an array of another type, order or number of axes than its result"),
        N_("leave out= away, or make that array with dtype=np.result_type(x, W)"),
    ),
    Hint(
        r"(?:assignment destination|output array) is read-only",
        "updates-itself",
        N_("backward itself takes a step of gradient descent: it changes the parameters"),
        N_("backward works the gradients out and changes no parameter; the optimizer updates them"),
        r"-=.*\*.*\b(?:d[Wb]|dgamma|dbeta|grads?)\b",
    ),
    Hint(
        r"(?:assignment destination|output array) is read-only",
        "read-only",
        N_("it writes into a read-only array: one that it was given, or a view such as np.broadcast_to returns"),
        N_("work on a copy, or make a new array"),
    ),
    Hint(
        r"Incompatible shape for in-place modification",
        "shape-set",
        N_("the shape of an array is set in place, which NumPy does only where the array lies in memory in C order"),
        N_("write x = x.reshape(...), which makes a copy where it has to"),
    ),
    Hint(
        r"boolean index did not match",
        "mask",
        N_("a mask is laid on an array of another shape than its own"),
        N_("make it of that array in every forward, and let every layer be an object of its own"),
    ),
    Hint(
        r"pop from empty list",
        "pop",
        N_("something is taken out of a list that is empty"),
        N_("keep what backward needs under a name of its own, where it stays until the next forward"),
    ),
    Hint(
        r"array split does not result in an equal division",
        "split",
        N_("an array is split into equal parts, and its length is no multiple of their number"),
        N_("give split the places at which it is cut: the running sum of the parts' own lengths"),
    ),
    Hint(
        r"array dimensions (?:except for|for) the concatenation axis must match exactly",
        "concatenate",
        N_("arrays are joined along one axis and differ in length along another"),
        N_("look at their shapes with print: join along the axis in which they may differ"),
    ),
    Hint(
        r"einstein sum|sum subscripts",
        "einsum",
        N_("einsum has another number of letters than the array has axes"),
        N_("write one letter for each axis"),
    ),
    Hint(
        r"shape-mismatch for sum",
        "tensordot",
        N_("the axes over which tensordot adds up have different lengths"),
        N_("name the same axes of both arrays, in the same order"),
    ),
    Hint(
        r"'numpy\.ndarray' object is not callable",
        "array-called",
        N_("an array is called like a function"),
        N_("index it with [ ], and give no array the name of a function"),
    ),
    Hint(
        r"(?:for .*)?'(?:builtin_function_or_method|method|function)'(?: object)?",
        "not-called",
        N_("a function is used as an array: the parentheses () are missing"),
        N_("call it"),
    ),
    Hint(
        r"'(?:list|tuple)' object has no|can't multiply sequence by non-int|indices must be integers or slices",
        "list-for-array",
        N_("a list or a tuple is used as an array"),
        N_("make an array of it with np.array"),
    ),
    Hint(
        r"cannot reshape array of size 0 into",
        "empty-reshape",
        N_("reshape cannot work out -1 where there are no numbers"),
        N_("write the size out in place of -1"),
    ),
    Hint(
        r"ZeroDivisionError",
        "zero-division",
        N_("it divides by 0: is an argument left out, or in the place of another?"),
        N_("compare the call with the function's parameters, one by one"),
    ),
    Hint(
        r"UnboundLocalError: .*variable '(\w+)'",
        "unbound",
        N_("{0} is only assigned in a branch or a loop that did not run"),
        N_("assign it before, and look for one that is spelled differently"),
    ),
    Hint(
        r"RecursionError",
        "recursion",
        N_("a function calls itself without an end"),
        N_("call the function of the module or of NumPy that was meant"),
    ),
    Hint(
        r"name '(np|numpy)' is not defined",
        "import-numpy",
        N_("{0} is used without its import"),
        N_("write import numpy as np in the first line of the file"),
    ),
    Hint(
        r"module 'numpy' has no attribute '(int|float|bool|object|str|complex|long)'",
        "old-numpy",
        N_("np.{0} does not exist any more"),
        N_("write int, float or bool without np."),
    ),
    Hint(
        r"AttributeError: '[A-Z]\w*' object has no attribute '(\w+)'$",
        "attribute",
        N_("self.{0} is used and was never assigned"),
        N_("assign it in __init__ or in forward, with self. before it"),
        r"self\.",
    ),
)
OF_THE_LINE = ("range", "unpack", "shape-index", "transpose", "split", "concatenate", "einsum", "tensordot")
TOO_FEW = r"takes (\d+) positional arguments? but (\d+) (?:was|were) given"
SELF = Hint(
    TOO_FEW,
    "self",
    N_("the method is given one argument more than it has parameters: is `self` missing?"),
    N_("write self as the first parameter of every method"),
)
PARAMETERS = (  # of a method that has its self: the message ends in its signature
    Hint(
        TOO_FEW + r": backward\(self\)$",
        "no-dout",
        N_("backward takes no dout: the gradient of what comes behind the layer is part of every gradient before it"),
        N_("write backward(self, dout): dout times the layer's own slope goes on"),
    ),
    Hint(
        TOO_FEW + r": (\w+\(self\b.*\))$",
        "parameter",
        N_("{2} has one parameter less than it is given arguments"),
        N_("write one parameter more, after those that are there"),
    ),
)


def explain_by_hint(stop: Stop, component: str, runs_plainly: bool = False) -> Diagnosis | None:
    """Name what an exception means, None if the table does not have it.

    runs_plainly: the same line is right in the plain use, so that a sentence that blames that line says nothing.
    """
    for hint in (*PARAMETERS, SELF):
        found = re.search(hint.pattern, stop.text)
        if found and not stop.line and int(found[2]) == int(found[1]) + 1:
            return to_diagnosis(hint, found, stop)
    for hint in (h for h in HINTS if not (runs_plainly and h.slug in OF_THE_LINE)):
        if (found := re.search(hint.pattern, stop.text)) and re.search(hint.line, stop.line):
            if hint.slug == "unpack" and component == "affine" and "too many" in stop.text:
                code, text, repair = FLAT
                return Diagnosis(code, _(text), _(repair), line=stop.line)
            return to_diagnosis(hint, found, stop)
    return None


def to_diagnosis(hint: Hint, found: re.Match[str], stop: Stop) -> Diagnosis:
    """Return the hint as a diagnosis in the reader's language."""
    return Diagnosis(f"exception.{hint.slug}", _(hint.text).format(*found.groups()), _(hint.repair), line=stop.line)
