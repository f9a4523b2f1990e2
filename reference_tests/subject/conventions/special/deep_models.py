"""Models of dense layers given as functions, as in Coursera's first course: a forward pass over a dict of parameters,
a cost and a backward pass.

The contract has no such network. What it tells is whether the layers' own gradients are means over the images: they
are where the cost is a mean and nothing else divides. The model's gradients are compared with finite differences of
its own cost.
"""

import itertools
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ...protocol import Note
from ..adapter import Adapter
from ..candidates import direction
from ..gradients import AUTOGRAD, run_backward, run_forward
from ..reading import Reading
from ..signatures import is_own
from ..trial import Env, Refused, evaluate
from .loss_shares import loss_is_summed
from .net_functions import calls_of

BATCH = 5  # images of a trial
STEP = 1e-5  # of finite differences
NOTE = "gradients of its parameters are means over the images"


class Model(NamedTuple):
    """The calls of a model: fw is what its forward pass gives, net its parameters."""

    forward: str
    cost: str
    backward: str


def find_model(functions: Mapping[str, Any]) -> Model | None:
    """Return the calls of a model among functions, those that agree before others; None if they are no model."""
    names, found = {"out", "t", "net", "x", "cache", "reg"}, list[Model]()
    passes = [*calls_of(functions, {"net", "x"})]
    costs = [c for c in calls_of(functions, {"out", "t"}, {"net", "reg"}) if re.search("cost|loss", name_of(c))]
    backs = [c for c in calls_of(functions, {"t"}, names) if direction(name_of(c)) == "backward"]
    for forward, cost, back in itertools.product(passes, costs, backs):
        model = Model(forward, cost, back)
        wrong = differences(functions, model)
        if wrong == []:
            return model
        found += [model] if wrong else []
    return found[0] if found else None


def name_of(call: str) -> str:
    """Return the name of the function that a call calls."""
    return call.partition("(")[0]


def started(classes: int) -> Env:
    """Return the names of a trial: a model of two layers and three inputs, and a batch of five columns."""
    rng = np.random.default_rng(4)
    net = {"W1": rng.standard_normal((4, 3)), "b1": rng.standard_normal((4, 1))}
    net |= {"W2": rng.standard_normal((classes, 4)), "b2": rng.standard_normal((classes, 1))}
    labels = [1, 0, 0, 1, 1] if classes == 1 else [1, 0, 2, 1, 2]
    t = np.array([labels], float) if classes == 1 else np.eye(classes)[:, labels]
    return {"np": np, "net": net, "x": rng.standard_normal((3, BATCH)), "t": t}


def differences(functions: Mapping[str, Any], model: Model, times: int = 1) -> list[str] | None:
    """Return the gradients that are not those of the model's cost; None where it cannot be asked.

    times: by what its gradients are multiplied before.
    """
    env = {**functions, **started(3)}
    try:  # softmax has more than one class; some costs have one number only where there is one
        grads, numeric = both_gradients(model, env)
    except (Refused, TypeError, ValueError):
        try:
            grads, numeric = both_gradients(model, {**functions, **started(1)})
        except (Refused, TypeError, ValueError):
            return None
    if not isinstance(grads, Mapping) or any(
        getattr(grads.get(f"d{k}"), "shape", None) != a.shape for k, a in numeric.items()
    ):
        return None
    return [f"d{k}" for k, a in numeric.items() if not np.allclose(times * grads[f"d{k}"], a, rtol=1e-3, atol=1e-6)]


def both_gradients(model: Model, env: Env) -> tuple[Any, dict[str, np.ndarray]]:
    """Return what the model's backward pass gives, and the gradients of its cost by finite differences.

    Raises Refused, TypeError or ValueError.
    """
    env["fw"] = evaluate(model.forward, env)
    grads = evaluate(model.backward, env)
    return grads, {name: differentiate(model, env, name) for name in env["net"]}


