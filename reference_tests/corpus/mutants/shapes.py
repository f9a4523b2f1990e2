"""Mutants of conv_output_size: patches of impl/plain/shapes.py."""

from . import mutants_of, replacing

RIGHT = "return span // stride + 1"
mutant = mutants_of("shapes", "shapes")
formula = replacing(mutant, RIGHT, "return {}")


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
    mutant("not-refused", "a filter larger than the input gives a negative size", "not-refused",
           ("    if span < 0:\n"
             "        raise ValueError(f\"a filter of {filter_size} is larger than the padded input\")\n",
             "")),
    mutant("padded-filter-refused", "compares with the size without the padding", "",
           ("if span < 0:", "if filter_size > input_size:")),
    mutant("text", "returns text", "type.str", (RIGHT, "return str(span // stride + 1)")),
    formula("hard-coded", "right for the notes' numbers only", "when", "{7: 5, 28: 24}.get(input_size, 3)"),
]
# fmt: on
