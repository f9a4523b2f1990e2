"""What is shown is so: units, fields, counts and shifts against what can be worked out; pictures without display."""

import sys
import warnings

import numpy as np
import pytest
from scipy.ndimage import correlate

from impl import plots
from impl.data import load_mnist
from impl.networks import NETWORKS, Network, SimpleConvNet
from impl.networks.inspection import Maximized, activations, maximize, truncate
from impl.networks.receptive_field import Field, field_by_gradient, receptive_field, spatial_layers
from impl.plots import canvas
from impl.plots.counts import Sharing, weight_sharing
from impl.plots.filters import EDGES, photograph
from impl.training.robustness import accuracy_by_shift
from reference_tests import cli
from reference_tests.chapter import ScikitLearnMissing, extract_features, svm_accuracy

pytestmark = pytest.mark.slow  # each draws

X, T = (part[:40] for part in load_mnist(flatten=False)[1])
W = np.eye(9).reshape(9, 1, 3, 3)
FOUND = Maximized(np.zeros((1, 4, 4)), [0.0, 1.0], (3,))
PICTURES = {
    "loss_curve": lambda language: plots.loss_curve([3.0, 1.0], [(2, 0.5)], language=language),
    "shift_curve": lambda language: plots.shift_curve([0, 1], {"cnn": [0.9, 0.8]}, language),
    "accuracies": lambda language: plots.accuracies({"dense": 0.9, "svm": 0.95}, language),
    "filters": lambda language: plots.filters(W, W, 3, language),
    "feature_maps": lambda language: plots.feature_maps(X[0], {"a": np.ones((3, 4, 4)), "b": np.arange(5.0)}, language),
    "filtered": lambda language: plots.filtered(photograph(40), language),
    "parameter_counts": lambda language: plots.parameter_counts(NETWORKS["lenet"](), language),
    "maximized": lambda language: plots.maximized([FOUND] * 3, 2),
    "receptive_fields": lambda language: plots.receptive_fields(X[0, 0], {"a": Field(1, 3, 2, 9)}),
}


def texts(figure):
    from matplotlib.text import Text

    return [text for text in figure.findobj(Text) if text.get_text()]


@pytest.mark.parametrize("name", PICTURES)
def test_plot_needs_no_display_and_has_all_letters(name, tmp_path):
    figure = PICTURES[name]("ja")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of a letter that its font lacks
        figure.savefig(tmp_path / "picture.png", dpi=20)
    titles = [figure.get_suptitle(), *(axes.get_title() for axes in figure.axes)]
    assert any(titles)
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()
    assert all(text.get_text().isascii() or "→" in text.get_text() for text in texts(PICTURES[name]("en")))
    if name not in ("maximized", "receptive_fields"):
        said = [text.get_text() for text in texts(figure)]
        japanese = any(word in text for word in canvas.WORDS.values() for text in said)
        assert japanese == (plots.japanese_font() is not None)


def test_plot_without_a_japanese_font_is_english(monkeypatch):
    from matplotlib.font_manager import fontManager

    latin = [font for font in fontManager.ttflist if font.name == "DejaVu Sans"]
    monkeypatch.setattr(fontManager, "ttflist", latin)
    assert plots.japanese_font() is None
    pretender = [type(latin[0])(fname=latin[0].fname, name="Noto Sans CJK JP"), *latin]
    monkeypatch.setattr(fontManager, "ttflist", pretender)
    assert plots.japanese_font() is None, "it is asked for its letters, not its name"
    said = [text.get_text() for text in texts(PICTURES["filters"]("ja"))]
    assert "before training" in said and all(word.isascii() for word in said)
    with pytest.raises(ValueError, match="language='fr'"):
        plots.filters(np.ones((1, 1, 2, 2)), np.ones((1, 1, 2, 2)), language="fr")


def test_edge_filters_have_the_notes_numbers():
    square = np.zeros((8, 8))
    square[2:6, 2:6] = 1
    assert correlate(square, EDGES["horizontal difference"])[3, 1] == 0.5
    figure = plots.filtered(square)
    for axes, W in zip(figure.axes[1:], EDGES.values()):
        shown = axes.images[0].get_array()
        np.testing.assert_allclose(shown, correlate(square, W, mode="constant")[1:-1, 1:-1], atol=1e-12)
    image = photograph()
    assert image.shape == (256, 256) and 0 <= image.min() < 0.1 and 0.9 < image.max() <= 1, "a real photograph"


