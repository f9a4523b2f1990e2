"""Snippets: what was asked of a column, as a script that runs when it is pasted: switches, imports, helpers, inputs."""

from .snippet import called_functions, snippet_parts, snippet_text

__all__ = ["called_functions", "snippet_parts", "snippet_text"]
