"""The report: the one document that terminal, page, JSON and CSV are made of; report.schema.json describes it."""

import csv
import io
from typing import Any

from ..i18n import Say, english
from .answers import Cell, Raw, make_cell
from .columns import compared_pairs
from .comparison import SAME, changed_questions, danger, difference, faulty_questions
from .defects import find_defect
from .from_source import FROM_SOURCE, answers_from_source
from .questions import CORNERS, Question, say_name
from .registry import ELSEWHERE, NAMES_FUNCTIONS, Framework, framework_of
from .runner import encode_inputs, request_id
from .snippets import called_functions, snippet_text
from .sources import DOCUMENTS

Report = dict[str, Any]
Measured = dict[str, dict[str, Any]]
NO_VALUE = ("refused", "absent", "killed", "timeout", "fault")
BASELINE = "torch"


def build_report(
    frameworks: list[Framework], questions: list[Question], measured: Measured, say: Say, baseline: str = BASELINE,
    probes: bool = True,
) -> Report:  # fmt: skip
    """Put every framework's answers to every question into one document.

    measured: what runner.measure_all returns. baseline: the column that the others are compared with, even if it is not
    among the frameworks. probes: with the snippets, which take a second and which a table does not show.
    """
    return {
        "schema": 2,
        "baseline": baseline,
        "frameworks": {f.name: describe_framework(f, questions, measured) for f in frameworks},
        "from_source": {name: {"version": version} for name, version in FROM_SOURCE.items()},
        "questions": [question_entry(q, frameworks, measured, say, baseline, probes) for q in questions],
        "changes": [changes(pair, questions, measured, say) for pair in compared_pairs(frameworks)],
    }


def describe_framework(framework: Framework, questions: list[Question], measured: Measured) -> dict[str, Any]:
    """Return a framework's interface, version, switches, device, status and install command."""
    about = measured[framework.name]["about"].get("about", {})
    cells = [cell_of(question, framework.name, measured, english) for question in questions]
    return {
        "framework": framework_of(framework.name),
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


def question_entry(
    question: Question, frameworks: list[Framework], measured: Measured, say: Say, baseline: str, probes: bool = True
) -> dict[str, Any]:
    """Return a question's part of the report: its text, its inputs, and everybody's answer."""
    column = baseline_column(question, measured, baseline)
    answers = {f.name: answer_entry(question, f, measured, column, say, probes) for f in frameworks}
    others = [(a["difference"], raw_answers(question, name, measured)) for name, a in answers.items()]
    base = cell_of(question, column, measured, english) if column else None
    return {
        "id": question.id,
        "family": say(question.family),
        "question": say(question.question),
        "why": say(question.why),
        "how": say(question.interpretation.how),
        "inputs": [{"input": s.name, "given": encode_inputs(s.inputs)} for s in question.samples],
        "links": [DOCUMENTS[key] for key in question.sources],
        "corner": question.id in CORNERS,
        "danger": danger(question, others, raw_answers(question, column, measured)) if column else 0.0,
        "baseline": column,
        "answers": answers,
        "from_source": {
            name: {
                "shown": say(key),
                "file": file,
                "agrees_with_baseline": None if base is None else key == base.key,
            }
            for name, (key, file) in answers_from_source(question.id).items()
        },
    }


def baseline_column(question: Question, measured: Measured, baseline: str) -> str | None:
    """Return the column that others are compared with: the baseline, or another interface of it that has an answer."""
    for name in (baseline, *ELSEWHERE.get(baseline, ())):
        if name in measured and cell_of(question, name, measured, english).kind not in ("absent", "missing", "fault"):
            return name
    return None


def raw_answers(question: Question, name: str, measured: Measured) -> list[Raw]:
    """Return the answers to a question's inputs as the child sent them, {} where there is none."""
    return [measured[name]["answers"].get(request_id(question, i), {}) for i in range(len(question.samples))]


def cell_of(question: Question, name: str, measured: Measured, say: Say) -> Cell:
    """Return a framework's cell of a question."""
    return make_cell(question, raw_answers(question, name, measured), say, framework_of(name))


def answer_entry(
    question: Question, framework: Framework, measured: Measured, baseline: str | None, say: Say, probes: bool = True
) -> dict[str, Any]:
    """Return one cell's part of the report: the answer, its text, how it differs from the baseline, its marks."""
    name = framework.name
    raws = raw_answers(question, name, measured)
    cell = cell_of(question, name, measured, say)
    differs = difference_from(question, name, measured, baseline)
    defect = find_defect(framework_of(name), question.id, [cell.key, *(part.key for part in cell.parts)])
    inputs = [
        {"input": say_name(sample.name, say), "answer": value_of(raw, part), "shown": part.shown, "kind": part.kind}
        for sample, raw, part in zip(question.samples, raws, cell.parts)
    ]
    answered = cell.kind not in ("absent", "missing")
    named = answered and (probes or framework_of(name) in NAMES_FUNCTIONS)
    return {
        "answer": inputs[0]["answer"],
        "shown": cell.shown,
        "kind": cell.kind,
        "mixed": cell.mixed,
        "inputs": inputs,
        "agrees_with_baseline": None if differs is None else differs == SAME,
        "difference": differs,
        "unstable": any(raw.get("unstable", False) for raw in raws),
        "note": cell.note,
        "functions": called_functions(framework, question) if named else [],
        "probe": snippet_text(framework, question) if answered and probes else "",
        "defect": None if defect is None else {"what": say(defect.what), "documentation": defect.link},
    }


def difference_from(question: Question, name: str, measured: Measured, baseline: str | None) -> str | None:
    """Return how a column's cell differs from the baseline's, None if one of them has no answer."""
    if baseline is None:
        return None
    cells = [(cell_of(question, n, measured, english), raw_answers(question, n, measured)) for n in (name, baseline)]
    return difference(question, *cells[0], *cells[1])


def value_of(raw: Raw, part: Cell) -> Any:
    """Return what a probe returned, or an object that names what happened instead; None if nothing was asked."""
    if part.kind == "fault":
        return {"fault": f"{part.detail}: {part.note}"}
    return raw.get("value", {k: raw[k] for k in NO_VALUE if k in raw} or None)


def changes(pair: tuple[str, str], questions: list[Question], measured: Measured, say: Say) -> dict[str, Any]:
    """Return what two columns of one framework answer differently."""
    one, other = ([cell_of(q, name, measured, say) for q in questions] for name in pair)
    changed = [
        {"id": q.id, "question": say(q.question), "before": a.shown, "after": b.shown}
        for q, a, b in changed_questions(questions, one, other)
    ]
    missing = [name for name in pair if "missing" in measured[name]["about"]]
    return {
        "before": pair[0],
        "after": pair[1],
        "asked": len(questions),
        "missing": missing,
        "faults": faulty_questions(questions, one, other),
        "changed": changed,
    }


def to_csv(report: Report) -> str:
    """Write the matrix as CSV: a row for each question, a column for each framework with its version."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    names = [n if " " in n else f"{n} {f['version'] or ''}".strip() for n, f in report["frameworks"].items()]
    out.writerow(["id", "family", "question", *names, *(f"{n} (from source, not run)" for n in report["from_source"])])
    for q in report["questions"]:
        from_source = [q["from_source"].get(n, {}).get("shown", "") for n in report["from_source"]]
        out.writerow([q["id"], q["family"], q["question"], *(a["shown"] for a in q["answers"].values()), *from_source])
    return text.getvalue()
