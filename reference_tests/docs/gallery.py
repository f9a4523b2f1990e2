"""The gallery: every known mistake with its cause, its repair, and a picture of its numbers."""

from functools import cache
from html import escape
from typing import Any

from ..conformance import messages
from ..conformance.contract import COMPONENTS, layer
from ..conformance.diagnosis.catalog import codes
from ..conformance.diagnosis.examples import example_of
from ..conformance.references import answer_cache
from ..conformance.types import Mistake
from ..i18n import N_, _, speaking
from ..reports.page import template_environment
from ..reports.page_data import picture_data
from ..reports.pictures import make_pictures

PICTURE = '{% import "pictures.html" as draw with context %}{{ draw.heat(want) }}{{ draw.heat(got) }}'
TITLE = N_("Known mistakes of {name}")
INTRODUCTION = N_(
    "Each is found by `convcheck verify`, by its numbers. On the left what is right, on the right the same numbers "
    "with the mistake; marked ones are wrong."
)


def pages(language: str) -> dict[str, str]:
    """Return the pages of the gallery in a language: the path without its suffix -> the text."""
    with speaking(language), answer_cache.opened():
        made = {f"gallery/{name}": component_page(name) for name in COMPONENTS}
        return {"gallery/index": index_page(), **made}


def index_page() -> str:
    """Return the list of the components with the number of their mistakes."""
    lines = [f"# {_('Gallery of mistakes')}", "", _(INTRODUCTION), ""]
    for name in COMPONENTS:
        op = layer(name).OP
        count = sum(map(len, codes(name).values()))
        lines.append(f"- [{op.name}]({name}.md) ({messages.section(op.section)}): {count}")
    return "\n".join(lines) + "\n"


def component_page(name: str) -> str:
    """Return the page of one component."""
    op = layer(name).OP
    parts = [
        f"# {_(TITLE).format(name=op.name)}",
        _(INTRODUCTION),
        _("Where to read about it: {section}").format(section=messages.section(op.section)),
    ]
    for code, forms in codes(name).items():
        parts += [f"## {escape(code)} {{ #{code.replace('.', '-')} }}", *(form_text(name, form) for form in forms)]
    return "\n\n".join(parts) + "\n"


def form_text(component: str, mistake: Mistake) -> str:
    """Return the text of one form of a mistake: what it is, the repair, the picture."""
    lines = [escape(_(mistake.text), quote=False)]
    if mistake.repair:
        lines.append(f"**{_('How to repair it:')}** {escape(_(mistake.repair), quote=False)}")
    return "\n\n".join(filter(None, [*lines, picture(component, mistake)]))


def picture(component: str, mistake: Mistake) -> str:
    """Return the right and the wrong numbers of the mistake's example as tables, "" where no number shows it."""
    found = example(component, mistake.code, mistake.text)
    drawn = next(iter(make_pictures(found)), None) if found else None
    if drawn is None:
        return ""
    maps = {one["kind"]: one for one in picture_data(drawn)["maps"]}
    if not {"want", "got"} <= maps.keys():
        return ""
    template = template_environment().from_string(PICTURE)
    tables = template.render(want=maps["want"], got=maps["got"] | {"title": _("with the mistake")})
    call = escape(messages.call(found.check.case))
    body = f"<p><code>{call}</code> · {escape(drawn.name)}</p><div class='row'>{tables}</div>"
    return f"<div class='convcheck' data-search-exclude>{body}</div>".replace("\n", "")


@cache
def example(component: str, code: str, text: str) -> Any:
    """Return a mistake's worked example; both languages show the same."""
    return example_of(component, next(m for m in codes(component)[code] if m.text == text))
