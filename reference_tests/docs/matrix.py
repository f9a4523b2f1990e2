"""The compare matrix: what every framework was recorded to answer, a page for each family of questions.

The record is frameworks/recorded.json, measured at the versions in it; nothing is run when the site is built.
"""

import re
from functools import cache
from html import escape
from typing import Any

from ..frameworks import recorded
from ..frameworks.answers import ABSENT, FOR
from ..frameworks.defects import find_defect
from ..frameworks.questions import QUESTIONS, Question, say_name
from ..i18n import N_, _, speaking

BASELINE = "torch"  # the column that the others are compared with
TITLE = N_("How frameworks behave: {family}")
INTRODUCTION = N_(
    "Recorded answers of {n} frameworks, at the versions in the head of each table. `convcheck compare` asks those "
    "that you have, live, and `convcheck compare --explain {id}` shows one question with its probes and sources."
)
WIDE = "---\nhide: [navigation, toc]\n---"  # the page has the whole width
MARKS = N_("≠ differs from {name} · ! contradicts its own documentation · – not offered")
NAMED = re.compile(r"(?P<answer>.*?)(?: \((?P<detail>[^()]*)\))?(?: for (?P<inputs>.+))?")


def pages(language: str) -> dict[str, str]:
    """Return the pages of the matrix in a language: the path without its suffix -> the text."""
    with speaking(language):
        return {"matrix/index": index_page(), **{f"matrix/{path_of(name)}": family_page(name) for name in families()}}


@cache
def families() -> dict[str, list[Question]]:
    """Return the questions whose answers are recorded, by family."""
    found: dict[str, list[Question]] = {}
    for question in QUESTIONS:
        if any(question.id in column["answers"] for column in recorded.load().values()):
            found.setdefault(question.family, []).append(question)
    return found


def path_of(family: str) -> str:
    """Return the name of a family's page."""
    return family.replace(" ", "-")


def columns() -> dict[str, Any]:
    """Return the recorded columns, the baseline first."""
    record = recorded.load()
    return {BASELINE: record[BASELINE], **record}


def index_page() -> str:
    """Return the list of the families with the number of their questions."""
    lines = [f"# {_('How frameworks behave')}", "", introduction(QUESTIONS[0].id), ""]
    lines += [f"- [{_(name)}]({path_of(name)}.md): {len(asked)}" for name, asked in families().items()]
    return "\n".join(lines) + "\n"


def introduction(example: str) -> str:
    """Return the sentence that says what the matrix is. example: a question's id."""
    return _(INTRODUCTION).format(n=len(columns()), id=example)


def family_page(family: str) -> str:
    """Return the page of a family: a row for each question, a column for each framework."""
    asked = families()[family]
    heads = "".join(
        f"<th scope='col'>{escape(name)}<br><small>{escape(column['version'] or '')}</small></th>"
        for name, column in columns().items()
    )
    rows = "".join(row_of(question) for question in asked)
    table = f"<table><thead><tr><th scope='col'>{_('question')}</th>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    parts = [WIDE, f"# {_(TITLE).format(family=_(family))}", introduction(asked[0].id), _(MARKS).format(name=BASELINE)]
    return (
        "\n\n".join([*parts, f"<div class='matrix' tabindex='0' markdown='0'>{table}</div>", *defects_of(asked)]) + "\n"
    )


def row_of(question: Question) -> str:
    """Return a question's row: what is asked and why it matters, and every framework's answer."""
    head = f"<b>{question.id}</b> {escape(_(question.question))}<br><small>{escape(_(question.why))}</small>"
    answers = {name: column["answers"].get(question.id, "") for name, column in columns().items()}
    cells = "".join(cell_of(question, name, text, answers[BASELINE]) for name, text in answers.items())
    return f"<tr id='{question.id}'><th scope='row'>{head}</th>{cells}</tr>"


def cell_of(question: Question, name: str, text: str, base: str) -> str:
    """Return one answer, marked if it differs from the baseline's or contradicts the framework's own documentation."""
    if text in ("", ABSENT):
        return "<td>–</td>"
    differs = base not in ("", ABSENT) and without_details(text) != without_details(base)
    defect = " <b class='defect'>!</b>" if find_defect(name, question.id, [without_details(text)]) else ""
    return f"<td{' class=differs' if differs else ''}>{'≠ ' if differs else ''}{escape(say_answer(text))}{defect}</td>"


def parts_of(text: str) -> list[dict[str, str]]:
    """Return the answers that a recorded text holds, each with its detail and its inputs."""
    found = [NAMED.fullmatch(part) for part in text.split("; ")]
    return [{key: value or "" for key, value in part.groupdict().items()} for part in found if part]


def without_details(text: str) -> str:
    """Return a recorded text without what is shown and not compared, such as the name of an exception."""
    return "; ".join(" for ".join(filter(None, [part["answer"], part["inputs"]])) for part in parts_of(text))


def say_answer(text: str) -> str:
    """Return a recorded text in the current language."""
    if _(text) != text:
        return _(text)
    said = []
    for part in parts_of(text):
        answer, detail, inputs = part.values()
        whole = f"{answer} ({detail})" if detail else answer
        known = _(whole) != whole
        answer = _(whole) if known else _(answer) + (f" ({detail})" if detail else "")
        said.append(_(FOR).format(answer=answer, inputs=say_name(inputs, _)) if inputs else answer)
    return "; ".join(said)


def defects_of(asked: list[Question]) -> list[str]:
    """Return what is known of the marked answers, each with the document that it contradicts."""
    found = {}
    for question in asked:
        for name, column in columns().items():
            if defect := find_defect(name, question.id, [without_details(column["answers"].get(question.id, ""))]):
                found[name, question.id] = f"- **{name} {question.id}**: {_(defect.what)} <{defect.link}>"
    return ["\n".join(found.values())] if found else []
