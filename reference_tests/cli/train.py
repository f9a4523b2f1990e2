"""`convcheck train`: a network of impl trained on digits, or on any images in MNIST's format."""

import io
import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from ..errors import INTERRUPTED, UsageError, fail
from ..files import write_atomically
from ..i18n import N_, _, current_language

if TYPE_CHECKING:
    from impl.data.augmentation import Augmentation
    from impl.data.mnist import Split
    from impl.training import Progress as Standing
    from impl.training import Trainer

PARAMETERS, CURVE, CHECKPOINT = "parameters.safetensors", "loss_curve.png", "checkpoint"
HISTORY = "history.csv", "history.json"
BEGINNING = N_(
    "{network} on {train:,} training and {test:,} test images ({source}); recipe {recipe}, {optimizer}, lr {lr:g}, "
    "batch {batch}, seed {seed}"
)
HELD_OUT = 6  # with --patience, one of so many training images decides and is not trained on

OptimizerName = StrEnum("OptimizerName", ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam"])
RecipeName = StrEnum("RecipeName", ["best", "augmented", "book"])


def train(
    network: Annotated[
        str, typer.Option(help="simple_conv_net, mlp, lenet, lenet5 ...: those of `convcheck show shapes`.")
    ] = "simple_conv_net",
    data: Annotated[
        str,
        typer.Option(
            metavar="digits|mnist|DIR",
            help="digits: the embedded 6,000 + 1,000. mnist (or full): what `convcheck data fetch` fetched. Or a "
            "folder with four IDX files named as MNIST's, raw or .gz: Fashion-MNIST and the like.",
        ),
    ] = "digits",
    recipe: Annotated[
        RecipeName,
        typer.Option(
            help="best: He initialization, Adam 2e-3 falling linearly to 0, weight decay, label smoothing, shifts by "
            "at most a pixel. augmented: turned, scaled and sheared too, for 20 epochs. "
            "book: weights of 0.01, Adam 1e-3 and nothing else."
        ),
    ] = RecipeName.best,
    augment: Annotated[
        str | None,
        typer.Option(
            metavar="none|shift=2,...",
            help="At most so much of shift (pixels), rotate (degrees), scale, shear (shares); flip=1. "
            "Default: the recipe's.",
        ),
    ] = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Default: the recipe's, 12 or 20.")] = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Images a step. Default: 100.")] = None,
    optimizer: Annotated[OptimizerName | None, typer.Option(help="Default: the recipe's, adam.")] = None,
    lr: Annotated[
        float | None, typer.Option(help="Step size. Default: the recipe's, or one that suits --optimizer.")
    ] = None,
    width: Annotated[float, typer.Option(help="Times as many filters and neurons.")] = 1.0,
    patience: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Stop after so many epochs without a better accuracy of a sixth of the training images, held out for "
            "that, and go back to the best epoch. Default: never.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of weights, order and augmentation.")] = 0,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder for parameters, checkpoint, history and curve.")] = (
        Path("trained")
    ),
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the checkpoint in --out.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Begin anew where --out holds a training.")] = False,
) -> None:
    """Train a network; save parameters, history and the loss curve. Ctrl-C saves what is there; --resume goes on."""
    trainer = None
    if not (resume or overwrite):
        _require_no_training(out)
    try:
        trainer, test = _prepare(
            network, data, out, recipe, augment, seed, width, patience, epochs=epochs, batch=batch, optimizer=optimizer,
            lr=lr,
        )  # fmt: skip
        if resume:
            _resume(trainer)
        _run(trainer)
        _save(trainer, out)
        if patience:
            text = _("epoch {n} was best; its parameters: test accuracy {share}")
            typer.echo(text.format(n=trainer.best_epoch, share=say_share(trainer.network.accuracy(*test))))
    except KeyboardInterrupt:
        if trainer is None or not trainer.losses:
            typer.echo("convcheck: " + _("interrupted before the first step; nothing saved"), err=True)
        else:
            said = [_("interrupted after {n} steps").format(n=len(trainer.losses))]
            if trainer.history:
                said.append(_("--resume goes on after epoch {n}").format(n=len(trainer.history)))
            typer.echo("convcheck: " + "; ".join(said), err=True)
            _save(trainer, out)
        raise typer.Exit(INTERRUPTED) from None


def _require_no_training(out: Path) -> None:
    """Raise UsageError if the folder holds an earlier training, which a new one would overwrite."""
    there = [name for name in (CHECKPOINT, PARAMETERS) if (out / name).exists()]
    if there:
        text = _(
            "{file} of an earlier training is there; --resume goes on with it, --overwrite begins anew, another --out "
            "keeps both"
        )
        raise UsageError(f"--out {out}: " + text.format(file=there[0]))


def say_share(share: float) -> str:
    """Write a share as 97.70 %."""
    return f"{100 * share:.2f} %"


def load_data(data: str) -> tuple["Split", "Split", str]:
    """Return training and test data, and where they are from. Raises DataError, UsageError."""
    from impl.data import load_mnist
    from impl.data.mnist import cache_dir

    full = data in ("mnist", "full")
    folder = cache_dir() if full else None if data == "digits" else Path(data)
    if full and not cache_dir().is_dir():
        raise UsageError(f"--data {data}: " + _("not there yet; `convcheck data fetch` fetches it"))
    train, test = load_mnist(flatten=False, data_dir=folder)
    return train, test, str(folder or _("embedded subset of MNIST"))


