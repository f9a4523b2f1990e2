"""On a terminal no word is broken, and a command stays in one piece; elsewhere lines are as long as they are."""

import io

import pytest
from rich.cells import cell_len
from rich.text import Text

from reference_tests.reports.console import WrappingConsole

SENTENCE = "    repair: lay W as it is under every window: multiply place by place, then add (the book's section 7.4.3)"
COMMAND = "  run it again: convcheck verify layers.py --case 'convolution/W-is-used-as-it-is-not-flipped/forward'"
TABLE = "convolution              disagrees   core 3 of 94, edge 2 of 12     3.4 s"
JAPANESE = "  修正方法: W をそのまま各ウィンドウに重ね、位置ごとに掛けてから足します(本の 7.4.3 節)"


def printed(text, width, terminal=True):
    out = io.StringIO()
    console = WrappingConsole(file=out, width=width, force_terminal=terminal, no_color=True, soft_wrap=True)
    console.print(text)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [40, 60, 80])
def test_no_word_is_broken(width):
    lines = printed(Text(SENTENCE), width)
    assert " ".join(" ".join(lines).split()) == " ".join(SENTENCE.split())
    assert max(map(len, lines)) <= width and all(line.startswith("      ") for line in lines[1:])


@pytest.mark.parametrize("text", [COMMAND, TABLE])
def test_commands_and_tables_stay_whole(text):
    assert printed(Text(text), 60) == [text]


def test_japanese_fits_by_its_width_in_cells():
    lines = printed(Text(JAPANESE), 50)
    assert len(lines) > 1 and max(map(cell_len, lines)) <= 50
    assert "".join("".join(lines).split()) == "".join(JAPANESE.split())


def test_a_file_gets_whole_lines():
    assert printed(Text(SENTENCE), 40, terminal=False) == [SENTENCE]


@pytest.mark.parametrize("width", [30, 41, 52])
def test_no_word_inside_a_japanese_sentence_is_broken(width):
    sentence = (
        "  直し方: reshape の前に transpose で軸を並べ替え、im2col の行をウィンドウごとに足します。（本の 7.4.3 節）。"
    )
    lines = printed(Text(sentence, style="red"), width)
    assert max(map(cell_len, lines)) <= width
    for word in ("reshape", "transpose", "im2col", "ウィンドウ"):
        assert sum(word in line for line in lines) == 1
    assert not [line for line in lines if line.strip()[0] in "、。）" or line[-1] == "（"]
