"""The parent of a framework's process.

It starts the process, sends the requests, reads the answers, kills it when it takes too long, and starts it again after
a crash.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from .registry import Framework, framework_of

ROOT = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("child.py")
PORTING = Path(__file__).with_name("porting")
START = 120.0  # seconds for a framework's import, on a slow disk
QUESTION = 20.0  # seconds for one answer, its compilation included
SLOW_QUESTION = 120.0  # where a C++ compiler runs for each answer
XLA_KEEPS_ALL = {"JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0", "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1"}
Request = dict[str, Any]
Answers = dict[str, dict[str, Any]]


class Ended(Exception):
    """The process is gone: of its own accord, by a signal, or killed by us after the time limit."""

    def __init__(self, how: dict[str, Any]) -> None:
        super().__init__(str(how))
        self.how = how


def ask(
    framework: Framework, requests: list[Request], python: str = sys.executable, recipes: bool = False,
    limit: float = QUESTION, compiled: str = "", answered: Callable[[], object] = bool,
) -> tuple[dict[str, Any], Answers]:  # fmt: skip
    """Send the requests to a framework; return what it says of itself and {id: answer}.

    recipes: the calls are recipes. limit: seconds for one answer. compiled: a folder where XLA may leave what it has
    compiled, for the next process. answered: is called after each answer. A crash costs the answer in which it
    happened.
    """
    left, answers = list(requests), Answers()
    about: dict[str, Any] = {}
    while left:
        begun = False
        try:
            for message in read_messages(framework, left, python, recipes, limit, compiled):
                if "about" in message or "missing" in message:
                    about, begun = about or message, True
                elif "seconds" in message:
                    answers[message.pop("id")] = message
                    left.pop(0)
                    answered()
        except Ended as end:
            if not begun:
                return {"ended": end.how}, dict.fromkeys((request["id"] for request in requests), end.how)
            answers[left.pop(0)["id"]] = end.how
            answered()
        if "missing" in about:
            break
    return about, answers


def read_messages(
    framework: Framework, requests: list[Request], python: str, recipes: bool, limit: float, compiled: str
) -> Iterator[dict[str, Any]]:
    """Yield the messages of one process until it has answered everything. Raises Ended if it ends earlier."""
    file = framework.recipes if recipes else framework.file
    name = framework_of(framework.name)
    command = [python, "-c", CHILD.read_text(encoding="utf-8"), str(file), name, framework.device]
    with tempfile.TemporaryFile() as questions, tempfile.TemporaryFile() as noise:
        questions.write("\n".join(map(json.dumps, requests)).encode())
        questions.seek(0)
        process = subprocess.Popen(
            command,
            stdin=questions,
            stdout=subprocess.PIPE,
            stderr=noise,
            cwd=file.parent,  # a learner's folder may hold a torch.py, or an impl of its own
            env=make_environment(framework, compiled, recipes),
            start_new_session=True,
        )
        assert process.stdout is not None
        try:
            for text in read_lines(process.stdout.fileno(), limit):
                yield json.loads(text)
            if process.wait(limit):
                raise Ended(describe_exit(process.returncode, last_line(noise)))
        except TimeoutError as late:
            raise Ended({"timeout": late.args[0]}) from None
        finally:
            kill_group(process)


def make_environment(framework: Framework, compiled: str, recipes: bool = False) -> dict[str, str]:
    """Return the environment of a framework's process; an adapter of this repository's code can import it."""
    ours = {"PYTHONWARNINGS": "ignore", "CONVCHECK_TARGET": framework.target}
    if recipes:
        ours["PYTHONPATH"] = str(PORTING)  # their functions of NumPy
    if compiled:
        ours |= {"JAX_COMPILATION_CACHE_DIR": compiled, **XLA_KEEPS_ALL}
    if framework.adapter in ("impl", "target"):
        ours["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, **dict(framework.setting), **ours}


def read_lines(pipe: int, limit: float) -> Iterator[str]:
    """Yield each line as it comes. Raises TimeoutError if none comes within the limit (START for the first)."""
    rest, patience = b"", START
    while True:
        deadline = time.monotonic() + patience
        while b"\n" not in rest:
            if not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise TimeoutError(patience)
            some = os.read(pipe, 1 << 16)
            if not some:
                return
            rest += some
        line, rest = rest.split(b"\n", 1)
        patience = limit
        yield line.decode()


def describe_exit(code: int, words: str) -> dict[str, Any]:
    """Describe a process's exit status as an answer of the kind killed."""
    if code < 0:
        return {"killed": signal.Signals(-code).name, "message": words}
    return {"killed": f"exit code {code}", "message": words}


def last_line(noise: IO[bytes]) -> str:
    """Return the last line of a process's standard error, up to 300 characters."""
    noise.seek(0)
    lines = noise.read().decode(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else ""


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and everything that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()
