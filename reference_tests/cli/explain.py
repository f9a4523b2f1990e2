"""convcheck explain: every known mistake, and one in full with a worked example."""

from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from ..suggest import similar_names
from .options import option

MANY = 6  # layers that share a mistake, not named one by one
if TYPE_CHECKING:
    from rich.console import Console

    from ..conformance.types import Mistake


def explain(
    code: Annotated[str, typer.Argument(help="As a failure names it, such as conv.flipped.", metavar="CODE")] = "",
    lang: Annotated[str, option("en or ja [as the system speaks].", "LANG")] = "",
) -> None:
    """What a mistake is, with right and wrong numbers side by side, how to repair it, and where to read about it.

    Without a CODE: all that are known, layer by layer. Exit status: 0 done; 2 there is no such code.
    """
    from ..conformance.references import answer_cache
    from ..i18n import current_language, speaking
    from ..reports.console import open_console

    out = open_console()
    try:
        with speaking(lang or current_language()), answer_cache.opened():
            print_codes(out, code) if code else print_all(out)
    except ValueError as error:
        raise UsageError(str(error)) from None


def print_all(out: "Console") -> None:
    """Print every code with its sentence, component by component."""
    from rich.text import Text

    from ..conformance import messages
    from ..conformance.contract import COMPONENTS, layer
    from ..conformance.diagnosis.catalog import GENERAL, codes
    from ..i18n import _

    for name in COMPONENTS:
        out.print(Text(f"\n{name} ({messages.section(layer(name).OP.section)})", style="bold"))
        print_rows(out, {code: of[0].text for code, of in codes(name).items()})
    out.print(Text("\n" + _("any layer"), style="bold"))
    print_rows(out, GENERAL)


def print_rows(out: "Console", texts: dict[str, str]) -> None:
    """Print codes and their sentences in two columns."""
    from rich.text import Text

    from ..i18n import _

    wide = max(map(len, texts)) + 2
    for code, text in texts.items():
        out.print(Text(f"  {code:{wide}}{_(text)}"))


def print_codes(out: "Console", code: str) -> None:
    """Print one code in full, or several that are joined by " + ". Raises ValueError for an unknown one."""
    from rich.text import Text

    from ..conformance.contract import COMPONENTS
    from ..conformance.diagnosis.catalog import codes, general_text
    from ..i18n import _

    for one in code.split(" + "):
        homes = [name for name in COMPONENTS if one in codes(name)]
        if homes:
            print_code(out, homes, one)
        elif text := general_text(one):
            out.print(Text.assemble((one, "bold"), f"\n  {_(text)}"))
        else:
            raise ValueError(describe_unknown(one))


def describe_unknown(code: str) -> str:
    """Return the sentence for an unknown code, with similar ones."""
    from ..conformance import messages
    from ..conformance.contract import COMPONENTS
    from ..conformance.diagnosis.catalog import GENERAL, codes

    known = [*dict.fromkeys(c for name in COMPONENTS for c in codes(name)), *GENERAL]
    near = [c for c in known if c.partition(".")[2] == code] or similar_names(code, known, 3, 0.5)
    return messages.no_such_code(code, near)


def print_code(out: "Console", homes: list[str], code: str) -> None:
    """Print one code: its mistakes, each with an example on the first of the components that have it."""
    from rich.text import Text

    from ..conformance import messages
    from ..conformance.contract import layer
    from ..conformance.diagnosis.catalog import codes
    from ..i18n import _

    home = next((name for name in homes if layer(name).OP.make is not None), homes[0])
    op = layer(home).OP
    where = op.name if len(homes) == 1 else _("any layer") if len(homes) > MANY else ", ".join(homes)
    out.print(Text.assemble((code, "bold"), f"  {where}"))
    for m in codes(home)[code]:
        out.print(Text(f"\n  {_(m.text)}"))
        if m.repair:
            out.print(Text("  " + _("How to repair it: {text}").format(text=_(m.repair))))
        print_example(out, home, m)
    out.print(Text("\n  " + _("Where to read about it: {section}").format(section=messages.section(op.section))))


def print_example(out: "Console", component: str, mistake: "Mistake") -> None:
    """Print a mistake's example: inputs, right numbers and wrong ones side by side, and the cases that catch it."""
    from rich.text import Text

    from ..conformance import messages
    from ..conformance.diagnosis.examples import catching_cases, example_of
    from ..i18n import _
    from ..reports.grids import array_lines, side_by_side

    found = example_of(component, mistake)
    if found is None:
        out.print(Text("\n  " + _("On this layer no number shows it by itself.")))
        return
    case, problem = found.check.case, found.problems[0]
    out.print(Text("\n  " + _("A worked example: {call}").format(call=messages.call(case))))
    q = case.question()
    arrays = {**q.arrays, **({"dout": case.dout} if problem.what != "out" and case.dout is not None else {})}
    titles = messages.map_title("want"), _("with the mistake")
    lines = [line for name, a in arrays.items() for line in array_lines(name, a)]
    for line in [*lines, *side_by_side(found, titles, out.width - 6)]:
        out.print(Text("      ").append(line))
    caught = catching_cases(component, mistake)
    if caught:
        out.print(Text(f"\n  {messages.caught_by(caught)}"))
