"""Where a target's gradients come out: returned, kept in the object, or only as a change of the parameters."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from .arguments import has_required, write_call
from .families import Array
from .layouts import Layout, infer
from .reading import LISTED, Reading, assign
from .signatures import arguments_of, methods_of
from .trial import Env, Refused, arranged, arrays_inside, environment, evaluate, execute, returned_arrays, snapshot
from .uncommon.bias_rows import split_rows
from .uncommon.steps import adds_step, ascends, descends, turns_error_round
from .vocabulary import normalize


def put_statements(reading: Reading, env: Env) -> list[str]:
    """Return the statements that write the parameters into the target's object."""
    found = []
    for name, (where, layout) in reading.params.items():
        whole = isinstance(evaluate(where, env), np.ndarray)
        found.append(assign(where, layout.there(name)) if whole else f"{where} = {layout.there(name)}")
    return found


def run_forward(
    things: Mapping[str, Any], reading: Reading, sizes: Mapping[str, int], values: Mapping[str, Any]
) -> Env:
    """Run the reading's forward pass; return the names then. Raises Refused."""
    env = environment(things, reading.family, sizes, values)
    if reading.shift:
        env["b"] = env["b"] + reading.shift
    env["x_"] = arranged(env, "x", reading.x)
    for name, layout in reading.given.items():
        env[f"{name}_"] = arranged(env, name, layout)
    if reading.make:
        env["layer"] = evaluate(reading.make, env)
        for statement in reading.prepare:
            execute(statement, env)
        if reading.lazy:
            evaluate(reading.forward, env)
        for statement in put_statements(reading, env):
            execute(statement, env)
    for statement in reading.before:
        execute(statement, env)
    env["got"] = evaluate(reading.forward, env)
    env["out"] = env["out_"] = evaluate(reading.result, env)
    if reading.cache:
        env["cache"] = evaluate(reading.cache, env)
    env["dout_"] = arranged(env, "dout", reading.out)
    return env


CARRIES = re.compile(r"^AttributeError: 'numpy\.\w+' object has no attribute '_?(g|grad|gradient)'")  # as tensors do


def find_gradients(things: Mapping[str, Any], reading: Reading, codes: Callable[[Any], list[str]]) -> None:
    """Find the backward call and the places of the gradients; write them into the reading.

    codes: gives the calls that may be it, for the target's object (None for functions).
    """
    family = reading.family
    try:
        first = clear_first(things, reading, run_forward(things, reading, family.sizes, family.values))
    except Refused:
        offered = codes(None) if not reading.make else []
        reading.backward = offered[0] if offered else reading.backward
        if reading.backward:
            assign_by_order(reading)
        return
    for code in codes(first.get("layer")):
        try:
            env = run_forward(things, reading, family.sizes, family.values)
            before = snapshot(env.get("layer"))
            env["got"] = evaluate(code, env)
        except Refused as refused:
            reading.backward = reading.backward or ("" if CARRIES.search(str(refused)) else code)
            continue
        places = given_back(reading, env, "got")
        places |= changed_arrays(env.get("layer"), before)
        places, before = (split_rows(found, reading) for found in (places, before))
        if assign_places(reading, places, before, env):
            reading.backward = code
            ask_for_more(reading, places, before, env)
            find_accumulation(things, reading)
            return
        reading.backward = reading.backward or code
    if not reading.backward and AUTOGRAD in things:
        differentiate(things, reading)
    if reading.backward and not reading.grads:
        assign_by_order(reading)


GIVES = re.compile(r"grad|wrt|dparam")  # in the name of a method that gives the parameters' gradients
GIVES_NONE = re.compile(r"zero|clear|reset|flush|check|numeric|apply|update|step|require|set|clip|input|back|init")


def ask_for_more(reading: Reading, places: Mapping[str, Any], before: Mapping[str, Any], env: Env) -> None:
    """Find the method that gives the parameters' gradients, where backward has neither returned nor kept them."""
    if not reading.make or "dW" in reading.grads or "W" not in reading.params:
        return
    for code in calls_for_more(type(env["layer"])):
        try:
            env["more"] = evaluate(code, env)
        except Refused:
            continue
        found = {**places, **given_back(reading, env, "more"), **changed_arrays(env["layer"], before)}
        assign_places(reading, found, before, env)
        if "dW" in reading.grads:
            reading.more = code
            return


