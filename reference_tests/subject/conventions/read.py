"""Reading a target: for each layer of the contract that it does not have in the contract's interface, an adapter."""

import ast
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..arrays.boundary import Boundary, left_on
from ..errors import Missing
from ..limits import silence_io
from ..protocol import Interface, Spoken, Unread
from ..statements import free_names
from ..timing.alarms import OutOfTime, limit_time, share_of_time
from . import dropouts, losses
from .adapter import Adapter, build, declared_interfaces, with_words
from .attempts import FIRST, Attempts, signature_of, why_slow
from .candidates import Offer, find_offers, is_private
from .contract import fits_contract, hands_back_more, has_settings
from .declared import declared
from .families import CURVES, Array, Family
from .functions import class_codes
from .gradients import AUTOGRAD
from .interview import RIGHT, Candidate
from .known.meant import find_unasked, spare_servants
from .known.recognise import find_convention, follows, pinned, recognise_files, usual_layouts
from .known.spoken import find_homes, notes_of, speak
from .known.table import BOOK, SQUARE, Convention
from .known.unread import DROPOUTS, looks_like_layer, misfits, unread_backward, unread_offers, why_no_layer
from .reach import curve_inside, find_reach
from .reading import AT_ONCE, LOST, Reading, Unreadable, keeps_elsewhere
from .render import describe, render, render_inner_relu
from .signatures import arguments_of
from .special import columns, merging, nets, shares
from .special.autograd import find_bridges, takers_of_tensors
from .special.deep_models import are_means, find_means
from .special.families import ALL, BEYOND, sizes_to_try
from .special.lrn import find_formula
from .special.net_words import speak_net
from .special.norm_render import describe_norm, lacks_of, reach_of, render_norm
from .special.norm_words import speak_norm
from .special.norms import normalizes_columns, read_norm
from .uncommon.helpers import helper_codes, speaks_of_average, word_codes
from .uncommon.kept_state import kept_as_it_was
from .uncommon.lone_backward import lone_offers, read_lone_backward
from .uncommon.pictures import TURNED, turns_kernel
from .uncommon.scaled_tanh import find_scale
from .uncommon.slopes import settle_slope
from .uncommon.spread_images import INSIDE as SPREAD
from .uncommon.spread_images import spreads_only
from .uncommon.statics import static_functions
from .uncommon.unknown_words import read_named, read_named_function
from .vocabulary import layer_named

LONGEST = 10.0  # seconds for one layer, for code that does not end; trials are counted, not timed


def adapt_interfaces(
    names: dict[str, Any], modules: Iterable[Any], files: Collection[str], convention: str = "",
    boundary: Boundary | None = None, attempts: Attempts = FIRST,
) -> tuple[dict[str, Interface], list[Unread]]:  # fmt: skip
    """Read the layers that the modules do not offer in the contract's interface, and put adapters in their place.

    names: what the modules have under the contract's names; the adapters are added.
    convention: the name of the only one that is tried; the book's: nothing is read. boundary: what the target's things
    pass where it is written for other arrays than NumPy's (the names have passed it). -> how each layer is offered, and
    what could not be read. Raises LoadError for an unknown convention.
    """
    pin, modules = find_convention(convention), list(modules)
    if convention == BOOK:
        return declared_interfaces(names), []
    things: dict[str, Any] = {n: t for module in reversed(modules) for n, t in vars(module).items()}
    if unread := attempts.unread_by_name(things):
        return declared_interfaces(names), [one for one in unread if one.name not in names]
    plain = dict(things)
    things |= {**boundary.carry(things), AUTOGRAD: boundary.gradients, left_on.__name__: left_on} if boundary else {}
    fitting = {n for n in READERS if isinstance(names.get(n), Missing) or fits_contract(n, names.get(n))}
    fitting -= takers_of_tensors(names, things, files) | hands_back_more(names, things)
    wanted = [n for n in READERS if n not in fitting]
    things |= {n: names[n] for n in wanted if names.get(n) is not None}
    things = rename_contract({name: thing for name, thing in things.items() if not isinstance(thing, Missing)})
    failed: dict[str, Unread] = {}
    with kept_as_it_was(modules, things.values(), files):
        adapters = read_target(things, files, wanted, failed, pin, attempts) if wanted else {}
    interfaces = declared_interfaces(names)
    for name, adapter in adapters.items():
        used = free_names(ast.parse(adapter.interface.source)) & things.keys()
        interfaces[name] = replace(adapter.interface, uses=find_homes(sorted(used), rename_contract(plain), modules))
    names |= {name: adapter.thing for name, adapter in adapters.items()}
    misfit = misfits(names)
    other = (DROPOUTS & {*wanted}) - adapters.keys() if DROPOUTS & adapters.keys() else set()  # one class is not both
    if "InvertedDropout" in adapters and dropouts.is_of_second_book(names.get("Dropout")):
        other.add("Dropout")
    if "SimpleConvNet" in failed and not has_settings(names.get("SimpleConvNet")):  # another network of that name
        other.add("SimpleConvNet")
    for one in other & names.keys():
        del names[one]
    return interfaces, unread_offers(spare_servants(failed, adapters, fitting, things), names, misfit)


