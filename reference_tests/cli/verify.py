"""convcheck verify: one implementation, every layer, against torch and SciPy, or SciPy and the formulas alone."""

import gc
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from ..errors import INTERRUPTED, UsageError
from ..i18n import _
from .options import option, require_writable, write_report

if TYPE_CHECKING:
    from ..conformance.examination import Examination, Request
    from ..subject.parent import RemoteSubject

LEVELS = ("core", "edge")
NOT_JUDGED = 2  # the exit status where a target has no layers
DEFAULTS: dict[str, Any] = {"device": "auto", "timeout": 10.0, "fuzz": 0, "seed": None}
DEFAULTS |= {"convention": "", "arrays": "", "dtype": "", "only": (), "require": (), "strict": False, "level": "edge"}


class Output(NamedTuple):
    """What the command shows, and where it writes it."""

    json: str
    html: str
    quiet: bool
    slowest: bool


def verify(
    target: Annotated[str, typer.Argument(help="A module, a .py file, a folder or an .ipynb notebook.")] = "impl",
    only: Annotated[list[str] | None, option("Only this component. Repeatable.", "NAME")] = None,
    device: Annotated[str | None, option("Where torch answers: auto, cpu, cuda, all or none [auto].", "DEVICE")] = None,
    arrays: Annotated[
        str | None, option("What the target takes: numpy, torch, cupy or jax [as its code says].", "KIND")
    ] = None,
    dtype: Annotated[
        str | None, option("Of arrays that are not NumPy's: float32, float64, bfloat16 or float16 [float32].", "TYPE")
    ] = None,
    map: Annotated[
        list[str] | None, option("Convolution=my.module:Conv2d, for a name of yours. Repeatable.", "NAME=PLACE")
    ] = None,
    convention: Annotated[
        str | None, option("Read layers in this interface only; convcheck conventions lists them.", "NAME")
    ] = None,
    show_reading: Annotated[
        bool, typer.Option("--show-reading", help="Print how each layer is read, as an adapter; judge nothing.")
    ] = False,
    require: Annotated[list[str] | None, option("A component that must be there. Repeatable.", "NAME")] = None,
    strict: Annotated[bool | None, typer.Option("--strict", help="Advice counts too.", show_default=False)] = None,
    level: Annotated[
        str | None, option("What makes the exit status 1: core, or edge, corner cases too [edge].", "LEVEL")
    ] = None,
    case: Annotated[str, option("One check again, by its id.", "ID")] = "",
    timeout: Annotated[float | None, option("Of processor, for one check [10]; by the clock 10 x.", "SECONDS")] = None,
    fuzz: Annotated[int | None, option("So many more drawn cases a layer.", "N", min=0)] = None,
    seed: Annotated[
        int | None, option("Of the drawn cases [a new one each day; with --fuzz each run].", "N", min=1)
    ] = None,
    json: Annotated[str, option("The verdicts as JSON; - is standard output.", "FILE")] = "",
    html: Annotated[str, option("The verdicts as one page with pictures.", "FILE")] = "",
    lang: Annotated[str, option("en or ja [as the system speaks].", "LANG")] = "",
    network: Annotated[
        list[str] | None, option("A whole network: lenet, alexnet ..., all, or my_module:MyNet. Repeatable.", "NAME")
    ] = None,
    like: Annotated[str, option("Which of ours my_module:MyNet should be like.", "NAME")] = "",
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Ask the references again for every answer.")] = False,
    slowest: Annotated[bool, typer.Option("--slowest", help="Then the ten slowest checks.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Failures only.", show_default=False)] = False,
) -> None:
    """Check an implementation, layer by layer, against torch and SciPy.

    A convcheck.toml, or [tool.convcheck] in a pyproject.toml, beside the target may hold any of: map, convention,
    arrays, dtype, only, require, device, timeout, fuzz, seed, strict, level. Exit status: 0 all that is there
    agrees; 1 something disagrees (with --level core: in more than corner cases), a layer cannot be called, or a
    required component is absent; 2 wrong use, or nothing in the target can be judged; 3 a fault of convcheck itself.
    """
    from ..i18n import current_language, speaking

    with ExitStack() as stack:
        try:
            stack.enter_context(speaking(lang or current_language()))
        except ValueError as error:
            raise UsageError(str(error)) from None
        if network or like:
            raise typer.Exit(verify_networks(target, network or [], like, timeout, json, html, quiet))
        output = Output(json, html, quiet, slowest)
        given: dict[str, Any] = {"only": only, "require": require, "device": device, "strict": strict, "level": level}
        given |= {"timeout": timeout, "fuzz": fuzz, "seed": seed, "convention": convention, "arrays": arrays}
        given["dtype"] = dtype
        maps, chosen = merge_settings(target, map or [], given)
        chosen["no_cache"] = no_cache
        if show_reading:
            raise typer.Exit(print_reading(target, maps, chosen))
        raise typer.Exit(run_and_report(target, maps, build_request(case, chosen), chosen, output))


