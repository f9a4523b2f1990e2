"""The commands of the README and of the site's pages are run, and their screens compared with what they print."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import impl

README = Path(impl.__file__).parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8") if README.exists() else ""
FOLDER = Path(impl.__file__).parents[1] / "reference_tests" / "docs" / "pages"
PAGES = [path for path in sorted(FOLDER.glob("*.md")) if not path.name.endswith(".ja.md")]
BLOCK = re.compile(r'^```(\w*)(?: title="?([^\s"]+)"?)?\n(.*?)^```$', re.M | re.S)
VARIES = [  # differs between runs or machines
    (r"\d+(\.\d+)? ?s\b", "N s"),
    (r"threads: \d+", "threads: N"),
    (r"\d+\.\d+ a second", "N a second"),
    (r"loss \d+\.\d+|\d+\.\d+ %", "N"),  # another processor rounds otherwise, and so learns otherwise
    (r"seed \d+", "seed N"),
    (r"\d+\.\d+\.\d+(\+cpu)?", "VERSION"),
    (r"(?<=[ (\n])/\S+/(?=[\w.]+)", ""),
    (r" +", " "),
]
# pytest writes whole messages into its summary where these are set, and cuts lines at the terminal's width
READERS = {name: value for name, value in os.environ.items() if name not in ("CI", "BUILD_NUMBER")} | {"COLUMNS": "80"}


def texts() -> dict[str, str]:
    """Map the README and the English pages of the site to their texts."""
    return {path.name: path.read_text(encoding="utf-8") for path in (README, *PAGES) if path.exists()}


def files() -> dict[str, str]:
    """Map names to texts of the files that the documents show."""
    return {name: text for document in texts().values() for _, name, text in BLOCK.findall(document) if name}


def screens() -> list[tuple[str, str, str]]:
    """List (document, command, its printed lines) of every console block."""
    found = []
    for document, whole in texts().items():
        for kind, _, text in BLOCK.findall(whole):
            if kind == "console":
                for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
                    command, _, printed = part.partition("\n")
                    found.append((document, command, printed))
    return found


def plain(text: str) -> list[str]:
    for pattern, instead in VARIES:
        text = re.sub(pattern, instead, text)
    return [line.strip() for line in text.strip().splitlines()]


@pytest.mark.skipif(not TEXT, reason="an installed wheel has no README.md beside it")
def test_readme_starts_with_the_two_commands():
    first = TEXT.index("```\n")
    lines = TEXT[first + 4 : TEXT.index("```", first + 4)].strip().splitlines()
    assert lines == [
        "python -m pip install -c .ci/constraints.txt -e '.[torch]' && convcheck verify",
        "python -m pip install -c .ci/constraints.txt -e '.[dev]' && pytest",
    ]


@pytest.mark.skipif(not TEXT, reason="an installed wheel has no README.md beside it")
def test_readme_begins_with_a_picture_and_fits_on_three_screens():
    assert TEXT.index("![") < TEXT.index("```")
    assert len(TEXT.splitlines()) <= 120
    for path in re.findall(r"\]\(((?!http)[^)#]+)", TEXT):
        assert (README.parent / path).exists(), path


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize(
    "command, printed", [pytest.param(*screen, id=f"{document}: {screen[0]}") for document, *screen in screens()]
)
def test_screen_shows_what_the_command_prints(command, printed, tmp_path):
    for name, text in files().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    words = command.replace("convcheck ", f"{sys.executable} -m reference_tests ", 1)
    words = words.replace("pytest ", f"{sys.executable} -m pytest -p no:randomly ", 1)
    done = subprocess.run(words, shell=True, capture_output=True, text=True, cwd=tmp_path, timeout=300, env=READERS)
    assert "Traceback" not in done.stderr
    if printed.strip():
        said = plain(done.stdout + (done.stderr if not done.stdout.strip() else ""))
        for part in printed.split("...\n"):
            assert "\n".join(plain(part)) in "\n".join(said), done.stdout + done.stderr
