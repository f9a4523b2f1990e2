"""The text in which a question is looked for: its own words in two languages, and synonyms of what it is about."""

import re

from ...i18n import _, english, speaker
from ...suggest import similar_names
from ..questions import QUESTIONS, Question
from ..registry import FRAMEWORKS
from ..snippets import called_functions
from .synonyms import SYNONYMS

TEXTS: dict[str, str] = {}


def split(words: str) -> list[str]:
    """Return the words or phrases of a line of the table."""
    return [word.strip() for word in words.split(", ")]


def own_text(question: Question) -> str:
    """Return a question's id, title and family in English."""
    return f"{question.id} {question.question} {question.family}"


def has_phrase(text: str, phrase: str) -> bool:
    """Tell whether a phrase stands in a text, as it is if it is in capitals, from the beginning of a word."""
    flags = 0 if phrase.isupper() or not phrase.islower() else re.IGNORECASE
    before = r"(?<![A-Za-z])" if phrase[0].isalpha() else ""
    return re.search(before + re.escape(phrase), text, flags) is not None


def search_text(question: Question) -> str:
    """Return all the words by which a question is found, in lines."""
    if question.id not in TEXTS:
        TEXTS[question.id] = "\n".join(lines_of(question))
    return TEXTS[question.id]


def lines_of(question: Question) -> list[str]:
    """Return the lines of a question's text: its own words, synonyms, inputs, documents, functions."""
    japanese = speaker("ja")
    own = own_text(question)
    lines = [say(text) for say in (english, japanese) for text in (question.question, question.family, question.why)]
    lines += [words for words, phrases in SYNONYMS if any(has_phrase(own, phrase) for phrase in split(phrases))]
    lines += [sample.name for sample in question.samples]
    interfaces = {(framework.file, framework.interface): framework for framework in FRAMEWORKS.values()}
    lines += sorted({name for framework in interfaces.values() for name in called_functions(framework, question)})
    return [question.id, *lines]


def matches(text: str, word: str) -> bool:
    """Tell whether a word stands in a text: in capitals as it is, else in any case; English from a word's beginning."""
    if word.isupper() and word.isascii():
        return re.search(rf"(?<![A-Z_]){re.escape(word)}", text) is not None
    before = r"(?<![a-z])" if word[0].isascii() and word[0].isalpha() else ""
    return re.search(before + re.escape(word.lower()), text.lower()) is not None


def select(words: str) -> list[Question]:
    """Return the questions that have all of these words, or synonyms of them. Raises ValueError if none has."""
    wanted = [word for word in re.split(r"[\s\u3000]+", words) if word]
    found = [q for q in QUESTIONS if all(matches(search_text(q), word) for word in wanted)]
    if not found or not wanted:
        known = sorted({word for typed, _ in SYNONYMS for word in split(typed)})
        near = similar_names(words, known, 3)
        text = _("--search {words}: no question; perhaps {near}") if near else _("--search {words}: no question")
        raise ValueError(text.format(words=words, near=", ".join(near)))
    return found