def parse_augmentation(text: str) -> "Augmentation":
    """Return the augmentation that --augment describes. Raises UsageError."""
    from impl.data.augmentation import Augmentation

    kinds = {"shift": int, "rotate": float, "scale": float, "shear": float, "flip": lambda v: bool(int(v))}
    try:
        pairs = [part.split("=") for part in text.split(",")] if text != "none" else []
        return Augmentation(**{name: kinds[name](value) for name, value in pairs})  # type: ignore[operator]
    except (KeyError, ValueError) as error:
        reason = f" ({error})" if "allowed is" in str(error) else ""
        allowed = _("allowed is none, or some of {names} with a number, as shift=2,rotate=10")
        names = ", ".join(f"{kind}=" for kind in kinds)
        raise UsageError(f"--augment {text}: {allowed.format(names=names)}{reason}") from None


def _prepare(
    network: str, data: str, out: Path, recipe: str, augment: str | None, seed: int, width: float, patience: int | None,
    **changes: object,
) -> tuple["Trainer", "Split"]:  # fmt: skip
    """Return the trainer and the test data. Raises UsageError: all that can be wrong is found before the training."""
    from impl.training.recipes import RECIPES, change, make_trainer

    from .networks import find_network

    try:
        find_network(network)
        changed = parse_augmentation(augment) if augment is not None else None
        settings = change(RECIPES[recipe], augment=changed, **changes)
        for option, value in (("--lr", settings.lr), ("--width", width)):
            if not 0 < value < float("inf"):
                raise ValueError(f"{option} {value}: " + _("allowed is a number above 0"))
        train, test, source = load_data(data)
        judge, part = test, train
        if patience:
            n = len(train[0]) // HELD_OUT
            judge, part = (train[0][-n:], train[1][-n:]), (train[0][:-n], train[1][:-n])
        trainer = make_trainer(settings, part, judge, seed, network, width, patience, out / CHECKPOINT)
        out.mkdir(parents=True, exist_ok=True)
        if not os.access(out, os.W_OK):
            raise ValueError(f"--out {out}: " + _("this folder cannot be written to"))
    except OSError as error:
        raise UsageError(f"--out {out}: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(str(error)) from None
    about = {"network": "SimpleConvNet" if network == "simple_conv_net" else network, "source": source, "seed": seed}
    about |= {"recipe": recipe, "optimizer": settings.optimizer, "lr": settings.lr, "batch": settings.batch}
    typer.echo(_(BEGINNING).format(train=len(part[0]), test=len(test[0]), **about))
    return trainer, test


def _resume(trainer: "Trainer") -> None:
    """Load the checkpoint, with a warning if it is an older one. Raises UsageError if there is none."""
    from impl.training import CheckpointError

    try:
        complaint = trainer.resume()
    except CheckpointError as error:
        raise UsageError(f"--resume: {error}") from None
    if complaint:
        typer.echo(f"convcheck: {complaint}; " + _("going on from the one before it"), err=True)
    typer.echo(_("going on after epoch {n}").format(n=len(trainer.history)))


def _run(trainer: "Trainer") -> None:
    """Train with a progress bar and a line an epoch. Ends the command if it diverges or the disk is full."""
    from impl.training.trainer import Diverged

    console = Console()
    epoch = TextColumn(_("epoch") + " {task.fields[epoch]}")
    loss = TextColumn(_("loss") + " {task.fields[loss]:.4f}")
    columns = epoch, BarColumn(), loss, TimeRemainingColumn()
    text = _("epoch {n}/{all}  loss {loss:.4f}  {accuracy} {share}")
    of = _("held-out accuracy") if trainer.patience else _("test accuracy")
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=trainer.epochs * trainer.steps, epoch=1, loss=float("nan"))

        def show(now: "Standing") -> None:
            bar.update(task, completed=(now.epoch - 1) * trainer.steps + now.step, epoch=now.epoch, loss=now.loss)
            if now.accuracy is not None:
                numbers = {"n": now.epoch, "all": trainer.epochs, "loss": now.loss, "share": say_share(now.accuracy)}
                console.print(text.format(accuracy=of, **numbers), highlight=False, soft_wrap=True)

        try:
            trainer.train(show)
        except Diverged as error:
            bar.stop()
            fail(str(error))
        except OSError as error:
            bar.stop()
            fail(_("{file} cannot be written: {why}").format(file=trainer.checkpoint, why=error.strerror))


def _save(trainer: "Trainer", out: Path) -> None:
    """Write parameters, loss curve and history. Ends the command if they cannot be written."""
    from impl.plots import loss_curve
    from impl.training import save_history

    picture = io.BytesIO()
    accuracies = [(done.epoch * done.steps, done.accuracy or 0.0) for done in trainer.history]
    loss_curve(trainer.losses, accuracies, language=current_language()).savefig(picture, format="png", dpi=120)
    try:
        trainer.network.save_params(out / PARAMETERS)
        write_atomically(out / CURVE, picture.getvalue())
        for name in HISTORY:
            save_history(trainer, out / name)
    except OSError as error:
        fail(f"--out {out}: {error.strerror}")
    *first, last = (str(out / PARAMETERS), CURVE, *HISTORY)
    typer.echo(_("saved {first} and {last}").format(first=", ".join(first), last=last))
