"""The page in a real browser: what it holds, and what happens at the keyboard, with the pointer, on paper."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
DARK = "Math.max(...getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3)) < 80"


@pytest.fixture(scope="module")
def file(page_of, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(page_of(), "utf-8")
    return path


@pytest.fixture
def opened(browser, file):
    """The page in a window; what it fetches or complains of fails the test."""
    pages, wrong = [], []

    def opened(width: int = 1200, **how):
        context = browser.new_context(viewport={"width": width, "height": 900}, **how)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.on("request", lambda r: wrong.append(r.url) if not r.url.startswith("file:") else None)
        page.on("console", lambda m: wrong.append(m.text))
        page.on("pageerror", lambda e: wrong.append(str(e)))
        page.goto(file.as_uri())
        pages.append(context)
        return page

    yield opened
    for context in pages:
        context.close()
    assert wrong == []


def test_first_failure_of_each_cause_is_open(opened, examined):
    page = opened()
    assert page.title() == "convcheck: <wrong & small>.py"
    assert page.locator("h1").inner_text().startswith("convcheck")
    assert page.locator("table.components tbody tr").count() == len(examined.components)
    causes = page.locator(".cause").count()
    assert page.locator("details.check[open]").count() == causes
    first = page.locator("details.check").first
    assert first.locator(".map").count() >= 3
    assert first.locator("svg").first.is_visible()
    assert page.locator("td.x").first.evaluate("cell => getComputedStyle(cell).fontWeight") == "700"


def test_page_works_by_keyboard_alone(opened):
    page = opened()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.tagName + '.' + document.activeElement.className"))
    assert {"A.", "SUMMARY.", "DIV.maps", "BUTTON.copy"} <= seen


def wide(page):
    """-> a picture of several rows and columns, its window, the drawn case."""
    page.click("#open-all")
    found = page.locator("details.check").first
    maps = found.locator("> .maps").first
    drawn = found.locator("> .case svg[data-follows]")
    assert maps.locator("table.got tbody tr").count() > 1
    return maps, drawn.locator(".window"), drawn


def test_arrow_keys_move_the_place_and_its_window(opened):
    page = opened()
    maps, box, drawn = wide(page)
    row, column = (int(n) for n in maps.get_attribute("data-at").split(",")[-2:])
    maps.focus()
    before = box.get_attribute("x"), box.get_attribute("y")
    page.keyboard.press("ArrowLeft" if column else "ArrowRight")
    page.keyboard.press("ArrowUp" if row else "ArrowDown")
    assert (box.get_attribute("x"), box.get_attribute("y")) != before
    row, column = row + (-1 if row else 1), column + (-1 if column else 1)
    assert f", {row}, {column}]: got" in maps.locator(".place").inner_text()
    assert maps.locator(".at").count() == 3
    unit = int(drawn.get_attribute("data-u")) * int(drawn.get_attribute("data-stride"))
    assert (float(box.get_attribute("y")), float(box.get_attribute("x"))) == (row * unit, column * unit)


def test_pointer_does_what_the_keys_do(opened):
    page = opened()
    maps, *_ = wide(page)
    maps.locator("table.want tbody tr").nth(1).locator("td").nth(1).hover()
    assert ", 1, 1]:" in maps.locator(".place").inner_text()
    assert [t.get_attribute("class") for t in maps.locator("td.at").all()].count(None) == 0


def test_button_copies_the_command(opened):
    page = opened()
    button = page.locator("button.copy").first
    button.click()
    button.filter(has_text="copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator(".again code").first.inner_text()
    assert copied.startswith("convcheck verify '<wrong & small>.py' --case ")


def test_buttons_open_and_close_all(opened):
    page = opened()
    page.click("#open-all")
    every = page.locator("details.check").count()
    assert page.locator("details.check[open]").count() == every > 5
    page.click("#close-all")
    assert page.locator("details.check[open]").count() == 0


def test_link_to_a_failure_opens_it(opened, file):
    page = opened()
    anchor = page.locator("details.check:not([open])").last.get_attribute("id")
    page.goto(f"{file.as_uri()}#{anchor}")
    assert page.locator(f"[id='{anchor}']").get_attribute("open") is not None


def test_light_and_dark_have_enough_contrast(opened):
    for scheme, dark in (("light", False), ("dark", True)):
        page = opened(color_scheme=scheme)
        assert page.evaluate(DARK) is dark
        assert page.evaluate(CONTRAST) >= 4.5


@pytest.mark.parametrize("width", [360, 800, 1600])
def test_page_is_no_wider_than_the_window(opened, width):
    page = opened(width)
    page.click("#open-all")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_printed_page_is_light_and_has_no_buttons(opened):
    page = opened(color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate(DARK) is False
    assert not page.locator("button.copy").first.is_visible()
    assert page.locator(".map").first.is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_controls_have_names_for_screen_readers(opened):
    tree = opened().locator("body").aria_snapshot()
    assert "main" in tree and "banner" in tree and "contentinfo" in tree
    assert 'heading "Components" [level=2]' in tree
    assert "columnheader" in tree and "rowheader" in tree
    assert 'img "x[' in tree
    assert "arrow keys move from place to place" in tree


CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (c) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3); };
  const light = (c) => rgb(c).map((v) => v / 255).map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => { for (; e; e = e.parentElement) {
    const c = getComputedStyle(e).backgroundColor; if (c !== "rgba(0, 0, 0, 0)") return c; } return "white"; };
  const texts = document.querySelectorAll(".map td, .map th, small, .soft, .total, summary, a, li, figcaption, button");
  return Math.min(...[...texts].filter((e) => e.checkVisibility() && e.textContent.trim()).map((e) => {
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); }));
}"""


def test_steps_go_by_keyboard_and_by_themselves(opened):
    """The slider takes arrow keys; the window and the sentence follow; play ends at the last step."""
    page = opened(390)
    box = page.locator(".steps:visible").first
    slider, said = box.locator("input"), box.locator(".said-step")
    last = int(slider.get_attribute("max"))
    assert said.inner_text().startswith(f"1 / {last + 1}")
    slider.focus()
    page.keyboard.press("End")
    assert said.inner_text().startswith(f"{last + 1} / {last + 1}")
    if last:
        before = [box.locator(".window").get_attribute(k) for k in "xy"]
        page.keyboard.press("ArrowLeft")
        assert [box.locator(".window").get_attribute(k) for k in "xy"] != before
    page.keyboard.press("Home")
    box.locator("button").click()
    assert box.locator("button").inner_text() == "pause"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
