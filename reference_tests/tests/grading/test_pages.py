"""The pages: self-contained, escaped, and readable in a browser."""

import base64
import hashlib
import html
import json
import re
from dataclasses import replace

import pytest

from reference_tests.grading import failures, rubric_toml
from reference_tests.grading.outputs import class_page, gradebooks, pages
from reference_tests.grading.outputs.files import as_json, slug
from reference_tests.grading.outputs.overview import summarize
from reference_tests.grading.result import Result
from reference_tests.i18n import current_language
from reference_tests.reports import page_data

from . import RIGHT, SMALL, WRONG, graded, run_settings, small, write_files

EVIL = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> list[Result]:
    home = tmp_path_factory.mktemp("pages")
    texts = {"alice": RIGHT, "bob": WRONG, "carol": f"x = ( # {EVIL}", "dora": RIGHT.replace("x > 0", "x > 0.3")}
    write_files(home, **texts)
    graded_all = [graded(home / f"{name}.py") for name in texts]
    graded_all[1].submission = f"{EVIL}.py"
    graded_all[1].notes = [EVIL]
    graded_all[1].students = [{"id": "", "name": EVIL, "email": ""}]
    graded_all[2].reason += EVIL
    return graded_all


def class_text(results) -> str:
    return class_page.render_class_page(summarize(results), run_settings(), slug)


def map_of(text: str) -> dict:
    """What the class page's script draws."""
    (data,) = re.findall(r'id="data">(.*?)</script>', text, re.S)
    return json.loads(data)


def test_pages_escape_submissions_and_fetch_nothing(results):
    page = pages.student_page_renderer(small())
    texts = [*map(page, results), class_text(results)]
    for text in texts:
        assert EVIL not in text
        assert not re.search(r"""(src|href)="(?!#|students/)|url\((?!#)|@import""", text)
        assert "default-src 'none'" in html.unescape(text)
    assert "&lt;script&gt;" in texts[1]
    assert EVIL in [row[0] for row in map_of(texts[-1])["rows"]]


def test_only_our_own_script_may_run(results):
    for text in (pages.student_page_renderer(small())(results[1]), class_text(results)):
        (script,) = re.findall(r"<script>(.*?)</script>", text, re.S)
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"script-src 'sha256-{digest}'" in html.unescape(text)


def test_student_page_is_verifys_with_points(results):
    text = pages.student_page_renderer(small())(results[3])
    assert "run with isolation none" in text and 'class="diagnosis"' in text
    assert "The smallest case on which it is wrong:" in text and 'class="map got"' in text
    assert "convcheck verify dora.py --case relu/" in html.unescape(text)
    assert re.search(r"points</th>.*hidden cases</th>", text) and "disagrees" in text
    assert "Nothing is wrong." in pages.student_page_renderer(small())(results[0])


def test_one_missing_colon_is_one_message(tmp_path):
    (tmp_path / "kenta.py").write_text(RIGHT.replace("def backward(self, dout):", "def backward(self, dout)"))
    text = pages.student_page_renderer(small())(graded(tmp_path / "kenta.py"))
    body = text.partition("<main")[0].partition("<body")[2]
    assert body.count("SyntaxError") == 1 and "cannot be loaded" in body
    main = re.search(r"<main[^>]*>(.*)</main>", text, re.S)[1]
    assert not main.strip()


@pytest.mark.slow
def test_pages_and_lists_are_in_the_language_of_the_rubric(results):
    japanese = rubric_toml.parse({**SMALL, "language": "ja"})
    text = pages.student_page_renderer(japanese)(results[0])
    assert "Nothing is wrong" not in text and "hidden cases" not in text and "不一致" not in text
    assert "Nothing is wrong." in pages.student_page_renderer(small())(results[0])
    text = class_page.render_class_page(summarize(results), run_settings(japanese), slug)
    assert 'lang="ja"' in text and "run with isolation" not in text
    assert current_language() == "en"


def test_kept_failures_are_bounded(results):
    for result in results:
        for component in result.components.values():
            checks = [check for group in component.shown for check in group["checks"]]
            assert len(component.shown) <= failures.MOST_CAUSES
            assert all(len(json.dumps(check)) <= failures.KEPT.largest for check in checks)
            assert all(sum("pictures" in c for c in group["checks"]) <= 1 for group in component.shown)


def test_large_pictures_are_left_out_first():
    data = {"lines": ["said"], "pictures": [{"patterns": ["p" * 9000], "maps": []}], "animation": "a" * 9000}
    assert page_data.lighten(dict(data), 12_000)["animation"] is None
    assert page_data.lighten(dict(data), 5_000)["pictures"] == [{"patterns": [], "maps": []}]
    assert page_data.lighten(dict(data), 60) == {"lines": ["said"], "pictures": [], "animation": None}


def test_json_for_programs_has_no_pictures(results):
    public = as_json(results[3], {})
    assert all("shown" not in component for component in public["components"].values())


