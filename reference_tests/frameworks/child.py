"""The loop that runs one adapter's probes in its framework's own interpreter.

Its text is handed over on the command line, so that an interpreter needs nothing of ours but the adapter file:

    python -c "$(cat child.py)" ADAPTER.py FRAMEWORK DEVICE < requests

A request is a line {"id", "call", "inputs"}. An answer is two lines, {"id"} when the probe begins and {"id", ...answer}
when it has returned; each is flushed, so that a crash loses one answer only.
"""

import json
import math
import os
import sys
import time
from collections.abc import Callable
from typing import Any

FAULTS = (NameError, AttributeError, UnboundLocalError, ImportError, SyntaxError)


def decode(spec: Any) -> Any:
    """Return the array that {"shape", "dtype", "data"} describes; anything else is returned unchanged."""
    import numpy as np

    return np.array(spec["data"], spec["dtype"]).reshape(spec["shape"]) if isinstance(spec, dict) else spec


def encode(value: Any) -> Any:
    """Write a value as JSON: an array as shape, dtype and data, a non-finite number as 'nan', 'inf' or '-inf'."""
    import numpy as np

    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    value = np.asarray(value)
    return {"shape": list(value.shape), "dtype": str(value.dtype), "data": encode(value.ravel().tolist())}


def find_probe(names: dict[str, Any], request: dict[str, Any]) -> tuple[Callable[..., Any] | None, str]:
    """Return the function that answers a request, or None and the reason why there is none.

    A recipe is found by its call. A probe is the adapter's row for the question, else its helper of the call's name;
    the reason stands in ABSENT under the input, the question, the family's letter or "*".
    """
    if "RECIPES" in names:
        return names["RECIPES"].get(request["call"]), "no recipe"
    id = request["id"].split("#")[0]  # S01#2 is the third input of S01
    absent = names.get("ABSENT", {})
    if reason := absent.get(request["id"]) or absent.get(id):
        return None, reason
    if probe := names.get("PROBES", {}).get(id) or names.get(request["call"]):
        return probe, ""
    return None, absent.get(id[0]) or absent.get("*") or "no probe"  # a family's reason, or the adapter's


def takes(function: Callable[..., Any], name: str) -> bool:
    """Tell whether a recipe has a parameter of that name; what it does not take stands in it as a constant."""
    from inspect import signature

    return name in signature(function).parameters


def shortened(message: str) -> str:
    """Return a message in one line, without the middle of a long one; its cause may stand at either end."""
    line = " ".join(message.split())
    return line if len(line) <= 900 else f"{line[:300]} ... {line[-600:]}"


def answer(names: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """Answer one request. An exception of the framework is an answer too; an exception of the probe is a fault."""
    probe, reason = find_probe(names, request)
    if probe is None:
        return {"absent": reason}
    try:
        inputs = {
            name: decode(spec)
            for name, spec in request["inputs"].items()
            if "RECIPES" not in names or takes(probe, name)
        }
        return {"value": encode(probe(**inputs))}
    except Exception as error:
        if type(error).__name__ == "NotOffered":  # a class of the adapter's: this input has nothing to ask here
            return {"absent": str(error)}
        if isinstance(error, FAULTS) and names["FRAMEWORK"] != "target":  # a learner's mistake is the learner's answer
            return {"fault": f"{type(error).__name__}: {error}"}
        return {"refused": type(error).__name__, "message": shortened(str(error))}


def load(path: str, framework: str, device: str) -> dict[str, Any]:
    """Run an adapter or a file of recipes and return its names; recipes import the adapter from the same folder."""
    names = {"__name__": "probe", "FRAMEWORK": framework, "DEVICE": device}
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    with open(path, encoding="utf-8") as text:
        exec(compile(text.read(), path, "exec"), names)
    return names


def serve(path: str, framework: str, device: str) -> None:
    """Answer every request on standard input, one after the other."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a framework prints must not stand among the answers

    def send(**message: Any) -> None:
        print(json.dumps(message), file=out, flush=True)

    requests = [json.loads(line) for line in sys.stdin]
    try:
        names = load(path, framework, device)
        send(about=names["about"]())
    except ImportError as error:
        send(missing=str(error))
        return
    for request in requests:
        send(id=request["id"])
        begin = time.perf_counter()
        result = answer(names, request)
        send(id=request["id"], seconds=round(time.perf_counter() - begin, 4), **result)
    os._exit(0)  # some frameworks hang or crash when the interpreter ends; every answer is out


if __name__ == "__main__":
    serve(*sys.argv[1:])
