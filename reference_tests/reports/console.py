"""The terminal that commands print to: no word is broken at its edge, and commands can be copied whole."""

import re
from typing import Any

from rich.console import Console
from rich.text import Text

KEPT_WHOLE = re.compile(r"convcheck \w|pip install|pytest |\S {3,}\S")  # a command to copy, or the columns of a table
HANGING = 2  # spaces before the second and later lines of a sentence, besides its own indentation


def open_console(stderr: bool = False) -> Console:
    """Return the console of a command. Where the output is no terminal its lines stay as long as they are."""
    return WrappingConsole(stderr=stderr, soft_wrap=True, highlight=False)


class WrappingConsole(Console):
    """Prints sentences that end between two words where the terminal's line does."""

    def print(self, *objects: Any, **how: Any) -> None:
        """Print as rich does, but a single text line by line."""
        if not self.is_terminal or len(objects) != 1 or not isinstance(objects[0], str | Text):
            super().print(*objects, **how)
            return
        one = objects[0]
        text = one if isinstance(one, Text) else self.render_str(one, markup=how.pop("markup", None))
        if style := how.pop("style", ""):
            text.stylize(style)
        for line in text.split("\n", allow_blank=True):
            for part in self.wrapped(line):
                super().print(part, **how)

    def wrapped(self, line: Text) -> list[Text]:
        """Split a line where it is longer than the terminal is wide."""
        plain = line.plain
        indent = len(plain) - len(plain.lstrip())
        if line.cell_len <= self.width or KEPT_WHOLE.search(plain) or self.width < indent + 20:
            return [line]
        first, *others = line[indent:].wrap(self, self.width - indent - HANGING)
        return [Text(" " * indent) + first, *(Text(" " * (indent + HANGING)) + part for part in others)]
