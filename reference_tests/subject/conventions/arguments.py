"""The code of a call: what is passed for each argument of the target's, by the roles that their names allow."""

import itertools
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from .signatures import Argument
from .vocabulary import normalize, roles_of_word

ALTERNATIVES = 24  # calls that are tried
OF_SIDES = {"stride": ("stride", "stride"), "window": ("FH", "FW")}
LEFT_OUT = ("name", "seed", "lr", "scale", "dilation", "groups", "optimizer", "train", "cache", "use_bias")


def calls(
    arguments: list[Argument],
    codes: Mapping[str, tuple[str, ...]],
    order: tuple[str, ...] = (),
    most: int = ALTERNATIVES,
) -> Iterator[dict[str, str]]:
    """Yield, for each way to understand the arguments, what is passed: name -> code. The most likely comes first.

    codes: role -> codes of its value. order: the roles that are taken, in turn, for arguments with a name of no role.
    """
    choices = without_rivals(arguments, [[*choices_of(argument, codes)] for argument in arguments])
    choices = without_twins(arguments, choices)
    needed = [i for i, argument in enumerate(arguments) if not choices[i] and argument.required]
    if any(arguments[i].roles == ("cache",) for i in needed):  # it is no setting, whatever it is
        return
    taken = {role for found in choices for role, _ in found[:1]}
    free = [role for role in order if role not in taken and codes.get(role)]
    ways = itertools.permutations(free, len(needed)) if needed else [()]
    for way in ways:
        filled = list(choices)
        for i, role in zip(needed, way):
            filled[i] = [(role, code) for code in codes[role] if code[0] != "'"]  # it might be the name of a file
        for picked in itertools.islice(by_likelihood(filled), most):
            yield {arguments[i].name: code for i, (role, code) in picked.items()}


def without_rivals(arguments: list[Argument], choices: list[list[tuple[str, str]]]) -> list[list[tuple[str, str]]]:
    """Return the choices; none for an output_padding=0 or pad_value=0 beside the padding, for a dW=None beside W."""
    named = [bool(roles_of_word(normalize(argument.name))) for argument in arguments]
    roles = [{role for role, _ in found} for found in choices]
    taken = {role for known, own in zip(named, roles) if known and len(own) == 1 for role in own}
    taken |= {found[0][0] for a, known, found in zip(arguments, named, choices) if a.required and known and found}
    rivals = [not (a.required or known) and own <= taken for a, known, own in zip(arguments, named, roles)]
    return [[] if rival else found for rival, found in zip(rivals, choices)]


def without_twins(arguments: list[Argument], choices: list[list[tuple[str, str]]]) -> list[list[tuple[str, str]]]:
    """Return the choices; none for required arguments of one and the same role: of Linear(m, n) their places tell."""
    roles = [{role for role, _ in found} if a.required else set() for a, found in zip(arguments, choices)]
    twins = [len(own) == 1 and roles.count(own) > 1 for own in roles]
    return [[] if twin else found for twin, found in zip(twins, choices)]


def choices_of(argument: Argument, codes: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """List (role, code) that the argument may be given, the most likely first; nothing where it is left out."""
    found: list[tuple[str, str]] = []
    if isinstance(argument.default, bool):  # a switch such as bias=True
        return found
    for role in argument.roles:
        own = codes.get(role) == (role,)  # an argument of the contract itself
        left_out = role in LEFT_OUT and not own and not is_rate(argument.name) and not is_dilated(argument)
        if role not in codes or (not argument.required and left_out):
            continue
        if role == "reg" and not argument.required and not argument.default:
            continue
        if role == "activation" and not argument.required and keeps_default(argument.default):
            continue
        found += [(role, code) for code in fitting_default(argument, role, codes[role])]
    return found


def is_dilated(argument: Argument) -> bool:
    """Return whether a layer lays its windows out with gaps unless it is told not to: dilation=2."""
    default = argument.default
    sides = default if isinstance(default, tuple) else (default,)
    return "dilation" in argument.roles and any(isinstance(side, int) and side > 1 for side in sides)


def keeps_default(activation: Any) -> bool:
    """Return whether a default for an activation is left: there is none, or it is an object of the target's own."""
    return activation is None or not (isinstance(activation, str | type) or callable(activation))


def is_rate(name: str) -> bool:
    """Return whether a name can be nothing but a learning rate: it is given, whatever its default is."""
    return normalize(name) in ("lr", "learningrate", "learnrate")


def enumeration_of(argument: Argument) -> type[Enum] | None:
    """Return the enumeration of which an argument's default is a member, or that its annotation names."""
    kind = type(argument.default) if isinstance(argument.default, Enum) else argument.annotation
    return kind if isinstance(kind, type) and issubclass(kind, Enum) else None


def fitting_default(argument: Argument, role: str, codes: tuple[str, ...]) -> list[str]:
    """Return the codes, those of the kind of the argument's default first; of an enumeration its members alone."""
    if members := enumeration_of(argument):
        words, name = {code.strip("'").lower() for code in codes if code[0] == "'"}, members.__name__
        told = [code for code in codes if code.startswith(f"{name}.")]
        return told or [f"{name}.{m.name}" for m in members if {m.name.lower(), str(m.value).lower()} & words]
    if role not in ("stride", "pad", "window", "mode", "dilation"):
        return list(codes)
    if isinstance(argument.default, tuple | list) and len(argument.default) == 4:  # TensorFlow's: of each axis
        return [f"[1, {', '.join(OF_SIDES[role])}, 1]"] if role in OF_SIDES else list(codes)
    kind = "'" if isinstance(argument.default, str) else "(" if isinstance(argument.default, tuple) else ""
    alike = [c for c in codes if (c[0] if c[0] in "'(" else "") == kind]
    if isinstance(argument.default, str) and argument.default.isupper():
        alike.sort(key=lambda c: not c.isupper())
    if argument.required and role == "window":
        return list(codes)
    return alike + [c for c in codes if c not in alike]


def by_likelihood(choices: list[list[tuple[str, str]]]) -> Iterator[dict[int, tuple[str, str]]]:
    """Yield combinations of one choice for each argument, those with few unlikely choices first; no role twice."""
    places = [i for i, found in enumerate(choices) if found]
    ranked = itertools.product(*[range(len(choices[i])) for i in places])
    for ranks in sorted(itertools.islice(ranked, 4000), key=sum):
        picked = {i: choices[i][rank] for i, rank in zip(places, ranks)}
        roles = [role for role, _ in picked.values()]
        if len(set(roles)) == len(roles):
            yield picked


def write_call(target: str, arguments: list[Argument], passed: Mapping[str, str]) -> str:
    """Return the code of the call. Arguments are named from the first one that is left out on."""
    parts, gap = [], False
    for argument in arguments:
        if argument.name not in passed:
            gap = True
        elif gap or argument.keyword_only:
            parts.append(f"{argument.name}={passed[argument.name]}")
        else:
            parts.append(passed[argument.name])
    return f"{target}({', '.join(parts)})"


def has_required(arguments: list[Argument], passed: Mapping[str, str]) -> bool:
    """Return whether every required argument is passed."""
    return all(a.name in passed for a in arguments if a.required)


def as_input(arguments: list[Argument]) -> list[Argument]:
    """Return the arguments of a forward pass: the first is the input, whatever its name."""
    return [Argument(a.name, ("x",) if i == 0 else tuple(r for r in a.roles if r != "x"), a.default, a.keyword_only)
            for i, a in enumerate(arguments)]  # fmt: skip
