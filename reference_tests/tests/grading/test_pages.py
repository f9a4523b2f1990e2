"""The pages: self-contained, escaped, and readable in a browser."""

import re

import pytest

from reference_tests.grading import messages, rubric_toml
from reference_tests.grading.outputs import pages
from reference_tests.grading.outputs.files import slug
from reference_tests.grading.outputs.overview import summarize
from reference_tests.grading.result import Result

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
    graded_all[2].reason += EVIL
    return graded_all


def test_pages_escape_submissions_and_fetch_nothing(results):
    page = pages.student_page_renderer(small())
    texts = [*map(page, results), pages.render_class_page(summarize(results), run_settings(), slug)]
    for text in texts:
        assert EVIL not in text
        assert not re.search(r"""(src|href)="(?!#|students/)|url\(|@import""", text)
        assert "<script" not in text and "default-src 'none'" in text
    assert "&lt;script&gt;" in texts[1] and "&lt;script&gt;" in texts[-1]


def test_student_page_shows_points_problems_and_isolation(results):
    text = pages.student_page_renderer(small())(results[3])
    assert "10" in text and "should be" in text and "run with isolation none" in text
    assert "Nothing is wrong." in pages.student_page_renderer(small())(results[0])
    assert "cannot be loaded" in pages.student_page_renderer(small())(results[2])


def test_pages_and_lists_are_in_the_language_of_the_rubric(results):
    japanese = rubric_toml.parse({**SMALL, "language": "ja"})
    try:
        text = pages.student_page_renderer(japanese)(results[0])
        assert "Nothing is wrong" not in text and "hidden cases" not in text and "見" in text
        assert "Nothing is wrong." in pages.student_page_renderer(small())(results[0])
    finally:
        messages.set_language("en")


def test_class_page_shows_distribution_diagnoses_and_times(results):
    results[3].components["relu"].checks[0].diagnosis = {"code": "relu.x", "text": "a threshold that is not 0"}
    text = pages.render_class_page(summarize(results), run_settings(), slug)
    for part in ("Distribution of points", "a threshold that is not 0", "Time per submission", "mean"):
        assert part in text
    summary = summarize(results)
    assert sum(count for _, count, _ in summary.bars) == 4
    assert [line.submission for line in summary.lines] == sorted(line.submission for line in summary.lines)


@pytest.mark.slow
def test_pages_work_in_a_browser(results, browser, tmp_path):
    files = {f"students/{slug(r.submission)}.html": pages.student_page_renderer(small())(r) for r in results}
    files["class.html"] = pages.render_class_page(summarize(results), run_settings(), slug)
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
            view.screenshot(path=tmp_path / f"{name.replace('/', '_')}-{width}.png", full_page=True)
        assert not logged
        view.goto((tmp_path / "class.html").as_uri())
        view.click("text=alice.py >> nth=0")
        assert view.text_content("h1") and "alice.py" in view.url
