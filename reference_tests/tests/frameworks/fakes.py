"""Adapters made for a test: a few lines of probes in a folder of their own; a probe is found by its name."""

from pathlib import Path

from reference_tests.frameworks.registry import Framework

ABOUT = """
import os, signal, sys, time
import numpy as np
ABSENT = {"S02": "not here"}
def about():
    return {"version": "1.0", "switches": {}, "device": "cpu"}
"""


def fake(folder: Path, probes: str, name: str = "fake", **more) -> Framework:
    """Write an adapter with these probes; return its framework."""
    (folder / "fake_probe.py").write_text(ABOUT + probes)
    return Framework(name, "fake", ("numpy",), "pip install fake", folder=folder, **more)


def requests(*ids: str) -> list[dict]:
    """Return requests without inputs, each answered by the function named like the question."""
    return [{"id": id, "call": id, "inputs": {}} for id in ids]