def test_class_page_ranks_mistakes_by_the_points_that_they_cost(results):
    text = class_text(results)
    assert "Distribution of points" in text and "Time per submission" in text and "mean" in text
    data = map_of(text)
    lost = [mistake[3] for mistake in data["mistakes"]]
    assert lost == sorted(lost, reverse=True) and lost[0] > 0
    whole = sum(
        r.components[n].max_points - r.components[n].points for r in (results[1], results[3]) for n in r.components
    )
    assert sum(lost) == pytest.approx(whole, abs=0.1)
    cells = {row[0]: row[5] for row in data["rows"]}
    assert cells["alice"] == [] and sum(cells["dora"][2::3]) == pytest.approx(
        results[3].max_score - results[3].score, abs=0.05
    )
    summary = summarize(results)
    assert sum(count for _, count, _ in summary.bars) == 4
    assert [line.submission for line in summary.lines] == sorted(line.submission for line in summary.lines)


def test_class_page_names_students_and_those_who_are_late_or_missing(results):
    late = replace(results[0], students=[{"id": "7", "name": "sato", "email": ""}], marked_late=True)
    head = ["Student", "ID", "SIS Login ID", "Section", "CNN (12)"]
    rows = [["Sato, Hanako", "7", "h", "A", ""], ["Ito, Mei", "8", "m", "A", ""], ["Kato, Mio", "9", "m", "A", "EX"]]
    rows.append(["Student, Test", "10", "", "A", ""])
    identity = {"id": [1, 2], "email": [2], "name": [0]}
    book = gradebooks.Template("Canvas", "x.csv", head, rows, identity, [0, 1, 2, 3], 4)
    overview = gradebooks.add_names(summarize([late, *results[1:]]), [book])
    assert overview.missing == ("Ito, Mei",)
    text = class_page.render_class_page(overview, run_settings(), slug)
    assert "Sato, Hanako" in [row[0] for row in map_of(text)["rows"]]
    assert "Nothing was handed in (1)" in text and "Late (1)" in text and ">alice.py<" not in text


@pytest.mark.slow
def test_pages_work_in_a_browser(results, browser, tmp_path):
    files = {f"students/{slug(r.submission)}.html": pages.student_page_renderer(small())(r) for r in results}
    files["class.html"] = class_text(results)
    (tmp_path / "students").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    for width in (1100, 360):
        view = browser.new_page(viewport={"width": width, "height": 800})
        logged: list[str] = []
        view.on("console", lambda message, logged=logged: logged.append(message.text))
        view.on("pageerror", lambda error, logged=logged: logged.append(str(error)))
        for name in files:
            view.goto((tmp_path / name).as_uri())
            assert view.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (name, width)
        view.goto((tmp_path / "class.html").as_uri())
        walk_the_map(view)
        assert not logged
        view.close()


def walk_the_map(view) -> None:
    """By keyboard and by clicks: the map says what a cell is, who shares a mistake, and leads to a student's page."""
    assert view.locator("#grid tbody tr[aria-rowindex]").count() == 4
    view.locator("#grid a").first.focus()
    view.keyboard.press("ArrowDown")
    assert view.evaluate("document.activeElement.textContent") == "alice"
    view.locator("#grid td.s4").first.click()
    assert "points" in view.inner_text("#place") and view.evaluate("document.activeElement.className") == "s4"
    view.locator(".who").first.click()
    assert "shares 1:" in view.inner_text("#shown")
    assert 0 < view.locator("#grid tbody tr[aria-rowindex]").count() < 4
    view.click("#everybody")
    view.fill("#search", "ali")
    assert view.locator("#grid tbody tr[aria-rowindex]").count() == 1
    view.click("#grid a >> text=alice")
    assert view.text_content("h1") and "alice.py" in view.url


@pytest.mark.slow
def test_map_of_many_students_draws_what_is_in_view(results, browser, tmp_path):
    lines = summarize(results).lines
    many = [replace(line, submission=f"{k:05}-{line.submission}") for k in range(750) for line in lines]
    text = class_page.render_class_page(replace(summarize(results), lines=many), run_settings(), slug)
    (tmp_path / "class.html").write_text(text)
    view = browser.new_page(viewport={"width": 1100, "height": 800})
    view.goto((tmp_path / "class.html").as_uri())
    assert view.locator("#grid tbody tr").count() < 100 and "3000 students" in view.inner_text("#shown")
    view.evaluate("document.getElementById('grid').scrollTop = 2000 * 26")
    view.wait_for_selector("tr[aria-rowindex='2002']")
    view.locator("tr[aria-rowindex='2002'] a").focus()
    view.keyboard.press("PageDown")
    view.keyboard.press("PageDown")
    assert view.evaluate("document.activeElement.closest('tr').ariaRowIndex") == "2042"
    view.close()