def differentiate(model: Model, env: Env, name: str) -> np.ndarray:
    """Return the gradient of the model's cost by one parameter. Raises Refused, TypeError or ValueError."""
    array, found = env["net"][name], np.zeros(env["net"][name].shape)
    for place in np.ndindex(array.shape):
        costs = []
        for step in (STEP, -STEP):
            moved = array.copy()
            moved[place] += step
            now = {**env, "net": {**env["net"], name: moved}}
            now["fw"] = evaluate(model.forward, now)
            costs.append(float(np.reshape(evaluate(model.cost, now), ())))
        found[place] = (costs[0] - costs[1]) / (2 * STEP)
    return found


def find_means(things: Mapping[str, Any], reading: Reading) -> None:
    """Multiply by the number of images the gradients that a layer of columns gives as means, if that is its way.

    It is where both are means, or where one is and the names are the course's; not where the target's own model
    divides once more, and for rows only beside a loss whose gradient is that of a sum. Those of automatic
    differentiation are no means.
    """
    if reading.family.name not in ("Affine", "Convolution") or not {"dW", "db"} <= reading.grads.keys():
        return
    if "N" not in reading.x.groups or "N" not in reading.out.groups or AUTOGRAD in reading.backward:
        return
    means = [name for name in ("dW", "db") if is_mean(things, reading, name)]
    functions = {n: t for n, t in things.items() if callable(t) and not isinstance(t, type)}
    columns = reading.x.text == "D N"
    usual = (reading.convention == "coursera" and columns) or len(means) == 2
    model = find_model(functions) if means and usual else None
    divided = divides_twice(functions, model) if model else not columns and bool(means) and not loss_is_summed(things)
    if means and usual and not divided:
        for name in ("dW", "db"):
            code, layout = reading.grads[name]
            reading.grads[name] = f"({code}) * N" if " - " in code else f"{code} * N", layout
        reading.notes.append(NOTE)


def are_means(found: Mapping[str, Adapter]) -> bool:
    """Return whether the layers with weights that have been read give means over the images as gradients."""
    told = [NOTE in found[name].interface.text for name in ("Affine", "Convolution") if name in found]
    return bool(told) and all(told)


def divides_twice(functions: Mapping[str, Any], model: Model) -> bool:
    """Return whether a model's gradients are too small by the number of images."""
    return bool(differences(functions, model)) and differences(functions, model, BATCH) == []


def model_notes(modules: Iterable[Any], files: Collection[str]) -> list[Note]:
    """Return what finite differences say of a target's model."""
    things = {name: thing for module in modules for name, thing in vars(module).items()}
    own = {n: t for n, t in things.items() if callable(t) and not isinstance(t, type) and is_own(t, files)}
    model = find_model(own)
    if model is None:
        return []
    wrong, cost = differences(own, model), name_of(model.cost)
    said = {"cost": cost, "names": ", ".join(wrong or [])}
    return [Note("model-wrong" if wrong else "model", name_of(model.backward), said)]


def is_mean(things: Mapping[str, Any], reading: Reading, name: str) -> bool:
    """Return whether a gradient stays the same where every image is there twice."""
    found = []
    for times in (1, 2):
        try:
            env = run_forward(things, reading, reading.family.sizes, reading.family.values)
            for name_, layout in (("x_", reading.x), ("dout_", reading.out)):
                env[name_] = np.concatenate([env[name_]] * times, axis=layout.groups.index("N"))
            env["got"] = evaluate(reading.forward, env)
            env["cache"] = evaluate(reading.cache, env) if reading.cache else None
            env["out_"] = evaluate(reading.result, env)
            env |= {kept: np.array(evaluate(where, env)) for kept, where in reading.kept.items()}
            run_backward(reading, env)
            found.append(np.asarray(evaluate(reading.grads[name][0], env)))
        except Refused:
            return False
    return bool(np.any(found[0]) and found[0].shape == found[1].shape and np.allclose(found[0], found[1]))
