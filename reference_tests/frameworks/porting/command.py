"""`convcheck compare --model`: a torch model, written for another framework and compared with a port of it."""

from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import UsageError

if TYPE_CHECKING:
    from ...i18n import Say


def port_model(model: str, to: str, example: str, port: str, out: str, keep: bool, say: "Say") -> int:
    """Print the questions, the text and the weights of a port, or compare the user's; return 1 if it differs, else 0.

    Raises UsageError with one sentence for what is missing or wrong.
    """
    from importlib.util import find_spec

    if not model:
        raise UsageError(say("--port, --example and --out belong to a model: --model net.py --to jax"))
    if find_spec("torch") is None:
        raise UsageError(say("--model: torch is not installed here: {}").format("pip install 'convcheck[torch]'"))
    from rich.console import Console

    from . import advice, loading, model_port
    from .comparison import compare_port

    writer, column = model_port.find_target(to)
    if port:
        model_port.require(writer, column)
    read = loading.load_model(model, example)
    written, text = model_port.write_port(read, writer, Path(model.split(":")[0]).stem)
    console = Console(highlight=False)
    if not port:
        asked, note = model_port.ask_questions(read, column, keep)
        advice.show_advice(model, writer, written, text, asked, note, console, say)
    files = model_port.save_port(written, text, out) if out else None
    if files or not port:
        advice.show_saved(files, console, say)
    if port:
        results = loading.run_port(port, written.weights, read.example.numpy(), writer)
        compared = compare_port(read, results)
        advice.show_comparison(compared, written, console, say)
        return int(compared.first is not None)
    return 0
