"""convcheck show: the commands that draw a picture of a network, of its filters, features, units or parameters."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from ..errors import UsageError, fail
from ..files import write_atomically
from ..i18n import _
from .options import option

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from impl.data.mnist import Split

QUICK_EPOCHS = 3  # without --parameters; no image is shifted then, so that `shift` compares like with like


class TrainedNetwork(NamedTuple):
    """A trained network, the same network before training, and the digits."""

    network: Any
    before: Any
    train: "Split"
    test: "Split"


def prepare_network(
    network: str, file: Path | None, width: float, data: str, seed: int, recipe: str = ""
) -> TrainedNetwork:
    """Return the network with the file's parameters, or trained for QUICK_EPOCHS. Raises UsageError."""
    from impl.training.recipes import RECIPES, make_network, make_trainer

    from .networks import find_network
    from .train import load_data

    try:
        find_network(network)
        train, test, source = load_data(data)
        name = recipe or "best"
        if name not in RECIPES:
            raise ValueError(f"--recipe {recipe}: " + _("there are {names}").format(names=", ".join(RECIPES)))
        settings = replace(RECIPES[name], epochs=QUICK_EPOCHS, augment=None)
        before = make_trainer(settings, train, test, seed, network, width).network
        if file:
            net = make_network(network, train[0].shape[1:], 0.0, width=width)
            net.load_params(file)
            return TrainedNetwork(net, before, train, test)
        trainer = make_trainer(settings, train, test, seed, network, width)
    except ValueError as error:
        raise UsageError(str(error)) from None
    text = _("no --parameters: {network} is trained for {n} epochs by the recipe {recipe}, nothing shifted ({source})")
    typer.echo(text.format(network=network, n=QUICK_EPOCHS, recipe=name, source=source))
    trainer.train()
    return TrainedNetwork(trainer.network, before, train, test)


def find_filters(params: dict[str, Any]) -> Any:
    """Return the first convolution's weights (FN, C, FH, FW). Raises UsageError if there is no convolution."""
    found = next((a for a in params.values() if a.ndim == 4), None)
    if found is None:
        raise UsageError(_("this network has no convolution"))
    return found


def select_image(test: "Split", image: int) -> Any:
    """Return one test image (C, H, W). Raises UsageError if there is no such image."""
    if image >= len(test[0]):
        raise UsageError(f"--image {image}: " + _("there are {n}, counted from 0").format(n=len(test[0])))
    return test[0][image]


def make_background(height: int, width: int) -> Any:
    """Return an image (H, W) to draw on: a digit if it is small, else the photograph."""
    import numpy as np

    from impl import plots
    from impl.data import load_mnist

    image = load_mnist(flatten=False)[1][0][0, 0] if height <= 32 else plots.photograph()
    rows, columns = (np.arange(side) * length // side for side, length in zip((height, width), image.shape))
    return image[rows][:, columns]


def check_language(lang: str) -> str:
    """Return the language, with a warning if the machine has no Japanese letters. Raises UsageError."""
    from impl.plots import japanese_font

    from ..i18n import current_language
    from .help import require_known

    lang = require_known(lang) or current_language()
    if lang == "ja" and japanese_font() is None:
        text = _("no font here has Japanese letters (Debian: fonts-noto-cjk); the words are English")
        typer.echo(f"convcheck: {text}", err=True)
    return lang


def save_figure(figure: "Figure", out: Path | None, name: str, open_it: bool) -> None:
    """Write the picture to a file, and open it if wanted. Raises UsageError if it cannot be written."""
    import io

    path = out or Path(f"{name}.png")
    if path.suffix not in (".png", ".svg"):
        raise UsageError(f"--out {path}: " + _("a name must end with .png or .svg"))
    packed = io.BytesIO()
    figure.savefig(packed, format=path.suffix[1:], dpi=120)
    try:
        write_atomically(path, packed.getvalue())
    except OSError as error:
        raise UsageError(f"--out {path}: {error.strerror}") from None
    typer.echo(_("saved {path}").format(path=path))
    if open_it:
        typer.launch(str(path))


SHIFTS = range(8)  # pixels

Named = Annotated[str, typer.Argument(metavar="NETWORK", help="simple_conv_net, lenet ...")]
Parameters = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help=f"What `convcheck train` saved. Default: {QUICK_EPOCHS} epochs now, on digits."),
]
Width = Annotated[float, typer.Option(help="As in `convcheck train`.")]
Data = Annotated[str, typer.Option(metavar="digits|mnist|DIR", help="As in `convcheck train`.")]
Seed = Annotated[int, typer.Option(min=0, help="As in `convcheck train`.")]
Image = Annotated[int, typer.Option(min=0, help="Which of the test images.")]
Out = Annotated[Path | None, typer.Option(metavar="FILE", help="NAME.png or NAME.svg. Default: COMMAND.png.")]
Open = Annotated[bool, typer.Option("--open", help="Show the picture in the program that opens such files.")]
Lang = Annotated[str, option("en or ja [as the system speaks].", "LANG")]


