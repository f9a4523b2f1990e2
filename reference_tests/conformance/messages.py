"""Every sentence a learner reads."""

import numpy as np

STATUS = {
    "pass": "agrees",
    "fail": "disagrees",
    "absent": "absent",
    "error": "could not be examined",
    "not_run": "stopped",
    "partial": "agrees as far as it goes",
}


def call(case):
    shapes = ", ".join(f"{k} {tuple(s)}" for k, s in case.shapes.items())
    return f"{case.op.name}({shapes}, " + ", ".join(f"{k}={v}" for k, v in case.params.items()) + ")"


def numbers(p):
    got, want = np.asarray(p.got, float), np.asarray(p.want, float)
    off = np.abs(got - want)
    at = np.unravel_index(np.nanargmax(off) if not np.isnan(off).all() else 0, off.shape)
    bad = ~(off <= p.allowed)
    return [
        f"{p.what}{[int(i) for i in at]} is {got[at]:.6g}, should be {want[at]:.6g} (allowed difference {np.max(p.allowed):.1g})",
        f"wrong in {bad.sum()} of {bad.size} places {p.note}".rstrip(),
    ]


def problem(p):
    if p.kind == "values":
        return numbers(p)
    if p.kind == "shape":
        return [f"{p.what} has shape {np.shape(p.got)}, should be {np.shape(p.want)}"]
    if p.kind == "type":
        return [f"{p.what} is {p.got!r:.60}, should be an array of numbers"]
    if p.kind == "changed-input":
        return [f"the array {p.what} that was passed in is changed afterwards"]
    if p.kind == "overwritten":
        return [f"the earlier result {p.what} is overwritten by a later call"]
    if p.kind == "not-refused":
        return [f"gave an answer of shape {np.shape(p.got)}; there is no right one, so it must raise an error"]
    stop = p.got
    return [f"{stop.step}: {stop.reason} {stop.text}", *([f"at {stop.line}"] if stop.line else [])]


def failure(v):
    lines = [call(v.check.case), f"[{v.check.manner.title}] {v.check.case.why}"]
    if v.status == "error":
        return "\n  ".join([*lines, f"our fault: {v.reason}"])
    for p in v.problems[:2]:
        lines += problem(p)
    if v.diagnosis:
        lines.append(
            f"looks like: {v.diagnosis.text} ({v.diagnosis.code}{', ' + v.diagnosis.only if v.diagnosis.only else ''})"
        )
    return "\n  ".join([*lines, f"again: verify --case '{v.check.id}'"])
