"""The catalogues of compare's sentences: `python -m reference_tests.frameworks.catalogue` after a sentence changed.

It adds new sentences to every .po without a translation, drops those that are gone, and compiles the .mo.
"""

from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from .language import LANGUAGES, LOCALE
from .messages import every


def po(lang: str) -> Path:
    return LOCALE / lang / "LC_MESSAGES" / "compare.po"


def read(lang: str) -> dict[str, str]:
    """{sentence: translation} of a language's .po."""
    if not po(lang).exists():
        return {}
    with po(lang).open("rb") as text:
        return {str(m.id): str(m.string) for m in read_po(text, lang) if m.id}


def catalog(lang: str, translations: dict[str, str]) -> Catalog:
    """Without the dates and the names that would change at every run."""
    day = datetime(2026, 1, 1, tzinfo=UTC)
    made = Catalog(
        lang,
        domain="compare",
        header_comment=f"# convcheck compare, {lang}",
        project="convcheck",
        version="0.1",
        last_translator="convcheck",
        language_team=lang,
        creation_date=day,
        revision_date=day,
        fuzzy=False,
    )
    for text, translation in translations.items():
        made.add(text, translation)
    return made


def main() -> None:
    for lang in LANGUAGES[1:]:
        known = read(lang)
        po(lang).parent.mkdir(parents=True, exist_ok=True)
        with po(lang).open("wb") as text:
            write_po(text, catalog(lang, {sentence: known.get(sentence, "") for sentence in every()}), width=0)
        with po(lang).with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, catalog(lang, read(lang)))


if __name__ == "__main__":
    main()
