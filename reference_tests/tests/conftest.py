"""Fixtures of all our own tests."""

import signal

import pytest


@pytest.fixture(scope="session", autouse=True)
def sigint_is_not_ignored():
    """Restore SIGINT: a shell starts background jobs with it ignored, and children inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def answer_cache_is_temporary(tmp_path_factory):
    """Cache answers in a temporary folder: some tests use wrong references."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVCHECK_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
