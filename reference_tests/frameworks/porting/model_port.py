"""A torch model, ported: what bites, the text and the weights for the target, and a port compared."""

from dataclasses import dataclass
from pathlib import Path

from ...errors import UsageError
from ...files import write_atomically
from ...i18n import _, english
from ..answers import COMPARED
from ..environments import installed_pythons
from ..questions import QUESTIONS, Question
from ..recorded import load as load_record
from ..registry import FRAMEWORKS
from ..report import cell_of
from ..runner import measure_all
from . import channels_last, onnx_text
from .graph import Layer, Model
from .touched import questions_of
from .writing import Port

TARGETS = {  # as --to names it: the writer's name, the column of the matrix
    "onnx": ("onnx", "onnxruntime"), "onnxruntime": ("onnx", "onnxruntime"), "jax": ("jax", "jax"),
    "tf": ("tensorflow", "tensorflow"), "tensorflow": ("tensorflow", "tensorflow"),
    "keras": ("keras", "keras@tensorflow"),
}  # fmt: skip
TITLE = '''"""{} for {}, as `convcheck compare --model` wrote it.

x is as torch has it, (N, C, ...); weights are those of the .npz file. Returns {{layer: result}}.
"""
'''
MODULES = {"onnx": "onnxruntime", "jax": "jax", "tensorflow": "tensorflow", "keras": "keras"}


@dataclass(frozen=True)
class Asked:
    """A question that a model touches: its layers, both answers, its danger (3: equal)."""

    question: Question
    layers: list[Layer]
    source: str
    target: str
    danger: int


def find_target(name: str) -> tuple[str, str]:
    """Return the writer's name and the column for --to. Raises UsageError for another."""
    if name not in TARGETS:
        raise UsageError(_("--to {}: a model is written for {}").format(name or "''", ", ".join(TARGETS)))
    return TARGETS[name]


def write_port(model: Model, writer: str, name: str) -> tuple[Port, str]:
    """Return a model written for a target, and the whole text."""
    title = TITLE.format(name, writer)
    if writer == "onnx":
        port = onnx_text.write_onnx(model)
        return port, onnx_text.full_text(port, title)
    port = channels_last.write_channels_last(model, writer)
    return port, channels_last.full_text(port, writer, title)


def ask_questions(model: Model, column: str, keep: bool) -> tuple[list[Asked], str]:
    """Return the questions that a model touches, the most dangerous first, and a note if an answer is recorded."""
    touching: dict[str, list[Layer]] = {}
    for layer in model.layers:
        for id in questions_of(model, layer):
            touching.setdefault(id, []).append(layer)
    questions = [q for q in QUESTIONS if q.id in touching]
    (here, there), note = answers_of(questions, column, keep)
    asked = [
        Asked(q, touching[q.id], here[q.id][1], there[q.id][1], danger_of(here[q.id], there[q.id]))
        for q in questions
        if here[q.id][0] in COMPARED or there[q.id][0] in COMPARED
    ]
    return sorted(asked, key=lambda one: one.danger), note


def danger_of(source: tuple[str, str], target: tuple[str, str]) -> int:
    """Return 0 if numbers change, 1 if the target refuses or lacks something, 2 the other way, 3 if both are equal."""
    if source[1] == target[1]:
        return 3
    if source[0] == target[0] == "value":
        return 0
    return 1 if source[0] == "value" else 2


def answers_of(questions: list[Question], column: str, keep: bool) -> tuple[list[dict[str, tuple[str, str]]], str]:
    """Return {question: (kind, answer)} of torch and of the target: asked live where it can be, else as recorded."""
    frameworks = [FRAMEWORKS["torch"], FRAMEWORKS[column]]
    measured = measure_all(frameworks, questions, installed_pythons(), keep)
    found, note = [], ""
    for framework in frameworks:
        if "about" in measured[framework.name]["about"]:
            cells = {q.id: cell_of(q, framework.name, measured, english) for q in questions}
            found.append({id: (cell.kind, cell.key) for id, cell in cells.items()})
            continue
        recorded = load_record()[framework.name]
        found.append({q.id: as_recorded(recorded["answers"].get(q.id, "not offered")) for q in questions})
        message = _("{0} is not installed here: its answers are those recorded with version {1}; to ask it, {2}")
        note = message.format(framework.name, recorded["version"], framework.install)
    return found, note


def as_recorded(shown: str) -> tuple[str, str]:
    """Return the kind and the answer of a recorded cell."""
    for start, kind in (("refused", "refused"), ("not offered", "absent"), ("process", "killed"), ("fault", "fault")):
        if shown.startswith(start):
            return kind, "refused" if kind == "refused" else shown
    return "value", shown


def save_port(port: Port, text: str, out: str) -> tuple[Path, Path]:
    """Write the weights as OUT.npz and the text as OUT.py beside it; a text that was edited is never overwritten.

    Raises UsageError if a file cannot be written.
    """
    import io

    import numpy as np

    weights = Path(out if out.endswith(".npz") else f"{out}.npz")
    source = weights.with_suffix(".py")
    if source.exists() and source.read_text(encoding="utf-8") != text:
        raise UsageError(
            _("--out {}: {} is there and is another text: name another file, or remove it").format(out, source)
        )
    buffer = io.BytesIO()
    np.savez(buffer, **port.weights)  # type: ignore[arg-type]
    try:
        write_atomically(weights, buffer.getvalue())
        write_atomically(source, text)
    except OSError as error:
        raise UsageError(f"--out {out}: {error.strerror}") from None
    return weights, source


def require(writer: str, column: str) -> None:
    """Raise UsageError unless a port for the target can run here."""
    from importlib.util import find_spec

    if find_spec(MODULES[writer]) is None:
        raise UsageError(_("--port: {} is not installed here: {}").format(MODULES[writer], FRAMEWORKS[column].install))