def verify_networks(
    target: str, names: list[str], like: str, timeout: float | None, json: str, html: str, quiet: bool
) -> int:
    """Check whole networks and return the exit status. Raises UsageError for options that do not go with --network."""
    from .networks import run_networks

    if target != "impl":
        text = _("--network checks our networks, or one of yours: --network {target}:MyNet --like lenet")
        raise UsageError(text.format(target=target))
    if html:
        raise UsageError(f"--html {html}: " + _("the page shows layers; with --network there is --json"))
    return run_networks(names, like, timeout or 10.0, json, quiet)


def merge_settings(target: str, maps: list[str], given: dict[str, Any]) -> tuple[dict[str, str], dict[str, Any]]:
    """Return maps and options: the command line's, else the settings in the target's folder, else the defaults.

    Raises UsageError for a malformed --map, --timeout or --level, and for settings that cannot be read.
    """
    from ..subject.arrays.kinds import ARRAYS, FLOATS
    from ..subject.settings import settings_beside
    from ..subject.source import LoadError

    try:
        from_file = settings_beside(target)
    except LoadError as error:
        raise UsageError(str(error)) from None
    for one in maps:
        if not all(one.partition("=")):
            raise UsageError(
                f"--map {one}: " + _("write it as {example}").format(example="Convolution=my.module:Conv2d")
            )
    said = {key: value for key, value in given.items() if value not in (None, [])}
    if said.get("timeout", 1.0) <= 0:
        raise UsageError(f"--timeout {given['timeout']:g}: " + _("it must be above 0 seconds"))
    if said.get("level", "edge") not in LEVELS:
        raise UsageError(f"--level {given['level']}: " + _("there are {names}").format(names=", ".join(LEVELS)))
    for key, known in (("arrays", ARRAYS), ("dtype", FLOATS)):
        if said.get(key, known[0]) not in known:
            raise UsageError(f"--{key} {said[key]}: " + _("there are {names}").format(names=", ".join(known)))
    merged = {**DEFAULTS, **from_file, **said}
    if merged["strict"] and merged["level"] == "core":
        raise UsageError(_("strict counts advice, level core leaves out even corner cases: take one of them"))
    pairs = {name: place for name, _equals, place in (one.partition("=") for one in maps)}
    return {**from_file.get("map", {}), **pairs}, merged


def arrays_wanted(chosen: dict[str, Any]) -> dict[str, str]:
    """Return what the options say of the target's arrays, as subject.arrays.target.open_boundary takes it."""
    device = "auto" if chosen["device"] == "none" else chosen["device"]  # where torch answers, not where the target is
    said = {"kind": chosen["arrays"], "device": device, "floats": chosen["dtype"]}
    return {key: value for key, value in said.items() if value}


def build_request(case: str, chosen: dict[str, Any]) -> "Request":
    """Return the request for an examination. Raises UsageError for an unknown check or component."""
    from ..conformance.examination import GENERATED, Request, checks_named, component_names

    try:
        if case:
            checks_named(case)
        names = {key: component_names(chosen[key]) for key in ("only", "require")}
    except ValueError as error:
        raise UsageError(str(error)) from None
    fresh, strict, level = GENERATED + chosen["fuzz"], chosen["strict"], chosen["level"]
    seed = chosen["seed"] or default_seed(every_run=chosen["fuzz"] > 0)
    return Request(names["only"], case, fresh=fresh, seed=seed, strict=strict, level=level, require=names["require"])


def default_seed(every_run: bool) -> int:
    """Return the day's seed, or with every_run one of its own.

    The same cases all day: what was wrong and passes now is mended, not lucky, and its answers are kept.
    """
    seconds = int(time.time())
    return seconds % 1_000_000 + 1 if every_run else seconds // 86_400


def print_reading(target: str, maps: dict[str, str], chosen: dict[str, Any]) -> int:
    """Print how each layer of the target is read; return the exit status. Raises UsageError."""
    from ..conformance import spoken
    from ..conformance.contract import COMPONENTS, layer
    from .adapt import open_subject

    with open_subject(target, maps, chosen) as subject:
        for name in COMPONENTS:
            of = layer(name).OP.name
            if of in subject.interfaces:
                typer.echo("\n".join([*spoken.whole_reading(name, subject.interfaces[of]), ""]))
            elif subject.has(of):
                typer.echo(f"{name}: {spoken.in_our_interface()}\n")
            for one in subject.unread:
                if one.name == of:
                    typer.echo(f"{name}: {spoken.unread_line(one, name)}\n")
    return 0


