"""convcheck verify, as a user runs it: targets, exit status, JSON, and one sentence for every wrong use."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import jsonschema
import pytest

from reference_tests import cli, reports
from reference_tests.cli import verify
from reference_tests.conformance.examination import component_names
from reference_tests.tests.grading import wait_until

COMMAND = [sys.executable, "-m", "reference_tests"]
SCHEMA = json.loads((Path(reports.__file__).parent / "verify.schema.json").read_text())

RELU = """
import numpy as np

class Relu:
    def forward(self, x):
        self.mask = x <= 0
        return np.where(self.mask, 0, x)

    def backward(self, dout):
        return np.where(self.mask, 0, dout)
"""
WRONG = RELU.replace("return np.where(self.mask, 0, dout)", "return dout")
NO_BACKWARD = RELU[: RELU.index("    def backward")]


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def convcheck(capsys):
    """The command in this process, which has torch already; the target is in a process of its own as ever."""

    def run(*arguments: str) -> Done:
        return Done(cli.run(arguments), *capsys.readouterr())

    return run


@pytest.fixture
def verified(convcheck):
    """The exit status and the JSON, which must be all of standard output and obey its schema."""

    def run(*arguments: str) -> tuple[int, dict]:
        done = convcheck("verify", *arguments, "--json", "-")
        report = json.loads(done.stdout)
        jsonschema.validate(report, SCHEMA)
        return done.returncode, report

    return run


@pytest.fixture
def target(tmp_path: Path):
    def write(text: str, name: str = "layers.py") -> str:
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return write


@pytest.mark.slow
def test_right_layer_agrees_and_the_rest_is_absent(target, verified):
    status, report = verified(target(RELU))
    states = {name: part["status"] for name, part in report["components"].items()}
    assert (status, report["ok"], states.pop("relu")) == (0, True, "pass")
    assert set(states.values()) == {"absent"}
    assert len(states) == 13


@pytest.mark.slow
def test_wrong_layer_shows_diagnosis_and_rerun_command(target, verified, convcheck):
    path = target(WRONG)
    status, report = verified(path, "--only", "relu")
    failed = [c for c in report["components"]["relu"]["checks"] if c["status"] == "fail" and c["level"] == "core"]
    assert (status, report["ok"]) == (1, False)
    assert failed
    assert all(f"convcheck verify {path} --case '{c['id']}'" in c["message"] for c in failed)
    done = convcheck("verify", path, "--case", failed[0]["id"])
    assert done.returncode == 1
    assert "should be" in done.stdout


@pytest.mark.slow
def test_half_finished_file_is_judged_on_its_layers(target, verified):
    status, report = verified(target(NO_BACKWARD), "--only", "relu")
    assert (status, report["components"]["relu"]["status"]) == (0, "partial")


WITHOUT = {
    "class Relu:\n    def unlike(self, x): return x": "relu: Relu has no forward; it has unlike",
    "class Relu:\n    def forward(self, x): pass": "relu: Relu.forward (layers.py, line 2) is not implemented yet",
    "class Relu: pass": "relu: Relu is not implemented yet (layers.py, line 1)",
    "from nowhere import x\nclass Relu:\n    def forward(self, y): return x * y": "",
}


@pytest.mark.slow
@pytest.mark.parametrize("code", WITHOUT)
def test_file_of_which_nothing_can_be_judged_is_no_agreement(code, target, convcheck):
    done = convcheck("verify", target(code), "--only", "relu", "--lang", "en")
    assert (done.returncode, WITHOUT[code] in done.stdout) == (1, True)
    assert "nothing here could be judged" in done.stdout


@pytest.mark.slow
def test_lent_function_is_said_in_the_header_and_in_the_report(target, verified, convcheck):
    path = target("from common.util import im2col\n" + RELU)
    status, report = verified(path, "--only", "relu", "--lang", "en")
    assert (status, report["notes"]) == (0, ["common.util is not here: lent in its place, and right: im2col"])
    assert report["components"]["relu"]["why"] == []
    assert report["notes"][0] in convcheck("verify", path, "--only", "relu", "--lang", "en").stdout


CRASH = ("self.mask = x <= 0", "self.mask = x <= 0\n        if len(x) == 1: import os; os._exit(0)")
ENDLESS = ("return np.where(self.mask, 0, dout)", "while True: pass")


@pytest.mark.slow
@pytest.mark.parametrize(
    "change, ends",
    [(CRASH, {("fail", "exit")}), (ENDLESS, {("fail", "timeout"), ("not_run", "after-timeout")})],
    ids=["crash", "endless"],
)
def test_crash_or_endless_loop_costs_its_checks_only(target, verified, change, ends):
    status, report = verified(target(RELU.replace(*change)), "--only", "relu", "--timeout", "0.3")
    seen = {(c["status"], c["reason"]) for c in report["components"]["relu"]["checks"]}
    assert status == 1 and ends | {("pass", "")} <= seen


@pytest.mark.slow
def test_require_map_and_strict_change_the_exit_status(target, tmp_path, convcheck):
    renamed = target(RELU.replace("class Relu", "class MyReLU"))
    assert convcheck("verify", renamed, "--map", "Relu=MyReLU", "--only", "relu").returncode == 0
    (tmp_path / "convcheck.toml").write_text('only = ["relu"]\nrequire = ["tanh"]\n[map]\nRelu = "MyReLU"\n')
    done = convcheck("verify", renamed)
    assert done.returncode == 1
    (tmp_path / "convcheck.toml").unlink()
    polite = target(RELU.replace("np.where(self.mask, 0, dout)", "np.multiply(dout, ~self.mask, out=dout)"))
    assert convcheck("verify", polite, "--only", "relu").returncode == 0
    assert convcheck("verify", polite, "--only", "relu", "--strict").returncode == 1


POOLING = """
import numpy as np