@pytest.fixture(scope="module")
def nets():
    return {
        "book": SimpleConvNet(rng=0, weight_init_std="he"),
        "lenet": Network(NETWORKS["lenet"](), rng=0, dtype=np.float64),
        "googlenet": Network(NETWORKS["googlenet_torchvision"]((1, 32, 32), 10, 1 / 16), rng=0, dtype=np.float64),
    }


@pytest.mark.parametrize("name, layer", [("book", "Relu2"), ("lenet", "conv2"), ("googlenet", "inception3a.concat")])
def test_truncated_network_gradient_equals_central_differences(nets, name, layer):
    """Through our own backward, begun in the middle of the network."""
    net = nets[name]
    forward, backward = truncate(net, layer)
    x = np.random.default_rng(1).random((1, 1, *((28, 28) if name != "googlenet" else (32, 32))))
    out = forward(x)
    np.testing.assert_array_equal(out, activations(net, x)[layer])
    dout = np.random.default_rng(2).standard_normal(out.shape)
    dx = backward(dout).reshape(x.shape)
    way = np.random.default_rng(3).standard_normal(x.shape)
    h = 1e-6
    slope = ((forward(x + h * way) - forward(x - h * way)) * dout).sum() / (2 * h)
    assert (dx * way).sum() == pytest.approx(slope, rel=1e-4)


def test_maximize_finds_the_known_image_of_a_filter():
    """White where its weight is positive and black where it is negative; the response is then the positive weights."""
    net = SimpleConvNet(rng=0, weight_init_std="he")
    W = net.params["W1"][2, 0]
    found = maximize(net, "Conv1", 2, size=4.0, steps=200)
    assert found.place == (2, 12, 12)
    seen = found.image[0, 12:17, 12:17]
    clear = np.abs(W) > 0.02  # the others' pixels are still on their way
    assert clear.sum() > 20
    np.testing.assert_array_equal(seen[clear], (W[clear] > 0).astype(float))
    assert found.responses[-1] == pytest.approx(W[W > 0].sum(), rel=0.01) and found.responses[0] < found.responses[-1]
    outside = np.delete(found.image[0], slice(12, 17), axis=0)
    assert np.abs(outside - 0.5).max() < 0.06, "what the unit does not see stays as it was"


def test_maximize_climbs_and_refuses_unknown_units(nets):
    for smooth in (0, 3):
        found = maximize(nets["book"], "Affine2", 7, steps=20, smooth=smooth)
        assert found.responses[-1] > found.responses[0] + 1 and found.place == (7,)
        assert found.image.min() >= 0 and found.image.max() <= 1
    with pytest.raises(ValueError, match="layer='conv9': allowed is one of Conv1"):
        maximize(nets["book"], "conv9", 0)
    with pytest.raises(ValueError, match="unit=30: allowed is 0 to 29"):
        maximize(nets["book"], "Conv1", 30)
    with pytest.raises(ValueError, match="object has no layers"):
        truncate(object(), "conv1")


SIZES = {"alexnet": (3, 99, 99), "nin": (3, 64, 64), "resnet18": (3, 48, 48), "googlenet": (3, 48, 48)}


