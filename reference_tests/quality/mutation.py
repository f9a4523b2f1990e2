"""Mutation of impl: cosmic-ray makes one small change at a time in a copy, and the suite and the tests must notice.

A change is killed by the suite (every check of the contract, advice too) or by the unit tests of the changed file. A
timeout is no kill. A change that survives either makes no difference and stands in survivors.json with the reason, or a
case is missing.
"""

import ast
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
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
SURVIVORS = Path(__file__).with_name("survivors.json")
LIMIT = 700.0  # seconds that cosmic-ray waits; the mutation server reports a timeout before that
COPIED = ("impl", "reference_tests", "golden", "conftest.py", "pyproject.toml")
BINARY = "Add_Sub Add_Mul Sub_Add Mul_Add Mul_Div Div_Mul Div_FloorDiv FloorDiv_Div FloorDiv_Mul Mod_FloorDiv Pow_Mul"
COMPARED = "Eq_NotEq NotEq_Eq Lt_LtE Lt_GtE LtE_Lt LtE_Gt Gt_GtE Gt_LtE GtE_Gt GtE_Lt Is_IsNot IsNot_Is"
ANY = "*"  # in survivors.json: whichever change of a function, one whose result decides on time and memory alone
OPERATORS = re.compile(  # the slips that a person could make: no shifts, no bits
    rf"core/(ReplaceBinaryOperator_({'|'.join(BINARY.split())})|ReplaceComparisonOperator_({'|'.join(COMPARED.split())})"
    r"|ReplaceUnaryOperator_(Delete_\w+|USub_UAdd)|NumberReplacer|Replace(True|False|And|Or|Break|Continue)\w+|AddNot"
    r"|ZeroIterationForLoop|ExceptionReplacer|RemoveDecorator)"
)
FUNCTIONAL, OURS = "functional/test_", "test_layers test_extra_layers"
TESTS = {  # module of impl -> its tests, below tests/impl, one or more
    **{f"functional/{name}": f"{FUNCTIONAL}{name}" for name in
       ("shapes", "threads", "activation", "linear", "loss", "normalization", "dropout", "patches",
        "pooling", "convolution")},
    "functional/adaptive_pooling": f"{FUNCTIONAL}pooling",
    "functional/locally_connected": "test_extra_layers",
    "functional/memory": f"{FUNCTIONAL}memory {FUNCTIONAL}activation",  # whose relu needs parts of at most one size
    "functional/checks": f"{FUNCTIONAL}checks {FUNCTIONAL}shapes",
    "functional/products": f"{FUNCTIONAL}linear",
    **{f"functional/conv_algorithms/{name}": f"{FUNCTIONAL}conv_algorithms" for name in
       ("__init__", "banded", "im2col", "pointwise", "batched_im2col", "winograd", "taps")},
    "layers/lenet": "test_networks",
    **{f"layers/{name}": OURS for name in
       ("activation", "affine", "batch_norm", "convolution", "dropout", "global_pooling",
        "grouped_convolution", "locally_connected", "lrn", "mean_normalization", "merging", "pooling",
        "softmax_with_loss", "spatial_pyramid_pooling", "transposed_convolution")},
    "networks/simple_conv_net": "test_simple_conv_net",
}  # fmt: skip


class NoCosmicRay(Exception):
    """There is no cosmic-ray here."""


class Change(NamedTuple):
    """The identity of one change: the `ordinal`-th place within a function where an operator applies, from 0.

    It holds no source text, so a new name for a variable changes no identity.
    """

    module: str  # below impl, without .py
    function: str  # qualified name within the module; "" at module level
    operator: str  # cosmic-ray's name of it, without "core/"
    ordinal: int


@dataclass(frozen=True)
class Outcome:
    """The result of one change of one module."""

    module: str
    before: str  # the changed line
    after: str
    said: str  # survived, killed by ..., timeout
    function: str = ""
    operator: str = ""
    ordinal: int = 0

    @property
    def change(self) -> Change:
        """The identity of the change."""
        return Change(self.module, self.function, self.operator, self.ordinal)


Report = Callable[[Outcome], None]


