"""Layouts: in which order an array has its axes. A layout is a text such as "N H W C", a group of letters an axis.

Letters: N images, C channels, H and W their sides; F filters, I and J the window's sides, Y and X the output's;
D and M the inputs and outputs of a fully connected layer; K classes; G the channels that one filter sees. A group of
several letters ("CHW") is one flattened axis, "1" an axis of length one. A layout that lacks the letter N is of one
image; one that lacks C or F is of one channel. A letter that the array does not have (a bias for each place, "F Y X")
is one of equal copies; a gradient is summed over it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod

Sizes = Mapping[str, int]
SINGLE = "NCFGIJ"  # letters that a layout may lack where there is one: an image, a channel, a row of the window


@dataclass(frozen=True)
class Layout:
    """An order of axes. axes: the letters of the contract's array, in its order."""

    text: str
    axes: str

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The letters of each axis; "" for an axis of length one."""
        return tuple("" if g == "1" else g for g in self.text.split())

    @cached_property
    def letters(self) -> str:
        """All letters, in the layout's order."""
        return "".join(self.groups)

    @cached_property
    def lacking(self) -> str:
        """The letters of the contract's array that the layout has no axis for."""
        return "".join(a for a in self.axes if a not in self.letters)

    @cached_property
    def copies(self) -> str:
        """The letters over which the contract's array is repeated."""
        return "".join(a for a in self.letters if a not in self.axes)

    @property
    def plain(self) -> bool:
        """Whether it is the contract's own layout."""
        return self.groups == tuple(self.axes)

    def shape(self, sizes: Sizes) -> tuple[int, ...]:
        """Return the shape of an array of these sizes."""
        return tuple(prod(sizes[letter] for letter in group) for group in self.groups)

    def fits(self, shape: tuple[int, ...], sizes: Sizes) -> bool:
        """Return whether an array of this shape may have the layout. Letters that it lacks must be single ones."""
        return set(self.lacking) <= set(SINGLE) and shape == self.shape(sizes)

    def there(self, name: str) -> str:
        """Return the code that brings the contract's array into the layout."""
        axes, code = self.axes, name
        for letter in self.lacking:  # an image is picked by the loop over the images
            code, axes = (code if letter == "N" else pick_first(code, axes, letter)), axes.replace(letter, "")
        order = "".join(a for a in self.letters if a in axes)
        if order != axes:
            code += f".transpose({', '.join(str(axes.index(a)) for a in order)})" if len(order) > 2 else ".T"
        if self.copies:
            return spread_out(code, self.groups, order)
        grouped = tuple(order) != self.groups
        return f"{code}.reshape({', '.join(self._lengths())})" if grouped else code

    def back(self, name: str) -> str:
        """Return the code that brings an array of the layout into the contract's order."""
        order, code = "".join(a for a in self.letters if a not in self.copies), name
        if self.copies:
            places = [i for i, g in enumerate(self.groups) if g and g in self.copies]
            code += f".sum({tuple(places) if len(places) > 1 else places[0]})"
        if tuple(order) != tuple(g for g in self.groups if g not in self.copies or not g):
            code += f".reshape({', '.join(NAMES[a] for a in order) or '()'})"
        axes = "".join(a for a in self.axes if a in order)
        if axes != order:
            code += f".transpose({', '.join(str(order.index(a)) for a in axes)})" if len(axes) > 2 else ".T"
        for i, letter in enumerate(self.axes):
            if letter not in order and letter != "N":
                code = f"np.expand_dims({code}, {i - ('N' in self.axes and 'N' not in order)})"
        return code

    def _lengths(self) -> list[str]:
        """Return the code of each axis's length."""
        return ["1" if not g else " * ".join(NAMES[a] for a in g) for g in self.groups]


# how generated code calls the sizes
NAMES = {
    "N": "N", "C": "C", "H": "IH", "W": "IW", "F": "FN", "I": "FH", "J": "FW", "Y": "OH", "X": "OW", "D": "D", "M": "M",
    "K": "K", "G": "CG",
}  # fmt: skip


def pick_first(code: str, axes: str, letter: str) -> str:
    """Return the code that picks the only one along an axis; an image's axis N is gone by then."""
    place = axes.index(letter)
    return f"{code}[{', '.join(':' * place)}{', ' if place else ''}0]"


def spread_out(code: str, groups: tuple[str, ...], order: str) -> str:
    """Return the code that repeats an array along the axes that it does not have."""
    index = ", ".join(":" if g and g in order else "None" for g in groups)
    lengths = ", ".join("1" if not g else NAMES[g] for g in groups)
    return f"np.broadcast_to({code}[{index}], ({lengths}))"


def infer(shape: tuple[int, ...], axes: str, candidates: list[str], sizes: Sizes) -> Layout | None:
    """Return the first of the layouts that an array of this shape may have; None if it has none of them."""
    for text in candidates:
        layout = Layout(text, axes)
        if layout.fits(tuple(shape), sizes):
            return layout
    return None
