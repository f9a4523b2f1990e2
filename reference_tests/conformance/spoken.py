"""A target's own words: how a layer was read, its call, places in its arrays, and what could not be read."""

import ast
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ..i18n import N_, _
from ..subject.conventions.attempts import ENDINGS, ENDS, HANGS, LOOKING, NO_TIME, SLOW, STUCK, TOO_OFTEN
from ..subject.conventions.known.in_turn import in_turn, of_pair
from ..subject.conventions.known.table import KNOWN
from ..subject.conventions.layouts import NAMES, Layout
from ..subject.protocol import Interface, Op, Unread
from .contract import COMPONENTS, layer
from .locations import say_why
from .reach import geometry, say_limit
from .types import Case

Place = tuple[int | str, ...]
LAYOUTS = {  # of images
    "N C H W": N_("channels first"),
    "N H W C": N_("channels last"),
    "C H W": N_("one image at a time, channels first"),
    "H W C": N_("one image at a time, channels last"),
    "H W": N_("one grey image at a time"),
    "N CHW": N_("images flattened"),
    "H W C N": N_("channels and images last"),
    "C H W N": N_("images last"),
    "N H W": N_("grey images"),
}
HANDED = {  # what a trial hands to a target, as code -> the word for it in a call that is shown
    "(lambda a: a)": "identity",
    "Plain()": "identity",
    "Descent()": "optimizer",
    "Spread()": "initializer",
}
SCENARIOS = {  # of an interface's lacks: uses for which it has no argument -> what is not looked at then
    "init": N_("the first parameters"),
    "float64-kept": N_("the precision of float64"),
    "tiny-dout": N_("tiny upstream gradients"),
    "large-numbers": N_("large numbers"),
    **dict.fromkeys(
        ("another-layer-between", "beside-another", "beside-same-sizes"), N_("several layers of the kind at once")
    ),
}
NOTES = (  # what a reading found out besides, in the subject's words; {}: a number or a shape
    N_("its number is the share that is kept"),
    N_("its number is the share that is dropped"),
    N_("training scales"),
    N_("inference scales"),
    N_('it always pads, as "same" does'),
    N_("t is labels"),
    N_("t is one-hot rows"),
    N_("the loss is a sum over the images, its gradient too"),
    N_("its backward takes no upstream gradient, which is 1"),
    N_("its gradient is that of a sum: those of the layers' parameters are means"),
    N_("the matrix is {}"),
    N_("images are {}"),
    N_("momentum is the share of the old"),
    N_("momentum is {}, the share of the new"),
    N_("statistics are worked out for the one that is asked for"),
    N_("the running variance is the biased one, and compared times n / (n - 1)"),
    N_("eps is {}"),
    N_("x is scaled so that it is the one that is asked for"),
    N_("backward is asked after training only"),
    N_("images have no backward pass"),
    N_("rows have no backward pass"),
    N_("it normalizes only: gamma and beta are left to the adapter"),
    N_("alpha is divided by n there, so alpha * n is passed"),
    N_("gradients of its parameters are means over the images"),
    N_("{} moves {} up the gradient, not down"),
    N_("a ReLU is inside"),
    N_("a softmax is inside"),
    N_("the softmax is {}"),
    N_("the derivative is given the output"),
    N_("the loss is given for each image, and their mean is compared"),
    N_("it is {} * tanh({} * x), and asked as that"),
    N_("scores are the logarithms of the shares that it gives"),
    N_("there is a backward pass only"),
    N_("the layer is asked with a large bias, under which it is linear"),
)


def say_note(note: str) -> str:
    """Say in the current language what a reading found out; as it is where the sentence is not known."""
    for text in NOTES:
        found = re.fullmatch(re.escape(text).replace(r"\{\}", "(.+)"), note)
        if found:
            return _(text).format(*found.groups())
    return note


def header(interfaces: Mapping[str, Interface]) -> list[str]:
    """Say how each layer was read that is offered in another interface, and what was not looked at for that."""
    lines = []
    for name in COMPONENTS:
        interface = interfaces.get(layer(name).OP.name)
        if interface is None:
            continue
        if interface.spoken.signature:
            lines.append(_("{component} read as: {reading}").format(component=name, reading=read_as(interface)))
        if missing := not_looked_at(interface):
            text = _("{component}: not looked at: {limits}") if not interface.spoken.signature else "  {limits}"
            said = missing if not interface.spoken.signature else _("not looked at: {limits}").format(limits=missing)
            lines.append(text.format(component=name, limits=said))
    return lines