def rename_contract(things: Mapping[str, Any]) -> dict[str, Any]:
    """Return the target's names, those that are the contract's under another: an adapter bears that name itself."""
    return {(f"their_{name}" if name in READERS else name): thing for name, thing in things.items()}


def read_target(
    things: Mapping[str, Any],
    files: Collection[str],
    wanted: Collection[str],
    failed: dict[str, Unread] | None = None,
    pin: Convention | None = None,
    attempts: Attempts = FIRST,
) -> dict[str, Adapter]:
    """Read the wanted layers of a target; return the adapters of those that could be read.

    failed: gets what looks like a layer and could not be read. pin: the only convention that is tried.
    """
    found, spare = dict[str, Adapter](), dict[str, Adapter]()
    failed = {} if failed is None else failed
    known = recognise_files(things, files) if pin is None else lambda name: pin
    bridges = find_bridges(things, files)
    statics, holders = static_functions({n: t for n, t in things.items() if n not in bridges.hidden}, files)
    things = {**things, **bridges.functions, **statics}
    offers = all_offers(things, {n: t for n, t in things.items() if n not in bridges.hidden | holders}, files)
    for offer in sorted(offers, key=lambda o: (o.layer in BEYOND, o.name not in bridges.sources)):
        offer = replace(offer, convention=known(offer.name), pinned=pin is not None)
        for layer in layers_of(offer, things):
            twin = "InvertedDropout" if layer == "Dropout" else layer
            if layer not in found and {layer, twin} & set(wanted):
                columns, means = takes_columns(found.get("Affine")), are_means(found)
                asked = replace(offer, layer=layer, images=images_among(found.values()), columns=columns, means=means)
                adapter = attempts.read(asked, things, files, read_offer)
                if isinstance(adapter, Unread):
                    if layer == offer.layer and not (layer in failed and failed[layer].sure):
                        sure = attempts.left_out(adapter) or looks_like_layer(offer, things)
                        failed[layer] = replace(adapter, sure=sure)
                    continue
                found.setdefault(adapter.layer, with_text_before(adapter, bridges.sources.get(offer.name)))
                if adapter.inner:
                    inner = spare if offer.layer == "Affine" else found  # that of a convolution comes first
                    inner.setdefault(adapter.inner.layer, adapter.inner)
    failed |= find_unasked({*wanted}, failed, things, bridges.hidden, files)
    found = {name: adapter for name, adapter in with_inner(found, spare).items() if name in wanted}
    for layer, adapter in found.items():
        failed.pop(layer, None)
        failed |= {layer: adapter.unread} if adapter.unread else {}
    return found


def with_inner(found: dict[str, Adapter], spare: dict[str, Adapter]) -> dict[str, Adapter]:
    """Return the adapters with those inside dense layers where there is no other, or where that one alone is wrong."""
    inside = "Relu" in found and found["Relu"].interface.text.startswith("the ReLU inside")
    wrong = {name: one for name, one in spare.items() if inside and name == "Relu" and not hands_on(one)}
    return {**spare, **found, **wrong}


