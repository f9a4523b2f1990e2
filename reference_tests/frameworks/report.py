"""The one document that the matrix, the page, JSON and CSV are made of; report.schema.json describes it."""

import csv
import io
from typing import Any

from .answers import Cell, Raw, agrees, cell
from .defects import defect
from .from_source import FROM_SOURCE, stated
from .language import Say
from .questions import Question
from .registry import Column

Report = dict[str, Any]
Measured = dict[str, dict[str, Any]]


def build(columns: list[Column], questions: list[Question], measured: Measured, say: Say) -> Report:
    """Every column's answers to every question; impl need not be among the columns to be compared with."""
    return {
        "schema": 1,
        "frameworks": {c.name: framework(c, measured[c.name]) for c in columns},
        "from_source": {name: {"version": version} for name, version in FROM_SOURCE.items()},
        "questions": [entry(q, columns, measured, say) for q in questions],
    }


def framework(column: Column, measured: dict[str, Any]) -> dict[str, Any]:
    """Version, switches, device, status and how to install it."""
    about = measured["about"].get("about", {})
    return {
        "version": about.get("version"),
        "switches": about.get("switches", {}),
        "device": about.get("device", column.device),
        "status": status(measured),
        "install": column.install,
    }


def status(measured: dict[str, Any]) -> str:
    """missing: cannot be imported; killed, timeout: that happened at one question at least, which says so; else ok."""
    about, answers = measured["about"], measured["answers"].values()
    if "missing" in about:
        return "missing"
    return next((how for how in ("killed", "timeout") if any(how in a for a in answers)), "ok")


def entry(question: Question, columns: list[Column], measured: Measured, say: Say) -> dict[str, Any]:
    impl = read(question, "impl", measured, say)
    return {
        "id": question.id,
        "family": say(question.family),
        "question": say(question.question),
        "why": say(question.why),
        "answers": {c.name: answer(question, c.name, measured, impl, say) for c in columns},
        "from_source": {
            name: {"shown": say(key), "file": file, "agrees_with_impl": None if impl is None else key == impl.key}
            for name, (key, file) in stated(question.id).items()
        },
    }


def read(question: Question, name: str, measured: Measured, say: Say) -> Cell | None:
    return cell(question, raw_answer(question, name, measured), say) if name in measured else None


def raw_answer(question: Question, name: str, measured: Measured) -> Raw:
    return measured[name]["answers"].get(question.id, {})


def answer(question: Question, name: str, measured: Measured, impl: Cell | None, say: Say) -> dict[str, Any]:
    """One cell: the answer itself, what is shown, whether impl says so too, whether it varied between two runs."""
    raw = raw_answer(question, name, measured)
    one = cell(question, raw, say)
    wrong = defect(name, question.id, one.key)
    return {
        "answer": raw.get(
            "value", {k: raw[k] for k in ("refused", "absent", "killed", "timeout", "fault") if k in raw} or None
        ),
        "shown": one.shown,
        "kind": one.kind,
        "agrees_with_impl": agrees(one, impl),
        "unstable": bool(raw.get("unstable", False)),
        "note": say(raw["absent"]) if "absent" in raw else raw.get("message", ""),
        "defect": None if wrong is None else {"what": say(wrong.what), "documentation": wrong.link},
    }


def as_csv(report: Report) -> str:
    """A row a question, a column a framework with its version."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    names = [f"{n} {f['version'] or ''}".strip() for n, f in report["frameworks"].items()]
    out.writerow(["id", "family", "question", *names, *(f"{n} (from source, not run)" for n in report["from_source"])])
    for q in report["questions"]:
        told = [q["from_source"].get(n, {}).get("shown", "") for n in report["from_source"]]
        out.writerow([q["id"], q["family"], q["question"], *(a["shown"] for a in q["answers"].values()), *told])
    return text.getvalue()
