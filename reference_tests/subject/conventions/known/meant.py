"""What is meant as a layer by its name, though nothing tells how it is called; and what only serves other layers."""

import ast
import inspect
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import is_dataclass, replace
from types import CodeType
from typing import Any

from ...protocol import Unread
from ...source import walk
from ...statements import free_names
from ..adapter import Adapter
from ..candidates import NO_LAYER, Offer, base_of, direction, lacks_softmax, version_free
from ..families import CURVES
from ..signatures import Argument, arguments_of, is_own, methods_of, tree_of, write_signature
from ..uncommon.own_methods import HELPS, takes_an_input
from ..uncommon.waiting import waits_for_others
from ..vocabulary import BACKWARD, FORWARD, LAYERS, layer_named, method_word, normalize

NO_PASS = "none of its methods has the name of a forward pass"
BESIDE = (  # the rest of a name that speaks of a layer alone: conv2d_layer, my_max_pooling, relu_activation
    r"(?![13]d)\d+(x\d+)?d?|olution(al)?|olve|ing|ected|ier|ied|al(ize|ization)|(gp|eragep|p)ool(ing)?|conv(olution)?"
    r"|normalization|max|batch|spatial|with|logits?|loss|layer|activation|unit|func(tion)?|fn|op|my|our|own|the|np|numpy|custom|manual"
    r"|scratch|student|naive|simple|basic|vanilla|slow|fast|im2col|loops?|vectorized|strided?|padded|same|valid|n[chw]{3}"
    r"|[層层]|関数|函数"
)
COMMON = (  # words of mathematics and of programs, too
    r"linear|affine|dense|conv|convolve|convolution|deconv\w*|pool|logistic|rectify|tanh|fc|pointwise|depthwise"
    r"|innerproduct|\w*crosscorrelation"
)
SPEAKS = r"channel|stride|featuremap|neuron|layer|image|batch|weight|bias|kernel|gradient|filter|activation|pooling"
WHOLE = r"self|cls|models?|net(work)?|module|agent"  # what a function is given that works with a whole network
SIZES = {
    "in", "out", "window", "window_h", "window_w", "stride", "pad", "input_shape", "output_shape", "in_h", "in_w",
    "features", "activation", "name", "ratio", "use_bias", "mode", "seed", "scale", "groups", "dilation",
}  # fmt: skip
SIZE = r"(^|_)(in|out|size|dim|shape|units?|name|rate)$|^(in|out|num|n|filter|kernel)_"  # an argument's name
ALONE = {"Convolution", "Pooling", "AveragePooling", "Affine", "BatchNorm"}  # said where a backward pass alone is there
FRAMEWORKS = {"tf", "tensorflow", "keras", "theano", "slim", "tflearn", "chainer", "paddle", "gluon", "flax", "haiku"}


def is_meant(offer: Offer, thing: Any) -> bool:
    """Return whether what could not be read is a layer by its name, whatever its arguments are called.

    Its name speaks of the layer and of nothing else: no plot_conv, no dense_to_one_hot, no conv3x3 that makes one.
    """
    if not is_called_as(offer.layer, offer.name) or (offer.layer == "SoftmaxWithLoss" and lacks_softmax(offer)):
        return False
    if offer.is_class:
        return any(takes_an_input(method) for method in passes_of(thing))
    arguments = arguments_of(thing) or []
    if arguments and re.fullmatch(WHOLE, arguments[0].name):
        return False
    if direction(offer.name):
        return True
    needed = [a for a in arguments if a.required]
    if all(is_size(a) for a in needed) or not gives_something(thing):
        return False
    return speaks_of_layers(offer.name, thing) and (offer.layer not in CURVES or len(needed) > 1)


def is_called_as(layer: str, name: str) -> bool:
    """Return whether a name speaks of this layer, its direction and its version, and of nothing else."""
    plain = version_free(base_of(name.removeprefix("their_"))).replace(".", "")
    return not re.sub(BESIDE, "", re.sub(LAYERS[layer][0], "", plain))


def speaks_of_layers(name: str, thing: Any) -> bool:
    """Return whether a name is of layers only, or else two words in the code: a convolution may be of polynomials."""
    if not re.fullmatch(COMMON, normalize(name)):
        return True
    tree = tree_of(thing)
    text = normalize(ast.unparse(tree).replace(name, "") if tree else "")
    return len({*re.findall(SPEAKS, text)}) > 1


def is_size(argument: Argument) -> bool:
    """Return whether an argument is a size or a setting by its name."""
    return bool({*argument.roles[:1]} & SIZES or re.search(SIZE, argument.name))


def gives_something(function: Any) -> bool:
    """Return whether a function gives something back."""
    tree = tree_of(function)
    return tree is None or any(isinstance(n, ast.Return) and n.value is not None for n in walk(tree))


def passes_of(kind: type) -> list[Any]:
    """List the methods of a class that are a pass by their names."""
    return [m for name, m in methods_of(kind).items() if method_word(name) in {*FORWARD, *BACKWARD}]


