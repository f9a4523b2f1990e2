"""`convcheck train` and `convcheck data fetch`: impl's SimpleConvNet trained on MNIST."""

import io
import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from .wrong_use import WrongUse

if TYPE_CHECKING:
    from impl.training import Progress as Standing
    from impl.training import Trainer

INTERRUPTED = 130  # 128 + SIGINT, as a shell reports it
PARAMETERS, CURVE = "parameters.safetensors", "loss_curve.png"


class OptimizerName(StrEnum):
    sgd = "sgd"
    momentum = "momentum"
    adagrad = "adagrad"
    adam = "adam"


class RecipeName(StrEnum):
    best = "best"
    book = "book"


def train(
    data: Annotated[
        str | None,
        typer.Option(
            metavar="full|DIR",
            help="'full': what `convcheck data fetch` fetched; or a folder with MNIST's four IDX files, raw or .gz. "
            "Default: the embedded 6,000 + 1,000 digits.",
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Default: 12.")] = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Images a step. Default: 100.")] = None,
    optimizer: Annotated[OptimizerName | None, typer.Option(help="Default: the recipe's, adam.")] = None,
    lr: Annotated[
        float | None, typer.Option(help="Step size. Default: the recipe's, or one that suits --optimizer.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of weights, order and shifts.")] = 0,
    out: Annotated[Path, typer.Option(metavar="DIR", help=f"Folder for {PARAMETERS} and {CURVE}.")] = Path("trained"),
    recipe: Annotated[
        RecipeName,
        typer.Option(
            help="best: He initialization, Adam 2e-3 falling linearly to 0, weight decay, label smoothing, shifts by "
            "at most a pixel. book: weights of 0.01, Adam 1e-3 and nothing else."
        ),
    ] = RecipeName.best,
) -> None:
    """Train SimpleConvNet on MNIST; save its parameters and the loss curve. Ctrl-C saves what is there."""
    trainer = None
    try:
        trainer = _prepare(data, out, recipe, seed, epochs=epochs, batch=batch, optimizer=optimizer, lr=lr)
        _run(trainer)
        _save(trainer, out)
    except KeyboardInterrupt:
        if trainer is None or not trainer.losses:
            typer.echo("convcheck: interrupted before the first step; nothing saved", err=True)
        else:
            typer.echo(f"convcheck: interrupted after {len(trainer.losses)} steps", err=True)
            _save(trainer, out)
        raise typer.Exit(INTERRUPTED) from None


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
        _fail(str(error))
    except KeyboardInterrupt:
        typer.echo("convcheck: interrupted; files that are whole stay", err=True)
        raise typer.Exit(INTERRUPTED) from None
    typer.echo(f"MNIST is in {folder}")
    typer.echo(f"train on it with: convcheck train --data {'full' if to is None else to}")


data = typer.Typer(help="The full set of digits.", no_args_is_help=True)
data.command("fetch")(fetch_data)


def _prepare(data: str | None, out: Path, recipe: str, seed: int, **changes: object) -> "Trainer":
    """Everything that can be wrong is found here, before the long part."""
    from impl.data import load_mnist
    from impl.data.mnist import cache_dir
    from impl.training.recipes import RECIPES, change, trainer_of

    try:
        settings = change(RECIPES[recipe], **changes)
        if not 0 < settings.lr < float("inf"):
            raise ValueError(f"--lr {settings.lr}: allowed is a number above 0")
        folder = cache_dir() if data == "full" else data and Path(data)
        if folder and data == "full" and not folder.is_dir():
            raise ValueError("--data full: not there yet; `convcheck data fetch` fetches it")
        train, test = load_mnist(flatten=False, data_dir=folder)
        trainer = trainer_of(settings, train, test, seed)
        out.mkdir(parents=True, exist_ok=True)
        if not os.access(out, os.W_OK):
            raise ValueError(f"--out {out}: this folder cannot be written to")
    except OSError as error:
        raise WrongUse(f"--out {out}: {error.strerror}") from None
    except ValueError as error:
        raise WrongUse(str(error)) from None
    typer.echo(
        f"SimpleConvNet on {len(train[0]):,} training and {len(test[0]):,} test images "
        f"({folder or 'embedded subset of MNIST'}); recipe {recipe}, {settings.optimizer}, lr {settings.lr:g}, "
        f"batch {settings.batch}, seed {seed}"
    )
    return trainer


def _run(trainer: "Trainer") -> None:
    from impl.training.trainer import Diverged

    console = Console()
    epoch, loss = TextColumn("epoch {task.fields[epoch]}"), TextColumn("loss {task.fields[loss]:.4f}")
    columns = epoch, BarColumn(), loss, TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=trainer.epochs * trainer.steps, epoch=1, loss=float("nan"))

        def show(now: "Standing") -> None:
            bar.update(task, completed=(now.epoch - 1) * trainer.steps + now.step, epoch=now.epoch, loss=now.loss)
            if now.accuracy is not None:
                line = f"epoch {now.epoch}/{trainer.epochs}  loss {now.loss:.4f}  test accuracy {now.accuracy:.2%}"
                console.print(line.replace("%", " %"), highlight=False, soft_wrap=True)

        try:
            trainer.train(show)
        except Diverged as error:
            bar.stop()
            _fail(str(error))


def _save(trainer: "Trainer", out: Path) -> None:
    from impl.files import write_atomically
    from impl.plots import loss_curve

    picture = io.BytesIO()
    accuracies = [(done.epoch * done.steps, done.accuracy or 0.0) for done in trainer.history]
    loss_curve(trainer.losses, accuracies).savefig(picture, format="png", dpi=120)
    try:
        trainer.network.save_params(out / PARAMETERS)
        write_atomically(out / CURVE, picture.getvalue())
    except OSError as error:
        _fail(f"--out {out}: {error.strerror}")
    typer.echo(f"saved {out / PARAMETERS} and {out / CURVE}")


def _fail(message: str) -> NoReturn:
    typer.echo(f"convcheck: {message}", err=True)
    raise typer.Exit(1)
