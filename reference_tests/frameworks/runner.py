"""Every column asked every question, each column in its own process and twice, two at a time."""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from . import cache
from .child import writable
from .parent import Ask, ask
from .questions import Question
from .registry import Column

WORKERS = 2


def asks_of(questions: list[Question]) -> list[Ask]:
    """The questions as they are sent: id, the probe's name, the inputs."""
    return [{"id": q.id, "call": q.id, "inputs": inputs(q)} for q in questions]


def inputs(question: Question) -> dict[str, Any]:
    return {name: writable(a) for name, a in question.inputs.items()}


def measure(
    column: Column, asks: list[Ask], python: str = sys.executable, keep: bool = True, recipes: bool = False
) -> dict[str, Any]:
    """{"about": ..., "answers": {id: answer}} of one column; an answer that differed in the second run has unstable.

    recipes: the calls are recipes of the column, which are run once.
    """
    name = cache.key(column, asks, python, recipes) if keep and not column.target else ""
    if name and (kept := cache.load(name)):
        return kept
    about, answers = ask(column, asks, python, recipes)
    if answers and not recipes:
        again = ask(column, asks, python)[1]
        for id, answer in answers.items():
            answer["unstable"] = without_time(answer) != without_time(again.get(id, {}))
    measured = {"about": about, "answers": answers}
    if name and "missing" not in about:
        cache.save(name, measured)
    return measured


def without_time(answer: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in answer.items() if k not in ("seconds", "message", "unstable")}


def measure_all(
    columns: list[Column], questions: list[Question], pythons: dict[str, str], keep: bool = True
) -> dict[str, dict[str, Any]]:
    """{column: what measure gives}, in the order of the columns."""
    asks = asks_of(questions)
    with ThreadPoolExecutor(WORKERS) as pool:
        futures = {
            c.name: pool.submit(measure, c, asks, pythons.get(c.name, sys.executable), keep)
            for c in slowest_first(columns)
        }
        return {c.name: futures[c.name].result() for c in columns}


def slowest_first(columns: list[Column]) -> list[Column]:
    slow = ("jax", "tensorflow", "keras", "torch")
    return sorted(columns, key=lambda c: slow.index(c.adapter) if c.adapter in slow else len(slow))