def run_and_report(
    target: str, maps: dict[str, str], request: "Request", chosen: dict[str, Any], output: Output
) -> int:
    """Load the target, examine it, write and print the reports; return the exit status. Raises UsageError."""
    from ..conformance import messages
    from ..conformance.examination import count_checks, examine
    from ..conformance.references import devices
    from ..reports import terminal
    from ..reports.console import open_console
    from ..reports.environment import describe_environment

    out = open_console(stderr=output.json == "-")
    with ExitStack() as stack:
        subject = open_target(stack, target, maps, chosen, output)
        try:
            request = replace(request, devices=devices(chosen["device"]))
        except ValueError as error:
            raise UsageError(str(error)) from None
        about = describe_environment(request.devices)
        if not output.quiet:
            terminal.print_header(out, subject, request, about)
        gc.freeze()  # Hypothesis collects garbage when it starts, and would scan all that was imported
        with terminal.show_progress(count_checks(subject, request), output.quiet) as seen:
            found = examine(subject, request, seen)
    if found.not_reached and not found.components:
        raise KeyboardInterrupt
    write_reports(found, subject, request, about, output)
    terminal.print_examination(out, found, output.quiet, hint=not (output.quiet or output.html))
    if output.slowest:
        terminal.print_slowest(out, found)
    if found.not_reached:
        out.print(messages.stopped_before(found.not_reached), style="yellow")
        return INTERRUPTED
    return found.exit_status


def open_target(
    stack: ExitStack, target: str, maps: dict[str, str], chosen: dict[str, Any], output: Output
) -> "RemoteSubject":
    """Open the cache and the target, to be closed with the stack. Raises UsageError, also for unwritable reports."""
    from ..conformance.locations import say_load_error
    from ..conformance.references import answer_cache
    from ..reports import page
    from ..subject.parent import RemoteSubject
    from ..subject.source import LoadError

    require_writable("--json", output.json)
    require_writable("--html", output.html)
    try:
        if output.html:
            page.template_environment()
        if not chosen["no_cache"]:
            stack.enter_context(answer_cache.opened())
        how = {"convention": chosen["convention"], "arrays": arrays_wanted(chosen)}
        return stack.enter_context(RemoteSubject(target, maps, chosen["timeout"], **how))
    except (LoadError, ValueError) as error:
        raise UsageError(say_load_error(error)) from None
    except page.JinjaMissing as error:
        raise UsageError(f"--html {output.html}: {error}") from None


def write_reports(
    found: "Examination", subject: "RemoteSubject", request: "Request", about: dict[str, Any], output: Output
) -> None:
    """Write the JSON and the page that were asked for. Raises UsageError if a file cannot be written."""
    from ..reports import json_report, page, terminal

    if output.json:
        report = json_report.examination_data(subject.target, found, about)
        write_report("--json", output.json, json_report.to_text(report))
    if output.html:
        said = terminal.describe_run(subject, request, about)
        write_report("--html", output.html, page.make_page(found, subject, said, about))


def verify_files(
    files: Annotated[list[str], typer.Argument(help="The .py files and notebooks; one without layers passes.")],
    level: Annotated[str, option("What makes the exit status 1: core, or edge, corner cases too.", "LEVEL")] = "core",
    lang: Annotated[str, option("en or ja [as the system speaks].", "LANG")] = "",
) -> None:
    """Check several files one after the other; failures only are printed.

    A file in which nothing can be judged passes, with a sentence that says why. Exit status: 0 all that can be judged
    agrees; 1 something disagrees; 2 wrong use; 3 a fault of convcheck itself.
    """
    from . import run

    if level not in LEVELS:
        raise UsageError(f"--level {level}: " + _("there are {names}").format(names=", ".join(LEVELS)))
    for missing in (file for file in files if not Path(file).exists()):
        raise UsageError(_("there is no {target}.").format(target=missing))
    worst = 0
    for file in files:
        typer.echo(f"{file}:")
        status = run(["verify", file, "--quiet", "--level", level, *(["--lang", lang] if lang else [])])
        if status == INTERRUPTED:
            raise typer.Exit(status)
        worst = max(worst, status if status != NOT_JUDGED else 0)
    raise typer.Exit(worst)
