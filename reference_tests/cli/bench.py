"""convcheck bench: how fast impl is beside torch, the book's layer and others, measured in one process."""

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from fnmatch import fnmatch
from statistics import median
from typing import Annotated, Any

import typer

from ..errors import UsageError, fail
from ..i18n import N_, _
from .options import write_report

SECONDS, QUICK = 1.5, 0.5  # for one row of the table
MEAN = N_("all loads")
MEAN_BARS = {"forward": 0.9, "forward+backward": 0.8}
BUSY_BAR = 2.0  # of a load, with another process beside it
OTHERS = ("book", "onnx", "onnxruntime", "jax")
COMPUTING = "import os; parent = os.getppid()\nwhile os.getppid() == parent: sum(range(100_000))"
Row = dict[str, Any]


def bench(
    loads: Annotated[str, typer.Option(help="Only loads whose name matches.", metavar="GLOB")] = "*",
    quick: Annotated[bool, typer.Option("--quick", help="The main loads, float32, under a minute.")] = False,
    busy: Annotated[
        bool, typer.Option("--busy", help="Every load once more, with a computing process beside it.")
    ] = False,
    json: Annotated[str, typer.Option(help="All times as JSON; - is standard output.", metavar="FILE")] = "",
    plot: Annotated[str, typer.Option(help="The ratios, and the growth, as a picture.", metavar="FILE")] = "",
    growth: Annotated[
        bool, typer.Option(help="How time grows with each size, and the memory; not with --quick or --loads.")
    ] = True,
) -> None:
    """How many times torch's time impl takes, and how many times impl's others take: medians of turns in one process.

    The numbers of threads are the environment's (OMP_NUM_THREADS). Nothing is asserted: exit status 0 unless it breaks.
    """
    restart_without_openblas()
    from rich.console import Console

    from ..benchmarks import growth as growing
    from ..benchmarks.limits import measure_limits
    from ..benchmarks.loads import LOADS

    chosen = [one for one in LOADS if fnmatch(one.name, loads) and (one.quick or not quick)]
    if not chosen:
        names = ", ".join(one.name for one in LOADS)
        raise UsageError(f"--loads {loads}: " + _("there are {names}").format(names=names))
    console = Console(stderr=json == "-", highlight=False, soft_wrap=True)
    found: Row = {"environment": describe_environment(), "limits": measure_limits(), "rows": []}
    print_limits(console, found["limits"])
    for beside in (False, True)[: 1 + busy]:
        found["rows"] += measure_all(console, chosen, quick, beside, found["limits"])
    if growth and not quick and loads == "*":
        found |= {"growth": growing.growth(), "memory": growing.memory()}
        print_growth(console, found)
    if json:
        write(json, found)
    if plot:
        from ..benchmarks.picture import draw

        draw(found, plot)


def measure_all(console: Any, chosen: list[Any], quick: bool, busy: bool, limits: dict[str, float]) -> list[Row]:
    """Measure and print the loads and their geometric means; busy: with a computing process beside them."""
    if busy:
        console.print("\n" + _("Once more, with another process that computes"))
    rows = []
    with computing_process() if busy else nullcontext():
        for row in measure(chosen, quick, limits):
            rows.append(row | ({"busy": True, "bar": row["bar"] and BUSY_BAR} if busy else {"busy": False}))
            console.print(format_row(rows[-1]))
    for row in (means := geometric_means(rows, busy)):
        console.print(format_row(row))
    return rows + means


@contextmanager
def computing_process() -> Iterator[subprocess.Popen[bytes]]:
    """Keep a process computing, which ends with this one at the latest."""
    process = subprocess.Popen([sys.executable, "-c", COMPUTING])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def restart_without_openblas() -> None:
    """Start the command again without OPENBLAS_CORETYPE and the like.

    They slow NumPy down and not torch, and they are read when NumPy is loaded.
    """
    settings = [name for name in os.environ if name.startswith("OPENBLAS_")]
    if settings:
        others = {k: v for k, v in os.environ.items() if k not in settings}
        os.execve(sys.executable, [sys.executable, "-m", "reference_tests", *sys.argv[1:]], others)


