"""Text of a submission made safe to show: on a terminal, a page and in a spreadsheet nothing acts, all is seen."""

import unicodedata
from typing import Any

KEPT = "\n\t"  # of the control characters
ACTING = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # control, format (as of direction), half characters, no characters


def show(text: str) -> str:
    """Return the text with every character that acts or cannot be written shown as an escape."""
    if text.isprintable():
        return text
    return "".join(c if c in KEPT or unicodedata.category(c) not in ACTING else escape(c) for c in text)


def escape(c: str) -> str:
    """Return the escape of one character; of a byte that is no text, that byte's."""
    number = ord(c)
    return f"\\x{number - 0xDC00:02x}" if 0xDC80 <= number <= 0xDCFF else c.encode("unicode_escape").decode()


def show_all(value: Any, places: dict[str, str]) -> Any:
    """Return a tree of dicts, lists and texts with every text shown. places: paths that no text may have -> names."""
    match value:
        case str():
            for path, name in places.items():
                value = value.replace(path, name)
            return show(value)
        case list() | tuple():
            return [show_all(one, places) for one in value]
        case dict():
            return {show_all(key, places): show_all(one, places) for key, one in value.items()}
    return value
