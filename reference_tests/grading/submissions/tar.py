"""Unpack a stranger's tar archive, packed or not, into memory, with the rules for zip archives."""

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from typing import Any

from .archive import PIECE, Entries, RefusedArchive, safe_name

TAR = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tbz", ".tar.xz", ".txz")
BEGINS = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ\0", lzma.open))
BROKEN = (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, OverflowError, MemoryError)
HEADERS = 64 << 20  # bytes that headers and padding may have besides the files


def untar(content: bytes, most_files: int, file_size: int, total_size: int) -> Entries:
    """Yield (name, bytes, "", time) for each file, (name, b"", why, 0) for what is left out. Raises RefusedArchive.

    file_size, total_size: the most bytes of a file, and of all files.
    """
    try:
        with tarfile.open(fileobj=Limited(content, total_size + HEADERS), mode="r|") as archive:
            for count, entry in enumerate(archive):
                if count >= most_files:
                    raise RefusedArchive(f"the archive has more than {most_files} files")
                if not entry.isdir():
                    yield read_member(archive, entry, file_size)
    except BROKEN as error:
        raise RefusedArchive(f"it is not a tar archive that can be read ({type(error).__name__}: {error})") from None


class Limited(io.RawIOBase):
    """The bytes of an archive without its compression, whatever its name says; up to so many."""

    def __init__(self, content: bytes, most: int) -> None:
        """content: as it was handed in. most: bytes that it may unpack to."""
        opened = next((opened for magic, opened in BEGINS if content.startswith(magic)), None)
        self.file: Any = opened(io.BytesIO(content)) if opened else io.BytesIO(content)
        self.most = self.left = most

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes. Raises RefusedArchive if there are too many."""
        data: bytes = self.file.read(PIECE if size < 0 else min(size, PIECE))
        self.left -= len(data)
        if self.left < 0:
            raise RefusedArchive(f"the archive unpacks to more than {self.most >> 20} MB")
        return data


def read_member(archive: tarfile.TarFile, entry: tarfile.TarInfo, file_size: int) -> tuple[str, bytes, str, int]:
    """Return the name, bytes and time of one entry, or why it is left out. Raises RefusedArchive."""
    name = safe_name(entry.name.removeprefix("./"))
    if entry.issym() or entry.islnk():
        return name, b"", "it is a link", 0
    if not entry.isreg() or entry.issparse():
        return name, b"", "it is no regular file", 0
    if entry.size > file_size:
        raise RefusedArchive(f"the archive unpacks to too much; at most {file_size >> 20} MB a file are taken")
    file = archive.extractfile(entry)
    data = file.read(file_size) if file else b""
    if len(data) != entry.size:
        raise RefusedArchive("the archive is only a part of one")
    return name, data, "", max(0, int(entry.mtime))
