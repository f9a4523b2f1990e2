"""col2im: wrong implementations."""

from . import Mutant
from .witnesses import image, numbers

READ = "col = col.reshape(n, oh, ow, c, filter_h, filter_w).transpose(0, 3, 4, 5, 1, 2)"
MAKE = "out = np.zeros((n, c, h + 2 * pad, w + 2 * pad))"
ADD = "out[:, :, y : y + stride * oh : stride, x : x + stride * ow : stride] += col[:, :, y, x]"
CROP = "return out[:, :, pad : pad + h, pad : pad + w]"
PADDED = image(pad=1)
FAR = image((2, 3, 6, 8), stride=2)


def mutant(id: str, text: str, code: str, old: str, new: str, witness: str = image()) -> Mutant:
    return Mutant(f"col2im-{id}", "col2im", text, code, ((old, new),), witness)


def read(shape: str, axes: tuple[int, ...]) -> str:
    return f"col = col.reshape({shape}).transpose{axes}"


# fmt: off
MUTANTS = [
    mutant("assigns", "overlaps overwritten", "col2im.assigns", ADD, ADD.replace("+=", "=")),
    mutant("assigns-by-window", "overlaps overwritten, window after window", "col2im.assigns", ADD,
           "for i in range(oh):\n                for j in range(ow):\n"
           "                    out[:, :, stride * i + y, stride * j + x] = col[:, :, y, x, i, j]"),
    Mutant("col2im-assigns-last", "col2im", "the last window wins", "col2im.assigns",
           (("            out[:, :, y : y + stride * oh : stride, x : x + stride * ow : stride] += col[:, :, y, x]",
             "            pass\n    for i in range(oh):\n        for j in range(ow):\n"
             "            top, left = i * stride, j * stride\n"
             "            out[:, :, top : top + filter_h, left : left + filter_w] = col[..., i, j]"),), image()),
    Mutant("col2im-averages", "col2im", "overlaps averaged", "col2im.averages",
           ((MAKE, MAKE + "\n    times = np.zeros_like(out)"),
            (ADD, ADD + "\n            times[:, :, y : y + stride * oh : stride, x : x + stride * ow : stride] += 1"),
            (CROP, "out /= np.maximum(times, 1)\n    " + CROP)), image()),
    mutant("not-cropped", "the padding stays", "col2im.not-cropped", CROP, "return out", PADDED),
    mutant("crop-minus-pad", "out[p:-p]", "col2im.crop-minus-pad", CROP, "return out[:, :, pad:-pad, pad:-pad]"),
    mutant("crop-from-zero", "out[:H]", "col2im.crop-from-zero", CROP, "return out[:, :, :h, :w]", PADDED),
    mutant("crop-before", "out[p:]", "col2im.crop-before-only", CROP, "return out[:, :, pad:, pad:]", PADDED),
    mutant("rows-order", "images last in the rows", "col2im.rows-order", READ,
           read("oh, ow, n, c, filter_h, filter_w", (2, 3, 4, 5, 0, 1))),
    mutant("rows-across", "rows over OW, then OH", "col2im.rows-across-first", READ,
           read("n, ow, oh, c, filter_h, filter_w", (0, 3, 4, 5, 2, 1))),
    mutant("columns-order", "channels last in the columns", "col2im.columns-order", READ,
           read("n, oh, ow, filter_h, filter_w, c", (0, 5, 3, 4, 1, 2))),
    mutant("columns-across", "columns over FW, then FH", "col2im.columns-across-first", READ,
           read("n, oh, ow, c, filter_w, filter_h", (0, 3, 5, 4, 1, 2))),
    mutant("no-transpose", "read as it is", "col2im.no-transpose", READ,
           "col = col.reshape(n, c, filter_h, filter_w, oh, ow)"),
    mutant("flipped", "windows from the end", "col2im.flipped", "+= col[:, :, y, x]",
           "+= col[:, :, filter_h - 1 - y, filter_w - 1 - x]"),
    mutant("filter-swapped", "filter_w before filter_h", "col2im.filter-swapped",
           "def col2im(col, input_shape, filter_h, filter_w,", "def col2im(col, input_shape, filter_w, filter_h,"),
    mutant("stride-ignored", "windows side by side", "col2im.stride-ignored", ADD,
           "out[:, :, y : y + oh, x : x + ow] += col[:, :, y, x]", FAR),
    mutant("stride-down", "stride down only", "col2im.stride-down-only", ADD,
           "out[:, :, y : y + stride * oh : stride, x : x + ow] += col[:, :, y, x]", FAR),
    mutant("stride-across", "stride across only", "col2im.stride-across-only", ADD,
           "out[:, :, y : y + oh, x : x + stride * ow : stride] += col[:, :, y, x]", FAR),
    mutant("first-image", "the first image for all", "col2im.first-image-only", "+= col[:, :, y, x]",
           "+= col[:1, :, y, x]"),
    mutant("integers", "an image of integers", "", MAKE, MAKE[:-1] + ", dtype=int)"),
    mutant("like-integers", "integers in, integers out", "", "    n, c, h, w = input_shape\n",
           "    n, c, h, w = input_shape\n    col = col.astype(int) if len(col) > 40 else col\n",
           image((5, 3, 6, 5))),
    mutant("float16", "half precision", "precision", CROP, CROP + '.astype("float16")'),
    mutant("scaled", "a scale of 1 + 1e-4", "scaled", CROP, CROP + " * 1.0001"),
    mutant("batch-of-four", "only four images are written", "place",
           "out[:, :, y : y + stride * oh : stride, x : x + stride"
           " * ow : stride] += col[:, :, y, x]",
           "out[:4, :, y : y + stride * oh : stride, x : x + stride * ow : stride] += col[:4, :, y, x]",
           image((7, 2, 4, 5), (3, 1))),
    mutant("accumulates", "one array for all calls of a shape", "state.overwritten", MAKE,
           "out = globals().setdefault(f\"kept {input_shape}\", np.zeros((n, c, h + 2 * pad, w + 2 * pad)))",
           f"[{image()}, {image()}][1]"),
    mutant("writes-into-col", "the matrix is zeroed", "state.changed-input", CROP, "col[...] = 0\n    " + CROP,
           f"[a := {numbers((20, 24))}, col2im(a, (2, 3, 6, 5), 2, 4), a][2]"),
    mutant("no-pad-in-size", "OH and OW without the padding", "",
           "    col = col.reshape(n, oh,", "    oh, ow = oh - 2 * pad, ow - 2 * pad\n    col = col.reshape(n, oh,",
           PADDED),
    mutant("squeezes", "axes of length 1 vanish", "axes.squeezed", CROP, CROP + ".squeeze()", image((1, 3, 6, 5))),
]
# fmt: on
