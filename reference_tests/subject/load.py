"""The loader: makes a Subject of a module, a .py file, a folder or a notebook."""

import contextlib
import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, NamedTuple

from ..suggest import similar_names
from . import execute, remarks
from .arrays.boundary import Boundary
from .arrays.target import open_boundary
from .conventions.attempts import ENDINGS, FIRST, Attempts
from .conventions.known.recognise import find_convention
from .conventions.known.spoken import find_homes, home_of
from .conventions.losses import OF_PROBABILITIES
from .conventions.read import adapt_interfaces
from .conventions.signatures import is_own
from .conventions.special.deep_models import model_notes
from .errors import Missing
from .folder import find_import_root, load_file, load_folder
from .lending import lender
from .limits import allow_deep_code, silence_io
from .module import choose_definitions, failing_line, has_name, import_definers, import_target, offers, related_modules
from .names import CONTRACT, NAMES, can_stand_for, check_maps, find_close_name, find_likely_names
from .protocol import Interface, Note, Plan, Stop, Trace, Unread
from .reader import Reader
from .source import (
    EMPTY,
    LOSS_ALONE,
    NOTHING,
    PERHAPS,
    SOFTMAX_ALONE,
    STUBS,
    UNCALLABLE,
    LoadError,
    Skipped,
    TooSlow,
)
from .stubs import NotWritten
from .timing.alarms import WALL, OutOfTime, limit_time

CODE_SUFFIXES = (".py", ".ipynb")
Ask = Callable[[list[str], list[str]], Mapping[str, str]]  # borrowed, own names -> the texts that are lent
STUB = f"{NotWritten.__name__}: "  # how the reason of a layer that is not written yet begins
LOADING_TIME = 30.0  # seconds: a target may import a framework


class Closer(NamedTuple):
    """What a closer look at a target finds: Subject has these."""

    notes: list[Note]
    interfaces: dict[str, Interface]
    unread: list[Unread]
    homes: dict[str, str]
    boundary: Boundary | None = None


