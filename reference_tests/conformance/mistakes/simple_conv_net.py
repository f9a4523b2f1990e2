"""SimpleConvNet: its known mistakes. Those of its layers are told by the layers."""

import numpy as np

from ..references import loops, loops_network
from ..references.loops_network import PARAMS, flatten, itself, log_softmax, positive
from ..types import Mistake
from .changes import after


def made_of(**other):
    """A network with another function in place of a layer."""
    return lambda ask, q: loops_network.simple_conv_net(q, **other)


def grads(f):
    """Every gradient changed: f(gradient, question)."""
    return after(**{f"d{k}": lambda a, q, k=k: f(a[f"d{k}"], q) for k in PARAMS})


def exchanged(*pairs):
    """Two gradients under each other's names."""
    return after(**{f"d{a}": lambda right, q, b=b: right[f"d{b}"] for a, b in pairs})


def whole_batches(ask, q):
    """Only batches of 100 are counted, but all images divided by."""
    t = q["t"] if q["t"].ndim == 1 else q["t"].argmax(axis=1)
    n = len(t) // 100 * 100
    return {"accuracy": np.array((ask(q)["out"].argmax(axis=1) == t)[:n].sum() / len(t))}


def softmax(a):
    return np.exp(log_softmax(a))


def channels_last(a):
    return flatten(a.transpose(0, 2, 3, 1))


def by_class(ask, q):
    """argmax down the batch: of each class the image that has most of it."""
    t = q["t"] if q["t"].ndim == 1 else q["t"].argmax(axis=1)
    best = ask(q)["out"].argmax(axis=0)
    return {"accuracy": np.array(np.mean(best == t))} if len(best) == len(t) else {}


def seen_by_rule(ask, q):
    """Random numbers: a rule looks at them, no reference gives them."""
    return {}


def without_last(ask, q):
    return {"out": loops_network.forward(q, q["x"], {k: q[k] for k in PARAMS})["z2"]}


def without_bias(name):
    return lambda ask, q: loops_network.simple_conv_net(q.but(**{name: q[name] * 0}))


# fmt: off
MISTAKES = [
    Mistake("net.relu1-missing", "there is no ReLU between the convolution and the pooling", made_of(relu1=itself),
            "the order is convolution, ReLU, pooling, affine, ReLU, affine"),
    Mistake("net.relu2-missing", "there is no ReLU between the two affine layers", made_of(relu2=itself),
            "the order is convolution, ReLU, pooling, affine, ReLU, affine"),
    Mistake("net.relu-last", "there is a ReLU after the last affine layer", made_of(last=positive),
            "the last scores go to the loss as they are, negative ones too"),
    Mistake("net.relu2-late", "the second ReLU stands after the last affine layer, not before it",
            made_of(relu2=itself, last=positive), "the order is convolution, ReLU, pooling, affine, ReLU, affine"),
    Mistake("net.last-layer-missing", "predict leaves out the last affine layer", without_last,
            "predict goes through all layers but the loss"),
    Mistake("net.softmax-in-predict", "predict gives softmax's probabilities, so the loss applies softmax twice",
            made_of(last=softmax), "predict gives the last affine layer's scores; softmax belongs to the loss"),
    Mistake("net.average-pooling", "the pooling takes the average, not the maximum",
            made_of(pool=loops.average_pooling), "the network's pooling is max pooling"),
    Mistake("net.channels-last", "the pooled images are flattened with the channels last", made_of(flat=channels_last),
            "flatten (N, C, H, W) as it lies in memory, without moving axes"),
    Mistake("net.sigmoid", "sigmoid stands where ReLU should", made_of(relu2=lambda a: 1 / (1 + np.exp(-a))),
            "both activations are ReLU"),
    *(Mistake(f"net.{name}-ignored", f"the bias {name} is not used", without_bias(name),
              f"hand params[{name!r}] to its layer") for name in ("b1", "b2", "b3")),
    Mistake("net.loss-sum", "the loss is the sum over the batch, not the mean",
            after(loss=lambda a, q: a["loss"] * len(q["x"])), "divide by the number of images"),
    Mistake("net.gradient-sum", "the gradients are those of the summed loss, not of the mean",
            grads(lambda g, q: g * len(q["x"])), "the loss divides by the number of images, so its gradient does too"),
    Mistake("net.gradient-mean-twice", "the gradients are divided by the number of images twice",
            grads(lambda g, q: g / len(q["x"])), "divide once: in the loss's backward"),
    Mistake("net.gradient-negative", "the gradients have the wrong sign", grads(lambda g, q: -g),
            "gradient gives dL/dW; it is the optimizer that subtracts it"),
    Mistake("net.keys-b-swapped", "the gradients of two biases stand under each other's names",
            exchanged(("b2", "b3"), ("b3", "b2")), "b2 belongs to the first affine layer, b3 to the last"),
    Mistake("net.keys-W-swapped", "the gradients of W2 and W3 stand under each other's names",
            exchanged(("W2", "W3"), ("W3", "W2")), "W2 belongs to the first affine layer, W3 to the last"),
    Mistake("net.keys-affine-swapped", "the gradients of the two affine layers stand under each other's names",
            exchanged(("W2", "W3"), ("W3", "W2"), ("b2", "b3"), ("b3", "b2")),
            "W2, b2 belong to the first affine layer, W3, b3 to the last"),
    Mistake("net.keys-W-b-swapped", "the gradients of weights and biases stand under each other's names",
            exchanged(*((f"W{i}", f"b{i}") for i in (1, 2, 3)), *((f"b{i}", f"W{i}") for i in (1, 2, 3))),
            "dW belongs under W1, W2, W3; db under b1, b2, b3"),
    Mistake("net.accuracy-partial", "accuracy leaves out the last batch where it is not full", whole_batches,
            "go through all images: the last batch may be smaller"),
    Mistake("net.accuracy-count", "accuracy is the number of right answers, not their share",
            after(accuracy=lambda a, q: a["accuracy"] * len(q["x"])), "divide by the number of images"),
    Mistake("net.accuracy-percent", "accuracy is in percent, not a share of 1",
            after(accuracy=lambda a, q: a["accuracy"] * 100), "the share of right answers is between 0 and 1"),
    Mistake("net.accuracy-error", "accuracy is the share of wrong answers",
            after(accuracy=lambda a, q: 1 - a["accuracy"]), "count where the largest score stands at the label"),
    Mistake("net.accuracy-axis", "accuracy takes the largest score of each class, not of each image", by_class,
            "argmax goes along the classes: axis 1"),
    Mistake("net.init-shape", "a parameter has another shape than the book's", seen_by_rule,
            "W2 has filter_num * (OH // 2) * (OW // 2) rows; the convolution's OH and OW count stride and pad"),
    Mistake("net.init-bias", "the biases do not start at 0", seen_by_rule, "make them with zeros"),
    Mistake("net.init-mean", "the weights do not start round 0", seen_by_rule,
            "draw them from a normal distribution round 0: randn, not rand"),
    Mistake("net.init-std", "the weights do not start with the standard deviation weight_init_std", seen_by_rule,
            "multiply what randn gives by weight_init_std, for each of W1, W2 and W3"),
]
# fmt: on
