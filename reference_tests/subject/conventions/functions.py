"""Reading a function, or a pair of functions of which the second is the backward pass."""

import ast
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from .arguments import calls, has_required, write_call
from .families import CURVES
from .gradients import find_gradients
from .interview import (
    RAN,
    RIGHT,
    STOPPED,
    TRIALS,
    Candidate,
    cost,
    find_output,
    layouts_of,
    layouts_of_output,
)
from .layouts import Layout
from .reading import Reading
from .signatures import (
    ABSENT,
    Argument,
    arguments_of,
    is_written_into,
    keys_read,
    keys_to_spare,
    parts_read,
    reads_third,
    tree_of,
)
from .trial import Refused, arranged, cache_beside, environment, evaluate
from .uncommon.pictures import takes_border
from .uncommon.pullbacks import pullback_calls
from .uncommon.rates import take_changes, take_steps
from .uncommon.slopes import flagged_slopes, is_output, is_slope, slope_call
from .vocabulary import roles_of

Codes = dict[str, tuple[str, ...]]  # role -> codes
SETTINGS = {  # roles of keys that a function is given although it has a default for them
    "stride", "pad", "window", "window_h", "window_w", "mode", "train", "w", "b", "dilation", "groups", "activation",
}  # fmt: skip
ORDER = ("x", "w", "b", "window", "stride", "pad")  # of arguments whose names say nothing
CONTEXT = "(context := {})"  # what a forward pass is handed to keep things in, for the backward pass
KNOWN_KEYS = ("stride", "pad")  # where the code hands its dict on unread, or takes one only to be called as others are


def read_function(candidate: Candidate, told: list[Argument] | None = None) -> tuple[int, Reading] | None:
    """Read a function and its backward function; None if it cannot be called. -> how far it came, the reading.

    told: its arguments, where more is known of them than their names.
    """
    arguments = told or arguments_of(candidate.thing)
    if arguments is None:
        return None
    codes = function_codes(candidate, arguments, tree_of(candidate.thing))
    best, first = best_use(candidate, arguments, codes)
    if (best is None or best[0] < RIGHT) and (other := with_declared_bias(candidate, arguments, codes)):
        return RIGHT, other
    declared = candidate.prefer or candidate.backward or "config" in codes or candidate.pinned
    sure = all_told(prepared_for_trial(candidate, arguments), codes) and not takes_lists(candidate.refusals)
    if best is None and first and declared and sure:
        best = 0, as_declared(candidate, first)
    if best is None:
        return None
    if not best[1].backward:
        read_backward(candidate, best[1], codes)
    return best


def takes_lists(refusals: list[str]) -> bool:
    """Return whether most trials stopped as a number was taken for a list: a setting is given in another form."""
    found = [bool(re.match(r"TypeError: (cannot unpack non-iterable|'int' object is not sub)", r)) for r in refusals]
    return sum(found) * 2 > len(found)


def all_told(arguments: list[Argument], codes: Mapping[str, tuple[str, ...]]) -> bool:
    """Return whether the names of all required arguments tell what they are: a guess that never ran is no call."""
    return all(any(codes.get(role) for role in a.roles) for a in arguments if a.required)


def read_backward(candidate: Candidate, reading: Reading, codes: Mapping[str, tuple[str, ...]]) -> None:
    """Find the backward pass of a function's reading."""
    find_gradients(candidate.things, reading, lambda _: backward_calls(candidate, reading, codes))
    take_changes(candidate.things, reading)
    take_steps(candidate.things, reading)


def function_codes(candidate: Candidate, arguments: list[Argument], tree: ast.AST | None) -> Codes:
    """Return the codes of each role of a function, those of a dict or a tuple of parameters too."""
    codes = {**candidate.all_codes, "x": ("x_",), "w": ("W_",), "b": ("b_",)}
    if not candidate.family.params:
        codes |= {"w": (), "b": ()}
    kept = [a.name for a in arguments if a.required and "cache" in a.roles and is_written_into(tree, a.name)]
    return codes | config_codes(candidate, arguments, tree) | ({"cache": (CONTEXT,)} if kept else {})


