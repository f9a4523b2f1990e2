"""Whole networks in other interfaces: loss(X, y) for the scores, or for the loss and the gradients; train_step(x, y).

A network is read where its parameters are those of the contract's: filters, and two fully connected layers after a 2x2
pooling. One of another architecture has no such parameters, and is not judged.
"""

import inspect
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..arguments import calls, has_required, write_call
from ..candidates import Offer
from ..layouts import Layout, infer
from ..reading import Reach, Unreadable
from ..signatures import arguments_of, axes_named, is_own, letters_of, methods_of, tree_of
from ..trial import Env, Refused, arrays_inside, evaluate, execute
from ..vocabulary import normalize
from ..vocabulary import roles_of as layer_roles
from .net_functions import dicts_of_parameters, function_offers, uses_of

SIZES = {"N": 3, "C": 2, "H": 12, "W": 10, "F": 4, "I": 3, "J": 3, "M": 5, "K": 7}
ROLES = {  # role -> its words
    "input_dim": "inputdim inputshape imageshape xdim shape inputsize imgshape",
    "channels": "channels inchannels nchannels numchannels c inputchannels",
    "size": "size imagesize imgsize side width height inputsize h w inputheight inputwidth",
    "filters": "numfilters nfilters filters filternum outchannels numkernels fn nkernels",
    "window": "filtersize kernelsize ksize k f",
    "hidden": "hiddendim hiddensize hidden nhidden hiddenunits fcdim fcsize nhiddens",
    "classes": "numclasses nclasses classes outputsize outputdim nout numoutputs",
    "std": "weightscale weightinitstd std initstd scale",
    "reg": "reg weightdecay l2 lambda lam",
    "lr": "lr learningrate alpha eta",
}
CODES = {
    "input_dim": ("input_dim",), "channels": ("input_dim[0]",), "size": ("input_dim[1]",), "filters": ("filters",),
    "window": ("size",), "hidden": ("hidden_size",), "classes": ("output_size",), "std": ("weight_init_std",),
    "reg": ("0.0",), "lr": ("1.0",),
}  # fmt: skip
ORDER = ("input_dim", "filters", "window", "hidden", "classes")
FILTERS = ("F C I J", "I J C F", "F I J C")
OTHER = r"tanh|sigmoid|leaky|elu\b(?<!relu)|dropout|batch_?norm|av(era)?ge?_?pool|mean_?pool|resid"
RATES = ("lr", "learning_rate", "rate", "eta")
PADS = ("0", "(size - 1) // 2", "1", "2")
LABELS = "t = t.argmax(1) if t.ndim == 2 else t"
ONE_HOT = "t = np.eye(len(self.params['b3']))[t] if t.ndim == 1 else t"
PARAMS = ("W1", "b1", "W2", "b2", "W3", "b3")


@dataclass
class NetReading:
    """How the target offers the network: an object, or a dict of parameters. Codes use net, x and t."""

    name: str
    make: str
    places: dict[str, tuple[str, Layout]]
    pad: str = "0"  # what its padding is for windows of `size`
    scores: str = ""
    loss: str = ""
    grads: str = ""  # a dict of gradients
    run: str = ""  # the statements before the loss and the gradients
    labels: str = LABELS
    keys: dict[str, tuple[str, Layout]] = field(default_factory=dict)
    step: str = ""  # a call that changes the parameters by their gradients
    square: bool = False
    rate: str = ""  # the attribute of the learning rate


def net_offers(things: Mapping[str, Any], files: Collection[str]) -> Iterator[Offer]:
    """Yield the classes that may be whole networks: by their methods; and functions that are one."""
    for name, thing in things.items():
        if inspect.isclass(thing) and is_own(thing, files):
            methods = {normalize(n) for n in methods_of(thing)}
            plain = normalize(name)
            if {"loss", "trainstep", "trainonbatch"} & methods and re.search(r"net|cnn|model|conv", plain):
                yield Offer("SimpleConvNet", name, is_class=True)
    yield from function_offers(things, files)


