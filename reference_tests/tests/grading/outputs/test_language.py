"""The language of what students read: the rubric's, or else that of the command; a run that goes on keeps its own."""

import json
import re

import pytest

from reference_tests import cli
from reference_tests.grading import run, settings
from reference_tests.grading.rubric_toml import SHIPPED, load
from reference_tests.i18n import speaking

SMALL = "total = 2\nhidden_share = 0\nbudget = 0\n[components.relu]\npoints = 2\n"
WRONG = """
import numpy as np

class Relu:
    def forward(self, x):
        self.mask = x <= 0.3
        return np.where(self.mask, 0, x)

    def backward(self, dout):
        return np.where(self.mask, 0, dout)
"""
JAPANESE = re.compile("[ぁ-ん]")


@pytest.fixture
def classroom(tmp_path, monkeypatch):
    """A class of one, whose layer is wrong, and a rubric that names no language; the system's is English."""
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "alice.py").write_text(WRONG)
    (tmp_path / "rubric.toml").write_text(SMALL)
    return tmp_path


def graded(classroom, *options, out="out"):
    """Grade the class. Return what its student reads, and the class's page."""
    words = ["grade", str(classroom / "class"), "--out", str(classroom / out), "--isolation", "none"]
    assert cli.run([*words, "--allow-unconfined", "--rubric", str(classroom / "rubric.toml"), *options]) == 0
    (page,) = (classroom / out / "students").glob("*.html")
    texts = [page.read_text(), (classroom / out / "class.html").read_text()]
    return [re.search(r'<html lang="(\w+)"', text)[1] for text in texts], texts


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "ja"])
def test_pages_are_in_the_language_of_the_command_where_the_rubric_names_none(classroom, language):
    languages, texts = graded(classroom, "--lang", language)
    assert languages == [language, language]
    assert [bool(JAPANESE.search(text)) for text in texts] == [language == "ja"] * 2
    line = json.loads((classroom / "out" / "results.jsonl").read_text().splitlines()[-1])
    said = [check["message"] for check in line["components"]["relu"]["checks"] if check["message"]]
    assert said and all(bool(JAPANESE.search(text)) == (language == "ja") for text in said)


@pytest.mark.slow
def test_language_of_the_system_counts_too(classroom, monkeypatch):
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    assert graded(classroom)[0] == ["ja", "ja"]


@pytest.mark.slow
def test_language_that_the_rubric_names_holds(classroom):
    (classroom / "rubric.toml").write_text(f'language = "en"\n{SMALL}')
    assert graded(classroom, "--lang", "ja")[0] == ["en", "en"]


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_rubrics_name_no_language(name):
    with speaking("ja"):
        assert load(name).language == "ja" and not load(name).names_language
    assert load(name).language == "en"


@pytest.mark.parametrize("name", SHIPPED)
def test_titles_of_ours_are_said_in_the_language_of_the_page(name):
    with speaking("ja"):
        assert JAPANESE.search(load(name).heading)
    assert load(name).heading == load(name).title


def prepared(classroom, language, resume=False):
    """Prepare a run as `convcheck grade --lang LANGUAGE` does."""
    with speaking(language):
        made = settings.merge_settings(classroom / "rubric.toml", seed=5, isolation="none")
        return run.prepare(classroom / "out", made, [str(classroom / "class")], resume)


def test_run_that_goes_on_keeps_its_language_and_says_so(classroom):
    first, later = prepared(classroom, "ja"), prepared(classroom, "en", resume=True)
    assert [one.settings.rubric.language for one in (first, later)] == ["ja", "ja"]
    assert "goes on in its own language, ja" in " ".join(later.remarks)
    assert later.settings.rubric.hash == first.settings.rubric.hash
    assert not any("language" in remark for remark in prepared(classroom, "ja", resume=True).remarks)


def test_rubric_that_names_a_language_changes_that_of_a_run_that_goes_on(classroom):
    prepared(classroom, "en")
    (classroom / "rubric.toml").write_text(f'language = "ja"\n{SMALL}')
    assert prepared(classroom, "en", resume=True).settings.rubric.language == "ja"


def test_hash_of_a_rubric_does_not_tell_who_named_the_language(classroom):
    unnamed = load(classroom / "rubric.toml")
    (classroom / "rubric.toml").write_text(f'language = "en"\n{SMALL}')
    named = load(classroom / "rubric.toml")
    assert named.names_language and not unnamed.names_language and named.hash == unnamed.hash
