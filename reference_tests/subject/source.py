"""The target's code as text and tree: a .py file or a cell of a notebook, with its place for messages."""

import ast
import io
import linecache
import re
import tokenize
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..i18n import N_, _
from .timing.alarms import LIMITS

SYNTAX = {  # what Python says of a line -> what is to be done there
    r"expected ':'": N_("a colon is missing at the end of the line"),
    r"TabError": N_("tabs and blanks are mixed: indent with four blanks everywhere"),
    r"expected an indented block": N_("the lines below def, class, if or for have to be indented"),
    r"unindent does not match": N_("this line is indented by another number of blanks than any above it"),
    r"unexpected indent": N_("this line is indented further than the one above it"),
    r"U\+3000": N_("there is a full-width blank: type a plain one"),
    r"\(U\+(?:FF|30)": N_("there is a full-width character: type it as a half-width one"),
    r"\(U\+201[89CD]\)": N_("there are typographic quotes: type \" or '"),
    r"character U\+": N_("there is a character that cannot be seen: delete the line and type it again"),
    r"'return' outside function": N_("return stands outside of its function: indent it like the lines above it"),
    r"unterminated .*string": N_("a closing quote is missing"),
    r"was never closed": N_("a closing bracket is missing"),
    r"unmatched '": N_("there is a closing bracket too many"),
    r"Missing parentheses in call": N_("this is Python 2: print is a function now, print(x)"),
    r"you meant '=='": N_("one = assigns, == compares"),
}
OUTSIDE = N_("this line stands outside of its method: indent it like the lines above it")
HINTS = (*SYNTAX.values(), OUTSIDE)
LETTER = "[À-ÖØ-öø-ÿŒœŠšŸŽž]"  # of cp1252 beyond ASCII
EUROPEAN = rf"(?=.*{LETTER})([\x00-\x7f„“”‚‘’–—…€°§´«»·×µ²³±]|{LETTER}{{1,2}}(?!{LETTER}))*"  # text in cp1252
MAX_FILE = 100 << 20  # bytes; notebooks carry their pictures with them


class LoadError(Exception):
    """The target cannot be loaded, or has none of the names. The message is one sentence, with the target's line."""


class TooSlow(LoadError):
    """The target takes longer to load than it may."""


@dataclass(frozen=True)
class Skipped:
    """A statement that was not run, or that failed."""

    place: str  # "layers.py", or "notes.ipynb, cell 3" (code cells are counted, from 1)
    line: int
    source: str  # its first line
    why: str

    def __str__(self) -> str:
        return f"{self.place}, line {self.line}: {self.source} ({self.why})"


@dataclass(frozen=True)
class Source:
    """One file or cell, parsed. filename is what its code objects and tracebacks carry."""

    place: str
    filename: str
    tree: ast.Module
    lines: list[str]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing but comments and strings."""
        return all(isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) for one in self.tree.body)

    def line(self, number: int) -> str:
        """Return the text of a line, counted from 1; "" if there is no such line."""
        return self.lines[number - 1].strip() if 0 < number <= len(self.lines) else ""

    def skipped(self, node: ast.stmt, why: str) -> Skipped:
        """Return the entry of a statement that is skipped for this reason."""
        return Skipped(self.place, node.lineno, self.line(node.lineno), why)


def read_file(path: Path) -> bytes:
    """Return a file's bytes. Raises LoadError if it cannot be read or is too large."""
    try:
        if path.stat().st_size > MAX_FILE:
            raise LoadError(f"{path} has {path.stat().st_size >> 20} MB; at most {MAX_FILE >> 20} MB are read.")
        return path.read_bytes()
    except OSError as error:
        raise LoadError(f"{path} cannot be read: {error.strerror or error}.") from None


def read_python(path: Path, place: str) -> Source:
    """Read and parse a .py file. Raises LoadError with the line of a syntax error, or if it is not text."""
    data = read_file(path)
    try:
        code = decode(data)
        tree = parse(data, str(path))
    except SyntaxError as error:
        lines = data.decode("utf-8", "replace").splitlines()
        raise LoadError(describe_syntax_error(error, place, lines, guess_encoding(data))) from None
    return Source(place, str(path), tree, code.splitlines())


def parse(code: str | bytes, filename: str, flags: int = 0) -> ast.Module:
    """Return the tree of code that Python can compile, without its warnings. Raises SyntaxError for all other code."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(code, filename)
            compile(tree, filename, "exec", flags, dont_inherit=True)
            return tree
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(str(error) or "nested too deeply") from None


def decode(data: bytes) -> str:
    """Decode a file by its byte order mark or coding line, else as UTF-8. Raises SyntaxError, as Python does."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise SyntaxError(f"{error}") from None


def guess_encoding(data: bytes) -> str:
    """Return the encoding that a file which is not UTF-8 seems to have; all that it may be where that is not clear.

    Kana tell Japanese. European text has letters and quotes of cp1252 only, one or two beside each other.
    """
    asked = {name: decoded(data, name) for name in ("shift_jis", "cp932", "euc_jp", "cp1252")}
    for name in ("shift_jis", "cp932", "euc_jp"):
        if re.search("[\u3041-\u30fe]", asked[name]):
            return name
    if re.fullmatch(EUROPEAN, asked["cp1252"], re.S):
        return "cp1252"
    return " / ".join(name for name in ("shift_jis", "euc_jp", "cp1252") if asked[name]) or "latin-1"


