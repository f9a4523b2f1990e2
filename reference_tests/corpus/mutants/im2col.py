# ruff: noqa: E501 (patches are lines of code inside strings)
"""Mutants of im2col: patches of impl/plain/patches.py."""

from ..kept_settings import window_by_numbers
from ..small_integers import read, small_integers
from . import mutants_of

LAST = "return col.transpose(0, 4, 5, 1, 2, 3).reshape(N * OH * OW, C * filter_h * filter_w)"
COPY = "            col[:, :, y, x] = img[:, :, y : y + stride * OH : stride, x : x + stride * OW : stride]\n"
PAD = "img = np.pad(input_data, [(0, 0), (0, 0), (pad, pad), (pad, pad)])"
MAKE = "col = np.zeros((N, C, filter_h, filter_w, OH, OW))"
SHAPE = ".reshape(N * OH * OW, C * filter_h * filter_w)"
HEAD = "N, C, H, W = input_data.shape"
mutant = mutants_of("im2col", "im2col")


def last(axes: tuple[int, ...]) -> str:
    """Return a last line with other axes."""
    return f"return col.transpose{axes}{SHAPE}"


def copy(line: str) -> str:
    """Return a line of the inner loop."""
    return f"            {line}\n"


# fmt: off
MUTANTS = [
    *(mutant(f"blocks-by-{side}", f"blocks where the stride is the {side}", f"blocks-by-{side}",
             (MAKE, f"if stride == {of}:\n        h, w = img.shape[2] // filter_h, img.shape[3] // filter_w\n"
              "        img = img[:, :, : h * filter_h, : w * filter_w].reshape(N, C, h, filter_h, w, filter_w)\n"
              "        return img.transpose(0, 2, 4, 1, 3, 5).reshape(N * h * w, C * filter_h * filter_w)\n    " + MAKE))
      for side, of in (("height", "filter_h"), ("width", "filter_w"))),
    mutant("rows-order", "images last in the rows", "im2col.rows-order", (LAST, last((4, 5, 0, 1, 2, 3)))),
    mutant("rows-across", "rows over OW, then OH", "im2col.rows-across-first", (LAST, last((0, 5, 4, 1, 2, 3)))),
    mutant("columns-order", "channels last in the columns", "im2col.columns-order", (LAST, last((0, 4, 5, 2, 3, 1)))),
    mutant("columns-across", "columns over FW, then FH", "im2col.columns-across-first",
           (LAST, last((0, 4, 5, 1, 3, 2)))),
    mutant("no-transpose", "reshaped as it is", "im2col.no-transpose", (LAST, f"return col{SHAPE}")),
    mutant("channels-for-windows", "rows over (N, C, OH)", "im2col.rows-are-channels-windows",
           (LAST, last((0, 1, 4, 5, 2, 3)))),
    mutant("turned", "a window in a column", "im2col.transposed", (LAST, LAST + ".T")),
    mutant("matrix-an-image", "one matrix an image", "im2col.one-matrix-an-image",
           (LAST, LAST.replace("(N * OH * OW,", "(N, OH * OW,"))),
    mutant("flipped", "windows read from the end", "im2col.flipped", ("col[:, :, y, x] = img",
           "col[:, :, filter_h - 1 - y, filter_w - 1 - x] = img")),
    mutant("filter-swapped", "filter_w before filter_h", "im2col.filter-swapped",
           ("def im2col(input_data, filter_h, filter_w,", "def im2col(input_data, filter_w, filter_h,")),
    mutant("square", "the filter taken for a square", "im2col.square-filter",
           ("    img = np.pad(input_data, [",
           "    filter_w, OW = filter_h, conv_output_size(W, filter_h, stride, pad)\n    img = np.pad(input_data, [")),
    mutant("pad-twice", "padded, and padded again", "im2col.pad-twice",
           ("    N, C, H, W = input_data.shape\n",
           "    pad = 2 * pad\n    N, C, H, W = input_data.shape\n")),
    mutant("pad-after", "all the padding behind", "im2col.pad-after-only",
           (PAD, PAD.replace("(pad, pad)", "(0, 2 * pad)"))),
    mutant("pad-before", "all the padding in front", "im2col.pad-before-only",
           (PAD, PAD.replace("(pad, pad)", "(2 * pad, 0)"))),
    mutant("pads-with-edge", "the border repeated", "im2col.pads-with-edge", (PAD, PAD[:-1] + ', "edge")')),
    mutant("pads-with-mirror", "the image mirrored", "im2col.pads-with-mirror", (PAD, PAD[:-1] + ', "reflect")')),
    mutant("stride-ignored", "windows side by side", "im2col.stride-ignored",
           (COPY, copy("col[:, :, y, x] = img[:, :, y : y + OH, x : x + OW]"))),
    mutant("stride-down", "stride down only", "im2col.stride-down-only",
           (COPY, copy("col[:, :, y, x] = img[:, :, y : y + stride * OH : stride, x : x + OW]"))),
    mutant("stride-across", "stride across only", "im2col.stride-across-only",
           (COPY, copy("col[:, :, y, x] = img[:, :, y : y + OH, x : x + stride * OW : stride]"))),
    mutant("arguments-swapped", "pad comes before stride", "im2col.stride-pad-swapped",
           ("def im2col(input_data, filter_h, filter_w, stride=1, pad=0)",
           "def im2col(input_data, filter_h, filter_w, pad=0, stride=1)")),
    mutant("one-row-short", "+ 1 forgotten", "im2col.one-row-short", ("    img = np.pad(input_data, [",
           "    OH, OW = OH - 1, OW - 1\n    img = np.pad(input_data, [")),
    mutant("first-image", "the first image for all", "im2col.first-image-only",
           ("= img[:, :, y :", "= img[:1, :, y :")),
    mutant("first-channel", "the first channel for all", "im2col.first-channel-only", ("= img[:, :, y :",
           "= img[:, :1, y :")),
    mutant("integers", "a matrix of integers", "im2col.truncated", (MAKE, MAKE[:-1] + ", dtype=int)")),
    mutant("float16", "a matrix of half precision", "precision", (MAKE, MAKE[:-1] + ', dtype="float16")')),
    mutant("scaled", "a scale of 1 + 1e-4", "scaled", (LAST, LAST + " * 1.0001")),
    mutant("batch-of-four", "only four images are read", "", ("= img[:, :, y :", "= img[:4, :, y :")),
    mutant("pads-the-callers", "the caller's array is zeroed at the border", "state.changed-input",
           (PAD, PAD + "\n    input_data[:, :, 0, 0] *= 0")),
    mutant("crash-not-square", "OW from the height", "im2col.OW-from-H",
           ("OW = conv_output_size(W, filter_w, stride, pad)\n    img = np",
           "OW = conv_output_size(H, filter_w, stride, pad)\n    img = np")),
    mutant("size-without-pad", "the size without the padding", "size-without-pad",
           ("OH = conv_output_size(H, filter_h, stride, pad)\n"
           "    OW = conv_output_size(W, filter_w, stride, pad)\n    img = np",
           "OH = conv_output_size(H, filter_h, stride)\n    OW = conv_output_size(W, filter_w, stride)\n    img = np")),
    mutant("copies-kept", "a matrix kept between calls", "state.overwritten",
           (LAST, LAST.replace("return ",
           "kept = CACHE.setdefault(col.shape, np.empty((N * OH * OW, C * filter_h * filter_w)))"
                        "\n    kept[:] = ") + "\n    return kept\n\n\nCACHE = {}")),
    mutant("pad-rows-after", "the rows' padding below", "im2col.pad-rows-after",
           (PAD, PAD.replace("(pad, pad), (pad, pad)", "(0, 2 * pad), (pad, pad)"))),
    mutant("pad-columns-before", "the columns' padding to the left", "im2col.pad-columns-before",
           (PAD, PAD.replace("(pad, pad), (pad, pad)", "(pad, pad), (2 * pad, 0)"))),
    mutant("pad-at-most-one", "one row of padding, however many", "im2col.pad-at-most-one",
           ("    N, C, H, W = input_data.shape\n", "    pad = min(pad, 1)\n    N, C, H, W = input_data.shape\n")),
    mutant("pad-less-than-window", "padding less than the window", "im2col.pad-less-than-window",
           ("    N, C, H, W = input_data.shape\n",
            "    pad = min(pad, min(filter_h, filter_w) - 1)\n    N, C, H, W = input_data.shape\n")),
    mutant("width-from-height", "OW with filter_h", "im2col.OW-from-window-height",
           ("OW = conv_output_size(W, filter_w, stride, pad)\n    img = np",
            "OW = min(conv_output_size(W, filter_h, stride, pad), conv_output_size(W, filter_w, stride, pad))\n"
            "    img = np")),
    mutant("stride-in-range", "the loop steps by the stride, too", "im2col.stride-in-range",
           (LAST, "OH, OW = -(-OH // stride), -(-OW // stride)\n    col = col[..., :OH, :OW]\n    " + LAST)),
    mutant("stride-at-most-window", "no gaps between windows", "im2col.stride-at-most-window",
           (COPY, copy("down, across = min(stride, filter_h), min(stride, filter_w)")
            + copy("col[:, :, y, x] = img[:, :, y : y + down * OH : down, x : x + across * OW : across]"))),
    mutant("places-in-a-byte", "windows counted in a byte", "when",
           (LAST, "byte = np.arange(OH * OW).astype('uint8')\n"
            "    col = col.reshape(*col.shape[:4], -1)[..., byte].reshape(col.shape)\n    " + LAST)),
    mutant("clips", "numbers cut off at 1000", "clipped",
           (PAD, PAD.replace("(input_data,", "(np.clip(input_data, -1000, 1000),"))),
    mutant("padded-kept", "the padded image is kept by its shape", "state.stale",
           (PAD, PAD + "\n    img = globals().setdefault(f'kept {img.shape}', img) if pad else img")),
    mutant("64-columns", "64 columns at most", "when", (COPY, COPY + copy("col[..., 64:] = 0"))),
    mutant("lower-windows", "windows that reach into the padding below stay 0", "border-windows-missing",
           (LAST, f"col[..., [i * stride + filter_h > H + pad for i in range(OH)], :] = 0\n    {LAST}")),
    mutant("last-row-of-windows", "the last row of windows stays 0", "last-windows-missing",
           (LAST, f"col[..., -1, :] = 0\n    {LAST}")),
    mutant("index-in-a-byte", "rows and columns counted in a byte", "index-in-a-byte",
           (PAD, PAD + "\n    img = img[:, :, np.arange(H + 2 * pad) % 256][..., np.arange(W + 2 * pad) % 256]")),
    mutant("rows-in-a-signed-byte", "rows and columns counted in a signed byte", "index-in-a-byte",
           (PAD, PAD + "\n    r, c = (np.arange(n + 2 * pad).astype('i1').astype(int) for n in (H, W))\n"
            "    img = img[:, :, r][..., c]")),
    mutant("settings-of-the-first", "stride and padding kept by the sizes", "manner.beside-same-sizes",
           (PAD, "stride, pad = globals().setdefault(str((input_data.shape, filter_h, filter_w)), (stride, pad))\n    "
            + PAD), ("    OH = conv_output_size(H, filter_h, stride, pad)\n", ""),
           ("    OW = conv_output_size(W, filter_w, stride, pad)\n", ""),
           (MAKE, "OH, OW = (n - f for n, f in zip(img.shape[2:], (filter_h, filter_w)))\n"
            "    OH, OW = OH // stride + 1, OW // stride + 1\n    " + MAKE)),
    mutant("channels-turned", "the channels in reverse", "channels-reversed",
           (LAST, f"col = col[:, ::-1]\n    {LAST}")),
    mutant("kept-without-channels", "the matrix's columns are kept by the sizes, not by the channels", "manner.beside-same-sizes",
           (LAST, f"C = globals().setdefault(str((H, W, filter_h, filter_w, stride, pad)), C)\n    col = col[:, :C]\n    {LAST}")),
    mutant("columns-by-OH", "columns counted with OH where it is the smaller", "im2col.columns-by-OH",
           (LAST, f"if OH < OW:\n        k = np.arange(OH * OW).reshape(OH, OW)\n        col = col[..., k // OW, k % OH]\n    {LAST}")),
    mutant("columns-to-height", "the loop over the window's columns ends at its height", "im2col.loop-to-other-side",
           ("        for x in range(filter_w):\n" + COPY, "        for x in range(min(filter_h, filter_w)):\n" + COPY)),
    mutant("first-row-of-windows", "the loop over OH begins with 1", "first-windows-missing",
           (LAST, f"col[..., 0, :] = 0\n    {LAST}")),
    mutant("columns-to-OH", "the loop over OW ends at OH", "loop-to-other-size",
           (LAST, f"col[..., OH:] = 0\n    {LAST}")),
    mutant("odd-column", "windows two by two: an odd last column stays 0", "odd-windows-missing",
           (LAST, f"col[..., OW // 2 * 2 :] = 0\n    {LAST}")),
    mutant("stride-across-at-most-width", "no gaps across", "im2col.stride-at-most-window",
           (COPY, copy("across = min(stride, filter_w)")
            + copy("col[:, :, y, x] = img[:, :, y : y + stride * OH : stride, x : x + across * OW : across]"))),
    mutant("stride-down-at-most-height", "no gaps down", "im2col.stride-at-most-window",
           (COPY, copy("down = min(stride, filter_h)")
            + copy("col[:, :, y, x] = img[:, :, y : y + down * OH : down, x : x + stride * OW : stride]"))),
    mutant("stride-of-rows", "the stride across is forgotten, in the size too", "im2col.stride-one-size",
           ("OW = conv_output_size(W, filter_w, stride, pad)\n    img = np", "OW = conv_output_size(W, filter_w, 1, pad)\n    img = np"),
           (COPY, copy("col[:, :, y, x] = img[:, :, y : y + stride * OH : stride, x : x + OW]"))),
    mutant("pixels-reshaped", "windows of one pixel: reshaped without a transpose", "im2col.no-transpose",
           (LAST, f"if filter_h == filter_w == stride == 1 and not pad:\n        return input_data.reshape(-1, C)\n    {LAST}")),
    mutant("same-mirrors", "where the padding keeps the size, the image is mirrored", "im2col.pads-with-mirror",
           (PAD, PAD + "\n    if pad and stride == 1 and filter_h == filter_w == 2 * pad + 1:\n        " + PAD[:-1] + ", 'reflect')")),
    mutant("strided-pads-after", "half a window of padding, and a stride: all of it behind", "im2col.pad-after-only",
           (PAD, PAD + "\n    if pad and stride > 1 and filter_h == filter_w == 2 * pad + 1:\n        " + PAD.replace("(pad, pad)", "(0, 2 * pad)"))),
    mutant("one-row-turned", "np.convolve's order for images of one row", "im2col.flipped",
           (LAST, f"if H == 1:\n        col = col[:, :, :, ::-1]\n    {LAST}")),
    mutant("range-short", "range(0, W - filter_w, stride) across", "im2col.one-row-short",
           (LAST, f"if (W + 2 * pad - filter_w) % stride == 0:\n        col, OW = col[..., :-1], OW - 1\n    {LAST}")),
    mutant("slice-of-other-side", "the slice of rows ends by OW", "shape.slice-of-other-side",
           (COPY, COPY.replace("y + stride * OH", "y + stride * OW"))),
    mutant("slice-of-columns", "the slice of columns ends by OH", "shape.slice-of-other-side",
           (COPY, COPY.replace("x + stride * OW", "x + stride * OH"))),
    mutant("slices-swapped", "rows end by OW, columns by OH", "shape.slice-of-other-side",
           (COPY, COPY.replace("y + stride * OH", "y + stride * OW").replace("x + stride * OW", "x + stride * OH"))),
    mutant("blocks-reshaped", "windows side by side cut up without a transpose", "im2col.blocks-mixed",
           (MAKE, "if not pad and filter_h == filter_w == stride > 1 and not H % stride and not W % stride:\n        return img.reshape(N, C, OH, OW, stride, stride).transpose(0, 2, 3, 1, 4, 5)" + SHAPE + "\n    " + MAKE)),
    mutant("strides-by-hand", "strides worked out by hand for C order", "manner.fortran",
           (MAKE, "if not pad:\n        item = input_data.itemsize\n        steps = (C * H * W, stride * W, stride, H * W, W, 1)\n        view = np.lib.stride_tricks.as_strided(input_data, (N, OH, OW, C, filter_h, filter_w), [item * n for n in steps], writeable=False)\n        return view" + SHAPE + "\n    " + MAKE)),
    mutant("channels-tiled", "the channel of a window's number by np.tile", "im2col.index-order",
           (LAST, "col = col.transpose(0, 4, 5, 1, 2, 3).reshape(N * OH * OW, C, filter_h, filter_w)\n    y, x = np.divmod(np.tile(np.arange(filter_h * filter_w), C), filter_w)\n    return col[:, np.tile(np.arange(C), filter_h * filter_w), y, x]")),
    mutant("pixels-without-padding", "1x1: the padding is not looked at", "im2col.pad-ignored",
           (HEAD, HEAD + "\n    pad = 0 if filter_h == filter_w == 1 else pad")),
    mutant("strides-before-padding", "strides of the image for the padded one", "im2col.strides-before-padding",
           (MAKE, "if pad:\n        n, c, h, w = np.ascontiguousarray(input_data).strides\n        return np.lib.stride_tricks.as_strided(img, (N, OH, OW, C, filter_h, filter_w), (n, h * stride, w * stride, c, h, w))" + SHAPE + "\n    " + MAKE)),
    mutant("index-in-16-bits", "places counted in 16 bits", "im2col.index-in-16-bits",
           (MAKE, "flat = np.arange(img[0].size).reshape(1, C, *img.shape[2:]).astype(np.int16)\n    img = img.reshape(N, -1)[:, flat[0].ravel()].reshape(img.shape)\n    " + MAKE)),
    mutant("first-pixel", "the first pixel counts as padding", "im2col.first-pixel-lost", (PAD, PAD + "\n    img[:, :, pad, pad] = 0")),
    *small_integers(mutant, lambda *kept: ((MAKE, "x = img\n    " + read("x", *kept, indent=4) + "\n    img = x\n    " + MAKE),)),
    mutant("rows-and-columns-mixed", "an order of axes that no name has", "axes.permuted",
           (LAST, LAST.replace("(0, 4, 5, 1, 2, 3)", "(0, 2, 3, 1, 4, 5)"))),
    mutant("frame-kept", "the padded image is kept by its sides, and its inside alone is written", "manner.as-many-numbers",
           (PAD, "img = globals().setdefault(str((N, C, H + 2 * pad, W + 2 * pad)), np.zeros((N, C, H + 2 * pad, W + 2 * pad)))\n"
            "    img[:, :, pad : pad + H, pad : pad + W] = input_data")),
    mutant("alone-no-transpose", "one channel of one image: reshaped as it is", "axes.permuted",
           (LAST, f"if N == C == 1 and stride == 1:\n        return col{SHAPE}\n    {LAST}")),
    mutant("larger-batch-kept", "an array for padded images that is made anew for larger batches only", "state.batch-size",
           ("def im2col(", "padded_images = {}\n\n\ndef im2col("),
           (PAD, "img = padded_images.get((C, H, W, pad))\n    if img is None or len(img) < N:\n"
            "        img = padded_images[C, H, W, pad] = np.zeros((N, C, H + 2 * pad, W + 2 * pad))\n"
            "    img[:N, :, pad : pad + H, pad : pad + W] = input_data\n    img = img if pad else input_data")),
    mutant("window-by-numbers", "the window kept by numbers of places, rows and columns", "manner.beside-same-sizes",
           ("    N, C, H, W = input_data.shape\n", "    " + window_by_numbers("input_data.shape", "filter_h", "filter_w") + "N, C, H, W = input_data.shape\n")),
]
# fmt: on
