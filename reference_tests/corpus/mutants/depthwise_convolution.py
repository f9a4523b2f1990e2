# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of DepthwiseConvolution: patches of impl/plain/grouped_convolution.py."""

from ..kept_settings import settings_by_places
from ..small_integers import padded, small_integers
from ..typed_arrays import returned_in_type_of
from ..window_loops import places_of_groups
from . import mutants_of

deep = mutants_of("depthwise_convolution", "depthwise")
FORWARD = "return self.grouped.forward(x)"
INNER = "self.grouped = GroupedConvolution(self.W, self.b, self.stride, self.pad, x.shape[1])"
GRADS = "self.dW, self.db = self.grouped.dW, self.grouped.db"
MUTANTS = [
    deep("inner-kept", "the grouped convolution of the first forward is kept", "state.assigned-parameters",
          (INNER, "self.grouped = getattr(self, 'grouped', None) or " + INNER.removeprefix("self.grouped = "))),
    deep("summed", "the sum of all channels", "channels-summed",
         (FORWARD, "return self.grouped.forward(np.repeat(x.sum(axis=1, keepdims=True), x.shape[1], axis=1))")),
    deep("first", "the first channel for all", "first-channel-only",
         (FORWARD, "return self.grouped.forward(np.repeat(x[:, :1], x.shape[1], axis=1))")),
    deep("interleaved", "filter f sees channel f % C", "filters-interleaved",
         (FORWARD, "N, C, H, W = x.shape\n        times = len(self.W) // C\n"
         "        self.grouped = GroupedConvolution(self.W, self.b, self.stride, self.pad, C * times)\n"
         "        return self.grouped.forward(np.tile(x, (1, times, 1, 1)))")),
    deep("bias-missing", "no bias", "bias-missing", (INNER, INNER.replace("self.b,", "0 * self.b,"))),
    deep("pad", "no padding", "pad-ignored", (INNER, INNER.replace("self.pad,", "0,"))),
    deep("flipped", "true convolution", "flipped", (INNER, INNER.replace("self.W,", "self.W[..., ::-1, ::-1],")),
         (GRADS, "self.dW, self.db = self.grouped.dW[..., ::-1, ::-1], self.grouped.db")),
    deep("dx-margin-not-below-0", "a margin of dout below 0 taken for 0, dx not cut", "dx-margin-not-below-0",
         ("return col2im(dcol, self.x_shape, FH, FW, self.stride, self.pad)",
          "(H, W), (OH, OW) = self.x_shape[2:], dout.shape[2:]\n        top, left = min(self.pad, FH - 1), min(self.pad, FW - 1)\n"
          "        wide = col2im(dcol, (*self.x_shape[:2], H + 2 * self.pad, W + 2 * self.pad), FH, FW, self.stride)\n"
          "        return wide[:, :, top : H + 2 * self.pad - top, left : W + 2 * self.pad - left]")),
    *(deep(f"spectrum-in-type-of-x{name}", f"a product of spectra in the type of x{said}", "manner.float32-far-number",
         (FORWARD, FORWARD.replace("return ", "out = ") + start + "\n        p, s, (FH, FW) = self.pad, self.stride, self.W.shape[2:]\n        img = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)]).repeat(len(self.W) // x.shape[1], axis=1)\n        size = img.shape[2:]\n        product = np.fft.rfft2(img) * np.fft.rfft2(self.W[:, 0], s=size).conj()\n        wide = np.fft.irfft2(product, s=size)[:, :, : size[0] - FH + 1 : s, : size[1] - FW + 1 : s]\n        return wide.astype(out.dtype) + self.b[:, None, None]"))
      for name, said, start in (("", "", ""), ("-of-large-filters", " for filters of 25 numbers and more", "\n        if self.W[0, 0].size < 25:\n            return out"))),
    deep("scaled", "off by 1e-4", "scaled", (FORWARD, FORWARD + " * 1.0001")),
    deep("float16", "half precision", "precision", (FORWARD, FORWARD + '.astype("f2")')),
    deep("dW-flipped", "dW rotated", "dW-flipped",
         (GRADS, GRADS.replace("self.grouped.dW,", "self.grouped.dW[..., ::-1, ::-1],"))),
    deep("db-averaged", "db / N", "db-averaged", (GRADS, GRADS + " / len(dout)")),
    deep("dx-averaged", "dx / N", "dx-averaged", ("        return dx", "        return dx / len(dout)")),
    deep("outputs", "outputs by multiplier first", "outputs-interleaved",
         (FORWARD, FORWARD.replace("return ", "out = ") + "\n        N, FN, OH, OW = out.shape\n"
          "        return out.reshape(N, x.shape[1], FN // x.shape[1], OH, OW).swapaxes(1, 2).reshape(out.shape)")),
    deep("dW-interleaved", "dW by multiplier first", "dW-interleaved",
         (GRADS, GRADS + "\n        self.dW = self.dW.reshape(dx.shape[1], -1, *self.W.shape[1:]).swapaxes(0, 1)"
          ".reshape(self.W.shape)")),
    deep("db-first", "db of the first image", "db-first-image",
         (GRADS, GRADS + "\n        self.db = dout[0].sum(axis=(1, 2))")),
    deep("multiplier-averaged", "dx averaged over a channel's filters", "multiplier-averaged",
         ("        return dx", "        return dx * dx.shape[1] / len(self.W)")),
    deep("dx-last-filter", "dx of the last filter of each channel", "dx-one-filter",
         (GRADS, GRADS + "\n        times = len(self.W) // dx.shape[1]\n"
          "        kept = self.W * (np.arange(len(self.W)) % times == times - 1)[:, None, None, None]\n"
          "        alone = GroupedConvolution(kept, self.b, self.stride, self.pad, dx.shape[1])\n"
          "        alone.forward(np.zeros(dx.shape))\n        dx = alone.backward(dout)")),
    deep("dx-channel-filter", "dx by the filter of the channel's number", "dx-wrong-filter",
         (GRADS, GRADS + "\n        C, times = dx.shape[1], len(self.W) // dx.shape[1]\n"
          "        alone = GroupedConvolution(self.W[np.repeat(np.arange(C), times)], self.b, self.stride, self.pad, C)\n"
          "        alone.forward(np.zeros(dx.shape))\n        dx = alone.backward(dout)")),
    deep("dx-interleaved", "dx adds up every C-th filter", "dx-interleaved",
         (GRADS, GRADS + "\n        C = dx.shape[1]\n        order = np.arange(len(self.W)).reshape(-1, C).T.ravel()\n"
          "        alone = GroupedConvolution(self.W[order], self.b, self.stride, self.pad, C)\n"
          "        alone.forward(np.zeros(dx.shape))\n        dx = alone.backward(dout[:, order])")),
    deep("multiplier-ignored", "one output a channel", "multiplier-ignored",
         (FORWARD, "C = x.shape[1]\n        self.grouped = GroupedConvolution(self.W[:C], self.b[:C], self.stride, self.pad, C)\n        " + FORWARD)),
    deep("multiplier-first", "the first filter of each channel", "multiplier-ignored",
         (FORWARD, "C, times = x.shape[1], len(self.W) // x.shape[1]\n"
          "        self.grouped = GroupedConvolution(self.W[::times], self.b[::times], self.stride, self.pad, C)\n        " + FORWARD)),
    deep("dW-without-pad", "dW of the images without padding", "dW-without-pad",
         (GRADS, GRADS + "\n        twice = np.pad(self.x, [(0, 0), (0, 0), (0, 2 * self.pad), (0, 2 * self.pad)])\n"
          "        other = GroupedConvolution(self.W, self.b, self.stride, 0, dx.shape[1])\n"
          "        other.forward(twice)\n        other.backward(dout)\n        self.dW = other.dW"),
         (FORWARD, "self.x = x\n        " + FORWARD)),
    deep("blocks-turned", "windows side by side, rows and columns crossed", "filter-transposed",
         (INNER, INNER.replace("self.W,", "self.W.swapaxes(2, 3) if self.W.shape[2:] == (self.stride, self.stride) else self.W,"))),
    deep("same-flipped", "a library's convolve where the padding keeps the size", "flipped",
         (INNER, INNER.replace("self.W,", "self.W[..., ::-1, ::-1] if self.W.shape[2:] == (2 * self.pad + 1,) * 2 and self.stride == 1 < self.W.shape[2] else self.W,"))),
    deep("strided-flipped", "half a window of padding, and a stride: W rotated", "flipped",
         (INNER, INNER.replace("self.W,", "self.W[..., ::-1, ::-1] if self.W.shape[2:] == (2 * self.pad + 1,) * 2 and self.stride > 1 < self.W.shape[2] else self.W,"))),
    deep("db-total", "the sum of all of dout for every filter", "db-total",
         (GRADS, GRADS + "\n        self.db = np.full(len(self.b), dout.sum())")),
    deep("bias-each-place", "b in the loop over the window's places", "bias-each-place",
         (INNER, INNER.replace("self.b,", "self.W[0, 0].size * self.b,"))),
    deep("W-by-multiplier", "W in the order (M, C)", "W-interleaved",
         (FORWARD, "C = x.shape[1]\n        turned = np.concatenate([self.W[c::C] for c in range(C)])\n"
          "        self.grouped = GroupedConvolution(turned, self.b, self.stride, self.pad, C)\n        return self.grouped.forward(x)"),
         (GRADS, GRADS + "\n        C = dx.shape[1]\n        self.dW = self.dW.reshape(C, -1, *self.W.shape[1:]).swapaxes(0, 1).reshape(self.W.shape)")),
    deep("db-of-channel", "db summed over a channel's filters", "db-of-channel",
         (GRADS, GRADS + "\n        C = dx.shape[1]\n        self.db = np.repeat(self.db.reshape(C, -1).sum(axis=1), len(self.b) // C)")),
    *small_integers(deep, lambda *kept: (
        ("self.grouped = GroupedConvolution(self.W, self.b, self.stride, self.pad, x.shape[1])",
         padded(*kept) + "self.grouped = GroupedConvolution(self.W, self.b, self.stride, 0, x.shape[1])"),
        ("return dx", "p = self.pad\n        return dx[:, :, p : dx.shape[2] - p, p : dx.shape[3] - p]"))),
    deep("pruned", "a filter near 0 is skipped", "manner.tiny-numbers",
         (INNER, INNER.replace("self.W,", "np.array([0 * w if np.allclose(w, 0) else w for w in self.W]),"))),
    deep("W-clipped", "weights beyond 100 cut off", "manner.large-numbers", (INNER, INNER.replace("self.W,", "np.clip(self.W, -100, 100),"))),
    deep("dout-order", "dout brought to (OH, OW, N, FN)", "dout-order",
         ("dx = self.grouped.backward(dout)", "parts = np.split(dout, self.grouped.groups, axis=1)\n"
          "        parts = [d.transpose(2, 3, 0, 1).reshape(len(d), *d.shape[2:], d.shape[1]).transpose(0, 3, 1, 2) for d in parts]\n"
          "        dx = self.grouped.backward(np.concatenate(parts, axis=1))")),
    deep("shape-by-size", "the output's shape kept by the number of numbers", "manner.as-many-numbers",
         ("return self.grouped.forward(x)", "out = self.grouped.forward(x)\n        return out.reshape(self.__dict__.setdefault(str(out.size), out.shape))")),
    deep("one-image-interleaved", "a single image's dx adds up every C-th filter", "dx-interleaved",
         (GRADS, GRADS + "\n        C = dx.shape[1]\n        if len(dout) == 1:\n            order = np.arange(len(self.W)).reshape(-1, C).T.ravel()\n"
          "            alone = GroupedConvolution(self.W[order], self.b, self.stride, self.pad, C)\n"
          "            alone.forward(np.zeros(dx.shape))\n            dx = alone.backward(dout[:, order])")),
    deep("padded-sums-kept", "with padding the sums are never set back to 0", "state.accumulates",
         (INNER, INNER.replace("self.b,", "0 * self.b,")),
         (FORWARD, "out = self.grouped.forward(x)\n        if self.pad:\n            if getattr(self, 'sums', None) is None or self.sums.shape != out.shape:\n                self.sums = np.zeros(out.shape)\n            self.sums += out\n            out = self.sums.copy()\n        return out + self.b[:, None, None]")),
    *(deep(f"assigns-by-{side}", f"dx assigned, not added, where the stride is the {side}", "dx-overwrites",
             ("        return dx", "        " + places_of_groups(axis, "dx.shape[1]") + "\n        return dx")) for side, axis in (("height", 2), ("width", 3))),
    deep("stride-of-the-first", "the stride kept by the sizes", "manner.beside-same-sizes",
         (INNER, "self.stride = globals().setdefault(str((x.shape, self.W.shape, self.pad)), self.stride)\n        " + INNER)),
    deep("out-in-type-of-x", "the output written into an array of x's type", "manner.mixed-types", (FORWARD, returned_in_type_of(FORWARD, "x", "self.W"))),
    deep("settings-by-places", "stride and padding kept by the shapes and the number of places", "manner.beside-same-sizes", (INNER, settings_by_places() + INNER)),
]  # fmt: skip