def decoded(data: bytes, encoding: str) -> str:
    """Return data as text, "" if they are none in this encoding."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return ""


def describe_syntax_error(error: SyntaxError, place: str, lines: list[str], encoding: str = "") -> str:
    """Return the sentence of a syntax error, with the target's line. encoding: of a file that is not UTF-8."""
    message = error.msg or "invalid syntax"
    if "null bytes" in message:
        return f"{place} is not a Python file: it has null bytes."
    if lines and lines[0].startswith("\ufffd\ufffd") and "\0" in lines[0]:  # its byte order mark, read as UTF-8
        return UTF_16.format(target=place)
    if "decode" in message or "missing encoding" in message:
        return NOT_UTF_8.format(target=place, why=message, encoding=encoding or "shift_jis / cp1252")
    own = lines[error.lineno - 1].strip() if error.lineno and error.lineno <= len(lines) else ""
    at = f", line {error.lineno}" if error.lineno else ""
    text = f"{type(error).__name__}: {message}"
    hint = next((f" ({_(hint)})" for pattern, hint in SYNTAX.items() if re.search(pattern, text)), "")
    return f"{place}{at}: {text}" + (f": {own:.100}" if own else "") + hint


NOTHING = N_(
    "nothing in it can be judged: {target} defines none of the names that are looked for ({names}), and no layer under "
    "another name."
)
NOT_UTF_8 = N_(
    "{target} is not UTF-8 text ({why}): save it as UTF-8, or name its encoding in the first line "
    "(# coding: {encoding})."
)
UTF_16 = N_("{target} is UTF-16 text, which Python does not read: save it as UTF-8.")
EMPTY = N_("{target} is empty: there is no code in it.")
UNCALLABLE = N_("nothing in {target} can be judged: what looks like a layer cannot be called as one: {said}.")
SOFTMAX_ALONE = N_(
    "nothing in {target} can be judged: a softmax alone is no layer; put cross_entropy_error(y, t) or SoftmaxWithLoss "
    "into it as well."
)
LOSS_ALONE = N_(
    "nothing in {target} can be judged: {said} takes probabilities; put the softmax that gives them into it as well."
)
STUBS = N_("nothing in {target} can be judged: not implemented yet are {said}.")
PERHAPS = N_("Perhaps {maps}")


LOADING = (  # the other sentences of a LoadError, which this process or the target's own may say
    NOT_UTF_8,
    UTF_16,
    N_("there is no module, file or folder {target} here or on Python's path."),
    N_("there is no {target}; did you mean {near}?"),
    N_("there is no {target}."),
    N_("{target} is neither a .py file, a folder, nor an .ipynb notebook."),
    N_("{target} has no .py file and no notebook in it."),
    N_("{target} has no code cells."),
    N_("{target} is not a notebook: it is not the JSON that Jupyter writes."),
    N_("{target} is a notebook in {language}, not in Python."),
    N_("{target} cannot be imported: {why}."),
    N_("{target} cannot be loaded: {why}"),
    N_("{target} cannot be read: {why}."),
    N_("none of {target}'s names could be loaded; {why}."),
    N_("{target} has {size} MB; at most {most} MB are read."),
    N_("{target} is not a Python file: it has null bytes."),
    N_("{target} was saved while it was being checked"),
    N_("{target} ends its process while it is loaded ({why})."),
    N_("{target} is a symbolic link; a submission is a file or a folder."),
    N_("--map {name}={where}: there is no {place}."),
    N_("--map {name}={where}: {place} has no {path}."),
    N_("--map {name}={where}: should be NAME, my.module:NAME or file.py:NAME."),
)


def reworded(text: str, sentences: Iterable[str]) -> str:
    """Return a text in the current language if one of these sentences has become it; "" else. {what} is translated."""
    for sentence in sentences:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(sentence))
        if found := re.fullmatch(pattern, text, re.S):
            return _(sentence).format(
                **{key: _(said) if key == "what" else said for key, said in found.groupdict().items()}
            )
    return ""


def in_current_language(text: str) -> str:
    """Return a sentence of another process in the current language, or its hint on a syntax error."""
    said, _perhaps, maps = text.partition(" Perhaps --map ")
    if found := reworded(said, (NOTHING, EMPTY, UNCALLABLE, SOFTMAX_ALONE, LOSS_ALONE, STUBS, *LIMITS, *LOADING)):
        return found + (" " + _(PERHAPS).format(maps=f"--map {maps}") if maps else "")
    return next((text.replace(f"({hint})", f"({_(hint)})") for hint in HINTS if f"({hint})" in text), text)


def register_lines(filename: str, lines: list[str]) -> None:
    """Store the lines of a source that is no file, so that tracebacks can show them."""
    linecache.cache[filename] = (sum(map(len, lines)), None, [line + "\n" for line in lines], filename)


# --- walking trees as ast.walk does, in a third of its time: a target's are walked often as it is loaded
NO_NODES = {
    "ctx",
    "id",
    "attr",
    "arg",
    "name",
    "kind",
    "type_comment",
    "module",
    "level",
    "conversion",
    "simple",
    "rest",
}


class Parts(dict[type, tuple[str, ...]]):
    """The fields of each kind of node in which other nodes may be."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        names = () if kind is ast.Constant else kind._fields
        self[kind] = found = tuple(name for name in names if name not in NO_NODES)
        return found


PARTS = Parts()


def walk(node: ast.AST) -> list[ast.AST]:
    """List a node and all below it, level by level, as ast.walk yields them; contexts such as Load() are left out."""
    found = [node]
    for one in found:  # the list grows meanwhile
        found += children(one)
    return found


def children(node: ast.AST) -> list[ast.AST]:
    """List the nodes directly below a node, contexts aside."""
    found: list[ast.AST] = []
    for name in PARTS[type(node)]:
        value = getattr(node, name, None)
        if type(value) is list:
            found += [part for part in value if isinstance(part, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found