def hands_on(adapter: Adapter) -> bool:
    """Return whether the ReLU inside a layer hands on what it should, forward and back: one that does not is shown."""
    x = np.array([[-2.0, -0.5, 0.5, 3.0]])
    try:
        layer = adapter.thing()
        out, dx = layer.forward(x), layer.backward(x + 5)
    except Exception:
        return True
    return bool(np.allclose(out, np.maximum(x, 0)) and np.allclose(dx, (x + 5) * (x > 0)))


def all_offers(things: Mapping[str, Any], readable: Mapping[str, Any], files: Collection[str]) -> list[Offer]:
    """List all that may be a layer. readable: what of the target's things can be asked with arrays."""
    found = [*find_offers(readable, files), *shares.share_offers(things, files), *nets.net_offers(things, files)]
    found += merging.merge_offers(readable, files)
    found += lone_offers(readable, {offer.layer for offer in found}, files)
    return [offer for offer in found if not is_private(offer)] or found  # _Linear is a part of what is offered


def with_text_before(adapter: Adapter, text: str | None) -> Adapter:
    """Return the adapter with the text of the functions that it uses before its own."""
    if not text:
        return adapter
    source = f"{text}\n\n{adapter.interface.source}"
    return replace(adapter, interface=replace(adapter.interface, source=source))


def images_among(adapters: Iterable[Adapter]) -> str:
    """Return the layout of images in layers that have been read; "" where it is not known, or not one."""
    layouts = {adapter.images for adapter in adapters if adapter.images}
    return layouts.pop() if len(layouts) == 1 else ""


def takes_columns(dense: Adapter | None) -> bool:
    """Return whether a dense layer that has been read takes an example as a column."""
    return dense is not None and dense.interface.spoken.layouts.get("x") == "ND D N"


def layers_of(offer: Offer, things: Mapping[str, Any]) -> list[str]:
    """Return the layers that an offer may be: pooling of a mode is two, and so is a convolution of groups."""
    if offer.layer == "Convolution" and any(a.name == "groups" for a in arguments_of(things[offer.name]) or []):
        return [offer.layer, "GroupedConvolution"]
    return [offer.layer, "AveragePooling"] if offer.layer == "Pooling" else [offer.layer]


def read_offer(offer: Offer, things: Mapping[str, Any], files: Collection[str]) -> Adapter | Unread:
    """Read one layer from one class or function."""
    signature, why = signature_of(offer, things), "no call of it gives an array of a legal shape"
    most = share_of_time(LONGEST)  # a layer that does not end takes nothing from the others
    try:
        with limit_time(most), silence_io(), np.errstate(all="ignore"):
            adapter = READERS[offer.layer](offer, things) if offer.layer in READERS else None
    except OutOfTime as late:
        adapter, why = None, why_slow(late, files)
    except Unreadable as reason:
        adapter, why = None, str(reason)
    except Exception:  # what no reader foresaw is not read: it is no fault of the target's
        adapter = None
    if adapter is None:
        return Unread(offer.layer, signature, why)
    unread = None if "def backward" in adapter.interface.source else unread_backward(offer, things)
    if unread:
        lacks = (*adapter.interface.lacks, "backward")
        adapter = replace(adapter, unread=unread, interface=replace(adapter.interface, lacks=lacks))
    spoken = adapter.interface.spoken
    if not spoken.signature:
        spoken = Spoken(signature, notes=notes_of(adapter.interface.text, signature))
    named = follows(offer.convention, {} if offer.layer in CURVES else spoken.layouts)
    if adapter.inner:
        of_inner = replace(adapter.inner.interface, spoken=Spoken(signature), convention=named)
        adapter = replace(adapter, inner=replace(adapter.inner, interface=of_inner))
    return replace(adapter, interface=replace(adapter.interface, spoken=spoken, convention=named))