@dataclass
class Subject:
    """The implementation under test, loaded in this process. The judge uses `has` and `run` alone."""

    target: str  # as it was given
    path: str
    names: dict[str, Any]  # contract name -> what the target has under it
    skipped: list[Skipped]
    files: tuple[str, ...]
    near: dict[str, str]  # absent contract name -> a name of the target's that looks like it
    seconds: float = 10.0  # of processor time, for one program
    reader: Reader | None = None
    modules: list[ModuleType] = field(default_factory=list)  # its own
    interfaces: dict[str, Interface] = field(default_factory=dict)  # contract name -> how the target offers it
    notes: list[Note] = field(default_factory=list)  # what is to be said of it
    unread: list[Unread] = field(default_factory=list)  # what looks like a layer and could not be read
    homes: dict[str, str] = field(default_factory=dict)  # contract name -> the module and the file that it is from
    boundary: Boundary | None = None  # of a target for other arrays than NumPy's
    patience: float = 1.0  # times the usual seconds by the clock

    def has(self, name: str) -> bool:
        """Return whether the target has the name.

        True also if its import failed: a check then ends as not_run, with the reason.
        """
        return name in self.names

    def run(self, plan: Plan, note: Callable[[int], None] = lambda step: None) -> Trace:
        """Run a plan's program. Raises nothing that the target does. note: called with each step's number before it."""
        if self.reader:
            self.reader.stubs.called.clear()
        with contextlib.ExitStack() as stack:
            if self.reader:
                stack.enter_context(self.reader.context.entered())
            for name, source in [(s[2], s[3][0]) for s in plan.program if s[0] == "replace"]:
                stack.enter_context(
                    execute.replace_target(self.names, name, execute.load_substitute(source, name), self.modules)
                )
            begin, seconds = {"begin": self.boundary.begin} if self.boundary else {}, plan.seconds or self.seconds
            trace = execute.execute(
                self.names, plan.program, plan.given, plan.layout, seconds, self.files, note, **begin,
                wall=WALL * self.patience * seconds,
            )  # fmt: skip
        if self.reader and trace.stop:
            trace.stop = remarks.explain_stop(trace.stop, self.reader, self.notes)
        return mark_absent_result(trace, plan)

    @property
    def arrays(self) -> dict[str, str]:
        """What arrays it is given and gives: their kind, device and type of floats; {} for NumPy's."""
        return self.boundary.describe() if self.boundary else {}

    def close(self) -> None:
        """Do nothing: there is no process to end, as a RemoteSubject has."""

    def __enter__(self) -> "Subject":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def load(
    target: str, maps: Mapping[str, str] | None = None, seconds: float = 10.0, loading: float = LOADING_TIME,
    alone: bool = False, ask: Ask = lender.texts_for, convention: str = "",
    arrays: Mapping[str, str] = MappingProxyType({}), first: str = "", patience: float = 1.0,
    attempts: Attempts = FIRST,
) -> Subject:  # fmt: skip
    """Load a target in this process. seconds: limit of each later program. loading: limit of loading, in seconds.

    patience: times the usual seconds by the clock.
    alone: no file above it belongs to it, as where it is graded among others. ask: returns the texts of the functions
    to lend, given those that it borrows and the names that it has itself. convention: the only one that is tried.
    arrays: what open_boundary may be told. first: name or pattern of the file of a folder whose definitions come first.
    attempts: what of it is not to be read, and where it is noted what is.
    Raises LoadError if it is not there, cannot be read or imported, or has nothing that can be judged.
    """
    start, maps = Path(os.getcwd()), dict(maps or {})
    check_maps(maps)
    find_convention(convention)
    wanted = [*NAMES, *(m.partition(".")[0] for m in maps.values() if ":" not in m)]
    reader, path = choose_reader(target, start, wanted, alone, first)
    try:
        with silence_io(), limit_time(loading, WALL * patience * loading), allow_deep_code(), entered(reader):
            modules, names = load_modules(target, path, reader, wanted, attempts)
            names |= find_all_mapped(maps, reader, modules, start, alone)
            names = {n: names[n] for n in NAMES if names.get(n) is not None and not isinstance(names[n], lender.Loan)}
            how = ask, convention, arrays, attempts
            closer = look_closer(names, modules, reader, *how) if reader else Closer([], {}, [], {})
    except OutOfTime as error:
        raise TooSlow(f"{target} takes more than {error} to load{failing_line(error, reader)}.") from None
    own = [*(reader.context.by_file.values() if reader else ()), *related_modules(modules)]
    near = find_near_names(modules, names, closer.interfaces)
    if not can_be_asked(names, closer.unread):
        raise LoadError(explain_empty(target, reader, names, near, closer, modules))
    return Subject(
        target,
        path=str(path or getattr(modules[0], "__file__", None) or target),
        names=names,
        skipped=sorted(reader.skipped, key=reading_order) if reader else [],
        files=tuple(dict.fromkeys([*(reader.files if reader else ()), *(str(m.__file__) for m in own)])),
        near=near,
        seconds=seconds,
        reader=reader,
        modules=own,
        **closer._replace(unread=[one for one in closer.unread if one.sure])._asdict(),
    )


def can_be_asked(names: Mapping[str, Any], unread: Sequence[Unread]) -> bool:
    """Return whether anything is there to be asked: no class of the contract's names that is called in another way."""
    misfits = {one.name for one in unread if not one.part}
    return any(
        not isinstance(t, Missing | type) or (isinstance(t, type) and n not in misfits) for n, t in names.items()
    )


def entered(reader: Reader | None) -> contextlib.AbstractContextManager[None]:
    """Return the context in which a reader's target runs."""
    return reader.context.entered() if reader else contextlib.nullcontext()


def look_closer(
    names: dict[str, Any], modules: list[ModuleType], reader: Reader, ask: Ask, convention: str,
    arrays: Mapping[str, str], attempts: Attempts,
) -> Closer:  # fmt: skip
    """Lend the target what it borrows, and read its other interfaces; names grows by those.

    What was lent is none of the target's under any name.
    """
    own, loans = dict(names), remarks.used_loans(reader)
    texts = ask(loans, list(names)) if loans else {}
    reader.lender.take(texts)
    notes = remarks.collect_notes(reader, names, loans)
    places = [reader.own_definitions(), *modules]
    boundary = open_boundary(places, reader.files, **arrays)
    names |= boundary.carry(names) if boundary else {}
    crossed = dict(names)
    interfaces, unread = read_interfaces(names, boundary, places, reader.files, convention, attempts)
    notes += model_notes(places, reader.files)
    if boundary:
        boundary.strict, boundary.trial = True, None  # a trial only reads
        notes.append(Note("arrays", boundary.place.kind.name, boundary.describe()))
    for name in [name for name in names if not lender.counts(name, texts)]:
        del names[name]
        interfaces.pop(name, None)
    homes = find_homes([n for n in names if names[n] is crossed.get(n)], own, modules)
    notes += [Note("stub", one.name, {"place": one.why.removeprefix(STUB)}) for one in unread if is_stub(one)]
    notes += [Note("net", one.name, {"signature": one.signature, "why": one.why}) for one in unread if is_net(one)]
    unread = [one for one in unread if not is_stub(one)]
    unread = [replace(one, home=home_of(one.signature.partition("(")[0], modules)) for one in unread]
    return Closer(notes, interfaces, unread, homes, boundary)


