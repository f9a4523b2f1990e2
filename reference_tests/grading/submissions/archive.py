"""A zip archive from a stranger, unpacked into memory: no name leads out, no size is believed, no link is made."""

import io
import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

END, DIRECTORY = b"PK\x05\x06", 1 << 20  # bytes of the list of files
PIECE = 1 << 20
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, EOFError, OSError, ValueError)


class RefusedArchive(Exception):
    """Why a submission cannot be taken."""


def unpack(content: bytes, most_files: int, one: int, together: int) -> Iterator[tuple[str, bytes, str]]:
    """(name, bytes, "") of each file, (name, b"", why) of what is left out. Raises Refused."""
    total = 0
    with open_archive(content, most_files) as archive:
        for entry in archive.infolist():
            if entry.is_dir():
                continue
            name = safe(entry.filename)
            if stat.S_ISLNK(entry.external_attr >> 16):
                yield name, b"", "it is a link"
            elif entry.flag_bits & 1:
                raise RefusedArchive("the archive is encrypted")
            else:
                data = check_size(archive, entry, min(one, together - total), one)
                total += len(data)
                yield name, data, ""


def open_archive(content: bytes, most_files: int) -> zipfile.ZipFile:
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


def safe(name: str) -> str:
    """The name inside the archive. Raises Refused where it leads out of it, or is none."""
    name = name.replace("\\", "/")
    parts = PurePosixPath(name).parts
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in parts or not parts or "\0" in name:
        raise RefusedArchive(f"the archive has a path that leads out of it: {name!r:.120}")
    if any(len(part.encode(errors="surrogateescape")) > 200 for part in parts) or len(parts) > 30:
        raise RefusedArchive(f"the archive has a name that is too long: {name!r:.60}")
    return "/".join(parts)


def check_size(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int, one: int) -> bytes:
    """The bytes that really come out: what the archive says of their number is not believed."""
    data = bytearray()
    try:
        with archive.open(entry) as file:
            while piece := file.read(min(PIECE, most + 1 - len(data))):
                data += piece
                if len(data) > most:
                    raise RefusedArchive(f"the archive unpacks to too much; at most {one >> 20} MB a file are taken")
    except BROKEN as error:
        raise RefusedArchive(f"the archive is damaged at {entry.filename!r:.60} ({error})") from None
    except RuntimeError as error:  # zipfile's word for a password
        raise RefusedArchive(f"the archive cannot be unpacked ({error})") from None
    return bytes(data)
