"""Times of access would tell a submission what an earlier one has read: they are settled before any runs.

A kernel that notes them as Linux usually does (relatime) notes an access only where the last one is older than a change
of the file, or than a day. So whoever reads every file once leaves nothing to note for a day. A mount that is read-only
(bwrap's) or noatime notes none; with strictatime every access is noted, which nobody without rights can change.
"""

import contextlib
import os
import stat
import time
from collections.abc import Iterable, Iterator

DAY = 24 * 60 * 60
NOATIME = getattr(os, "ST_NOATIME", 1024)


def settle_access_times(trees: Iterable[str], alone: Iterable[str] = ()) -> int:
    """Read a byte of what is in these folders, and of these files, where it would be noted. Return of how many.

    alone: folders of which only the names are read.
    """
    now, settled = time.time(), 0
    paths = [path for tree in trees if not notes_nothing(tree) for path in files_under(tree)]
    for path in (*paths, *(folder for folder in alone if not notes_nothing(folder))):
        with contextlib.suppress(OSError):
            settled += settle(path, now)
    return settled


def notes_nothing(path: str) -> bool:
    """Return whether no access is noted where a path lies."""
    try:
        flags = os.statvfs(path).f_flag
    except (OSError, AttributeError):
        return True
    return bool(flags & (os.ST_RDONLY | NOATIME))


def files_under(path: str) -> Iterator[str]:
    """Yield a path, and all that lies in it."""
    yield path
    for folder, folders, files in os.walk(path):
        yield from (os.path.join(folder, name) for name in (*folders, *files))


def settle(path: str, now: float) -> bool:
    """Read from a regular file or a folder if that would be noted. Return whether. Raises OSError."""
    status = os.lstat(path)
    settled = status.st_atime > max(status.st_mtime, status.st_ctime) and now - status.st_atime < DAY
    if settled or not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return False
    if stat.S_ISDIR(status.st_mode):
        os.listdir(path)
    else:
        with open(path, "rb", buffering=0) as file:
            file.read(1)
    return True
