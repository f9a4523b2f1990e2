"""Changes that cosmic-ray makes to impl, one at a time, in a copy: what notices them, and what nothing notices.

What kills is the suite (every check of the contract, advice too) or the functional tests of the changed file. A timeout
is no kill. What survives is equivalent and written down in survivors.json with the reason, or a case is missing.
"""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SURVIVORS = Path(__file__).with_name("survivors.json")
LIMIT = 700.0  # seconds that cosmic-ray waits; warm.py says timeout before that
COPIED = ("impl", "reference_tests", "golden", "conftest.py", "pyproject.toml")
BINARY = "Add_Sub Add_Mul Sub_Add Mul_Add Mul_Div Div_Mul Div_FloorDiv FloorDiv_Div FloorDiv_Mul Mod_FloorDiv Pow_Mul"
COMPARED = "Eq_NotEq NotEq_Eq Lt_LtE Lt_GtE LtE_Lt LtE_Gt Gt_GtE Gt_LtE GtE_Gt GtE_Lt Is_IsNot IsNot_Is"
OPERATORS = re.compile(  # those that make a slip somebody could make; no shifts, no bits
    rf"core/(ReplaceBinaryOperator_({'|'.join(BINARY.split())})|ReplaceComparisonOperator_({'|'.join(COMPARED.split())})"
    r"|ReplaceUnaryOperator_(Delete_\w+|USub_UAdd)|NumberReplacer|Replace(True|False|And|Or|Break|Continue)\w+|AddNot"
    r"|ZeroIterationForLoop|ExceptionReplacer|RemoveDecorator)"
)
FUNCTIONAL, OURS = "functional/test_", "test_layers"
TESTS = {  # module of impl -> its tests, below tests/impl
    **{f"functional/{name}": f"{FUNCTIONAL}{name}" for name in
       ("shapes", "activation", "linear", "loss", "normalization", "dropout", "patches", "pooling", "convolution")},
    "functional/adaptive_pooling": f"{FUNCTIONAL}pooling",
    "functional/conv_transpose": f"{FUNCTIONAL}convolution",
    "functional/locally_connected": "test_extra_layers",
    "functional/checks": f"{FUNCTIONAL}shapes",
    **{f"functional/conv_algorithms/{name}": f"{FUNCTIONAL}conv_algorithms" for name in
       ("__init__", "banded", "im2col", "pointwise", "batched_im2col", "winograd")},
    "layers/lenet": "test_networks",
    **{f"layers/{name}": OURS for name in
       ("activation", "affine", "batch_norm", "convolution", "dropout", "global_pooling",
        "grouped_convolution", "locally_connected", "lrn", "mean_normalization", "merging", "pooling",
        "softmax_with_loss", "spatial_pyramid_pooling", "transposed_convolution")},
    "networks/simple_conv_net": "test_simple_conv_net",
}  # fmt: skip


class NoCosmicRay(Exception):
    """cosmic-ray is not installed: the extra dev has it."""


@dataclass(frozen=True)
class Outcome:
    """What became of one change of one module."""

    module: str
    before: str  # the changed line
    after: str
    said: str  # survived, killed by ..., timeout

    @property
    def change(self) -> str:
        return f"{self.before} -> {self.after}"


Seen = Callable[[Outcome], None]


def outcomes(
    modules: list[str], each: int | None, seed: int, jobs: int, seen: Seen, folder: Path | None = None
) -> list[Outcome]:
    """All changes of these modules, or `each` of every one. A folder keeps what is done for a later run."""
    with place(folder) as home, ThreadPoolExecutor(jobs) as pool:
        queue = sorted(modules, key=lambda m: -len((ROOT / f"impl/{m}.py").read_text(encoding="utf-8")))
        workers = [pool.submit(work, home, number, queue, each, seed, seen) for number in range(jobs)]
        return [one for worker in workers for one in worker.result()]


@contextmanager
def place(folder: Path | None) -> Iterator[Path]:
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.resolve()
    else:
        with tempfile.TemporaryDirectory(prefix="convcheck-mutants-") as home:
            yield Path(home)


