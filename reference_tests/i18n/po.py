"""Catalogues of translations: .po files as they are written, .mo files as gettext reads them."""

import json
import struct
from pathlib import Path

MAGIC, REVISION, HEADER = 0x950412DE, 0, 28  # of a .mo file; HEADER: bytes before its first table


def read_po(path: Path) -> dict[str, str]:
    """Return {sentence: translation} of a .po file; "" is the key of its header. Comments are skipped.

    A sentence without a translation has the translation "". Texts are quoted as in JSON, which reads them fastest.
    """
    messages: dict[str, str] = {}
    key = text = ""
    in_translation = False
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("msgid "):
            key, text, in_translation = "", json.loads(line[6:]), False
        elif line.startswith("msgstr "):
            key, text, in_translation = text, json.loads(line[7:]), True
        elif line.startswith('"'):
            text += json.loads(line)
        if in_translation:
            messages[key] = text
    return messages


def write_mo(messages: dict[str, str], path: Path) -> None:
    """Write a .mo file: the table of the sentences, sorted, the table of their translations, then all texts."""
    translated = sorted((key.encode(), text.encode()) for key, text in messages.items() if text)
    count = len(translated)
    texts = [key for key, _ in translated] + [text for _, text in translated]
    at, places = HEADER + 16 * count, []
    for text in texts:
        places += [len(text), at]
        at += len(text) + 1  # each ends with a zero byte
    header = struct.pack("<7I", MAGIC, REVISION, count, HEADER, HEADER + 8 * count, 0, HEADER + 16 * count)
    path.write_bytes(header + struct.pack(f"<{4 * count}I", *places) + b"".join(text + b"\0" for text in texts))
