"""The set of other interfaces: the table and the files agree, and a wrong target is one change of a right one."""

import difflib
from pathlib import Path

from reference_tests.conformance.contract import COMPONENTS
from reference_tests.corpus.conventions import FILES, FOLDER, Entry

NAMES = set(COMPONENTS) | {"shapes"}
PARTS = {"out", "dx", "dW", "db", "dgamma", "dbeta", "running_mean", "running_var", "grads"}
PARTS |= {"dshortcut", "dx1", "dx2", "dx3"}  # of residual additions and concatenations
WRONG = [e for e in FILES if e.wrong]


def targets() -> set[str]:
    """List the files and folders one level below the conventions' folders."""
    return {
        f.relative_to(FOLDER).as_posix()
        for f in FOLDER.glob("*/*")
        if f.suffix != ".pyc"
        and f.name != "__pycache__"
        and f.parent.name != "answers"  # which have a test of their own
    }


def read(target: Path) -> list[str]:
    """Return the lines of a file, or of all files in a folder."""
    files = sorted(f for f in target.rglob("*") if f.suffix == ".py") if target.is_dir() else [target]
    return [line for f in files for line in f.read_text(encoding="utf-8").splitlines()]


def right_sibling(entry: Entry) -> Path:
    """Return the right target before the entry in the table."""
    before = [e for e in FILES[: FILES.index(entry)] if not e.wrong and e.right]
    return FOLDER / before[-1].path


def test_table_and_files_agree():
    assert len({e.path for e in FILES}) == len(FILES)
    assert {e.path for e in FILES} == targets()


def test_names_of_components_and_parts_are_known():
    named = {name for e in FILES for name in (*e.right, *e.wrong, *e.unjudged)} - {""}
    assert named - NAMES == set()
    assert {p for e in WRONG for _, parts in e.wrong.values() for p in parts} - PARTS == set()


def test_set_is_large_enough():
    judged = [e for e in FILES if e.right or e.wrong]
    assert len(judged) >= 250
    assert len({e.convention for e in judged}) >= 28
    for convention in {e.convention for e in judged}:
        of_it = [e for e in judged if e.convention == convention]
        assert sum(not e.wrong for e in of_it) >= 1
        assert sum(bool(e.wrong) for e in of_it) >= 2


def changed_lines(entry: Entry) -> int:
    """Count the lines in which a wrong target differs from the right one beside it."""
    right, wrong = read(right_sibling(entry)), read(FOLDER / entry.path)
    return sum(line.startswith(("- ", "+ ")) for line in difflib.ndiff(right, wrong))


def test_wrong_targets_differ_in_few_lines():
    changed = {entry.path: changed_lines(entry) for entry in WRONG}
    assert {path: count for path, count in changed.items() if not 0 < count <= 8} == {}
