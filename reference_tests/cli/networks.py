"""A network of ours by its name, as commands are given it."""

from collections.abc import Iterator
from difflib import get_close_matches

from ..conformance.types import Verdict
from ..errors import UsageError
from ..subject.protocol import Fault


def describe_layers(network: str, size: str):
    """The graph of that name, for images of that size; WrongUse where there is none."""
    from impl.networks import NETWORKS

    find_network(network)
    if not size:
        return NETWORKS[network]()
    sides = size.split("x")
    if len(sides) != 3 or not all(side.isdecimal() and int(side) > 0 for side in sides):
        raise UsageError(f"--size {size}: write it as 3x224x224")
    try:
        return NETWORKS[network](tuple(map(int, sides)))
    except ValueError as error:
        raise UsageError(str(error)) from None


def find_network(network: str) -> None:
    """WrongUse where no network has that name."""
    from impl.networks import NETWORKS

    if network not in NETWORKS:
        near = get_close_matches(network, NETWORKS, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(NETWORKS)}"
        raise UsageError(f"no network is called {network!r}: {hint}")


def read_request(names: list[str], like: str) -> list[str]:
    """The networks meant, "all" spelled out; WrongUse for an unknown one, or one of somebody's own without --like."""
    from impl.networks import NETWORKS

    found: list[str] = []
    for name in names:
        found += NETWORKS if name == "all" else [name]
    for name in [*(n for n in found if ":" not in n), *([like] if like else [])]:
        if name not in NETWORKS:
            near = get_close_matches(name, NETWORKS, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(NETWORKS)}, all, or my_module:MyNet"
            raise UsageError(f"no network is called {name!r}: {hint}")
    own = [name for name in found if ":" in name]
    if own and not like:
        raise UsageError(f"--network {own[0]}: --like says which of ours it should be like: {', '.join(NETWORKS)}")
    if like and not own:
        raise UsageError("--like goes with --network my_module:MyNet")
    return list(dict.fromkeys(found))


def examine_network(name: str, like: str, timeout: float) -> Iterator[Verdict]:
    """The verdicts on one network, ours at the paper's size in float32. Raises LoadError, Fault."""
    if ":" not in name:
        from ..conformance.networks.layerwise import examine

        yield from examine(name)
        return
    from ..conformance.networks import foreign
    from ..subject.parent import RemoteSubject

    target = name.rpartition(":")[0]
    with RemoteSubject(target, {foreign.NAME: name}, timeout) as subject:
        yield from foreign.examine(subject, name, like)


def run(names: list[str], like: str, timeout: float, json: str, quiet: bool) -> int:
    """-> exit status, as verify's."""
    from rich.console import Console

    from ..conformance import messages
    from ..conformance.examination import Examination
    from ..reports import json_report, terminal
    from ..reports.environment import environment
    from ..subject.load import LoadError

    out = Console(stderr=json == "-", soft_wrap=True, highlight=False)
    names = read_request(names, like)
    found = Examination(require=tuple(like if ":" in name else name for name in names))
    try:
        json_report.writable(json)
        for name in names:
            key = like if ":" in name else name
            with terminal.progress(1, quiet) as seen:
                found.components[key] = list(examine_network(name, like, timeout))
                seen(found.components[key][-1])
            for v in found.components[key]:
                if v.status == "fail":
                    v.message = messages.network_failure(v, name, like if ":" in name else "")
            if not quiet:
                out.print(terminal.line(found, key))
    except (LoadError, Fault) as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(f"--json {json}: {error.strerror}") from None
    if json:
        json_report.write(json, json_report.as_json(" ".join(names), found, environment(("cpu",))))
    for key, verdicts in found.components.items():
        terminal.failures(out, key, verdicts, found.strict)
    out.print(terminal.total(found))
    return found.exit_status
