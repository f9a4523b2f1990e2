"""Machines that lack something: a container's seccomp profile, bubblewrap outside the system's PATH."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reference_tests.grading.sandbox import levels

pytestmark = [
    pytest.mark.slow,  # each starts processes of its own
    pytest.mark.skipif(bool(levels.missing("confined")), reason=f"confined: {levels.missing('confined')}"),
]
CONTAINER = """
import ctypes, json, struct, sys
from reference_tests.grading.sandbox import kernel, levels
from reference_tests.grading.sandbox.kernel import EQUAL, LOAD, RETURN, ALLOW, REFUSE, UNKNOWN, decide, instruction
refused = dict(unshare=272, setns=308, mount=165, pivot_root=155, open_tree=428, move_mount=429, fsopen=430)
refused |= dict(create_ruleset=444, add_rule=445, restrict_self=446) if "no-landlock" in sys.argv else {}
new = instruction(LOAD, 16) + instruction(0x54, 0x7E020000) + instruction(EQUAL, 0, 1, 0)  # clone's flags of namespaces
new += instruction(RETURN, REFUSE) + instruction(RETURN, ALLOW)
code = [instruction(LOAD, 0), *(decide(number, REFUSE) for number in refused.values()), decide(435, UNKNOWN)]
code = b"".join([*code, instruction(EQUAL, 56, 0, len(new) // 8), new, instruction(RETURN, ALLOW)])
kernel.check_call(kernel.libc.prctl(kernel.NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")
buffer = ctypes.create_string_buffer(code)
program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer)))
kernel.check_call(kernel.libc.prctl(kernel.SECCOMP, 2, ctypes.byref(program), 0, 0), "seccomp")
missing = levels.available()
from reference_tests.grading.sandbox.attacks import attack_range
with attack_range() as where:
    held = [vars(where.run(name, "confined")) for name in ("control_honest", "reads_bait") if not missing["confined"]]
print(json.dumps({"missing": missing, "held": held}))
"""


def in_container(*words):
    """Return the levels, and what two submissions do, under a filter like that of Docker's default profile."""
    done = subprocess.run([sys.executable, "-c", CONTAINER, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_confined_holds_in_a_container_without_namespaces():
    found = in_container()
    assert not found["missing"]["confined"] and "namespace" in found["missing"]["bwrap"]
    assert any("seccomp=unconfined" in how for how in levels.how_to_get(found["missing"]["bwrap"]))
    honest, reads = found["held"]
    assert honest["ended"] == ["pass"] and not reads["effects"]


def test_container_that_refuses_landlock_is_told_from_an_old_kernel():
    missing = in_container("no-landlock")["missing"]
    assert "seccomp profile" in missing["confined"] and "it needs confined" in missing["bwrap"]
    assert any("landlock_restrict_self" in how for how in levels.how_to_get(missing["confined"]))


def test_bubblewrap_outside_the_systems_path_is_started(tmp_path, monkeypatch):
    """The fork server's environment has no PATH; what the grader's own has is found all the same."""
    if levels.missing("bwrap"):  # tried out here, and not whenever tests are collected
        pytest.skip(f"bwrap: {levels.missing('bwrap')}")
    elsewhere = tmp_path / "bin" / "bwrap"
    elsewhere.parent.mkdir()
    shutil.copy(Path(shutil.which("bwrap")).resolve(), elsewhere)
    monkeypatch.setenv("PATH", str(elsewhere.parent))
    assert levels.command_prefix("bwrap")[0] == str(elsewhere)
    assert levels.try_bwrap() == ""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(levels, "BEYOND_PATH", (str(elsewhere.parent),))
    assert levels.find_bwrap() == str(elsewhere)
    monkeypatch.setattr(levels, "BEYOND_PATH", ())
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert levels.find_bwrap() == "" and "not installed" in levels.try_bwrap()
