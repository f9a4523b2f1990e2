"""Write the table of rooms into ARCHITECTURE.md: a row per package, its text the first sentence of its docstring.

Run `python .github/rooms.py` after a package was added, moved or described anew; a test compares the two.
"""

import ast
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
PAGE = HERE / "ARCHITECTURE.md"
START, END = "<!-- rooms: written by .github/rooms.py -->\n", "<!-- end of rooms -->\n"
LEFT_OUT = (  # folders that mirror others, or are data
    *("reference_tests/tests/", "reference_tests/corpus/examples/", "reference_tests/corpus/conventions/"),
)


def packages() -> list[Path]:
    """List the package folders of the repository, LEFT_OUT aside."""
    found = [file.parent for top in ("impl", "golden", "reference_tests") for file in (ROOT / top).rglob("__init__.py")]
    return sorted(folder for folder in found if not name_of(folder).startswith(LEFT_OUT))


def name_of(folder: Path) -> str:
    """Return the path of a folder from the repository's root, with slashes."""
    return folder.relative_to(ROOT).as_posix()


def description(folder: Path) -> str:
    """Return the first sentence of a package's docstring, "" without a docstring."""
    text = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    paragraph = " ".join(text.partition("\n\n")[0].split())
    return re.split(r"(?<=\.) (?=[A-Z])", paragraph)[0].rstrip(":.")


def table() -> str:
    """Return the table in Markdown."""
    rows = [f"| `{name_of(folder)}` | {description(folder)} |" for folder in packages()]
    return "\n".join(["| room | what it holds |", "|---|---|", *rows]) + "\n"


def page() -> str:
    """Return the text of ARCHITECTURE.md with the table of today."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
    return before + START + table() + END + rest.partition(END)[2]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE}: {len(packages())} rooms", file=sys.stderr)
