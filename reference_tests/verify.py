"""convcheck verify: one implementation, every layer, against torch and SciPy."""

import time
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from .wrong_use import WrongUse

if TYPE_CHECKING:
    from .conformance.examine import Request


def verify(
    target: Annotated[str, typer.Argument(help="A module, a .py file, a folder or an .ipynb notebook.")] = "impl",
    only: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only this component. Repeatable.")] = None,
    device: Annotated[str, typer.Option(help="Where torch answers: auto, cpu, cuda or all.")] = "auto",
    map: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=PLACE", help="Convolution=my.module:Conv2d for a name of yours. Repeatable."),
    ] = None,
    require: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A component that must be there. Repeatable.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Advice counts too.")] = False,
    case: Annotated[str, typer.Option(metavar="ID", help="One check again, by its id.")] = "",
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="For one check.")] = 10.0,
    fuzz: Annotated[int, typer.Option(metavar="N", min=0, help="So many more drawn cases a layer.")] = 0,
    seed: Annotated[int | None, typer.Option(min=1, help="Of the drawn cases; new each run if not given.")] = None,
    json: Annotated[str, typer.Option(metavar="FILE", help="The verdicts as JSON; - is standard output.")] = "",
    quiet: Annotated[bool, typer.Option("--quiet", help="Failures only.")] = False,
) -> None:
    """Check an implementation, layer by layer, against torch and SciPy.

    Exit status: 0 all that is there agrees; 1 something disagrees, or a required component is absent; 2 wrong use, or
    the target cannot be loaded; 3 a fault of convcheck itself.
    """
    from .conformance.subject.config import settings_beside

    beside = settings_beside(target)
    maps = {**beside.get("map", {}), **pairs(map or [])}
    number = seed or int(time.time()) % 1_000_000 + 1
    names = ([*(given or beside.get(key, ()))] for key, given in (("only", only), ("require", require)))
    asked = requested(*names, case, fuzz, number)
    raise typer.Exit(run(target, maps, replace(asked, strict=strict), device, timeout, json, quiet))


def pairs(maps: list[str]) -> dict[str, str]:
    for one in maps:
        if "=" not in one or not all(one.partition("=")[::2]):
            raise WrongUse(f"--map {one}: write it as Convolution=my.module:Conv2d")
    return {name: place for name, _, place in (one.partition("=") for one in maps)}


def requested(only: list[str], require: list[str], case: str, fuzz: int, seed: int) -> "Request":
    from .conformance.examine import DRAWN, Request, checks_named, known

    try:
        if case:
            checks_named(case)
        return Request(only=known(only), require=known(require), case=case, fresh=DRAWN + fuzz, seed=seed)
    except ValueError as error:
        raise WrongUse(str(error)) from None


def run(
    target: str, maps: dict[str, str], request: "Request", device: str, timeout: float, json: str, quiet: bool
) -> int:
    """-> exit status."""
    from rich.console import Console

    from .conformance.examine import count, examine
    from .conformance.subject.load import LoadError
    from .conformance.subject.worker import Remote
    from .reports import json_report, terminal
    from .reports.environment import environment

    out = Console(stderr=json == "-", soft_wrap=True, highlight=False)
    with ExitStack() as stack:
        try:
            from .conformance.references.torch_ref import devices

            request = replace(request, devices=devices(device))
            subject = stack.enter_context(Remote(target, maps, timeout))
        except (LoadError, ValueError) as error:
            raise WrongUse(str(error)) from None
        about = environment(request.devices)
        if not quiet:
            terminal.header(out, subject, request, about)
        with terminal.progress(count(request), quiet) as seen:
            found = examine(subject, request, seen)
    if json:
        try:
            json_report.write(json, json_report.as_json(subject.target, found, about))
        except OSError as error:
            raise WrongUse(f"--json {json}: {error.strerror}") from None
    terminal.show(out, found, quiet)
    return found.exit_status