def class_codes(candidate: Candidate) -> Codes:
    """Return the codes of each role of a constructor's argument, those of a dict of settings too."""
    arguments = [a for a in arguments_of(candidate.thing) or [] if a.required]
    codes = candidate.all_codes | config_codes(candidate, arguments, tree_of(candidate.thing))
    told = {role for a in arguments for role in a.roles[:1]}
    if "F" in candidate.family.out.axes and "window" in told and "in" not in told:  # or it is told the filters' shape
        shapes = ("(C, FH, FW)", "(FH, FW, C)") if "out" in told else ("(FN, C, FH, FW)", "(FH, FW, C, FN)")
        codes["window"] = (*codes["window"], *shapes)
    return codes


def config_codes(candidate: Candidate, arguments: list[Argument], tree: ast.AST | None) -> Codes:
    """Return the code of a dict or a tuple of parameters, if one of the arguments is one."""
    codes: Codes = {}
    for argument in arguments:
        if "config" in argument.roles or "cache" in argument.roles:
            codes["config"] = codes[f"={argument.name}"] = (write_config(argument, tree, candidate),)
    return codes


def best_use(
    candidate: Candidate, arguments: list[Argument], codes: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[int, Reading] | None, str]:
    """Return the best (score, reading) of the calls that are tried, and the first call."""
    tried, first = 0, ""
    best: tuple[int, Reading] | None = None
    for passed in calls(prepared_for_trial(candidate, arguments), codes, ORDER):
        if not has_required(arguments, passed) or "x_" not in str(passed):
            continue
        call = write_call(candidate.name, arguments, passed)
        first = first or call
        for score, reading in uses_of_function(candidate, call):
            if score == RIGHT:
                read_backward(candidate, reading, codes)
                score = STOPPED if reading.stopped else RIGHT
            if best is None or score > best[0]:
                best = score, reading
            tried += cost(score)
            if score == RIGHT or tried > TRIALS:
                break
        if (best and best[0] >= RIGHT) or tried > TRIALS or candidate.spent:
            break
    return best, first


def with_declared_bias(
    candidate: Candidate, arguments: list[Argument], codes: Mapping[str, tuple[str, ...]]
) -> Reading | None:
    """Return the reading with a bias of another shape than (FN,), where the gradient comes back in that shape too.

    Of a function without a backward pass: where it takes no bias (FN,), and the other gives a legal output.
    """
    own = prepared_for_trial(candidate, arguments)
    if "b" not in candidate.family.params or not any("b_" in str(passed) for passed in calls(own, codes, ORDER)):
        return None
    for text in candidate.family.params["b"].layouts[1:]:
        if "Y" in text:
            continue
        other = replace(candidate, prefer={**candidate.prefer, "b": (text,)})
        best, _ = best_use(other, arguments, codes)
        if best and best[0] >= RIGHT and "b" in best[1].given:
            reading = best[1]
            if not candidate.backward:
                return reading
            read_backward(other, reading, codes)
            if "db" in reading.grads and reading.grads["db"][1].text == text:
                return reading
    return None


def prepared_for_trial(candidate: Candidate, arguments: list[Argument]) -> list[Argument]:
    """Return the arguments with the roles that they have in a forward pass."""
    return with_dicts(with_weights(with_input(with_fours(arguments, tree_of(candidate.thing))), candidate))


def with_fours(arguments: list[Argument], tree: ast.AST | None) -> list[Argument]:
    """Return the arguments; strides of which code takes the third are of each axis, as if [1, 1, 1, 1] were usual."""
    sides = [a for a in arguments if a.required and {"stride", "window"} & {*a.roles}]
    fours = [a.name for a in sides if len(parts_read(tree, a.name)) == 4 or reads_third(tree, a.name)]
    return [replace(a, default=(1, 1, 1, 1)) if a.name in fours else a for a in arguments]


def with_input(arguments: list[Argument]) -> list[Argument]:
    """Return the arguments; the first is the input unless another one is called as inputs are."""
    if any("x" in a.roles for a in arguments) or not arguments:
        return arguments
    first = arguments[0]
    return [replace(first, roles=("x",)), *arguments[1:]]


def with_weights(arguments: list[Argument], candidate: Candidate) -> list[Argument]:
    """Return the arguments; where none is called as weights are, a second array b is they: conv(a, b) has no bias."""
    roles = [a.roles for a in arguments if a.required]
    lacking = "W" in candidate.family.params and not any({"w", "config", "cache"} & {*own} for own in roles)
    if not lacking or len(roles) < 2 or "b" not in roles[1] or "x" in roles[1]:
        return arguments
    return [replace(a, roles=("w",)) if a.roles is roles[1] else a for a in arguments]


