"""Every framework asked every question, each framework in its own process and twice, two frameworks at a time."""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any

from . import cache
from .child import encode
from .parent import Request, ask
from .questions import Question
from .registry import Framework

WORKERS = 2
SLOWEST = ("jax", "tensorflow", "keras", "torch")  # to import; they are started first


def requests_for(questions: list[Question]) -> list[Request]:
    """Return the requests that a framework is sent, one for each input: the id, the default call, the input."""
    return [
        {"id": request_id(q, i), "call": q.call, "inputs": encode_inputs(sample.inputs)}
        for q in questions
        for i, sample in enumerate(q.samples)
    ]


def request_id(question: Question, i: int) -> str:
    """Return the id of a question's input: S01 for the first, S01#1, S01#2 for the others."""
    return f"{question.id}#{i}" if i else question.id


def encode_inputs(inputs: dict[str, Any]) -> dict[str, Any]:
    """Return an input's arrays and numbers as JSON."""
    return {name: encode(value) for name, value in inputs.items()}


def measure(
    framework: Framework, requests: list[Request], python: str = sys.executable, keep: bool = True,
    recipes: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Return {"about": ..., "answers": {id: answer}}; an answer that differs in the second run is marked unstable.

    keep: read and write the cache. recipes: the calls are recipes of the framework, which are run once.
    """
    if framework.module and python == sys.executable and find_spec(framework.module) is None:
        return {"about": {"missing": f"no module {framework.module}"}, "answers": {}}
    key = cache.cache_key(framework, requests, python, recipes) if keep and not framework.target else ""
    if key and (cached := cache.load(key)):
        return cached
    with tempfile.TemporaryDirectory() as compiled:
        about, answers = ask(framework, requests, python, recipes, compiled=compiled)
        repeat = answers and not recipes and not framework.slow
        second = ask(framework, requests, python, compiled=compiled)[1] if repeat else {}
    if repeat:
        for id, answer in answers.items():
            answer["unstable"] = compared_part(answer) != compared_part(second.get(id, {}))
    measured = {"about": about, "answers": answers}
    if key and "missing" not in about:
        cache.save(key, measured)
    return measured


def compared_part(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without what may vary from run to run: its time and its message."""
    return {k: v for k, v in answer.items() if k not in ("seconds", "message", "unstable")}


def measure_all(
    frameworks: list[Framework], questions: list[Question], pythons: dict[str, str], keep: bool = True
) -> dict[str, dict[str, Any]]:
    """Measure several frameworks; return {name: result} in their order."""
    requests = requests_for(questions)
    with ThreadPoolExecutor(WORKERS) as pool:
        futures = {
            f.name: pool.submit(measure, f, requests, pythons.get(f.name, sys.executable), keep)
            for f in slowest_first(frameworks)
        }
        return {f.name: futures[f.name].result() for f in frameworks}


def slowest_first(frameworks: list[Framework]) -> list[Framework]:
    """Sort frameworks so that the slowest to import come first."""
    return sorted(frameworks, key=lambda f: SLOWEST.index(f.adapter) if f.adapter in SLOWEST else len(SLOWEST))
