"""Mutants of conv_output_size: patches of impl/plain/shapes.py."""

from . import mutants_of, replacing

RIGHT = "return span // stride + 1"
mutant = mutants_of("shapes", "shapes")
formula = replacing(mutant, RIGHT, "return {}")
KEPT_BY = 'globals().setdefault("sizes", {{}}).setdefault({}, span // stride + 1)'


# fmt: off
MUTANTS = [
    formula("fraction", "true division: 7/3 is returned", "shapes.fraction", "span / stride + 1"),
    formula("rounded-up", "rounds up", "shapes.rounded-up", "-(-span // stride) + 1"),
    formula("rounded", "rounds to the nearest", "shapes.rounded", "round(span / stride) + 1"),
    formula("one-short", "the + 1 is missing", "shapes.one-short", "span // stride"),
    formula("one-inside", "+ 1 before the division", "shapes.one-inside", "(span + 1) // stride"),
    formula("pad-once", "pad on one side only", "shapes.pad-once", "(span - pad) // stride + 1"),
    formula("pad-ignored", "pad is forgotten", "shapes.pad-ignored", "(span - 2 * pad) // stride + 1"),
    formula("stride-ignored", "stride is forgotten", "shapes.stride-ignored", "span + 1"),
    formula("stride-multiplied", "times the stride", "shapes.stride-multiplied", "span * stride + 1"),
    formula("precedence", "a bracket is missing", "shapes.precedence",
           "input_size + (2 * pad - filter_size) / stride + 1"),
    formula("size-divided", "the filter is subtracted after the division", "shapes.stride-divides-size-only",
           "(input_size + 2 * pad) // stride - filter_size + 1"),
    formula("filter-ignored", "pad, size and stride only", "shapes.filter-ignored", "(input_size + 2 * pad) // stride"),
    formula("keeps-size", "the size is kept", "shapes.keeps-size", "input_size"),
    mutant("arguments-swapped", "pad comes before stride", "shapes.stride-pad-swapped",
           ("def conv_output_size(input_size, filter_size, stride=1, pad=0)",
             "def conv_output_size(input_size, filter_size, pad=0, stride=1)")),
    mutant("advice-not-refused", "a filter larger than the input gives a negative size", "not-refused",
           ("    if span < 0:\n"
             "        raise ValueError(f\"a filter of {filter_size} is larger than the padded input\")\n",
             "")),
    mutant("padded-filter-refused", "compares with the size without the padding", "",
           ("if span < 0:", "if filter_size > input_size:")),
    mutant("text", "returns text", "type.str", (RIGHT, "return str(span // stride + 1)")),
    formula("hard-coded", "right for the notes' numbers only", "when", "{7: 5, 28: 24}.get(input_size, 3)"),
    formula("rounded-half-up", "rounds a half up", "shapes.rounded", "int(span / stride + 0.5) + 1"),
    formula("stride-at-most-filter", "the stride is at most the filter", "shapes.stride-at-most-filter",
            "span // min(stride, filter_size) + 1"),
    formula("even-filter", "one less for an even filter with padding", "shapes.even-filter",
            "span // stride + 1 - (pad > 0 and filter_size % 2 == 0)"),
    formula("odd-filter", "an even filter taken for an odd one", "shapes.even-filter",
            "(input_size + 2 * pad - filter_size // 2 * 2 - 1) // stride + 1"),
    formula("same-size", "the size over the stride", "shapes.same-size", "-(-input_size // stride)"),
    formula("up-to-256", "at most 256 places", "when", "min(span // stride + 1, 256)"),
    formula("pad-apart", "each side's padding divided by itself", "shapes.pad-divided-apart",
            "(span - 2 * pad) // stride + 2 * (pad // stride) + 1"),
    formula("pad-half-apart", "one side's padding divided by itself", "shapes.pad-divided-apart",
            "(span - pad) // stride + pad // stride + 1"),
    formula("float-parts", "divided in parts, as floats", "shapes.divided-in-parts",
            "int((input_size + 2 * pad) / stride - filter_size / stride) + 1"),
    formula("float-three-parts", "three floats, cut", "shapes.divided-in-parts",
            "int(input_size / stride + 2 * pad / stride - filter_size / stride + 1)"),
    formula("shifted", "shifted by stride - 1", "shapes.shifted", "(span >> (stride - 1)) + 1"),
    formula("same-shortcut", "half the padding keeps the size", "shapes.same-shortcut",
            "-(-input_size // stride) if pad and pad == filter_size // 2 else span // stride + 1"),
    formula("same-shortcut-down", "half the padding keeps the size, rounded down", "shapes.same-shortcut",
            "input_size // stride if pad and pad == (filter_size - 1) // 2 else span // stride + 1"),
    formula("byte", "the size in a byte", "shapes.in-a-byte", "(span // stride + 1) % 256"),
    formula("16-bits", "the size in 16 bits", "shapes.in-16-bits", "(span // stride + 1 + 32768) % 65536 - 32768"),
    formula("16-bits-unsigned", "the way of the window in 16 bits", "shapes.in-16-bits", "span % 65536 // stride + 1"),
    formula("stride-two", "a stride of two at most", "shapes.stride-at-most-two", "span // min(stride, 2) + 1"),
    formula("side-by-side-without-pad", "a filter as wide as its step: the size over the stride", "shapes.pad-ignored",
            "(input_size if filter_size == stride else span + stride) // stride"),
    formula("powers-of-two", "shifted by half a stride that is a power of two", "shapes.shifted",
            "(span >> stride // 2 if stride & (stride - 1) == 0 else span // stride) + 1"),
    *(formula(f"kept-by-{name}", f"kept by {said}", code, KEPT_BY.format(key)) for name, said, code, key in (
        ("bits", "a number with two bits for the padding", "state.kept",
         "input_size << 10 | filter_size << 5 | stride << 2 | pad"),
        ("digits", "the digits of all arguments", "state.kept", 'f"{input_size}{filter_size}{stride}{pad}"'),
        ("lists", "a sum of all arguments times 31", "state.kept",
         "((input_size * 31 + filter_size) * 31 + stride) * 31 + pad"))),
    formula("inverse", "times a float32, one over the stride", "manner.one-after-another",
            'int(span * float(np.float32(1) / np.float32(stride))) + 1'),
    formula("strides-listed", "a list of strides that ends with 8", "manner.one-after-another",
            "span // [1, 2, 3, 4, 5, 6, 7, 8][min(stride, 8) - 1] + 1"),
]
# fmt: on
