"""What is a layer by its name and cannot be called is said, whatever else the file has; a helper is not."""

import json

import pytest

from reference_tests.conformance.examination import Request, examine
from reference_tests.notebook import run_check
from reference_tests.subject.load import load
from reference_tests.subject.protocol import Unread

RELU = """
import numpy as np

def relu_forward(x):
    return np.maximum(0, x), x

def relu_backward(dout, cache):
    return dout * (cache > 0)
"""
RUN = "(blob, plan, mystery):\n    return plan.run(blob, mystery)\n"
FORWARD = {  # function -> the layer that it looks like
    "conv_forward": "Convolution", "max_pool_forward_naive": "Pooling", "avgPoolForward": "AveragePooling",
    "linear_forward": "Affine", "batchnorm_forward": "BatchNorm", "forward_lrn": "LRN", "sigmoid_fwd": "Sigmoid",
    "tanh_forward": "Tanh", "softmax_loss": "SoftmaxWithLoss", "dropout_forward": "Dropout",
    "depthwise_conv_forward": "DepthwiseConvolution", "conv_transpose2d": "TransposedConvolution",
}  # fmt: skip
PLAIN = {
    "conv2d": "Convolution", "max_pooling": "Pooling", "avg_pool2d": "AveragePooling", "fully_connected": "Affine",
    "batch_norm": "BatchNorm", "softmax_cross_entropy": "SoftmaxWithLoss", "global_avg_pool": "GlobalAveragePooling",
}  # fmt: skip
CLASSES = """
class ConvLayer2D:
    def __init__(self, engine): self.engine = engine
    def forward(self, x): return self.engine.run(x)

class MaxPool2d:
    def process(self, blob, engine): return engine.run(blob)
    def revert(self, grad): return grad.back()

class DenseLayer:
    def forward(self, x, engine, plan): return engine.run(x, plan)

class Dropout2d:
    @staticmethod
    def forward(blob, engine, plan): return engine.run(blob, plan)
"""

PARTS = """
import numpy as np

class {base}:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def {step}(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T

class PointwiseConvolution({base}):
    def __init__(self, W, b):
        super().__init__(W.reshape(len(W), -1).T, b)

    def forward(self, x):
        self.shape = x.shape
        rows = x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1])
        N, C, H, W = x.shape
        return {base}.{step}(self, rows).reshape(N, H, W, -1).transpose(0, 3, 1, 2)
"""


def said(path: str) -> list[Unread]:
    """Return what of a target is said to be called differently."""
    return load(path).unread


@pytest.mark.parametrize("functions", [FORWARD, PLAIN], ids=["of a direction", "without"])
def test_functions_that_are_layers_by_their_names_are_said_beside_others(functions, write):
    found = said(write("layers.py", RELU + "".join(f"\ndef {name}{RUN}" for name in functions)))
    assert {one.signature.partition("(")[0]: one.name for one in found} == functions
    assert not any(one.part for one in found)


def test_classes_that_are_layers_by_their_names_are_said(write):
    found = {one.name: one.signature.partition("(")[0] for one in said(write("layers.py", RELU + CLASSES))}
    assert found.pop("Dropout") == "Dropout2d.forward"
    assert found == {"Convolution": "ConvLayer2D", "Pooling": "MaxPool2d", "Affine": "DenseLayer"}


@pytest.mark.parametrize(
    "code",
    [
        "def conv_forward(*, blob, plan): return plan.run(blob)\n",
        "def conv_forward(*stuff): return stuff[1].run(stuff[0], stuff[2])\n",
        "def conv_forward(x, plan): return plan.run(x)\n",
        "conv_forward = lambda blob, plan, mystery: plan.run(blob)\n",
        "def 畳み込み順伝播(blob, plan): return plan.run(blob)\n",
        "def convolve(blob, recipe):\n    '''Slide filters over the channels.'''\n    return recipe(blob)\n",
        f"def conv_forward{RUN}\nclass Net:\n    def forward(self, x): return conv_forward(x, self, 2)\n",
        "class Conv2D:\n    def __init__(self, *a, **k): self.e = a[3]\n    def call(self, x): return self.e(x)\n",
    ],
)
def test_arguments_of_any_kind_tell_no_less(code, write):
    assert [one.name for one in said(write("layers.py", RELU + code))] == ["Convolution"]


