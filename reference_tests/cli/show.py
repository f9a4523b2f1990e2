"""convcheck show: a network's table of sizes, and its pictures."""

from typing import Annotated

import typer

from ..i18n import _
from .pictures import COMMANDS

show = typer.Typer(no_args_is_help=True, help="What there is to see of a network.")


for name, command in COMMANDS.items():
    show.command(name)(command)  # type: ignore[type-var]


@show.callback()
def describe() -> None:
    """What there is to see of a network."""


@show.command("shapes")
def show_shapes(
    network: Annotated[str, typer.Argument(metavar="NETWORK", help="lenet, alexnet, vgg16 ...")],
    size: Annotated[str, typer.Option(help="Of the images, as 3x224x224 [the paper's].", metavar="CxHxW")] = "",
) -> None:
    """The table of sizes and parameters, layer by layer. Nothing is allocated."""
    from rich.table import Table

    from ..reports.console import open_console
    from .networks import describe_layers

    graph = describe_layers(network, size)
    titles = _("layer"), _("kind"), _("inputs"), _("output"), _("parameters")
    table = Table(*titles, box=None, header_style="bold")
    table.columns[4].justify = "right"
    table.add_row("input", "", "", "x".join(map(str, graph.input_dim)), "")
    before = "input"
    for node, row in zip(graph.nodes, graph.rows()):
        inputs = "" if node.inputs == (before,) else " ".join(node.inputs)
        table.add_row(
            row.name, row.what, inputs, "x".join(map(str, row.shape)), f"{row.parameters:,}" * (row.parameters > 0)
        )
        before = row.name
    console = open_console()
    console.print(table)
    text = _("{name}: {n:,} parameters, {size:,.1f} MiB in float32")
    console.print("\n" + text.format(name=graph.name, n=graph.count, size=4 * graph.count / 2**20))