def with_dicts(arguments: list[Argument]) -> list[Argument]:
    """Return the arguments; of several dicts each has a role of its own."""
    if sum("config" in a.roles for a in arguments) < 2:
        return arguments
    return [replace(a, roles=(f"={a.name}",)) if "config" in a.roles else a for a in arguments]


def write_config(argument: Argument, tree: ast.AST | None, candidate: Candidate) -> str:
    """Return the code of a dict, each key given what its name asks for; or of the tuple that the annotation names."""
    codes = {**candidate.all_codes, "w": ("W_",), "b": ("b_",), "train": ("'train'",), "window": ("FH",)}
    kind = candidate.things.get(str(getattr(argument.annotation, "__name__", argument.annotation)))
    fields = arguments_of(kind) if isinstance(kind, type) else None
    if fields and isinstance(kind, type):
        passed = next((p for p in calls(fields, codes) if has_required(fields, p)), {})
        return write_call(kind.__name__, fields, passed)
    if (names := parts_read(tree, argument.name)) and not keys_read(tree, argument.name):
        own = [next((r for r in roles_of(n) if codes.get(r) and r not in ("x", "seed")), "") for n in names]
        return f"({', '.join(codes[role][0] if role else 'None' for role in own)},)"
    parts, keys = [], keys_read(tree, argument.name) or [key for key in KNOWN_KEYS if key in candidate.family.values]
    spare = set() if isinstance(candidate.thing, type) else keys_to_spare(tree, argument.name)
    if any({"in", "out"} & set(roles_of(key)) for key in keys):  # it holds sizes, not arrays
        codes |= {"w": (), "b": ()}
    for key in keys:
        role = next((r for r in roles_of(key) if r in codes and codes[r] and r not in ("x", "seed")), None)
        if role and (key not in spare or role in SETTINGS) and (role not in ("w", "b") or candidate.family.params):
            parts.append(f"{key!r}: {codes[role][0]}")
    return "{" + ", ".join(parts) + "}"


def uses_of_function(candidate: Candidate, call: str) -> Iterator[tuple[int, Reading]]:
    """Yield (score, reading) of the call with each combination of layouts."""
    family = candidate.family
    used = [name for name in family.params if re.search(rf"\b{name}_", call)]
    pairs = list(zip(layouts_of(candidate, "x", family.x), layouts_of_output(candidate)))
    declared = [[Layout(t, family.params[n].axes) for t in declared_layouts(candidate, n)] for n in used]
    for x, all_filters in pairs:
        for layouts in itertools.product(*declared):
            given = dict(zip(used, layouts))
            out = of_one_filter(all_filters) if "W" in given and "F" in given["W"].lacking else all_filters
            if "W" in given and not agree(x, out, given["W"]):
                continue
            reading = Reading(family, candidate.name, candidate.signature, x, out, forward=call, given=given)
            reading.reach = candidate.limits()
            score = try_call(candidate, reading)
            if score:
                yield score, reading
            if candidate.spent:
                return


def of_one_filter(out: Layout) -> Layout:
    """Return the layout of an output without an axis for the filters: of a function that has one filter only."""
    return Layout(" ".join(group for group in out.text.split() if group != "F"), out.axes)


def agree(x: Layout, out: Layout, filters: Layout) -> bool:
    """Return whether all are of one channel or none is, and all of one filter or none is."""
    channels = "C" not in x.axes or ("C" in x.lacking) == ("C" in filters.lacking)
    return channels and ("F" not in filters.lacking or "F" in out.lacking)


def try_call(candidate: Candidate, reading: Reading) -> int:
    """Try the forward pass of a reading; return how far it came, and find its output and what backward needs."""
    env = environment(candidate.things, reading.family, reading.family.sizes, reading.family.values)
    env["x_"] = arranged(env, "x", reading.x)
    for name, layout in reading.given.items():
        env[f"{name}_"] = arranged(env, name, layout)
    try:
        got = env["got"] = evaluate(reading.forward, env)
    except Refused as refused:
        candidate.refusals.append(str(refused))
        return 0
    legal = find_output(reading, env)
    reading.cache = "context" if CONTEXT in reading.forward else cache_beside(got, reading.result)
    return RIGHT if legal and takes_border(candidate.things, reading) else RAN


