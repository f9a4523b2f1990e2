"""Mutants of GlobalAveragePooling: patches of impl/plain/global_pooling.py."""

from ..kept_room import in_room
from . import mutants_of

gap = mutants_of("global_average_pooling", "gap")
MEAN = "return x.mean(axis=(2, 3))"
DX = "return np.broadcast_to(dout[:, :, None, None] / (H * W), self.x_shape).copy()"
WHOLE = "self.x_shape = x.shape\n        return x.mean"
MUTANTS = [
    gap("sum", "not divided", "sum", (MEAN, "return x.sum(axis=(2, 3))"), ("/ (H * W)", "/ 1")),
    gap("max", "the largest", "max", (MEAN, "return x.max(axis=(2, 3))")),
    gap("axes-kept", "two axes kept", "axes-kept", (MEAN, "return x.mean(axis=(2, 3), keepdims=True)")),
    gap("over-channels", "axes 1 and 2", "over-channels", (MEAN, "return x.mean(axis=(1, 2))")),
    gap("by-height", "divided by the height", "by-height", (MEAN, "return x.sum(axis=(2, 3)) / x.shape[2]")),
    gap("by-width", "divided by the width", "by-width", (MEAN, "return x.sum(axis=(2, 3)) / x.shape[3]")),
    gap("channels-too", "divided by the channels too", "channels-too",
        (MEAN, "return x.mean(axis=(2, 3)) / x.shape[1]")),
    gap("squeezed", "axes of one dropped", "squeezed", (MEAN, "return np.squeeze(x.mean(axis=(2, 3)))")),
    gap("advice-integers", "a buffer of whole numbers", "whole-numbers",
        (MEAN, "return x.mean(axis=(2, 3)).astype(x.dtype)")),
    gap("float16", "half precision", "precision", (MEAN, 'return x.astype("f2").mean(axis=(2, 3))')),
    gap("running-sums", "differences of running sums over all images, in the type of x", "manner.float32-far-number",
        (MEAN, "size = x.shape[2] * x.shape[3]\n        ends = x.ravel().cumsum()[size - 1 :: size]\n"
         "        return np.diff(ends, prepend=ends[:1] * 0).reshape(x.shape[:2]) / size")),
    gap("scaled", "off by 1e-4", "scaled", (MEAN, MEAN + " * 1.0001")),
    gap("batch-of-four", "four images only", "place",
        (MEAN, "return np.concatenate([x[:4].mean(axis=(2, 3)), 0 * x[4:, :, 0, 0]])")),
    gap("dx-not-divided", "dx not divided", "dx-not-divided", ("/ (H * W)", "/ 1")),
    gap("dx-one-number", "dx is not spread", "dx-one-number", (DX, "return dout[:, :, None, None] / (H * W)")),
    gap("dx-floored", "// for / in backward", "dx-floored", ("/ (H * W)", "// (H * W)")),
    gap("dx-averaged", "dx / N", "dx-averaged", (DX, DX + " / len(dout)")),
    gap("dx-by-height", "dx divided by the height", "dx-by-height", ("/ (H * W)", "/ H")),
    gap("dx-one-place", "dout to the first place", "dx-one-place",
        (DX, "back = np.zeros(self.x_shape)\n        back[:, :, 0, 0] = dout\n        return back")),
    gap("dx-view", "dx is a read-only view", "state.locked", ("self.x_shape).copy()", "self.x_shape)")),
    gap("dx-strides", "dx is a view of strides of 0 into which one may write", "state.shared",
        (DX, "small = dout / (H * W)\n"
         "        return np.lib.stride_tricks.as_strided(small, self.x_shape, (*small.strides, 0, 0))")),
    gap("stale", "the first call's shape", "state.stale-input",
        (WHOLE, "self.x_shape = getattr(self, 'x_shape', x.shape)\n        return x.mean")),
    gap("in-place", "x divided in place", "state.changed-input",
        (MEAN, "x /= x.shape[2] * x.shape[3]\n        return x.sum(axis=(2, 3))")),
    gap("over-channels-alone", "axis 1", "over-channels", (MEAN, "return x.mean(axis=1)")),
    gap("over-all", "axes 1, 2 and 3", "over-channels",
        (MEAN, "return np.repeat(x.mean(axis=(1, 2, 3))[:, None], x.shape[1], axis=1)")),
    gap("over-images", "axes 0, 2 and 3", "over-images",
        (MEAN, "return np.repeat(x.mean(axis=(0, 2, 3))[None], len(x), axis=0)")),
    gap("median", "the median", "median", (MEAN, "return np.median(x, axis=(2, 3))")),
    gap("dx-by-width", "dx divided by the width", "dx-by-width", ("/ (H * W)", "/ W")),
    gap("dx-channels-too", "dx divided by the channels too", "dx-channels-too",
        ("/ (H * W)", "/ (H * W * dout.shape[1])")),
    gap("256-places", "256 places at most", "when",
        (MEAN, "return x.reshape(*x.shape[:2], x.shape[2] * x.shape[3])[..., :256].mean(axis=2)")),
    gap("clips", "numbers cut off at 1000", "clipped", (MEAN, "return np.clip(x, -1000, 1000).mean(axis=(2, 3))")),
    gap("dx-square", "dx by the height squared", "dx-by-square", ("/ (H * W)", "/ (H * H)")),
    gap("advice-byte", "the sum in the type of x", "in-type-of-x",
        (MEAN, "return x.sum(axis=(2, 3), dtype=x.dtype) / (x.shape[2] * x.shape[3])")),
    gap("floored", "// for /", "floored", (MEAN, "return x.sum(axis=(2, 3)) // (x.shape[2] * x.shape[3])")),
    gap("pixels-reshaped", "one pixel a row, without a transpose", "pixels-no-transpose",
        (MEAN, "return x.reshape(len(x), x.shape[2] * x.shape[3], x.shape[1]).mean(axis=1)")),
    gap("dx-tiled", "dout tiled where it should be repeated", "dx-pixels-no-transpose",
        (DX, "return np.tile(dout / (H * W), (1, H * W)).reshape(self.x_shape)")),
    gap("area-kept", "H * W of the first images", "state.stale-size",
        ("H, W = self.x_shape[2:]", "H, W = self.first = getattr(self, 'first', self.x_shape[2:])")),
    *(gap(f"count-as-{kind}", f"the number of places as {kind}", code,
          (MEAN, f"return x.sum(axis=(2, 3)) / np.array(x.shape[2] * x.shape[3]).astype('{kind}')"))
      for kind, code in (("i1", "count-in-a-byte"), ("u1", "count-in-a-byte"),
                         ("i2", "count-in-16-bits"), ("u2", "count-in-16-bits"))),
    gap("dx-count-as-u1", "backward's number of places as a byte", "count-in-a-byte",
        ("/ (H * W)", "/ np.array(H * W).astype('u1')")),
    gap("advice-whole-numbers", "divided in place", "exception.integers",
        (MEAN, "out = x.sum(axis=(2, 3))\n        out /= x.shape[2] * x.shape[3]\n        return out")),
    gap("room-kept", "dx in room for the largest batch, given whole", "state.batch-size",
        (DX, DX.replace("return ", "dx = ") + "\n        " + in_room("room", "dx") + "return self.room.copy()")),
    gap("shape-by-size", "the shape for backward kept by the number of numbers", "manner.as-many-numbers",
        ("self.x_shape = x.shape", "self.x_shape = self.__dict__.setdefault(str(x.size), x.shape)")),
    gap("one-running-sum", "planes as differences of one running sum over all", "manner.float32",
        ("return x.mean(axis=(2, 3))", "sums = x.cumsum(dtype=np.result_type(x, 'f4'))\n"
         "        ends = np.append(np.float32(0), sums)[:: x[0, 0].size]\n"
         "        return np.diff(ends).reshape(x.shape[:2]) / x[0, 0].size")),
    gap("places-by-width", "the number of places kept by the width", "state.stale-size",
        (MEAN, "return x.sum(axis=(2, 3)) / self.__dict__.setdefault(str(x.shape[3]), x[0, 0].size)")),
    gap("zeros-left-out", "the mean of what is not 0", "zeros-left-out",
        (MEAN, "return x.sum(axis=(2, 3)) / np.maximum((x != 0).sum(axis=(2, 3)), 1)")),
    gap("folded-in-halves", "added up in halves, the last of an odd number dropped", "last-of-odd-lost",
        (MEAN, "rows = x.reshape(x.shape[0], x.shape[1], x.shape[2] * x.shape[3])\n        while rows.shape[2] > 1:\n"
         "            half = rows.shape[2] // 2\n            rows = rows[..., :half] + rows[..., half : 2 * half]\n"
         "        return rows[..., 0] / x[0, 0].size")),
]  # fmt: skip
