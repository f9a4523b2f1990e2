"""conv_output_size: wrong implementations."""

from . import Mutant

RIGHT = "return span // stride + 1"


def mutant(id: str, text: str, code: str, formula: str) -> Mutant:
    return Mutant(f"shapes-{id}", "shapes", text, code, ((RIGHT, f"return {formula}"),))


# fmt: off
MUTANTS = [
    mutant("fraction", "true division: 7/3 is returned", "shapes.fraction", "span / stride + 1"),
    mutant("rounded-up", "rounds up", "shapes.rounded-up", "-(-span // stride) + 1"),
    mutant("rounded", "rounds to the nearest", "shapes.rounded", "round(span / stride) + 1"),
    mutant("one-short", "the + 1 is missing", "shapes.one-short", "span // stride"),
    mutant("one-inside", "+ 1 before the division", "shapes.one-inside", "(span + 1) // stride"),
    mutant("pad-once", "pad on one side only", "shapes.pad-once", "(span - pad) // stride + 1"),
    mutant("pad-ignored", "pad is forgotten", "shapes.pad-ignored", "(span - 2 * pad) // stride + 1"),
    mutant("stride-ignored", "stride is forgotten", "shapes.stride-ignored", "span + 1"),
    mutant("stride-multiplied", "times the stride", "shapes.stride-multiplied", "span * stride + 1"),
    mutant("precedence", "a bracket is missing", "shapes.precedence",
           "input_size + (2 * pad - filter_size) / stride + 1"),
    mutant("size-divided", "the filter is subtracted after the division", "shapes.stride-divides-size-only",
           "(input_size + 2 * pad) // stride - filter_size + 1"),
    mutant("filter-ignored", "pad, size and stride only", "shapes.filter-ignored", "(input_size + 2 * pad) // stride"),
    mutant("keeps-size", "the size is kept", "shapes.keeps-size", "input_size"),
    Mutant("shapes-arguments-swapped", "shapes", "pad comes before stride", "shapes.stride-pad-swapped",
           (("def conv_output_size(input_size, filter_size, stride=1, pad=0)",
             "def conv_output_size(input_size, filter_size, pad=0, stride=1)"),)),
    Mutant("shapes-not-refused", "shapes", "a filter larger than the input gives a negative size", "not-refused",
           (("    if span < 0:\n"
             "        raise ValueError(f\"a filter of {filter_size} is larger than the padded input\")\n",
             ""),)),
    Mutant("shapes-padded-filter-refused", "shapes", "compares with the size without the padding", "",
           (("if span < 0:", "if filter_size > input_size:"),)),
    Mutant("shapes-text", "shapes", "returns text", "type", ((RIGHT, "return str(span // stride + 1)"),)),
    mutant("hard-coded", "right for the notes' numbers only", "when", "{7: 5, 28: 24}.get(input_size, 3)"),
]
# fmt: on
