"""convcheck verify --network: whole networks, ours or the target's. Other commands find our networks here."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..conformance.types import Verdict
from ..errors import UsageError
from ..i18n import _
from ..subject.protocol import Fault
from ..suggest import did_you_mean
from .options import require_writable, write_report

if TYPE_CHECKING:
    from impl.networks.graph import Graph


def describe_layers(network: str, size: str) -> "Graph":
    """Return our network of that name, for images of that size, as "3x224x224". Raises UsageError."""
    from impl.networks import NETWORKS

    find_network(network)
    if not size:
        return NETWORKS[network]()
    sides = size.split("x")
    if len(sides) != 3 or not all(side.isdecimal() and int(side) > 0 for side in sides):
        raise UsageError(f"--size {size}: " + _("write it as {example}").format(example="3x224x224"))
    try:
        return NETWORKS[network](tuple(map(int, sides)))
    except ValueError as error:
        raise UsageError(str(error)) from None


def find_network(network: str, others: str = "") -> None:
    """Raise UsageError if we have no network of that name. others: what the message lists besides our networks."""
    from impl.networks import NETWORKS

    if network not in NETWORKS:
        text = _("no network is called {name}: {hint}")
        raise UsageError(text.format(name=repr(network), hint=did_you_mean(network, NETWORKS, others)))


def read_request(names: list[str], like: str) -> list[str]:
    """Return the requested networks, with "all" spelled out.

    Raises UsageError for an unknown network, and for one of the target's own without --like.
    """
    from impl.networks import NETWORKS

    found: list[str] = []
    for name in names:
        found += NETWORKS if name == "all" else [name]
    for name in [*(n for n in found if ":" not in n), *([like] if like else [])]:
        find_network(name, _(", all, or my_module:MyNet"))
    own = [name for name in found if ":" in name]
    if own and not like:
        text = _("--like says which of ours it should be like: {names}")
        raise UsageError(f"--network {own[0]}: " + text.format(names=", ".join(NETWORKS)))
    if like and not own:
        raise UsageError(_("--like goes with --network my_module:MyNet"))
    return list(dict.fromkeys(found))


def examine_network(name: str, like: str, timeout: float) -> Iterator[Verdict]:
    """Yield the verdicts on one network, ours at the paper's size in float32. Raises LoadError, Fault."""
    if ":" not in name:
        from ..conformance.networks.layerwise import examine

        yield from examine(name)
        return
    from ..conformance.networks import foreign
    from ..subject.parent import RemoteSubject

    target = name.rpartition(":")[0]
    with RemoteSubject(target, {foreign.NAME: name}, timeout, convention="book") as subject:  # it is called as it is
        yield from foreign.examine(subject, name, like)


def run_networks(names: list[str], like: str, timeout: float, json: str, quiet: bool) -> int:
    """Check networks, print and write the reports, and return the exit status, which is as verify's."""
    from ..conformance import messages
    from ..conformance.examination import Examination
    from ..reports import json_report, terminal
    from ..reports.console import open_console
    from ..reports.environment import describe_environment
    from ..subject.source import LoadError

    out = open_console(stderr=json == "-")
    keys = {name: like if ":" in name else name for name in read_request(names, like)}
    found = Examination(require=tuple(keys.values()))
    try:
        require_writable("--json", json)
        for name, key in keys.items():
            with terminal.show_progress(1, quiet) as seen:
                found.components[key] = list(examine_network(name, like, timeout))
                seen(found.components[key][-1])
            for v in (v for v in found.components[key] if v.status == "fail"):
                v.message = messages.network_failure(v, name, like if ":" in name else "")
            if not quiet:
                out.print(*terminal.component_lines(found, [key]))
    except (LoadError, Fault) as error:
        raise UsageError(str(error)) from None
    if json:
        report = json_report.examination_data(" ".join(keys), found, describe_environment(("cpu",)))
        write_report("--json", json, json_report.to_text(report))
    for key, verdicts in found.components.items():
        terminal.print_failures(out, key, verdicts, found.strict)
    out.print(terminal.total_line(found))
    return found.exit_status
