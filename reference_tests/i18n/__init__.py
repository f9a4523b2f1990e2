"""The language in which sentences are said. A context variable, so that two threads may speak two languages."""

import gettext
import locale
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from pathlib import Path

DOMAIN = "convcheck"
LANGUAGES = ("en", "ja")
FOLDER = Path(__file__).parent / "locale"
Say = Callable[[str], str]  # gives a sentence in one language
_current: ContextVar[str] = ContextVar("language", default="en")


def set_language(language: str) -> None:
    """Say all further sentences of this context in that language. Raises ValueError for one that is not there."""
    _current.set(_known(language))


def current_language() -> str:
    """Return the language of this context: "en" or "ja"."""
    return _current.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say sentences in that language inside the block. Raises ValueError for one that is not there."""
    before = current_language()
    set_language(language)
    try:
        yield
    finally:
        _current.set(before)


def speaker(language: str = "en") -> Say:
    """Return the function that gives a sentence in that language. Raises ValueError for one that is not there."""
    return partial(_translate, _known(language))


def system_language() -> str:
    """Return the language that the environment asks for, "en" if it is not one of LANGUAGES."""
    asked = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    asked = asked or locale.getlocale()[0] or ""
    return next((name for name in LANGUAGES if asked.startswith(name)), "en")


def join(parts: Iterable[str]) -> str:
    """Return the parts as a list in one line, in the current language."""
    return ("、" if _current.get() == "ja" else ", ").join(parts)


def _(text: str) -> str:
    """Give the sentence in the current language."""
    return _translate(_current.get(), text)


def N_(text: str) -> str:
    """Mark a sentence of a table for translation; _() gives it later."""
    return text


def catalog_file(language: str) -> Path:
    """Return the path of a language's .po. English has one only if a sentence's wording had to be corrected."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def _known(language: str) -> str:
    if language not in LANGUAGES:
        names = ", ".join(LANGUAGES)
        raise ValueError(f"--lang {language}: " + _("there are {names}").format(names=names))
    return language


def _translate(language: str, text: str) -> str:
    return _lookup(language)(text) if text else ""


@cache
def _lookup(language: str) -> Say:
    """Return the lookup of a language: in the .mo of an installed wheel, else in the .po of a checkout."""
    source = catalog_file(language)
    if source.with_suffix(".mo").is_file():
        return gettext.translation(DOMAIN, FOLDER, [language]).gettext
    if not source.is_file():
        return str
    from .po import read_po

    translations = {key: text for key, text in read_po(source).items() if text}
    return lambda text: translations.get(text, text)


english = speaker("en")