class Pooling:
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.pool_h, self.pool_w, self.stride = pool_h, pool_w, stride

    def forward(self, x):
        windows = np.lib.stride_tricks.sliding_window_view(x, (self.pool_h, self.pool_w), (2, 3))
        return windows[:, :, :: self.stride, :: self.stride].max((4, 5))
"""  # padding is left out, which is a corner case; and backward, which is then not there


@pytest.mark.slow
def test_wrong_corner_case_has_a_tone_of_its_own(target, verified, convcheck, tmp_path):
    path = target(POOLING)
    status, report = verified(path, "--only", "pooling")
    pooling = report["components"]["pooling"]
    assert (status, report["ok"], pooling["status"]) == (1, False, "edge")  # said before the backward that is not there
    failed = [c for c in pooling["checks"] if c["status"] == "fail" and c["level"] != "advice"]
    assert {c["level"] for c in failed} == {"edge"} and all("  edge case: " in c["message"] for c in failed)
    counted = {level: sum(c["level"] == level for c in pooling["checks"]) for level in ("core", "edge", "advice")}
    assert {level: n["total"] for level, n in pooling["levels"].items()} == counted
    assert verified(path, "--only", "pooling", "--level", "core")[0] == 0
    said = convcheck("verify", path, "--only", "pooling", "--level", "core", "--lang", "en").stdout
    assert all(text in said for text in ("agrees but for corner cases", "edge case: ", "padding", "of pooling: edge "))
    (tmp_path / "convcheck.toml").write_text('level = "core"\n')
    assert verified(path, "--only", "pooling")[0] == 0
    assert verified(path, "--only", "pooling", "--level", "edge")[0] == 1


@pytest.mark.slow
@pytest.mark.parametrize("case, level", [("padding-of-one", "edge"), ("stride-of-one", "core")])
def test_single_case_has_the_tone_of_its_level(target, verified, case, level):
    wrong = target(POOLING.replace(".max((4, 5))", ".min((4, 5))"))
    status, report = verified(wrong, "--case", f"pooling/{case}/forward")
    assert (status, report["components"]["pooling"]["status"]) == (1, "edge" if level == "edge" else "fail")
    assert report["components"]["pooling"]["levels"] == {level: {"passed": 0, "total": 1}}


WRONG_USE = [
    (["verify", "--only", "relus"], "did you mean relu?"),
    (["verify", "--require", "convolutoin"], "did you mean convolution?"),
    (["verify", "--case", "relu/no-such-case"], "no check is called"),
    (["verify", "--json", "no/such/folder/x.json"], "--json no/such/folder/x.json"),
    (["verify", "layers.py", "--map", "Relu"], "--map Relu"),
    (["verify", "layers.py", "--timeout", "0"], "--timeout 0"),
    (["verify", "--timeout", "soon"], "--timeout"),
    (["verify", "layers.py", "--level", "advice"], "--level advice: there are core, edge"),
    (["verify", "layers.py", "--level", "core", "--strict"], "take one of them"),
    (["verify", "layers.py", "--fuzz", "-1"], "--fuzz"),
    (["no-such-command"], "no-such-command"),
    (["golden"], "--check or --write"),
]
STARTED = [  # a process is started to find it out
    (["verify", "nothing_here.py"], "there is no nothing_here.py"),
    (["verify", "broken.py"], "broken.py"),
    (["verify", "empty.py"], "defines none of the names"),
    (["verify", "--device", "gpu"], "--device gpu"),
    (["verify", "layers.py", "--map", "Relu=nowhere:Relu"], "nowhere"),
]


@pytest.mark.parametrize(
    "arguments, said",
    [*WRONG_USE, *(pytest.param(*row, marks=pytest.mark.slow) for row in STARTED)],
    ids=lambda a: "-".join(a) if isinstance(a, list) else "",
)
def test_wrong_use_is_refused_in_one_sentence(arguments, said, tmp_path, convcheck, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.py").write_text("def f(:\n    pass\n")
    (tmp_path / "empty.py").write_text("x = 1\n")
    (tmp_path / "layers.py").write_text(RELU)
    done = convcheck(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.slow
def test_syntax_error_shows_the_targets_line(target, convcheck):
    done = convcheck("verify", target("def forward(self, x):\n    return x +\n"))
    assert done.returncode == 2
    assert "line 2" in done.stderr
    assert "return x +" in done.stderr


REACHED = "open('reached', 'w').close(); time.sleep(60)"  # a test waits for that file, and for no seconds
HANGS = "import time\n" + RELU.replace("return np.where(self.mask, 0, x)", REACHED)


def interrupted(folder: Path, code: str, *options: str) -> tuple[int, str]:
    """Verify code and press Ctrl-C when its relu has begun. Return the exit status and all that was said."""
    (folder / "layers.py").write_text(code)
    command = [*COMMAND, "verify", "layers.py", *options, "--timeout", "60"]
    with (folder / "out").open("w") as out:
        running = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT)
        wait_until((folder / "reached").exists)
        running.send_signal(signal.SIGINT)
        return running.wait(60), (folder / "out").read_text()


@pytest.mark.slow
def test_ctrl_c_exits_130_with_one_line(tmp_path):
    status, said = interrupted(tmp_path, HANGS)
    assert (status, "Traceback" in said) == (130, False), said


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from reference_tests.cli import run; run(['--help']); print({'torch', 'scipy'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip().endswith("set()")


@pytest.mark.slow
def test_ctrl_c_shows_what_was_found_so_far(tmp_path):
    status, said = interrupted(tmp_path, POOLING + HANGS, "--only", "pooling", "--only", "relu")
    assert (status, "pooling" in said, "stopped; not judged: relu" in said) == (130, True, True), said


def test_the_drawn_cases_stay_the_same_for_a_day(monkeypatch):
    day, now = 20_000, [20_000 * 86_400.0 + 5]
    monkeypatch.setattr(verify.time, "time", lambda: now[0])
    assert verify.default_seed(every_run=False) == day
    fuzzed = verify.default_seed(every_run=True)
    now[0] += 86_000
    assert verify.default_seed(every_run=False) == day
    assert verify.default_seed(every_run=True) != fuzzed
    now[0] += 400
    assert verify.default_seed(every_run=False) == day + 1


@pytest.mark.slow
def test_kept_answers_need_neither_torch_nor_scipy(target, tmp_path):
    code = "import sys; from reference_tests.cli import main\ntry: main()\nexcept SystemExit: pass\n"
    code += "print({'torch', 'scipy', 'mpmath'} & set(sys.modules))"
    command = [sys.executable, "-c", code, "verify", target(RELU), "--only", "relu", "--seed", "5", "--quiet"]
    environment = {**os.environ, "CONVCHECK_CACHE": str(tmp_path)}
    first, second = (
        subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment).stdout for _ in range(2)
    )
    assert "torch" in first and second.splitlines()[-1] == "set()"


def test_a_layers_own_name_stands_for_its_component():
    assert component_names(["Relu", "lrn", "Convolution"]) == ("convolution", "relu", "lrn")
