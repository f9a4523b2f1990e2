"""For all of our own tests."""

import signal

import pytest


@pytest.fixture(scope="session", autouse=True)
def ctrl_c_reaches_what_we_start():
    """A shell starts what runs in the background with SIGINT ignored, and that is inherited."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def answers_are_not_kept_among_the_users(tmp_path_factory):
    """Some tests have references that are wrong."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVCHECK_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
