"""Corner cases: inputs that a healthy network does not meet, calls that are mistakes, and last bits."""

# fmt: off
CORNERS = frozenset({
    "S08", "S09", "S10", "S11", "S12", "S13", "S14", "S15", "S18", "C05", "C06", "C07", "C08", "C11", "C12", "C15",
    "C16", "C17", "C18", "C25", "C26", "P07", "P08", "P10", "P14", "P17", "G02", "A01", "A02", "A03", "A04", "A05",
    "A06", "A11", "A12", "A13", "A14", "A15", "A16", "L06", "L07", "L09", "L10", "L12", "L15", "R05", "D03", "B05",
    "N06",
})
