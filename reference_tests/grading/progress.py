"""Show the progress of a run: a bar on a terminal, else a line now and then."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..i18n import _
from .result import Result

EVERY = 30.0  # seconds between two lines


@contextmanager
def show_progress(total: int, before: int) -> Iterator[Callable[[Result], None]]:
    """Show progress on standard error. Yields a function to call with each result.

    total: submissions to grade; before: submissions that an earlier run has graded.
    """
    console = Console(stderr=True, highlight=False)
    if before:
        console.print(_("{n} are done already, {total} to do").format(n=before, total=total))
    texts = (TextColumn("{task.fields[rate]}"), TimeRemainingColumn(), TextColumn("{task.description}", markup=False))
    columns = (BarColumn(), MofNCompleteColumn(), *texts)
    start = last_line = time.monotonic()
    done, text = 0, _("{done} of {total}, {rate:.1f} a second, {left} left")
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(_("references"), total=total, rate="")

        def advance(result: Result) -> None:
            nonlocal done, last_line
            done += 1
            now = time.monotonic()
            rate = done / (now - start)
            bar.update(task, advance=1, rate=f"{rate:.1f}/s", description=result.submission[:40])
            if not console.is_terminal and now - last_line > EVERY:
                last_line = now
                left = format_time((total - done) / rate)
                console.print(text.format(done=done, total=total, rate=rate, left=left))

        yield advance


def format_time(seconds: float) -> str:
    """Return a time as M:SS or H:MM:SS."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
