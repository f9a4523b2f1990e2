"""Lines on the terminal: wrapped between words, or, where a language writes without spaces, by the terminal itself."""

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

FIRST_CJK = "\u3000"  # from here on, signs of languages without spaces between words


def print_line(console: Console, text: Text | str, indent: int = 0) -> None:
    """Print a paragraph; further lines are indented too, unless the terminal breaks them."""
    text = Text(text) if isinstance(text, str) else text
    if any(sign >= FIRST_CJK for sign in text.plain):
        console.print(Text(" " * indent).append_text(text), soft_wrap=True)
    else:
        console.print(Padding(text, (0, 0, 0, indent), expand=False) if indent else text)
