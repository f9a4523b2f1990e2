"""The report: the one document that the matrix, the page, JSON and CSV are made of; report.schema.json describes it."""

import csv
import io
from typing import Any

from ..i18n import Say, english
from .answers import Cell, Raw, agrees, make_cell
from .defects import find_defect
from .from_source import FROM_SOURCE, answers_from_source
from .questions import Question, say_name
from .registry import Framework
from .runner import request_id

Report = dict[str, Any]
Measured = dict[str, dict[str, Any]]
NO_VALUE = ("refused", "absent", "killed", "timeout", "fault")


def build_report(frameworks: list[Framework], questions: list[Question], measured: Measured, say: Say) -> Report:
    """Put every framework's answers to every question into one document.

    measured: what runner.measure_all returns. Agreement is with impl, even if impl is not among the frameworks.
    """
    return {
        "schema": 1,
        "frameworks": {f.name: describe_framework(f, questions, measured) for f in frameworks},
        "from_source": {name: {"version": version} for name, version in FROM_SOURCE.items()},
        "questions": [question_entry(q, frameworks, measured, say) for q in questions],
    }


def describe_framework(framework: Framework, questions: list[Question], measured: Measured) -> dict[str, Any]:
    """Return a framework's interface, version, switches, device, status and install command."""
    about = measured[framework.name]["about"].get("about", {})
    cells = [cell_of(question, framework.name, measured, english) for question in questions]
    return {
        "version": about.get("version"),
        "switches": about.get("switches", {}),
        "device": about.get("device", framework.device),
        "interface": framework.interface,
        "status": status(measured[framework.name], {part.kind for cell in cells for part in cell.parts}),
        "install": framework.install,
    }


def status(measured: dict[str, Any], kinds: set[str]) -> str:
    """Return missing if the framework cannot be imported; killed, timeout or fault if a question ended so; else ok."""
    if "missing" in measured["about"]:
        return "missing"
    return next((how for how in ("killed", "timeout", "fault") if how in kinds), "ok")


def question_entry(question: Question, frameworks: list[Framework], measured: Measured, say: Say) -> dict[str, Any]:
    """Return a question's part of the report: its text and everybody's answer."""
    impl = cell_of(question, "impl", measured, say) if "impl" in measured else None
    return {
        "id": question.id,
        "family": say(question.family),
        "question": say(question.question),
        "why": say(question.why),
        "answers": {f.name: answer_entry(question, f.name, measured, impl, say) for f in frameworks},
        "from_source": {
            name: {"shown": say(key), "file": file, "agrees_with_impl": None if impl is None else key == impl.key}
            for name, (key, file) in answers_from_source(question.id).items()
        },
    }


def raw_answers(question: Question, name: str, measured: Measured) -> list[Raw]:
    """Return the answers to a question's inputs as the child sent them, {} where there is none."""
    return [measured[name]["answers"].get(request_id(question, i), {}) for i in range(len(question.samples))]


def cell_of(question: Question, name: str, measured: Measured, say: Say) -> Cell:
    """Return a framework's cell of a question."""
    return make_cell(question, raw_answers(question, name, measured), say, name)


def answer_entry(question: Question, name: str, measured: Measured, impl: Cell | None, say: Say) -> dict[str, Any]:
    """Return one cell's part of the report: the answer, its text, its agreement with impl, its marks."""
    raws = raw_answers(question, name, measured)
    cell = make_cell(question, raws, say, name)
    defect = find_defect(name, question.id, [cell.key, *(part.key for part in cell.parts)])
    inputs = [
        {"input": say_name(sample.name, say), "answer": value_of(raw, part), "shown": part.shown, "kind": part.kind}
        for sample, raw, part in zip(question.samples, raws, cell.parts)
    ]
    return {
        "answer": inputs[0]["answer"],
        "shown": cell.shown,
        "kind": cell.kind,
        "mixed": cell.mixed,
        "inputs": inputs,
        "agrees_with_impl": agrees(cell, impl),
        "unstable": any(raw.get("unstable", False) for raw in raws),
        "note": cell.note,
        "defect": None if defect is None else {"what": say(defect.what), "documentation": defect.link},
    }


def value_of(raw: Raw, part: Cell) -> Any:
    """Return what a probe returned, or an object that names what happened instead; None if nothing was asked."""
    if part.kind == "fault":
        return {"fault": f"{part.detail}: {part.note}"}
    return raw.get("value", {k: raw[k] for k in NO_VALUE if k in raw} or None)


def to_csv(report: Report) -> str:
    """Write the matrix as CSV: a row for each question, a column for each framework with its version."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    names = [f"{n} {f['version'] or ''}".strip() for n, f in report["frameworks"].items()]
    out.writerow(["id", "family", "question", *names, *(f"{n} (from source, not run)" for n in report["from_source"])])
    for q in report["questions"]:
        from_source = [q["from_source"].get(n, {}).get("shown", "") for n in report["from_source"]]
        out.writerow([q["id"], q["family"], q["question"], *(a["shown"] for a in q["answers"].values()), *from_source])
    return text.getvalue()