@pytest.mark.parametrize("name", ["simple_conv_net", "lenet5", "lenet", *SIZES])
def test_receptive_fields_equal_the_reach_of_gradients(name):
    graph = NETWORKS[name](*([SIZES[name]] if name in SIZES else []))
    _, rows, columns = graph.input_dim
    names = spatial_layers(graph)
    for layer in names if len(names) < 12 else names[:: len(names) // 6]:
        _, H, W = graph.shapes[layer]
        for place in {(H // 2, W // 2), (0, W - 1)}:
            assert field_by_gradient(graph, layer, place) == receptive_field(graph, layer, place).inside(rows, columns)


def test_receptive_fields_equal_known_sizes():
    lenet = NETWORKS["lenet"]()
    for name, size in {"conv1": 5, "pool1": 6, "conv2": 14, "pool2": 16}.items():
        assert receptive_field(lenet, name).size == (size, size)
    assert receptive_field(lenet, "conv1", (0, 3)) == Field(-2, 2, 1, 5)
    vgg = NETWORKS["vgg16"]()
    assert receptive_field(vgg, "features.2").size == (5, 5), "two 3x3 see as much as one 5x5"
    with pytest.raises(ValueError, match="layer='fc1': allowed is one of conv1"):
        receptive_field(lenet, "fc1")
    with pytest.raises(ValueError, match=r"place=\(28, 0\)"):
        receptive_field(lenet, "conv1", (28, 0))


def test_weight_sharing_counts():
    assert weight_sharing(NETWORKS["simple_conv_net"]()) == {
        "conv1": Sharing(30 * 26, 24 * 24 * 30 * 26, 24 * 24 * 30 * (28 * 28 + 1))
    }
    figure = plots.parameter_counts(NETWORKS["simple_conv_net"]())
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    dense = 4320 * 100 + 100 + 100 * 10 + 10
    places, inputs = 24 * 24, 28 * 28
    assert widths == [dense + 30 * 26, dense + 30 * places * 26, dense + 30 * places * (inputs + 1)]


def test_accuracy_by_shift_averages_four_directions():
    class Left:
        """Right where the ink is in the left half."""

        def accuracy(self, x, t):
            return float((x[..., :4].sum(axis=(1, 2, 3)) > x[..., 4:].sum(axis=(1, 2, 3))).mean())

    x = np.zeros((1, 1, 8, 8), np.float32)
    x[0, 0, 4, 3] = 1
    assert accuracy_by_shift(Left(), x, np.zeros(1), [0, 1, 3]) == [1.0, 0.75, 0.75]


def test_svm_accuracy_equals_scikit_learn(nets):
    svm = pytest.importorskip("sklearn.svm", reason="scikit-learn is not installed")
    (x, t), (x_test, t_test) = load_mnist(flatten=False)
    train, test = (x[:200], t[:200]), (x_test[:100], t_test[:100])
    known = extract_features(nets["lenet"], "pool2", train[0], batch=70)
    np.testing.assert_allclose(known, activations(nets["lenet"], train[0])["pool2"].reshape(200, -1))
    theirs = svm.SVC(C=10.0).fit(known, train[1]).score(extract_features(nets["lenet"], "pool2", test[0]), test[1])
    assert svm_accuracy(nets["lenet"], "pool2", train, test) == theirs > 0.5


def test_svm_without_scikit_learn_is_one_sentence(nets, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    with pytest.raises(ScikitLearnMissing, match=r"scikit-learn: python -m pip install .*\[notebook\]"):
        svm_accuracy(nets["lenet"], "pool2", (X, T), (X, T))


@pytest.fixture
def show(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def show(*arguments):
        status = cli.run(["show", *map(str, arguments)])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return show


def test_show_writes_pictures(show, tmp_path):
    status, said, _ = show("receptive-field", "--check", "--out", "field.svg")
    assert status == 0 and said.count("gradients agree") == 4 and said.endswith("saved field.svg\n")
    assert (tmp_path / "field.svg").read_text().startswith("<?xml")
    status, said, _ = show("parameters")
    assert status == 0 and "conv1: 780 shared; own weights at every place: 449,280; fully connected: 13,564,800" in said
    assert (tmp_path / "parameters.png").read_bytes().startswith(b"\x89PNG")
    assert show("edges")[:2] == (0, "saved edges.png\n")


def test_show_draws_a_trained_network(show, tmp_path):
    net = Network(NETWORKS["lenet"](width=0.5), rng=0)
    net.save_params(tmp_path / "p.safetensors")
    given = "lenet", "--parameters", "p.safetensors", "--width", 0.5
    for command, *options in (["filters"], ["features"], ["maximize", "--units", 2]):
        assert show(command, *given, *options) == (0, f"saved {command}.png\n", "")
    refusal = "convcheck: --image 1000: there are 1000, counted from 0\n"
    assert show("features", *given, "--image", 1000)[::2] == (2, refusal)


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["edges", "--out", "edges.jpg"], "--out edges.jpg: a name must end with .png or .svg"),
        (["edges", "--out", "nowhere/edges.png"], "--out nowhere/edges.png: No such file or directory"),
        (["edges", "--lang", "fr"], "--lang fr: there are en, ja"),
        (["receptive-field", "mlp"], "mlp has no layer whose units have a place: each sees the whole image"),
        (["receptive-field", "--layer=fc1"], "layer='fc1': allowed is one of conv1, relu1, pool1, conv2, relu2, pool2"),
        (["features", "lenet", "--parameters", "edges"], "edges cannot be read: No such file or directory: edges"),
        (["filters", "lenett"], "no network is called 'lenett': did you mean lenet?"),
    ],
)
def test_show_usage_error_is_one_sentence(show, arguments, sentence):
    status, _, said = show(*arguments)
    assert (status, said) == (2, f"convcheck: {sentence}\n")