def show_filters(
    network: Named = "simple_conv_net",
    parameters: Parameters = None,
    recipe: Annotated[
        str, typer.Option(help="best or book: what the parameters were trained by. Default: book without --parameters.")
    ] = "",
    width: Width = 1.0,
    data: Data = "digits",
    seed: Seed = 0,
    out: Out = None,
    open_it: Open = False,
    lang: Lang = "",
) -> None:
    """The first layer's filters before and after training, side by side."""
    from impl import plots

    there = prepare_network(network, parameters, width, data, seed, recipe or ("best" if parameters else "book"))
    pair = [find_filters(net.params) for net in (there.before, there.network)]
    save_figure(plots.filters(pair[0], pair[1], language=check_language(lang)), out, "filters", open_it)


def show_features(
    network: Named = "simple_conv_net",
    parameters: Parameters = None,
    image: Image = 0,
    width: Width = 1.0,
    data: Data = "digits",
    seed: Seed = 0,
    out: Out = None,
    open_it: Open = False,
    lang: Lang = "",
) -> None:
    """Every layer's feature maps for one image, low level to high."""
    from impl import plots
    from impl.networks.inspection import activations

    there = prepare_network(network, parameters, width, data, seed)
    x = select_image(there.test, image)
    outputs = {name: maps[0] for name, maps in activations(there.network, x[None]).items()}
    save_figure(plots.feature_maps(x, outputs, check_language(lang)), out, "features", open_it)


def show_maximized(
    network: Named = "simple_conv_net",
    layer: Annotated[str, typer.Option(help="Default: the last, whose units are the classes.")] = "",
    units: Annotated[int, typer.Option(min=1, help="The first so many.")] = 10,
    smooth: Annotated[int, typer.Option(min=0, help="How often each gradient is averaged over 3x3 pixels.")] = 3,
    parameters: Parameters = None,
    width: Width = 1.0,
    data: Data = "digits",
    seed: Seed = 0,
    out: Out = None,
    open_it: Open = False,
    lang: Lang = "",
) -> None:
    """The image that each unit responds to most, by gradient ascent through our own backward."""
    from impl import plots
    from impl.networks import inspection

    there = prepare_network(network, parameters, width, data, seed)
    shape = there.test[0].shape[1:]
    try:
        last = layer or list(inspection.layers_of(there.network))[-1]
        count = inspection.truncate(there.network, last)[0](there.test[0][:1]).shape[1]
        found = [
            inspection.maximize(there.network, last, unit, shape, smooth=smooth) for unit in range(min(units, count))
        ]
    except ValueError as error:
        raise UsageError(str(error)) from None
    save_figure(plots.maximized(found, language=check_language(lang)), out, "maximize", open_it)


def show_shift(
    network: Named = "simple_conv_net",
    parameters: Parameters = None,
    against: Annotated[str, typer.Option(help="The network beside it, trained now.")] = "mlp",
    images: Annotated[int, typer.Option(min=1, help="Of the test images, the first so many.")] = 500,
    width: Width = 1.0,
    data: Data = "digits",
    seed: Seed = 0,
    out: Out = None,
    open_it: Open = False,
    lang: Lang = "",
) -> None:
    """Accuracy when the images are moved: a CNN and a network of dense layers, trained without shifts."""
    from impl import plots
    from impl.training.robustness import accuracy_by_shift

    both = {
        network: prepare_network(network, parameters, width, data, seed),
        against: prepare_network(against, None, 1.0, data, seed),
    }
    found = {
        name: accuracy_by_shift(there.network, there.test[0][:images], there.test[1][:images], SHIFTS)
        for name, there in both.items()
    }
    typer.echo(_("pixels") + " " + " ".join(f"{n:>6}" for n in SHIFTS))
    for name, shares in found.items():
        typer.echo(f"{name}: " + " ".join(f"{100 * share:5.1f}%" for share in shares))
    save_figure(plots.shift_curve(SHIFTS, found, check_language(lang)), out, "shift", open_it)


