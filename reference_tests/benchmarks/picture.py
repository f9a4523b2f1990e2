"""A picture of a benchmark: the ratio of every load to torch as a dot, with a line at 1, and the growth curves."""

from pathlib import Path
from typing import Any

from impl.plots.canvas import japanese_font, set_fonts

from ..errors import fail
from ..i18n import N_, _, current_language, speaking

COLOURS = {"float32": "#0072b2", "float64": "#d55e00"}  # distinct for colour-blind readers
MARKS = {"forward": "o", "forward+backward": "s"}
PARTS = {"forward": N_("forward"), "forward+backward": N_("forward + backward")}
TITLES = {False: N_("NumPy (impl) beside torch"), True: N_("the same, with another process computing")}


def draw(found: dict[str, Any], file: str) -> None:
    """Draw bench's report into a file, in English where no font has the letters. Raises UsageError if it cannot."""
    with speaking(current_language() if japanese_font() else "en"):
        save(set_fonts(make_figure(found)), file)


def make_figure(found: dict[str, Any]) -> Any:
    """Return the figure of bench's report."""
    from matplotlib.figure import Figure

    machines = sorted({row["busy"] for row in found["rows"]})
    growth, names = found.get("growth"), list(dict.fromkeys(row["text"] for row in found["rows"]))
    panels = len(machines) + bool(growth)
    figure = Figure(figsize=(4 + 6 * panels, 3 + 0.28 * len(names)), layout="constrained")
    axes = figure.subplots(1, panels, squeeze=False)[0]
    for panel, busy in zip(axes, machines):
        ratios(panel, [row for row in found["rows"] if row["busy"] == busy], names, _(TITLES[busy]))
    for panel in axes[1 : len(machines)]:
        panel.set_yticklabels([])
    if growth:
        growth_curves(axes[-1], growth)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5, fontsize="small")
    figure.suptitle(describe(found["environment"]), fontsize="small")
    return figure


def describe(environment: dict[str, Any]) -> str:
    """Return the versions and the machine in one line."""
    shown = {name: f"{value:.1f}" if isinstance(value, float) else value for name, value in environment.items()}
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in shown.items())


def save(figure: Any, file: str) -> None:
    """Write the figure, whole or not at all. Raises UsageError if it cannot be written."""
    partial = Path(f"{file}.partial")
    try:
        figure.savefig(partial, dpi=120, format=Path(file).suffix.lstrip(".") or "png")
        partial.replace(file)
    except (OSError, ValueError) as error:
        partial.unlink(missing_ok=True)
        fail(f"--plot {file}: {error}")


def ratios(axes: Any, rows: list[dict[str, Any]], names: list[str], title: str) -> None:
    """Draw NumPy's time over torch's, a line for each of the names, on a logarithmic axis."""
    for dtype, colour in COLOURS.items():
        for part, mark in MARKS.items():
            some = [row for row in rows if (row["dtype"], row["part"]) == (dtype, part)]
            heights = [names.index(row["text"]) for row in some]
            axes.plot([row["ratio"] for row in some], heights, mark, color=colour, alpha=0.8,
                      label=f"{dtype}, {_(PARTS[part])}")  # fmt: skip
    barred = [row for row in rows if row["bar"]]
    axes.plot([row["bar"] for row in barred], [names.index(row["text"]) for row in barred], "k|", markersize=10,
              label=_("wanted: at most"))  # fmt: skip
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set(
        xscale="log", xlabel=_("NumPy's time / torch's\n(left of 1: quicker than torch)"), yticks=range(len(names)),
        yticklabels=names, title=title, ylim=(len(names) - 0.5, -0.5),
    )  # fmt: skip
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("{x:g}")
    axes.tick_params(axis="x", which="minor", labelsize="x-small", rotation=90)
    axes.grid(alpha=0.3)


def growth_curves(axes: Any, growth: dict[str, Any]) -> None:
    """Draw time against each size, both logarithmic; the slope is the exponent."""
    for (name, row), mark in zip(growth.items(), "osD^v"):
        exponent = "" if row["exponent"] is None else ": " + _("exponent {exponent:.2f}").format(**row)
        sizes = [size / row["sizes"][0] for size in row["sizes"]]
        axes.plot(sizes, [t * 1e3 for t in row["seconds"]], f"-{mark}", label=f"{name}{exponent}")
    axes.set(xscale="log", yscale="log", xlabel=_("size / smallest size"), ylabel=_("forward + backward, milliseconds"))
    axes.grid(alpha=0.3)
    axes.legend()
