"""The smallest case on which the subject is wrong, and from the table of all small cases: wrong exactly when ..."""

import itertools
import time

import numpy as np

from . import references
from .compare import compare
from .contract import layer as layer_of
from .manners import plain


def table(component, part, subject, limit=None, seconds=5.0, first=False):
    """[(geometry, case, right?)]: one cheap reference, checked elsewhere against the others."""
    layer, rows, start = layer_of(component), [], time.perf_counter()
    for g, case in layer.sizes():
        if time.perf_counter() - start > seconds or (limit and len(rows) >= limit):
            break
        plan = plain(case, part)
        trace = subject.run(plan)
        q, _ = next(iter(plan.expect.values()))
        answer = references.ask(q)
        bound = layer.allowed(q, answer, plan.eps)
        right = trace.stop is None and not compare(
            plan, trace, {r: (answer[w], bound[w]) for r, (_, w) in plan.expect.items()}
        )
        rows.append((g, case, right))
        if first and not right:
            break
    return rows


FACTS = {
    "N > 1": lambda g: g["N"] > 1,
    "C > 1": lambda g: g["C"] > 1,
    "FN > 1": lambda g: g["FN"] > 1,
    "H differs from W": lambda g: g["H"] != g["W"],
    "FH differs from FW": lambda g: g["FH"] != g["FW"],
    "OH differs from OW": lambda g: g["OH"] != g["OW"],
    "OH > OW": lambda g: g["OH"] > g["OW"],
    "OW > OH": lambda g: g["OW"] > g["OH"],
    "FH > 1": lambda g: g["FH"] > 1,
    "FW > 1": lambda g: g["FW"] > 1,
    "FH*FW > 1": lambda g: g["FH"] * g["FW"] > 1,
    "OH > 1": lambda g: g["OH"] > 1,
    "OW > 1": lambda g: g["OW"] > 1,
    "OH*OW > 1": lambda g: g["OH"] * g["OW"] > 1,
    "stride > 1": lambda g: g["stride"] > 1,
    "stride > 2": lambda g: g["stride"] > 2,
    "pad > 0": lambda g: g["pad"] > 0,
    "pad > 1": lambda g: g["pad"] > 1,
    "C differs from FN": lambda g: g["C"] != g["FN"],
    "OW equals FN": lambda g: g["OW"] == g["FN"],
    "stride > window": lambda g: g["stride"] > min(g["FH"], g["FW"]),
    "windows overlap": lambda g: (g["stride"] < g["FH"] and g["OH"] > 1) or (g["stride"] < g["FW"] and g["OW"] > 1),
    "stride differs from the window": lambda g: (g["stride"], g["stride"]) != (g["FH"], g["FW"]),
    "FH*FW differs from FH+FW": lambda g: g["FH"] * g["FW"] != g["FH"] + g["FW"],
}


def rule(rows):
    """'wrong exactly when A and B': the shortest conjunction of plain facts that splits the whole table, or ''."""
    bad = np.array([not right for *_, right in rows])
    facts = {name: np.array([f(g) for g, *_ in rows]) for name, f in FACTS.items()}
    facts = {k: v for k, v in facts.items() if np.all(v[bad])}  # necessary ones only
    for size in (1, 2, 3):
        for names in itertools.combinations(facts, size):
            if np.array_equal(np.logical_and.reduce([facts[n] for n in names]), bad):
                return " and ".join(names)
    return ""
