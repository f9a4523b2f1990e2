"""A reading: how the target offers one layer of the contract, in code. Nothing in it is run here."""

import re
from dataclasses import dataclass, field

from .families import Family
from .layouts import NAMES, Layout

Place = tuple[str, Layout]  # code of an array of the target's, and the array's layout
Reach = dict[str, list[int | str]]  # size or argument -> the values that it may have: numbers, or names of others


class Unreadable(Exception):
    """A layer could not be read; the message says why."""


@dataclass
class Reading:
    """How the target offers one layer.

    Codes use the names of the contract's constructor, the sizes N, C, IH, IW, FN, FH, FW, OH, OW, D and M, layer (the
    target's object), got (what a call returned), and x_, W_, b_ and dout_: the arrays in the target's layout.
    """

    family: Family
    thing: str  # what the layer is read from: "Conv2D", "conv_forward"
    signature: str  # as the target writes it
    x: Layout
    out: Layout
    make: str = ""  # "" for functions
    prepare: list[str] = field(default_factory=list)  # statements before the first use
    lazy: bool = False  # its parameters appear at the first forward
    params: dict[str, Place] = field(default_factory=dict)  # of an object; a function is given them
    forward: str = ""
    result: str = "got"  # the output, of what forward returned
    cache: str = ""  # what backward needs of it
    backward: str = ""  # "" where there is none
    more: str = ""  # a second call that gives the parameters' gradients, where backward does not
    grads: dict[str, Place] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)  # statements before each forward pass
    others: dict[str, Layout] = field(default_factory=dict)  # layouts of what else forward is given
    kept: dict[str, str] = field(default_factory=dict)  # arrays that are copied before backward: name -> code
    given: dict[str, Layout] = field(default_factory=dict)  # the layouts in which a function is given its parameters
    shift: float = 0.0  # added to the bias, and taken off the output
    rows: str = ""  # "first" or "last": where an array of weights has the bias as one row or column more
    alone: bool = False  # there is a backward pass only
    stopped: bool = False  # backward stopped in every trial
    updates: bool = False  # backward changes the parameters
    handed: tuple[str, ...] = ()  # given parameters of which a function is handed copies: its backward changes them
    ascends: frozenset[str] = frozenset()  # those that it moves along the gradient that it gives beside the change
    reach: Reach = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    convention: str = ""  # the name of a known one

    @property
    def one_image(self) -> bool:
        """Whether the target is given one image at a time."""
        return "N" in self.x.axes and "N" not in self.x.letters

    @property
    def late(self) -> bool:
        """Whether the target's object can be made only where the input's sizes are known."""
        known = {NAMES[letter] for array in self.family.params.values() for letter in array.axes}
        return uses(self.make, *({"N", "C", "D", "IH", "IW", "OH", "OW", "x_"} - known))


LISTED = re.compile(r"np\.(stack|array)\((layer.*)\)")  # the code of an array that the target keeps as a list


def assign(where: str, code: str) -> str:
    """Return the statement that writes an array into a place of the target's: into each part where that is a list."""
    if not (listed := re.fullmatch(LISTED.pattern.replace("layer", "(?:self.)?layer"), where)):
        return f"{where}[...] = {code}"
    if listed[1] == "array":
        return f"{listed[2]}[:] = {code}.tolist()"
    return f"for part, new in zip({listed[2]}, {code}): part[...] = new"


def uses(code: str, *names: str) -> bool:
    """Return whether code uses one of the names."""
    return bool(set(names) & set(re.findall(r"\b[A-Za-z_]\w*\b", re.sub(r"'[^']*'", "", code))))


AT_ONCE = ["another-layer-between", "beside-another", "beside-same-sizes"]  # scenarios of several layers of a kind
LOST = ["tiny-dout", "large-numbers"]  # scenarios in which a gradient is far smaller than what it is read off


def keeps_elsewhere(reading: Reading) -> bool:
    """Return whether a function's backward pass is given nothing of the forward pass: one layer of a kind at a time."""
    given = ("x_", "W_", "cache", "out_", "context", "got", "layer")
    return bool(not reading.make and reading.backward) and not any(uses(reading.backward, name) for name in given)
