"""The page: one file that loads nothing and holds everything; and how it is used in a browser."""

import re

import pytest

from reference_tests.frameworks import report as reports
from reference_tests.frameworks.display.page import make_page
from reference_tests.frameworks.questions import QUESTIONS
from reference_tests.frameworks.registry import FRAMEWORKS
from reference_tests.frameworks.search import select
from reference_tests.frameworks.snippets import snippet_text
from reference_tests.i18n import speaker

from .test_report import ABOUT, MEASURED

pytestmark = pytest.mark.slow  # each starts frameworks

NAMES = ("scipy", "opencv.dnn", "jax", "onnx-reference")
ANSWERS = {**MEASURED, "impl": {"about": ABOUT, "answers": {**MEASURED["impl"]["answers"], "P02": {"value": 16 / 9}}}}


def html(lang: str = "en", measured=ANSWERS) -> str:
    say = speaker(lang)
    report = reports.build_report([FRAMEWORKS[n] for n in NAMES], QUESTIONS, measured, say, "impl")
    return make_page(report, QUESTIONS, lang, say)


def test_page_loads_nothing_and_has_every_question():
    text = html()
    assert not re.search(r"<(script|img|iframe)[^>]+src=|<link|@import|url\(", text)
    assert all(f'id="{q.id}"' in text for q in QUESTIONS)


def test_page_escapes_what_a_framework_says():
    refusal = {"refused": "<script>", "message": '"><script>alert(1)</script>'}
    text = html(measured={**ANSWERS, "scipy": {"about": ABOUT, "answers": {"S17": refusal}}})
    assert "<script>alert" not in text and "&lt;script&gt;" in text


def test_page_in_japanese():
    assert '<html lang="ja">' in html("ja") and "違いのある行だけ" in html("ja")


@pytest.fixture
def opened(browser, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(html(), encoding="utf-8")
    context = browser.new_context(viewport={"width": 1200, "height": 700}, offline=True)
    tab = context.new_page()
    tab.errors = []
    tab.on("pageerror", lambda error: tab.errors.append(str(error)))
    tab.on("request", lambda request: tab.errors.append(request.url) if not request.url.startswith("file:") else None)
    tab.goto(file.as_uri())
    yield tab
    assert tab.errors == []
    context.close()


def visible(tab) -> list[str]:
    return tab.eval_on_selector_all("tr.question:not([hidden])", "rows => rows.map(r => r.id)")


def test_search_and_family_narrow_the_rows(opened):
    assert len(visible(opened)) == len(QUESTIONS)
    opened.fill("#search", "turned correlation")
    assert "C01" in visible(opened) and len(visible(opened)) < 10
    opened.fill("#search", "")
    opened.select_option("#family", "pooling")
    assert {id[0] for id in visible(opened)} == {"P"}
    assert opened.text_content("#count").startswith(str(len(visible(opened))))


def test_only_differences_ignores_hidden_columns(opened):
    opened.check("#differences")
    assert {"C01", "S14"} <= set(visible(opened)) and "S17" not in visible(opened)
    opened.click("details.menu summary")
    opened.uncheck("#frameworks input[value='1']")
    assert "C01" not in visible(opened), "a column that is not shown makes no difference"


def test_columns_can_be_hidden_and_shown(opened):
    head = "thead th:not([hidden])"
    before = opened.eval_on_selector_all(head, "cells => cells.map(c => c.textContent.trim().split(/\\s/)[0])")
    assert "caffe" not in before and "scipy" in before
    opened.click("details.menu summary")
    opened.check("#frameworks label:has-text('caffe') input")
    opened.uncheck("#frameworks label:has-text('scipy') input")
    after = opened.eval_on_selector_all(head, "cells => cells.map(c => c.textContent.trim().split(/\\s/)[0])")
    assert "caffe" in after and "scipy" not in after
    assert "pooling_layer.cpp at 0323844" in opened.inner_text("#S02")


def test_keyboard_alone_reaches_everything(opened):
    opened.keyboard.press("j")
    opened.keyboard.press("j")
    assert opened.get_attribute("tr[aria-selected]", "id") == "S02"
    opened.keyboard.press("Enter")
    detail = opened.locator("tr.detail[data-of='S02']")
    assert detail.is_visible() and "Why it bites" in detail.inner_text()
    opened.keyboard.press("k")
    assert opened.get_attribute("tr[aria-selected]", "id") == "S01"
    opened.keyboard.press("/")
    opened.keyboard.type("djk")
    assert opened.input_value("#search") == "djk", "letters typed into the search are no commands"
    opened.keyboard.press("Escape")
    assert len(visible(opened)) == len(QUESTIONS)
    opened.keyboard.press("d")
    assert opened.is_checked("#differences")


def test_header_stays_while_scrolling(opened):
    opened.evaluate("document.getElementById('L05').scrollIntoView()")
    bar, head = (opened.locator(place).first.bounding_box() for place in ("#bar", "thead th"))
    assert bar["y"] == 0 and abs(head["y"] - bar["height"]) < 2


@pytest.mark.parametrize("width", [1280, 390])
def test_row_of_an_address_stands_below_the_head(opened, width):
    opened.set_viewport_size({"width": width, "height": 700})
    for id in ("P07", "S01", "K02"):
        opened.goto(opened.url.split("#")[0] + f"#{id}")
        opened.wait_for_function(f"document.querySelector('tr[aria-selected]').id === '{id}'")
        row, head = (opened.locator(place).first.bounding_box() for place in (f"#{id} th", "thead th"))
        assert row["y"] >= head["y"] + head["height"] - 1, id
        assert row["y"] + 20 < 700, id
    opened.click("#K01 a")
    assert opened.url.endswith("#K01") and opened.get_attribute("tr[aria-selected]", "id") == "K01"


@pytest.mark.parametrize("width", [1280, 390])
def test_no_cell_stands_beside_the_bar_at_any_place(opened, width):
    opened.set_viewport_size({"width": width, "height": 700})
    opened.evaluate("document.querySelector('main').scrollTo(9999, 900)")
    bar = opened.locator("#bar").bounding_box()
    assert (bar["x"], bar["y"], bar["width"]) == (0, 0, width)
    beside = "([x, y]) => document.elementFromPoint(x, y).closest('#bar') !== null"
    assert all(opened.evaluate(beside, [x, 4]) for x in range(2, width - 2, 40))
    assert opened.evaluate("document.documentElement.scrollWidth") <= width


def test_search_knows_synonyms_as_the_command_does(opened):
    for words in ("kernel", "flip", "NHWC", "SAME", "反転", "最適化 学習率", "adaptive pooling", "divisor_override"):
        opened.fill("#search", words)
        assert visible(opened) == [q.id for q in select(words)], words


def test_snippet_is_filled_in_when_a_question_opens(opened):
    opened.click("#C01 td:nth-child(3)")
    text = opened.inner_text("tr.detail[data-of='C01'] [data-snippet='scipy'] pre")
    assert text.strip() == snippet_text(FRAMEWORKS["scipy"], next(q for q in QUESTIONS if q.id == "C01"))
    opened.click("tr.detail[data-of='C01'] [data-snippet='scipy'] button")
    assert opened.evaluate("getSelection().toString()").strip() == text.strip()


def test_theme_button_switches_colours(opened):
    paper = "getComputedStyle(document.body).backgroundColor"
    opened.emulate_media(color_scheme="dark")
    dark = opened.evaluate(paper)
    opened.click("#theme")
    assert opened.evaluate(paper) != dark
    opened.click("#theme")
    assert opened.evaluate(paper) == dark
