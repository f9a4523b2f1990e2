"""Which classes and functions of a target may be which layer, by their names."""

import ast
import inspect
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..source import walk
from .known.table import Convention
from .signatures import arguments_of, is_own, methods_of, tree_of
from .uncommon.own_methods import pair_of, shared_pairs
from .uncommon.targets import loss_by_arguments
from .uncommon.waiting import waits_for_others
from .vocabulary import BACKWARD, FORWARD, LOSSES, layer_named, method_word, normalize

ELSEWHERE = {  # the same in other languages: a word of its own in latin letters, and a part of the name in others
    "backward": r"(?:^|_)(?:atras|rueckwaerts|arriere|indietro|retro|tras|gyaku[a-z]*|nazad|geri"
    r"|(?:retro|rueckwaerts)propaga[a-z]*)(?=_|$)|逆伝[播搬]|逆方向|反向(?:传播|计算)?|역전파|역방향|обратн[а-я]*",
    "forward": r"(?:^|_)(?:adelante|vorwaerts|avant|avanti|frente|jun(?:den[a-z]*|houkou)|(?:vorwaerts)?propaga[a-z]*"
    r"|vpered|ileri)(?=_|$)|順伝[播搬]|順方向|[前正]向(?:传播|计算)?|순전파|순방향|прям[а-я]*",
}
DIRECTIONS = {  # of a function, by a part of its name
    "backward": r"backward|back_?prop(agat(e|ion))?|bprop|_back$|_bwd|_prime$|_deriv(ative)?$|_grad(ient)?s?$|gradient$"
    r"|derivative$|^grad(ient)?_|^d_?(?=conv|pool|relu|max)|back$|prime$|_b$|Backward|Prime|Deriv(ative)?|backword",
    "forward": r"forward|feed_?forward|forward_?prop(agation)?|fprop|_fwd|_forw$|_f$|Forward|foward",
}
DIRECTIONS = {way: f"{pattern}|{ELSEWHERE[way]}" for way, pattern in DIRECTIONS.items()}
OF_WEIGHTS = (  # the gradient of the parameters alone: no whole backward pass
    r"(weight|filter|kernel|bias|param)s?_?(grad|backward|bwd)"
    r"|(grad|backward|bwd)_?(wrt_?)?(weight|filter|kernel|bias|param)"
)
NO_LAYER = (
    r"_|.*_(init|params|shape|size)$|init|get_?params|test|check|grad_?check|plot|load|train|count|num_|zero_?pad|pad_"
    r"|show|visuali|draw|display|print|save|compare|bench|demo|time_"
)
PLAIN = ("naive", "simple", "basic", "slow", "loop", "loops")  # of several versions the plainest is read


@dataclass(frozen=True)
class Offer:
    """A class, or a function with its backward function, that may be a layer."""

    layer: str
    name: str
    backward: str = ""
    is_class: bool = False
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # of arguments that say which layer it is
    images: str = ""  # the layout of images in the target's other layers
    columns: bool = False  # its dense layer takes an example as a column
    means: bool = False  # the gradients of its layers' parameters are means over the images
    convention: Convention | None = None  # the known one that the target follows
    pinned: bool = False  # its layouts alone are tried


def is_private(offer: Offer) -> bool:
    """Return whether the name of an offer says that it is not meant for others."""
    return offer.name.removeprefix("their_").startswith("_")


def find_offers(things: Mapping[str, Any], files: Collection[str]) -> list[Offer]:
    """List what the target's own classes and functions offer, the most likely of each layer first."""
    own = {name: thing for name, thing in things.items() if callable(thing) and is_own(thing, files)}
    own = {name: thing for name, thing in own.items() if not (layer_named(name) and waits_for_others(thing))}
    offers = [*classes(own), *functions(own)]
    offers += fused(own, {offer.layer for offer in offers})
    called, paired = called_variants(own), {offer.layer for offer in offers if offer.backward} - {"BatchNorm"}

    def rank(o: Offer) -> tuple[Any, ...]:
        alone = o.layer in paired and not (o.is_class or o.backward)  # beside one with a backward pass of its own
        return o.layer, lacks_softmax(o), not o.is_class, alone, o.name in called, *version(o.name)

    return sorted(offers, key=rank)


