"""How a command ends early: wrong use is said in one sentence, exit status 2; a failure likewise, 1."""

import sys
from typing import NoReturn

INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it


class UsageError(Exception):
    pass


def fail(message: str) -> NoReturn:
    """One sentence on stderr and exit status 1."""
    import typer

    print(f"convcheck: {message}", file=sys.stderr)
    raise typer.Exit(1)