def try_changes(
    modules: list[str], each: int | None, seed: int, jobs: int, report: Report, folder: Path | None = None
) -> list[Outcome]:
    """Try all changes of these modules, or `each` of every module; a folder keeps the results for a later run.

    Raises NoCosmicRay.
    """
    with session_folder(folder) as home, ThreadPoolExecutor(jobs) as pool:
        queue = sorted(modules, key=lambda m: -len((ROOT / f"impl/{m}.py").read_text(encoding="utf-8")))
        workers = [pool.submit(run_worker, home, number, queue, each, seed, report) for number in range(jobs)]
        return [one for worker in workers for one in worker.result()]


@contextmanager
def session_folder(folder: Path | None) -> Iterator[Path]:
    """Make the folder for copies and results; without one, use a temporary folder."""
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.resolve()
    else:
        with tempfile.TemporaryDirectory(prefix="convcheck-mutants-") as home:
            yield Path(home)


def run_worker(home: Path, number: int, queue: list[str], each: int | None, seed: int, report: Report) -> list[Outcome]:
    """Take modules from the queue until it is empty, in a copy of the repository with a server of its own."""
    tree, found = home / f"tree{number}", []
    for name in COPIED:
        copy_afresh(ROOT / name, tree / name)
    with start_server(tree, home / f"door{number}") as client:
        while queue:
            for outcome in outcomes_of(home, tree, queue.pop(0), client, each, seed):
                found.append(outcome)
                report(outcome)
    return found


def copy_afresh(source: Path, target: Path) -> None:
    """Copy a file or folder over whatever an earlier run left changed."""
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


