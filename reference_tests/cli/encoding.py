"""Output on a terminal whose encoding has not all our characters: cp932, cp1252, latin-1, ascii."""

import codecs
import sys

PLAIN = {
    "≠": "!=", "–": "-", "—": "-", "·": "-", "…": "...", "×": "x", "→": "->", "≤": "<=", "≥": ">=", "√": "sqrt",
    "±": "+-", "’": "'", "‘": "'", "“": '"', "”": '"', "✓": "v", "✗": "x", "•": "*",
    **dict.fromkeys("─━╌╍═", "-"), **dict.fromkeys("│┃║", "|"),
}  # fmt: skip
BOXES = range(0x2500, 0x2580)


def write_plainly(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for characters that an encoding lacks: a sign that looks like it, "?" without one."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(c, "+" if ord(c) in BOXES else "?") for c in lacking), error.end


def print_anywhere() -> None:
    """Let standard output and standard error write every text, whatever their encoding is."""
    codecs.register_error("convcheck", write_plainly)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="convcheck")