def work(home: Path, number: int, queue: list[str], each: int | None, seed: int, seen: Seen) -> list[Outcome]:
    """One worker: its own copy and its own warm process, a module after the other."""
    tree, found = home / f"tree{number}", []
    for name in COPIED:
        fresh_copy(ROOT / name, tree / name)
    with mutation_server(tree, home / f"door{number}") as ask:
        while queue:
            found += of_module(home, tree, queue.pop(0), ask, each, seed, seen)
    return found


def fresh_copy(source: Path, target: Path) -> None:
    """What an earlier run left changed is replaced."""
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


@contextmanager
def mutation_server(tree: Path, door: Path) -> Iterator[str]:
    """-> the command that asks the warm process."""
    door.unlink(missing_ok=True)
    alone = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "reference_tests.quality.mutation_server", str(door)]
    with subprocess.Popen(command, cwd=tree, env=os.environ | alone, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None or process.stdout.readline() != "ready\n":
                raise RuntimeError("the warm process did not start")
            yield f"{sys.executable} -S -E {Path(__file__).with_name('mutation_client.py')} {door}"
        finally:
            process.kill()


def of_module(home: Path, tree: Path, module: str, ask: str, each: int | None, seed: int, seen: Seen) -> list[Outcome]:
    try:
        from attrs import evolve
        from cosmic_ray.commands import init
        from cosmic_ray.mutating import mutate_and_test
        from cosmic_ray.work_db import WorkDB, use_db
    except ImportError:
        raise NoCosmicRay from None
    path, found = tree / f"impl/{module}.py", []
    session = home / f"{module.replace('/', '-')}-{zlib.crc32(path.read_bytes()):x}.sqlite"
    new = not session.exists()
    with use_db(str(session), WorkDB.Mode.create) as db:
        if new:
            init([path], db, {})
        known = dict(db.results)
        chosen = [item for item in db.work_items if OPERATORS.fullmatch(item.mutations[0].operator_name)]
        random.Random(f"{seed}/{module}").shuffle(chosen)
        for item in chosen[:each]:
            if item.job_id not in known:
                changes = [evolve(change, module_path=path) for change in item.mutations]
                known[item.job_id] = mutate_and_test(changes, f"{ask} {test_of(module)}", LIMIT)
                if outcome(module, known[item.job_id]).said != "timeout":  # another run may have more luck
                    db.set_result(item.job_id, known[item.job_id])
            found.append(outcome(module, known[item.job_id]))
            seen(found[-1])
    return found


def test_of(module: str) -> str:
    return f"reference_tests/tests/impl/{TESTS[module]}.py"


def outcome(module: str, result: Any) -> Outcome:
    """Of cosmic-ray's result: the first line it took away and the first it put there."""
    lines = [line for line in (result.diff or "").splitlines() if line[:3] not in ("---", "+++") and line[1:].strip()]
    before, after = (next((line[1:].strip() for line in lines if line[:1] == sign), "") for sign in "-+")
    said = (result.output or "").strip()
    return Outcome(module, before, after, said if said.startswith(("survived", "killed")) else "timeout")


def reason_of() -> dict[tuple[str, str], str]:
    """(module, change) -> why it makes no difference."""
    kept = json.loads(SURVIVORS.read_text(encoding="utf-8"))
    return {
        (module, change): group["why"]
        for group in kept["equivalent"]
        for module, changes in group["changes"].items()
        for change in changes
    }


def unexplained(found: list[Outcome]) -> list[Outcome]:
    known = reason_of()
    return [one for one in found if one.said == "survived" and (one.module, one.change) not in known]


def count_outcomes(found: list[Outcome]) -> dict[str, dict[str, int]]:
    """module -> how many were killed, survived, timed out."""
    table: dict[str, Counter[str]] = {}
    for one in found:
        table.setdefault(one.module, Counter())[one.said.split()[0]] += 1
    return {module: dict(sorted(counts.items())) for module, counts in sorted(table.items())}
