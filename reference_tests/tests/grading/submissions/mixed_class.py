"""A class of 200 as platforms export it, for a test: python -m ...mixed_class FOLDER writes it to be looked at.

Each student hands in one kind of work; what a kind earns is known. The exports are those of Canvas, Moodle in three
languages, GitHub Classroom, Gradescope, nbgrader, and a flat folder.
"""

import io
import itertools
import json
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .. import RIGHT

Files = dict[str, bytes]  # path in the submission -> content
SIZES, RELU = RIGHT.partition("class Relu")[0], "import numpy as np\n\n\nclass Relu" + RIGHT.partition("class Relu")[2]
STUB = "class Relu:\n    def forward(self, x):\n        raise NotImplementedError\n\n"
STUB += "    def backward(self, dout):\n        pass\n"
FULL, SOME, NONE = 10.0, -1.0, 0.0  # SOME: more than nothing, less than all


@dataclass(frozen=True)
class Kind:
    """What somebody hands in. score: of 10; reason: a part of what is said of lost points."""

    files: Files
    score: float = FULL
    outcome: str = "graded"
    reason: str = ""


@dataclass(frozen=True)
class Handed:
    """One submission of the class. path: of its file or folder, from the class's; names: of its students."""

    path: str
    kind: str
    ids: tuple[str, ...]
    names: tuple[str, ...]
    late: bool = False


def notebook(*cells: str, output: str = "") -> bytes:
    """Return a notebook of these cells; the first has an output, as a picture is one."""
    outputs = [{"output_type": "display_data", "data": {"image/png": output}, "metadata": {}}] if output else []
    made = [
        {"cell_type": "code", "source": text, "outputs": [], "metadata": {}, "execution_count": 1} for text in cells
    ]
    made[0]["outputs"] = outputs
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def zipped(files: Files) -> bytes:
    """Return a zip archive of files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def tarred(files: Files) -> bytes:
    """Return a .tar.gz archive of files."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return content.getvalue()


def text(name: str, content: str) -> Files:
    """Return one file of text."""
    return {name: content.encode()}


BOTH = {**text("relu.py", RELU), **text("sizes.py", SIZES)}
KINDS = {
    "right": Kind(text("layers.py", RIGHT)),
    "two files": Kind(BOTH),
    "notebook": Kind({"layers.ipynb": notebook(SIZES, RELU)}),
    "picture": Kind({"layers.ipynb": notebook(RIGHT, output="A" * 800_000)}),
    "written by a cell": Kind({"layers.ipynb": notebook("%%writefile layers.py\n" + RIGHT)}),
    "zip": Kind({"layers.zip": zipped(BOTH)}),
    "zip in zip": Kind({"all.zip": zipped({"layers.zip": zipped(BOTH)})}),
    "tar.gz": Kind({"layers.tar.gz": tarred(BOTH)}),
    "text": Kind(text("layers.py.txt", RIGHT)),
    "template beside": Kind({**text("assignment.py", SIZES + STUB), **text("my_solution.py", RIGHT)}),
    "versions": Kind({**text("layers_v1.py", RIGHT.replace("x > 0", "x > -9")), **text("layers_v2.py", RIGHT)}),
    "data beside": Kind({**text("layers.py", RIGHT), "digits.npy": bytes(4096), **text("README.md", "# mine\n")}),
    "plots": Kind(text("layers.py", "import matplotlib.pyplot as plt\nfrom tqdm import tqdm\n" + RIGHT)),
    "wrong relu": Kind(text("layers.py", RIGHT.replace("x > 0", "x > -9")), SOME, reason="relu"),
    "wrong sizes": Kind(text("layers.py", RIGHT.replace("+ 1", "- 1")), SOME, reason="shapes"),
    "half": Kind(text("layers.py", RELU), 6.0, reason="shapes"),
    "scipy": Kind(text("layers.py", "from scipy.special import expit\n" + RIGHT.replace(
        "np.where(self.on, x, 0)", "x * expit(1e9 * x)")), 4.0, reason="scipy"),
    "stub": Kind(text("layers.py", SIZES + STUB), 4.0, reason="relu"),
    "syntax": Kind(text("layers.py", "class Relu(:\n"), NONE, "cannot be loaded", "SyntaxError"),
    "empty": Kind(text("layers.py", ""), NONE, "cannot be loaded", "is empty: there is no code in it"),
    "rar": Kind({"layers.rar": b"Rar!\x1a\x07\x00" + bytes(40)}, NONE, "cannot be loaded", "RAR"),
    "exits": Kind(text("layers.py", RIGHT + "\nimport os\nos._exit(3)\n")),  # no definition, so it is not run
}  # fmt: skip
ROTATION = list(KINDS)


def latin(number: int) -> str:
    """Return a name."""
    first, last = ("Ann", "Bo", "Cem", "Dora", "Eva", "Fay"), ("Li", "Roth", "Sato", "Kern", "Haas", "Ito", "Wu")
    return f"{first[number % 6]} {last[number % 7]}"


def japanese(number: int) -> str:
    """Return a Japanese name; many are alike."""
    return ("山田 太郎", "佐藤 花子", "高橋 健", "鈴木 由里香", "高橋 渚")[number % 5]


def canvas(folder: Path, count: int) -> Iterator[Handed]:
    """Write files as Canvas names them, with a gradebook."""
    rows = ["Student,ID,SIS User ID,SIS Login ID,Section,CNN (77)", "    Points Possible,,,,,10"]
    for number, kind in zip(range(count), itertools.cycle(ROTATION)):
        name, id, late = latin(number), 1000 + number, number % 9 == 4
        stem = f"{name.lower().replace(' ', '')}_{'LATE_' if late else ''}{id}"
        for order, (file, content) in enumerate(KINDS[kind].files.items()):
            write(folder / f"{stem}_{5000 + 10 * number + order}_{file}", content)
        rows.append(f'"{name.split()[1]}, {name.split()[0]}",{id},,login{id},A,')
        yield Handed(stem, kind, (str(id),), (name,), late)
    write(folder.parent / "canvas.csv", ("\n".join(rows) + "\n").encode())


