# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of col2im: patches of impl/plain/patches.py."""

from ..kept_settings import window_by_numbers
from ..small_integers import small_integers, written
from . import mutants_of

READ = "col = col.reshape(N, OH, OW, C, filter_h, filter_w).transpose(0, 3, 4, 5, 1, 2)"
MAKE = "img = np.zeros((N, C, H + 2 * pad, W + 2 * pad))"
ADD = "img[:, :, y : y + stride * OH : stride, x : x + stride * OW : stride] += col[:, :, y, x]"
CROP = "return img[:, :, pad : pad + H, pad : pad + W]"
mutant = mutants_of("col2im", "col2im")


def read(shape: str, axes: tuple[int, ...]) -> str:
    """Return a line that reads col in another order."""
    return f"col = col.reshape({shape}).transpose{axes}"


# fmt: off
MUTANTS = [
    *(mutant(f"blocks-by-{side}", f"blocks where the stride is the {side}", f"blocks-by-{side}",
             (CROP, f"if stride == {of}:\n        img = col.transpose(0, 1, 4, 2, 5, 3).reshape(N, C, OH * filter_h, OW * filter_w)\n    " + CROP))
      for side, of in (("height", "filter_h"), ("width", "filter_w"))),
    mutant("assigns-flat-windows", "overlaps overwritten where none overlap down", "col2im.assigns",
           (ADD, "at = np.s_[:, :, y : y + stride * OH : stride, x : x + stride * OW : stride]\n"
            "            img[at] = col[:, :, y, x] + (img[at] if filter_h > stride else 0)")),
    *(mutant(f"assigns-{way}", f"overlaps overwritten {way}", "col2im.assigns",
           ("            " + ADD, f"            pass\n    for {a} in range({A}):\n        band = np.zeros(img.shape)\n        for {b} in range({B}):\n"
             "            top, left = i * stride, j * stride\n"
             "            band[:, :, top : top + filter_h, left : left + filter_w] = col[..., i, j]\n        img += band"))
      for way, a, A, b, B in (("across", "i", "OH", "j", "OW"), ("down", "j", "OW", "i", "OH"))),
    mutant("assigns", "overlaps overwritten", "col2im.assigns", (ADD, ADD.replace("+=", "="))),
    mutant("assigns-by-window", "overlaps overwritten, window after window", "col2im.assigns",
           (ADD, "for i in range(OH):\n                for j in range(OW):\n"
           "                    img[:, :, stride * i + y, stride * j + x] = col[:, :, y, x, i, j]")),
    mutant("assigns-last", "the last window wins", "col2im.assigns",
           ("            img[:, :, y : y + stride * OH : stride, x : x + stride * OW : stride] += col[:, :, y, x]",
             "            pass\n    for i in range(OH):\n        for j in range(OW):\n"
             "            top, left = i * stride, j * stride\n"
             "            img[:, :, top : top + filter_h, left : left + filter_w] = col[..., i, j]")),
    mutant("averages", "overlaps averaged", "col2im.averages",
           (MAKE, MAKE + "\n    times = np.zeros_like(img)"),
            (ADD, ADD + "\n            times[:, :, y : y + stride * OH : stride, x : x + stride * OW : stride] += 1"),
            (CROP, "img /= np.maximum(times, 1)\n    " + CROP)),
    mutant("not-cropped", "the padding stays", "col2im.not-cropped", (CROP, "return img")),
    mutant("crop-minus-pad", "out[p:-p]", "col2im.crop-minus-pad", (CROP, "return img[:, :, pad:-pad, pad:-pad]")),
    mutant("crop-from-zero", "out[:H]", "col2im.crop-from-zero", (CROP, "return img[:, :, :H, :W]")),
    mutant("crop-before", "out[p:]", "col2im.crop-before-only", (CROP, "return img[:, :, pad:, pad:]")),
    mutant("rows-order", "images last in the rows", "col2im.rows-order",
           (READ, read("OH, OW, N, C, filter_h, filter_w", (2, 3, 4, 5, 0, 1)))),
    mutant("rows-across", "rows over OW, then OH", "col2im.rows-across-first",
           (READ, read("N, OW, OH, C, filter_h, filter_w", (0, 3, 4, 5, 2, 1)))),
    mutant("columns-order", "channels last in the columns", "col2im.columns-order",
           (READ, read("N, OH, OW, filter_h, filter_w, C", (0, 5, 3, 4, 1, 2)))),
    mutant("columns-across", "columns over FW, then FH", "col2im.columns-across-first",
           (READ, read("N, OH, OW, C, filter_w, filter_h", (0, 3, 5, 4, 1, 2)))),
    mutant("no-transpose", "read as it is", "col2im.no-transpose",
           (READ, "col = col.reshape(N, C, filter_h, filter_w, OH, OW)")),
    mutant("flipped", "windows from the end", "col2im.flipped", ("+= col[:, :, y, x]",
           "+= col[:, :, filter_h - 1 - y, filter_w - 1 - x]")),
    mutant("filter-swapped", "filter_w before filter_h", "col2im.filter-swapped",
           ("def col2im(col, input_shape, filter_h, filter_w,", "def col2im(col, input_shape, filter_w, filter_h,")),
    mutant("stride-ignored", "windows side by side", "col2im.stride-ignored",
           (ADD, "img[:, :, y : y + OH, x : x + OW] += col[:, :, y, x]")),
    mutant("stride-down", "stride down only", "col2im.stride-down-only",
           (ADD, "img[:, :, y : y + stride * OH : stride, x : x + OW] += col[:, :, y, x]")),
    mutant("stride-across", "stride across only", "col2im.stride-across-only",
           (ADD, "img[:, :, y : y + OH, x : x + stride * OW : stride] += col[:, :, y, x]")),
    mutant("first-image", "the first image for all", "col2im.first-image-only", ("+= col[:, :, y, x]",
           "+= col[:1, :, y, x]")),
    mutant("integers", "an image of integers", "", (MAKE, MAKE[:-1] + ", dtype=int)")),
    mutant("like-integers", "integers in, integers out", "when", ("    N, C, H, W = input_shape\n",
           "    N, C, H, W = input_shape\n    col = col.astype(int) if len(col) > 40 else col\n")),
    mutant("float16", "half precision", "precision", (CROP, CROP + '.astype("float16")')),
    mutant("scaled", "a scale of 1 + 1e-4", "scaled", (CROP, CROP + " * 1.0001")),
    mutant("batch-of-four", "only four images are written", "when",
           ("img[:, :, y : y + stride * OH : stride, x : x + stride"
           " * OW : stride] += col[:, :, y, x]",
           "img[:4, :, y : y + stride * OH : stride, x : x + stride * OW : stride] += col[:4, :, y, x]")),
    mutant("accumulates", "one array for all calls of a shape", "state.accumulates",
           (MAKE, "img = globals().setdefault(f\"kept {input_shape}\", np.zeros((N, C, H + 2 * pad, W + 2 * pad)))")),
    mutant("writes-into-col", "the matrix is zeroed", "state.changed-input", (CROP, "col[...] = 0\n    " + CROP)),
    mutant("no-pad-in-size", "OH and OW without the padding", "",
           ("    col = col.reshape(N, OH,", "    OH, OW = OH - 2 * pad, OW - 2 * pad\n    col = col.reshape(N, OH,")),
    mutant("squeezes", "axes of length 1 vanish", "axes.squeezed", (CROP, CROP + ".squeeze()")),
    mutant("crop-rows-from-zero", "out[:H]", "col2im.crop-rows-from-zero",
           (CROP, "return img[:, :, :H, pad : pad + W]")),
    mutant("crop-columns-from-zero", "out[..., :W]", "col2im.crop-columns-from-zero",
           (CROP, "return img[:, :, pad : pad + H, :W]")),
    mutant("crop-twice-before", "2 * pad cut off in front", "col2im.crop-twice-before",
           (CROP, "return img[:, :, 2 * pad : 2 * pad + H, 2 * pad : 2 * pad + W]")),
    mutant("crop-rows-twice-before", "2 * pad rows cut off in front", "col2im.crop-rows-twice-before",
           (CROP, "return img[:, :, 2 * pad : 2 * pad + H, pad : pad + W]")),
    mutant("stride-at-most-window", "no gaps between windows", "col2im.stride-at-most-window",
           (ADD, "down, across = min(stride, filter_h), min(stride, filter_w)\n"
            "            img[:, :, y : y + down * OH : down, x : x + across * OW : across] += col[:, :, y, x]")),
    mutant("not-cleared", "an image kept by its shape, never cleared, and a copy of it returned", "state.accumulates",
           (MAKE, "img = globals().setdefault(f'kept {input_shape} {pad}', " + MAKE.removeprefix("img = ") + ")"),
           (CROP, CROP + ".copy()")),
    mutant("clips", "numbers cut off at 1000", "clipped", (CROP, "img = np.clip(img, -1000, 1000)\n    " + CROP)),
    mutant("crop-square", "cut off by the height on both sides", "crop-of-one-side",
           (CROP, "return img[:, :, pad : pad + H, pad : pad + H]")),
    mutant("as-far-as-covered", "an image as large as the windows cover", "as-far-as-covered",
           (CROP, "H = min(H, (OH - 1) * stride + filter_h - pad)\n    W = min(W, (OW - 1) * stride + filter_w - pad)\n"
            "    " + CROP)),
    mutant("last-row", "the last row of the image stays 0", "edge-missing",
           (CROP, "img[:, :, pad + H - 1] = 0\n    " + CROP)),
    mutant("last-windows", "the last row of windows is not put back", "last-windows-missing",
           (READ, READ + "\n    col[..., -1, :] = 0")),
    mutant("channels-turned", "the channels in reverse", "channels-reversed", (CROP, CROP + "[:, ::-1]")),
    mutant("index-in-a-byte", "rows counted in a byte", "index-in-a-byte",
           (ADD, "rows = (y + stride * np.arange(OH)) % 256\n            columns = (x + stride * np.arange(OW)) % 256\n"
            "            np.add.at(img, (slice(None), slice(None), rows[:, None], columns), col[:, :, y, x])")),
    mutant("settings-of-the-first", "the image is made by its shape, with the first padding", "manner.beside-same-sizes",
           (MAKE, "wide = globals().setdefault(str((input_shape, filter_h, filter_w)), (H + 2 * pad, W + 2 * pad))\n"
            "    img = np.zeros((N, C, *wide))")),
    mutant("square-with-rest", "cut with the height, out of an image with the stride's rest", "col2im.crop-of-one-side",
           (MAKE, MAKE.replace("2 * pad)", "2 * pad + stride - 1)").replace("H + 2 * pad,", "H + 2 * pad + stride - 1,")),
           ("return img[:, :, pad : pad + H, pad : pad + W]", "return img[:, :, pad : pad + H, pad : pad + H]")),
    mutant("rows-to-width", "the loop over the window's rows ends at its width", "col2im.loop-to-other-side",
           ("    for y in range(filter_h):\n", "    for y in range(min(filter_h, filter_w)):\n")),
    mutant("crop-to-size", "out[p:H, p:W]", "crop-to-size", (CROP, "return img[:, :, pad:H, pad:W]")),
    mutant("crop-after", "out[:p + H]", "crop-after-only", (CROP, "return img[:, :, : pad + H, : pad + W]")),
    mutant("blocks-from-zero", "windows side by side: out[:H] whatever the padding", "crop-from-zero",
           (CROP, "if filter_h == filter_w == stride > 1:\n        return img[:, :, :H, :W]\n    " + CROP)),
    mutant("same-assigns", "where the padding keeps the size, overlaps are overwritten", "assigns",
           (ADD, ADD + "\n            if pad and stride == 1 and filter_h == filter_w == 2 * pad + 1:\n                img[:, :, y : y + OH, x : x + OW] = col[:, :, y, x]")),
    mutant("slice-of-other-side", "the slice of rows ends by OW", "shape.slice-of-other-side",
           (ADD, ADD.replace("y + stride * OH", "y + stride * OW"))),
    mutant("slices-swapped", "rows end by OW, columns by OH", "shape.slice-of-other-side",
           (ADD, ADD.replace("y + stride * OH", "y + stride * OW").replace("x + stride * OW", "x + stride * OH"))),
    mutant("blocks-reshaped", "windows side by side put together without a transpose", "col2im.blocks-mixed",
           (READ, "if not pad and filter_h == filter_w == stride > 1 and not H % stride and not W % stride:\n        return col.reshape(N, OH, OW, C, stride * stride).transpose(0, 3, 1, 2, 4).reshape(input_shape)\n    " + READ)),
    mutant("pixels-without-padding", "1x1: the padding is not looked at", "when",
           (READ, "if filter_h == filter_w == 1 and stride == 1:\n        return col[: N * H * W].reshape(N, H, W, C).transpose(0, 3, 1, 2)\n    " + READ)),
    mutant("columns-repeated", "the column of a window's number by np.repeat", "col2im.index-order",
           (ADD, "z = (y * filter_w + x) // filter_h % filter_w\n            " + ADD.replace("x : x +", "z : z +"))),
    mutant("index-in-16-bits", "places counted in 16 bits", "col2im.index-in-16-bits",
           (CROP, "at = np.arange(img[0].size).astype(np.int16)\n    wide = img.reshape(N, -1)\n    img = np.zeros_like(wide)\n    np.add.at(img, (slice(None), at), wide)\n    img = img.reshape(N, C, H + 2 * pad, W + 2 * pad)\n    " + CROP)),
    *small_integers(mutant, lambda *kept: ((CROP, "x = img\n    " + written("x", *kept, indent=4) + "\n    img = x\n    " + CROP),)),
    mutant("crop-turned", "H and W swapped in the crop", "crop-turned",
           (CROP, "return img[:, :, pad : pad + W, pad : pad + H]")),
    mutant("sides-by-pixels", "height and width kept by the number of pixels", "manner.as-many-numbers",
           ("    N, C, H, W = input_shape\n", "    N, C, H, W = globals().setdefault(str((input_shape[:2], input_shape[2] * input_shape[3], filter_h, filter_w, stride, pad)), input_shape)\n")),
    mutant("larger-batch-kept", "an array for images that is made anew for larger batches only", "manner.another-size-between",
           ("def col2im(", "images = {}\n\n\ndef col2im("),
           ("img = np.zeros((N, C, H + 2 * pad, W + 2 * pad))", "img = images.get((C, H, W, pad))\n    if img is None or len(img) < N:\n"
            "        img = images[C, H, W, pad] = np.zeros((N, C, H + 2 * pad, W + 2 * pad))\n    img[...] = 0\n    img = img if pad else np.zeros(input_shape)"),
           ("return img[:, :, pad : pad + H, pad : pad + W]", "return img[:, :, pad : pad + H, pad : pad + W].copy()")),
    *(mutant(f"assigns-by-{side}", f"the result assigned, not added, where the stride is the {side}", "assigns",
             (ADD, ADD.replace("+=", "=") + f" + (0 if {of} == stride else {ADD.partition(' +=')[0]})"))
      for side, of in (("height", "filter_h"), ("width", "filter_w"))),
    *(mutant(f"{name}-of-the-first", f"the {name} kept by the sizes", "manner.beside-same-sizes",
             (READ, f"{name} = globals().setdefault(str((input_shape, filter_h, filter_w, {other})), {name})\n    " + READ))
      for name, other in (("stride", "pad"), ("pad", "stride"))),
    mutant("window-by-numbers", "the window kept by numbers of places, rows and columns", "manner.beside-same-sizes",
           ("    N, C, H, W = input_shape\n", "    " + window_by_numbers("input_shape", "filter_h", "filter_w") + "N, C, H, W = input_shape\n")),
    mutant("running-sums", "sums as differences of one running sum in the type of col", "manner.float32-far-number",
           (MAKE, "every = np.arange(N * C * (H + 2 * pad) * (W + 2 * pad)).reshape(N, C, H + 2 * pad, W + 2 * pad)\n    places, numbers = [], []"),
           (ADD, "at = every[:, :, y : y + stride * OH : stride, x : x + stride * OW : stride]\n            places.append(at.ravel())\n            numbers.append(col[:, :, y, x].ravel())"),
           (CROP, "order = np.argsort(np.concatenate(places), kind='stable')\n    numbers = np.concatenate(numbers)[order]\n"
            "    running = np.concatenate([np.zeros(1, numbers.dtype), np.cumsum(numbers, dtype=numbers.dtype)])\n"
            "    ends = [np.searchsorted(np.concatenate(places)[order], every.ravel(), side) for side in ('right', 'left')]\n"
            "    img = (running[ends[0]] - running[ends[1]]).reshape(every.shape)\n    " + CROP)),
]
# fmt: on
