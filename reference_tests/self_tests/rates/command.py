"""convcheck self-test: how good the suite itself is, in three rates."""

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

from ...wrong_use import WrongUse
from .. import mutants, right
from . import caught, fair, machine, needed

SAMPLE = {"mutants": 40, "ways": 6, "seeds": 2, "alarms": 2, "modules": 2, "changes": 4}
WHOLE = {"seeds": 20, "alarms": 1000}
EVERY = 20.0  # seconds between two lines where nobody looks on


def self_test(
    full: Annotated[bool, typer.Option("--full", help="All of it, within an hour; else a sample of a minute.")] = False,
    jobs: Annotated[int, typer.Option(help="Processes at a time; 0: one a core, one for a sample.", min=0)] = 0,
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
    if write and not full:
        raise WrongUse("--write: it writes what --full found; ask for --full too")
    seed = seed or int(time.time()) % 1_000_000 + 1
    jobs = jobs or ((os.cpu_count() or 1) if full else 1)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    out = Console(highlight=False, soft_wrap=True)
    with workers(jobs) as pool:
        found = {"seed": seed, "full": full} | mistakes(pool, full, seed, write) | fairness(pool, full, seed)
    found |= survival(full, seed, jobs, session)
    for line in said(found):
        out.print(line, markup=False)
    if json:
        Path(json).write_text(json_module.dumps(found, indent=1) + "\n", encoding="utf-8")
    raise typer.Exit(int(not good(found)))


@contextmanager
def workers(jobs: int) -> Iterator[Executor | None]:
    """None: in this process. Spawned, not forked: torch has threads."""
    if jobs == 1:
        yield None
    else:
        with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
            yield pool


def each(pool: Executor | None, what: str, do: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """do of every item, as they come, with progress."""
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
    """A bar on standard error where somebody looks on, a line now and then where it goes into a file."""
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    start = told = time.monotonic()
    done = 0
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)

        def step() -> None:
            nonlocal done, told
            done += 1
            bar.advance(task)
            if not console.is_terminal and (now := time.monotonic()) - told > EVERY:
                told = now
                console.print(f"{what}: {done} of {total or '?'} after {now - start:.0f} s")

        yield step


def mistakes(pool: Executor | None, full: bool, seed: int, write: bool) -> dict[str, Any]:
    planted = mutants.mutants()
    some = planted if full else random.Random(seed).sample(planted, SAMPLE["mutants"])
    found = each(pool, "mistakes", partial(caught.by_id, seed=seed), [m.id for m in some])
    if write:
        needed.KEPT.write_text(needed.written(needed.table(found), len(found)), encoding="utf-8")
    missed = [one for one in found if not one.fairly]
    return {"caught": rate(len(found) - len(missed), len(found)) | {"not": [asdict(one) for one in missed]}}


def fairness(pool: Executor | None, full: bool, seed: int) -> dict[str, Any]:
    """The right ways, each on its own seeds; then false alarms, all together a seed."""
    ways = list(right.WAYS) if full else random.Random(seed).sample(right.WAYS, SAMPLE["ways"])
    seeds, alarms = (WHOLE if full else SAMPLE)["seeds"], (WHOLE if full else SAMPLE)["alarms"]
    by_way = each(pool, "right ways", partial(fair.of_way, seeds=range(seed, seed + seeds)), ways)
    by_seed = each(pool, "seeds", fair.of_seed, range(seed, seed + alarms))
    wrongly = [a for some in by_way for a in some]
    false = [a for some in by_seed for a in some]
    return {
        "fairly_passed": rate(sum(not some for some in by_way), len(ways)) | {"not": [asdict(a) for a in wrongly]},
        "quiet": rate(sum(not some for some in by_seed), alarms) | {"not": [asdict(a) for a in false]},
    }


def survival(full: bool, seed: int, jobs: int, session: Path | None) -> dict[str, Any]:
    modules = list(machine.TESTS) if full else random.Random(seed).sample(list(machine.TESTS), SAMPLE["modules"])
    try:
        with progress("changes of impl", None) as step:
            found = machine.outcomes(
                modules, None if full else SAMPLE["changes"], seed, jobs, lambda _: step(), session
            )
    except machine.NoCosmicRay as missing:
        return {"survived": {"not_run": str(missing.__doc__)}}
    new, killed = machine.unexplained(found), sum(one.said.startswith("killed") for one in found)
    survivors = sum(one.said == "survived" for one in found)
    return {
        "survived": rate(survivors, len(found))
        | {"killed": killed, "timeouts": len(found) - killed - survivors, "equivalent": survivors - len(new)}
        | {"modules": machine.counted(found), "not": [asdict(one) for one in new]}
    }


def rate(some: int, of: int) -> dict[str, Any]:
    return {"count": some, "of": of, "percent": round(100 * some / of, 2) if of else None}


def good(found: dict[str, Any]) -> bool:
    complete = (found[name]["count"] == found[name]["of"] for name in ("caught", "fairly_passed", "quiet"))
    return all(complete) and not found["survived"].get("not")


def said(found: dict[str, Any]) -> Iterator[str]:
    """The rates, a line each, and what stands against them."""
    titles = {
        "caught": "mistakes caught, each in its own component and in no other",
        "fairly_passed": "right ways passed",
        "quiet": "seeds without a false alarm",
    }
    for name, title in titles.items():
        yield "{count:5} of {of:5} {title} ({percent} %)".format(title=title, **found[name])
        yield from (f"      {', '.join(map(str, one.values()))}" for one in found[name]["not"])
    left = found["survived"]
    if "not_run" in left:
        yield f"      changes of impl: not run; {left['not_run']}"
        return
    text = "{count:5} of {of:5} changes of impl survived ({percent} %), {equivalent} of them explained"
    yield text.format(**left) + (f"; {left['timeouts']} took too long" if left["timeouts"] else "")
    yield from ("      {module}: {before} -> {after}".format(**one) for one in left["not"])
    yield f"      seed {found['seed']}"
