"""Every sentence is translated, with the same placeholders, and a compiled catalogue says what the written one does."""

import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from reference_tests import cli, i18n
from reference_tests.conformance.contract import all_checks
from reference_tests.conformance.examination import Request, checks_named, examine
from reference_tests.conformance.messages import sentence
from reference_tests.corpus import mutants
from reference_tests.i18n.po import read_po, write_mo
from reference_tests.quality import catalog
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.tests.sampling import some_at_night

JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"\{[^}]*\}")
OTHERS = i18n.LANGUAGES[1:]


@pytest.fixture(scope="module", params=OTHERS)
def translated(request) -> dict[str, str]:
    return catalog.read(request.param)


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    return catalog.all_sentences()


@pytest.fixture
def folder(monkeypatch, tmp_path) -> Iterator[Path]:
    """An empty folder in place of the catalogues."""
    monkeypatch.setattr(i18n, "FOLDER", tmp_path)
    i18n._lookup.cache_clear()
    yield tmp_path
    i18n._lookup.cache_clear()


def test_every_sentence_is_translated(translated, sentences):
    missing = [text for text in sentences if not translated.get(text)]
    assert not missing, (
        f"python -m reference_tests.quality.catalog lists {len(missing)} sentences to translate: {missing}"
    )


def test_no_obsolete_translation(translated, sentences):
    assert not sorted(set(translated) - set(sentences)), "python -m reference_tests.quality.catalog drops what is gone"


def test_translations_keep_the_placeholders(translated):
    assert [t for t, said in translated.items() if catalog.fields(t) != catalog.fields(said)] == []
    counted = {t: (len(PLACEHOLDER.findall(t)), len(PLACEHOLDER.findall(said))) for t, said in translated.items()}
    assert [t for t, (there, here) in counted.items() if "{}" in t and there != here] == []


def test_translations_keep_the_line_end(translated):
    assert [t for t, said in translated.items() if t.endswith("\n") != said.endswith("\n")] == []


def test_sentences_of_every_source_are_collected(sentences):
    of_code, of_templates = {"Why it bites", "did you mean {name}?"}, {"only differences", "to the results"}
    of_tables = {"JAX has no layers", "process killed by {}", "it counts", "the bias b is not added"}
    assert of_code | of_templates | of_tables <= {*sentences}


