"""Unpack a stranger's zip archive into memory: no name leads out of it, no size is believed, no link is made."""

import calendar
import io
import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from ...i18n import N_

END = b"PK\x05\x06"  # the signature of the last record
DIRECTORY = 4 << 20  # bytes that the list of files may have
PIECE = 1 << 20  # bytes unpacked at once
RAR, SEVEN, PDF, WORD = N_("a RAR archive"), N_("a 7z archive"), N_("a PDF"), N_("a Word document")
BEGINNINGS = {b"Rar!": RAR, b"7z\xbc\xaf\x27\x1c": SEVEN, b"%PDF": PDF, b"\xd0\xcf\x11\xe0": WORD}
ENDINGS = {".rar": RAR, ".7z": SEVEN, ".pdf": PDF, ".doc": WORD, ".docx": WORD, ".lzh": N_("an LZH archive")}
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, EOFError, OSError, ValueError)


class RefusedArchive(Exception):
    """A submission that cannot be taken; the text says why."""


def refuse_format(name: str, begins: bytes) -> None:
    """Raise RefusedArchive for a file in a format that is known and not read, by its name or its first bytes."""
    found = [what for ending, what in ENDINGS.items() if name.lower().endswith(ending)]
    found = [what for magic, what in BEGINNINGS.items() if begins.startswith(magic)] or found
    if found:
        raise RefusedArchive(f"it is {found[0]}, which is not read: hand in a .zip archive, a .py file or a notebook")


Entries = Iterator[tuple[str, bytes, str, int]]  # name, bytes, why it is left out, when it was changed


def unpack(content: bytes, most_files: int, file_size: int, total_size: int) -> Entries:
    """Yield (name, bytes, "", time) for each file, (name, b"", why, 0) for what is left out. Raises RefusedArchive.

    file_size, total_size: the most bytes of a file, and of all files.
    """
    total = 0
    with open_archive(content, most_files) as archive:
        for entry in archive.infolist():
            if not entry.filename:
                yield entry.filename, b"", "it has no name", 0
                continue
            if entry.is_dir():
                continue
            name = safe_name(entry.filename)
            if stat.S_ISLNK(entry.external_attr >> 16):
                yield name, b"", "it is a link", 0
            elif entry.flag_bits & 1:
                raise RefusedArchive("the archive is encrypted")
            else:
                data = read_entry(archive, entry, min(file_size, total_size - total), file_size)
                total += len(data)
                yield name, data, "", seconds_of(entry.date_time)


def seconds_of(date: tuple[int, ...]) -> int:
    """Return a date of an archive in seconds; 0 if it is none."""
    try:
        return max(0, calendar.timegm((*date, 0, 0, 0)))
    except (ValueError, OverflowError):
        return 0


def open_archive(content: bytes, most_files: int) -> zipfile.ZipFile:
    """Open an archive once its last record says that its list of files is small. Raises RefusedArchive."""
    at = content.rfind(END, max(0, len(content) - (1 << 16) - 22))
    if at < 0 or len(content) < at + 22:
        raise RefusedArchive("it is not a zip archive, or only a part of one")
    count, size = struct.unpack("<HI", content[at + 10 : at + 16])
    if count > most_files or size > DIRECTORY:
        raise RefusedArchive(f"the archive has more than {most_files} files")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, UnicodeDecodeError) as error:
        raise RefusedArchive(f"it is not a zip archive that can be read ({error})") from None
    if len(archive.infolist()) > most_files:
        raise RefusedArchive(f"the archive has more than {most_files} files")
    return archive


def safe_name(name: str) -> str:
    """Return the path inside the archive. Raises RefusedArchive if it leads out of it, or is too long."""
    name = name.replace("\\", "/")
    parts = PurePosixPath(name).parts
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in parts or not parts or "\0" in name:
        raise RefusedArchive(f"the archive has a path that leads out of it: {name!r:.120}")
    if any(len(part.encode(errors="surrogateescape")) > 200 for part in parts) or len(parts) > 30:
        raise RefusedArchive(f"the archive has a name that is too long: {name!r:.60}")
    return "/".join(parts)


def read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int, file_size: int) -> bytes:
    """Unpack one file, and stop after most bytes whatever size the archive states. Raises RefusedArchive."""
    data = bytearray()
    try:
        with archive.open(entry) as file:
            while piece := file.read(min(PIECE, most + 1 - len(data))):
                data += piece
                if len(data) > most:
                    raise RefusedArchive(
                        f"the archive unpacks to too much; at most {file_size >> 20} MB a file are taken"
                    )
    except BROKEN as error:
        raise RefusedArchive(f"the archive is damaged at {entry.filename!r:.60} ({error})") from None
    except RuntimeError as error:  # raised by zipfile if a password is needed
        raise RefusedArchive(f"the archive cannot be unpacked ({error})") from None
    return bytes(data)
