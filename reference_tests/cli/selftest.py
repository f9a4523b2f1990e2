"""The command convcheck self-test: rates of detection, naming and false alarms, and mutation of impl."""

import json as json_module
import os
import random
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from impl.files import write_atomically

from ..corpus import correct, mutants
from ..errors import UsageError
from ..i18n import _
from ..quality import detection, false_alarms, mutation, naming, necessity
from ..quality.report import TITLES, meets_bar, summary
from .options import require_writable

SAMPLE = {"caught": 40, "named": 20, "ways": 6, "seeds": 2, "alarms": 2, "modules": 2, "changes": 4}
WHOLE = {"seeds": 20, "alarms": 1000}
EVERY = 20.0  # seconds between two progress lines in a file


def self_test(
    full: Annotated[bool, typer.Option("--full", help="All of it, within an hour; else a sample of a minute.")] = False,
    jobs: Annotated[int, typer.Option(help="Processes at a time; 0: one a core, one for a sample.", min=0)] = 0,
    only: Annotated[list[str] | None, typer.Option(metavar="RATE", help=f"Of {', '.join(TITLES)}.")] = None,
    seed: Annotated[
        int | None, typer.Option(help="Of the sample and of drawn cases.", min=1, show_default=False)
    ] = None,
    json: Annotated[str, typer.Option(metavar="FILE", help="The rates as JSON too.", show_default=False)] = "",
    session: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keeps what is done of impl's changes: stop and go on.")
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="With --full: the kept table of checks anew.")] = False,
) -> None:
    """How good the suite is: mistakes caught, right ways passed, changes of impl survived.

    Exit status: 0 all mistakes are caught where they are, all that is right passes, every survivor is explained; 1 not.
    """
    if write and not (full and "caught" in choose_rates(only)):
        raise UsageError("--write: " + _("it writes which checks caught what; ask for --full and the rate caught too"))
    seed = seed or int(time.time()) % 1_000_000 + 1
    jobs = jobs or ((os.cpu_count() or 1) if full else 1)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    out = Console(highlight=False, soft_wrap=True)
    wanted = choose_rates(only)
    require_writable("--json", json)
    found: dict[str, Any] = {"seed": seed, "full": full}
    with workers(jobs) as pool:
        for name in wanted:
            if name != "survived":
                found |= RATES[name](pool, full, seed)
    if "survived" in wanted:
        found |= check_mutation(full, seed, jobs, session)
    if write:
        necessity.KEPT.write_text(necessity.write(found.pop("table"), found["caught"]["of"]), encoding="utf-8")
    found.pop("table", None)
    for line in summary(found):
        out.print(line, markup=False)
    if json:
        write_atomically(json, (json_module.dumps(found, indent=1) + "\n").encode())
    raise typer.Exit(int(not meets_bar(found)))


@contextmanager
def workers(jobs: int) -> Iterator[Executor | None]:
    """Yield a pool of processes, None for one job. They are spawned, not forked, because torch has threads."""
    if jobs == 1:
        yield None
    else:
        with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
            yield pool


def for_each(pool: Executor | None, what: str, do: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """Apply `do` to every item in the pool, with progress; the results come in any order."""
    items, found = list(items), []
    with progress(what, len(items)) as step:
        if pool is None:
            for item in items:
                found.append(do(item))
                step()
        else:
            for done in as_completed([pool.submit(do, item) for item in items]):
                found.append(done.result())
                step()
    return found


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[], None]]:
    """Show a bar in a terminal, a line now and then in a file; yield the function that advances it."""
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    start = printed = time.monotonic()
    done = 0
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)

        def step() -> None:
            nonlocal done, printed
            done += 1
            bar.advance(task)
            if not console.is_terminal and (now := time.monotonic()) - printed > EVERY:
                printed = now
                text = _("{what}: {done} of {total} after {seconds:.0f} s")
                console.print(text.format(what=what, done=done, total=total or "?", seconds=now - start))

        yield step


def choose_rates(only: list[str] | None) -> list[str]:
    """Return the names of the requested rates. Raises UsageError for an unknown one."""
    if strange := [name for name in only or () if name not in TITLES]:
        raise UsageError(f"--only {strange[0]}: " + _("there are {names}").format(names=", ".join(TITLES)))
    return [name for name in TITLES if not only or name in only]


