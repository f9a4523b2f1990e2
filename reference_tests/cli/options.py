"""What the commands share: how an option is declared, and how a report goes to a file or to standard output."""

import sys
from typing import Any

import typer

from ..errors import UsageError
from ..files import check_writable, write_atomically


def option(text: str, metavar: str | None = None, *names: str, **settings: Any) -> Any:
    """Declare an option by its help, its metavariable and, if they differ from the parameter's, its names.

    The help says the default in its own words, as "[10]", so typer does not show it again.
    """
    return typer.Option(*names, help=text, metavar=metavar, show_default=False, **settings)


def require_writable(option: str, path: str) -> None:
    """Raise UsageError, naming the option, if no file could be written at path."""
    try:
        check_writable(path)
    except OSError as error:
        raise UsageError(f"{option} {path}: {error.strerror}") from None


def write_report(option: str, path: str, text: str) -> None:
    """Write a report in UTF-8, to standard output if path is "-". Raises UsageError, naming the option."""
    if path == "-":
        write_utf8(text)
        return
    try:
        write_atomically(path, text)
    except OSError as error:
        raise UsageError(f"{option} {path}: {error.strerror}") from None


def write_utf8(text: str) -> None:
    """Write to standard output in UTF-8, whatever a terminal's encoding is; a program reads it."""
    sys.stdout.flush()
    if buffer := getattr(sys.stdout, "buffer", None):
        buffer.write(text.encode("utf-8", "surrogateescape"))
        buffer.flush()
    else:
        sys.stdout.write(text)
