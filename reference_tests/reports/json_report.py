"""Verdicts as JSON; verify.schema.json describes the format."""

import json
from typing import Any

from ..conformance import absences, spoken
from ..conformance.examination import Examination
from ..conformance.judge import count_by_level
from ..conformance.types import Verdict


def examination_data(target: str, found: Examination, environment: dict[str, object]) -> dict[str, Any]:
    """Return an examination's report. environment: what it ran on."""
    return {
        "schema": 1,
        "target": target,
        "ok": found.ok and not found.not_reached,
        "environment": environment,
        "not_reached": list(found.not_reached),
        "notes": absences.header(found.notes) + spoken.header(found.interfaces),
        "components": {name: component_data(found, name) for name in found.components},
    }


def component_data(found: Examination, name: str) -> dict[str, Any]:
    """Return the part of a report about one component."""
    verdicts = found.components[name]
    return {
        "status": found.status(name),
        "passed": sum(v.status == "pass" for v in verdicts),
        "total": len(verdicts),
        "levels": count_by_level((v.check.level, v.status) for v in verdicts),
        "why": found.why_absent(name),
        "reading": spoken.reading_data(found.interfaces.get(found.name_of(name))),
        "checks": [check_data(v) for v in verdicts],
    }


def check_data(v: Verdict) -> dict[str, Any]:
    """Return the part of a report about one check."""
    return {
        "id": v.check.id,
        "title": f"{v.check.case.why}; {v.check.scenario.title}",
        "level": v.check.level,
        "status": v.status,
        "reason": v.reason,
        "message": v.message,
        "diagnosis": {"code": v.diagnosis.code, "text": v.diagnosis.text} if v.diagnosis else None,
        "seconds": round(v.seconds, 4),
    }


def to_text(report: dict[str, Any]) -> str:
    """Return a report as the text of a JSON file."""
    return json.dumps(report, indent=1, ensure_ascii=False) + "\n"
