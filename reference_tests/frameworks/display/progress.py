"""Progress of a measurement, on a terminal, once it takes more than two seconds."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from ...i18n import Say
from ..runner import Progress as Told

SECONDS = 2.0


@contextmanager
def show_progress(columns: int, inputs: int, console: Console, say: Say) -> Iterator[Told]:
    """Yield the function that is told of progress; a bar appears after SECONDS if the console is a terminal."""
    parts = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn())
    bar = Progress(*parts, console=console, transient=True, disable=not console.is_terminal)
    task = bar.add_task(say("asking"), total=columns * inputs)
    answered: dict[str, int] = {}

    def told(column: str, count: int) -> None:
        answered[column] = count
        bar.update(task, completed=sum(answered.values()), description=f"{say('asking')} {column}")

    wait = threading.Timer(SECONDS, bar.start)
    wait.daemon = True
    wait.start()
    try:
        yield told
    finally:
        wait.cancel()
        bar.stop()
