"""Names of versions: which of several files of one content is the copy, which the newest."""

import re
from pathlib import PurePath

_COPIES = """
    copy copies kopie kopien kopia copie copia backup backups bak old older orig original originals archive archived
    deprecated obsolete unused trash template skeleton starter previous prev"""
COPIES = frozenset(_COPIES.split())
COPY_OF = re.compile(r"copy\d+$|コピー|バックアップ|旧|古い|副本|복사본")
LEVELS = {"draft": -1, "wip": -1, "下書き": -1}
LEVELS |= dict.fromkeys(("new", "newer", "newest", "latest", "fixed", "fix", "revised", "updated", "修正", "新"), 1)
LEVELS |= dict.fromkeys(("final", "finished", "done", "submit", "submission", "submitted", "最終", "完成", "提出"), 2)
VERSION = re.compile(r"(?:v|ver|version|rev|revision|r)?(\d+)$")
TRAILING = re.compile(r"(.*?[^\W\d])(\d+)$")
WORDS = {"v", "ver", "version", "rev", "revision", "of", "von", "de"}  # beside a number, or beside "copy"


class Version:
    """What the path of a file says of its version.

    family: what is left of the path without that; is_copy: "Copy of layers", "old/layers"; rank: the newer the higher.
    """

    def __init__(self, path: PurePath) -> None:
        """path: of a file in a submission."""
        level, numbers, rest = 0, list[int](), list[str]()
        self.is_copy = False
        for token in tokens_of(path):
            plain, tail = token, TRAILING.match(token)
            if tail and not VERSION.match(token):
                plain = tail[1]
            if token in COPIES or plain in COPIES or COPY_OF.search(token):
                self.is_copy = True
                continue
            if plain in LEVELS:
                level = level + 1 if level > 1 < LEVELS[plain] else LEVELS[plain]
            elif not VERSION.match(token) and plain not in WORDS:
                rest.append(plain)
            if number := VERSION.match(token) or (tail and re.match(r"(\d+)", tail[2])):
                numbers.append(int(number[1][:12]))
        self.family = " ".join(rest) + path.suffix
        self.rank = (level, tuple(numbers))


def tokens_of(path: PurePath) -> list[str]:
    """Return the words of a path in lower case, without its suffix."""
    text = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", str(path.with_suffix("")))
    return [word for word in re.split(r"[\W_]+", text.lower()) if word]


def family_of(name: str) -> str:
    """Return what a file or folder is a version of: layers for layers_v2.py, alice for alice (1).

    A number alone at the end makes no version: s1 and s2 are two.
    """
    words = tokens_of(PurePath(re.sub(r"\(\d+\)", "", name)))
    versions = COPIES | LEVELS.keys() | WORDS
    return " ".join(word for word in words if word not in versions and not re.match(r"v\d+$|copy\d+$", word))