PAIR = f"\ndef conv_forward{RUN}\ndef conv_backward(grad, saved, mystery):\n    return saved.back(grad)\n"


def test_a_pair_is_said_by_its_forward_pass_and_a_backward_pass_alone_as_one(write):
    assert [one.part for one in said(write("pair.py", RELU + PAIR))] == [""]
    alone = said(write("alone.py", RELU + PAIR[PAIR.index("def conv_backward") :]))
    assert [(one.name, one.part) for one in alone] == [("Convolution", "backward")]


@pytest.mark.slow
def test_backward_functions_beside_a_layer_that_is_judged_are_not_said(write):
    code = (
        "class Pooling:\n    def __init__(self, pool_h, pool_w, stride=1, pad=0): pass\n"
        "    def forward(self, x): return x\n    def backward(self, dout): return dout\n"
        "def pool_backward(grad, saved, mystery): return saved.back(grad)\n"
    )
    assert said(write("layers.py", code)) == []


def test_a_layer_of_unknown_arguments_that_is_not_written_yet_is_no_other_call(write):
    subject = load(write("layers.py", RELU + "def conv_forward(blob, plan, mystery):\n    pass\n"))
    assert subject.unread == [] and [note.kind for note in subject.notes] == ["stub"]


NO_LAYERS = '''
from dataclasses import dataclass
from enum import Enum

def plot_conv(picture, ax): ax.imshow(picture)
def show_conv_filters(bank, rows): print(bank, rows)
def visualize_conv_forward(model, picture): return model.run(picture)
def time_conv_forward(run, times): return times * run()
def conv_forward_of_all(pictures, plan): return [plan.run(p) for p in pictures]
def conv_single_step(a_slice, W, b): return np.sum(a_slice * W) + float(b)
def conv_output_shape(h, w, k): return h - k + 1, w - k + 1
def count_conv_params(layers): return sum(one.size for one in layers)
def forward_conv(model, state): return model.conv(state)
def max_pool_forward(self, state): return self.pool(state)
def conv_relu_pool_forward(blob, plan, more): return plan.run(blob)
def train_pool(net, data, epochs): return [net.step(data) for _ in range(epochs)]
def convolution(a, b, p):
    """Multiply two polynomials."""
    return [sum(a[i] * b[n - i] for i in range(n)) % p for n in range(len(a))]
def linear(x, a, b): return a * x + b
def linear_schedule(step, total): return step / total
def dense(units, use_bias=True): return ("dense", units, use_bias)
def dense_to_one_hot(labels_dense, num_classes): return np.eye(num_classes)[labels_dense]
def affine_transform(picture, matrix, where): return where.warp(picture, matrix)
def dropout(): return 0.4
def cross_entropy(nll, count): return float(nll / max(count, 1))
def cross_entropy_loss(pred, real): return -np.log(pred.of(real))
def sigmoid_prime(v, how): return how(v)
def pointwise(first, second): return [f(s) for f, s in zip(first, second)]

class ConvDataset:
    def __init__(self, folder): self.folder = folder
    def __getitem__(self, i): return self.folder[i]

class ConvConfig:
    def __init__(self, filters): self.filters = filters

@dataclass
class Conv2d:
    filters: int
    def scaled(self, by): return Conv2d(self.filters * by)

class _AvgPool2d:
    def shapes(self, size): return size // 2

class MaxPooling2D(Enum):
    VALID = 1

class Pool:
    def __init__(self, make): self.make, self.free = make, []
    def take(self, key): return self.make(key)

class Affine2:
    def encode(self, text): return text[::-1]
'''


def test_others_of_a_layer_s_name_are_not_said(write):
    assert said(write("layers.py", RELU + NO_LAYERS)) == []


