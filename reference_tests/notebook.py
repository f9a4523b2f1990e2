"""check(): examine what is defined in a notebook so far, with the verify page's pictures in the cell."""

import itertools
import sys
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .conformance import generate, spoken
from .conformance.contract import COMPONENTS, layer
from .conformance.examination import GENERATED, Examination, Request, checks_named, examine
from .conformance.reach import is_unread
from .conformance.references import answer_cache, devices
from .i18n import _, speaking, system_language
from .reports import page, terminal
from .subject.arrays.kinds import ARRAYS
from .subject.arrays.target import open_boundary
from .subject.conventions.read import adapt_interfaces
from .subject.load import Subject
from .subject.names import CONTRACT, NAMES, find_likely_names
from .subject.protocol import Plan, Trace
from .subject.source import LoadError
from .suggest import similar_names

HERE = "here"  # what the target of a check in memory is called
CELL = itertools.count(1)


class UnclearRequest(ValueError):
    """It is not clear what is to be checked. A notebook shows the sentence alone."""

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows of this error."""
        return [str(self)]


@dataclass
class NotebookSubject(Subject):
    """The objects of this process as a subject. cells: file name of a cell's code -> the name of the cell."""

    cells: Mapping[str, str] = field(default_factory=dict)

    def run(self, plan: Plan, note: Callable[[int], None] = lambda step: None) -> Trace:
        """Run a program; an exception's line is that of a cell."""
        trace = super().run(plan, note)
        if trace.stop:
            for file, name in self.cells.items():
                shown = file.replace("\\", "/").rpartition("/")[2]
                trace.stop.line = trace.stop.line.replace(shown, name)
                trace.stop.call = trace.stop.call.replace(shown, name)
        return trace


@dataclass(frozen=True)
class CheckReport:
    """The result of check(). It is shown as pictures in a notebook, as text elsewhere."""

    found: Examination
    language: str

    @property
    def ok(self) -> bool:
        """Whether all that is there agrees."""
        return self.found.ok

    def __repr__(self) -> str:
        from rich.console import Console
        from rich.text import Text

        out = Console(no_color=True, width=120, soft_wrap=True, highlight=False, file=None)
        with speaking(self.language), out.capture() as text:
            for line in spoken.header(self.found.interfaces):
                out.print(Text(line))
            terminal.print_examination(out, self.found)
        return text.get().rstrip()

    def _repr_html_(self) -> str | None:
        try:
            with speaking(self.language):
                return page.make_cell(self.found, HERE, rerun_line, next(CELL))
        except page.JinjaMissing:  # the text is shown
            return None


def rerun_line(check_id: str) -> str:
    """Write the call that runs one check again."""
    return f"check({check_id!r})"


def check(
    *what: Any,
    lang: str = "",
    strict: bool = False,
    seed: int = generate.PUBLIC,
    convention: str = "",
    arrays: str = "",
    **named: Any,
) -> CheckReport:
    """Examine what is given, or all that is defined so far.

    check(Convolution, im2col); check(Convolution=MyConv) where it has another name; check() for all of the contract's
    names that are defined where it is called; check("relu") by component; check("relu/one-image/backward") one check
    again. lang: en or ja. convention: the only interface in which layers are read (`convcheck conventions`). arrays:
    numpy, torch, cupy or jax where the code does not say it. Raises UnclearRequest (a ValueError) if it is not clear
    what is meant.
    """
    caller = sys._getframe(1)
    there = {**caller.f_globals, **caller.f_locals}
    return run_check(there, caller.f_globals, what, named, lang, strict, seed, convention, arrays)


def run_check(
    there: Mapping[str, Any],
    home: dict[str, Any],
    what: Iterable[Any],
    named: Mapping[str, Any],
    lang: str,
    strict: bool = False,
    seed: int = generate.PUBLIC,
    convention: str = "",
    arrays: str = "",
) -> CheckReport:
    """Do what check() does. there: every name that the caller sees; home: the names of its module."""
    language = lang or system_language()
    with in_language(language):
        given = {name: thing for name, thing in there.items() if name in NAMES and callable(thing)}
        case, wanted = "", []
        for thing in what:
            if isinstance(thing, str) and "/" in thing:
                case = thing
                continue
            name, own = identify(thing, there)
            given |= {name: own} if own is not None else {}
            wanted.append(name)
        for name, thing in named.items():
            given[contract_name(name)] = thing
            wanted.append(name)
        subject = make_subject(given, home, there, convention)
        for name in wanted:
            if name not in given and not is_unread(subject, name):
                raise UnclearRequest(_("{name} is not defined yet").format(name=name))
        names = wanted or [*given, *(one.name for one in subject.unread)]
        request = build_request(names, case, there, strict, seed)
        with answer_cache.opened():
            found = examine(subject, request)
        for v in itertools.chain(*found.components.values()):
            v.message = v.message.replace(f"convcheck verify {HERE} --case {v.check.id!r}", rerun_line(v.check.id))
    return CheckReport(found, language)


def in_language(language: str) -> Any:
    """Return the context of a language. Raises UnclearRequest for an unknown one."""
    try:
        with speaking(language):
            return speaking(language)
    except ValueError as error:
        raise UnclearRequest(str(error).removeprefix("--")) from None