def adapt_loss(offer: Offer, things: Mapping[str, Any]) -> Adapter | None:
    """Return the adapter of softmax with cross-entropy."""
    reading = losses.read_loss(offer, things)
    return write_adapter(reading, things) if reading else None


def adapt_dropout(offer: Offer, things: Mapping[str, Any]) -> Adapter | None:
    """Return the adapter of dropout, or of inverted dropout."""
    reading = dropouts.read_dropout(offer, things)
    return write_adapter(reading, things) if reading else None


def adapt_norm(offer: Offer, things: Mapping[str, Any]) -> Adapter | None:
    """Return the adapter of batch normalization."""
    reading = read_norm(offer, things)
    if reading is None:
        return None
    if offer.columns and normalizes_columns(reading, things):
        raise Unreadable("its examples are columns")
    signature = signature_of(offer, things)
    text, source = describe_norm(reading, signature), render_norm(reading, signature)
    adapter = build(offer.layer, source, things, text, reach_of(reading), lacks_of(reading))
    return with_words(adapter, speak_norm(reading, signature, notes_of(text, signature), offer.name, things))


def adapt_net(offer: Offer, things: Mapping[str, Any]) -> Adapter:
    """Return the adapter of a whole network."""
    reading = nets.read_net(offer, things)
    signature = signature_of(offer, things)
    text, source = nets.describe_net(reading, signature), nets.render_net(reading, signature)
    adapter = build(offer.layer, source, things, text, nets.reach_of(reading), nets.lacks_of(reading))
    return with_words(adapter, speak_net(reading, signature, things, notes_of(text, signature)))


def adapt_layer(offer: Offer, things: Mapping[str, Any]) -> Adapter | None:
    """Return the adapter of a layer of one input."""
    thing = things[offer.name]
    if offer.layer == "AveragePooling" and not speaks_of_average(thing, offer.name):
        return None
    best: tuple[int, Reading, Candidate] | None = None
    refusals = list[str]()
    for family in sizes_to_try(ALL[offer.layer]):
        candidate = candidate_of(offer, things, family, refusals)
        found = read_thing(candidate, offer.is_class)
        if found and (best is None or found[0] > best[0]):
            best = *found, candidate
        if found and found[0] >= RIGHT:
            break
    if best and not (why := why_no_layer(best[2], best[1])):
        return finish_layer(offer, things, best[1])
    theirs = [text for text in refusals if not text.endswith("_' is not defined")]  # that is a name of ours
    if best or theirs:
        raise Unreadable(why if best else Counter(theirs).most_common(1)[0][0])
    return None


def read_thing(candidate: Candidate, is_class: bool) -> tuple[int, Reading] | None:
    """Read a class, a function with its backward function, or a backward function alone."""
    if is_class:
        return read_named(candidate, class_codes(candidate))
    return read_lone_backward(candidate) if candidate.name == candidate.backward else read_named_function(candidate)


def candidate_of(offer: Offer, things: Mapping[str, Any], family: Family, refusals: list[str]) -> Candidate:
    """Return what is known of an offer beforehand. refusals: gets what its trials raise."""
    said = declared(things, offer, family)
    prefer = said.layouts
    if offer.layer in BEYOND and "x" in prefer:
        family = replace(family, x=Array(family.x.axes, prefer["x"]))
    usual = usual_layouts(offer.convention, family)
    if offer.pinned and offer.convention:
        family = pinned(family, offer.convention)
        prefer = {n: tuple(t for t in texts if t in usual.get(n, texts)) for n, texts in prefer.items()}
    thing = things[offer.name]
    helpers = helper_codes(things, thing) if offer.is_class else {}
    codes = {**word_codes(offer.layer, thing, family.codes, things), **helpers, **offer.codes}
    own = Candidate(family, offer.name, thing, offer.backward, things, prefer, said.axes, said.square, codes)
    own = replace(own, usual=usual, refusals=refusals, heard=len(refusals), pinned=offer.pinned)
    if offer.pinned and offer.convention:  # what it says stands above what the code says
        return replace(own, axes={}, square=SQUARE in offer.convention.facts)
    return own


