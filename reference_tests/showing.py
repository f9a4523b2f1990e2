"""What the pictures of `convcheck show` start from and end with: a trained network, an image, a file."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from .wrong_use import WrongUse

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from impl.data.mnist import Split

QUICK = 3  # epochs, where no parameters are given; nothing is shifted then, so that `shift` compares like with like


class Ready(NamedTuple):
    """A trained network, the same before training, and what it is shown."""

    network: Any
    before: Any
    train: "Split"
    test: "Split"


def ready(network: str, file: Path | None, width: float, data: str, seed: int, recipe: str = "") -> Ready:
    """The network with the file's parameters, or trained a little. Raises WrongUse."""
    from impl.training.recipes import RECIPES, made, trainer_of

    from .named_network import known
    from .train_command import loaded

    try:
        known(network)
        train, test, source = loaded(data)
        name = recipe or "best"
        if name not in RECIPES:
            raise ValueError(f"--recipe {recipe}: allowed is {', '.join(RECIPES)}")
        settings = replace(RECIPES[name], epochs=QUICK, augment=None)
        before = trainer_of(settings, train, test, seed, network, width).network
        if file:
            net = made(network, train[0].shape[1:], 0.0, width=width)
            net.load_params(file)
            return Ready(net, before, train, test)
        trainer = trainer_of(settings, train, test, seed, network, width)
    except ValueError as error:
        raise WrongUse(str(error)) from None
    typer.echo(
        f"no --parameters: {network} is trained for {QUICK} epochs by the recipe {name}, nothing shifted ({source})"
    )
    trainer.train()
    return Ready(trainer.network, before, train, test)


def first_filters(params: dict[str, Any]) -> Any:
    """The first convolution's weights. Raises WrongUse where there is none."""
    found = next((a for a in params.values() if a.ndim == 4), None)
    if found is None:
        raise WrongUse("this network has no convolution")
    return found


def chosen(test: "Split", image: int) -> Any:
    if image >= len(test[0]):
        raise WrongUse(f"--image {image}: there are {len(test[0])}, counted from 0")
    return test[0][image]


def shown(height: int, width: int) -> Any:
    """An image of that size to draw on: a digit, or the photograph."""
    import numpy as np

    from impl import plots
    from impl.data import load_mnist

    image = load_mnist(flatten=False)[1][0][0, 0] if height <= 32 else plots.photograph()
    rows, columns = (np.arange(side) * length // side for side, length in zip((height, width), image.shape))
    return image[rows][:, columns]


def language(lang: str) -> str:
    """en or ja; says so where the machine has no Japanese letters. Raises WrongUse."""
    from impl.plots import japanese_font

    if lang not in ("en", "ja"):
        raise WrongUse(f"--lang {lang}: allowed is en or ja")
    if lang == "ja" and japanese_font() is None:
        typer.echo(
            "convcheck: no font here has Japanese letters (Debian: fonts-noto-cjk); the words are English", err=True
        )
    return lang


def save(figure: "Figure", out: Path | None, name: str, open_it: bool) -> None:
    """Write the picture, whole or not at all; --open shows it."""
    import io

    from impl.files import write_atomically

    path = out or Path(f"{name}.png")
    if path.suffix not in (".png", ".svg"):
        raise WrongUse(f"--out {path}: allowed is a name that ends with .png or .svg")
    packed = io.BytesIO()
    figure.savefig(packed, format=path.suffix[1:], dpi=120)
    try:
        write_atomically(path, packed.getvalue())
    except OSError as error:
        raise WrongUse(f"--out {path}: {error.strerror}") from None
    typer.echo(f"saved {path}")
    if open_it:
        typer.launch(str(path))
