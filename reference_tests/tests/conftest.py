"""Fixtures of all our own tests."""

import gc
import os
import shutil
import signal

import pytest

from reference_tests.i18n import set_language

BROWSERS = "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"
SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip


FEW_COLLECTIONS = 50_000, 20, 20  # objects, and rounds of collecting garbage; some hundred thousand live to the end


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Keep the garbage collector from going through all tests again and again: an eighth of the time went there."""
    gc.freeze()
    gc.set_threshold(*FEW_COLLECTIONS)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first, however the others are shuffled: else one worker ends with one, and others wait."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session", autouse=True)
def sigint_is_not_ignored():
    """Restore SIGINT: a shell starts background jobs with it ignored, and children inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def answer_cache_is_temporary(tmp_path_factory):
    """Cache answers in a temporary folder, one for all workers: some tests use wrong references."""
    base = tmp_path_factory.getbasetemp()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVCHECK_CACHE", str((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "answers"))
        yield


@pytest.fixture(scope="session", autouse=True)
def faults_are_raised():
    """Raise a fault of the diagnosis, also in processes that are started: a user would get the verdict without it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVCHECK_TRACEBACK", "1")
        yield


@pytest.fixture(autouse=True)
def nothing_stays_said():
    """Speak English before and after each test, as a rubric that names no language is read in the current one.

    Forget --device none after it, too: it speaks to the whole process, and tests of commands run in this one.
    """
    set_language("en")
    before = os.environ.get("CONVCHECK_TORCH")
    yield
    set_language("en")
    if os.environ.get("CONVCHECK_TORCH") != before:
        os.environ.pop("CONVCHECK_TORCH", None)
        os.environ.update({} if before is None else {"CONVCHECK_TORCH": before})


@pytest.fixture(scope="module")
def browser():
    """The machine's Chromium, run by Playwright; where one of them is missing, the test is skipped."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("NOT RUN: there is no Chromium here (apt-get install chromium)")
    playwright = pytest.importorskip("playwright.sync_api", reason="NOT RUN: there is no Playwright here")
    with playwright.sync_playwright() as running:
        chromium = running.chromium.launch(executable_path=path, args=SWITCHES)
        yield chromium
        chromium.close()
