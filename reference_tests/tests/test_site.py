"""The site is built as CI builds it, where no link may lead nowhere, and a browser opens it in both languages."""

import re
from pathlib import Path

import pytest

from reference_tests.conformance.contract import COMPONENTS
from reference_tests.conformance.diagnosis.catalog import codes
from reference_tests.docs import documents, gallery, matrix
from reference_tests.docs.__main__ import build
from reference_tests.frameworks import recorded
from reference_tests.i18n import speaking

HERE = Path(documents.__file__).parent / "pages"


@pytest.mark.parametrize("page", documents.DOCUMENTS)
def test_links_of_a_document_lead_to_pages_or_into_the_repository(page):
    for link in re.findall(r"\]\(((?!http|#)[^)]+)\)", documents.page_of(page)):
        target = (Path(page).parent / link.partition("#")[0]).as_posix()
        assert target in {str(Path(name)) for name in documents.DOCUMENTS} or ".." in target, (page, link)
    for path in re.findall(rf"\]\({documents.REPOSITORY}([^)#]+)", documents.page_of(page)):
        assert (documents.ROOT / path).exists(), (page, path)


def test_every_written_page_is_in_both_languages():
    english = {path.name for path in HERE.glob("*.md") if not path.name.endswith(".ja.md")}
    assert english == {path.name.replace(".ja.md", ".md") for path in HERE.glob("*.ja.md")}


@pytest.mark.slow
def test_gallery_has_every_known_mistake_with_its_picture():
    page = gallery.component_page("col2im")
    for code, forms in codes("col2im").items():
        assert f"## {code} " in page
        assert all(form.repair in page.replace("&lt;", "<").replace("&gt;", ">") for form in forms)
    assert page.count("<table") >= 20


@pytest.mark.slow
def test_matrix_has_every_recorded_answer():
    record, made = recorded.load(), matrix.pages("en")
    rows = "".join(made.values())
    assert {*re.findall(r"<tr id='(\w+)'", rows)} == {*record["torch"]["answers"]}
    page = made["matrix/local-response-normalization"]
    row = re.search(r"<tr id='R01'>(.*?)</tr>", page, re.S)
    assert row is not None and row[1].count("<td") == len(record) and "<b class='defect'>!</b>" in row[1]
    assert "class=differs>≠ " in row[1] and "onnx issue 7805" in page


DETAILS = {  # recorded -> compared
    "refused (RuntimeError) for int32, int16; taken for uint8": "refused for int32, int16; taken for uint8",
    "refused (Fail)": "refused",
    "it counts": "it counts",
}


def test_matrix_compares_without_details_and_speaks_japanese():
    assert {text: matrix.without_details(text) for text in DETAILS} == DETAILS
    with speaking("ja"):
        answers = {matrix.say_answer(text) for text in recorded.load()["torch"]["answers"].values()}
    assert not [text for text in answers if re.search(r"\b(the|is|it|are|for|refused|dropped)\b", text)]


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("drawn", [["im2col"], pytest.param(COMPONENTS, marks=pytest.mark.nightly, id="all")])
def test_site_is_built_and_opens_in_a_browser(tmp_path, browser, monkeypatch, drawn):
    """By day the mistakes of one layer alone have pictures; CI's job of the site draws all."""
    pytest.importorskip("mkdocs", reason="the extra docs is not installed")
    picture = gallery.picture
    monkeypatch.setattr(gallery, "picture", lambda name, mistake: picture(name, mistake) if name in drawn else "")
    build(tmp_path / "site")
    for width in (1280, 390):
        for path, heading in (
            ("index.html", "convcheck"),
            ("ja/verify.html", "自分の層を調べる"),
            ("ja/matrix/pooling.html", "プーリング"),
            ("ja/handbook/grading.html", "信頼できないコードの採点"),
        ):
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.goto((tmp_path / "site" / path).as_uri())
            assert heading in page.locator("h1").inner_text()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            page.close()
    page = browser.new_page()
    page.goto((tmp_path / "site" / "ja" / "gallery" / "im2col.html").as_uri() + "#im2col-rows-order")
    assert page.locator("#im2col-rows-order").is_visible() and page.locator("table.map").count() > 20
    for name in COMPONENTS:
        assert (tmp_path / "site" / "gallery" / f"{name}.html").exists()
