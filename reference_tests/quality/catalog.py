"""The catalogues of every sentence. Run `python -m reference_tests.quality.catalog` after one changed.

It adds new sentences to every .po without a translation, drops those that are gone, and compiles the .mo.
"""

import ast
import re
import string
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

HOME = Path(__file__).parents[1]
HERE = HOME / "i18n" / "locale"

DOMAIN = "convcheck"
APART = {"tests", "corpus", "quality", "frameworks", "benchmarks"}  # compare has a catalogue of its own
IN_TEMPLATE = re.compile(r"""_\(\s*"((?:[^"\\]|\\.)*)"\s*\)""")
WORDS = re.compile(r"[A-Za-z]{2}")
DRAWN = re.compile(r"drawn( -?\d+)+$|small \{")  # the names of drawn cases hold their numbers


def every() -> dict[str, list[str]]:
    """sentence -> where it stands."""
    found: dict[str, list[str]] = {}
    for text, where in (*of_code(), *of_templates(), *of_tables()):
        if WORDS.search(text) and not DRAWN.match(text):
            found.setdefault(text, []).append(where)
    return {text: list(dict.fromkeys(where)) for text, where in found.items()}


def of_code() -> Iterator[tuple[str, str]]:
    """Every text in _() and N_()."""
    for file in sorted(HOME.rglob("*.py")):
        parts = file.relative_to(HOME).parts
        if APART & {*parts} or any(part.startswith(".") for part in parts):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "N_"):
                for text in node.args[:1]:
                    if isinstance(text, ast.Constant) and isinstance(text.value, str):
                        yield text.value, "/".join(parts)


def of_templates() -> Iterator[tuple[str, str]]:
    for file in sorted((HOME / "reports" / "templates").glob("*.html")):
        for text in IN_TEMPLATE.findall(file.read_text(encoding="utf-8")):
            yield text, f"reports/templates/{file.name}"


def of_tables() -> Iterator[tuple[str, str]]:
    """Cases, scenarios and mistakes of every layer."""
    from ..conformance.contract import COMPONENTS, layer
    from ..conformance.diagnosis.catalog import mistakes
    from ..conformance.scenarios import SCENARIOS, checks_of

    for scenario in SCENARIOS:
        yield scenario.title, "conformance/scenarios.py"
    for name in COMPONENTS:
        where = f"conformance/components/{name}.py"
        for check in checks_of(layer(name)):
            yield check.case.why, where
            yield check.scenario.title, where
        for m in mistakes(name):
            yield m.text, where
            yield m.repair, where


def fields(text: str) -> set[str]:
    """The names of its placeholders. Raises ValueError where a brace stands alone."""
    return {name for _, name, *_ in string.Formatter().parse(text) if name is not None}


def po(language: str) -> Path:
    return HERE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def mo(language: str) -> Path:
    return po(language).with_suffix(".mo")


def read(language: str) -> dict[str, str]:
    """sentence -> translation, '' where there is none yet."""
    from babel.messages.pofile import read_po

    if not po(language).exists():
        return {}
    with po(language).open("rb") as text:
        return {str(m.id): str(m.string) for m in read_po(text, language) if m.id}


def catalogue(translations: dict[str, str], language: str | None = None, where: dict[str, list[str]] | None = None):
    """Without dates and names that would change at every run."""
    from babel.messages.catalog import Catalog

    day = datetime(2026, 1, 1, tzinfo=UTC)
    about = {"last_translator": DOMAIN, "language_team": language or "en", "header_comment": f"# {DOMAIN}"}
    made = Catalog(
        language, DOMAIN, project=DOMAIN, version="0.1", creation_date=day, revision_date=day, fuzzy=False, **about
    )
    for text, translation in translations.items():
        made.add(text, translation, auto_comments=(where or {}).get(text, ())[:3])
    return made


def compiled(translations: dict[str, str], language: str) -> bytes:
    """The .mo."""
    from babel.messages.mofile import write_mo

    out = BytesIO()
    write_mo(out, catalogue({k: v for k, v in translations.items() if v}, language))
    return out.getvalue()


def update(languages: tuple[str, ...]) -> dict[str, list[str]]:
    """Writes .pot, .po and .mo. -> language -> what is not translated."""
    from babel.messages.pofile import write_po

    sentences = every()
    with (HERE / f"{DOMAIN}.pot").open("wb") as text:
        write_po(text, catalogue(dict.fromkeys(sentences, ""), where=sentences), width=0)
    missing = {}
    for language in languages:
        known = read(language)
        now = {sentence: known.get(sentence, "") for sentence in sentences}
        po(language).parent.mkdir(parents=True, exist_ok=True)
        with po(language).open("wb") as text:
            write_po(text, catalogue(now, language, sentences), width=0)
        mo(language).write_bytes(compiled(now, language))
        missing[language] = [sentence for sentence, translation in now.items() if not translation]
    return missing


def main() -> int:
    missing = update(("ja",))
    for language, sentences in missing.items():
        for sentence in sentences:
            print(f"{language}: {sentence}")
        print(f"{po(language)}: {len(sentences)} sentences are not translated")
    return int(any(missing.values()))


if __name__ == "__main__":
    sys.exit(main())
