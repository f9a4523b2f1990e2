"""The README's commands are run, and its screens are compared with what they print."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import impl

README = Path(impl.__file__).parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8") if README.exists() else ""
BLOCK = re.compile(r"^```(\w*)(?: title=(\S+))?\n(.*?)^```$", re.M | re.S)
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


def files() -> dict[str, str]:
    """Map names to texts of the files that the README shows."""
    return {name: text for _, name, text in BLOCK.findall(TEXT) if name}


def screens() -> list[tuple[str, str]]:
    """List (command, its printed lines) of every console block."""
    found = []
    for kind, _, text in BLOCK.findall(TEXT):
        if kind == "console":
            for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
                command, _, printed = part.partition("\n")
                found.append((command, printed))
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
        "python -m pip install -c .ci/constraints.txt -e . && convcheck verify",
        "python -m pip install -c .ci/constraints.txt -e '.[dev]' && pytest",
    ]


@pytest.mark.slow
@pytest.mark.parametrize("command, printed", [pytest.param(*screen, id=screen[0]) for screen in screens()])
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
