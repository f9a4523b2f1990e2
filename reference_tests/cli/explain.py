"""convcheck explain: every known mistake, and one in full with a worked example."""

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError

MANY = 6  # layers that share a mistake, not named one by one
if TYPE_CHECKING:
    from rich.console import Console


def explain(
    code: Annotated[str, typer.Argument(help="As a failure names it, such as conv.flipped.", metavar="CODE")] = "",
    lang: Annotated[
        str, typer.Option(help="en or ja [as the system speaks].", metavar="LANG", show_default=False)
    ] = "",
) -> None:
    """What a mistake is, with right and wrong numbers side by side, how to repair it, and where to read about it.

    Without a CODE: all that are known, layer by layer. Exit status: 0 done; 2 there is no such code.
    """
    from rich.console import Console

    from ..conformance.references import answer_cache
    from ..i18n import speaking, system_language

    out = Console(soft_wrap=True, highlight=False)
    try:
        with speaking(lang or system_language()), answer_cache.opened():
            explain_one(out, code) if code else list_all(out)
    except ValueError as error:
        raise UsageError(str(error)) from None


def list_all(out: "Console") -> None:
    """Every code, grouped by component, with its sentence."""
    from rich.text import Text

    from ..conformance import messages as labels
    from ..conformance.contract import COMPONENTS, layer
    from ..conformance.diagnosis.catalog import GENERAL, codes

    for name in COMPONENTS:
        out.print(Text(f"\n{name} ({labels.section(layer(name).OP.section)})", style="bold"))
        table_rows(out, {code: of[0].text for code, of in codes(name).items()})
    out.print(Text("\n" + labels.any_layer(), style="bold"))
    table_rows(out, GENERAL)


def table_rows(out: "Console", texts: dict[str, str]) -> None:
    from rich.text import Text

    from ..i18n import _

    wide = max(map(len, texts)) + 2
    for code, text in texts.items():
        out.print(Text(f"  {code:{wide}}{_(text)}"))


def explain_one(out: "Console", code: str) -> None:
    """ValueError, in a sentence, where there is no such code."""
    from rich.text import Text

    from ..conformance.contract import COMPONENTS
    from ..conformance.diagnosis.catalog import codes, general_text
    from ..i18n import _

    for one in code.split(" + "):
        homes = [name for name in COMPONENTS if one in codes(name)]
        if homes:
            of_component(out, homes, one)
        elif text := general_text(one):
            out.print(Text.assemble((one, "bold"), f"\n  {_(text)}"))
        else:
            raise ValueError(unknown(one))


def unknown(code: str) -> str:
    from ..conformance import messages as labels
    from ..conformance.contract import COMPONENTS
    from ..conformance.diagnosis.catalog import GENERAL, codes

    known = [*dict.fromkeys(c for name in COMPONENTS for c in codes(name)), *GENERAL]
    near = [c for c in known if c.partition(".")[2] == code] or get_close_matches(code, known, 3, 0.5)
    return labels.no_such_code(code, near)


def of_component(out: "Console", homes: list[str], code: str) -> None:
    """One code: its forms, each with its example on the first layer that can have it."""
    from rich.text import Text

    from ..conformance import messages as labels
    from ..conformance.contract import layer
    from ..conformance.diagnosis.catalog import codes
    from ..i18n import _

    home = next((name for name in homes if layer(name).OP.make is not None), homes[0])
    op = layer(home).OP
    where = op.name if len(homes) == 1 else labels.any_layer() if len(homes) > MANY else ", ".join(homes)
    out.print(Text.assemble((code, "bold"), f"  {where}"))
    for m in codes(home)[code]:
        out.print(Text(f"\n  {_(m.text)}"))
        if m.repair:
            out.print(Text(f"  {labels.to_repair(_(m.repair))}"))
        example(out, home, m)
    out.print(Text(f"\n  {labels.to_read(labels.section(op.section))}"))


def example(out: "Console", component: str, mistake) -> None:
    from rich.text import Text

    from ..conformance import messages
    from ..conformance import messages as labels
    from ..conformance.diagnosis.examples import catching_cases, example_of
    from ..reports.grids import array_lines, side_by_side

    found = example_of(component, mistake)
    if found is None:
        out.print(Text(f"\n  {labels.no_example()}"))
        return
    case, problem = found.check.case, found.problems[0]
    out.print(Text(f"\n  {labels.worked_example(messages.call(case))}"))
    q = case.question()
    arrays = {**q.arrays, **({"dout": case.dout} if problem.what != "out" and case.dout is not None else {})}
    titles = labels.map_title("want"), labels.with_the_mistake()
    lines = [line for name, a in arrays.items() for line in array_lines(name, a)]
    for line in [*lines, *side_by_side(found, titles, out.width - 6)]:
        out.print(Text("      ").append(line))
    caught = catching_cases(component, mistake)
    if caught:
        out.print(Text(f"\n  {labels.caught_by(caught)}"))
