"""Pictures for a terminal: aligned numbers, * at the wrong ones, the input with its padding and its window."""

from itertools import zip_longest

import numpy as np
from rich.text import Text

from ..conformance import messages
from ..conformance.types import Verdict
from ..i18n import _
from .drawing import Drawing, make_drawing
from .pictures import MAX_CELLS, Map, Pattern, Picture, heat_map, make_pictures, slice_name

MAX_NUMBERS = 8  # rows and columns of a slice whose numbers are written out
MAX_PATTERN, MAX_SLICES = 16, 24  # rows and columns of a slice, and slices, of which the wrong places are marked
MAX_INPUT_SLICES = 2  # slices of an array that goes in
INDENT = 4
WRONG = "bold red"


def failure_lines(v: Verdict, width: int) -> list[Text]:
    """Return the lines to show below a failure in a terminal of that width; none if the answer is large."""
    smallest = v.diagnosis.smallest if v.diagnosis else None
    shown = smallest or v
    lines: list[Text] = []
    case = make_drawing(shown) if smallest or shown.check.case.why.startswith("drawn") else None
    if case and case.numbers and max(case.rows, case.columns) <= MAX_NUMBERS + 2:
        lines += [Text(_("the case: {name}").format(name=case.name)), *input_lines(case)]
    for picture in make_pictures(shown)[:1]:
        if max(picture.whole) <= MAX_NUMBERS:
            lines += slice_lines(picture, width - INDENT)
        if len(picture.patterns) <= MAX_SLICES and max(picture.whole) <= MAX_PATTERN:
            lines += pattern_lines(picture, width - INDENT)
    return [Text(" " * INDENT).append(line) for line in lines]


def slice_lines(picture: Picture, width: int) -> list[Text]:
    """Return the received and the right numbers, side by side if the width allows it."""
    blocks = [[Text(messages.map_title(m.kind)), *map_lines(m)] for m in picture.maps[:2]]
    return [Text(picture.name), *join_blocks(blocks, width)]


def side_by_side(v: Verdict, titles: tuple[str, str], width: int) -> list[Text]:
    """Return the right and the wrong numbers under the two titles, side by side if the width allows it."""
    picture = next(iter(make_pictures(v)), None)
    if not picture:
        return []
    got, want = picture.maps[:2]
    return [
        Text(picture.name),
        *join_blocks([[Text(titles[0]), *map_lines(want)], [Text(titles[1]), *map_lines(got)]], width),
    ]


def array_lines(name: str, a: np.ndarray) -> list[Text]:
    """Return the first slices of a small array; nothing of a large one."""
    a = np.asarray(a, "f8")
    if a.ndim == 0:
        return [Text(f"{name} = {float(a):g}")]
    if max(a.shape[-2:]) > MAX_CELLS:
        return []
    lines: list[Text] = []
    slices = [(i, a[i]) for i in np.ndindex(a.shape[:-2])] if a.ndim > 1 else [((), np.atleast_2d(a))]
    for i, one in slices[:MAX_INPUT_SLICES]:
        whole = heat_map("got", one, np.zeros(one.shape, bool), (range(one.shape[0]), range(one.shape[1])))
        lines += [Text(slice_name(name, (*i, 0, 0))), *map_lines(whole)]
    return [*lines, *([Text("...")] if len(slices) > MAX_INPUT_SLICES else [])]


def join_blocks(blocks: list[list[Text]], width: int) -> list[Text]:
    """Return two blocks of lines side by side, or one below the other if the width is too small."""
    if sum(max(line.cell_len for line in block) for block in blocks) + 4 > width:
        return [*blocks[0], *blocks[1]]
    wide = max(line.cell_len for line in blocks[0])
    return [join_lines(a, b, wide) for a, b in zip_longest(*blocks, fillvalue=Text())]


def map_lines(m: Map) -> list[Text]:
    """Return one line a row, with * at the wrong numbers of the received ones."""
    wide = max(len(c.text) for row in m.cells for c in row) + 1
    lines = []
    for row in m.cells:
        line = Text()
        for c in row:
            wrong = c.wrong and m.kind == "got"
            line.append(f"{c.text:>{wide}}{'*' if wrong else ' '}", style=WRONG if wrong else "")
        lines.append(line)
    return lines


def join_lines(a: Text, b: Text, wide: int) -> Text:
    """Return a, padded to that width, and b in one line."""
    line = a.copy()
    line.append(" " * (wide - a.cell_len + 4))
    return line.append(b)


def pattern_lines(picture: Picture, width: int) -> list[Text]:
    """Return every slice with * at its wrong places; nothing if all are wrong, or for one slice, or for too many."""
    if len(picture.patterns) < 2 or picture.bad == picture.size:
        return []
    per_line = max(1, width // (max(picture.whole[1], len(picture.patterns[0].name)) + 2))
    text = _("wrong numbers in all of {what}: {bad} of {all}")
    lines = [Text(text.format(what=picture.what, bad=picture.bad, all=picture.size))]
    for i in range(0, len(picture.patterns), per_line):
        lines += pattern_row(picture.patterns[i : i + per_line])
    return lines


def pattern_row(patterns: list[Pattern]) -> list[Text]:
    """Return some slices side by side, under their names."""
    wide = max(max(len(p.name), p.wrong.shape[1]) for p in patterns) + 2
    lines = [Text("".join(f"{p.name:{wide}}" for p in patterns))]
    for r in range(patterns[0].wrong.shape[0]):
        line = Text()
        for p in patterns:
            for bad in p.wrong[r]:
                line.append("*" if bad else "·", style=WRONG if bad else "dim")
            line.append(" " * (wide - p.wrong.shape[1]))
        lines.append(line)
    return lines


def input_lines(d: Drawing) -> list[Text]:
    """Return the input's rows: numbers, · for padding, the window in brackets."""
    cells = np.full((d.rows, d.columns), "·", dtype=object)
    for i, j, text in d.numbers:
        cells[i, j] = text
    wide = max(len(text) for text in cells.flat) + 1
    inside = {(r + a, c + b) for r, c in d.windows[:1] for a in range(d.size[0]) for b in range(d.size[1])}
    rows = []
    for i in range(d.rows):
        line = Text()
        for j in range(d.columns):
            left, right = ("[" if (i, j) in inside else " "), ("]" if (i, j) in inside else " ")
            style = WRONG if (i, j) in d.marked else "dim" if cells[i, j] == "·" else ""
            line.append(f"{left}{cells[i, j]:>{wide - 1}}{right}", style=style)
        rows.append(line)
    return rows
