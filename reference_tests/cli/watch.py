"""convcheck watch: check again on every save, and show the most basic failure first."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import INTERRUPTED, UsageError
from .options import option

if TYPE_CHECKING:
    from ..conformance.examination import Examination
    from .verify import Output

SUFFIXES = (".py", ".ipynb", ".toml")


def watch(
    target: Annotated[str, typer.Argument(help="A .py file, a folder or an .ipynb notebook.")],
    only: Annotated[list[str] | None, option("Only this component. Repeatable.", "NAME")] = None,
    device: Annotated[str | None, option("Where torch answers: auto, cpu, cuda, all or none [auto].", "DEVICE")] = None,
    convention: Annotated[
        str | None, option("Read layers in this interface only; convcheck conventions lists them.", "NAME")
    ] = None,
    lang: Annotated[str, option("en or ja [as the system speaks].", "LANG")] = "",
    again: Annotated[bool, typer.Option("--again", help="Forget what was solved before.")] = False,
) -> None:
    """Check a file again on every save. The most basic failure is shown, and what has been solved.

    Layers are listed in the order of the book's chapter. What is solved is remembered between sessions, in the cache
    folder of the user. Ctrl-C ends it. Exit status: 0 at the last save all that is there agreed; 1 something disagreed;
    2 wrong use, or the last save could not be read; 130 ended before the first verdict.
    """
    from ..i18n import _, current_language, speaking
    from .verify import Output, merge_settings

    if not Path(target).exists():
        raise UsageError(_("{target}: there is no such file or folder to watch").format(target=target))
    with speaking(lang or current_language()):
        given = {"only": only, "device": device, "convention": convention}
        maps, chosen = merge_settings(target, [], given)
        chosen |= {"no_cache": False, "seed": chosen["seed"] or int(time.time()) % 1_000_000 + 1}
        raise typer.Exit(follow(target, maps, chosen, Output("", "", False, False), again))


def follow(target: str, maps: dict[str, str], chosen: dict[str, Any], output: "Output", again: bool) -> int:
    """Check the target now and after every save, until Ctrl-C; return the last check's exit status."""
    from ..reports.solved import Solved, open_solved

    status = INTERRUPTED
    solved = Solved() if again else open_solved(Path(target).resolve())
    try:
        for _ in saves(Path(target)):
            status = check_once(target, maps, chosen, output, solved)
            solved.keep(Path(target).resolve())
    except KeyboardInterrupt:
        pass
    return status


def saves(path: Path) -> Iterator[None]:
    """Yield once at the start, then after every save of the file, or of a source in the folder."""
    from watchfiles import watch as changes

    seen = last_saves(path)  # before the first check, which a save may interrupt
    yield
    place = path if path.is_dir() else path.parent  # editors write a new file and rename it
    for _ in changes(
        place.resolve(), recursive=path.is_dir(), raise_interrupt=True, debounce=400, rust_timeout=1000,
        yield_on_timeout=True,
    ):  # fmt: skip
        if seen != (seen := last_saves(path)):
            yield


def last_saves(path: Path) -> dict[Path, int]:
    """Return when the file and its settings were saved, or a folder's sources; nanoseconds."""
    files = path.rglob("*") if path.is_dir() else (path, path.with_name("convcheck.toml"))
    found: dict[Path, int] = {}
    for file in files:
        with suppress(OSError):  # it is there no more
            found |= {file: file.stat().st_mtime_ns} if file.suffix in SUFFIXES else {}
    return found


def check_once(target: str, maps: dict[str, str], chosen: dict[str, Any], output: "Output", solved: Any) -> int:
    """Examine the target and print the list and the most basic failure; return the exit status."""
    from ..reports import solved as report
    from ..reports.console import open_console

    console = open_console()
    with console.status(f"{target} ..."):
        try:
            found: Examination | str = examine_target(target, maps, chosen, output)
        except UsageError as wrong:  # half a line was saved: say it, and wait for the next save
            found = str(wrong)
    console.clear()
    console.rule(f"{target}  {time.strftime('%H:%M:%S')}", align="left")
    if isinstance(found, str):
        console.print(found, style="red", markup=False)
        return 2
    for line in report.progress_lines(found, solved):
        console.print(line)
    solved.learn(found)
    report.print_next(console, found)
    return found.exit_status


def examine_target(target: str, maps: dict[str, str], chosen: dict[str, Any], output: "Output") -> "Examination":
    """Load the target anew in a process of its own, and examine it. Raises UsageError."""
    from contextlib import ExitStack
    from dataclasses import replace

    from ..conformance.examination import examine
    from ..conformance.references import devices
    from .verify import build_request, open_target

    with ExitStack() as stack:
        subject = open_target(stack, target, maps, chosen, output)
        try:
            request = replace(build_request("", chosen), devices=devices(chosen["device"]))
        except ValueError as error:
            raise UsageError(str(error)) from None
        return examine(subject, request)