def as_declared(candidate: Candidate, call: str) -> Reading:
    """Return the reading of a function that stops in every trial: by what its names and shapes declare."""
    family = candidate.family
    x, out = layouts_of(candidate, "x", family.x)[0], layouts_of_output(candidate)[0]
    used = [name for name in family.params if re.search(rf"\b{name}_", call)]
    given = {n: Layout(declared_layouts(candidate, n)[0], family.params[n].axes) for n in used}
    cached = candidate.backward and len(arguments_of(candidate.things[candidate.backward]) or []) == 2
    result, cache = ("got[0]", "got[1]") if cached else ("got", "")
    return Reading(
        family, candidate.name, candidate.signature, x, out, forward=call, given=given, result=result, cache=cache
    )


def declared_layouts(candidate: Candidate, name: str) -> list[str]:
    """List the layouts of a parameter, the declared first. A bias has another than (FN,) only where it is declared."""
    own, count = candidate.prefer.get(name, ()), candidate.axes.get(name)
    layouts = candidate.family.params[name].layouts
    if name == "b":
        return list(own or layouts[:1])
    return [text for text in dict.fromkeys([*own, *layouts]) if count in (None, len(text.split()))]


def backward_calls(candidate: Candidate, reading: Reading, codes: Mapping[str, tuple[str, ...]]) -> list[str]:
    """List the calls that may be the backward pass: the upstream gradient first, then what forward had or kept."""
    if not candidate.backward:
        slopes = flagged_slopes(candidate.name, candidate.thing) if candidate.family.name in CURVES else []
        return slopes or pullback_calls(candidate.things, reading)
    arguments = arguments_of(candidate.things[candidate.backward]) or []
    tree = tree_of(candidate.things[candidate.backward])
    known = {**codes, "dout": ("dout_",), "cache": ("cache",) if reading.cache else ("x_",), "lr": ("1.0",)}
    known |= {"output": ("out_",), "batch": ("1", "N")}
    for a in arguments:
        if "config" in a.roles:
            known["config"] = (write_config(a, tree, candidate),)
    passed_before = passed_by_name(reading.forward, arguments_of(candidate.thing) or [])
    known |= {f"={name}": (code,) for name, code in passed_before.items()}
    if is_slope(candidate.backward, arguments) or (
        not any("dout" in a.roles for a in arguments[:1]) and len(arguments) == 1
    ):
        return [slope_call(candidate.backward, arguments)]
    roles = ("dout", "cache") if reading.cache else ("dout", "x", "w")
    own = prepared(arguments, bool(reading.cache), passed_before)
    ways = itertools.islice(calls(own, known, roles), 8)
    right = [passed for passed in ways if has_required(arguments, passed) and "dout_" in passed.values()]
    return [write_call(candidate.backward, arguments, passed) for passed in right]


def passed_by_name(call: str, arguments: list[Argument]) -> dict[str, str]:
    """Return what a call passes for each argument, as code."""
    made = ast.parse(call, mode="eval").body
    if not isinstance(made, ast.Call):
        return {}
    given = [*zip([a.name for a in arguments], made.args), *((k.arg or "", k.value) for k in made.keywords)]
    return {name: ast.unparse(value) for name, value in given}


def prepared(arguments: list[Argument], cached: bool, before: Mapping[str, str]) -> list[Argument]:
    """Return backward's arguments with the roles that they can have there.

    before: what forward was passed; an argument of the same name is passed the same.
    """
    found = []
    for a in arguments:
        roles = [r for r in a.roles if cached or r != "cache"]
        if "dout" in roles:
            roles.sort(key=lambda r: r != "dout")
        elif cached and "cache" not in roles and len(arguments) == 2 and a.default is ABSENT:
            roles = ["cache"]
        elif a.name in before and "cache" not in roles:
            roles = [f"={a.name}"]
        elif is_output(a.name):
            roles = ["output"]
        found.append(replace(a, roles=tuple(roles)))
    if not any("dout" in a.roles for a in found) and found:
        found[0] = replace(found[0], roles=("dout",))
    return found