def calls_for_more(kind: Any) -> Iterator[str]:
    """Yield the codes that may give the parameters' gradients: properties and methods of such a name."""
    properties = [n for base in kind.__mro__ for n, thing in vars(base).items() if isinstance(thing, property)]
    for name in [*properties, *methods_of(kind)]:
        if not GIVES.search(name.lower()) or GIVES_NONE.search(name.lower()):
            continue
        arguments = [] if name in properties else arguments_of(getattr(kind, name), skip_first=True) or []
        passed = {a.name: code for a in arguments for role, code in MORE if role in a.roles}
        if has_required(arguments, passed):
            yield f"layer.{name}" if name in properties else write_call(f"layer.{name}", arguments, passed)


MORE = (("dout", "dout_"), ("x", "x_"))  # what such a method may be given


def run_backward(reading: Reading, env: Env) -> None:
    """Call backward, and what gives more gradients. Raises Refused."""
    env["got"] = evaluate(reading.backward, env)
    env["more"] = evaluate(reading.more, env) if reading.more else None


AUTOGRAD = "gradients_of"  # the name under which a target's library differentiates, where it can


def differentiate(things: Mapping[str, Any], reading: Reading) -> None:
    """Take the gradients of a target without a backward pass from its library's automatic differentiation."""
    call, _, rest = reading.forward.partition("(")
    part = re.fullmatch(r"got(?:\[(\d+)\])?", reading.result)
    given = [n for n in re.findall(r"\b([A-Za-z]+)_\b", rest) if n == "x" or n in reading.given]
    if not part or "layer" in rest:
        return
    options = [f"of_=({''.join(f'{where}, ' for where, _ in reading.params.values())})"] if reading.params else []
    options += [f"part_={part[1]}"] if part[1] else []
    code = f"{AUTOGRAD}({call}, dout_, {', '.join([rest[:-1], *options])})"
    layouts = [reading.x if n == "x" else reading.given[n] for n in given] + [p[1] for p in reading.params.values()]
    try:
        env = run_forward(things, reading, reading.family.sizes, reading.family.values)
        got = evaluate(code, env)
    except Refused:
        return
    names = [*given, *reading.params]
    places = {f"d{n}": (f"got[{i}]", a) for i, (n, a, g) in enumerate(zip(names, layouts, got)) if g is not None}
    if places:
        reading.backward, reading.grads = code, places
        reading.notes.append("the gradients are those of automatic differentiation")


def assign_by_order(reading: Reading) -> None:
    """Give the gradients of a backward pass that stops in every trial their usual order: dx, dW, db."""
    reading.stopped = True
    params = list(reading.family.params)
    if not params or reading.make:
        reading.grads = {"dx": ("got", reading.x)}
        return
    reading.grads = {"dx": ("got[0]", reading.x)}
    reading.grads |= {f"d{n}": (f"got[{i}]", reading.given[n]) for i, n in enumerate(params, 1) if n in reading.given}


def given_back(reading: Reading, env: Env, name: str) -> dict[str, Any]:
    """Return the arrays that a call has returned, without the parameters themselves: [(W, dW), (b, db)]."""
    own = [evaluate(where, env) for where, _ in reading.params.values()]
    return {where: one for where, one in returned_arrays(env[name], name) if not any(one is a for a in own)}


