"""A class's secret seed: drawn once and kept, so that late work that is graded later meets the same questions.

It is kept in a file beside the rubric, which is the course's folder; without a rubric of one's own, in the run's own
folder. Nothing that a student sees names it.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..i18n import _
from .settings import RunSettings

TEXT = """# The secret seed of this course's hidden questions: keep it from students. `convcheck grade` reads it on
# every run, so that late work meets the same questions; without this file another one is drawn.
{seed}
"""


def path_of(rubric: Path | str | None) -> Path | None:
    """Return the file that keeps the seed of a rubric's course; None without a rubric file."""
    if rubric is None or not Path(rubric).is_file():
        return None
    return Path(rubric).with_suffix(".seed")


def read_seed(path: Path) -> int | None:
    """Read a kept seed; None if there is no such file. Raises UsageError if it holds none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: {error}") from None
    found = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if len(found) != 1 or not found[0].isdecimal() or int(found[0]) < 1:
        raise UsageError(
            f"{path}: " + _("it should hold the seed of the hidden questions, one whole number; see --seed")
        )
    return int(found[0])


def keep_seed(path: Path, seed: int) -> int:
    """Keep a seed, unless another run has kept one at the same time. Return the one that is kept. Raises OSError."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return read_seed(path) or seed
    with open(file, "w", encoding="utf-8") as opened:
        opened.write(TEXT.format(seed=seed))
    return seed


def settle(
    settings: RunSettings, kept: Path | None, before: Mapping[str, Any] | None = None
) -> tuple[RunSettings, list[str]]:
    """Return the settings with the seed that holds, and what to say of it.

    A given one holds before that of the run that is resumed, this before the kept one, and this before a new one.
    kept: the file beside the rubric; before: what the run that is resumed says of itself. Raises UsageError.
    """
    resumed = (before or {}).get("seed")
    in_file = read_seed(kept) if kept else None
    if settings.seed_policy == "given":
        other = resumed or in_file
        text = _("--seed {seed} is used in place of the kept one: these marks belong to other questions")
        said = text.format(seed=settings.seed)
        return settings, [said] if other not in (None, settings.seed) else []
    if isinstance(resumed, int):
        settings = replace(settings, seed=resumed, seed_policy=str((before or {}).get("seed_policy", "secret")))
        if settings.seed_policy == "given" or in_file not in (None, resumed):
            text = _("the run in --out goes on with its own seed, not with that in {path}")
            return settings, [text.format(path=kept)] if in_file else []
    return keep_for_later(replace(settings, seed=resumed or in_file or settings.seed), kept)


def keep_for_later(settings: RunSettings, kept: Path | None) -> tuple[RunSettings, list[str]]:
    """Keep the settings' seed for later runs. Return the settings with the kept one, and where it is."""
    if kept is None:
        return settings, []
    try:
        said = _("the seed of the class is kept in {path}").format(path=kept)
        return replace(settings, seed=keep_seed(kept, settings.seed)), [said]
    except OSError as error:
        text = _("the seed is kept in --out alone: {path}: {why}")
        return settings, [text.format(path=kept, why=error.strerror)]