def read_net(offer: Offer, things: Mapping[str, Any]) -> NetReading:
    """Read a network. Raises Unreadable if it cannot be, or has another architecture."""
    kind, parts = things[offer.name], offer.codes.get("all", (offer.name,))
    if re.search(OTHER, "".join(source_of(things[part]) for part in parts), re.IGNORECASE):
        raise Unreadable("its layers are others than those of SimpleConvNet")
    if not offer.is_class:
        return read_functions(offer, things)
    arguments = arguments_of(kind) or []
    arguments = [type(a)(a.name, roles_of(a.name), a.default, a.keyword_only) for a in arguments]
    for passed in calls(arguments, CODES, ORDER, 6):
        if not has_required(arguments, passed):
            continue
        make = write_call(offer.name, arguments, passed)
        for pad in PADS:
            places = find_parameters(make, things, pad)
            if places:
                reading = NetReading(offer.name, make, places, pad, square="input_dim[1]" in make)
                if find_uses(reading, things):
                    return reading
    raise Unreadable("its parameters are not those of one convolution and two fully connected layers")


def read_functions(offer: Offer, things: Mapping[str, Any]) -> NetReading:
    """Read a network of functions. Raises Unreadable if it cannot be, or has another architecture."""
    if takes_channels_last(offer.codes, things):
        raise Unreadable("its images are channels last")
    for pad in PADS:
        for make in dicts_of_parameters(offer.codes["w"], offer.codes["b"], pad):
            places = find_parameters(make, things, pad)
            reading = NetReading(offer.name, make, places or {}, pad)
            if places and find_functions(reading, offer.codes, things):
                return reading
    raise Unreadable("its parameters are not those of one convolution and two fully connected layers")


def takes_channels_last(codes: Mapping[str, tuple[str, ...]], things: Mapping[str, Any]) -> bool:
    """Return whether one of a network's functions unpacks its images' shape as (N, H, W, C)."""
    for name in codes["all"]:
        images = [a.name for a in arguments_of(things[name]) or [] if "x" in layer_roles(a.name)]
        axes = axes_named(tree_of(things[name]), images[0]) if images else None
        if axes and len(axes) == 4 and letters_of(axes, "NCHW") == "N H W C":
            return True
    return False


def find_functions(reading: NetReading, codes: Mapping[str, tuple[str, ...]], things: Mapping[str, Any]) -> bool:
    """Find the calls for the loss and the gradients, and those for scores; return whether there are gradients."""
    env, labels = with_images(reading, things), np.array([1, 4, 2])
    for run, loss, grads in uses_of(codes):
        for reading.labels, env["t"] in ((LABELS, labels), (ONE_HOT, np.eye(SIZES["K"])[labels])):
            try:
                execute(run, env)
            except Refused:
                continue
            reading.run, reading.loss = run, pick(loss, env, is_number)
            reading.grads = pick(grads, env, lambda part: isinstance(part, Mapping))
            reading.keys = keys_of(evaluate(reading.grads, env), reading) if reading.grads else {}
            if len(reading.keys) == len(PARAMS):
                find_scores(reading, codes["forward"], env)
                return True
    return False


def pick(code: str, env: Env, is_wanted: Callable[[Any], bool]) -> str:
    """Return the code of what is wanted, among what a call gives; "" where it is not there."""
    got = called(code, env)
    if is_wanted(got):
        return code
    parts = list(got) if isinstance(got, tuple) else []
    return next((f"{code}[{i}]" for i, part in enumerate(parts) if is_wanted(part)), "")


def is_number(thing: Any) -> bool:
    """Return whether it is one number."""
    return isinstance(thing, float | np.number | np.ndarray) and np.size(thing) == 1


def find_scores(reading: NetReading, passes: Collection[str], env: Env) -> None:
    """Find the call that gives scores, no probabilities."""
    for code in passes:
        got = called(code, env)
        scores, code = (got[0], f"{code}[0]") if isinstance(got, tuple) and got else (got, code)
        if isinstance(scores, np.ndarray) and scores.shape == (SIZES["N"], SIZES["K"]) and not is_probability(scores):
            reading.scores = code


def with_images(reading: NetReading, things: Mapping[str, Any]) -> Env:
    """Return the names of a trial with the network made, and images for it."""
    env = started(reading.make, things, 3)
    env["x"] = np.random.default_rng(3).standard_normal((SIZES["N"], *env["input_dim"]))
    return env


def roles_of(name: str) -> tuple[str, ...]:
    """Return the roles that a constructor's argument of this name may have."""
    return tuple(role for role, words in ROLES.items() if normalize(name) in words.split())


def source_of(kind: Any) -> str:
    """Return a class's source without its documentation; "" where it is not at hand."""
    try:
        return re.sub(r'"""(?s:.*?)"""|#.*', "", inspect.getsource(kind))
    except (OSError, TypeError):
        return ""


