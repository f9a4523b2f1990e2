"""What is printed about a model's port: the questions, the text, the weights, and the outcome of a comparison."""

from pathlib import Path

from rich.console import Console

from ...i18n import Say
from ..guide import line, print_code
from ..recipes import DANGERS
from .comparison import Comparison, Row
from .model_port import Asked
from .slips import Slip
from .touched import questions_of
from .writing import LAST, Port, layer_text


def show_advice(
    name: str, to: str, port: Port, text: str, asked: list[Asked], note: str, console: Console, say: Say
) -> None:
    """Print what differs for this model, the worst first, then its text and its weights."""
    summary = say("{} for {}: {} layers; {} of {} questions that they touch have another answer there")
    differing = [one for one in asked if one.danger < 3]
    line(console, summary.format(name, to, len(port.model.layers), len(differing), len(asked)), "bold")
    if note:
        line(console, note, "dim")
    if port.unknown:
        line(console, say("To be written by hand: {}").format(", ".join(port.unknown)), "bold red")
    for danger, title in enumerate(DANGERS):
        chosen = [one for one in asked if one.danger == danger]
        if chosen:
            line(console, "")
            line(console, f"{say(title).format(source='torch', target=to)} ({len(chosen)})", "bold underline")
            for one in chosen:
                show_question(one, to, console, say)
    equal = [one.question.id for one in asked if one.danger == 3]
    if equal:
        line(console, "")
        line(console, f"{say('Equal')} ({len(equal)}): {' '.join(equal)}")
    line(console, "")
    line(console, say("The layers, written for {}").format(to), "bold underline")
    if port.layouts["input"] == LAST:
        line(console, say("Channels are last here: C19, C20, F01 and F02 are answered by the weights' layout."))
    print_code(console, text, indent=0)
    line(console, say("The weights"), "bold underline")
    for weight, array in port.weights.items():
        before = port.model.parameters.get(weight)
        shape = f"{tuple(before.shape)} -> " if before is not None and tuple(before.shape) != array.shape else ""
        order = say("in the order of flatten_permutation({})").format(port.permuted.get(weight))
        line(console, f"    {weight}: {shape}{array.shape}{', ' + order if weight in port.permuted else ''}")


def show_question(one: Asked, to: str, console: Console, say: Say) -> None:
    """Print a question that the model touches, with its layers."""
    line(console, f"{one.question.id}  {say(one.question.question)}", "bold cyan")
    line(console, f"  torch: {say(one.source)}   {to}: {say(one.target)}")
    line(console, f"  {say(one.question.why)}")
    for layer in one.layers[:3]:
        line(console, f"    {layer_text(layer)}", "dim")
    if len(one.layers) > 3:
        line(console, f"    + {len(one.layers) - 3}", "dim")


def show_saved(files: tuple[Path, Path] | None, console: Console, say: Say) -> None:
    """Print where the weights and the text are, or how to have them written."""
    line(console, "")
    if files is None:
        line(console, say("--out FILE.npz writes the weights, and this text beside them."))
    else:
        line(console, say("Written: {} and {}").format(*files))


def show_comparison(result: Comparison, port: Port, console: Console, say: Say) -> None:
    """Print the comparison layer by layer up to the first difference, and the question behind it."""
    line(console, "")
    line(console, say("The port beside torch, in float64"), "bold underline")
    for row in result.rows:
        show_row(row, console, say)
        if row is result.first:
            break
    if result.unknown:
        line(console, say("These names are no layer's: {}").format(", ".join(result.unknown)))
    if result.first is None:
        compared = say("All {} compared layers are equal.") if len(result.rows) > 1 else say("The output is equal.")
        line(console, compared.format(len(result.rows)), "bold green")
        return
    line(console, "")
    line(console, say("The first that differs: {}").format(layer_text(result.first.layer)), "bold red")
    show_reasons(result, port, console, say)


def show_row(row: Row, console: Console, say: Say) -> None:
    """Print one layer's outcome."""
    if row.difference is None:
        shapes = say("another shape: {} instead of {}").format(row.shape, row.layer.shape)
        line(console, f"  ≠ {row.layer.name}  {shapes}", "red")
    else:
        mark, style = ("=", "") if row.equal else ("≠", "red")
        line(console, f"  {mark} {row.layer.name}  {row.difference:.1e}", style)


def show_reasons(result: Comparison, port: Port, console: Console, say: Say) -> None:
    """Print the slips that give exactly the port's numbers, or the questions to look at."""
    reasons = {(one.layer.name, one.slip.question): one for one in result.reasons}
    for one in reasons.values():
        text = say("{}: exactly this comes out with {} in {}").format(
            one.slip.question, say(one.slip.text), one.layer.name
        )
        line(console, f"  {text}", "bold")
        line(console, f"  {question_text(one.slip, say)}")
    if reasons:
        if len(reasons) > 1:
            line(console, "  " + say("One of these: they give the same numbers here."))
        return
    line(console, "  " + say("No single known slip gives these numbers."))
    for layer in result.suspects:
        ids = questions_of(port.model, layer)
        if ids:
            line(console, "  " + say("Questions of {}: {}").format(layer.name, " ".join(ids)))


def question_text(slip: Slip, say: Say) -> str:
    """Return the words of the question behind a slip."""
    from ..questions import QUESTIONS

    return next((say(q.question) for q in QUESTIONS if q.id == slip.question), "")