def finish_layer(offer: Offer, things: Mapping[str, Any], reading: Reading) -> Adapter:
    """Find what the interface cannot express, and write its adapter."""
    if offer.layer == "LRN":
        find_formula(things, reading)
    find_scale(things, reading)
    settle_slope(things, reading)
    if shares.gives_shares(things, reading):
        adapter = write_adapter(reading, things, shares.render_shares(things, reading))
        lost = ["float64-kept"]  # logarithms of shares lose some of it
        lost += LOST if shares.takes_target(things, reading) else []  # beside the shares
        lacks = tuple(dict.fromkeys([*adapter.interface.lacks, *lost]))
        return replace(adapter, interface=replace(adapter.interface, lacks=lacks))
    find_reach(things, reading)
    odd = TURNED if turns_kernel(things, reading) else SPREAD if spreads_only(things, reading) else ""
    if why := odd or curve_inside(things, reading):
        raise Unreadable(why)
    reading.convention = offer.convention.name if offer.convention else ""
    find_means(things, reading)
    adapter = write_adapter(reading, things)
    if reading.shift and "dx" in reading.grads:
        text = f"the ReLU inside {reading.signature}"
        return replace(adapter, inner=build("Relu", render_inner_relu(reading), things, text))
    return adapter


def write_adapter(reading: Reading, things: Mapping[str, Any], source: str = "") -> Adapter:
    """Write the adapter of a reading. source: its text, "" for the usual one."""
    lacks = [n for n in ("dx", *(f"d{p}" for p in reading.family.params)) if n not in reading.grads]
    lacks += LOST if reading.updates else []  # a change of a weight that is lost in it
    lacks = ["out", "refused", *lacks] if reading.alone else lacks if reading.backward else []
    lacks += AT_ONCE if keeps_elsewhere(reading) else []
    source = source or render(reading)
    adapter = build(reading.family.name, source, things, describe(reading), reading.reach, tuple(lacks))
    return with_words(replace(adapter, images=images_of(reading)), speak(reading, things))


def images_of(reading: Reading) -> str:
    """Return the layout of the images that a layer takes, where its shapes tell it."""
    told = reading.family.x.axes == "NCHW" and reading.family.name not in (*CURVES, "LRN")
    return reading.x.text if told else ""


def adapt_columns(offer: Offer, things: Mapping[str, Any]) -> Adapter | None:
    """Return the adapter of im2col or col2im."""
    signature = signature_of(offer, things)
    if offer.layer == "im2col":
        reading = columns.read_im2col(offer.name, things)
        source = columns.render_im2col
    else:
        twin = next((n for n in things if layer_named(n.removeprefix("their_")) == "im2col"), None)
        known = columns.read_im2col(twin, things) if twin else None
        reading = columns.read_col2im(offer.name, things, known.matrix if known else None)
        source = columns.render_col2im
    if reading is None:
        return None
    text = columns.describe_columns(signature, reading)
    return with_words(
        build(offer.layer, source(reading, text), things, text, reading.reach),
        columns.speak_columns(signature, reading),
    )


def adapt_size(offer: Offer, things: Mapping[str, Any]) -> Adapter | None:
    """Return the adapter of a function for an output's size along one axis."""
    text = signature_of(offer, things)
    source = columns.render_size(offer.name, things, text)
    return build(offer.layer, source, things, text) if source else None


READERS: dict[str, Callable[[Offer, Mapping[str, Any]], Adapter | None]] = {
    **dict.fromkeys(ALL, adapt_layer),
    **dict.fromkeys(merging.INPUTS, merging.adapt_merge),
    "SoftmaxWithLoss": adapt_loss,
    "Dropout": adapt_dropout,
    "InvertedDropout": adapt_dropout,
    "BatchNorm": adapt_norm,
    "SimpleConvNet": adapt_net,
    "im2col": adapt_columns,
    "col2im": adapt_columns,
    "conv_output_size": adapt_size,
}
