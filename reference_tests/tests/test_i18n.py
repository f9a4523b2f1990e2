"""Every sentence is translated, with the same placeholders, and what is compiled is what is written."""

import re

import pytest

from reference_tests import cli, i18n
from reference_tests.conformance.contract import all_checks
from reference_tests.conformance.examination import checks_named
from reference_tests.conformance.judge import explain, judge_all
from reference_tests.corpus import mutants
from reference_tests.quality import catalog
from reference_tests.quality.subjects import Replacing

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
OTHERS = i18n.LANGUAGES[1:]


@pytest.fixture(scope="module", params=OTHERS)
def translated(request) -> dict[str, str]:
    return catalog.read(request.param)


@pytest.fixture(scope="module")
def every() -> set[str]:
    return set(catalog.every())


def test_none_is_missing(translated, every):
    missing = sorted(text for text in every if not translated.get(text))
    assert not missing, (
        f"python -m reference_tests.quality.catalog lists {len(missing)} sentences to translate: {missing}"
    )


def test_none_is_left_over(translated, every):
    assert not sorted(set(translated) - every), "python -m reference_tests.quality.catalog drops what is gone"


def test_placeholders_agree(translated):
    assert {t for t, said in translated.items() if said and catalog.fields(t) != catalog.fields(said)} == set()


def test_spaces_at_the_ends_agree(translated):
    ends = {t for t, said in translated.items() if said and (t[-1] == "\n") != (said[-1] == "\n")}
    assert ends == set()


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_compiled_is_up_to_date(name):
    assert catalog.mo(name).read_bytes() == catalog.compiled(catalog.read(name), name)


def test_they_are_in_japanese(translated):
    own = [t for t, said in translated.items() if said and not JAPANESE.search(said)]
    assert all(not re.search(r"\b(the|is|are|was)\b", t) for t in own), own


def test_the_books_words_are_used():
    said = catalog.read("ja")
    for english, word in (("padding", "パディング"), ("stride", "ストライド"), ("bias", "バイアス")):
        with_it = [t for t in said if re.search(rf"\b{english}\b", t) and said[t]]
        assert sum(word in said[t] for t in with_it) > 0.8 * len(with_it), english


def test_ids_are_the_same_in_every_language():
    with i18n.speaking("ja"):
        japanese = [check.id for check in all_checks(["convolution"])]
        assert checks_named(japanese[0])
    assert japanese == [check.id for check in all_checks(["convolution"])]
    assert all(i.isascii() for i in japanese)


@pytest.mark.slow
def test_verify_speaks_it_and_the_next_run_does_not(capsys, tmp_path):
    (tmp_path / "mine.py").write_text("class Relu:\n    def forward(self, x):\n        return x\n")
    run = ["verify", str(tmp_path / "mine.py"), "--only", "relu", "--fuzz", "0"]
    assert cli.run([*run, "--lang", "ja"]) == 1
    japanese = capsys.readouterr().out
    assert "を調べます" in japanese or JAPANESE.search(japanese)
    assert "disagree" not in japanese
    assert cli.run([*run, "--lang", "en"]) == 1
    assert not JAPANESE.search(capsys.readouterr().out)


ENGLISH = re.compile(r"[A-Za-z][a-z']+(?:[ ,]+[A-Za-z][a-z']*){2,}")  # three words in a row


MUTANTS = mutants.mutants()
DROPOUT = [m for m in MUTANTS if "dropout" in m.component]  # its rules have words of their own


@pytest.mark.slow
@pytest.mark.parametrize("mutant", [*MUTANTS[::60], *DROPOUT[::5]], ids=lambda m: m.id)
def test_no_failure_is_said_in_english(mutant):
    subject = Replacing(mutant.names())
    with i18n.speaking("ja"):
        judged = explain(list(judge_all(all_checks([mutant.component]), subject)), subject, ())
    lines = [line for v in judged if v.status == "fail" for line in v.message.splitlines()]
    ours = [line for line in lines if "--case" not in line and not re.search(r"Error: |line \d+:", line)]
    assert not [line for line in ours if ENGLISH.search(line)]


@pytest.mark.parametrize("asked, speaks", [("ja_JP.UTF-8", "ja"), ("en_GB.UTF-8", "en"), ("fr_FR", "en"), ("C", "en")])
def test_the_systems_language(monkeypatch, asked, speaks):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", asked)
    assert i18n.of_this_machine() == speaks


def test_two_mistakes_together_are_said_in_japanese_too():
    from reference_tests.conformance.messages import sentence

    flipped = "W is rotated by 180 degrees (true convolution); a CNN layer uses W as it is"
    with i18n.speaking("ja"):
        both = sentence(f"the bias b is not added; {flipped}")
        assert both == f"{sentence('the bias b is not added')}; {sentence(flipped)}"
        assert not re.search("rotated|bias", both)
