"""Mutants of SpatialPyramidPooling: patches of impl/plain/spatial_pyramid_pooling.py."""

from . import mutants_of

spp = mutants_of("spatial_pyramid_pooling", "spp")
CELL = "slice(k * size // level, -(-(k + 1) * size // level))"
LAID = "outs.append(peaks.transpose(1, 2, 0).reshape(len(x), level * level * x.shape[1]))"
PEAKS = "x[:, :, r, c].max(axis=(2, 3))"
JOIN = "return np.concatenate(outs, axis=1)"
KEPT = "self.levels = levels"
MUTANTS = [
    spp("reversed", "levels in reverse", "levels-reversed", (KEPT, "self.levels = levels[::-1]")),
    spp("channels-last", "(n, n, C)", "channels-last", (LAID, LAID.replace("(1, 2, 0)", "(1, 0, 2)"))),
    spp("transposed", "grids transposed", "grid-transposed", ("[(r, c) for r in rows for c in columns]",
        "[(r, c) for c in columns for r in rows]")),
    spp("mean", "means", "mean", (PEAKS, "x[:, :, r, c].mean(axis=(2, 3))")),
    spp("absolute", "sizes", "absolute", (PEAKS, "np.abs(x[:, :, r, c]).max(axis=(2, 3))")),
    spp("floor", "ends rounded down", "ends-rounded-down",
        (CELL, "slice(k * size // level, max((k + 1) * size // level, k * size // level + 1))")),
    spp("scaled", "off by 1e-4", "scaled", (JOIN, JOIN + " * 1.0001")),
    spp("float16", "half precision", "precision", (JOIN, JOIN + '.astype("f2")')),
    spp("dx-first-level", "dx of the first level", "dx-first-level", ("            begin = end", "            break")),
    spp("dx-overwrites", "overlaps overwritten", "", ("dx[:, :, r, c] += (peak", "dx[:, :, r, c] = (peak")),
    spp("dx-averaged", "dx / N", "dx-averaged", ("        return dx", "        return dx / len(dout)")),
    spp("dout-ignored", "dout taken for ones", "dout-ignored", ("(peak * block[:, :, k, None])", "(peak * 1.0)")),
    spp("stale", "the first call's x", "state.stale-input", ("self.x = x", "self.x = getattr(self, 'x', x)")),
]  # fmt: skip