def read_interfaces(
    names: dict[str, Any], boundary: Boundary | None, places: list[Any], files: Collection[str], convention: str,
    attempts: Attempts,
) -> tuple[dict[str, Interface], list[Unread]]:  # fmt: skip
    """Do what adapt_interfaces does; once more by usual calls where the target keeps arrays outside of its calls."""
    before = dict(names)
    found = adapt_interfaces(names, places, files, convention, boundary, attempts)
    if boundary and boundary.trial and boundary.trial.leaked:
        boundary.trial = None
        names.clear()
        names.update(before)
        found = adapt_interfaces(names, places, files, convention, boundary, attempts)
    return found


def is_stub(one: Unread) -> bool:
    """Return whether a layer could not be read since it is not written yet."""
    return one.sure and one.why.startswith(STUB)


def is_net(one: Unread) -> bool:
    """Return whether a whole network could not be read, and why is known: anybody's may be another than ours."""
    return one.name == "SimpleConvNet" and bool(one.why)


def find_near_names(
    modules: list[ModuleType], names: Mapping[str, Any], interfaces: Mapping[str, Interface]
) -> dict[str, str]:
    """Map the contract's absent names to names of the target's that look like them, and are no layer read already."""
    read = {one.text.partition("(")[0] for one in interfaces.values()}
    there = {n for m in modules for n, thing in vars(m).items() if is_offered(n, thing)} - read
    near = find_likely_names(sorted(there), [n for n in CONTRACT if n not in names])
    return {
        name: other for name, other in near.items() if any(can_stand_for(name, vars(m).get(other)) for m in modules)
    }


def is_offered(name: str, thing: Any) -> bool:
    """Return whether a name of a module may be one that is looked for, spelled otherwise."""
    return callable(thing) and not name.startswith("_") and not isinstance(thing, Missing)


