"""A picture of a benchmark: the ratio of every load to torch as a dot, with a line at 1, and the growth curves."""

from pathlib import Path
from typing import Any

from ..errors import fail

COLOURS = {"float32": "#0072b2", "float64": "#d55e00"}  # distinct for colour-blind readers
MARKS = {"forward": "o", "forward+backward": "s"}


def draw(found: dict[str, Any], file: str) -> None:
    """Draw bench's report into a file. Raises UsageError if it cannot be written."""
    from matplotlib.figure import Figure

    growth = found.get("growth")
    figure = Figure(figsize=(14 if growth else 8, 8), layout="constrained")
    axes = figure.subplots(1, 2 if growth else 1, squeeze=False)[0]
    ratios(axes[0], found["rows"])
    if growth:
        growth_curves(axes[1], growth)
    partial = Path(f"{file}.partial")
    try:
        figure.savefig(partial, dpi=120, format=Path(file).suffix.lstrip(".") or "png")
        partial.replace(file)
    except (OSError, ValueError) as error:
        partial.unlink(missing_ok=True)
        fail(f"--plot {file}: {error}")


def ratios(axes: Any, rows: list[dict[str, Any]]) -> None:
    """Draw NumPy's time over torch's, a row per load, on a logarithmic axis."""
    names = list(dict.fromkeys(row["load"] for row in rows))
    for dtype, colour in COLOURS.items():
        for part, mark in MARKS.items():
            some = [row for row in rows if (row["dtype"], row["part"]) == (dtype, part)]
            heights = [names.index(row["load"]) for row in some]
            axes.plot([row["ratio"] for row in some], heights, mark, color=colour, label=f"{dtype}, {part}", alpha=0.8)
    axes.plot(
        [row["bar"] for row in rows if row["bar"]], [names.index(row["load"]) for row in rows if row["bar"]], "k|",
        markersize=14, label="at most",
    )  # fmt: skip
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set(xscale="log", xlabel="NumPy's time / torch's", yticks=range(len(names)), yticklabels=names)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("{x:g}")
    axes.invert_yaxis()
    axes.grid(alpha=0.3)
    axes.legend()


def growth_curves(axes: Any, growth: dict[str, Any]) -> None:
    """Draw time against each size, both logarithmic; the slope is the exponent."""
    for (name, row), mark in zip(growth.items(), "osD^v"):
        exponent = "" if row["exponent"] is None else f": exponent {row['exponent']:.2f}"
        sizes = [size / row["sizes"][0] for size in row["sizes"]]
        axes.plot(sizes, [t * 1e3 for t in row["seconds"]], f"-{mark}", label=f"{name}{exponent}")
    axes.set(xscale="log", yscale="log", xlabel="size / smallest size", ylabel="forward + backward, milliseconds")
    axes.grid(alpha=0.3)
    axes.legend()
