# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of SimpleConvNet: patches of impl/plain/network.py."""

from . import mutants_of

LAYERS = "[self.conv, Relu(), Pooling(2, 2, stride=2), self.affine1, Relu(), self.affine2]"
PREDICT = "        for layer in self.layers:\n            x = layer.forward(x)\n        return x"
KEYS = 'grads[f"W{i}"], grads[f"b{i}"] = layer.dW, layer.db'
PARTS = "enumerate((self.conv, self.affine1, self.affine2), start=1)"
ACCURACY = "return np.mean(self.predict(x).argmax(axis=1) == labels)"
BUILT = "Convolution(W1, b1, stride, pad), Affine(W2, b2), Affine(W3, b3)"
UNPACKED = "W1, b1, W2, b2, W3, b3 = self.params.values()"
DOUT = "dout = self.last_layer.backward(1)"
END = "        return grads\n"
PARTIAL = """right = 0
        for i in range(len(x) // 100):
            part = slice(100 * i, 100 * i + 100)
            right += np.sum(self.predict(x[part]).argmax(axis=1) == labels[part])
        return right / len(x)"""
ALL_TIES = """class AllTies(Pooling):
    def forward(self, x):
        self.x, self.best = x, super().forward(x)
        return self.best

    def backward(self, dout):
        h, w = (n * 2 for n in dout.shape[2:])
        best, dout = (a.repeat(2, axis=2).repeat(2, axis=3) for a in (self.best, dout))
        dx = np.zeros(self.x.shape)
        dx[:, :, :h, :w] = (self.x[:, :, :h, :w] == best) * dout
        return dx


"""
net = mutants_of("simple_conv_net", "net")


def drawn(name: str, shape: str) -> str:
    """Return the line that draws a parameter of this shape."""
    return f'"{name}": weight_init_std * np.random.randn({shape}),'