def read_as(interface: Interface) -> str:
    """Say a reading in one line: conv_forward(x, w, b, conv_param) -> out, cache (CS231n), channels first."""
    said = interface.spoken
    parts = said.signature + (f" -> {said.returns}" if said.returns else "")
    title = next((row.title for row in KNOWN if row.name == interface.convention), "")
    parts += f" ({title})" if title else ""
    axes, _space, text = said.layouts.get("x", "").partition(" ")
    layout = _(LAYOUTS[text]) if len(axes) == 4 and text in LAYOUTS else ""
    notes = [say_note(part) for note in said.notes for part in note.split("; ")]
    if any(code in said.make + said.forward for code, own in HANDED.items() if own == "identity"):
        notes.append(_("the activation that it is given is the identity"))
    return "; ".join([f"{parts}, {layout}" if layout else parts, *notes])


def not_looked_at(interface: Interface) -> str:
    """Say what the interface cannot express, "" where that is nothing."""
    reach = dict(interface.reach)
    limits = []
    if "FH" in reach and reach["FH"] == reach.get("FW"):
        limits.append(_("windows of other than {n} rows and columns").format(n=reach.pop("FH")[0]))
        del reach["FW"]
    limits += [say_limit(name, list(values)) for name, values in reach.items()]
    lacks = [name for name in interface.lacks if name not in ("backward", "refused", *SCENARIOS)]
    limits += dict.fromkeys(_(SCENARIOS[name]) for name in interface.lacks if name in SCENARIOS)
    if lacks:
        limits.append(_("{names}: not given").format(names=", ".join(lacks)))
    if "backward" in interface.lacks:
        limits.append(_("the backward pass, which could not be read"))
    elif interface.spoken.forward and not interface.spoken.backward and "def forward" in interface.source:
        limits.append(_("the backward pass, which is not there"))
    return "; ".join(limits)


STATUS = {ENDS: "ends", HANGS: "hangs", SLOW: "slow"} | dict.fromkeys((LOOKING, STUCK, TOO_OFTEN, NO_TIME), "untried")


def unread_status(one: Unread) -> str:
    """Return what a thing that could not be read does where it is called, as a status of messages; else unread."""
    found = next((status for why, status in STATUS.items() if one.why.startswith(why.partition(": {")[0])), "unread")
    return "crashes" if found == "ends" and "(SIG" in one.why else found


def unread_line(one: Unread, component: str) -> str:
    """Say of one class or function that it is called differently, or looks like a layer and could not be read."""
    said = {"signature": one.signature, "component": component, "why": say_why(one.why)}
    said["hint"] = _("an adapter tells how it is called (convcheck adapt; README, Other interfaces)")
    if one.part and one.why:
        text = _("{signature} looks like the backward pass of {component}, but is not judged: {why}; {hint}")
    elif one.part:
        text = _("{signature} looks like the backward pass of {component}, but no call of it fits; {hint}")
    elif not one.why:
        text = _("{signature} is called differently; asked for is {contract}; {hint}")
    elif one.why.startswith(ENDINGS):
        text = _("{signature} looks like {component}, but is not judged: {why}")
    else:
        text = _("{signature} looks like {component}, but could not be read: {why}; asked for is {contract}; {hint}")
    return text.format(contract=contract_call(layer(component).OP), **said)


def unread_lines(unread: Iterable[Unread]) -> list[str]:
    """Say of all that could not be read what it looks like, and why."""
    of = {layer(name).OP.name: name for name in COMPONENTS}
    return [unread_line(one, of[one.name]) for one in unread if one.name in of]


def contract_call(op: Op) -> str:
    """Write the contract's call: Convolution(W, b, stride, pad).forward(x)."""
    arguments = ", ".join(op.args)
    return f"{op.name}({arguments})" if op.make is None else f"{op.name}({', '.join(op.make)}).forward({arguments})"


def letter_sizes(case: Case) -> dict[str, int]:
    """Return the size that each letter of a layout stands for in a case."""
    known = geometry(case)
    found = {letter: known[name] for letter, name in SIZE_OF.items() if name in known}
    x, weights = case.shapes.get("x", ()), case.shapes.get("W", ())
    if len(weights) == 2:
        found |= dict(zip("DM", weights)) | ({"N": x[0]} if x else {})
    elif len(x) == 2:
        found |= dict(zip("ND", x))
    if "gamma" in case.shapes:
        found["C"] = case.shapes["gamma"][0]
    if {"H", "W", "I", "J"} <= found.keys():
        stride, pad = known.get("stride", 1), known.get("pad", 0)
        found["Y"] = (found["H"] + 2 * pad - found["I"]) // stride + 1
        found["X"] = (found["W"] + 2 * pad - found["J"]) // stride + 1
    return found


SIZE_OF = {"N": "N", "C": "C", "H": "H", "W": "W", "F": "FN", "I": "FH", "J": "FW"}


