"""How the failures of a layer, and those of a whole network, are explained. An Op says which (Op.diagnose_with)."""

from collections.abc import Callable
from dataclasses import dataclass

from ...subject.protocol import Subject
from ..contract import layer
from ..types import Verdict
from . import network
from .assign import STAGES, assign, explain_stage, mistake_from_rules
from .match import Predictions
from .state import name_by_history

PARTS = ("result", "forward", "backward")


@dataclass(frozen=True)
class Strategy:
    """How one kind of component is diagnosed.

    assign_names: (predictions, failures, all verdicts, subject) gives each failure its diagnosis, or none.
    stages: (failures, all verdicts) -> the verdicts by stage, the earliest first; the earliest wrong one is shown.
    is_network: its named mistakes are believed even if they make it unsteady, and it has no small cases.
    """

    assign_names: Callable[[Predictions, list[Verdict], list[Verdict], Subject | None], None]
    stages: Callable[[list[Verdict], list[Verdict]], list[list[Verdict]]]
    is_network: bool = False


def assign_layer_names(
    predictions: Predictions, bad: list[Verdict], verdicts: list[Verdict], subject: Subject | None
) -> None:
    """Explain the earliest wrong stage of the plain use, or, where that is right, how it is used."""
    known = layer(bad[0].check.case.op.component).MISTAKES
    ruled = mistake_from_rules(known, bad)
    if ruled:
        assign(predictions, ruled, bad, bad)
        return
    plain = [v for v in verdicts if v.check.scenario.id == "plain"]
    for parts in STAGES:
        mine = [v for v in plain if v.check.part in parts and v in bad]
        if mine:
            diagnosis = explain_stage(predictions, known, mine, plain)
            if not diagnosis:  # then what is known of how it is used counts
                name_by_history([v for v in bad if v.check.scenario.id != "plain"], alone=False)
            assign(predictions, diagnosis, mine, bad, known)
            return
    name_by_history(bad)
    assign(predictions, None, [], bad)


def layer_stages(bad: list[Verdict], verdicts: list[Verdict]) -> list[list[Verdict]]:
    """Sort the verdicts of the plain use by part."""
    return [[v for v in verdicts if v.check.scenario.id == "plain" and v.check.part == part] for part in PARTS]


STRATEGIES = {
    "layer": Strategy(assign_layer_names, layer_stages),
    "network": Strategy(network.assign_names, network.stages, is_network=True),
}
