"""The porting guide on the terminal: each difference, why it matters, and its recipe with the result of its check.

Code is never wrapped, so that it can be copied out of a pipe or a file.
"""

from rich.console import Console
from rich.syntax import Syntax
from rich.text import Text

from ..i18n import Say
from .recipes import DANGERS, Difference, Equal

ARGUMENTS = (  # one thing and its names
    {"torch": "stride", "onnxruntime": "strides", "jax": "window_strides", "tensorflow": "strides"},
    {"torch": "padding", "onnxruntime": "pads", "jax": "padding", "tensorflow": "padding"},
    {"torch": "dilation", "onnxruntime": "dilations", "jax": "rhs_dilation", "tensorflow": "dilations"},
    {"torch": "groups", "onnxruntime": "group", "jax": "feature_group_count", "tensorflow": "-"},
    {"torch": "kernel_size", "onnxruntime": "kernel_shape", "jax": "window_dimensions", "tensorflow": "ksize"},
    {"torch": "ceil_mode", "onnxruntime": "ceil_mode", "jax": "-", "tensorflow": "-"},
    {"torch": "count_include_pad", "onnxruntime": "count_include_pad", "jax": "-", "tensorflow": "-"},
    {"torch": "eps", "onnxruntime": "epsilon", "jax": "-", "tensorflow": "epsilon"},
    {"torch": "momentum", "onnxruntime": "momentum", "jax": "-", "tensorflow": "exponential_avg_factor"},
    {"torch": "size (LRN)", "onnxruntime": "size", "jax": "-", "tensorflow": "depth_radius"},
    {"torch": "p (dropout)", "onnxruntime": "ratio", "jax": "-", "tensorflow": "rate"},
    {"torch": "dim", "onnxruntime": "axis", "jax": "axis", "tensorflow": "axis"},
)


def show_guide(
    source: str, target: str, differences: list[Difference], equal: list[Equal], console: Console, say: Say
) -> None:
    """Print every difference, the worst first, what is equal, the helpers of the recipes, and how many work."""
    line(console, say("From {} to {}: what differs").format(source, target), "bold")
    for danger, title in enumerate(DANGERS):
        chosen = [one for one in differences if one.danger == danger]
        if chosen:
            line(console, "")
            heading = say(title).format(source=source, target=target)
            line(console, f"{heading} ({len(chosen)})", "bold underline")
            for one in chosen:
                show_difference(source, target, one, console, say)
    show_equal(source, target, equal, console, say)
    show_helpers(differences, console, say)
    wanted = [one for one in differences if not one.nothing]
    summary = say("Differences with a recipe that was run and gave {2}'s answer: {0} of {1}.")
    line(console, "")
    line(console, summary.format(sum(one.works for one in wanted), len(wanted), source))


def show_difference(source: str, target: str, one: Difference, console: Console, say: Say) -> None:
    """Print one difference with its recipe."""
    line(console, "")
    line(console, f"{one.question.id}  {say(one.question.question)}", "bold cyan")
    line(console, f"  {source}: {say(one.source)}   {target}: {say(one.target)}")
    line(console, f"  {say(one.question.why)}")
    if one.recipe:
        print_code(console, one.recipe.text)
    line(console, f"  {verdict(one, say)}", "green" if one.works else "" if one.nothing else "red")


def show_equal(source: str, target: str, equal: list[Equal], console: Console, say: Say) -> None:
    """Print what both answer alike: how each is called, and the arguments that have another name."""
    if not equal:
        return
    line(console, "")
    line(console, f"{say('Equal')} ({len(equal)})", "bold underline")
    for one in equal:
        line(console, f"{one.question.id}  {say(one.question.question)}  {say(one.answer)}")
        width = max(len(source), len(target)) + 1
        for name, text in ((source, one.source), (target, one.target)):
            print_code(console, f"{name + ':':{width}} {text}")
    if source != target and {source, target} <= set(ARGUMENTS[0]):
        line(console, "")
        line(console, say("The same under other names"), "bold underline")
        for row in ARGUMENTS:
            line(console, f"    {source}: {row[source]}   {target}: {row[target]}")


def show_helpers(differences: list[Difference], console: Console, say: Say) -> None:
    """Print the helpers that the recipes use, as a text that can be imported."""
    recipes = [one.recipe for one in differences if one.recipe]
    helpers = dict.fromkeys(text for recipe in recipes for text in recipe.helpers)
    if helpers:
        imports = dict.fromkeys(text for recipe in recipes for text in recipe.imports)
        line(console, "")
        line(console, say("The helpers that these recipes use, to be imported"), "bold underline")
        print_code(console, "\n\n".join(["\n".join(imports), *helpers]), indent=0)


def line(console: Console, text: str, style: str = "") -> None:
    """Print a line as it is: never wrapped, never cut."""
    console.print(Text(text, style=style), soft_wrap=True)


def print_code(console: Console, text: str, indent: int = 4) -> None:
    """Print Python source, in colours on a terminal, never wrapped."""
    if not console.is_terminal:
        for one in text.splitlines():
            line(console, " " * indent + one if one else "")
        return
    coloured = Syntax(text, "python", theme="ansi_light", background_color="default").highlight(text)
    for part in coloured.split("\n", allow_blank=False):
        console.print(Text(" " * indent) + part, soft_wrap=True)


def verdict(one: Difference, say: Say) -> str:
    """Return one line about a recipe: nothing to copy, none, works, does not work."""
    if one.nothing:
        return say("nothing to copy: {}").format(say(one.nothing))
    if one.recipe is None:
        return say("no recipe")
    return (
        say("run: gives {}").format(say(one.source))
        if one.works
        else say("run: does NOT give {}").format(say(one.source))
    )