def call(case: Case, interface: Interface) -> str:
    """Write a case as the target's own call, "" where that is not known."""
    said, sizes = interface.spoken, letter_sizes(case)
    if not said.forward:
        return ""
    values = {NAMES[letter]: str(n) for letter, n in sizes.items()} | {k: repr(v) for k, v in case.params.items()}
    values |= values_of_network(case)
    shapes = {name: shape_given(name, text, case, sizes) for name, text in said.layouts.items()}
    shapes |= {name: str(tuple(s)) for name, s in case.shapes.items() if not shapes.get(name)}
    arguments = {**{f"{k}_": own for k, own in said.names.items()}, **argument_names(said.forward, said.signature)}
    for name in shapes:
        own = arguments.get(f"{name}_", arguments.get(name, "")) or name
        values |= {code: f"{own} {shapes[name]}" for code in (name, f"{name}_") if code not in values}
    making = fill(said.make, values)
    text = re.sub(r"(?<![\w.'])layer\b", lambda _: making, fill(in_turn(said.forward, said.make), values))
    kept = [f"{own.removeprefix('.')} {shapes[n]}" for n, own in said.names.items() if n in ("W", "b") and n in shapes]
    return ", ".join([without_our_names(text, said.signature), *kept])


def values_of_network(case: Case) -> dict[str, str]:
    """Return the sizes of a network under the names that its reading uses; nothing for other cases."""
    conv, sides = case.params.get("conv_param"), case.params.get("input_dim", ())
    if not isinstance(conv, dict):
        return {}
    found = {f"input_dim[{i}]": str(n) for i, n in enumerate(sides)}
    return found | {"filters": str(conv["filter_num"]), "size": str(conv["filter_size"])}


def shape_given(name: str, said: str, case: Case, sizes: Mapping[str, int]) -> str:
    """Return the shape in which the target is given an array of a case; the case's own where it lays none out."""
    axes = said.partition(" ")[0]
    theirs = tuple(case.shapes.get(name, ()))
    if theirs and len(theirs) != len(axes):  # images, which the layer itself flattens; rows, where images are laid out
        return str(theirs)
    return str(shape_there(said, {**sizes, **dict(zip(axes, theirs))}) or theirs or "")


def fill(code: str, values: Mapping[str, str]) -> str:
    """Return code with values in place of names; what is quoted stays, and the name of a keyword argument."""
    name = r"'[^']*'|(?<![\w.])input_dim\[\d\]|(?<![\w.])[A-Za-z_]\w*\b(?!=(?!=))"
    text = re.sub(name, lambda found: values.get(found[0], found[0]), code)
    text = re.sub(r"\b1 - (0\.\d+)", lambda found: f"{1 - float(found[1]):g}", text)
    choice = r"\(?('\w+') if (True|False|\d+) else ('\w+')\)?"
    return re.sub(choice, lambda found: found[3] if found[2] in ("False", "0") else found[1], text)


def without_our_names(code: str, signature: str) -> str:
    """Return code with the target's names in place of those that adapters give them."""
    applied = ".apply" if "(ctx" in signature else ""
    code = code.replace("_on_arrays_backward", ".backward").replace("_on_arrays", applied)
    for ours, said in HANDED.items():
        code = code.replace(ours, said)
    return code.replace("their_", "")


def argument_names(code: str, signature: str) -> dict[str, str]:
    """Return for each array that a function is given what the function calls it: x_ -> A_prev."""
    try:
        made, wanted = ast.parse(code, mode="eval").body, ast.parse(signature, mode="eval").body
    except SyntaxError:
        return {}
    if not (isinstance(made, ast.Call) and isinstance(wanted, ast.Call)):
        return {}
    if not isinstance(made.func, ast.Name) and ast.unparse(made.func) != ast.unparse(wanted.func):
        return {}
    names = [a.id for a in wanted.args if isinstance(a, ast.Name)] + [k.arg or "" for k in wanted.keywords]
    names = names[1:] if names[:1] == ["ctx"] else names  # torch hands it over itself
    given = [*zip(names, made.args), *((k.arg or "", k.value) for k in made.keywords)]
    return {value.id: name for name, value in given if isinstance(value, ast.Name)}


def shape_there(said: str, sizes: Mapping[str, int]) -> tuple[int, ...] | str:
    """Return the shape of an array in the target's layout; "" where a size is not known."""
    axes, _space, text = said.partition(" ")
    return Layout(text, axes).shape(sizes) if set(Layout(text, axes).letters) <= sizes.keys() else ""