def started(make: str, things: Mapping[str, Any], window: int) -> Env:
    """Return the names of a trial with the network made. Raises Refused."""
    side = SIZES["H"] if "input_dim[1]" in make else SIZES["W"]
    env: Env = {**things, "np": np, "input_dim": (SIZES["C"], SIZES["H"], side), "filters": SIZES["F"]}
    env |= {"size": window, "hidden_size": SIZES["M"], "output_size": SIZES["K"], "weight_init_std": 0.5}
    env["net"] = evaluate(make, env)
    return env


def sizes_of(window: int, pad: int, side: int) -> dict[str, int]:
    """Return the lengths of all axes; A and B those of a fully connected layer."""
    pooled = [(length + 2 * pad - window + 1) // 2 for length in (SIZES["H"], side)]
    return {**SIZES, "I": window, "J": window, "D": SIZES["F"] * pooled[0] * pooled[1]}


def find_parameters(make: str, things: Mapping[str, Any], pad: str) -> dict[str, tuple[str, Layout]] | None:
    """Find all six parameters, for two sizes of windows; None if there are others than these."""
    found: dict[str, tuple[str, Layout]] = {}
    for window in (5, 3):
        try:
            env = started(make, things, window)
        except Refused:
            return None
        sizes = sizes_of(window, eval(pad, {"size": window}), env["input_dim"][2])
        inside = {w: np.shape(a) for w, a in arrays_inside(env["net"], "net") if np.size(a) > 1}
        found = {}
        dense = {"W2": ("D", "M"), "W3": ("M", "K")}
        for name in PARAMS:
            if name == "W1":
                axes, layouts = "FCIJ", list(FILTERS)
            elif name in dense:
                axes, layouts = "".join(dense[name]), [" ".join(dense[name]), " ".join(reversed(dense[name]))]
            else:
                axes = {"b1": "F", "b2": "M", "b3": "K"}[name]
                layouts = [axes, f"1 {axes}", f"{axes} 1"]
            place = next(((w, lay) for w, s in inside.items() if (lay := infer(s, axes, layouts, sizes))), None)
            if place is None:
                return None
            found[name] = place
        weights = [w for w, s in inside.items() if len(s) > 1 and min(s) > 1 and "grad" not in w]
        if len(weights) != 3:
            return None
    return found


def find_uses(reading: NetReading, things: Mapping[str, Any]) -> bool:
    """Find the calls for scores, the loss and the gradients; return whether there are gradients."""
    env = with_images(reading, things)
    env["t"] = np.array([1, 4, 2])
    methods = {normalize(n): n for n in methods_of(type(env["net"]))}
    for word in ("predict", "forward", "scores", "loss"):
        got = called(f"net.{methods[word]}(x)", env) if word in methods else None
        if isinstance(got, np.ndarray) and got.shape == (SIZES["N"], SIZES["K"]) and not is_probability(got):
            reading.scores = f"net.{methods[word]}(x)"
            break
    if "loss" in methods:
        loss = f"net.{methods['loss']}(x, t)"
        reading.loss = pick(loss, env, is_number)
        reading.grads = pick(loss, env, lambda part: isinstance(part, Mapping))
        reading.keys = keys_of(evaluate(reading.grads, env), reading) if reading.grads else {}
    for word in ("trainstep", "trainonbatch", "step"):
        rate = next((r for r in RATES if isinstance(getattr(env["net"], r, None), float)), "")
        if word in methods and rate and not reading.grads and np.size(called(f"net.{methods[word]}(x, t)", env)) == 1:
            reading.step, reading.rate = f"net.{methods[word]}(x, t)", f"net.{rate}"
    return bool(reading.step) or len(reading.keys) == len(PARAMS)


def called(code: str, env: Env) -> Any:
    """Return what a call gives, None if it stops."""
    try:
        return evaluate(code, env)
    except Refused:
        return None


def is_probability(got: Any) -> bool:
    """Return whether all rows are shares of one."""
    return bool(np.min(got) >= 0 and np.allclose(np.sum(got, axis=1), 1))


def keys_of(grads: Mapping[str, Any], reading: NetReading) -> dict[str, tuple[str, Layout]]:
    """Return the key of each parameter's gradient, and its layout: by the parameter's own key, or by its shape."""
    found = {}
    for name, (where, layout) in reading.places.items():
        own = re.search(r"\['(\w+)'\]$", where)
        names = [own[1], f"d{own[1]}"] if own else [name, f"d{name}"]
        key = next((k for k in names if k in grads), "")
        if key:
            found[name] = key, layout
    return found


def reach_of(reading: NetReading) -> Reach:
    """Return what the interface cannot express."""
    reach: Reach = {"stride": [1], "pad": ["same"] if "size" in reading.pad else [int(reading.pad)]}
    return reach | ({"W": ["H"]} if reading.square else {})


def lacks_of(reading: NetReading) -> tuple[str, ...]:
    """Return the uses for which the interface has no argument."""
    own_start = bool(reading.run) or "weight_init_std" not in reading.make
    lacks = [name for name, code in (("loss", reading.loss or reading.step), ("predict", reading.scores)) if not code]
    return (*(["init"] if own_start else []), "accuracy", *lacks)


def describe_net(reading: NetReading, signature: str) -> str:
    """Say how the network is read."""
    how = "gradients come with the loss" if reading.grads else "gradients are what train_step changes"
    return f"{signature}: the stride is 1; the padding is {reading.pad.replace('size', 'filter_size')}; {how}"


def render_net(reading: NetReading, signature: str) -> str:
    """Return the adapter's source text."""
    usual = eval(reading.pad, {"size": 5})
    text = f'''class SimpleConvNet:
    """{describe_net(reading, signature)}"""

    reach = {reach_of(reading)!r}
    lacks = {lacks_of(reading)!r}

    def __init__(self, input_dim=(1, 28, 28), conv_param=None, hidden_size=100, output_size=10, weight_init_std=0.01):
        given = conv_param or {{"filter_num": 30, "filter_size": 5, "pad": {usual}, "stride": 1}}
        filters, size = given["filter_num"], given["filter_size"]
        if given["stride"] != 1 or given["pad"] != {reading.pad}:
            raise NotImplementedError("the stride is 1, the padding {reading.pad}")
        net = self.net = {reading.make}
        C, IH, IW = input_dim
        FN, FH, FW = filters, size, size
        self.params = {{
            {parameter_lines(reading)}
        }}

    def put(self):
        net = self.net
        {put_lines(reading)}
'''
    more = [*scores_lines(reading), *loss_lines(reading)]
    return text + "\n".join(["", *(f"    {line}" if line else "" for line in more), ""])


def scores_lines(reading: NetReading) -> list[str]:
    """Return the lines of predict, if there are scores."""
    return (
        ["def predict(self, x):", "    self.put()", f"    return {of_self(reading.scores)}", ""]
        if reading.scores
        else []
    )


def parameter_lines(reading: NetReading) -> str:
    """Return the items of the dict of parameters in the contract's layouts."""
    return "\n            ".join(f'"{n}": np.array({back(where, lay)}),' for n, (where, lay) in reading.places.items())


def back(code: str, layout: Layout) -> str:
    """Return the code that brings an array into the contract's layout; a bias of two axes is flattened."""
    return f"{code}.ravel()" if len(layout.axes) == 1 and len(layout.groups) > 1 else layout.back(code)


def there(code: str, where: str, layout: Layout) -> str:
    """Return the code that brings the contract's array into the target's layout."""
    return f"{code}.reshape({where}.shape)" if len(layout.axes) == 1 and len(layout.groups) > 1 else layout.there(code)


def put_lines(reading: NetReading) -> str:
    """Return the statements that write the parameters into the target's network."""
    return "\n        ".join(
        f"{where}[...] = {there(f'self.params[{name!r}]', where, lay)}" for name, (where, lay) in reading.places.items()
    )


def of_self(code: str) -> str:
    """Return code with the adapter's attribute."""
    return re.sub(r"(?<![\w.])net\b", "self.net", code)


def loss_lines(reading: NetReading) -> list[str]:
    """Return the lines of loss and gradient."""
    labels = reading.labels
    start = ["    self.put()", f"    {labels}", *(f"    {of_self(line)}" for line in reading.run.splitlines())]
    of_loss = ["def loss(self, x, t):", *start, f"    return {of_self(reading.loss or reading.step)}", ""]
    if reading.grads:
        items = [f'    "{n}": {back(f"grads[{key!r}]", lay)},' for n, (key, lay) in reading.keys.items()]
        return [
            *(of_loss if reading.loss else []), "def gradient(self, x, t):", *start,
            f"    grads = {of_self(reading.grads)}", "    return {", *(f"    {item}" for item in items), "    }",
        ]  # fmt: skip
    after = [f'    "{n}": self.params["{n}"] - {back(where, lay)},' for n, (where, lay) in reading.places.items()]
    return [
        *of_loss, "def gradient(self, x, t):", "    self.put()", "    net = self.net", f"    {reading.rate} = 1.0",
        f"    {labels}", f"    {of_self(reading.step)}", "    return {", *(f"    {item}" for item in after), "    }",
    ]  # fmt: skip