def show_receptive_field(
    network: Named = "lenet",
    layer: Annotated[str, typer.Option(help="Default: every layer whose units see more than the one before.")] = "",
    size: Annotated[str, typer.Option(help="Of the images, as 3x224x224 [the paper's].", metavar="CxHxW")] = "",
    check: Annotated[
        bool, typer.Option("--check", help="Find each again by gradients; slow for large networks.")
    ] = False,
    out: Out = None,
    open_it: Open = False,
    lang: Lang = "",
) -> None:
    """Which pixels the middle unit of each layer sees, from the shapes alone."""
    from impl import plots
    from impl.networks import receptive_field as fields

    from .networks import describe_layers

    graph = describe_layers(network, size)
    found: dict[str, fields.Field] = {}
    try:
        for name in [layer] if layer else fields.spatial_layers(graph):
            field = fields.receptive_field(graph, name)
            if field not in found.values():
                found[name] = field
    except ValueError as error:
        raise UsageError(str(error)) from None
    if not found:
        text = _("{network} has no layer whose units have a place: each sees the whole image")
        raise UsageError(text.format(network=network))
    _channels, H, W = graph.input_dim
    for name, field in found.items():
        said = ""
        if check:
            agrees = fields.field_by_gradient(graph, name) == field.inside(H, W)
            said = "  " + (_("gradients agree") if agrees else _("gradients DISAGREE"))
        rows, columns = field.size
        place = _("rows {top}..{bottom}, columns {left}..{right}").format(**place_of(field))
        typer.echo(f"{name:<12} {rows}x{columns}  {place}{said}")
    picture = plots.receptive_fields(make_background(H, W), found, check_language(lang))
    save_figure(picture, out, "receptive-field", open_it)


def place_of(field: Any) -> dict[str, int]:
    """Return the first and last rows and columns of a receptive field."""
    return {side: getattr(field, side) for side in ("top", "bottom", "left", "right")}


def show_parameters(
    network: Named = "simple_conv_net",
    size: Annotated[str, typer.Option(help="Of the images, as 1x28x28.", metavar="CxHxW")] = "",
    out: Out = None,
    open_it: Open = False,
    lang: Lang = "",
) -> None:
    """Parameters of a network, and how many it would need if its convolutions did not share their weights."""
    from impl import plots
    from impl.plots.counts import count_all, weight_sharing

    from .networks import describe_layers

    cnn = describe_layers(network, size)
    for name, (shared, own, full) in {cnn.name: count_all(cnn), **weight_sharing(cnn)}.items():
        text = _("{name}: {shared:,} shared; own weights at every place: {own:,}; fully connected: {full:,}")
        typer.echo(text.format(name=name, shared=shared, own=own, full=full))
    save_figure(plots.parameter_counts(cnn, check_language(lang)), out, "parameters", open_it)


def show_edges(out: Out = None, open_it: Open = False, lang: Lang = "") -> None:
    """The Laplacian and the difference filters on a real photograph."""
    from impl import plots

    save_figure(plots.filtered(plots.photograph(), check_language(lang)), out, "edges", open_it)


def show_svm(
    network: Named = "simple_conv_net",
    layer: Annotated[str, typer.Option(help="Whose output are the features. Default: the last with maps.")] = "",
    parameters: Parameters = None,
    images: Annotated[int, typer.Option(min=20, help="Of the training images, the first so many.")] = 6000,
    width: Width = 1.0,
    data: Data = "digits",
    seed: Seed = 0,
    out: Out = None,
    open_it: Open = False,
    lang: Lang = "",
) -> None:
    """The CNN's features with a support vector machine in place of the dense layers: both accuracies."""
    from impl import plots
    from impl.networks.inspection import activations

    from ..chapter import ScikitLearnMissing, svm_accuracy

    there = prepare_network(network, parameters, width, data, seed)
    maps = [name for name, out in activations(there.network, there.test[0][:1]).items() if out.ndim == 4]
    last = layer or (maps or [""])[-1]
    part = there.train[0][:images], there.train[1][:images]
    try:
        found = {
            _("{network}, its dense layers").format(network=network): there.network.accuracy(*there.test),
            f"{last} + SVM": svm_accuracy(there.network, last, part, there.test),
        }
    except ScikitLearnMissing as error:
        fail(str(error))
    except ValueError as error:
        raise UsageError(str(error)) from None
    for name, share in found.items():
        typer.echo(f"{name}: {100 * share:.2f} %")
    save_figure(plots.accuracies(found, check_language(lang)), out, "svm", open_it)


COMMANDS = {
    "filters": show_filters,
    "features": show_features,
    "maximize": show_maximized,
    "shift": show_shift,
    "receptive-field": show_receptive_field,
    "parameters": show_parameters,
    "edges": show_edges,
    "svm": show_svm,
}
