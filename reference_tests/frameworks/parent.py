"""One column's process: started, fed, read line by line, ended when it takes too long, started again after a death."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .registry import Column

ROOT = Path(__file__).parents[2]
SERVE = Path(__file__).with_name("child.py")
START = 120.0  # seconds for a framework's import, on a slow disk
QUESTION = 20.0  # seconds for one answer, its compilation included
Ask = dict[str, Any]
Answers = dict[str, dict[str, Any]]


class Ended(Exception):
    """The process is gone: of itself, by a signal, or by us after the time limit."""

    def __init__(self, how: dict[str, Any]):
        super().__init__(str(how))
        self.how = how


def ask(column: Column, asks: list[Ask], python: str = sys.executable, recipes: bool = False, limit: float = QUESTION):
    """What the column says of itself, and {id: answer} to every question; a death costs the one it happened in."""
    left, about, answers = list(asks), Ask(), Answers()
    while left:
        begun = False
        try:
            for line in lines(column, left, python, recipes, limit):
                if "about" in line or "missing" in line:
                    about, begun = about or line, True
                elif "seconds" in line:
                    answers[line.pop("id")] = line
                    left.pop(0)
        except Ended as end:
            if not begun:
                return {"ended": end.how}, dict.fromkeys((a["id"] for a in asks), end.how)
            answers[left.pop(0)["id"]] = end.how
        if "missing" in about:
            break
    return about, answers


def lines(column: Column, asks: list[Ask], python: str, recipes: bool, limit: float) -> Iterator[dict[str, Any]]:
    """The lines one process says, until it has answered everything; raises Ended when it does not."""
    file = column.recipes if recipes else column.file
    command = [python, "-c", SERVE.read_text(encoding="utf-8"), str(file), column.name, column.device]
    with tempfile.TemporaryFile() as questions, tempfile.TemporaryFile() as noise:
        questions.write("\n".join(map(json.dumps, asks)).encode())
        questions.seek(0)
        process = subprocess.Popen(
            command,
            stdin=questions,
            stdout=subprocess.PIPE,
            stderr=noise,
            cwd=file.parent,  # a learner's folder may hold a torch.py, or an impl of its own
            env=environment(column),
            start_new_session=True,
        )
        assert process.stdout is not None
        try:
            for text in read(process.stdout.fileno(), limit):
                yield json.loads(text)
            if process.wait(limit):
                raise Ended(how_it_ended(process.returncode, last_words(noise)))
        except TimeoutError as late:
            raise Ended({"timeout": late.args[0]}) from None
        finally:
            end(process)


def environment(column: Column) -> dict[str, str]:
    """Ours and the column's; the columns that ask this repository's code can import it."""
    ours = {"PYTHONWARNINGS": "ignore", "CONVCHECK_TARGET": column.target}
    if column.adapter in ("impl", "target"):
        ours["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, **dict(column.setting), **ours}


def read(pipe: int, limit: float) -> Iterator[str]:
    """Each line as it comes; TimeoutError when none comes within the limit (START for the first)."""
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


def how_it_ended(code: int, words: str) -> dict[str, Any]:
    if code < 0:
        return {"killed": signal.Signals(-code).name, "message": words}
    return {"killed": f"exit code {code}", "message": words}


def last_words(noise: Any) -> str:
    noise.seek(0)
    said = noise.read().decode(errors="replace").strip().splitlines()
    return said[-1][:300] if said else ""


def end(process: subprocess.Popen[bytes]) -> None:
    """Nothing of the process group is left behind."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()
