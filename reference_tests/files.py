"""Files that are written whole or not at all."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


def write_atomically(path: str | Path, content: str | bytes) -> None:
    """Write a text (as UTF-8) or bytes to a temporary name beside path, then rename: no reader sees half a file.

    Raises OSError if the file cannot be written; nothing is left behind then.
    """
    with open_atomically(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


@contextlib.contextmanager
def open_atomically(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of path once the block has ended well. Raises OSError; nothing is left then."""
    path = Path(path)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def check_writable(path: str) -> None:
    """Raise OSError if a file could not be written there. "" and "-" (standard output) always can be.

    A command asks before its work, so that no long run ends without its report.
    """
    if path not in ("", "-"):
        if Path(path).is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        os.unlink(tempfile.mkstemp(dir=Path(path).parent)[1])
