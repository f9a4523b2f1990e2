"""Fingerprints of a submission's code, by which equal and nearly equal ones are listed. They are never judged.

The text is read as words, without comments, strings and layout, and never run. Two submissions are the same if their
words are, and nearly the same if only names differ, or if nine tenths of their pieces of eight words are common: that
is estimated from the smallest hashes of the pieces.
"""

import hashlib
import json
import keyword
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np

from .bundle import Bundle

LARGEST, WORDS = 1 << 20, 100_000  # bytes and words of code that are looked at
NOTEBOOK = 8 << 20  # bytes of a notebook, its pictures too
PIECE = 8  # words
SKETCH = 64  # hashes that are kept
NEARLY = 0.9  # of the pieces
LEAST = 8  # hashes of a sketch that are its own, for a comparison
SHORT = 40  # words: with fewer, equal code says nothing
NOISE = re.compile(  # every alternative ends where its text does, so that reading takes one pass whatever is written
    r"#[^\n]*|'''.*?(?:'''|\Z)|\"\"\".*?(?:\"\"\"|\Z)|'(?:\\.|[^'\\\n])*'?|\"(?:\\.|[^\"\\\n])*\"?|^[ \t]*[%!?][^\n]*",
    re.S | re.M,
)
WORD = re.compile(r"\w+|[^\w\s]")
MIX = np.uint64(0x9E3779B97F4A7C15)  # odd, so that multiplying by it loses nothing
KEPT = frozenset(keyword.kwlist)


def fingerprint(bundle: Bundle) -> list[str]:
    """Return the hash of the words, the hash of those with names alike, and the sketch; none of little or no code."""
    found = (match[0] for text in texts_of(bundle) for match in WORD.finditer(NOISE.sub(" ", text)))
    words = list(islice(found, WORDS))
    if len(words) < SHORT:
        return []
    alike = [word if word in KEPT or not word[0].isalpha() else "n" for word in words]
    return [digest(words), digest(alike), *(f"{piece:016x}" for piece in smallest_hashes(words))]


def smallest_hashes(words: list[str]) -> list[int]:
    """Return the SKETCH smallest hashes of all pieces of so many words, each 64 bits of a polynomial in its words."""
    codes = np.fromiter((zlib.crc32(word.encode("utf-8", "replace")) for word in words), np.uint64, len(words))
    hashes = np.zeros(len(words) - PIECE + 1, np.uint64)
    for place in range(PIECE):
        hashes = hashes * MIX + codes[place : place + len(hashes)]
    hashes = (hashes ^ (hashes >> np.uint64(32))) * MIX  # the smallest ones are then those of no special words
    return [int(piece) for piece in np.unique(hashes ^ (hashes >> np.uint64(29)))[:SKETCH]]


def digest(words: Iterable[str]) -> str:
    """Return a short hash of words."""
    return hashlib.blake2b(" ".join(words).encode("utf-8", "replace"), digest_size=6).hexdigest()


def texts_of(bundle: Bundle) -> Iterator[str]:
    """Yield the text of each file of code, of a notebook that of its cells; in an order that no file name decides."""
    texts, left = list[str](), LARGEST
    for name, content in bundle.files:
        if name.endswith(".ipynb") and len(content) <= NOTEBOOK:
            text = cells_of(content.decode("utf-8", "replace"))
        elif name.endswith(".py") and len(content) <= left:
            text = content.decode("utf-8", "replace")
        else:
            continue
        texts.append(text[: max(0, left)])
        left -= len(text)
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
