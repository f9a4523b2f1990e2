"""Help: in the reader's language, at most 80 columns wide, no word broken; and what a wrong call is told."""

import io
import re

import pytest
from rich.cells import cell_len

from reference_tests import cli
from reference_tests.cli import help
from reference_tests.reports import console

ENGLISH = re.compile(r"[A-Za-z][a-z']+(?:[ ,]+[a-z']+){2,}")  # three words in a row
COMMANDS = [(), *((name,) for name in cli.COMMANDS), ("show", "shapes"), ("show", "filters"), ("gradescope", "build")]
CALLS = [pytest.param(words, id=" ".join(words) or "all") for words in COMMANDS]


@pytest.fixture
def helped(capsys, monkeypatch):
    """A function that gives the help of a command in a terminal of 80 columns."""

    def helped(words, *more):
        monkeypatch.setenv("COLUMNS", "80")
        assert cli.run([*words, "--help", *more]) == 0
        return capsys.readouterr().out

    return helped


@pytest.mark.parametrize("words", CALLS)
def test_help_is_japanese_and_fits(helped, words):
    text = helped(words, "--lang", "ja")
    assert "使い方: convcheck" in text and "オプション:" in text
    assert max(map(cell_len, text.splitlines())) <= 80
    assert not ENGLISH.findall(re.sub("`.*?`|convcheck [a-z.> ]+", "", text.partition("\n")[2], flags=re.S))
    assert not [line for line in text.splitlines() if line.strip()[:1] in (*"、。）」",)]


@pytest.mark.parametrize("words", CALLS[:4])
def test_no_word_of_english_help_is_broken(helped, words):
    text = helped(words)
    assert max(map(len, text.splitlines())) <= 80 and "--lang LANG" in text
    assert not re.search(r"[a-z]-\n", text)


def test_language_of_the_system_decides_unless_lang_does(helped, monkeypatch):
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    assert "使い方" in helped(["train"]) and "手書き数字" in helped([])
    assert "Usage" in helped(["train"], "--lang", "en") and "Usage" in helped(["train"], "--lang=en")


@pytest.mark.parametrize("encoding, speaks", [("utf-8", "ja"), ("cp932", "ja"), ("ascii", "en"), ("cp1252", "en")])
def test_output_without_japanese_letters_is_english(monkeypatch, encoding, speaks):
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    monkeypatch.setattr(help.sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert help.asked_language(["train"]) == speaks
    assert help.asked_language(["train", "--lang", "ja"]) == "ja"


def test_wrapping_keeps_words_whole_and_full_stops_off_the_beginning():
    text = "この説明は `convcheck show shapes` で見られるものです。（次の行へ続きます）。"
    for width in range(24, 60):
        lines = console.wrap(text, width)
        assert all(cell_len(line) <= width for line in lines)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert not [line for line in lines if line[0] in console.NOT_FIRST or line[-1] in console.NOT_LAST]
        assert all(sum(word in line for line in lines) == 1 for word in ("`convcheck", "show", "shapes`"))


WRONG = {  # what is typed -> what is said
    ("verify", "--nope"): "--nope というオプションはありません",
    ("nope",): "nope というコマンドはありません",
    ("show", "shapes"): "引数 NETWORK を指定してください",
    ("train", "--seed"): "オプション --seed には値が必要です",
    ("golden", "--check", "extra"): "引数が多すぎます: extra",
}


@pytest.mark.parametrize("typed", WRONG, ids=" ".join)
def test_wrong_call_is_told_in_japanese(capsys, typed, monkeypatch):
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")
    assert cli.run([*typed]) == 2
    assert WRONG[typed] in capsys.readouterr().err


def test_unknown_language_is_refused_by_every_command(capsys):
    assert cli.run(["golden", "--check", "--lang", "fr"]) == 2
    assert "there are en, ja" in capsys.readouterr().err
