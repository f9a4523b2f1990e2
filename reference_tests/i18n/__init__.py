"""Which language sentences are said in. A context variable, so that two threads may speak two languages."""

import gettext
import locale
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "ja")
FOLDER = Path(__file__).parent / "locale"
_current: ContextVar[str] = ContextVar("language", default="en")


def use(language: str) -> None:
    if language not in LANGUAGES:
        raise ValueError(f"--lang {language}: there are {', '.join(LANGUAGES)}")
    _current.set(language)


def current() -> str:
    return _current.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """In this language for a while. ValueError where we do not speak it."""
    before = current()
    use(language)
    try:
        yield
    finally:
        _current.set(before)


def of_this_machine() -> str:
    """The language that the environment asks for, English where we do not speak it."""
    asked = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    asked = asked or locale.getlocale()[0] or ""
    return next((name for name in LANGUAGES if asked.startswith(name)), "en")


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("convcheck", FOLDER, [language], fallback=language == "en")


def _(text: str) -> str:
    """The sentence in the current language."""
    return _catalogue(_current.get()).gettext(text) if text else ""


def N_(text: str) -> str:
    """Marks a sentence of a table for translation; _() says it later."""
    return text
