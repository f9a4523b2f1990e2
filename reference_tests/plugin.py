"""The pytest plugin: pytest --impl TARGET. Imports only pytest at start."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
OPTIONS = (  # of ours, besides --impl, --device and --map; pytest has a --strict of its own
    ("--convcheck-strict", {"action": "store_true", "help": "advice counts too"}),
    ("--convcheck-timeout", {"type": float, "default": 10.0, "metavar": "SECONDS", "help": "for one check"}),
    ("--convcheck-fuzz", {"type": int, "default": 0, "metavar": "N", "help": "so many more drawn cases a layer"}),
    ("--convcheck-seed", {"type": int, "default": 0, "metavar": "N", "help": "of the drawn cases"}),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("convcheck", "an implementation under test")
    group.addoption("--impl", metavar="TARGET", help="a module, .py file, folder or notebook (the packaged impl)")
    group.addoption("--device", default="auto", choices=("auto", "cpu", "cuda", "all"), help="where torch answers")
    group.addoption("--map", action="append", default=[], metavar="NAME=PLACE", help="Convolution=my.module:Conv2d")
    for name, how in OPTIONS:
        group.addoption(name, **how)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: browser, executed notebooks, cluster, paper-size networks")
    for level in ("core", "edge", "advice"):
        config.addinivalue_line("markers", f"{level}: a check of this level")


def pytest_report_header(config: pytest.Config) -> list[str]:
    import importlib.util

    target = config.getoption("--impl")
    spec = None if target else importlib.util.find_spec("impl")
    lines = [f"checks: {Path(target).resolve() if target and Path(target).exists() else target}"]
    if not target and spec and spec.origin:
        lines = [f"checks: {Path(spec.origin).parent} (the packaged impl)"]
        for here in (Path.cwd() / "impl.py", Path.cwd() / "impl"):
            if here.exists() and here.resolve() != Path(spec.origin).resolve().parent:
                lines.append(f"warning: {here} is there but is not what is checked: say --impl {here.name}")
    return lines


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With --impl the suite alone is collected (test_*.py here), not our own tests."""
    if config.getoption("--impl") and collection_path.is_dir() and (collection_path / "__init__.py").exists():
        ours = collection_path.is_relative_to(HERE) and collection_path != HERE
        return True if ours or collection_path == HERE.parent / "golden" else None
    return None


@pytest.fixture(scope="session")
def subject(request: pytest.FixtureRequest):
    """The implementation under test, in this process, so that --pdb reaches it."""
    from .conformance.subject.config import settings_beside
    from .conformance.subject.load import LoadError, load

    option = request.config.getoption
    target = option("--impl") or "impl"
    try:
        maps = {**settings_beside(target).get("map", {}), **dict(one.split("=", 1) for one in option("--map"))}
        loaded = load(target, maps)
    except (LoadError, ValueError) as error:
        pytest.exit(str(error), returncode=2)
    loaded.seconds = option("--convcheck-timeout")
    return loaded


@pytest.fixture(scope="session")
def devices(request: pytest.FixtureRequest) -> tuple[str, ...]:
    from .conformance.references import torch_ref

    try:
        return torch_ref.devices(request.config.getoption("--device"))
    except ValueError as error:
        pytest.exit(str(error), returncode=2)


@pytest.fixture
def asserts(subject, devices, request: pytest.FixtureRequest):
    """Judges one check and fails with its message."""
    from .conformance import judge

    strict = request.config.getoption("--convcheck-strict")

    def run(check) -> None:
        (verdict,) = judge.explain([judge.judge(check, subject, devices)], subject)
        if verdict.status == "fail" and check.level == "advice" and not strict:
            pytest.xfail("advice: " + verdict.message)
        if verdict.status in ("fail", "error"):
            pytest.fail(verdict.message, pytrace=False)
        if verdict.status in ("absent", "not_run"):
            pytest.skip(verdict.message or f"{verdict.reason} is not there")

    return run