def choose_reader(
    target: str, start: Path, wanted: list[str], alone: bool = False, first: str = ""
) -> tuple[Reader | None, Path | None]:
    """Return the reader for a target, and its path: None for a module. Raises LoadError if there is no such target.

    A module of ours has no reader: it is imported in the ordinary way.
    """
    path = Path(os.path.abspath(os.path.expanduser(target)))
    name = bool(re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", target))
    if target.partition(".")[0] == "impl" and name:
        return None, None
    if path.is_dir() and not (name and (path / "__init__.py").is_file()):
        return Reader(path, wanted, alone=alone, first=first), path
    if path.is_file() and path.suffix in CODE_SUFFIXES:
        return Reader(path.parent, wanted, alone=alone), path
    if path.exists() and not name:
        raise LoadError(f"{target} is neither a .py file, a folder, nor an .ipynb notebook.")
    if name and path.suffix not in CODE_SUFFIXES:
        return Reader(start, wanted, whole=True, alone=alone), None
    neighbours = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    close = similar_names(path.name, neighbours)
    raise LoadError(f"there is no {target}" + (f"; did you mean {path.with_name(close[0])}?" if close else "."))


def load_modules(
    target: str, path: Path | None, reader: Reader | None, wanted: list[str], attempts: Attempts
) -> tuple[list[ModuleType], dict[str, Any]]:
    """Load the target; return its modules, and the wanted names that they have."""
    if reader:
        reader.attempts = attempts
    if reader is None or path is None:
        modules = [import_target(target, reader)]
        attempts.look()
        modules += import_definers(modules[0], {n for n in NAMES if not offers(modules[0], n)}, reader)
    elif path.is_dir():
        return load_folder(path, reader, wanted)
    else:
        modules = load_file(path, find_import_root(path), reader)
    return modules, choose_definitions(wanted, modules, reader)


def find_all_mapped(
    maps: Mapping[str, str], reader: Reader | None, modules: list[ModuleType], start: Path, lenient: bool
) -> dict[str, Any]:
    """Return what each --map names. Raises LoadError; lenient: notes it, since a course's map is not for everybody."""
    found = {}
    for name, where in maps.items():
        try:
            found[name] = find_mapped(name, where, reader, modules, start)
        except LoadError as error:
            if not lenient or reader is None:
                raise
            if not any(has_name(module, name) for module in modules):
                reader.notes.append(Note("settings", f"{name} = {where}", {"why": str(error)}))
    return found


def find_mapped(name: str, where: str, reader: Reader | None, modules: list[ModuleType], start: Path) -> Any:
    """Return what --map names: NAME of the target, my.module:NAME or file.py:NAME. Raises LoadError."""
    place, _, path = where.rpartition(":")
    if place.endswith(CODE_SUFFIXES):
        folders = [start, *([reader.folder] if reader else [])]
        file = next((f / place for f in folders if (f / place).is_file()), None)
        if file is None:
            raise LoadError(f"--map {name}={where}: there is no {place}.")
        reader = reader or Reader(file.parent, [])
        homes = [reader.context.load_as(file.stem, file.resolve())]
    elif place:
        homes = [import_target(place, reader, start)]
    else:
        homes = modules
    for home in homes:
        thing: Any = home
        for part in path.split("."):
            thing = getattr(thing, part, None) if not isinstance(thing, Missing) else thing
        if thing is not None:
            return thing
    raise LoadError(f"--map {name}={where}: {place or 'the target'} has no {path}.")


def explain_empty(
    target: str, reader: Reader | None, names: Mapping[str, Any], near: Mapping[str, str], closer: Closer,
    modules: list[ModuleType],
) -> str:  # fmt: skip
    """Return the sentence for a target without anything to check: why, or a --map that may help."""
    if reader and all(source.is_empty for source in reader.sources):
        one_of_folder = len(reader.sources) == 1 and not target.endswith(CODE_SUFFIXES)
        return EMPTY.format(target=reader.sources[0].place if one_of_folder else target)
    unread, stubs = closer.unread, [note.values["place"] for note in closer.notes if note.kind == "stub"]
    if stubs and not unread:
        return STUBS.format(target=target, said=", ".join(stubs))
    if names and not unread:
        return f"none of {target}'s names could be loaded; {repr(next(iter(names.values()))).strip('<>')}."
    maps = " ".join(f"--map {name}={other}" for name, other in near.items())
    hint = f" {PERHAPS.format(maps=maps)}" if near else ""
    if [one.why for one in unread] == [OF_PROBABILITIES]:
        return LOSS_ALONE.format(target=target, said=unread[0].signature)
    softmaxes = [vars(module).get("softmax") for module in modules]
    if reader and not unread and not near and any(is_own(one, reader.files) for one in softmaxes):
        return SOFTMAX_ALONE.format(target=target)
    if unread:
        said = "; ".join(one.signature + (f" ({one.why})" if one.why else "") for one in unread)
        ended = all(one.why.startswith(ENDINGS) for one in unread)  # under another name they would, too
        return UNCALLABLE.format(target=target, said=said) + ("" if ended else hint)
    return NOTHING.format(target=target, names=", ".join(CONTRACT)) + hint


def mark_absent_result(trace: Trace, plan: Plan) -> Trace:
    """Stop the trace as absent if an expected result (a key of a dict) never came."""
    lacking = [name for name in plan.expect if name not in trace.results and name not in trace.returned]
    if lacking and trace.stop is None:
        home, _, key = lacking[0].rpartition(".")
        whole = trace.returned.get(home)
        if whole is None or whole.kind == "dict":
            trace.stop = Stop("absent", lacking[0], find_close_name(key, whole.detail.split(", ")) if whole else "")
    return trace


def reading_order(entry: Skipped) -> tuple[list[tuple[bool, int | str]], int]:
    """Return a sort key that puts cell 10 after cell 9."""
    parts = re.split(r"(\d+)", entry.place)
    return [(not part.isdigit(), int(part) if part.isdigit() else part) for part in parts], entry.line