def own_place(interface: Interface | None, what: str, at: Place, shape: tuple[int, ...]) -> str:
    """Return a place of a result as the target has it: out[0, 3, 2, 1]; "" where that is not known, or the contract's.

    at: the place in the contract's array of that shape; ":" stands for a whole axis.
    """
    base, tail = what.split("_")[0], what.partition("_")[2]
    said = interface.spoken if interface else None
    if said is None or base not in said.layouts or not at:
        return ""
    axes, _space, text = said.layouts[base].partition(" ")
    layout = Layout(text, axes)
    if axes == "NYXCIJ":
        return place_of_columns(layout, what, at)
    if len(axes) == 2 and len(at) > 2:  # images, which the layer itself flattens
        return f"{own_result(interface, base)}{f'_{tail}' if tail else ''}[{', '.join(map(str, at))}]"
    if len(axes) != len(at) or layout.copies:
        return ""
    by_letter, lengths = dict(zip(axes, at)), dict(zip(axes, shape))
    name = own_result(interface, base) + (f"_{tail}" if tail else "")
    place = f"{name}[{', '.join(index_of(group, by_letter, lengths) for group in layout.groups)}]"
    if "N" in axes and "N" not in layout.letters:
        return _("{place} of image {n}").format(place=place, n=by_letter["N"])
    return place


def place_of_columns(layout: Layout, what: str, at: Place) -> str:
    """Return a place of the matrix of im2col as the target lays it out; else that of the contract's, and say so."""
    if layout.groups in (("NYX", "CIJ"), ("CIJ", "NYX")):
        order = at if layout.groups[0] == "NYX" else at[::-1]
        return f"{what}[{', '.join(map(str, order))}]"
    place = f"{what}[{', '.join(map(str, at))}]"
    return _("{place} of the matrix as the book lays it out").format(place=place)


def index_of(group: str, at: Mapping[str, int | str], lengths: Mapping[str, int]) -> str:
    """Return the index along one axis of the target's, which may stand for several of the contract's."""
    places = [at[letter] for letter in group]
    if ":" in places:
        return ":"
    if len(places) < 2:
        return str(places[0]) if places else "0"
    return str(np.ravel_multi_index(tuple(map(int, places)), tuple(lengths[letter] for letter in group)))


def own_result(interface: Interface | None, what: str) -> str:
    """Return what the target calls a result; its own name in the contract where it has none."""
    return interface.spoken.names.get(what, what).removeprefix(".") if interface else what


def own_shapes(interface: Interface | None, what: str, *shapes: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return a result's shapes in the target's order of axes, without those that it has not; else as they are.

    They are as they are too where they differ in an axis that the target does not have.
    """
    said = interface.spoken.layouts.get(what.split("_")[0], "") if interface else ""
    axes, _space, text = said.partition(" ")
    layout = Layout(text, axes)
    found = list(shapes)
    if said and not layout.copies and set(layout.groups) <= set(axes):
        told = [dict(zip(axes, shape)) if len(shape) == len(axes) else None for shape in shapes]
        found = [tuple(by[g] for g in layout.groups) if by else shape for by, shape in zip(told, shapes)]
    return found if len({*found}) == len({*shapes}) else list(shapes)


def own_step(interface: Interface | None, step: str) -> str:
    """Return a step of a program as the target's call of it: Conv2D.call for layer.forward."""
    said = interface.spoken if interface else None
    used = {"forward": "forward", "backward": "backward", "loss": "forward", "gradient": "forward"}
    code = getattr(said, used.get(step.partition(".")[2], ""), "") if said else ""
    found = re.findall(r"([\w.\[\]']+)\(", code)
    if not said or not found:
        return step
    called = re.sub(r"^layer\b", said.signature.partition("(")[0], of_pair(str(found[0]), said.make))
    return without_our_names(called, said.signature)


def in_our_interface() -> str:
    """Say that a layer is offered as the contract asks."""
    return _("called as the book calls it")


def reading_data(interface: Interface | None) -> dict[str, Any] | None:
    """Return a reading as plain data; None where there is none."""
    if interface is None:
        return None
    said = interface.spoken
    return {
        "signature": said.signature,
        "returns": said.returns,
        "convention": interface.convention,
        "layouts": {name: text.partition(" ")[2] for name, text in said.layouts.items()},
        "reach": {name: list(values) for name, values in interface.reach.items()},
        "lacks": list(interface.lacks),
    }


def whole_reading(component: str, interface: Interface) -> Iterable[str]:
    """Yield the lines of a whole reading: what --show-reading prints."""
    yield f"{component}: {read_as(interface)}"
    for name, text in interface.spoken.layouts.items():
        groups = text.split()[1:]
        own = interface.spoken.names.get(name, "")
        shape = ", ".join("*".join(NAMES[a] for a in g) if g != "1" else "1" for g in groups)
        yield f"  {name}: ({shape})" + (f", {own.removeprefix('.')}" if own else "")
    facts = next((row.facts for row in KNOWN if row.name == interface.convention), ())
    yield from (f"  {_(fact)}" for fact in facts)
    if missing := not_looked_at(interface):
        yield "  " + _("not looked at: {limits}").format(limits=missing)
    yield ""
    yield from (f"    {line}".rstrip() for line in interface.source.splitlines())
