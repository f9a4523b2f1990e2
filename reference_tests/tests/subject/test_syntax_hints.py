"""A syntax error is one sentence, with what is to be done in the line, in the reader's language."""

import pytest

from reference_tests.i18n import speaking
from reference_tests.subject.load import load
from reference_tests.subject.parent import RemoteSubject
from reference_tests.subject.source import SYNTAX, LoadError

RELU = "class Relu:\n    def forward(self, x):\n        return x\n"
BROKEN = [  # the file, a part of the sentence
    (RELU.replace("(self, x):", "(self, x)"), "a colon is missing"),
    (RELU.replace("class Relu:", "class Relu"), "a colon is missing"),
    (RELU + "\tdef backward(self, dout):\n        return dout\n", "tabs and blanks are mixed"),
    (RELU.replace("        return", "    return"), "have to be indented"),
    (RELU + "   def backward(self, dout):\n        return dout\n", "another number of blanks"),
    (RELU.replace("        return", "        y = x\n            return"), "indented further"),
    (RELU.replace("        return", "\u3000\u3000return"), "full-width blank"),
    (RELU.replace("(self, x)", "\uff08self, x\uff09"), "full-width character"),
    (RELU.replace("x):", "x)\uff1a"), "full-width character"),
    (RELU.replace("self, x", "self\u3001x"), "full-width character"),
    (RELU.replace("return x", "return \u201cx\u201d"), "typographic quotes"),
    (RELU.replace("return x", "return\u00a0x"), "cannot be seen"),
    (
        RELU.replace("        return", "    y = 1\nreturn").replace("def", "pass\n    def").replace(":\n    y", ": y"),
        "outside",
    ),
    (RELU.replace("return x", "return 'x"), "a closing quote"),
    (RELU.replace("return x", "return (x"), "a closing bracket is missing"),
    (RELU.replace("return x", "return x)"), "a closing bracket too many"),
    (RELU.replace("return x", "print x"), "Python 2"),
    (RELU.replace("return x", "if x = 1: pass"), "== compares"),
]


@pytest.mark.parametrize("row", BROKEN, ids=lambda row: row[1])
def test_a_broken_line_has_its_hint(write, row):
    source, sentence = row
    with pytest.raises(LoadError, match=sentence) as error:
        load(write("mine.py", source))
    assert str(error.value).count("mine.py, line ") == 1
    assert "\n" not in str(error.value)


def test_every_hint_is_met():
    assert all(any(sentence in hint for _source, sentence in BROKEN) for hint in SYNTAX.values())


@pytest.mark.slow
def test_the_hint_of_another_process_is_said_in_japanese(write):
    path = write("mine.py", BROKEN[0][0])
    with speaking("ja"), pytest.raises(LoadError, match="行末にコロン"):
        RemoteSubject(path)


OUTSIDE = """class Relu:
    def forward(self, x):
        self.mask = x > 0
    out = x * self.mask
    def backward(self, dout):
        return dout
"""


def test_a_line_outside_of_its_method_is_shown(write):
    (skipped,) = load(write("mine.py", f"{OUTSIDE}\ndef im2col(x):\n    return x\n")).skipped
    assert "line 4: out = x * self.mask (this line stands outside of its method" in skipped.why


def test_another_name_in_a_class_is_no_line_outside(write):
    (skipped,) = load(
        write("mine.py", f"{OUTSIDE.replace('x * self', 'y * self')}\ndef im2col(x):\n    return x\n")
    ).skipped
    assert "outside" not in skipped.why


OTHER = [  # a comment, how it is saved, what is said of that
    ("畳み込み", "cp932", "shift_jis"),
    ("①の層", "cp932", "cp932"),
    ("ミニバッチ", "euc_jp", "euc_jp"),
    ("逆伝播", "cp932", "shift_jis / cp1252"),
    ("逆伝播", "euc_jp", "shift_jis / euc_jp / cp1252"),
    ("die Größe für später", "latin-1", "cp1252"),
    ("Ä Ö Ü, naïve façade, señor", "cp1252", "cp1252"),
    ("„Faltung“ – rückwärts", "cp1252", "cp1252"),
]


@pytest.mark.parametrize("comment, encoding, said", OTHER)
def test_encoding_that_a_file_seems_to_have_is_named(comment, encoding, said, write):
    with pytest.raises(LoadError) as caught:
        load(write("mine.py", f"# {comment}\n{RELU}".encode(encoding)))
    assert f"in the first line (# coding: {said})." in str(caught.value)
