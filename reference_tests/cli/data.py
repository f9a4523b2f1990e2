"""`convcheck data fetch`: the full set of digits."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from ..errors import INTERRUPTED, fail
from ..i18n import _


def fetch_data(
    to: Annotated[Path | None, typer.Option(metavar="DIR", help="Default: a folder of the user's cache.")] = None,
) -> None:
    """Download the full MNIST set (11 MB) for `convcheck train --data full`; what is there already is kept."""
    from impl.data import DataError, fetch_mnist

    console = Console()
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    try:
        with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
            tasks: dict[str, TaskID] = {}

            def show(name: str, done: int, total: int) -> None:
                if name not in tasks:
                    tasks[name] = bar.add_task(name)
                bar.update(tasks[name], completed=done, total=total)

            folder = fetch_mnist(to, show)
    except DataError as error:
        fail(str(error))
    except KeyboardInterrupt:
        typer.echo("convcheck: " + _("interrupted; files that are whole stay"), err=True)
        raise typer.Exit(INTERRUPTED) from None
    typer.echo(_("MNIST is in {folder}").format(folder=folder))
    command = f"convcheck train --data {'full' if to is None else to}"
    typer.echo(_("train on it with: {command}").format(command=command))


data = typer.Typer(help="The full set of digits.", no_args_is_help=True)
data.command("fetch")(fetch_data)