MOODLE = {  # language -> headers of the worksheet, how a participant is called, encoding, names
    "en": ("Identifier,Full name,Email address,Grade,Maximum Grade", "Participant {0}", "utf-8-sig", latin),
    "ja": (
        "識別子,氏名,メールアドレス,評点,最大評点",
        "参加者 {0}",
        "cp932",
        lambda n: japanese(n).replace("髙﨑", "高崎"),
    ),
    "de": ("ID,Vollständiger Name,E-Mail-Adresse,Bewertung,Bestwertung", "Teilnehmer/in{0}", "utf-8-sig", latin),
}


def moodle(folder: Path, count: int, language: str) -> Iterator[Handed]:
    """Write folders as Moodle names them, with a grading worksheet; every third student's files lie flat."""
    head, called, encoding, name_of = MOODLE[language]
    rows = [head]
    start = {"en": 300, "ja": 600, "de": 900}[language]
    for number, kind in zip(range(count), itertools.cycle(ROTATION[3:] + ROTATION[:3])):
        name, id = name_of(number), start + number
        stem = f"{name}_{id}_assignsubmission_file_"
        for file, content in KINDS[kind].files.items():
            write(folder / (f"{stem}{file}" if number % 3 == 2 else f"{stem}/{file}"), content)
        rows.append(f"{called.format(id)},{name},s{id}@example.org,,10")
        yield Handed(stem, kind, (f"Participant {id}",), (name,))
    write(folder.parent / f"moodle_{language}.csv", ("\n".join(rows) + "\n").encode(encoding))


def classroom(folder: Path, count: int) -> Iterator[Handed]:
    """Write repositories as GitHub Classroom's command clones them."""
    for number, kind in zip(range(count), itertools.cycle(ROTATION[7:] + ROTATION[:7])):
        for file, content in {**KINDS[kind].files, ".git/HEAD": b"ref: x"}.items():
            write(folder / f"cnn-user{number}" / file, content)
        yield Handed(f"cnn-user{number}", kind, (f"user{number}",), ())


def gradescope(folder: Path, count: int) -> Iterator[Handed]:
    """Write Gradescope's export; every fourth submission is a group's."""
    listed = []
    for number, kind in zip(range(count), itertools.cycle(ROTATION[11:] + ROTATION[:11])):
        members = [f"g{number}a", f"g{number}b"] if number % 4 == 0 else [f"g{number}"]
        for file, content in KINDS[kind].files.items():
            write(folder / f"submission_{number}" / file, content)
        people = "".join(
            f"  - :name: {latin(number)}\n    :sid: {id}\n    :email: {id}@example.org\n" for id in members
        )
        listed.append(f"submission_{number}:\n  :submitters:\n{people}  :created_at: 2027-05-01 10:00:00 Z\n")
        yield Handed(f"submission_{number}", kind, tuple(members), ())
    write(folder / "submission_metadata.yml", "".join(listed).encode())


def nbgrader(folder: Path, count: int) -> Iterator[Handed]:
    """Write a course of nbgrader's."""
    for number, kind in zip(range(count), itertools.cycle(ROTATION[5:] + ROTATION[:5])):
        files = {**KINDS[kind].files, "timestamp.txt": b"2027-05-01 10:00:00.000000 UTC"}
        for file, content in files.items():
            write(folder / "submitted" / f"n{number}" / "ps1" / file, content)
        yield Handed(f"n{number}/ps1", kind, (f"n{number}",), ())
    write(folder / "source" / "ps1" / "layers.py", STUB.encode())
    write(folder / "nbgrader_config.py", b"c = 1\n")


def flat(folder: Path, count: int) -> Iterator[Handed]:
    """Write a file or folder each, among what else lies in a course's folder."""
    for number, kind in zip(range(count), itertools.cycle(ROTATION)):
        (first, content), *more = KINDS[kind].files.items()
        suffix = first.partition(".")[2]
        path = f"f{number}" if more else f"f{number}.{suffix}"
        for file, data in KINDS[kind].files.items() if more else ((None, content),):
            write(folder / path / file if file else folder / path, data)
        yield Handed(path, kind, (f"f{number}",), ())
    for name in ("roster.csv", "README.md", ".DS_Store", "__pycache__/x.pyc"):
        write(folder / name, b"")


EXPORTS: dict[str, tuple[Callable[..., Iterator[Handed]], int]] = {
    "canvas": (canvas, 44),
    "moodle_en": (lambda folder, count: moodle(folder, count, "en"), 30),
    "moodle_ja": (lambda folder, count: moodle(folder, count, "ja"), 26),
    "moodle_de": (lambda folder, count: moodle(folder, count, "de"), 22),
    "cnn-submissions": (classroom, 22),
    "gradescope": (gradescope, 18),
    "nbgrader": (nbgrader, 16),
    "flat": (flat, 22),
}


def write(path: Path, content: bytes) -> None:
    """Write a file and the folders that it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def write_class(folder: Path) -> dict[str, list[Handed]]:
    """Write the whole class. Return by export what was handed in."""
    return {name: list(make(folder / name, count)) for name, (make, count) in EXPORTS.items()}


if __name__ == "__main__":
    print({name: len(handed) for name, handed in write_class(Path(sys.argv[1])).items()})
