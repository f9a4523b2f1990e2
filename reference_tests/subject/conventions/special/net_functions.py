"""Whole networks given as functions of a dict of parameters: loss(X, y, params), or a forward and a backward function.

The dict's keys are read in the code: three weights and three biases, in the order in which they are first used, are
those of the contract's network. Their layouts are tried.
"""

import inspect
import itertools
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ..arguments import write_call
from ..candidates import Offer, direction
from ..signatures import Argument, arguments_of, is_own, keys_read, tree_of
from ..vocabulary import normalize

ROLES = {  # role of an argument -> its words
    "net": "params parameters param weights p theta net network model pars",
    "x": "x inputs input images image batch xbatch data a0 imgs",
    "t": "t y labels label targets target ytrue ybatch truth",
    "cache": "cache caches memory saved",
    "reg": "reg weightdecay l2 lambda lam lambd",
    "dout": "dscores dout dloss grad dz dlogits dl upstream",
    "out": "scores out logits probs al yhat a2 a3 alast probabilities predictions output ypred",
}
PASSED = {"net": "net", "x": "x", "t": "t", "reg": "0.0", "cache": "fw[1]", "out": "fw[0]", "dout": "ls[1]"}
SHAPES = (
    "filters, input_dim[0], size, size", "size, size, input_dim[0], filters", "filters, size, size, input_dim[0]",
)  # fmt: skip
DENSE = ("{a}, {b}", "{b}, {a}")
BIASES = ("{n}", "1, {n}", "{n}, 1")
WEIGHT, BIAS = re.compile(r"w\w*|\w*(weights?|kernels?|filters?|_w)\d*", re.I), re.compile(r"b\w*|\w*_b\d*", re.I)


def function_offers(things: Mapping[str, Any], files: Collection[str]) -> Iterator[Offer]:
    """Yield the network that a target's functions are, with the calls that may be it: its dict has six parameters."""
    own = {n: t for n, t in things.items() if callable(t) and not isinstance(t, type) and is_own(t, files)}
    weights, biases = parameter_keys(own)
    if len(weights) != 3 or len(biases) != 3:
        return
    both = [*calls_of(own, {"net", "x", "t"})]
    passes = [*calls_of(own, {"net", "x"})]
    back = [call for call in calls_of(own, set(), {*ROLES}) if direction(call.partition("(")[0]) == "backward"]
    losses = [call for call in calls_of(own, {"out", "t"}) if re.search("loss|cost|entropy", call.partition("(")[0])]
    first = (both or passes or [""])[0].partition("(")[0]
    if first:
        codes = {"w": weights, "b": biases, "both": both, "forward": passes, "backward": back, "loss": losses}
        codes["all"] = called_by([call.partition("(")[0] for call in (*both, *passes)], own)
        yield Offer("SimpleConvNet", first, codes={name: tuple(found) for name, found in codes.items()})


def called_by(names: list[str], own: Mapping[str, Any]) -> list[str]:
    """Return the functions of these names, and those of the target's that they call, directly or not."""
    found = list(dict.fromkeys(names))
    for name in found:  # the list grows meanwhile
        called = getattr(inspect.unwrap(own[name]), "__code__", None)
        found += [one for one in (called.co_names if called else ()) if one in own and one not in found]
    return found


def parameter_keys(own: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the keys of weights and of biases that functions read from a dict of parameters."""
    keys: dict[str, None] = {}
    for name, function in own.items():
        for argument in arguments_of(function) or []:
            if role_of(argument) == "net" and direction(name) != "backward":
                keys |= dict.fromkeys(keys_read(tree_of(function), argument.name))
    weights = [key for key in keys if WEIGHT.fullmatch(key)]
    return weights, [key for key in keys if key not in weights and BIAS.fullmatch(key)]


def role_of(argument: Argument) -> str:
    """Return the role that an argument's name tells; "" for none."""
    return next((role for role, words in ROLES.items() if normalize(argument.name) in words.split()), "")


def calls_of(own: Mapping[str, Any], wanted: Collection[str], allowed: Collection[str] = ("reg",)) -> Iterator[str]:
    """Yield the calls of functions that are given what is wanted, and besides it only what is allowed."""
    for name, function in own.items():
        arguments = arguments_of(function) or []
        roles = {a.name: role_of(a) for a in arguments}
        passed = {name: PASSED[role] for name, role in roles.items() if role and role in {*wanted, *allowed}}
        if arguments and {*wanted} <= {*roles.values()} and all(a.name in passed for a in arguments if a.required):
            yield write_call(name, arguments, passed)


def dicts_of_parameters(weights: tuple[str, ...], biases: tuple[str, ...], pad: str) -> Iterator[str]:
    """Yield the codes that make the dict of parameters, one for each layout."""
    rows = [f"((input_dim[{i}] + 2 * ({pad}) - size + 1) // 2)" for i in (1, 2)]
    lengths, flat = ("filters", "hidden_size", "output_size"), f"filters * {' * '.join(rows)}"
    for filters, dense, bias in itertools.product(SHAPES, DENSE, BIASES):
        shapes = [filters, dense.format(a=flat, b="hidden_size"), dense.format(a="hidden_size", b="output_size")]
        made = [f"{key!r}: weight_init_std * np.random.randn({shape})" for key, shape in zip(weights, shapes)]
        made += [f"{key!r}: np.zeros(({bias.format(n=n)},))" for key, n in zip(biases, lengths)]
        yield "{" + ", ".join(made) + "}"


def uses_of(codes: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str, str]]:
    """Yield (the statements before, the code of the loss, that of the gradients) of each way to ask for both."""
    yield from ((f"ls = {code}", "ls", "ls") for code in codes["both"])
    for forward, back in itertools.product(codes["forward"], codes["backward"]):
        for loss in codes["loss"]:
            yield f"fw = {forward}\nls = {loss}", "ls[0]", back
            yield f"fw = {forward}", loss, back
        yield f"fw = {forward}", "None", back