def called_variants(own: Mapping[str, Any]) -> set[str]:
    """Return the functions that another version of the same function calls: it chooses among them.

    max_pool_forward_fast calls max_pool_forward_reshape where that can be, and max_pool_forward_im2col elsewhere.
    """
    plain = {name: version_free(base_of(name)) for name, thing in own.items() if not inspect.isclass(thing)}
    codes = {name: getattr(inspect.unwrap(own[name]), "__code__", None) for name in plain}
    pairs = [(name, one) for name, code in codes.items() for one in (code.co_names if code else ()) if one in plain]
    return {
        one for name, one in pairs if name != one and plain[name] == plain[one] and direction(name) == direction(one)
    }


def lacks_softmax(offer: Offer) -> bool:
    """Return whether a loss may be one of probabilities, by its name: one with the softmax inside comes before it."""
    return offer.layer == "SoftmaxWithLoss" and not re.search(r"softmax|logit", normalize(offer.name))


def classes(own: Mapping[str, Any]) -> Iterable[Offer]:
    """Yield the classes that have a forward pass."""
    pairs = shared_pairs(own)
    for name, thing in own.items():
        if inspect.isclass(thing):
            layer = layer_named(name.removeprefix("their_")) or loss_by_arguments(name, thing)
            words = {*FORWARD, *(LOSSES if layer == "SoftmaxWithLoss" else ())}
            passes = [n for n in methods_of(thing) if method_word(n) in words]
            if (not passes and pair_of(thing) not in pairs) or is_part(thing, passes, own):
                continue
            if layer:
                yield Offer(layer, name, is_class=True)
            elif re.search(r"activation|nonlinear", normalize(name)) and is_told_by_text(thing):
                yield from activations(name)


def is_part(thing: type, passes: Collection[str], own: Mapping[str, Any]) -> bool:
    """Return whether a class is what another of the target's is made of: its passes are for its heirs alone."""
    hidden = bool(passes) and all(n.startswith("_") and n != "__call__" for n in passes)
    return hidden and any(inspect.isclass(one) and one is not thing and issubclass(one, thing) for one in own.values())


def fused(own: Mapping[str, Any], found: Collection[str]) -> Iterable[Offer]:
    """Yield classes of a layer with its activation inside, or called a block, where nothing else is that layer."""
    for name, thing in own.items():
        plain = re.sub(r"_?(relu|activation|act|block)$", "", name, flags=re.IGNORECASE)
        layer = layer_named(plain)
        alone = plain != name and isinstance(thing, type) and layer not in found
        block = "block" in name.lower()
        if alone and layer in ("Convolution", "Affine") and not (block and calls_any(thing, own)):
            yield Offer(layer, name, is_class=True)
    yield from told_activation(own, found)


def told_activation(own: Mapping[str, Any], found: Collection[str]) -> Iterable[Offer]:
    """Yield functions of a layer that are told which activation follows, where nothing else is that layer."""
    plain = {n: t for n, t in own.items() if not inspect.isclass(t) and "activation" in normalize(n)}
    back = {base_of(n): n for n in plain if direction(n) == "backward"}
    for name, function in plain.items():
        layer = layer_named(base_of(name).replace("activation", ""))
        told = any("activation" in a.roles and a.required for a in arguments_of(function) or [])
        if direction(name) != "backward" and told and layer in ("Convolution", "Affine") and layer not in found:
            yield Offer(layer, name, back.get(base_of(name), ""), codes={"activation": ("'relu'", "'ReLU'")})


def calls_any(thing: type, own: Mapping[str, Any]) -> bool:
    """Return whether a class's code names another of the target's classes or functions: it is made of layers then."""
    return any(isinstance(node, ast.Name) and node.id in own for node in walk(tree_of(thing) or ast.Module([], [])))


def is_told_by_text(thing: type) -> bool:
    """Return whether a class has an argument that may say which activation it is."""
    return any({"activation", "name", "mode"} & {*a.roles} for a in arguments_of(thing) or [])


def activations(name: str) -> Iterable[Offer]:
    """Yield the layers of a class that is told which activation it is by a text: Activation("relu")."""
    for layer, texts in (("Relu", ("'relu'", "'ReLU'")), ("Sigmoid", ("'sigmoid'",)), ("Tanh", ("'tanh'",))):
        codes = dict.fromkeys(("activation", "name", "mode"), texts)
        yield Offer(layer, name, is_class=True, codes=codes)