def uses_framework(thing: Any) -> bool:
    """Return whether code is made of a framework's layers, nn.Conv2d or tf.nn.conv2d: that is no layer of its own."""
    tree = tree_of(thing)
    nodes = [*walk(tree)] if tree else []
    parts = [ast.unparse(node) for node in nodes if isinstance(node, ast.Attribute) and node.attr[0].isupper()]
    return any(isinstance(node, ast.Name) and node.id in FRAMEWORKS for node in nodes) or any(
        re.fullmatch(r"(torch\.)?nn\.(?!Module|Parameter)\w+", part) for part in parts
    )


def find_unasked(
    wanted: Collection[str], failed: Mapping[str, Unread], things: Mapping[str, Any], hidden: Collection[str],
    files: Collection[str],
) -> dict[str, Unread]:  # fmt: skip
    """Find what is a wanted layer by its name and has nothing that a forward pass could be read from.

    failed: what could not be read: what is one for sure comes first. hidden: what is asked in another way.
    """
    others = {n: t for n, t in things.items() if n not in hidden and not n.startswith("their_")}
    left = {name for name in wanted if not (name in failed and failed[name].sure)}
    found = [*lone_backwards(others, files), *classes_without_pass(others, files)]
    return {one.name: one for one in found if one.name in left}


def classes_without_pass(things: Mapping[str, Any], files: Collection[str]) -> Iterator[Unread]:
    """Yield the target's classes of layers that have methods, none of which is called as a forward pass is."""
    for name, thing in things.items():
        layer = layer_named(name) if isinstance(thing, type) and is_own(thing, files) else None
        if layer is None or not is_called_as(layer, name) or name.startswith("_"):
            continue
        methods = {n: m for n, m in methods_of(thing).items() if not re.match(HELPS, n)}
        own = all(base in (object, thing) or is_own(base, files) for base in thing.__mro__)
        other = is_dataclass(thing) or waits_for_others(thing) or uses_framework(thing)
        if not own or other or {method_word(n) for n in methods_of(thing)} & {*FORWARD}:
            continue
        if any(takes_an_input(m) for m in methods.values() if inspect.isfunction(m)) and speaks_of_layers(name, thing):
            yield Unread(layer, write_signature(name, thing), NO_PASS)


def lone_backwards(things: Mapping[str, Any], files: Collection[str]) -> Iterator[Unread]:
    """Yield the target's backward functions of layers, as what stands there where no forward pass does."""
    for name, thing in things.items():
        if isinstance(thing, type) or not re.search(r"back|bwd|bprop", name.lower()) or re.match(NO_LAYER, name):
            continue
        layer = layer_named(base_of(name)) if direction(name) == "backward" and is_own(thing, files) else None
        if layer in ALONE and is_called_as(layer, name) and not uses_framework(thing):
            yield Unread(layer, write_signature(name, thing), part="backward")


def spare_servants(
    failed: dict[str, Unread], read: Mapping[str, Adapter], fitting: Iterable[str], things: Mapping[str, Any]
) -> dict[str, Unread]:
    """Return what failed; a function, or a base class, of which a layer that is judged is made, is no layer for sure.

    fitting: the contract's names whose things have its interface. A network is made of layers: it spares none.
    """
    doubtful = {layer: one.signature.partition("(")[0] for layer, one in failed.items() if layer not in read}
    texts = [adapter.interface.source for name, adapter in read.items() if name != "SimpleConvNet"] if doubtful else []
    roots = {f"their_{name}" for name in {*fitting} - {"SimpleConvNet"}}
    serving = names_served(roots.union(*(free_names(ast.parse(text)) for text in texts)), things) if doubtful else set()
    return failed | {layer: replace(failed[layer], sure=False) for layer, name in doubtful.items() if name in serving}


def names_served(roots: Iterable[str], things: Mapping[str, Any]) -> set[str]:
    """Return the functions that code calls, itself or by others, and base classes of a layer's kind."""
    found, serving, ahead = set[str](), set[str](), [*roots]
    by_thing = {id(thing): name for name, thing in things.items()}
    while ahead:
        name = ahead.pop()
        thing = things.get(name, things.get(f"their_{name}"))
        if name in found or thing is None:
            continue
        found.add(name)
        functions = methods_of(thing).values() if isinstance(thing, type) else [thing]
        used = [n for f in functions for n in names_in(getattr(inspect.unwrap(f), "__code__", None))]
        serving |= {n for n in used if not isinstance(things.get(n), type)}
        bases = [by_thing[id(base)] for base in getattr(thing, "__mro__", ())[1:-1] if id(base) in by_thing]
        serving |= {base for base in bases if is_akin(base, name)}
        ahead += [*used, *bases]
    return serving


def is_akin(base: str, name: str) -> bool:
    """Return whether two names are of layers of a kind: Pool2d, of which AvgPool2d is derived."""
    kinds = [layer_named(one.removeprefix("their_")) or "" for one in (base, name)]
    return bool(kinds[0]) and any(all(kind.endswith(of) for kind in kinds) for of in ("Pooling", "Convolution"))


def names_in(code: CodeType | None) -> Iterator[str]:
    """Yield the names that compiled code uses, those of the functions inside too."""
    if code is not None:
        yield from code.co_names
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                yield from names_in(constant)
