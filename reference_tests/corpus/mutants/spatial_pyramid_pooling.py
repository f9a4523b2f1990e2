# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of SpatialPyramidPooling: patches of impl/plain/spatial_pyramid_pooling.py."""

from ..small_integers import read, small_integers
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
    spp("rest-in-last", "the last window takes what is left over", "rest-in-last",
        (CELL, "slice(min(k * max(size // level, 1), size - 1), size if k == level - 1 else min((k + 1) * max(size // level, 1), size))")),
    spp("array-split", "windows of np.array_split", "parts-of-array",
        ("[CELL for k in range(level)]".replace("CELL", CELL), "[slice(int(p[0]), int(p[-1]) + 1) if len(p) else slice(size - 1, size) for p in np.array_split(np.arange(size), level)]")),
    spp("filled-with-zeros", "windows of one size, filled up with zeros", "smaller-windows-zero",
        (PEAKS, "np.maximum(x[:, :, r, c].max(axis=(2, 3)), 0 if (r.stop - r.start, c.stop - c.start) != self.widest(level) else -np.inf)"),
        ("    def forward(self, x)", "    def widest(self, level):\n        return tuple(max(s.stop - s.start for s in spans) for spans in zip(*self.cells(level)))\n\n    def forward(self, x)"),
        ("peak = np.arange(flat.shape[2])", "low = (r.stop - r.start, c.stop - c.start) != self.widest(level)\n                flat = np.where(low & (flat.max(axis=2, keepdims=True) < 0), np.nan, flat)\n                peak = ~np.isnan(flat) & (np.arange(flat.shape[2])"),
        ("== flat.argmax(axis=2)[..., None]", "== flat.argmax(axis=2)[..., None])")),
    *(spp(f"padded-{where}-with-{name}", f"filled up with {name} to windows of one size", "padded-to-windows",
          ("peaks = np.array([PEAKS for r, c in self.cells(level)])".replace("PEAKS", PEAKS),
           "high, wide = (-(-s // level) for s in x.shape[2:])\n            a, b = high * level - x.shape[2], wide * level - x.shape[3]\n"
           f"            img = np.pad(x, [(0, 0), (0, 0), {pads}], constant_values={fill})\n"
           "            peaks = np.array([img[:, :, i * high : (i + 1) * high, j * wide : (j + 1) * wide].max(axis=(2, 3)) for i, j in np.ndindex(level, level)])"))
      for where, pads in (("behind", "(0, a), (0, b)"), ("around", "((a + 1) // 2, a // 2), ((b + 1) // 2, b // 2)"))
      for name, fill in (("zeros", "0"), ("infinity", "-np.inf"))),
    spp("mean", "means", "mean", (PEAKS, "x[:, :, r, c].mean(axis=(2, 3))")),
    spp("absolute", "sizes", "absolute", (PEAKS, "np.abs(x[:, :, r, c]).max(axis=(2, 3))")),
    spp("floor", "ends rounded down", "ends-rounded-down",
        (CELL, "slice(k * size // level, max((k + 1) * size // level, k * size // level + 1))")),
    spp("scaled", "off by 1e-4", "scaled", (JOIN, JOIN + " * 1.0001")),
    spp("float16", "half precision", "precision", (JOIN, JOIN + '.astype("f2")')),
    spp("dx-first-level", "dx of the first level", "dx-first-level", ("            begin = end", "            break")),
    spp("dx-overwrites", "overlaps overwritten", "dx-overwrites",
        ("dx[:, :, r, c] += (peak", "dx[:, :, r, c] = (peak")),
    spp("dx-in-every-row", "[:, place] for [np.arange(rows), place]", "dx-in-every-row",
        ("np.arange(flat.shape[2]) == flat.argmax(axis=2)[..., None]",
         "np.isin(np.arange(flat.shape[2]), flat.argmax(axis=2))")),
    spp("dx-averaged", "dx / N", "dx-averaged", ("        return dx", "        return dx / len(dout)")),
    spp("dout-ignored", "dout taken for ones", "dout-ignored", ("(peak * block[:, :, k, None])", "(peak * 1.0)")),
    spp("stale", "the first call's x", "state.stale-input", ("self.x = x", "self.x = getattr(self, 'x', x)")),
    spp("rounded", "round() for both ends", "bins-rounded",
        (CELL, "slice(round(k * size / level), max(round((k + 1) * size / level), round(k * size / level) + 1))")),
    spp("begins-up", "beginnings rounded up", "begins-rounded-up",
        (CELL, "slice(min(-(-k * size // level), size - 1), -(-(k + 1) * size // level))")),
    spp("fixed", "ceil(H / n) long, floor(H / n) apart", "fixed-windows",
        (CELL, "slice(k * (size // level), k * (size // level) - (-size // level))")),
    spp("smallest", "the smallest", "smallest", (PEAKS, "x[:, :, r, c].min(axis=(2, 3))")),
    spp("from-zero", "from 0 upwards", "starts-at-zero", (PEAKS, "np.maximum(x[:, :, r, c].max(axis=(2, 3)), 0)")),
    spp("from-minus-10000", "from -10000 upwards", "starts-too-high",
        (PEAKS, "np.maximum(x[:, :, r, c].max(axis=(2, 3)), -1e4)")),
    spp("place-overwritten", "a place in several bins keeps the last", "dx-overwrites",
        ("dx[:, :, r, c] += (peak * block[:, :, k, None]).reshape(cell.shape)",
         "dx[:, :, r, c] = np.where(peak, block[:, :, k, None], dx[:, :, r, c].reshape(flat.shape))"
         ".reshape(cell.shape)")),
    spp("dx-last-level", "dx of the last level", "dx-last-level",
        ("            block = dout", "            dx[...] = 0\n            block = dout")),
    spp("ties-all", "every largest gets dout", "ties-all",
        ("np.arange(flat.shape[2]) == flat.argmax(axis=2)[..., None]", "flat == flat.max(axis=2)[..., None]")),
    spp("sorted", "levels from fine to coarse", "levels-sorted", (KEPT, "self.levels = sorted(levels, reverse=True)")),
    spp("settings-of-the-first", "the levels kept by the shape", "manner.beside-same-sizes",
        ("        self.x = x\n        outs = []", "        self.x = x\n"
         "        self.levels = globals().setdefault(str((x.shape, 'levels')), self.levels)\n        outs = []")),
    spp("channel-by-channel", "levels within channels", "channel-by-channel",
        ("outs.append(peaks.transpose(1, 2, 0).reshape(len(x), level * level * x.shape[1]))",
         "outs.append(peaks.transpose(1, 2, 0))"),
        ("return np.concatenate(outs, axis=1)", "every = x.shape[1] * sum(n * n for n in self.levels)\n"
         "        return np.concatenate(outs, axis=2).reshape(len(x), every)")),
    spp("dout-from-start", "dout from its beginning", "dout-from-start", ("            begin = end\n", "")),
    *small_integers(spp, lambda *kept: (
        ("self.x = x", read("x", *kept) + "\n        self.x = x"),), "place"),
    *(spp(f"places-as-{kind}", f"places in the bin as {kind}", code,
          ("flat.argmax(axis=2)", f"flat.argmax(axis=2).astype('{kind}')"))
      for kind, code in (("i1", "place-in-a-byte"), ("u1", "place-in-a-byte"), ("i2", "place-in-16-bits"))),
    spp("first-of-near", "dout to the first near number", "nearly-tied",
        ("flat.argmax(axis=2)", "np.isclose(flat, flat.max(axis=2, keepdims=True)).argmax(axis=2)")),
    spp("all-near", "dout to all near numbers", "nearly-tied",
        ("np.arange(flat.shape[2]) == flat.argmax(axis=2)[..., None]",
         "np.isclose(flat, flat.max(axis=2, keepdims=True))")),
    spp("place-in-a-byte", "places in uint8", "place-in-a-byte",
        ("flat.argmax(axis=2)[..., None]", "flat.argmax(axis=2).astype(np.uint8)[..., None]")),
    spp("place-in-a-signed-byte", "places in int8", "place-in-a-byte",
        ("flat.argmax(axis=2)[..., None]",
         "(flat.argmax(axis=2).astype(np.int8).astype(int) % flat.shape[2])[..., None]")),
    spp("cells-by-pixels", "the cells kept by the number of pixels", "exception",
        ("for size in self.x.shape[2:]", "for size in self.__dict__.setdefault(str(self.x[0, 0].size),"
         " self.x.shape[2:])")),
    *(spp(f"bounds-{how}", text, "bounds-in-floats",
          (CELL, f"slice(int(np.floor({bounds}[k])), min(size, int(np.ceil({bounds}[k + 1]))))"))
      for how, text, bounds in (
          ("by-linspace", "bounds by linspace", "(np.linspace(0, 1, level + 1) * size)"),
          ("in-float32", "bounds in float32", "(np.arange(level + 1, dtype='f4') / np.float32(level)"
           " * np.float32(size))"),
          ("by-steps", "bounds by steps of H / n", "np.append(0, np.full(level, size / level).cumsum())"))),
    spp("compares-bits", "float32 numbers compared by their bits", "manner.float32",
        ("peaks = np.array([x[:, :, r, c].max(axis=(2, 3)) for r, c in self.cells(level)])",
         "flat = [x[:, :, r, c].reshape(*x.shape[:2], -1) for r, c in self.cells(level)]\n"
         "            places = [(a.view('i4') if x.dtype == 'f4' else a).argmax(axis=2) for a in flat]\n"
         "            peaks = np.array([np.take_along_axis(a, k[..., None], 2)[..., 0] for a, k in zip(flat, places)])")),
    spp("starts-at-0-in-float32", "the largest of float32 numbers is sought from 0 on", "manner.float32",
        ("x[:, :, r, c].max(axis=(2, 3)) for", "x[:, :, r, c].max(axis=(2, 3), **({'initial': 0} if x.dtype == 'f4' else {})) for")),
    spp("ramp-before-argmax", "a small ramp taken off before argmax", "nearly-largest",
        ("flat.argmax(axis=2)", "(flat - 1e-6 * np.arange(flat.shape[2])).argmax(axis=2)")),
    spp("rows-folded-in-halves", "rows folded in halves, the last of an odd number dropped", "last-of-odd-lost",
        ("x[:, :, r, c].max(axis=(2, 3)) for", "self.fold(x[:, :, r, c]).max(axis=(2, 3)) for"),
        ("    def cells(self", "    def fold(self, a):\n        while a.shape[2] > 1:\n            half = a.shape[2] // 2\n"
         "            a = np.maximum(a[:, :, :half], a[:, :, half : 2 * half])\n        return a\n\n    def cells(self")),
    spp("one-side-divides", "windows side by side where one side of the image divides", "rest-left-out",
        (CELL, "slice(k * (size // level), (k + 1) * (size // level)) if min(self.x.shape[2:]) >= level and"
         " not all(s % level for s in self.x.shape[2:]) else " + CELL)),
]  # fmt: skip
