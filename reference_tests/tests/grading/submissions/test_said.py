"""What is said of a submission's files is Japanese too, and what they are identified by does not depend on it."""

import re
import zipfile
from pathlib import Path

import pytest

from reference_tests.grading.submissions import archive, bundle, said, tar
from reference_tests.grading.submissions.bundle import Contents
from reference_tests.i18n import speaking

ENGLISH = re.compile(r"[A-Za-z][a-z']+(?:[ ,]+[a-z']+){2,}")  # three words in a row
RAISED = re.compile(r'RefusedArchive\(\s*f?"((?:[^"\\]|\\.)*)"')
SOURCES = [Path(str(module.__file__)) for module in (archive, bundle, tar)]


def raised() -> list[str]:
    """The sentences of all refusals in the code, a number or a name in place of what is filled in."""
    texts = [path.read_text(encoding="utf-8") for path in SOURCES]
    return [re.sub(r"\{[^}]*\}", "7", sentence) for text in texts for sentence in RAISED.findall(text)]


def test_every_refusal_is_japanese():
    sentences = raised()
    assert len(sentences) > 18
    with speaking("ja"):
        assert [text for text in sentences if ENGLISH.search(said.say_refused(f"{text}."))] == []


def test_notes_on_files_are_japanese():
    contents = Contents()
    for name in ("layers.PY", "notes.txt", "numpy.py", "a.py"):
        contents.add(name, b"x = 1\n")
    bundle.note_shadowing(contents)
    contents.too_many = contents.unsaid = 3
    notes = contents.all_notes()
    assert len(notes) >= 4
    with speaking("ja"):
        assert [note for note in notes if ENGLISH.search(said.say_note(note))] == []


WITH_NAMES = {
    "layers.py: it has 30 MB; at most 20 MB are taken.": "layers.py: 30 MB あります。受け付けるのは 20 MB までです.",
    "it is a PDF, which is not read: hand in a .zip archive, a .py file or a notebook.": "PDF は読めません。",
}


@pytest.mark.parametrize("text", WITH_NAMES)
def test_refusal_of_a_file_keeps_its_name(text):
    with speaking("ja"):
        assert said.say_refused(text).startswith(WITH_NAMES[text])
        assert said.say_note("left out: answers.py: it is a link") == "除いたもの: answers.py: リンクです"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_contents_hash_does_not_depend_on_the_language(tmp_path, language):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr("../out.py", "x")
    with speaking("en"):
        before = bundle.read(str(tmp_path / "a.zip"))
    with speaking(language):
        now = bundle.read(str(tmp_path / "a.zip"))
        text = said.say_refused(now.refused)
    assert before.content_hash == now.content_hash and before.refused == now.refused
    assert ("leads out" in text) is (language == "en")