W1, W2 = "FN, C, size, size", "FN * pooled_h * pooled_w, hidden_size"
# fmt: off
MUTANTS = [
    net("no-relu1", "no ReLU before the pooling", "net.relu1-missing",
        (LAYERS, LAYERS.replace("Relu(), Pool", "Pool"))),
    net("no-relu2", "no ReLU between the affine layers", "net.relu2-missing",
        (LAYERS, LAYERS.replace("self.affine1, Relu()", "self.affine1"))),
    net("relu-last", "ReLU after the last layer", "net.relu-last",
        (LAYERS, LAYERS.replace("affine2]", "affine2, Relu()]"))),
    net("relu-after-affine2", "the second ReLU after affine2", "net.relu2-late",
        (LAYERS, LAYERS.replace("Relu(), self.affine2]", "self.affine2, Relu()]"))),
    net("softmax-twice", "softmax in predict", "net.softmax-in-predict",
        (PREDICT, PREDICT.replace("return x", "x = np.exp(x - x.max(axis=1, keepdims=True))\n"
        "        return x / x.sum(axis=1, keepdims=True)"))),
    net("average-pooling", "average pooling", "net.average-pooling",
        (LAYERS, LAYERS.replace("Pooling", "AveragePooling"))),
    net("b1-unused", "Convolution gets no bias", "net.b1-ignored",
        (BUILT, BUILT.replace("Convolution(W1, b1,", "Convolution(W1, 0 * b1,"))),
    net("b2-unused", "the first Affine gets no bias", "net.b2-ignored", (BUILT, BUILT.replace("W2, b2", "W2, 0 * b2"))),
    net("b3-unused", "the second Affine gets no bias", "net.b3-ignored",
        (BUILT, BUILT.replace("W3, b3", "W3, 0 * b3"))),
    net("params-copied", "the layers get copies", "state.stale-parameters",
        (UNPACKED, "W1, b1, W2, b2, W3, b3 = (a.copy() for a in self.params.values())")),
    net("W2-copied", "Affine1 gets a copy of W2", "state.stale-parameters",
        (BUILT, BUILT.replace("Affine(W2, b2)", "Affine(W2.copy(), b2)"))),
    net("keys-affine", "affine1's gradients under affine2's names", "net.keys-affine-swapped",
        (PARTS, PARTS.replace("affine1, self.affine2", "affine2, self.affine1"))),
    net("keys-b", "b2 and b3 exchanged", "net.keys-b-swapped",
        (END, '        grads["b2"], grads["b3"] = grads["b3"], grads["b2"]\n' + END)),
    net("keys-W", "W2 and W3 exchanged", "net.keys-W-swapped",
        (END, '        grads["W2"], grads["W3"] = grads["W3"], grads["W2"]\n' + END)),
    net("keys-swapped", "db under W, dW under b", "net.keys-W-b-swapped",
        (KEYS, KEYS.replace("layer.dW, layer.db", "layer.db, layer.dW"))),
    net("gradient-updates", "gradient takes a step itself", "net.gradient-updates",
        (END, "        for name, grad in grads.items():\n            self.params[name] -= 0.1 * grad\n" + END)),
    net("gradient-sum", "gradients of the sum", "net.gradient-sum",
        (DOUT, "dout = self.last_layer.backward(1) * len(x)")),
    net("gradient-mean-twice", "divided by N twice", "net.gradient-mean-twice",
        (DOUT, "dout = self.last_layer.backward(1) / len(x)")),
    net("gradient-sign", "the sign", "net.gradient-negative", (DOUT, "dout = -self.last_layer.backward(1)")),
    net("gradient-stale", "backward without a new forward after the first time", "state.stale",
        ("        self.loss(x, t)\n        dout",
        "        if not hasattr(self, 'done'):\n            self.done = self.loss(x, t)\n        dout")),
    net("gradient-order", "backward through the layers in forward order", "", ("reversed(self.layers)", "self.layers")),
    net("loss-sum", "the summed loss", "net.loss-sum", ("return self.last_layer.forward(self.predict(x), t)",
        "return self.last_layer.forward(self.predict(x), t) * len(x)")),
    net("one-hot", "one-hot t taken as it is by accuracy", "",
        ("labels = t.argmax(axis=1) if t.ndim == 2 else t", "labels = t.argmax(axis=1)")),
    net("accuracy-partial", "the last partial batch dropped", "net.accuracy-partial", (ACCURACY, PARTIAL)),
    net("accuracy-count", "the count", "net.accuracy-count", (ACCURACY, ACCURACY.replace("np.mean", "np.sum"))),
    net("accuracy-percent", "percent", "net.accuracy-percent", (ACCURACY, ACCURACY.replace("np", "100 * np"))),
    net("accuracy-error", "the error rate", "net.accuracy-error", (ACCURACY, ACCURACY.replace("==", "!="))),
    net("accuracy-axis", "argmax down the batch", "", (ACCURACY, ACCURACY.replace("argmax(axis=1)", "argmax(axis=0)"))),
    net("scores-centred", "predict without the mean", "net.scores-centred",
        (PREDICT, PREDICT.replace("return x", "return x - x.mean(axis=1, keepdims=True)"))),
    net("accuracy-of-whole", "the share among full batches", "net.accuracy-partial",
        (ACCURACY, PARTIAL.replace("right / len(x)", "right / max(1, len(x) // 100 * 100)"))),
    net("b3-copied", "Affine2 gets a copy of b3", "net.b3-ignored", (BUILT, BUILT.replace("W3, b3", "W3, b3.copy()"))),
    net("W3-repeated", "one row of W3 for all", "net.init-repeated",
        (drawn("W3", "hidden_size, output_size"),
         '"W3": weight_init_std * np.random.randn(output_size) * np.ones((hidden_size, 1)),')),
    net("weight-decay", "weight decay in the loss alone", "net.weight-decay",
        ("return self.last_layer.forward(self.predict(x), t)",
         "return self.last_layer.forward(self.predict(x), t) + 0.05 * sum("
         "np.sum(W**2) for W in self.params.values() if W.ndim > 1)")),
    net("std-ignored", "weight_init_std is not used", "net.init-std",
        ("        C, H", "        weight_init_std = 0.01\n        C, H")),
    net("std-unit", "W2 drawn with 1", "net.init-std", (drawn("W2", W2), f'"W2": np.random.randn({W2}),')),
    net("std-uniform-positive", "W1 uniform, not round 0", "net.init-mean",
        (drawn("W1", W1), f'"W1": weight_init_std * np.random.rand({W1}),')),
    net("bias-random", "biases drawn", "net.init-bias",
        ('"b2": np.zeros(hidden_size)', '"b2": 0.01 * np.random.randn(hidden_size)')),
    net("square", "the image taken for square", "net.init-shape",
        ("for n in (H, W))", "for n in (H, H))")),
    net("pad-forgotten", "pad left out of the pooled size", "net.init-shape",
        ("conv_output_size(n, size, stride, pad)", "conv_output_size(n, size, stride)")),
    net("pad-nowhere", "pad left out of the pooled size and of the convolution", "net.init-shape",
        ("conv_output_size(n, size, stride, pad)", "conv_output_size(n, size, stride)"),
        ("Convolution(W1, b1, stride, pad)", "Convolution(W1, b1, stride)")),
    net("predict-trains-last", "predict leaves the last layer out", "net.last-layer-missing",
        (PREDICT, PREDICT.replace("self.layers", "self.layers[:-1]"))),
    net("lastLayer", "last_layer is written, lastLayer read", "",
        ("return self.last_layer.forward(", "return self.lastLayer.forward(")),
    net("mutable-default",
        "the layers are collected in a default argument: a second network has those of the first too", "layers-shared",
        ("weight_init_std=0.01\n    ):", "weight_init_std=0.01, layers=[]\n    ):"),
        (f"self.layers = {LAYERS}", f"layers += {LAYERS}\n        self.layers = layers")),
    net("pops", "conv_param loses its keys", "",
        ('(conv_param[key] for key in', '(conv_param.pop(key) for key in')),
    net("params-of-the-class", "the parameters belong to all networks", "params-shared",
        ("self.params = {\n", "SimpleConvNet.params = {\n")),
    net("layers-of-the-class", "the layers belong to all networks", "layers-shared",
        (f"self.layers = {LAYERS}", f"SimpleConvNet.layers = {LAYERS}")),
    net("advice-seeded", "a seed in the constructor", "net.seeded",
        ("        C, H, W = input_dim", "        np.random.seed(0)\n        C, H, W = input_dim")),
    net("one-hot-compared", "one-hot t compared as it is", "manner.accuracy-one-hot",
        ("labels = t.argmax(axis=1) if t.ndim == 2 else t",
         "return np.mean([np.any(k == label) for k, label in zip(self.predict(x).argmax(axis=1), t)])")),
    net("odd-size", "the pooled size is a half, rounded only at the end", "net.init-shape",
        ("conv_output_size(n, size, stride, pad) // 2 for n", "conv_output_size(n, size, stride, pad) / 2 for n"),
        ("np.random.randn(FN * pooled_h * pooled_w, hidden_size)",
        "np.random.randn(int(FN * pooled_h * pooled_w), hidden_size)")),
    net("softmax-for-predict-alone", "predict gives probabilities, the loss is right", "softmax-in-predict",
        (PREDICT, "        x = self.scores(x)\n        e = np.exp(x - x.max(1, keepdims=True))\n"
         "        return e / e.sum(1, keepdims=True)\n\n    def scores(self, x):\n" + PREDICT),
        ("return self.last_layer.forward(self.predict(x), t)", "return self.last_layer.forward(self.scores(x), t)")),
    net("backward-skips-relu1", "backward leaves out the first ReLU", "backward-skips-relu1",
        ("for layer in reversed(self.layers):", "for layer in (*self.layers[:1:-1], self.layers[0]):")),
    net("backward-skips-relu2", "backward leaves out the second ReLU", "backward-skips-relu2",
        ("for layer in reversed(self.layers):", "for layer in (self.layers[5], *self.layers[3::-1]):")),
    net("accuracy-of-batches", "the mean of the accuracies of batches", "accuracy-of-batches",
        (ACCURACY, "right = self.predict(x).argmax(axis=1) == labels\n"
         "        return np.mean([right[i : i + 100].mean() for i in range(0, len(x), 100)])")),
    net("weight-decay-in-gradients", "weight decay in the gradients of the weights", "weight-decay",
        (END, "        for key in ('W1', 'W2', 'W3'):\n"
         "            grads[key] = grads[key] + 1e-3 * self.params[key]\n" + END)),
    net("advice-gradients-kept", "one array a gradient for all calls", "state.overwritten",
        (END, "        kept = self.__dict__.setdefault('kept', {k: a.copy() for k, a in grads.items()})\n"
         "        for k, a in grads.items():\n            kept[k][...] = a\n        return kept\n")),
    net("pooling-gradient-kept", "one array for pooling's dx in all calls", "net.pooling-gradient-kept",
        ("            dout = layer.backward(dout)", "            dout = layer.backward(dout)\n            if isinstance(layer, Pooling):\n"
         "                kept = getattr(self, 'kept', dout)\n"
         "                dout = self.kept = np.where(dout != 0, dout, kept if kept.shape == dout.shape else 0)")),
    net("gradients-pile-up", "gradients add up over the calls", "state.accumulates",
        (END, "        self.sums = {k: a + getattr(self, 'sums', {}).get(k, 0) for k, a in grads.items()}\n        return dict(self.sums)\n")),
    net("reversed-in-place", "a list of layers is turned round by each gradient", "layers-reversed",
        (f"self.layers = {LAYERS}", f"self.layers = {LAYERS}\n        self.backwards = list(self.layers)"),
        ("for layer in reversed(self.layers):", "self.backwards.reverse()\n        for layer in self.backwards:")),
    net("one-relu", "one Relu object in both places", "mask-of-other-relu",
        (LAYERS, "(relu := Relu()) and " + LAYERS.replace("Relu()", "relu"))),
    net("accuracy-over-full-batches", "100 images in every batch", "accuracy-over-full-batches",
        (ACCURACY, ACCURACY.replace("np.mean", "np.sum") + " / (100 * -(-len(x) // 100))")),
    net("accuracy-over-classes", "accuracy over the classes", "accuracy-over-classes",
        (ACCURACY, "y = self.predict(x)\n        return np.sum(y.argmax(axis=1) == labels) / y.shape[1]")),
    net("accuracy-over-t", "accuracy over the size of t", "accuracy-over-t-size",
        (ACCURACY, "return np.sum(self.predict(x).argmax(axis=1) == labels) / t.size")),
    net("accuracy-over-100", "accuracy over 100", "accuracy-over-fixed-number",
        (ACCURACY, "return np.sum(self.predict(x).argmax(axis=1) == labels) / 100")),
    net("accuracy-argmin", "argmin", "accuracy-argmin", (ACCURACY, ACCURACY.replace("argmax", "argmin"))),
    net("b3-of-b2", "b3's gradient is b2's", "gradient-copied", (END, "        grads['b3'] = grads['b2']\n" + END)),
    net("W2-of-W3", "W2's gradient is W3's", "gradient-copied", (END, "        grads['W2'] = grads['W3']\n" + END)),
    net("one-relu-for-both", "one ReLU at both places", "mask-of-other-relu",
        ("self.layers = " + LAYERS,
         "relu = Relu()\n        self.layers = [self.conv, relu, Pooling(2, 2, stride=2), self.affine1, relu, self.affine2]")),
    net("one-relu-by-where", "one ReLU at both places, np.where", "mask-of-other-relu",
        ("self.layers = " + LAYERS,
         "relu = Relu()\n        relu.backward = lambda dout: np.where(relu.mask, 0, dout)\n        self.layers = [self.conv, relu, Pooling(2, 2, stride=2), self.affine1, relu, self.affine2]")),
    net("list-reversed-in-place", "the list of layers is reversed in place", "layers-reversed",
        ("for layer in reversed(self.layers):", "self.layers.reverse()\n        for layer in self.layers:")),
    net("scores-at-most-6", "scores cut off at 6", "clipped", (PREDICT, PREDICT.replace("return x", "return np.minimum(x, 6)"))),
    net("over-255-where-large", "x / 255 where it is large", "manner.predict-pixels",
        (PREDICT, "        x = x / 255 if x.max() > 1 else x\n" + PREDICT)),
    net("over-255", "x / 255", "images-changed", (PREDICT, "        x = x / 255\n" + PREDICT)),
    net("images-centred", "the batch's mean taken off", "images-changed", (PREDICT, "        x = x - x.mean()\n" + PREDICT)),
    net("clipped-together", "the norm of all gradients at most 1", "scaled.norm",
        (END, "        norm = np.sqrt(sum((g**2).sum() for g in grads.values()))\n"
              "        grads = {k: g * min(1, 1 / norm) for k, g in grads.items()}\n" + END)),
    net("divided-by-norm", "gradients over their norms", "scaled.norm",
        (END, "        grads = {k: g / np.linalg.norm(g) for k, g in grads.items()}\n" + END)),
    net("pooled-size-unpooled", "W2 has a row for each place before the pooling", "net.init-shape",
        ("conv_output_size(n, size, stride, pad) // 2 for n", "conv_output_size(n, size, stride, pad) for n")),
    net("pad-not-passed", "the convolution is made without pad", "net.conv-settings", (BUILT, BUILT.replace("stride, pad)", "stride)"))),
    net("stride-not-passed", "the convolution is made without stride", "net.conv-settings", (BUILT, BUILT.replace("stride, pad)", "1, pad)"))),
    net("standardized", "each batch by its own mean and deviation", "images-changed", (PREDICT, "        x = (x - x.mean()) / x.std()\n" + PREDICT)),
    net("each-standardized", "each image by its own mean and deviation", "images-changed",
        (PREDICT, "        x = (x - x.mean((1, 2, 3), keepdims=True)) / (x.std((1, 2, 3), keepdims=True) + 1e-7)\n" + PREDICT)),
    net("order-reversed-in-place", "a list beside the layers is reversed in place", "layers-reversed",
        ("for layer in reversed(self.layers):", "self.order = getattr(self, 'order', list(self.layers))\n        self.order.reverse()\n        for layer in self.order:")),
    net("W3-before-relu", "dW3 from before the ReLU", "net.W3-before-relu",
        (DOUT, DOUT + "\n        last, hidden = dout, self.affine1.x @ self.affine1.W + self.affine1.b"),
        (END, '        grads["W3"] = hidden.T @ last\n' + END)),
    net("first-labels", "the labels of the first batch", "net.accuracy-first-labels",
        (ACCURACY, ACCURACY.replace("== labels", "== labels[np.arange(len(labels)) % 100]"))),
    net("predict-buffer", "one array for the scores of all calls", "state.overwritten",
        (PREDICT, PREDICT.replace("return x", "if getattr(self, 'scores', x[:0]).shape != x.shape:\n"
         "            self.scores = np.empty_like(x)\n        self.scores[...] = x\n        return self.scores"))),
    net("same-images", "the scores are kept for the images of the last call", "state.stale",
        (PREDICT, "        if getattr(self, 'images', None) is x:\n            return self.scores\n        self.images = x\n"
         + PREDICT.replace("return x", "self.scores = x\n        return x"))),
    net("gradient-after-loss", "gradient does without a forward where the last loss was of the same images", "",
        ("        self.loss(x, t)\n        dout",
         "        if getattr(self, 'images', None) is not x:\n            self.loss(x, t)\n        dout"),
        ("        return self.last_layer.forward(self.predict(x), t)",
         "        self.images = x\n        return self.last_layer.forward(self.predict(x), t)")),
    net("filters-kept", "the filters are laid out once, and only gradient does it anew", "manner.used-in-turn",
        (PREDICT, "        self.filters = getattr(self, 'filters', None)\n"
         "        if self.filters is None:\n            self.filters = self.params['W1'].copy()\n"
         "        own, self.conv.W = self.conv.W, self.filters\n"
         + PREDICT.replace("return x", "self.conv.W = own\n        return x")),
        ("        self.loss(x, t)\n        dout", "        self.filters = None\n        self.loss(x, t)\n        dout")),
    net("defaults-updated", "the dict of defaults takes each network's settings", "defaults-changed",
        ("        FN, size", "        settings = CONV_PARAM\n        settings.update(conv_param)\n        conv_param = settings\n        FN, size")),
    net("guess-in-bytes", "the best classes in bytes", "labels-in-bytes",
        (ACCURACY, ACCURACY.replace(".argmax(axis=1)", ".argmax(axis=1).astype(np.uint8)"))),
    net("labels-in-bytes", "the labels in bytes", "labels-in-bytes",
        (ACCURACY, ACCURACY.replace("labels", "labels.astype(np.uint8)"))),
    net("both-in-bytes", "labels and best classes in bytes", "labels-in-bytes",
        (ACCURACY, "best, labels = (a.astype(np.uint8) for a in (self.predict(x).argmax(axis=1), labels))\n"
         "        return np.mean(best == labels)")),
    net("loss-in-bytes", "the loss has its labels in bytes", "labels-in-bytes",
        ("return self.last_layer.forward(self.predict(x), t)",
         "return self.last_layer.forward(self.predict(x), t.astype(np.uint8))")),
    net("max-of-batch", "the largest score of the whole batch is subtracted", "manner.images-far-apart",
        (DOUT, DOUT + "\n        scores = self.predict(x)\n        e = np.exp(scores - scores.max())\n        dout += (e / e.sum(axis=1, keepdims=True) - self.last_layer.y) / len(x)")),
    net("nothing-subtracted", "exp of the scores as they are", "manner.images-far-apart",
        (DOUT, DOUT + "\n        e = np.exp(self.predict(x))\n        dout += (e / e.sum(axis=1, keepdims=True) - self.last_layer.y) / len(x)")),
    net("gradients-clipped", "gradients cut off at 10", "clipped",
        (KEYS, 'grads[f"W{i}"], grads[f"b{i}"] = np.clip(layer.dW, -10, 10), np.clip(layer.db, -10, 10)')),
    net("gradients-scaled-down", "gradients scaled down to a norm of 100", "manner.gradient-pixels",
        (END, "        size = np.sqrt(sum((g**2).sum() for g in grads.values()))\n        grads = {k: g * min(1, 100 / size) for k, g in grads.items()}\n" + END)),
    *(net(f"scores-within-{most}", f"scores cut off at {most} before exp", "manner.images-far-apart",
          (DOUT, DOUT + f"\n        e = np.exp(np.clip(self.predict(x), -{most}, {most}))\n        dout += (e / e.sum(axis=1, keepdims=True) - self.last_layer.y) / len(x)"))
      for most in (50, 500)),
    net("t-in-place", "the caller's one-hot t takes the gradient of the scores where it is float64", "state.changed-input",
        (DOUT, DOUT + "\n        if t.dtype == float:\n            dout = np.subtract(self.last_layer.y, t, out=t) / len(x)")),
    net("params-by-default", "the parameters stand in a default argument", "params-shared",
        ("weight_init_std=0.01\n    ):", "weight_init_std=0.01, params={}\n    ):"),
        ("self.params = {\n", "self.params = params\n        new = {\n"), (f"        {UNPACKED}", f"        params.update(new)\n        {UNPACKED}")),
    net("layers-in-a-global", "the layers stand in one list", "layers-shared",
        ("class SimpleConvNet:", "KEPT = []\n\n\nclass SimpleConvNet:"), (f"self.layers = {LAYERS}", f"KEPT[:] = {LAYERS}\n        self.layers = KEPT")),
    net("pool-ties-all", "each of several maxima gets the whole gradient", "pool-ties-all",
        ("Relu(), Pooling(2,", "Relu(), AllTies(2,"), ("class SimpleConvNet:", ALL_TIES + "class SimpleConvNet:")),
    net("accuracy-rounded", "the accuracy in hundredths", "accuracy-rounded", (ACCURACY, ACCURACY.replace("np.mean(", "round(np.mean(") + ", 2)")),
    net("divides-pixels", "images over 1 are divided by 255", "manner.predict-pixels",
        (PREDICT, "        x = x / 255 if x.max() > 1 else x\n" + PREDICT)),
    net("same-columns", "the columns are kept for the images of the last call", "state.stale",
        ("self.col = im2col(x, FH, FW, self.stride, self.pad)",
         "self.col = self.col if x is getattr(self, 'seen', None) else im2col(x, FH, FW, self.stride, self.pad)\n        self.seen = x")),
    net("probabilities-in-loss-alone", "the loss of probabilities, the gradients of the largest", "net.gradient-by-argmax",
        ("return self.last_layer.forward(self.predict(x), t)", """loss = self.last_layer.forward(self.predict(x), t)
        if t.ndim == 2:
            loss = -np.sum(t * np.log(self.last_layer.y + 1e-7)) / len(x)
        return loss""")),
]
# fmt: on
