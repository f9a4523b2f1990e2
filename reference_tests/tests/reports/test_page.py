"""The page: needs nothing else, holds every failure, can be walked by headings and landmarks, and believes no text."""

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from reference_tests import cli
from reference_tests.i18n import speaking
from reference_tests.reports import page
from reference_tests.subject.protocol import Stop

pytestmark = pytest.mark.slow  # each makes a page of many failures

VOID = {"meta", "link", "br", "img", "input", "hr"}
IMPLIED = {"td", "th", "tr"}


class Tree(HTMLParser):
    """Tags with their attributes, and whether all of them are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & {*self.open}:
            self.text.append(data)

    def all(self, *names: str) -> list[dict]:
        return [attrs for tag, attrs in self.tags if tag in names]


@pytest.fixture(scope="module")
def tree(page_of) -> Tree:
    return Tree(page_of())


def test_page_closes_every_tag_and_repeats_no_id(tree):
    assert tree.open == []
    ids = [attrs["id"] for _, attrs in tree.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    used = [attrs[k] for _, attrs in tree.tags for k in ("aria-labelledby",) if k in attrs]
    assert set(used) <= set(ids)
    assert {a["href"][1:] for a in tree.all("a")} <= set(ids)


def test_page_loads_nothing(page_of):
    text = page_of()
    assert not re.findall(r"(?:src|href)=(?![\"']#)\S+", text)
    assert not re.findall(r"@import|url\((?!#|\\?[\"']?#)[^)]*\)|https?://(?!www\.w3\.org/2000/svg)\S+", text)


def test_page_shows_every_failure_with_its_command(tree, examined):
    said = "".join(tree.text)
    bad = [v for of_one in examined.components.values() for v in of_one if v.message and v.check.level != "advice"]
    assert len(bad) > 10
    for v in bad:
        assert f"--case {v.check.id}" in said
        stop = v.problems[0].got
        assert (stop.step if isinstance(stop, Stop) else v.problems[0].what) in said
    assert said.count("W is rotated by 180 degrees") == 1  # one cause is told once
    assert "convcheck explain conv.flipped" in said


def test_page_has_headings_and_links(tree):
    tags = [tag for tag, _ in tree.tags]
    assert [tags.count(t) for t in ("main", "header", "footer", "h1")] == [1, 1, 1, 1]
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert next(a for t, a in tree.tags if t == "a")["class"] == "skip"
    assert all(a.get("aria-label") or a.get("aria-labelledby") for a in tree.all("section"))
    assert all(
        a.get("aria-label") or a.get("aria-labelledby") for t, a in tree.tags if a.get("role") in ("img", "group")
    )
    assert all(a.get("scope") for a in tree.all("th"))


def test_target_name_is_escaped(page_of):
    assert "&lt;wrong &amp; small&gt;.py" in page_of()
    assert "<wrong" not in page_of()


def test_commands_are_quoted_for_the_shell(tree):
    assert "convcheck verify '<wrong & small>.py' --case" in "".join(tree.text)


def test_japanese_page_has_its_language_and_english_ids(page_of, tree):
    japanese = Tree(page_of("ja"))
    assert japanese.all("html")[0]["lang"] == "ja"
    assert [a.get("id") for _, a in japanese.tags] == [a.get("id") for _, a in tree.tags]
    assert "".join(japanese.text) != "".join(tree.text)


def test_cell_shows_a_few_failures_of_each_cause(examined):
    with speaking("en"):
        cells = [page.make_cell(examined, "here", "check({!r})".format, number) for number in (1, 2)]
    first, second = (Tree(text) for text in cells)
    ids = [{a["id"] for _, a in tree.tags if "id" in a} for tree in (first, second)]
    assert not ids[0] & ids[1]
    assert len(cells[0]) < 200_000
    said = "".join(first.text)
    assert "check('convolution/W-is-used-as-it-is-not-flipped/forward')" in said
    assert re.search(r"and \d+ more", said)


def test_missing_jinja_is_one_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
    page.template_environment.cache_clear()
    try:
        status = cli.run(["verify", "--html", str(tmp_path / "x.html")])
    finally:
        page.template_environment.cache_clear()
    assert status == 2
    assert "needs jinja2" in capsys.readouterr().err


def test_verify_writes_the_page_or_refuses_the_path(tmp_path, capsys):
    file = tmp_path / "page.html"
    assert cli.run(["verify", "--only", "relu", "--fuzz", "0", "--html", str(file), "--lang", "en"]) == 0
    assert "convcheck" in file.read_text("utf-8")
    assert cli.run(["verify", "--html", str(tmp_path / "no" / "page.html")]) == 2
    assert "--html" in capsys.readouterr().err
    assert cli.run(["verify", "--only", "relu", "--lang", "fr"]) == 2
    assert "--lang fr" in capsys.readouterr().err
