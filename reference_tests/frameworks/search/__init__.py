"""Search among the questions: by their own words, by other words for the same thing, in English and Japanese."""

from .index import search_text, select

__all__ = ["search_text", "select"]
