"""The tests here share a cache directory that is not the user's; those of the cache itself have one each."""

import pytest


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def not_the_users_cache(shared, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(shared))
