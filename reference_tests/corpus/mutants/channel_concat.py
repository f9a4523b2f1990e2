# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of ChannelConcat: patches of impl/plain/merging.py."""

from . import mutants_of

concat = mutants_of("channel_concat", "concat")
JOIN, SPLIT = "return np.concatenate(branches, axis=1)", "return tuple(np.split(dout, borders, axis=1))"
MUTANTS = [
    concat("reversed", "in reverse", "reversed", (JOIN, "return np.concatenate(branches[::-1], axis=1)")),
    concat("images", "along the images", "images", (JOIN, "return np.concatenate(branches, axis=0)")),
    concat("rows", "along the rows", "rows", (JOIN, "return np.concatenate(branches, axis=2)")),
    concat("added", "added", "added", (JOIN, "return sum(branches)")),
    concat("scaled", "off by 1e-4", "scaled", (JOIN, JOIN + " * 1.0001")),
    concat("float16", "half precision", "precision", (JOIN, JOIN + '.astype("f2")')),
    concat("advice-type-of-first", "the first input's type", "whole-numbers", (JOIN, JOIN + ".astype(branches[0].dtype)")),
    concat("dx-reversed", "dout from its end", "dx-reversed",
           (SPLIT,
            "cut = np.split(dout, np.cumsum(self.channels[::-1])[:-1], axis=1)\n        return tuple(cut[::-1])")),
    concat("dx-evenly", "parts of one size", "dx-evenly", (SPLIT, "return tuple(np.array_split(dout, 3, axis=1))")),
    concat("dx-averaged", "through the inputs", "dx-averaged",
           (SPLIT, "return tuple(np.split(dout / 3, borders, axis=1))")),
    concat("dx-array", "one array for all", "type.count", (SPLIT, "return dout")),
    concat("stale", "the first call's widths", "when", ("self.channels = [branch.shape[1] for branch in branches]",
           "self.channels = [3, 1, 4]")),
    concat("borders", "cut at the channel numbers", "dx-borders",
           (SPLIT, "return tuple(np.split(dout, self.channels[:-1], axis=1))")),
    concat("piles-up", "the list of channels grows", "state.accumulates",
           ("self.channels = [branch.shape[1] for branch in branches]",
            "self.channels = getattr(self, 'channels', []) + [branch.shape[1] for branch in branches]")),
    concat("borders-of-one", "each begins where the one before ends, were it the first", "dx-borders",
           (SPLIT, "starts = [0, *self.channels[:-1]]\n"
            "        return tuple(dout[:, a : a + n] for a, n in zip(starts, self.channels))")),
    concat("sorted", "the smallest gradient first", "dx-sorted",
           (SPLIT, "return tuple(sorted(np.split(dout, borders, axis=1), key=lambda a: a.shape[1]))")),
    concat("rotated", "the gradients moved on by one", "dx-turned",
           (SPLIT, "a, b, c = np.split(dout, borders, axis=1)\n        return b, c, a")),
    concat("cut-evenly", "equal parts, the rest lost", "dx-evenly", (SPLIT,
           "n = len(self.channels)\n        c = dout.shape[1] // n\n        return tuple(dout[:, i * c : (i + 1) * c] for i in range(n))")),
    concat("cut-as-first", "parts as large as the first", "dx-size-of-first", (SPLIT,
           "c = self.channels[0]\n        return tuple(dout[:, i * c : (i + 1) * c] for i in range(len(self.channels)))")),
    concat("split-by-number", "np.split into so many parts", "dx-evenly", (SPLIT, "return tuple(np.split(dout, len(self.channels), axis=1))")),
    concat("split-images", "dout cut along the images", "dx-images", (SPLIT, SPLIT.replace("axis=1", "axis=0"))),
    concat("dx-whole", "all of dout for each", "dx-whole", (SPLIT, "return tuple(dout.copy() for _ in self.channels)")),
    concat("columns", "joined along the columns", "columns",
           ("return np.concatenate(branches, axis=1)", "return np.concatenate(branches, axis=3)")),
    concat("own-channels-times", "input k from k times its own channels on", "dx-borders",
           (SPLIT, "return tuple(dout[:, k * c : k * c + c] for k, c in enumerate(self.channels))")),
    concat("borders-kept", "cut as at first", "dx-borders-kept",
           ("self.channels = [branch", "self.channels = getattr(self, 'channels', None) or [branch")),
    *(concat(f"borders-as-{kind}", f"the borders as {kind}", "index-in-a-byte",
             (SPLIT, SPLIT.replace("borders", f"borders.astype('{kind}')"))) for kind in ("i1", "u1")),
    concat("borders-by-channels", "the borders kept by the number of channels in all", "manner.as-many-numbers",
           ("self.channels = [branch.shape[1] for branch in branches]", "channels = [branch.shape[1] for branch in branches]\n"
            "        self.channels = self.__dict__.setdefault(str(sum(channels)), channels)")),
    concat("axis-from-the-end", "the third axis from the end", "exception",
           (JOIN, JOIN.replace("axis=1", "axis=-3")), (SPLIT, SPLIT.replace("axis=1", "axis=-3"))),
]  # fmt: skip
