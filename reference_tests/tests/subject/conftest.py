"""Fixtures of the tests of subjects."""

import pytest


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Return a function that writes a file of a target and returns its path; the test runs in that folder."""
    monkeypatch.chdir(tmp_path)

    def write(name: str, code: str | bytes) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(code if isinstance(code, bytes) else code.encode())
        return str(path)

    return write