def some_mutants(full: bool, seed: int, what: str) -> list[str]:
    """Return the ids of all mutants, or of a random sample."""
    planted = [m.id for m in mutants.mutants()]
    return planted if full else random.Random(seed).sample(planted, SAMPLE[what])


def check_detection(pool: Executor | None, full: bool, seed: int) -> dict[str, Any]:
    """Measure the detection rate and the necessity table."""
    found = for_each(pool, _("mistakes"), partial(detection.by_id, seed=seed), some_mutants(full, seed, "caught"))
    missed = [one for one in found if not one.fairly]
    caught = rate(len(found) - len(missed), len(found)) | {"not": [asdict(one) for one in missed]}
    return {"caught": caught, "table": necessity.table(found)}


def check_naming(pool: Executor | None, full: bool, seed: int) -> dict[str, Any]:
    """Measure the naming rate and the processor seconds of a diagnosis."""
    found = for_each(pool, _("diagnoses"), naming.by_id, some_mutants(full, seed, "named"))
    seconds = sorted(one.seconds for one in found)
    details = {
        "wrongly": sum(bool(one.wrongly) for one in found),
        "median_seconds": seconds[len(seconds) // 2],
        "most_seconds": seconds[-1],
        "not": [asdict(one) for one in found if one.wrongly or not one.rightly],
    }
    return {"named": rate(sum(one.rightly for one in found), len(found)) | details}


def check_false_alarms(pool: Executor | None, full: bool, seed: int) -> dict[str, Any]:
    """Measure how many correct variants pass, each on the same number of seeds."""
    ways = list(correct.WAYS) if full else random.Random(seed).sample(correct.WAYS, SAMPLE["ways"])
    seeds = (WHOLE if full else SAMPLE)["seeds"]
    by_way = for_each(pool, _("right ways"), partial(false_alarms.of_way, seeds=range(seed, seed + seeds)), ways)
    wrongly = [asdict(a) for some in by_way for a in some]
    return {"fairly_passed": rate(sum(not some for some in by_way), len(ways)) | {"not": wrongly}}


def check_generated(pool: Executor | None, full: bool, seed: int) -> dict[str, Any]:
    """Measure how many seeds of generated cases raise no false alarm for impl and the correct variants."""
    alarms = (WHOLE if full else SAMPLE)["alarms"]
    by_seed = for_each(pool, _("seeds"), false_alarms.of_seed, range(seed, seed + alarms))
    false = [asdict(a) for some in by_seed for a in some]
    return {"quiet": rate(sum(not some for some in by_seed), alarms) | {"not": false}}


RATES = {
    "caught": check_detection,
    "named": check_naming,
    "fairly_passed": check_false_alarms,
    "quiet": check_generated,
}


def check_mutation(full: bool, seed: int, jobs: int, session: Path | None) -> dict[str, Any]:
    """Measure how many changes of impl survive, and list those without a reason."""
    modules = list(mutation.TESTS) if full else random.Random(seed).sample(list(mutation.TESTS), SAMPLE["modules"])
    try:
        with progress(_("changes of impl"), None) as step:
            found = mutation.try_changes(
                modules, None if full else SAMPLE["changes"], seed, jobs, lambda _one: step(), session
            )
    except mutation.NoCosmicRay:
        return {"survived": {"not_run": _("cosmic-ray is not installed: the extra dev has it")}}
    new, killed = mutation.unexplained(found), sum(one.said.startswith("killed") for one in found)
    survivors = sum(one.said == "survived" for one in found)
    return {
        "survived": rate(survivors, len(found))
        | {"killed": killed, "timeouts": len(found) - killed - survivors, "equivalent": survivors - len(new)}
        | {"modules": mutation.count_outcomes(found), "not": [asdict(one) for one in new]}
    }


def rate(some: int, of: int) -> dict[str, Any]:
    """Return a rate as its count, its total and its percentage."""
    return {"count": some, "of": of, "percent": round(100 * some / of, 2) if of else None}