def changed_arrays(layer: Any, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arrays inside the object that are new or have changed."""
    if layer is None:
        return {}
    return {
        where: one
        for where, one in arrays_inside(layer, "layer")
        if where not in before or not np.array_equal(np.asarray(one), np.asarray(before[where]), equal_nan=True)
    }


def assign_places(reading: Reading, places: Mapping[str, Any], before: Mapping[str, Any], env: Env) -> bool:
    """Give each gradient its place by its shape; return whether at least the most important one is found."""
    family, found = reading.family, {}
    weights = {where for where, _ in reading.params.values()}
    single = {where: one for where, one in places.items() if not LISTED.fullmatch(where)}  # a list may be the images
    dx = pick(single, family.x, [reading.x.text], reading, weights, returned_first=True)
    if dx:
        found["dx"] = dx
    for name, array in family.params.items():
        own = reading.given.get(name) or (reading.params[name][1] if name in reading.params else None)
        texts = [own.text] if own and name != "b" else list(array.layouts)
        taken = weights | {place for place, _ in found.values()}
        place = pick(places, array, texts, reading, taken)
        weights |= {place[0]} if place else set()
        if name in reading.params and reading.params[name][0] in places:
            place = hold_step(reading, name, place, places, before, env["layer"])
        if place:
            found[f"d{name}"] = place
    complete = "dx" in found or ("dW" in found and bool(family.params))
    reading.grads = found | left_over(reading, places, {place for place, _ in found.values()} | weights, found)
    return complete


def left_over(
    reading: Reading, places: Mapping[str, Any], taken: set[str], found: Mapping[str, Any]
) -> dict[str, tuple[str, Layout]]:
    """Give what has no right shape its place, by the order of what is returned or by name: its shape is the mistake."""
    family, more = reading.family, {}
    arrays = {"dx": family.x, **{f"d{name}": array for name, array in family.params.items()}}
    rest = [
        where for where in places if where.startswith(("got", "more")) and where not in taken and "layer" not in where
    ]
    alone = len(rest) == 1 and rest[0] == "got"
    for name in [n for n in arrays if n not in found]:
        layout = declared_layout(reading, name, arrays[name])
        as_it_is = Layout(" ".join(arrays[name].axes), arrays[name].axes)
        named = [w for w in places if w not in taken and names_gradient(w, name)]
        if named:
            more[name] = named[0], layout if np.ndim(places[named[0]]) == len(layout.groups) else as_it_is
        elif rest and (not alone or name == "dx") and len(rest) <= len(arrays) - len(found) - len(more):
            where = rest.pop(0)
            more[name] = where, layout if np.ndim(places[where]) == len(layout.groups) else as_it_is
    return more


def names_gradient(where: str, name: str) -> bool:
    """Return whether a place's name can be nothing but this gradient: an attribute db, or grads['b'] of a dict."""
    if normalize(where.rpartition(".")[2].strip("]['")) in NAMED[name]:
        return True
    key = re.search(r"\.(?:grads?|gradients?|dparams)\['(\w+)'\]$", where)
    return key is not None and normalize(key[1]) in (*NAMED[name], *KEYS.get(name, ()))


def declared_layout(reading: Reading, name: str, array: Array) -> Layout:
    """Return the layout that a gradient should have: that of the array which it is of."""
    if name == "dx":
        return reading.x
    own = reading.given.get(name[1:]) or reading.params.get(name[1:], (None, None))[1]
    return own or Layout(" ".join(array.axes), array.axes)


def hold_step(
    reading: Reading, name: str, place: tuple[str, Layout] | None, places: Mapping[str, Any], before: Mapping[str, Any],
    layer: Any,
) -> tuple[str, Layout]:  # fmt: skip
    """Return where the gradient of a parameter that backward itself changes comes out: in the change, or beside it.

    A change that goes up the gradient is what is compared, also where the gradient is given beside it.
    """
    where, layout = reading.params[name]
    step = np.asarray(before[where]) - places[where] if where in before else None
    if place is not None and not is_moment(place[0]):
        given = places[place[0]]
        if step is None or not ascends(step, given) or turns_error_round(layer):
            reading.kept |= {f"before_{name}": where} if step is not None and descends(step, given) else {}
            return place
        reading.ascends |= {name}
    elif adds_step(layer, where):
        if turns_error_round(layer):  # what it is given points down: it adds the gradient of that
            reading.kept[f"before_{name}"], reading.updates = where, True
            return f"{where} - before_{name}", layout
        reading.ascends |= {name}
    reading.kept[f"before_{name}"], reading.updates = where, True
    return f"before_{name} - {where}", layout


KEYS = {"dW": ("w", "weight", "weights"), "db": ("b", "bias", "biases")}  # in a dict of gradients
NAMED = {  # a gradient -> the names of attributes and keys that can be nothing else
    "dx": ("dx", "gradx", "gradinput", "dinput"),
    "dW": ("dw", "gradw", "gradweight", "weightgrad", "dweight", "dweights", "dkernel", "dkernels", "dfilters"),
    "db": ("db", "gradb", "gradbias", "biasgrad", "dbias", "dbiases"),
}


def pick(
    places: Mapping[str, Any],
    array: Array,
    texts: list[str],
    reading: Reading,
    taken: set[str],
    returned_first: bool = False,
) -> tuple[str, Layout] | None:
    """Return the best place of an array of these axes, and its layout; None if no array has its shape."""
    fits = []
    for i, (where, one) in enumerate(places.items()):
        layout = infer(np.shape(one), array.axes, texts, reading.family.sizes)
        if layout and where not in taken:
            kept = not where.startswith("got")
            fits.append(
                ((kept if returned_first else 0, texts.index(layout.text), unlike_gradient(where), i), where, layout)
            )
    return (min(fits)[1], min(fits)[2]) if fits else None


MOMENTS = r"(v|m|s|vel\w*|mom\w*|cache|state|accum\w*)_?d?(w|b|weights?|bias(es)?|kernels?|filters?)?(\[.*\])?"


def is_moment(where: str) -> bool:
    """Return whether a place's name speaks of an optimizer's memory: vW, m['b']."""
    return bool(re.fullmatch(MOMENTS, where.lower().rpartition(".")[2]))


def unlike_gradient(where: str) -> int:
    """Rank a place: 0 if its name speaks of a gradient, 2 if of a moment or a memory, else 1."""
    last = where.lower().split(".", 1)[-1].replace("self", "")
    if any(word in last for word in ("velocity", "momentum", "moment", "cache", "opt", "col", "patch")):
        return 2
    return 0 if any(word in last for word in ("grad", "dw", "db", "dk", "d_", "dl", "delta", "dfilt")) else 1


CLEARING = ("flush_gradients", "zero_grad", "zero_grads", "clear_grads", "cleargrads", "reset_grads", "reset")


def clearing(layer: Any) -> str:
    """Return the call that clears what an object has gathered; "" if it has none."""
    return next((f"layer.{n}()" for n in CLEARING if callable(getattr(layer, n, None))), "")


def clear_first(things: Mapping[str, Any], reading: Reading, env: Env) -> Env:
    """Clear what an object gathers over its forward passes before each of them; return the names after one.

    One that makes its parameters at the first has run forward twice by then, and may keep both.
    """
    clear = clearing(env.get("layer"))
    if clear and reading.lazy:
        try:
            reading.before.append(clear)
            return run_forward(things, reading, reading.family.sizes, reading.family.values)
        except Refused:
            reading.before.remove(clear)
    return env


def find_gathering(things: Mapping[str, Any], reading: Reading) -> None:
    """Find out whether an object keeps the inputs of all its forward passes: it is cleared before each of them then."""
    where = reading.grads.get("dx", ("",))[0]
    try:
        env = run_forward(things, reading, reading.family.sizes, reading.family.values)
        clear = clearing(env.get("layer"))
        if not clear or clear in reading.before or not where:
            return
        run_backward(reading, env)
        once = np.shape(evaluate(where, env))
        again = run_forward(things, reading, reading.family.sizes, reading.family.values)
        evaluate(reading.forward, again)
        run_backward(reading, again)
        got = evaluate(where, again)
    except Refused:
        return
    if isinstance(got, list) and got and np.shape(got[0]) == once:
        reading.before.append(clear)


def find_accumulation(things: Mapping[str, Any], reading: Reading) -> None:
    """Find out whether gradients add up over calls of backward; what a call adds is the gradient then."""
    find_gathering(things, reading)
    places = [(name, where) for name, (where, _) in reading.grads.items()]
    kept = [(name, where) for name, where in places if where.startswith("layer") or LISTED.fullmatch(where)]
    if not kept or reading.updates:
        return
    try:
        env = run_forward(things, reading, reading.family.sizes, reading.family.values)
        run_backward(reading, env)
        once = {where: np.array(evaluate(where, env)) for _, where in kept}
        evaluate(reading.forward, env)
        run_backward(reading, env)
        grown = [k for k in kept if np.allclose(evaluate(k[1], env), 2 * once[k[1]]) and once[k[1]].any()]
    except Refused:
        return
    clear = clearing(env["layer"])
    if grown and clear and clear not in reading.before:
        reading.before.append(clear)
    for name, where in grown:
        reading.kept[f"before_{name}"] = where
        reading.grads[name] = f"{where} - before_{name}", reading.grads[name][1]
