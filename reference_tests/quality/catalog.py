"""The catalogue of all translated sentences. Run `python -m reference_tests.quality.catalog` after one changed.

It adds new sentences to the .po of every language without a translation, and drops those that are gone.
"""

import ast
import re
import string
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..i18n import DOMAIN, LANGUAGES, catalog_file

HOME = Path(__file__).parents[1]
IGNORED = ("tests", "suite", "corpus", "notebooks")  # folders without sentences for users
METHODS = [*((f"{folder}/**", "ignore") for folder in IGNORED), ("**.html", "jinja2.ext:babel_extract")]  # of babel
FUNCTIONS = {"_": None, "N_": None, "say": None}  # their first argument is a sentence
CALLED = re.compile(rf"\b(?:{'|'.join(FUNCTIONS)})\s*\(")
WORDS = re.compile(r"[A-Za-z]{2}")
GENERATED = re.compile(r"drawn( -?\d+)+$|small \{")  # the names of generated cases hold their numbers
DAY = datetime(2026, 1, 1, tzinfo=UTC)  # fixed, so that a catalogue changes only if a sentence does


def all_sentences() -> list[str]:
    """Return every sentence that is to be translated, sorted, so that moving code changes no catalogue."""
    found = {*sentences_in_code(), *help_sentences(), *verify_sentences(), *compare_sentences()}
    return sorted(text for text in found if WORDS.search(text) and not GENERATED.match(text))


def sentences_in_code() -> Iterator[str]:
    """Yield the texts given to one of FUNCTIONS in the Python files and in the templates of pages."""
    from babel.messages.extract import extract_from_dir

    for _, _, text, _, _ in extract_from_dir(HOME, METHODS, keywords=FUNCTIONS):
        yield str(text)
    for file in sorted(HOME.rglob("*.py")):
        if file.relative_to(HOME).parts[0] not in IGNORED:
            yield from sentences_in_python(file.read_text(encoding="utf-8"))


def sentences_in_python(text: str) -> Iterator[str]:
    """Yield the texts given to one of FUNCTIONS in Python code, those inside of f-strings too."""
    if not CALLED.search(text):  # which three files in four are spared from being parsed
        return
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(said)), *_]) if name in FUNCTIONS:
                yield said


def help_sentences() -> Iterator[str]:
    """Yield the texts of the help of every command."""
    import typer

    from ..cli import COMMANDS, build_app
    from ..cli.help import sentences

    for name in COMMANDS:
        yield from sentences(typer.main.get_command(build_app([name])))


def verify_sentences() -> Iterator[str]:
    """Yield the texts of the tables of verify: cases, scenarios, mistakes and known interfaces."""
    from ..conformance.contract import COMPONENTS, layer
    from ..conformance.diagnosis.catalog import mistakes
    from ..conformance.scenarios import SCENARIOS, checks_of
    from ..subject.conventions.known.table import KNOWN

    yield from (fact for row in KNOWN for fact in (row.title, *row.facts))
    yield from (scenario.title for scenario in SCENARIOS)
    for name in COMPONENTS:
        for check in checks_of(layer(name)):
            yield from (check.case.why, check.scenario.title)
        for mistake in mistakes(name):
            yield from (mistake.text, mistake.repair)


def compare_sentences() -> Iterator[str]:
    """Yield the texts of the tables of compare: questions, answers, defects, and why a probe is absent."""
    from ..frameworks import answers
    from ..frameworks.defects import KNOWN
    from ..frameworks.from_source import STATED
    from ..frameworks.questions import QUESTIONS, split_name

    interpretations = [sample.interpretation for q in QUESTIONS for sample in q.samples]
    found = [
        *(text for q in QUESTIONS for text in (q.family, q.question, q.why)),
        *(words for q in QUESTIONS for sample in q.samples for words, _ in split_name(sample.name)),
        *(text for how in interpretations for text in (how.how, *how.labels)),
        *answers.WORDS,
        *(defect.what for defect in KNOWN.values()),
        *(key for stated in STATED.values() for key, _ in stated.values()),
        *(text for file in (HOME / "frameworks" / "probes").rglob("*_probe.py") for text in absent_reasons(file)),
    ]
    yield from (text for text in found if re.search("[a-z]{2}", text))  # the others are numbers and names


def absent_reasons(file: Path) -> list[str]:
    """Return the reasons in a probe's table ABSENT. The file is read, since it may import what is not installed."""
    assigned = {
        node.targets[0].id: node.value
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    table = assigned.get("ABSENT")
    reasons = []
    for value in table.values if isinstance(table, ast.Dict) else ():
        value = value.args[1] if isinstance(value, ast.Call) else value  # **dict.fromkeys(ids, reason)
        value = assigned[value.id] if isinstance(value, ast.Name) else value
        reasons += [value.value] if isinstance(value, ast.Constant) and isinstance(value.value, str) else []
    return reasons


def fields(text: str) -> set[str]:
    """Return the names of the placeholders. Raises ValueError if a brace stands alone."""
    return {name for _, name, *_ in string.Formatter().parse(text) if name is not None}


def read(language: str) -> dict[str, str]:
    """Return {sentence: translation} of a language's .po; the translation is "" if there is none yet."""
    from ..i18n.po import read_po

    messages = read_po(catalog_file(language)) if catalog_file(language).exists() else {}
    return {text: translation for text, translation in messages.items() if text}


def write(language: str, translations: dict[str, str]) -> None:
    """Write a language's .po, without line numbers, dates and names that would change at every run."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    about: dict[str, Any] = {"last_translator": DOMAIN, "language_team": language, "header_comment": f"# {DOMAIN}"}
    made = Catalog(
        language, DOMAIN, project=DOMAIN, version="0.1", creation_date=DAY, revision_date=DAY, fuzzy=False, **about
    )
    for text, translation in translations.items():
        made.add(text, translation)
    catalog_file(language).parent.mkdir(parents=True, exist_ok=True)
    with catalog_file(language).open("wb") as file:
        write_po(file, made, width=0, no_location=True)


def update(language: str, sentences: list[str]) -> list[str]:
    """Bring a language's .po up to date. Return the sentences without a translation.

    The English one lists corrected wordings only: a sentence is its own English.
    """
    known = read(language)
    wanted = [text for text in sentences if language != "en" or known.get(text)]
    if wanted:
        write(language, {text: known.get(text, "") for text in wanted})
    return [text for text in wanted if not known.get(text)]


def main() -> int:
    """Update the catalogues and list what is not translated. Return the exit status, 1 if anything is not."""
    sentences, status = all_sentences(), 0
    for language in LANGUAGES:
        missing = update(language, sentences)
        for text in missing:
            print(f"{language}: {text}")
        print(f"{language}: {len(missing)} sentences are not translated")
        status = status or int(bool(missing))
    return status


if __name__ == "__main__":
    sys.exit(main())
