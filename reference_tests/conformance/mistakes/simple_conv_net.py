"""SimpleConvNet: the known mistakes, each a change of what a reference answers.

Those of its layers are in the layers' own files.
"""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np

from ...subject.protocol import Answer, Question
from ..references import loops, loops_network
from ..references.loops_network import PARAMS, flatten, itself, log_softmax, positive
from ..types import Mistake
from .changes import Ask, WrongAnswer, alter, leave_to_rule
from .shares import COVERED, IN_WHOLE, give_in_cut_plane
from .softmax_parts import labels


def replace_layers(**other: Callable[..., Any]) -> WrongAnswer:
    """Put other functions in place of layers: conv, relu1, pool, flat, relu2 or last."""
    return lambda ask, q: loops_network.simple_conv_net(q, **other)


def alter_gradients(f: Callable[[np.ndarray, Question], np.ndarray]) -> WrongAnswer:
    """Change every gradient: f(gradient, question)."""
    return alter(**{f"d{k}": lambda a, q, k=k: f(a[f"d{k}"], q) for k in PARAMS})


def exchange(*pairs: tuple[str, str]) -> WrongAnswer:
    """Put gradients under other names: (name, the name of the gradient that stands there)."""
    return alter(**{f"d{a}": lambda right, q, b=b: right[f"d{b}"] for a, b in pairs})


def count_whole_batches(ask: Ask, q: Question) -> Answer:
    """Count the right answers of batches of 100 only, but divide by all images."""
    t = labels(q)
    n = len(t) // 100 * 100
    return {"accuracy": np.array((ask(q)["out"].argmax(axis=1) == t)[:n].sum() / len(t))}