@contextmanager
def start_server(tree: Path, door: Path) -> Iterator[str]:
    """Start the mutation server in a copy of the repository; yield the command of its client."""
    door.unlink(missing_ok=True)
    alone = {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "reference_tests.quality.mutation_server", str(door)]
    with subprocess.Popen(command, cwd=tree, env=os.environ | alone, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None or process.stdout.readline() != "ready\n":
                raise RuntimeError("the mutation server did not start")
            yield f"{sys.executable} -S -E {Path(__file__).with_name('mutation_client.py')} {door}"
        finally:
            process.kill()


def outcomes_of(home: Path, tree: Path, module: str, client: str, each: int | None, seed: int) -> Iterator[Outcome]:
    """Try the chosen changes of one module; what an earlier run of the session settled is read from its database."""
    try:
        from attrs import evolve
        from cosmic_ray.commands import init
        from cosmic_ray.mutating import mutate_and_test
        from cosmic_ray.work_db import WorkDB, use_db
    except ImportError:
        raise NoCosmicRay from None
    path = tree / f"impl/{module}.py"
    session = home / f"{module.replace('/', '-')}-{zlib.crc32(path.read_bytes()):x}.sqlite"
    new = not session.exists()
    with use_db(str(session), WorkDB.Mode.create) as db:
        if new:
            init([path], db, {})
        known, changes = dict(db.results), identify(module, path.read_text(encoding="utf-8"), db.work_items)
        chosen = [item for item in db.work_items if item.job_id in changes]
        random.Random(f"{seed}/{module}").shuffle(chosen)
        for item in chosen[:each]:
            result = known.get(item.job_id)
            if result is None:
                here = [evolve(change, module_path=path) for change in item.mutations]
                result = mutate_and_test(here, f"{client} {module} {tests_of(module)}", LIMIT)
                if read_outcome(changes[item.job_id], result).said != "timeout":  # another run may have more luck
                    db.set_result(item.job_id, result)
            yield read_outcome(changes[item.job_id], result)


def identify(module: str, source: str, items: Iterable[Any]) -> dict[str, Change]:
    """Map the job ids of cosmic-ray's work items to identities; operators outside OPERATORS are left out."""
    spans, counts, identities = function_spans(source), Counter[tuple[str, str]](), {}
    for item in sorted(items, key=lambda item: item.mutations[0].occurrence):
        place = item.mutations[0]
        if OPERATORS.fullmatch(place.operator_name):
            function, operator = function_at(spans, place.start_pos[0]), place.operator_name.removeprefix("core/")
            identities[item.job_id] = Change(module, function, operator, counts[function, operator])
            counts[function, operator] += 1
    return identities


def function_spans(source: str) -> list[tuple[int, int, str]]:
    """List (first line, last line, qualified name) of every function and class, decorators included."""
    spans = []

    def visit(node: ast.AST, outer: str) -> None:
        for part in ast.iter_child_nodes(node):
            name = outer
            if isinstance(part, ast.FunctionDef | ast.ClassDef):
                name = f"{outer}.{part.name}".lstrip(".")
                first = min([part.lineno, *(decorator.lineno for decorator in part.decorator_list)])
                spans.append((first, part.end_lineno or first, name))
            visit(part, name)

    visit(ast.parse(source), "")
    return spans


def function_at(spans: list[tuple[int, int, str]], line: int) -> str:
    """Return the qualified name of the innermost function or class at a line, "" at module level."""
    around = [(last - first, name) for first, last, name in spans if first <= line <= last]
    return min(around)[1] if around else ""


def tests_of(module: str) -> str:
    """Return the paths of the unit tests of a module of impl, with blanks between them."""
    return " ".join(f"reference_tests/tests/impl/{name}.py" for name in TESTS[module].split())


def read_outcome(change: Change, result: Any) -> Outcome:
    """Read cosmic-ray's result: the first line that it took away, the first that it put there, the verdict."""
    lines = [line for line in (result.diff or "").splitlines() if line[:3] not in ("---", "+++") and line[1:].strip()]
    before, after = (next((line[1:].strip() for line in lines if line[:1] == sign), "") for sign in "-+")
    said = (result.output or "").strip()
    verdict = said if said.startswith(("survived", "killed")) else "timeout"
    return Outcome(change.module, before, after, verdict, *change[1:])


def reasons() -> dict[Change, str]:
    """Read survivors.json: change -> why it makes no difference."""
    return {
        Change(module, function, *parse_place(place)): group["why"]
        for group in json.loads(SURVIVORS.read_text(encoding="utf-8"))["equivalent"]
        for module, functions in group["changes"].items()
        for function, places in functions.items()
        for place in places
    }


def parse_place(place: str) -> tuple[str, int]:
    """Split "NumberReplacer 3" into the operator and the ordinal; ANY stands alone."""
    operator, _, ordinal = place.partition(" ")
    return operator, int(ordinal or 0)


def format_place(change: Change) -> str:
    """Return the operator and the ordinal of a change as survivors.json has them."""
    return change.operator if change.operator == ANY else f"{change.operator} {change.ordinal}"


def format_reasons(reasons: dict[Change, str]) -> str:
    """Return the text of survivors.json: a reason and its changes, by module and function; a function a line."""
    groups: dict[str, dict[str, dict[str, list[str]]]] = {}
    for change, why in sorted(reasons.items()):
        functions = groups.setdefault(why, {}).setdefault(change.module, {})
        functions.setdefault(change.function, []).append(format_place(change))
    blocks = []
    for why in dict.fromkeys(reasons.values()):
        modules = (f"    {json.dumps(name)}: {format_functions(by)}" for name, by in groups[why].items())
        blocks.append(f'  {{\n   "why": {json.dumps(why)},\n   "changes": {{\n' + ",\n".join(modules) + "\n   }\n  }")
    return '{\n "equivalent": [\n' + ",\n".join(blocks) + "\n ]\n}\n"


def format_functions(functions: dict[str, list[str]]) -> str:
    """Return the JSON of one module's functions, a function a line."""
    lines = (f"     {json.dumps(name)}: {json.dumps(places)}" for name, places in functions.items())
    return "{\n" + ",\n".join(lines) + "\n    }"


def unexplained(found: list[Outcome]) -> list[Outcome]:
    """List the survivors without a reason in survivors.json."""
    known = reasons()
    return [
        one for one in found
        if one.said == "survived" and not {one.change, one.change._replace(operator=ANY, ordinal=0)} & known.keys()
    ]  # fmt: skip


def count_outcomes(found: list[Outcome]) -> dict[str, dict[str, int]]:
    """Count the killed, the surviving and the timed-out changes of each module."""
    table: dict[str, Counter[str]] = {}
    for one in found:
        table.setdefault(one.module, Counter())[one.said.split()[0]] += 1
    return {module: dict(sorted(counts.items())) for module, counts in sorted(table.items())}
