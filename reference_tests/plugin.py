"""The pytest plugin: pytest --impl TARGET. Imports only pytest at start."""

import gc
import os
from argparse import ArgumentError
from collections import Counter
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
SUITE = HERE / "suite"
READING = pytest.StashKey[list[str]]()  # how the layers of other interfaces were read
OUTCOME = "convcheck"  # name of the property in which a test keeps its component, level and status
KEYS = ("device", "convention", "arrays", "dtype", "strict", "level", "timeout", "fuzz", "seed")  # --convcheck-KEY
SETTINGS = "all but --impl, --convcheck-no-cache are read from a convcheck.toml beside the target, too"
DEVICES = ("auto", "cpu", "cuda", "all", "none")
SHORT: dict[str, dict[str, Any]] = {  # names that other plugins and conftest files have, too: --convcheck-NAME is ours
    "device": {"choices": DEVICES, "help": "short for --convcheck-device"},
    "map": {"action": "append", "default": [], "metavar": "NAME=PLACE", "help": "short for --convcheck-map"},
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of an implementation under test."""
    group = parser.getgroup("convcheck", f"an implementation under test ({SETTINGS})")
    group.addoption("--impl", metavar="TARGET", help="a module, .py file, folder or notebook [the packaged impl]")
    group.addoption("--convcheck-device", choices=DEVICES, help="where torch answers [auto]")
    group.addoption("--convcheck-arrays", choices=("numpy", "torch", "cupy", "jax"), help="what the target takes")
    group.addoption("--convcheck-dtype", metavar="TYPE", help="of arrays that are not NumPy's [float32]")
    group.addoption(
        "--convcheck-map", action="append", default=[], metavar="NAME=PLACE", help="Convolution=my.module:Conv2d"
    )
    group.addoption("--convcheck-convention", metavar="NAME", help="read layers in this interface only")
    group.addoption("--convcheck-strict", action="store_true", default=None, help="advice counts too")
    group.addoption("--convcheck-level", choices=("core", "edge"), help="core: corner cases may be wrong [edge]")
    group.addoption("--convcheck-timeout", type=float, metavar="SECONDS", help="for one check [10]")
    group.addoption("--convcheck-fuzz", type=int, metavar="N", help="so many more drawn cases a layer")
    group.addoption("--convcheck-seed", type=int, metavar="N", help="of the drawn cases [1]")
    group.addoption("--convcheck-no-cache", action="store_true", help="ask the references again for every answer")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser, args: list[str]) -> Any:
    """Add --device and --map when every other plugin and conftest has added its options, where none has these.

    An id as a run of the suite prints it, test_layers.py::test_relu[...], is found wherever the run is started.
    """
    if any(argument.partition("=")[0] == "--impl" for argument in args):
        args[:] = [place_of_id(argument) for argument in args]
    done = yield
    group = parser.getgroup("convcheck")
    for name, how in SHORT.items():
        with suppress(ValueError, ArgumentError):
            group.addoption(f"--{name}", dest=f"convcheck_short_{name}", **how)
    return done


def place_of_id(argument: str) -> str:
    """Return an id of the suite with its file's path; another argument as it is.

    A run of one id prints it without the file, ::test_relu[...].
    """
    file, colons, test = argument.partition("::")
    if colons and not file:
        own = test.partition("[")[0]
        file = f"{own}.py" if own in ("test_drawn", "test_thresholds") else "test_layers.py"
    if file.startswith("test_") and not Path(file).exists() and (SUITE / file).exists():
        return f"{SUITE / file}{colons}{test}"
    return argument


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, collect the suite for --impl alone, and let the garbage collector run less often."""
    if config.getoption("--impl") and config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args = [str(SUITE)]
    config.addinivalue_line("markers", "slow: browser, executed notebooks, cluster, paper-size networks")
    config.addinivalue_line("markers", "nightly: one of many alike, of which the slow tests run a sample")
    config.addinivalue_line("markers", "long: ten seconds or more, which is begun first")
    if is_ours(config):
        gc.set_threshold(100_000)  # torch, SciPy and the cases stay; scanning them takes a twentieth of the time
        divide_processors(config)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep the garbage collector from scanning what stays to the end: torch, SciPy, the cases, the tests."""
    if is_ours(session.config):
        gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Keep the garbage collector from scanning everything six times at the end."""
    if is_ours(session.config):
        gc.freeze()


def is_ours(config: pytest.Config) -> bool:
    """Whether these are our tests. Anybody's own tests load this plugin too."""
    return bool(config.getoption("--impl")) or config.rootpath == HERE.parent


def divide_processors(config: pytest.Config) -> None:
    """Give torch one thread, and BLAS this process's or worker's share of the processors, unless the environment does.

    torch's threads spin while they wait for each other: on small arrays, and beside anything else that computes, that
    takes six times as long as one thread does.
    """
    if not hasattr(config, "workerinput"):  # a worker of pytest-xdist, which inherits both numbers
        workers = getattr(config.option, "numprocesses", None) or 1
        os.environ.setdefault("OMP_NUM_THREADS", "1")
        os.environ.setdefault("OPENBLAS_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what is checked, and by which path; nothing in a run that is not ours."""
    if not is_ours(config):
        return []
    target = config.getoption("--impl")
    path = Path(target) if target else Path()
    if target:
        spec = None if path.exists() or not target.replace(".", "").isidentifier() else origin_of(target)
        place = spec or (path.resolve() if path.exists() else "not found")
        return [f"convcheck: checks {target} ({place})"]
    packaged = Path(origin_of("impl") or "impl").parent
    here = [path for path in (Path.cwd() / "impl.py", Path.cwd() / "impl") if path.exists()]
    return [
        f"convcheck: checks the packaged impl ({packaged})",
        *(
            f"convcheck: warning: {path} is not what is checked; --impl {path.name} checks it"
            for path in here
            if path.resolve() != packaged.resolve()
        ),
    ]


def origin_of(module: str) -> str | None:
    """Return a module's file without importing it (its parents are); None for an unknown one."""
    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        return None
    return spec.origin if spec else None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Collect the suite alone with --impl, not our own tests."""
    if not config.getoption("--impl") or not collection_path.is_dir():
        return None
    ours = collection_path.is_relative_to(HERE) and collection_path not in (HERE, SUITE)
    return True if ours or collection_path == HERE.parent / "golden" else None


@pytest.fixture(scope="session")
def options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Merge the options: pytest's, then the settings beside the target, then the defaults."""
    from .cli.verify import merge_settings
    from .errors import UsageError

    option = request.config.getoption
    given = {key: option(f"--convcheck-{key}") for key in KEYS}
    given["device"] = given["device"] or option("convcheck_short_device", None)
    pairs = option("--convcheck-map") + option("convcheck_short_map", [])
    try:
        maps, settings = merge_settings(option("--impl") or "impl", pairs, given)
    except UsageError as wrong:
        pytest.exit(f"convcheck: {wrong}", returncode=2)
    return {**settings, "maps": maps, "target": option("--impl") or "impl"}


@pytest.fixture(scope="session")
def subject(request: pytest.FixtureRequest, options: dict[str, Any]):
    """Load the implementation under test into this process, so that --pdb reaches it."""
    from .cli.verify import arrays_wanted
    from .conformance import spoken
    from .subject.load import load
    from .subject.source import LoadError

    try:
        how = {"convention": options["convention"], "arrays": arrays_wanted(options)}
        found = load(options["target"], options["maps"], options["timeout"], **how)
    except LoadError as error:
        pytest.exit(f"convcheck: {error}", returncode=2)
    request.config.stash[READING] = spoken.header(found.interfaces) + spoken.unread_lines(found.unread)
    return found


@pytest.fixture(scope="session")
def devices(options: dict[str, Any]) -> tuple[str, ...]:
    """Return the devices on which torch answers."""
    from .conformance import references

    try:
        return references.devices(options["device"])
    except ValueError as error:
        pytest.exit(f"convcheck: {error}", returncode=2)


@pytest.fixture(scope="session")
def too_slow() -> set[tuple[str, str]]:
    """Collect (component, part) of checks that ran out of time: the others of that part are not run."""
    return set()


@pytest.fixture(scope="session")
def known() -> dict[str, dict]:
    """Collect component -> its verdicts by id, explained together: a mistake is named for all of them."""
    return {}


@pytest.fixture(scope="session")
def kept(request: pytest.FixtureRequest):
    """Use right answers of earlier runs, except in our own tests, some of which put wrong references in place."""
    from .conformance.references import answer_cache

    if request.config.getoption("--convcheck-no-cache") or not request.config.getoption("--impl"):
        yield
    else:
        with answer_cache.opened():
            yield


@pytest.fixture
def asserts(request, subject, devices, options, too_slow, known, kept):
    """Return a function that judges one check and fails with its message."""
    from .conformance import judge
    from .conformance.examination import explain_one

    def run(check) -> None:
        verdict = next(judge.judge_all([check], subject, devices, too_slow))
        report(explain_one(verdict, subject, devices, known), options, request.node, subject)

    return run


@pytest.fixture
def asserts_drawn(request, subject, devices, options, too_slow, known, kept):
    """Return a function that judges a layer on generated cases and fails with the smallest that is wrong."""
    from .conformance import generate
    from .conformance.examination import GENERATED, explain_one
    from .conformance.types import LEVELS

    def run(layer) -> None:
        if any((layer.OP.component, part) in too_slow for part in ("forward", "backward", "result")):
            pytest.skip("not run, because an earlier check of this layer ran out of time")
        seed = options["seed"] or generate.PUBLIC
        verdicts = list(generate.judge_generated(layer, seed, GENERATED + options["fuzz"], subject, devices))
        worst = min(verdicts, key=lambda v: (v.status != "fail", LEVELS.index(v.check.level)))
        report(explain_one(worst, subject, devices, known), options, request.node, subject)

    return run


@pytest.fixture
def asserts_thresholds(request, subject, devices, options, too_slow, known, kept):
    """Return a function that judges a layer around the numbers that its code names, and for second batches.

    It fails with what is wrong.
    """
    from .conformance.examination import explain_one
    from .conformance.second_batches import judge_second_batches
    from .conformance.thresholds.search import judge_thresholds

    def run(layer) -> None:
        if not subject.has(layer.OP.name) or any(component == layer.OP.component for component, _ in too_slow):
            pytest.skip(f"{layer.OP.name} is not there, or an earlier check of it ran out of time")
        found = judge_thresholds(layer.OP.component, subject, devices)
        for verdict in found or judge_second_batches(layer.OP.component, subject, devices):
            report(explain_one(verdict, subject, devices, known), options, request.node, subject)

    return run


def report(verdict, options: dict[str, Any], item: pytest.Item, subject: Any) -> None:
    """Report a verdict to pytest: passed, failed, skipped (absent), xfailed (of a level that does not count)."""
    level = verdict.check.level
    if level != "advice" or options["strict"]:
        item.user_properties.append((OUTCOME, [verdict.check.case.op.component, level, verdict.status]))
    free = (level == "advice" and not options["strict"]) or (level == "edge" and options["level"] == "core")
    if verdict.status == "fail" and free:
        pytest.xfail(f"{level}: {verdict.message}")
    if verdict.status == "unread" and not free:
        pytest.fail(f"{verdict.reason} is called differently: see the lines at the end", pytrace=False)
    if verdict.status == "fail" and item.config.getoption("usepdb", False):
        from .debugging import traceback_into

        raise pytest.fail.Exception(verdict.message, pytrace=False).with_traceback(traceback_into(subject, verdict))
    if verdict.status in ("fail", "error"):
        pytest.fail(verdict.message, pytrace=False)
    if verdict.status in ("absent", "unread", "beyond", "not_run"):
        pytest.skip(verdict.message or f"{verdict.reason} is not there")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say of how many components the core agrees, and count the checks of each level of the others."""
    outcomes: dict[str, list[tuple[str, str]]] = {}
    for one in (r for reports in terminalreporter.stats.values() for r in reports if getattr(r, "when", "") == "call"):
        for component, level, status in (value for name, value in one.user_properties if name == OUTCOME):
            outcomes.setdefault(component, []).append((level, status))
    if not outcomes:
        return
    from .conformance import messages
    from .conformance.judge import count_by_level, status_of

    for line in terminalreporter.config.stash.get(READING, []):
        terminalreporter.write_line(line)
    statuses = {component: status_of(found, strict=True) for component, found in outcomes.items()}
    terminalreporter.write_sep("=", f"convcheck: {messages.total(Counter(statuses.values()))}")
    for component, status in statuses.items():
        if status in ("edge", "fail"):
            counts = messages.counts(count_by_level(outcomes[component]))
            terminalreporter.write_line(f"{component} {messages.status(status)}: {counts}")
