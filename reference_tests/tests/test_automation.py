"""What other repositories use of this one: the action's script is run, the template is judged, and all YAML is read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import impl
from reference_tests.cli import run
from reference_tests.frameworks.environments import ENVIRONMENTS
from reference_tests.frameworks.registry import FRAMEWORKS

GITHUB = Path(impl.__file__).parents[1] / ".github"
pytestmark = pytest.mark.skipif(not GITHUB.exists(), reason="an installed wheel has no .github beside it")
WRONG = "import numpy as np\n\n\nclass Relu:\n    def forward(self, x):\n        return np.abs(x)\n"


def test_yaml_is_read_and_what_an_action_uses_is_pinned():
    for path in [*GITHUB.rglob("*.yml"), GITHUB.parent / ".pre-commit-hooks.yaml"]:
        text = path.read_text(encoding="utf-8")
        assert yaml.safe_load(text)
        for line in text.splitlines():
            used = line.partition("uses: ")[2]
            assert not used or "convcheck/" in used or len(used.partition("@")[2].split()[0]) == 40, (path, line)


def test_every_environment_and_slow_column_is_asked_at_night():
    jobs = yaml.safe_load((GITHUB / "workflows" / "nightly.yml").read_text(encoding="utf-8"))["jobs"]
    asked = jobs["frameworks"]["strategy"]["matrix"]["environment"]
    assert sorted(asked) == sorted(ENVIRONMENTS)
    slow = {f.name for f in FRAMEWORKS.values() if f.slow} - {c for e in ENVIRONMENTS.values() for c in e.columns}
    assert slow == set(jobs["export"]["steps"][-1]["run"].split()[4:])


def test_night_ports_to_the_versions_of_the_environments():
    jobs = yaml.safe_load((GITHUB / "workflows" / "nightly.yml").read_text(encoding="utf-8"))["jobs"]
    installed = [word for word in jobs["porting"]["steps"][2]["run"].split() if "==" in word]
    steps = [s for name in ("tensorflow", "flax") for step in ENVIRONMENTS[name].steps for s in step]
    assert len(installed) == 4 and set(installed) <= {s.partition(";")[0] for s in steps}


@pytest.mark.slow
def test_action_reports_a_failure_in_the_summary(tmp_path):
    (tmp_path / "layers.py").write_text(WRONG)
    command = tmp_path / "bin" / "convcheck"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m reference_tests "$@"\n')
    command.chmod(0o755)
    summary = tmp_path / "summary.md"
    about = {"TARGET": "layers.py", "ONLY": "relu", "GITHUB_STEP_SUMMARY": str(summary)}
    environment = {**os.environ, **about, "PATH": f"{command.parent}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", GITHUB / "actions" / "verify" / "run.sh"], cwd=tmp_path, env=environment)
    assert done.returncode == 1
    assert "relu" in summary.read_text() and "disagrees" in summary.read_text()


@pytest.mark.slow
def test_template_is_not_implemented_and_not_wrong(capsys):
    assert run(["verify", str(GITHUB / "classroom" / "layers.py"), "--only", "im2col", "--lang", "en"]) == 1
    assert "disagrees" not in capsys.readouterr().out
