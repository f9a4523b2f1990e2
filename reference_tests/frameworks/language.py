"""Moved to i18n."""

from ..i18n import Say, english, speaker  # noqa: F401