def functions(own: Mapping[str, Any]) -> Iterable[Offer]:
    """Yield the functions that are a forward pass, each with the backward function of its name."""
    plain = {n: t for n, t in own.items() if not inspect.isclass(t)}
    back = {base_of(n): n for n in reversed(plain) if direction(n) == "backward" and not re.search(OF_WEIGHTS, n)}
    back = {base_of(n): f"{n}_vjp" for n in plain if f"{n}_vjp" in plain} | back
    forwards = {base_of(n) for n in plain if direction(n) == "forward"}
    claimed = {one for base, one in back.items() if base in forwards}
    for name in [n for n in plain if n not in back.values()]:
        base = base_of(name)
        layer = layer_named(base) or loss_by_arguments(base, plain[name])
        helper = re.match(NO_LAYER, name) and name != "their_conv_output_size"
        if direction(name) == "backward" or layer is None or helper:
            continue
        if is_factory(plain[name]):
            yield Offer(layer, name, is_class=True)
        else:
            yield Offer(layer, name, backward_of(name, back, claimed))


def backward_of(name: str, back: Mapping[str, str], claimed: Collection[str]) -> str:
    """Return the backward function of a forward one: of its name, else of its layer; "" for none.

    back: a name without its direction -> the backward function. claimed: those of a forward function of the same name,
    which alone keeps for them what they need: conv_forward_naive has nothing of conv_backward_fast's cache.
    """
    base, free = base_of(name), {key: one for key, one in back.items() if one not in claimed}
    if base in back:
        return back[base] if base in free or direction(name) == "forward" else ""
    plain, layer = version_free(base), layer_named(base)
    alike = [one for key, one in free.items() if layer_named(key) == layer and is_spatial(key) == is_spatial(base)]
    same = [one for key, one in free.items() if one in alike and version_free(key) == plain]
    return next(iter([*[free[key] for key in [base_of(version_free(name))] if key in free], *same, *alike]), "")


def is_spatial(base: str) -> bool:
    """Return whether a name is of a function for images, beside one for rows."""
    return "spatial" in base


def is_factory(thing: Any) -> bool:
    """Return whether a function makes a layer: by its name, or it returns functions alone; and it takes no input."""
    arguments = arguments_of(thing) or []
    made = re.match(r"make|create|build|new_|get_layer|.*_?factory|.*layer$", thing.__name__)
    return bool(made or returns_functions(tree_of(thing))) and not any("x" in a.roles for a in arguments)


def returns_functions(tree: ast.AST | None) -> bool:
    """Return whether a function returns two or more of those that it defines inside, and nothing else."""
    own = next((n for n in walk(tree) if isinstance(n, ast.FunctionDef)), None) if tree else None
    inner = {n.name for n in own.body if isinstance(n, ast.FunctionDef)} if own else set()
    for value in [n.value for n in own.body if isinstance(n, ast.Return)] if own else []:
        parts = value.values if isinstance(value, ast.Dict) else getattr(value, "elts", [])
        if len(parts) > 1 and all(isinstance(part, ast.Name) and part.id in inner for part in parts):
            return True
    return False


def direction(name: str) -> str:
    """Return "backward" or "forward" where a function's name says it, else ""."""
    return next((d for d, pattern in DIRECTIONS.items() if re.search(pattern, name)), "")


def base_of(name: str) -> str:
    """Return a function's name without the words of its direction, in small letters without underscores."""
    for pattern in DIRECTIONS.values():
        name = re.sub(pattern, "", name)
    return normalize(name).strip(".")


def version_free(name: str) -> str:
    """Return a name without the word for its version: naive, fast, im2col ..."""
    return re.sub(r"_?(naive|simple|basic|slow|loops?|fast|im2col|strides?|reshape|vectorized|v\d)$", "", name)


def version(name: str) -> tuple[int, int, str]:
    """Return a sort key: names that speak of the plainest version first, then the short ones.

    Of functions that are built upon one another, the one of several channels and filters first: corr2d_multi_in_out.
    """
    if "multi" in name.lower():
        return -1, -len(name), name
    plain = any(word in normalize(name) for word in PLAIN)
    special = any(word in normalize(name) for word in ("fast", "im2col", "stride", "cython", "numba"))
    return (0 if plain else 2 if special else 1), len(name), name


__all__ = ["BACKWARD", "Offer", "find_offers"]
