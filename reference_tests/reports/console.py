"""The terminal that commands print to: no word is broken at its edge, and commands can be copied whole."""

import re
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

KEPT_WHOLE = re.compile(r"convcheck \w|pip install|pytest |\S {3,}\S")  # a command to copy, or the columns of a table
PIECES = re.compile(r"\s+|[^\s\u2e80-\uffef]+|[ァ-ヴー]+|.")  # a blank, a word, a katakana word, another character
NOT_FIRST = "、。，．）」』】〕〉》・：；！？ー々ゃゅょっァィゥェォャュョッ"  # no line begins with one of these
NOT_LAST = "（「『【〔〈《[("  # nor ends with one of these
Span = tuple[int, int]  # where a part of a text begins and ends
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
        parts = [line[indent:][a:b] for a, b in line_spans(plain[indent:], self.width - indent - HANGING)]
        return [Text(" " * (indent + HANGING * (number > 0))) + part for number, part in enumerate(parts)]


def wrap(text: str, width: int) -> list[str]:
    """Return the lines of a paragraph. No word is broken, and no Japanese line begins with a full stop or the like."""
    text = " ".join(text.split())
    return [text[a:b] for a, b in line_spans(text, width)]


def line_spans(text: str, width: int) -> list[Span]:
    """Return where each line of a text begins and ends, so that none is wider than so many columns."""
    lines: list[list[Span]] = []
    line: list[Span] = []  # pieces
    for piece in (found.span() for found in PIECES.finditer(text)):
        if line and cell_len(text[line[0][0] : piece[1]].rstrip()) > width:
            carried = carry(text, line, piece)
            lines.append(line[: len(line) - len(carried)])
            line = carried
        line += [piece] if line or not text[slice(*piece)].isspace() else []
    return [(one[0][0], len(text[: one[-1][1]].rstrip())) for one in [*lines, line] if one]


def carry(text: str, line: list[Span], piece: Span) -> list[Span]:
    """Return the pieces at the end of a line that go on the next one with the piece that does not fit."""
    count = 0
    while count + 1 < len(line):
        first, last = (text[slice(*one)] for one in ((line[-count] if count else piece), line[-count - 1]))
        if first not in NOT_FIRST and last not in NOT_LAST:
            break
        count += 1
    return line[len(line) - count :]
