"""How a command ends early: with one sentence, and exit status 2 for wrong use or 1 for a failure."""

import sys
from typing import NoReturn

INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it


class UsageError(Exception):
    """A command was used wrongly. The message is one sentence; the exit status is 2."""


def fail(message: str) -> NoReturn:
    """Print one sentence on standard error and end the command with exit status 1."""
    import typer

    print(f"convcheck: {message}", file=sys.stderr)
    raise typer.Exit(1)