def measure(loads: list[Any], quick: bool, limits: dict[str, float]) -> Iterator[Row]:
    """Time each part of each load, in turns with torch and the others, and yield its row. ratio: of medians."""
    from ..benchmarks.limits import shares
    from ..benchmarks.timing import interleaved, ratio

    for load in loads:
        for dtype in load.dtypes[: 1 if quick else None]:
            for part in load.parts:
                times = interleaved(load.make(part, dtype), QUICK if quick else SECONDS)
                yield {
                    "load": load.name,
                    "text": load.text,
                    "dtype": dtype,
                    "part": part,
                    "ratio": ratio(times, "torch"),
                    "least": min(times["numpy"]) / min(times["torch"]),
                    "bar": load.bars.get(part) if dtype == "float32" else None,
                    **{name: 1 / r for name in OTHERS if (r := ratio(times, name))},
                    **shares(load, part, dtype, median(times["numpy"]), limits),
                    "seconds": times,
                }


def geometric_means(rows: list[Row], busy: bool) -> list[Row]:
    """Return the rows of the geometric means over all rows of a dtype and a part, if there are several."""
    found: list[Row] = []
    for dtype in ("float32", "float64"):
        for part, bar in MEAN_BARS.items():
            some = [r for r in rows if (r["dtype"], r["part"]) == (dtype, part)]
            if len(some) > 1:
                text = _("geometric mean of {n} loads").format(n=len(some))
                row: Row = {"load": MEAN, "text": text, "dtype": dtype, "part": part, "busy": busy}
                for key in ("ratio", "least"):
                    row[key] = math.exp(sum(math.log(r[key]) for r in some) / len(some))
                goal = bar if dtype == "float32" else 1.0
                found.append({**row, "bar": None if busy else goal, "seconds": {}})
    return found


def format_row(row: Row) -> str:
    """Return a row of the printed table."""
    bar = " " + _("(at most {n})").format(n=row["bar"]) if row["bar"] else ""
    over = "  " + _("OVER") if row["bar"] and row["ratio"] > row["bar"] else ""
    numpy = f"{median(row['seconds']['numpy']) * 1e3:9.2f} ms" if row["seconds"] else " " * 12
    shares = (("of_products", _("{share:.0%} of products")), ("of_copy", _("{share:.0%} of copy")))
    limits = "".join("  " + text.format(share=row[key]) for key, text in shares if key in row)
    others = "".join(f"  {name} {row[name]:.1f}x" for name in OTHERS if name in row)
    ratio = _("{ratio:.2f} of torch, least times {least:.2f}").format(ratio=row["ratio"], least=row["least"])
    start = f"{_(row['load']):28} {row['dtype']} {row['part']:16} {numpy}  {ratio}"
    return f"{start}{bar}{over}{limits}{others}"


def print_limits(console: Any, limits: dict[str, float]) -> None:
    """Print what the shares are shares of."""
    products = ", ".join(f"{limits[dtype] / 1e9:.0f} ({dtype})" for dtype in ("float32", "float64"))
    text = _("A large matrix product: {products} billion products a second; a copy: {copy:.0f} GB/s")
    console.print(text.format(products=products, copy=limits["copy"] / 1e9))


def print_growth(console: Any, found: Row) -> None:
    """Print how time grows with each size, and the memory of a convolution."""
    console.print("\n" + _("Growth of forward+backward, float32: time ~ size**exponent, past 10 ms (at most 1.1)"))
    for name, row in found["growth"].items():
        exponent = _("never past 10 ms twice") if row["exponent"] is None else f"{row['exponent']:.2f}"
        console.print(f"{name:8} {exponent}   " + "  ".join(f"{t * 1e3:.1f} ms" for t in row["seconds"]))
    title = _("Memory of forward+backward beside outputs and gradients (at most two padded inputs and 8 MB)")
    console.print("\n" + title)
    for row in found["memory"]:
        over = "  " + _("OVER") if row["beside"] > row["allowed"] else ""
        text = _("{there:7.1f} of {allowed:.1f} MiB")
        size = text.format(there=row["beside"] / 2**20, allowed=row["allowed"] / 2**20)
        console.print(f"{row['convolution']:45} {size}{over}")


def describe_environment() -> Row:
    """Return versions, cores, threads and the load of the machine."""
    import platform

    import numpy as np
    import torch

    from impl.functional.threads import count_threads

    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "cores": os.cpu_count(),
        "torch_threads": torch.get_num_threads(),
        "threads": count_threads(),
        "load_average": os.getloadavg()[0],
    }


def write(file: str, found: Row) -> None:
    """Write all times as JSON. A file that cannot be written is a failure: the times are on the screen."""
    import json

    try:
        write_report("--json", file, json.dumps(found, indent=1) + "\n")
    except UsageError as error:
        fail(str(error))
