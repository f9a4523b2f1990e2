"""Adapters made for a test: a few lines of probes in a folder of their own."""

from pathlib import Path

from reference_tests.frameworks.registry import Column

ABOUT = """
import os, signal, sys, time
import numpy as np
ABSENT = {"S02": "not here"}
def about():
    return {"version": "1.0", "switches": {}, "device": "cpu"}
"""


def fake(folder: Path, probes: str, name: str = "fake", **more) -> Column:
    (folder / "fake_probe.py").write_text(ABOUT + probes)
    return Column(name, "fake", ("numpy",), "pip install fake", folder=folder, **more)


def asks(*ids: str) -> list[dict]:
    return [{"id": id, "call": id, "inputs": {}} for id in ids]