def contract_name(name: str) -> str:
    """Return the name if the contract has it. Raises UnclearRequest that suggests another."""
    if name in NAMES:
        return name
    similar = similar_names(name, NAMES)
    hint = (
        _("did you mean {name}?").format(name=similar[0])
        if similar
        else _("there are {names}").format(names=list(NAMES))
    )
    raise UnclearRequest(_("{name} is not one of the names that are checked: {hint}").format(name=name, hint=hint))


def identify(thing: Any, there: Mapping[str, Any]) -> tuple[str, Any]:
    """Find the contract's name of an object that is given as it is, or by its name or its component's.

    -> that name, and the object itself; None for a name that nothing has, as yet. Raises UnclearRequest.
    """
    if isinstance(thing, str):
        name = layer(thing).OP.name if thing in COMPONENTS else contract_name(thing)
        return name, there.get(name)
    own = getattr(thing, "__name__", "") or type(thing).__name__
    if own in NAMES:
        return own, thing
    name = next((n for n in NAMES if there.get(n) is thing), "")  # a factory under the contract's name
    if name:
        return name, thing
    similar = [n for n in NAMES if n.lower() in own.lower()] or list(find_likely_names([own], CONTRACT))
    example = f"check({similar[0] if similar else 'Convolution'}={own})"
    raise UnclearRequest(
        _("{name} is not one of the names that are checked; say what it is: {example}").format(
            name=own, example=example
        )
    )


def build_request(names: list[str], case: str, there: Mapping[str, Any], strict: bool, seed: int) -> Request:
    """Make the request of check(). Raises UnclearRequest for an unknown case, or if nothing is defined yet."""
    if case:
        try:
            checks_named(case)
        except ValueError as error:
            raise UnclearRequest(str(error)) from None
    if not names and not case:
        own = [n for n, thing in there.items() if callable(thing) and not n.startswith("_")]
        likely = find_likely_names(own, CONTRACT)
        hint = "; ".join(f"check({name}={other})" for name, other in likely.items())
        raise UnclearRequest(
            _("nothing that is checked is defined yet; {hint}").format(
                hint=hint or _("there are {names}").format(names=", ".join(CONTRACT))
            )
        )
    only = tuple(name for name in COMPONENTS if layer(name).OP.name in names)
    return Request(only=only, case=case, devices=devices("auto"), fresh=GENERATED, seed=seed, strict=strict)


def make_subject(
    given: dict[str, Any],
    home: dict[str, Any],
    there: Mapping[str, Any],
    convention: str = "",
    arrays: str = "",
) -> NotebookSubject:
    """Make a subject of the given objects, with the cells and files in which their code was written.

    What has another interface than the contract's is read, and given has its adapter then. arrays: those that it
    all takes; "": as the code says. Raises UnclearRequest.
    """
    own = [home_module(home), *(sys.modules.get(getattr(t, "__module__", ""), None) for t in given.values())]
    modules = [m for m in dict.fromkeys(own) if m is not None and not m.__name__.startswith("reference_tests.")]
    cells = cells_of_shell()
    files = dict.fromkeys([*cells, *(f for t in given.values() for f in code_files(t))])
    files |= dict.fromkeys(str(m.__file__) for m in modules if getattr(m, "__file__", None))
    own_files = {*files, home.get("__file__", "")}
    if arrays not in ("", *ARRAYS):
        raise UnclearRequest(_("{name}: there are {names}").format(name=f"arrays={arrays!r}", names=", ".join(ARRAYS)))
    everything = [types.SimpleNamespace(**{**there, **given})]
    try:
        boundary = open_boundary(everything, own_files, arrays)
        given |= boundary.carry(given) if boundary else {}
        interfaces, unread = adapt_interfaces(given, everything, own_files, convention, boundary)
    except LoadError as error:
        raise UnclearRequest(str(error)) from None
    if boundary:
        boundary.strict = True  # a trial only reads
    return NotebookSubject(
        HERE, "", given, [], tuple(files), {}, 10.0, None, modules, interfaces, cells=cells,
        unread=[one for one in unread if one.sure], boundary=boundary,
    )  # fmt: skip


def home_module(home: dict[str, Any]) -> types.ModuleType:
    """Return the module whose names these are; if none is registered, make one."""
    module = sys.modules.get(home.get("__name__", ""))
    if module is not None and vars(module) is home:
        return module
    made = types.ModuleType(home.get("__name__", HERE))
    vars(made).update(home)
    return made


def code_files(thing: Any) -> set[str]:
    """Collect the files in which a function, or a class's methods, were written."""
    owned = [thing, *(vars(thing).values() if isinstance(thing, type) else ())]
    return {code.co_filename for f in owned if (code := getattr(f, "__code__", None))}


def cells_of_shell() -> dict[str, str]:
    """Map the file name of every cell that was run to cell [3] and the like."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    numbers = getattr(getattr(shell, "compile", None), "_filename_map", {})
    return {file: _("cell [{n}]").format(n=n) for file, n in numbers.items()}


def load_ipython_extension(shell: Any) -> None:
    """Register %check for %load_ext reference_tests: %check, %check Convolution im2col, %check relu --lang ja."""

    def line_magic(line: str) -> CheckReport:
        words = line.split()
        lang = ""
        if "--lang" in words:
            at = words.index("--lang")
            lang, words = (words[at + 1 : at + 2] or [""])[0], words[:at] + words[at + 2 :]
        strict = "--strict" in words
        things = [shell.user_ns.get(w, w) for w in words if w != "--strict"]
        return run_check(shell.user_ns, shell.user_ns, things, {}, lang, strict)

    shell.register_magic_function(line_magic, "line", "check")
