"""Fingerprints of a submission's code, by which equal and nearly equal ones are listed. They are never judged.

The text is read as words, without comments, strings and layout, and never run. Two submissions are the same if their
words are, and nearly the same if only names differ, or if nine tenths of their pieces of eight words are common: that
is estimated from the smallest hashes of the pieces.
"""

import hashlib
import json
import keyword
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from .bundle import Bundle

LARGEST = 4 << 20  # bytes of code that are looked at
PIECE = 8  # words
SKETCH = 64  # hashes that are kept
NEARLY = 0.9  # of the pieces
LEAST = 8  # hashes of a sketch that are its own, for a comparison
SHORT = 40  # words: with fewer, equal code says nothing
NOISE = re.compile(
    r"#[^\n]*|'''.*?'''|\"\"\".*?\"\"\"|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|^[ \t]*[%!?][^\n]*", re.S | re.M
)
WORD = re.compile(r"\w+|[^\w\s]")
KEPT = frozenset(keyword.kwlist)


def fingerprint(bundle: Bundle) -> list[str]:
    """Return the hash of the words, the hash of those with names alike, and the sketch; none of little or no code."""
    words = [word for text in texts_of(bundle) for word in WORD.findall(NOISE.sub(" ", text))]
    if len(words) < SHORT:
        return []
    alike = [word if word in KEPT or not word[0].isalpha() else "n" for word in words]
    pieces = {digest(words[i : i + PIECE]) for i in range(len(words) - PIECE + 1)}
    return [digest(words), digest(alike), *sorted(pieces)[:SKETCH]]


def digest(words: Iterable[str]) -> str:
    """Return a short hash of words."""
    return hashlib.blake2b(" ".join(words).encode("utf-8", "replace"), digest_size=6).hexdigest()


def texts_of(bundle: Bundle) -> Iterator[str]:
    """Yield the text of each file of code, of a notebook that of its cells; in an order that no file name decides."""
    texts = []
    left = LARGEST
    for name, content in bundle.files:
        if not name.endswith((".py", ".ipynb")) or len(content) > left:
            continue
        left -= len(content)
        text = content.decode("utf-8", "replace")
        texts.append(cells_of(text) if name.endswith(".ipynb") else text)
    yield from sorted(texts)


def cells_of(text: str) -> str:
    """Return the code of a notebook's cells; "" of a file that is none."""
    try:
        cells = json.loads(text)["cells"]
        return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def find_same(prints: dict[str, list[str]]) -> dict[str, tuple[list[str], list[str]]]:
    """Return the submissions that have the same code as others: the same, and nearly the same. prints: by name."""
    same: dict[str, set[str]] = defaultdict(set)
    nearly: dict[str, set[str]] = defaultdict(set)
    known = {name: code for name, code in sorted(prints.items()) if code}
    for place, found in ((0, same), (1, nearly)):
        groups = defaultdict(list)
        for name, code in known.items():
            groups[code[place]].append(name)
        for group in (group for group in groups.values() if len(group) > 1):
            for name in group:
                found[name] |= set(group) - {name}
    for one, other in close_pairs({name: set(code[2:]) for name, code in known.items()}):
        nearly[one].add(other)
        nearly[other].add(one)
    return {n: (sorted(same[n]), sorted(nearly[n] - same[n])) for n in known if same[n] or nearly[n]}


def close_pairs(sketches: dict[str, set[str]]) -> Iterator[tuple[str, str]]:
    """Yield the pairs whose sketches are nearly the same.

    What a fifth of a class has is the course's own code, or the book's, and tells nothing. Only those are compared
    that share one of their smallest hashes.
    """
    counts = Counter(piece for sketch in sketches.values() for piece in sketch)
    common = max(10, len(sketches) // 5)
    own = {name: sorted(p for p in sketch if counts[p] <= common) for name, sketch in sketches.items()}
    homes: dict[str, list[str]] = defaultdict(list)
    for name, pieces in own.items():
        for piece in pieces[: SKETCH // 4] if len(pieces) >= LEAST else ():
            homes[piece].append(name)
    pairs = {(a, b) for group in homes.values() for i, a in enumerate(group) for b in group[i + 1 :]}
    for one, other in sorted(pairs):
        first, second = set(own[one]), set(own[other])
        smallest = sorted(first | second)[: min(len(first), len(second))]
        if len(first.intersection(second, smallest)) >= NEARLY * len(smallest):
            yield one, other
