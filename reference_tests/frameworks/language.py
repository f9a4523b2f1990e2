"""Sentences in the reader's language: gettext, domain "compare", catalogues in locale/."""

import gettext
from collections.abc import Callable
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
LANGUAGES = ("en", "ja")
Say = Callable[[str], str]


def speaker(lang: str = "en") -> Say:
    """The function that gives a sentence in that language; English is the sentences' own.

    Raises ValueError for a language that is not there.
    """
    if lang not in LANGUAGES:
        raise ValueError(f"--lang: {lang!r} is none of {', '.join(LANGUAGES)}")
    return gettext.translation("compare", LOCALE, [lang], fallback=lang == "en").gettext


english = speaker()
