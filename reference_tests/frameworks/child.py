"""The loop that asks one adapter. Its text goes to the column's interpreter on the command line:

    python -c "$(cat child.py)" ADAPTER.py COLUMN DEVICE < questions

so that an interpreter needs nothing of ours but the adapter file. A line in is {"id", "call", "inputs"}, a line out
{"id"} when a question begins and {"id", ...answer} when it is answered; each is flushed, so that a death loses one.
"""

import json
import math
import os
import sys
import time

FAULTS = (NameError, AttributeError, UnboundLocalError, ImportError, SyntaxError)


def array(spec):
    import numpy as np

    return np.array(spec["data"], spec["dtype"]).reshape(spec["shape"]) if isinstance(spec, dict) else spec


def writable(value):
    """A probe's answer as JSON: arrays as shape, dtype and numbers; no JSON number as 'nan', 'inf' or '-inf'."""
    import numpy as np

    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list | tuple):
        return [writable(item) for item in value]
    value = np.asarray(value)
    return {"shape": list(value.shape), "dtype": str(value.dtype), "data": writable(value.ravel().tolist())}


def answer(probes, ask):
    """One question's answer; an exception is an answer too, unless it is a slip of ours."""
    tables = [*(probes.get(name, {}) for name in ("PROBES", "RECIPES")), probes]
    probe = next((table[ask["call"]] for table in tables if ask["call"] in table), None)
    if probe is None:
        return {"absent": probes.get("ABSENT", {}).get(ask["id"], "no probe")}
    try:
        return {"value": writable(probe(**{name: array(spec) for name, spec in ask["inputs"].items()}))}
    except Exception as error:
        if isinstance(error, FAULTS) and probes["COLUMN"] != "target":  # a learner's slip is the learner's answer
            return {"fault": f"{type(error).__name__}: {error}"}
        return {"refused": type(error).__name__, "message": " ".join(str(error).split())[:300]}


def load(path, column, device):
    """The names of the adapter, or of its recipes, run in this process; the recipes import the adapter beside them."""
    names = {"__name__": "probe", "COLUMN": column, "DEVICE": device}
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    with open(path, encoding="utf-8") as text:
        exec(compile(text.read(), path, "exec"), names)
    return names


def serve(path, column, device):
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a framework prints must not stand among the answers

    def say(**line):
        print(json.dumps(line), file=out, flush=True)

    asks = [json.loads(line) for line in sys.stdin]
    try:
        probes = load(path, column, device)
        say(about=probes["about"]())
    except ImportError as error:
        say(missing=str(error))
        return
    for ask in asks:
        say(id=ask["id"])
        begin = time.perf_counter()
        said = answer(probes, ask)
        say(id=ask["id"], seconds=round(time.perf_counter() - begin, 4), **said)
    os._exit(0)  # some frameworks hang or crash when the interpreter ends; every answer is out


if __name__ == "__main__":
    serve(*sys.argv[1:])
