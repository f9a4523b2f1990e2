"""What is to be said of a loaded target besides its verdicts, and the true reason of a stop."""

import ast
import linecache
import re
from collections.abc import Iterable, Mapping
from typing import Any

from .errors import Missing
from .lending.lender import BOOKS_NAMES, LENDABLE, Loan, imported_modules
from .protocol import Note, Stop
from .reader import Reader
from .source import walk
from .stubs import FUNCTIONS, is_stub_definition

INIT = re.compile(r"_*(init|int|inti|iint|inint|ini|initt)_*", re.IGNORECASE)
NO_ARGUMENTS = re.compile(r"TypeError: (\w+)\(\) takes no arguments")
ABSTRACT = re.compile(r"TypeError: Can't instantiate abstract class (\w+) .*?abstract methods? '?(\w+)")
UNDEFINED = re.compile(r"NameError: name '(\w+)' is not defined")


def collect_notes(reader: Reader, names: Mapping[str, Any], used: Iterable[str]) -> list[Note]:
    """Return the remarks on a target: what was lent, which of two was examined, what its layers lack.

    used: what it borrows, as used_loans lists it.
    """
    loans = reader.lender.loans
    given = [name for name in used if name in reader.lender.made]
    lent = [Note("lent", name, {"module": loans[name].__dict__["_module"]}) for name in given]
    shadowed = [
        Note("own", name, {"place": of.place, "other": of.other})
        for (_, name), of in reader.shadowed.items()
        if names.get(name) is of.thing
    ]
    found = [*lent, *reader.lender.notes, *shadowed, *reader.notes]
    places = {
        n.name: f"{s.place}, line {n.lineno}"
        for s in reader.sources
        for n in walk(s.tree)
        if isinstance(n, ast.ClassDef) and is_stub_definition(n)
    }
    for name, thing in names.items():
        if isinstance(thing, Missing) or not isinstance(thing, type):
            continue
        if thing.__name__ in places and not methods_of(thing):
            found.append(Note("stub", name, {"place": places[thing.__name__]}))
        found += notes_on_class(reader, name, thing)
    return [note for i, note in enumerate(found) if note not in found[:i]]


def used_loans(reader: Reader) -> list[str]:
    """Return what the target borrows and uses: a star import binds more, and some is defined again."""
    nodes = [n for tree in reader.trees for n in walk(tree)]
    functions = [n for n in nodes if isinstance(n, FUNCTIONS)]
    imports = [n for f in functions for n in walk(f) if isinstance(n, ast.ImportFrom | ast.Import)]
    inside = [n for n in imports if isinstance(n, ast.ImportFrom)]
    reader.lender.prepare(name for n in imports for name in imported_modules(n))
    things = [thing for module in reader.context.by_file.values() for thing in vars(module).values()]
    bound = {thing.__dict__["_name"] for thing in things if is_loan(thing)}
    bound |= {alias.name for n in inside for alias in n.names}
    bound |= {n.attr for n in nodes if isinstance(n, ast.Attribute)}  # of a module that is lent: util.im2col
    used = {getattr(n, "id", getattr(n, "attr", "")) for n in nodes}
    used |= {alias.name for n in nodes if isinstance(n, ast.ImportFrom) for alias in n.names}
    return sorted(used & bound & reader.lender.loans.keys())


def is_loan(thing: Any) -> bool:
    """Return whether a thing of the target's is lent to it. It is not asked: it may be anything."""
    return type(thing) is Loan


def notes_on_class(reader: Reader, name: str, thing: type) -> list[Note]:
    """Return what is to be said of a layer's methods: those that it has where one is lacking; a misspelled __init__."""
    methods = methods_of(thing)
    found = []
    if not {"forward", "backward"} <= methods.keys() and methods:
        found.append(Note("methods", name, {"there": ", ".join(methods)}))
    if "__init__" not in {n for kind in thing.__mro__[:-1] for n in vars(kind)}:
        for method, function in methods.items():
            code = getattr(function, "__code__", None)
            if INIT.fullmatch(method) and code:
                line = linecache.getline(code.co_filename, code.co_firstlineno).strip()
                found.append(Note("init", name, {"place": f"line {code.co_firstlineno}: {line}", "method": method}))
    return found


def methods_of(thing: type) -> dict[str, Any]:
    """Return a class's own and inherited methods as they are written: __init and not _Convolution__init."""
    found: dict[str, Any] = {}
    for kind in thing.__mro__[:-1]:
        for name, value in vars(kind).items():
            plain = name.removeprefix(f"_{kind.__name__.lstrip('_')}") if "__" in name else name
            if hasattr(value, "__code__") and (not name.endswith("__") or INIT.fullmatch(name)) and name != "__init__":
                found.setdefault(plain, value)
    return found


def explain_stop(stop: Stop, reader: Reader, notes: list[Note]) -> Stop:
    """Return a stop with its true reason: a stub, a misspelled __init__, a name that a failed import should bind."""
    if stop.reason in ("exception", "absent") and reader.stubs.called:
        return Stop("stub", stop.step, reader.stubs.called[0])
    if stop.reason != "exception":
        return stop
    if found := ABSTRACT.match(stop.text):
        return Stop("stub", stop.step, f"{found[1]}.{found[2]}")
    if (found := NO_ARGUMENTS.match(stop.text)) and any(
        n.kind in ("init", "stub") and n.name == found[1] for n in notes
    ):
        return Stop("absent", stop.step)
    if (found := UNDEFINED.match(stop.text)) and reader.failed_stars:
        place = likely_star(found[1], "Did you mean" in stop.text, reader)
        if place:
            return Stop("import", stop.step, f"{found[1]}: perhaps from {place}, which failed", stop.line)
    return stop


def likely_star(name: str, close: bool, reader: Reader) -> str:
    """Return the place of the failed `import *` that should have bound a name, "" if it is a slip of the author's.

    close: a name of the target's own looks like it.
    """
    if name not in BOOKS_NAMES | LENDABLE and (close or name in own_words(reader)):
        return ""
    return reader.failed_stars[0][1]


def own_words(reader: Reader) -> set[str]:
    """Return the attributes, arguments and variables of the target's code."""
    nodes = [n for tree in reader.trees for n in walk(tree)]
    words = {n.attr for n in nodes if isinstance(n, ast.Attribute)} | {n.arg for n in nodes if isinstance(n, ast.arg)}
    return words | {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
