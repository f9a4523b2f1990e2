"""The porting guide on the terminal: only what differs, why it bites, and the recipe with its check."""

from rich.console import Console
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from .language import Say
from .recipes import Difference


def show(source: str, target: str, found: list[Difference], console: Console, say: Say) -> None:
    """Every difference, the helpers the recipes use, and how many were run and gave the source's answer."""
    console.print(Text(say("From {} to {}: what differs").format(source, target) + "\n", style="bold"))
    for one in found:
        console.print(Text(f"{one.question.id}  {say(one.question.question)}", style="bold cyan"))
        console.print(Text(f"  {source}: {say(one.source)}   {target}: {say(one.target)}"))
        console.print(Text(f"  {say(one.question.why)}"))
        if one.recipe:
            console.print(python(one.recipe.text))
        console.print(Text(f"  {verdict(one, say)}\n", style="green" if one.works else "red"))
    helpers = dict.fromkeys(text for one in found if one.recipe for text in one.recipe.helpers)
    if helpers:
        console.print(Text(say("The helpers that these recipes use"), style="bold"))
        console.print(python("\n\n".join(helpers)))
    works = sum(one.works for one in found)
    said = say("{} of {} differences have a recipe that was run and gave {}'s answer.")
    console.print("\n" + said.format(works, len(found), source))


def python(text: str) -> Padding:
    code = Syntax(text, "python", theme="ansi_light", background_color="default", word_wrap=True)
    return Padding(code, (0, 0, 0, 4))


def verdict(one: Difference, say: Say) -> str:
    if one.recipe is None:
        return say("no recipe")
    return (
        say("run: gives {}").format(say(one.source))
        if one.works
        else say("run: does NOT give {}").format(say(one.source))
    )