def accuracy_of_whole_batches(ask: Ask, q: Question) -> Answer:
    """Take the share of right answers among the images of batches of 100; without one, 0."""
    t = labels(q)
    right = (ask(q)["out"].argmax(axis=1) == t)[: len(t) // 100 * 100]
    return {"accuracy": np.array(right.sum() / max(1, right.size))}


def average_batches(size: int) -> WrongAnswer:
    """Average the shares of right answers of batches of a size, the last of which may be smaller."""

    def answer(ask: Ask, q: Question) -> Answer:
        right = ask(q)["out"].argmax(axis=1) == labels(q)
        return {"accuracy": np.array(np.mean([right[i : i + size].mean() for i in range(0, len(right), size)]))}

    return answer


def compare_first_labels(size: int) -> WrongAnswer:
    """Compare every batch of a size with the labels of the first."""

    def answer(ask: Ask, q: Question) -> Answer:
        best, t = ask(q)["out"].argmax(axis=1), labels(q)
        return {"accuracy": np.array((best == t[np.arange(len(t)) % size]).mean())}

    return answer


def accuracy_of_first(ask: Ask, q: Question) -> Answer:
    """Take the share of right answers among the first 100 images."""
    return {"accuracy": np.array((ask(q)["out"].argmax(axis=1) == labels(q))[:100].mean())}


def in_bytes(best: bool, of_t: bool) -> WrongAnswer:
    """Keep the best classes, the labels, or both in bytes, where 256 is 0 again."""

    def answer(ask: Ask, q: Question) -> Answer:
        guess, t = ask(q)["out"].argmax(axis=1), labels(q)
        return {"accuracy": np.array(((guess % 256 if best else guess) == (t % 256 if of_t else t)).mean())}

    return answer


def loss_of_bytes(ask: Ask, q: Question) -> Answer:
    """Take the labels as bytes in the loss."""
    return {"loss": ask(q.but(t=labels(q) % 256))["loss"]}


BATCH = (-4, -3, -2, -1)  # axes of one batch, of which training has several
BATCHES = (100, 10, 16, 32, 50, 64, 128)


def softmax(a: np.ndarray) -> np.ndarray:
    """Return softmax along axis 1."""
    return np.asarray(np.exp(log_softmax(a)))


def flatten_channels_last(a: np.ndarray) -> np.ndarray:
    """Flatten (N, C, H, W) as (N, H*W*C)."""
    return flatten(a.transpose(0, 2, 3, 1))


def pool_before_relu(done: dict[str, np.ndarray]) -> np.ndarray:
    """Pool what the first ReLU is given."""
    return loops.pooling(loops.inner_question(x=done["a1"], pool_h=2, pool_w=2, stride=2, pad=0))["out"]


def take_best_of_class(ask: Ask, q: Question) -> Answer:
    """Take argmax down the batch: the image with the largest score of each class."""
    t = labels(q)
    best = ask(q)["out"].argmax(axis=0)
    return {"accuracy": np.array(np.mean(best == t))} if len(best) == len(t) else {}


def leave_out_last(ask: Ask, q: Question) -> Answer:
    """Return what the last affine layer is given."""
    return {"out": loops_network.forward(q, q["x"], {k: q[k] for k in PARAMS})["z2"]}


def divide_right_ones(by: Callable[[Question], int], first: int | None = None) -> WrongAnswer:
    """Divide the number of right answers by another number; of the first images only, if so many are given."""

    def answer(ask: Ask, q: Question) -> Answer:
        right = ask(q)["out"].argmax(axis=1) == labels(q)
        return {"accuracy": np.array(right[:first].sum() / by(q))}

    return answer


def take_least_score(ask: Ask, q: Question) -> Answer:
    """Take argmin of the scores."""
    return {"accuracy": np.array((ask(q)["out"].argmin(axis=1) == labels(q)).mean())}


def standardize(x: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """Return x less its mean along these axes, divided by its standard deviation along them."""
    centred = x - x.mean(axes, keepdims=True)
    return np.asarray(centred / (x.std(axes, keepdims=True) + 1e-7))


def round_accuracy(digits: int) -> WrongAnswer:
    """Round the accuracy to so many digits behind the point."""
    return alter(accuracy=lambda a, q: np.round(a["accuracy"], digits))


def pool_all_ties(q: Question) -> Answer:
    """Pool by two, and give dout to every number that is the largest of its window."""
    right = loops.pooling(q)
    if q.dout is None:
        return right
    spread = [a.repeat(2, axis=2).repeat(2, axis=3) for a in (right["out"], q.dout)]
    dx = np.zeros(q["x"].shape)
    h, w = spread[0].shape[2:]
    dx[:, :, :h, :w] = (q["x"][:, :, :h, :w] == spread[0]) * spread[1]
    return {**right, "dx": dx}


def ignore_bias(name: str) -> WrongAnswer:
    """Set a bias to 0."""
    return lambda ask, q: loops_network.simple_conv_net(q.but(**{name: q[name] * 0}))


# fmt: off
MISTAKES = [
    Mistake("net.relu1-missing", "there is no ReLU between the convolution and the pooling",
            replace_layers(relu1=itself), "the order is convolution, ReLU, pooling, affine, ReLU, affine"),
    Mistake("net.relu2-missing", "there is no ReLU between the two affine layers", replace_layers(relu2=itself),
            "the order is convolution, ReLU, pooling, affine, ReLU, affine"),
    Mistake("net.relu-last", "there is a ReLU after the last affine layer", replace_layers(last=positive),
            "the last scores go to the loss as they are, negative ones too"),
    Mistake("net.relu2-late", "the second ReLU stands after the last affine layer, not before it",
            replace_layers(relu2=itself, last=positive),
            "the order is convolution, ReLU, pooling, affine, ReLU, affine"),
    Mistake("net.last-layer-missing", "predict leaves out the last affine layer", leave_out_last,
            "predict goes through all layers but the loss"),
    Mistake("net.softmax-in-predict", "predict gives softmax's probabilities, so the loss applies softmax twice",
            replace_layers(last=softmax), "predict gives the last affine layer's scores; softmax belongs to the loss"),
    Mistake("net.softmax-in-predict", "predict gives softmax's probabilities, not the scores; the loss is right",
            alter(out=lambda a, q: softmax(a["out"])),
            "predict gives the last affine layer's scores; softmax belongs to the loss"),
    Mistake("net.log-softmax-in-predict", "predict gives the log of softmax's probabilities, not the scores",
            alter(out=lambda a, q: log_softmax(a["out"])),
            "predict gives the last affine layer's scores; softmax belongs to the loss"),
    *(Mistake(f"net.backward-skips-{'-'.join(which)}", f"gradient goes back without {text}",
              replace_layers(**{f"slope{name[-1]}": np.ones_like for name in which}),
              "go back through every layer, in the reverse order")
      for which, text in ((("relu1",), "the first ReLU"), (("relu2",), "the second ReLU"),
                          (("relu1", "relu2"), "both ReLUs"))),
    Mistake("net.pool-ties-all",
            "where several numbers of a window are the largest, the pooling gives each of them the whole gradient",
            replace_layers(pool=pool_all_ties), "give it to one of them, or share it evenly: it is counted once"),
    *(Mistake(f"net.{name}-before-relu",
              f"the gradient of {name} is worked out of what the ReLU before it is given, not of what that gives",
              replace_layers(**{key: kept}),
              "dW is the layer's own input, as forward had it, times dout")
      for name, key, kept in (("W3", "kept3", lambda done: done["a2"]), ("W2", "kept2", pool_before_relu))),
    Mistake("net.pool-place-in-covered-part", f"the pooling: {COVERED}",
            replace_layers(pool=lambda q: give_in_cut_plane(loops.pooling, q)), IN_WHOLE),
    Mistake("net.average-pooling", "the pooling takes the average, not the maximum",
            replace_layers(pool=loops.average_pooling), "the network's pooling is max pooling"),
    Mistake("net.channels-last", "the pooled images are flattened with the channels last",
            replace_layers(flat=flatten_channels_last),
            "flatten (N, C, H, W) as it lies in memory, without moving axes"),
    Mistake("net.sigmoid", "sigmoid stands where ReLU should", replace_layers(relu2=lambda a: 1 / (1 + np.exp(-a))),
            "both activations are ReLU"),
    *(Mistake("net.images-changed", f"predict {what} first", lambda ask, q, f=f: ask(q.but(x=f(q["x"]))),
              "the images go into the convolution as they are given")
      for what, f in (("divides the images by 255", lambda x: x / 255),
                      ("subtracts the mean of the batch", lambda x: x - x.mean(BATCH, keepdims=True)),
                      ("subtracts each image's own mean", lambda x: x - x.mean((-3, -2, -1), keepdims=True)),
                      ("standardizes the batch by its own mean and standard deviation",
                       lambda x: standardize(x, BATCH)),
                      ("standardizes each image by its own mean and standard deviation",
                       lambda x: standardize(x, (-3, -2, -1))),
                      ("standardizes each channel of the batch by its own mean and standard deviation",
                       lambda x: standardize(x, (-4, -2, -1))),
                      ("moves the images to -1 to 1", lambda x: 2 * x - 1),
                      ("moves the images to -0.5 to 0.5", lambda x: x - 0.5))),
    Mistake("net.scores-centred", "predict subtracts each image's mean score, which the loss does not show",
            alter(out=lambda a, q: a["out"] - a["out"].mean(1, keepdims=True)),
            "predict gives the last layer's scores"),
    Mistake("net.scores-below-0", "predict subtracts each image's largest score: that belongs into softmax",
            alter(out=lambda a, q: a["out"] - a["out"].max(1, keepdims=True)), "predict gives the last layer's scores"),
    *(Mistake(f"net.{name}-ignored",
              f"what is written into the bias {name} does not count: the layer has a copy of it, or none",
              ignore_bias(name), f"hand params[{name!r}] to its layer, the very array")
      for name in ("b1", "b2", "b3")),
    Mistake("net.loss-sum", "the loss is the sum over the batch, not the mean",
            alter(loss=lambda a, q: a["loss"] * len(q["x"])), "divide by the number of images"),
    Mistake("net.gradient-sum", "the gradients are those of the summed loss, not of the mean",
            alter_gradients(lambda g, q: g * len(q["x"])),
            "the loss divides by the number of images, so its gradient does too"),
    Mistake("net.gradient-mean-twice", "the gradients are divided by the number of images twice",
            alter_gradients(lambda g, q: g / len(q["x"])), "divide once: in the loss's backward"),
    Mistake("net.gradient-negative", "the gradients have the wrong sign", alter_gradients(lambda g, q: -g),
            "gradient gives dL/dW; it is the optimizer that subtracts it"),
    Mistake("net.keys-b-swapped", "the gradients of two biases stand under each other's names",
            exchange(("b2", "b3"), ("b3", "b2")), "b2 belongs to the first affine layer, b3 to the last"),
    Mistake("net.keys-W-swapped", "the gradients of W2 and W3 stand under each other's names",
            exchange(("W2", "W3"), ("W3", "W2")), "W2 belongs to the first affine layer, W3 to the last"),
    Mistake("net.keys-affine-swapped", "the gradients of the two affine layers stand under each other's names",
            exchange(("W2", "W3"), ("W3", "W2"), ("b2", "b3"), ("b3", "b2")),
            "W2, b2 belong to the first affine layer, W3, b3 to the last"),
    Mistake("net.keys-W-b-swapped", "the gradients of weights and biases stand under each other's names",
            exchange(*((f"W{i}", f"b{i}") for i in (1, 2, 3)), *((f"b{i}", f"W{i}") for i in (1, 2, 3))),
            "dW belongs under W1, W2, W3; db under b1, b2, b3"),
    *(Mistake("net.gradient-copied", f"the gradient under {key} is that of {other}",
              exchange((key, other)), "each layer's dW and db go under its own names")
      for kind in "Wb" for key, other in permutations([f"{kind}{i}" for i in (1, 2, 3)], 2)),
    Mistake("net.mask-of-other-relu", "the mask of one ReLU meets the gradient of the other", leave_to_rule,
            "make a ReLU object for each place, and go back through the layers in the reverse order"),
    Mistake("net.params-shared", "the parameters are those of all networks: making a new one overwrites the others'",
            leave_to_rule, "make the dict in __init__, self.params = {}: not on the class, not as a default"),
    Mistake("net.layers-shared",
            "the layers are those of all networks: a new one puts its own in the others' place, or behind them",
            leave_to_rule,
            "make the layers in __init__, and keep them as self.layers: not on the class, not as a default"),
    Mistake("net.layers-reversed",
            "after one gradient the list of layers stays reversed: the next call goes through it the wrong way round",
            leave_to_rule, "go through reversed(layers), or reverse a copy of the list"),
    *(Mistake("net.accuracy-rounded", f"accuracy is rounded: it has {digits} digits behind the point",
              round_accuracy(digits), "give it as it is")
      for digits in (2, 1, 3)),
    Mistake("net.accuracy-partial", "accuracy leaves out the last batch where it is not full", count_whole_batches,
            "go through all images: the last batch may be smaller"),
    Mistake("net.accuracy-partial", "accuracy is that of the full batches alone: the last partial one is left out",
            accuracy_of_whole_batches, "go through all images: the last batch may be smaller"),
    *(Mistake("net.accuracy-of-batches", "accuracy is the mean of the batches' own: a smaller last one counts as much",
              average_batches(size), "count the right answers of all images, then divide once") for size in BATCHES),
    Mistake("net.accuracy-first-batch", "accuracy is that of the first 100 images alone", accuracy_of_first,
            "go through all images"),
    *(Mistake("net.accuracy-first-labels", "every batch of accuracy is compared with the labels of the first one",
              compare_first_labels(size), "cut x and t at the same places") for size in BATCHES),
    Mistake("net.accuracy-count", "accuracy is the number of right answers, not their share",
            alter(accuracy=lambda a, q: a["accuracy"] * len(q["x"])), "divide by the number of images"),
    Mistake("net.accuracy-over-classes", "accuracy is divided by the number of classes, not of images",
            divide_right_ones(lambda q: q["output_size"]), "divide by the number of images"),
    Mistake("net.accuracy-over-t-size", "for one-hot t accuracy is divided by N*K, the size of t, not by N",
            divide_right_ones(lambda q: q["t"].size), "divide by the number of images"),
    *(Mistake("net.accuracy-over-full-batches",
              "accuracy counts a last batch that is not full as a full one: it divides by the batches times their size",
              divide_right_ones(lambda q, n=n: -(-len(q["x"]) // n) * n),  # type: ignore[misc]
              "divide by the number of images") for n in (100, 50, 32, 64)),
    *(Mistake("net.accuracy-over-fixed-number", f"accuracy is divided by {n}, however many images there are",
              divide_right_ones(lambda q, n=n: n), "divide by the number of images")  # type: ignore[misc]
      for n in (100, 1000, 10000)),
    Mistake("net.accuracy-first-batch", "the right answers of the first 100 images are divided by the number of all",
            divide_right_ones(lambda q: len(q["x"]), 100), "go through all images"),
    Mistake("net.accuracy-argmin", "accuracy takes the smallest score of each image, not the largest", take_least_score,
            "argmax along the classes"),
    Mistake("net.accuracy-percent", "accuracy is in percent, not a share of 1",
            alter(accuracy=lambda a, q: a["accuracy"] * 100), "the share of right answers is between 0 and 1"),
    Mistake("net.accuracy-error", "accuracy is the share of wrong answers",
            alter(accuracy=lambda a, q: 1 - a["accuracy"]), "count where the largest score stands at the label"),
    Mistake("net.accuracy-axis", "accuracy takes the largest score of each class, not of each image",
            take_best_of_class, "argmax goes along the classes: axis 1"),
    *(Mistake("net.labels-in-bytes", f"{what} are kept in bytes (uint8): from 256 on they begin at 0 again",
              answer, "keep labels as whole numbers, int64, as argmax gives them")
      for what, answer in (("the best classes", in_bytes(True, False)), ("the labels", in_bytes(False, True)),
                           ("the labels and the best classes", in_bytes(True, True)),
                           ("the labels of the loss", loss_of_bytes))),
    Mistake("net.defaults-changed", "a network that is made with the defaults has the settings of one made before it: "
            "the dict of defaults is written into", leave_to_rule,
            "copy the defaults before you change them: {**defaults, **conv_param}"),
    Mistake("net.init-shape", "a parameter has another shape than the book's", leave_to_rule,
            "W2 has filter_num * (OH // 2) * (OW // 2) rows; the convolution's OH and OW count stride and pad"),
    *(Mistake("net.conv-settings", text, leave_to_rule,
              "hand conv_param's pad and stride on to the convolution, in the order of its parameters")
      for text in ("the convolution works without its padding", "the convolution pads one side only",
                   "the convolution works without its stride", "the convolution works without stride and padding",
                   "the images are not pooled before they are flattened")),
    Mistake("net.init-bias", "the biases do not start at 0", leave_to_rule, "make them with zeros"),
    Mistake("net.init-repeated", "rows or columns of a weight are equal: it is drawn once and repeated", leave_to_rule,
            "draw every number of a weight: randn takes the whole shape"),
    Mistake("net.init-mean", "the weights do not start round 0", leave_to_rule,
            "draw them from a normal distribution round 0: randn, not rand"),
    Mistake("net.init-std", "the weights do not start with the standard deviation weight_init_std", leave_to_rule,
            "multiply what randn gives by weight_init_std, for each of W1, W2 and W3"),
    Mistake("net.gradient-by-argmax", "the loss takes t as probabilities, the gradients only the largest of each row",
            leave_to_rule, "hand the very t that loss is given on to backward: (y - t) / N"),
    Mistake("net.seeded", "every new network starts with the same weights: a seed is set in it", leave_to_rule,
            "leave the seed to who runs the program: np.random.seed changes every random number after it"),
]
# fmt: on
