"""The porting guide on the terminal: each difference, why it matters, and its recipe with the result of its check."""

from rich.console import Console
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from ..i18n import Say
from .recipes import Difference


def show_guide(source: str, target: str, differences: list[Difference], console: Console, say: Say) -> None:
    """Print every difference, the helpers that the recipes use, and the count of recipes that work."""
    console.print(Text(say("From {} to {}: what differs").format(source, target) + "\n", style="bold"))
    for one in differences:
        console.print(Text(f"{one.question.id}  {say(one.question.question)}", style="bold cyan"))
        console.print(Text(f"  {source}: {say(one.source)}   {target}: {say(one.target)}"))
        console.print(Text(f"  {say(one.question.why)}"))
        if one.recipe:
            console.print(highlight(one.recipe.text))
        console.print(Text(f"  {verdict(one, say)}\n", style="green" if one.works else "red"))
    helpers = dict.fromkeys(text for one in differences if one.recipe for text in one.recipe.helpers)
    if helpers:
        console.print(Text(say("The helpers that these recipes use"), style="bold"))
        console.print(highlight("\n\n".join(helpers)))
    works = sum(one.works for one in differences)
    summary = say("{} of {} differences have a recipe that was run and gave {}'s answer.")
    console.print("\n" + summary.format(works, len(differences), source))


def highlight(text: str) -> Padding:
    """Return Python source with colours, indented by four."""
    code = Syntax(text, "python", theme="ansi_light", background_color="default", word_wrap=True)
    return Padding(code, (0, 0, 0, 4))


def verdict(one: Difference, say: Say) -> str:
    """Return one line about a recipe: none, works, does not work."""
    if one.recipe is None:
        return say("no recipe")
    return (
        say("run: gives {}").format(say(one.source))
        if one.works
        else say("run: does NOT give {}").format(say(one.source))
    )