SERVING = """
def sigmoid_forward(v, how, layer):
    return v if how == 0 and layer.n else v

def conv_backward(d, cols, W, engine):
    return engine(d @ W), d.T @ cols

class Dense:
    def __init__(self, n_in, n_out):
        self.n, self.W, self.b = n_in, np.zeros((n_in, n_out)), np.zeros(n_out)

    def forward(self, x):
        self.x = x
        return sigmoid_forward(x @ self.W + self.b, 0, self)

    def backward(self, d):
        self.dW, self.db = self.x.T @ d, d.sum(0)
        return d @ self.W.T if self.n else conv_backward(d, 0, self.W, self)

class Pool2d:
    def __init__(self, size): self.size = size

    def forward(self, x):
        n, c, h, w = x.shape
        k = self.size
        return self.reduce(x[:, :, :h // k * k, :w // k * k].reshape(n, c, h // k, k, w // k, k))

    def reduce(self, windows): raise NotImplementedError

class AvgPool2d(Pool2d):
    def reduce(self, windows): return windows.mean((3, 5))
"""


@pytest.mark.slow
def test_parts_of_layers_that_were_read_are_not_said(write):
    subject = load(write("layers.py", RELU + SERVING))
    assert {"Affine", "AveragePooling", "Relu"} <= subject.names.keys()
    assert subject.unread == []


TORCH = """
import torch
from torch import nn

def relu_forward(x):
    return torch.clamp(x, min=0), x

def relu_backward(dout, cache):
    return dout * (cache > 0)

def conv3x3(in_planes, out_planes, stride=1):
    return nn.Conv2d(in_planes, out_planes, 3, stride)

class MaxPool2d(nn.Module):
    def __init__(self, plan):
        super().__init__()
        self.pool = nn.MaxPool2d(plan.size)

    def forward(self, x):
        return self.pool(x)
"""


@pytest.mark.slow
def test_functions_on_tensors_are_said_and_modules_of_torch_s_layers_are_not(write):
    assert said(write("modules.py", TORCH)) == []
    assert [one.name for one in said(write("layers.py", TORCH + f"\ndef conv_forward{RUN}"))] == ["Convolution"]


@pytest.mark.slow
def test_a_convolution_that_stands_unread_decides_the_exit_status(write):
    found = examine(load(write("layers.py", RELU + PAIR)), Request(only=("relu", "convolution"), fresh=0))
    assert (found.status("relu"), found.status("convolution"), found.exit_status) == ("pass", "unread", 1)
    (line,) = found.why_absent("convolution")
    assert "conv_forward(blob, plan, mystery)" in line and "Convolution(W, b, stride, pad)" in line


@pytest.mark.slow
def test_a_folder_a_notebook_and_a_cell_say_it_too(write):
    cells = [{"cell_type": "code", "source": one, "metadata": {}} for one in (RELU, PAIR)]
    notebook = write("layers.ipynb", json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    assert [one.name for one in said(notebook)] == ["Convolution"]
    write("parts/first.py", RELU)
    folder = write("parts/second.py", PAIR).rpartition("/")[0]
    assert [one.name for one in said(folder)] == ["Convolution"]
    path = write("defined.py", RELU + PAIR)
    names = {"__name__": "cells", "__file__": path}
    exec(compile(RELU + PAIR, path, "exec"), names)
    assert "conv_forward(blob, plan, mystery)" in repr(run_check(names, names, [], {}, "en"))


@pytest.mark.parametrize(("base", "step"), [("_Linear", "_apply"), ("_Linear", "forward"), ("Linear", "_apply")])
def test_a_part_that_another_class_is_made_of_is_no_layer(base, step, write):
    loaded = load(write("layers.py", PARTS.format(base=base, step=step)))
    assert [one.name for one in loaded.unread] == [] and "Affine" not in loaded.names


def test_a_private_class_with_nothing_else_is_read(write):
    assert (
        "Affine" in load(write("layers.py", PARTS.format(base="_Linear", step="forward").split("class Point")[0])).names
    )