@pytest.mark.parametrize("name", OTHERS)
def test_compiled_catalogue_gives_what_is_written(name, tmp_path):
    write_mo(read_po(i18n.catalog_file(name)), tmp_path / "convcheck.mo")
    with (tmp_path / "convcheck.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert {text: compiled.gettext(text) for text in catalog.read(name)} == catalog.read(name)


def test_po_quotes_and_folds_lines(tmp_path):
    (tmp_path / "x.po").write_text(
        '# note\nmsgid ""\nmsgstr ""\n"Language: ja\\n"\n\nmsgid "a\\n"\n"b \\"c\\""\nmsgstr "甲"\n'
    )
    assert read_po(tmp_path / "x.po") == {"": "Language: ja\n", 'a\nb "c"': "甲"}


@pytest.mark.parametrize("compiled", [False, True], ids=["po", "mo"])
def test_english_wording_is_corrected_by_an_english_catalogue(folder, compiled):
    assert i18n.speaker("en")("recieved") == "recieved"
    i18n._lookup.cache_clear()
    catalog.write("en", {"recieved": "received", "kept": ""})
    if compiled:
        write_mo(read_po(i18n.catalog_file("en")), i18n.catalog_file("en").with_suffix(".mo"))
        i18n.catalog_file("en").unlink()
    assert (i18n.speaker("en")("recieved"), i18n.speaker("en")("kept")) == ("received", "kept")


def test_unknown_language_is_refused():
    for refuse in (i18n.set_language, i18n.speaker):
        with pytest.raises(ValueError, match="there are en, ja"):
            refuse("fr")


def test_translations_are_japanese(translated):
    own = [t for t, said in translated.items() if said and not JAPANESE.search(said)]
    assert all(not re.search(r"\b(the|is|are|was)\b", t) for t in own), own


def test_translations_use_the_books_words():
    said = catalog.read("ja")
    for english, word in (("padding", "パディング"), ("stride", "ストライド"), ("bias", "バイアス")):
        with_it = [t for t in said if re.search(rf"\b{english}\b", t) and said[t]]
        assert sum(word in said[t] for t in with_it) > 0.8 * len(with_it), english


def test_check_ids_are_the_same_in_every_language():
    with i18n.speaking("ja"):
        japanese = [check.id for check in all_checks(["convolution"])]
        assert checks_named(japanese[0])
    assert japanese == [check.id for check in all_checks(["convolution"])]
    assert all(i.isascii() for i in japanese)


@pytest.mark.slow
def test_verify_speaks_japanese_for_one_run_only(capsys, tmp_path):
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
@pytest.mark.parametrize("mutant", some_at_night([*MUTANTS[::60], *DROPOUT[::5]], each=2), ids=lambda m: m.id)
def test_failures_of_mutants_are_japanese_throughout(mutant):
    subject = InProcessSubject(mutant.names())
    with i18n.speaking("ja"):
        examination = examine(subject, Request(only=(mutant.component,), fresh=0))
    lines = [
        line for v in examination.components[mutant.component] if v.status == "fail" for line in v.message.splitlines()
    ]
    ours = [line for line in lines if "--case" not in line and not re.search(r"Error: |line \d+:|\d+ 行目:", line)]
    assert not [line for line in ours if ENGLISH.search(line)]


@pytest.mark.parametrize("asked, speaks", [("ja_JP.UTF-8", "ja"), ("en_GB.UTF-8", "en"), ("fr_FR", "en"), ("C", "en")])
def test_system_language_follows_the_environment(monkeypatch, asked, speaks):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", asked)
    assert i18n.system_language() == speaks


def test_two_mistakes_together_are_japanese_too():
    flipped = "W is rotated by 180 degrees (true convolution); a CNN layer uses W as it is"
    with i18n.speaking("ja"):
        both = sentence(f"the bias b is not added; {flipped}")
        assert both == f"{sentence('the bias b is not added')}; {sentence(flipped)}"
        assert not re.search("rotated|bias", both)


def test_a_window_has_one_word():
    assert [text for text, said in catalog.read("ja").items() if re.search("窓|ウインドウ|ウィンドー", said)] == []


UNLOADABLE = {  # a target -> what is said of it
    "missing.py": "missing.py がありません",
    "no_such_module": "no_such_module というモジュール、ファイル、フォルダーが",
    "my-notes.txt": "my-notes.txt は、.py ファイルでも、フォルダーでも、.ipynb ノートブックでもありません",
    "empty_folder": "の中に .py ファイルもノートブックもありません",
    "colon.py": "colon.py, 1 行目: SyntaxError",
    "bad.ipynb": "はノートブックではありません",
}


@pytest.mark.slow
@pytest.mark.parametrize("target", UNLOADABLE)
def test_why_a_target_cannot_be_loaded_is_japanese(target, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty_folder").mkdir()
    for name, text in {"my-notes.txt": "x", "colon.py": "def f()\n    pass\n", "bad.ipynb": "[]"}.items():
        (tmp_path / name).write_text(text)
    assert cli.run(["verify", target, "--lang", "ja"]) == 2
    assert UNLOADABLE[target] in capsys.readouterr().err


def test_sentences_inside_of_other_texts_are_collected():
    code = "x = f\"{_('inside') if a else N_('of an f-string')}\"; y = _('joined ' 'here')\nz = say('said')\n"
    assert {*catalog.sentences_in_python(code)} == {"inside", "of an f-string", "joined here", "said"}
