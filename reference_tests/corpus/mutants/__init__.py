"""Wrong implementations: each one makes one realistic mistake in one component, by a small patch of impl/plain.

There is one file for each component, with its MUTANTS. The plain edition is read as text, beside this package, so that
a learner's own package called `impl` makes no difference.
"""

import ast
import io
import linecache
import tokenize
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from ...conformance.contract import COMPONENTS, layer

HERE = Path(__file__).parent
PLAIN = HERE.parents[2] / "impl" / "plain"
FILES = (  # a file stands behind those that it imports
    *("shapes", "patches", "activation", "affine", "loss", "dropout", "lrn", "convolution", "pooling", "network"),
    *("global_pooling", "batch_norm", "locally_connected", "grouped_convolution", "pointwise_convolution"),
    *("transposed_convolution", "spatial_pyramid_pooling", "merging", "mean_normalization"),
)
GENERAL = (  # codes of any component
    *("", "precision", "scaled", "constant-added", "another-order", "whole-numbers"),
    *(
        "clipped",
        "place",
        "when",
        "type",
        "exception",
        "not-refused",
        "weight-decay",
        "last-chunk",
        "last-block",
        "curve",
        "nan",
        "nearly-largest",
    ),
)


IN_TURN = (  # lines that hand out a result `out` in one of two arrays, the other one in the next call
    "ring = self.__dict__.setdefault('ring', [out.copy(), out.copy()])\n        ring.reverse()\n"
    "        ring[0] = ring[0] if ring[0].shape == out.shape else out.copy()\n        ring[0][...] = out\n"
    "        return ring[0]"
)
UNSEEN = "if getattr(self, 'seen', None) is not x:\n            self.seen = x\n            "  # before a line


@dataclass(frozen=True)
class Mutant:
    """A wrong implementation of one component. With no component, the patch may change any part.

    code: the diagnosis that it should get. patch: pairs of a fragment of the plain edition and its replacement.
    """

    id: str
    component: str
    text: str
    code: str
    patch: tuple[tuple[str, str], ...]

    @property
    def source(self) -> str:
        """The plain edition, patched. Raises ValueError as `parts` does."""
        return "".join(self.parts)

    @property
    def parts(self) -> tuple[str, str, str]:
        """What stands before the component's definition, the definition, and what stands after it, all patched.

        A fragment has to be found once in the component's own definition, or once in the rest if it is not there.
        Raises ValueError if it is not.
        """
        before, own, after = split(base(), self.component)
        for old, new in self.patch:
            found = [part.count(old) for part in (own, before, after)]
            if found[0] != 1 and (found[0] or sum(found) != 1):
                raise ValueError(f"mutant {self.id}: {old!r} is found {found[0] or sum(found)} times, not once")
            if found[0]:
                own = own.replace(old, new)
            else:
                before, after = before.replace(old, new), after.replace(old, new)
        return before, own, after

    def names(self) -> dict[str, Any]:
        """Execute the source and return its names, with its file as __file__."""
        return executed(self.source, f"<mutant {self.id}>")


def mutants_of(component: str, prefix: str) -> Callable[..., Mutant]:
    """Return a function that makes mutants of a component: id, text, code, and then the pairs of the patch.

    The id gets the prefix. So does the code, unless it is general or has a prefix already.
    """

    def mutant(id: str, text: str, code: str, *patch: tuple[str, str]) -> Mutant:
        whole = code if "." in code or code in GENERAL else f"{prefix}.{code}"
        return Mutant(f"{prefix}-{id}", component, text, whole, patch)

    return mutant


def replacing(make: Callable[..., Mutant], old: str, new: str) -> Callable[[str, str, str, str], Mutant]:
    """Return a function of id, text, code and a piece: in the mutant, `new` stands for `old`, with the piece for {}."""
    return lambda id, text, code, piece: make(id, text, code, (old, new.replace("{}", piece)))


@cache
def base() -> str:
    """Return the plain edition as one text, without comments, docstrings and the imports between its files."""
    return "\n".join(bare((PLAIN / f"{name}.py").read_text(encoding="utf-8")) for name in FILES)


def bare(source: str) -> str:
    """Remove comments, docstrings and relative imports."""
    lines = source.splitlines()
    gone = set()  # indexes of lines
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip()
            if not lines[row - 1]:
                gone.add(row - 1)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            gone.update(range(node.body[0].lineno - 1, node.body[0].end_lineno or 0))
            if isinstance(node, ast.ClassDef):
                gone.add(node.body[0].end_lineno or 0)  # the blank line below
    kept = [line for i, line in enumerate(lines) if i not in gone and not line.startswith("from .")]
    return "\n".join(kept).strip("\n") + "\n\n"


@cache
def split(source: str, component: str) -> tuple[str, str, str]:
    """Return what stands before a component's definition, the definition itself, and what stands after it."""
    if component not in COMPONENTS:
        return source, "", ""
    lines, name = source.splitlines(True), layer(component).OP.name
    node = next(n for n in ast.parse(source).body if isinstance(n, ast.ClassDef | ast.FunctionDef) and n.name == name)
    begin, end = node.lineno - 1, node.end_lineno
    return "".join(lines[:begin]), "".join(lines[begin:end]), "".join(lines[end:])


def executed(source: str, file: str) -> dict[str, Any]:
    """Execute the source and return the names that it binds. Its lines are stored for tracebacks."""
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    names: dict[str, Any] = {"__file__": file, "__name__": file}
    exec(compile(source, file, "exec"), names)
    return names


def mutants(*components: str) -> list[Mutant]:
    """Return the mutants of these components, or of all if none is named."""
    files = components or sorted(p.stem for p in HERE.glob("*.py") if p.stem != "__init__")
    return [m for name in files for m in import_module(f"{__name__}.{name}").MUTANTS]
