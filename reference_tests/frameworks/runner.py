"""Every framework asked every question, each framework in its own process and twice, two frameworks at a time."""

import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import Any

import numpy as np

from . import cache
from .child import encode
from .parent import QUESTION, SLOW_QUESTION, Answers, Request, ask
from .questions import Question
from .registry import Framework

WORKERS = 2
Progress = Callable[[str, int], None]  # is told a column and how many of its requests are answered
SLOWEST = ("jax", "tensorflow", "keras", "torch")  # to import; they are started first


def unheard(column: str, answered: int) -> None:
    """Take no notice of the progress."""


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
    return {name: encode_briefly(value) for name, value in inputs.items()}


def encode_briefly(value: Any) -> Any:
    """Encode a value; numbers of float32 with as many digits as tell them from their neighbours, not as doubles."""
    encoded = encode(value)
    if isinstance(value, np.ndarray) and value.dtype == np.float32:
        encoded["data"] = encode([float(str(number)) for number in value.ravel()])
    return encoded


def measure(
    framework: Framework, requests: list[Request], python: str = sys.executable, keep: bool = True,
    recipes: bool = False, progress: Progress = unheard,
) -> dict[str, Any]:  # fmt: skip
    """Return {"about": ..., "answers": {id: answer}}; an answer that differs in the second run is marked unstable.

    keep: read and write the cache. recipes: the calls are recipes of the framework, which are run once. progress: is
    told the column and how many of its requests are answered.
    """
    if framework.module and python == sys.executable and find_spec(framework.module) is None:
        return {"about": {"missing": f"no module {framework.module}"}, "answers": {}}
    key = cache.cache_key(framework, python, recipes) if keep and not framework.target else ""
    stored = (key and cache.load(key)) or {"about": {}, "answers": {}}
    keys = {request["id"]: cache.request_key(request) for request in requests}
    new = [request for request in requests if keys[request["id"]] not in stored["answers"]]
    if new or not stored["about"]:
        about, answers = ask_twice(framework, new, python, recipes, progress)
        stored = {"about": about, "answers": {**stored["answers"], **{keys[id]: one for id, one in answers.items()}}}
        if key and "about" in about:
            cache.save(key, stored)
    progress(framework.name, len(requests))
    found = {id: stored["answers"][hashed] for id, hashed in keys.items() if hashed in stored["answers"]}
    return {"about": stored["about"], "answers": found}


def ask_twice(
    framework: Framework, requests: list[Request], python: str, recipes: bool, progress: Progress
) -> tuple[dict[str, Any], Answers]:
    """Ask a framework's process, and a second one to see which answers are stable; recipes and slow ones only once."""
    done = iter(range(1, len(requests) + 1))
    with tempfile.TemporaryDirectory() as compiled:
        about, answers = ask(
            framework, requests, python, recipes, SLOW_QUESTION if framework.slow else QUESTION, compiled=compiled,
            answered=lambda: progress(framework.name, next(done)),
        )  # fmt: skip
        repeat = answers and not recipes and not framework.slow
        second = ask(framework, requests, python, compiled=compiled)[1] if repeat else {}
    if repeat:
        for id, answer in answers.items():
            answer["unstable"] = compared_part(answer) != compared_part(second.get(id, {}))
    return about, answers


def compared_part(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without what may vary from run to run: its time and its message."""
    return {k: v for k, v in answer.items() if k not in ("seconds", "message", "unstable")}


def measure_all(
    frameworks: list[Framework], questions: list[Question], pythons: dict[str, str], keep: bool = True,
    progress: Progress = unheard,
) -> dict[str, dict[str, Any]]:  # fmt: skip
    """Measure several frameworks; return {name: result} in their order."""
    requests = requests_for(questions)
    with ThreadPoolExecutor(WORKERS) as pool:
        futures = {
            f.name: pool.submit(measure, f, requests, pythons.get(f.name, sys.executable), keep, False, progress)
            for f in slowest_first(frameworks)
        }
        return {f.name: futures[f.name].result() for f in frameworks}


def slowest_first(frameworks: list[Framework]) -> list[Framework]:
    """Sort frameworks so that the slowest to import come first."""
    return sorted(frameworks, key=lambda f: SLOWEST.index(f.adapter) if f.adapter in SLOWEST else len(SLOWEST))
