"""How far a class is: a bar where somebody looks on, a line now and then where it goes into a file."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from .result import Result

EVERY = 30.0  # seconds between two lines


@contextmanager
def progress(total: int, before: int) -> Iterator[Callable[[Result], None]]:
    """On standard error. before: so many were done by an earlier run."""
    console = Console(stderr=True, highlight=False)
    if before:
        console.print(f"{before} are done already, {total} to do")
    texts = (TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), TextColumn("{task.description}", markup=False))
    columns = (BarColumn(), MofNCompleteColumn(), *texts)
    start = said = time.monotonic()
    done = 0
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("references", total=total, rate="")

        def seen(result: Result) -> None:
            nonlocal done, said
            done += 1
            now = time.monotonic()
            rate = done / (now - start)
            bar.update(task, advance=1, rate=f"{rate:.1f}/s", description=result.submission[:40])
            if not console.is_terminal and now - said > EVERY:
                said = now
                console.print(f"{done} of {total}, {rate:.1f} a second, {clock((total - done) / rate)} left")

        yield seen


def clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
