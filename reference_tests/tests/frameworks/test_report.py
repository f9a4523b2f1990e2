"""The report: its schema, what agrees with impl, what is missing, CSV, and the command around it."""

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reference_tests import cli
from reference_tests.frameworks import report as reports
from reference_tests.frameworks.columns import select_columns
from reference_tests.frameworks.questions import QUESTIONS
from reference_tests.frameworks.registry import FRAMEWORKS
from reference_tests.frameworks.runner import request_id
from reference_tests.i18n import english, speaker

pytestmark = pytest.mark.slow  # each starts frameworks

SCHEMA = json.loads(Path(reports.__file__).with_name("report.schema.json").read_text())
CHOSEN = [q for q in QUESTIONS if q.id in ("S17", "C01", "S14", "R05")]
SIZE = {"value": {"shape": [1, 1, 3, 3], "dtype": "float32", "data": []}}  # "none" for the first input of S17
ABOUT = {"about": {"version": "1", "switches": {"mkldnn": True}, "device": "cpu"}}
ANSWERS: dict[str, Any] = {
    "impl": {"S17": SIZE, "C01": {"value": 321}, "S14": {"refused": "ValueError", "message": "stride"}},
    "scipy": {"S17": SIZE, "C01": {"value": 123, "unstable": True}, "S14": {"absent": "no stride"}},
    "torch": {"S14": {"refused": "RuntimeError", "message": "stride"}},
    "onnx-reference": {"R05": {"value": False}},
    "opencv.dnn": {"S14": {"killed": "SIGFPE", "message": ""}},
}


def for_every_input(given: dict[str, Any]) -> dict[str, Any]:
    """The same answer to every input of its question."""
    inputs = {q.id: [request_id(q, i) for i in range(len(q.samples))] for q in QUESTIONS}
    return {id: answer for question, answer in given.items() for id in inputs[question]}


MEASURED = {name: {"about": ABOUT, "answers": for_every_input(given)} for name, given in ANSWERS.items()}
MEASURED["jax"] = {"about": {"missing": "no jax"}, "answers": {}}


def make_report(say):
    frameworks = [replace(FRAMEWORKS[name], install=f"pip install {name}") for name in MEASURED if name != "impl"]
    return reports.build_report(frameworks, CHOSEN, MEASURED, say, "impl")


@pytest.fixture
def report():
    return make_report(english)


def answers(report, id):
    return next(q["answers"] for q in report["questions"] if q["id"] == id)


def test_report_follows_its_schema(report):
    jsonschema.validate(report, SCHEMA)
    json.dumps(report, allow_nan=False)


def test_status_of_each_framework(report):
    found = {name: f["status"] for name, f in report["frameworks"].items()}
    assert found == {"scipy": "ok", "torch": "ok", "onnx-reference": "ok", "opencv.dnn": "killed", "jax": "missing"}
    assert report["frameworks"]["jax"]["install"] == "pip install jax"


def test_agreement_is_none_unless_both_answer(report):
    assert answers(report, "C01")["scipy"]["agrees_with_baseline"] is False
    assert answers(report, "S17")["scipy"]["agrees_with_baseline"] is True
    assert answers(report, "S14")["scipy"]["agrees_with_baseline"] is None
    assert answers(report, "S14")["torch"]["agrees_with_baseline"] is True, "two refusals agree whatever they raise"
    assert answers(report, "S14")["opencv.dnn"]["agrees_with_baseline"] is False
    assert answers(report, "R05")["onnx-reference"]["agrees_with_baseline"] is None


def test_marks_of_unstable_killed_and_defect(report):
    assert answers(report, "C01")["scipy"]["unstable"]
    assert answers(report, "S14")["opencv.dnn"]["shown"] == "process killed by SIGFPE"
    assert answers(report, "R05")["onnx-reference"]["defect"]["documentation"].startswith("https://onnx.ai/")
    assert answers(report, "C01")["scipy"]["defect"] is None, "a choice"


def test_csv_has_a_row_a_question(report):
    rows = list(csv.reader(io.StringIO(reports.to_csv(report))))
    assert [row[0] for row in rows[1:]] == [q.id for q in CHOSEN]
    assert rows[0][3] == "scipy 1" and len({len(row) for row in rows}) == 1


def test_language_changes_words_but_no_answer(report):
    for one, two in zip(report["questions"], make_report(speaker("ja"))["questions"]):
        assert one["question"] != two["question"] and one["why"] != two["why"]
        for name in one["answers"]:
            for key in ("answer", "agrees_with_baseline", "difference", "unstable", "kind", "probe"):
                assert one["answers"][name][key] == two["answers"][name][key]


def run(*words, status=0):
    assert cli.run(["compare", *words]) == status


@pytest.mark.parametrize(
    "words, said",
    [
        (["--questions", "Z99"], "質問はありません"),
        (["--baseline", "torhc"], "という列はありません"),
        (["--from", "torch"], "一緒に使います"),
        (["--from", "torch", "--to", "torch"], "異なる 2 つ"),
    ],
)
def test_compare_speaks_the_systems_language_unless_it_is_told(monkeypatch, capsys, words, said):
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    assert cli.run(["compare", *words]) == 2
    assert said in capsys.readouterr().err
    assert cli.run(["compare", *words, "--lang", "en"]) == 2
    assert said not in capsys.readouterr().err


def test_compare_writes_json_csv_and_html(tmp_path, capsys):
    files = {name: tmp_path / f"r.{name}" for name in ("json", "csv", "html")}
    run(
        "--frameworks=scipy,impl",
        "--baseline=impl",
        "--questions=S17,C01",
        *(f"--{name}={file}" for name, file in files.items()),
    )
    written = json.loads(files["json"].read_text())
    jsonschema.validate(written, SCHEMA)
    assert [q["id"] for q in written["questions"]] == ["S17", "C01"]
    assert answers(written, "C01")["scipy"]["shown"] == "true convolution (turned)"
    assert not answers(written, "C01")["scipy"]["agrees_with_baseline"]
    assert "scipy" in files["html"].read_text() and files["csv"].read_text().startswith("id,family")
    shown = capsys.readouterr().out
    assert "≠ full" in shown and "S17" in shown and "scipy" in shown


def test_compare_json_to_standard_output_prints_nothing_else(capsys):
    run("--frameworks", "scipy", "--baseline", "impl", "--questions", "C01", "--json", "-")
    found = json.loads(capsys.readouterr().out)
    assert list(found["frameworks"]) == ["scipy"]
    assert answers(found, "C01")["scipy"]["agrees_with_baseline"] is False, (
        "the baseline is asked even where it is not shown"
    )


def test_compare_explain_prints_reason_probe_and_sources(capsys):
    run("--frameworks", "scipy,impl", "--baseline", "impl", "--explain", "c01")
    shown = capsys.readouterr().out
    for words in ("C01", "Why it bites", "convolve2d", "F.conv2d", "docs.scipy.org", "cudnnConvolutionMode_t"):
        assert words in shown


def test_compare_in_japanese(capsys):
    run("--frameworks", "scipy,impl", "--baseline", "impl", "--questions", "C01", "--lang", "ja")
    assert "数学の畳み込み" in capsys.readouterr().out.replace("\n", "")


def test_compare_target_is_a_column(tmp_path, capsys):
    (tmp_path / "my_layers.py").write_text(
        "import numpy as np\nclass Relu:\n"
        "    def forward(self, x):\n        return np.where(np.isnan(x), 0, np.maximum(x, 0))\n"
        "    def backward(self, dout):\n        return undefined\n"
    )
    run(
        "--frameworks",
        "impl",
        "--baseline",
        "impl",
        "--target",
        str(tmp_path / "my_layers.py"),
        "--questions",
        "A0[14],C01",
        "--json",
        "-",
    )
    found = json.loads(capsys.readouterr().out)
    assert found["frameworks"]["target"]["version"] == "my_layers.py"
    assert answers(found, "A04")["target"]["shown"] == "0 (hidden)"
    assert answers(found, "A01")["target"]["shown"] == "refused (NameError)"
    assert answers(found, "C01")["target"]["note"] == "no Convolution in this file"


@pytest.mark.parametrize(
    "words, said",
    [
        (["--frameworks", "tourch"], "tourch"),
        (["--questions", "Z*"], "Z*"),
        (["--explain", "S99"], "S99"),
        (["--lang", "fr"], "fr"),
        (["--from", "torch"], "--to"),
        (["--from", "torch", "--to", "scipy"], "scipy"),
        (["--from", "torch", "--to", "torch"], "different"),
        (["--python", "jax"], "--python jax"),
        (["--python", "jax=/nowhere/python"], "/nowhere/python"),
        (["--target", "nowhere.py"], "nowhere.py"),
        (["--columns", "torch=/nowhere/python"], "/nowhere/python"),
        (["--baseline", "caffe"], "caffe"),
        (["--search", "depthwyse"], "depthwise"),
        (["--search", "optimizer", "--questions", "S*"], "optimizer"),
    ],
)
def test_wrong_use_prints_one_sentence(words, said, capsys):
    run(*words, status=2)
    error = capsys.readouterr().err
    assert said in error and "Traceback" not in error and len(error.strip().splitlines()) == 1


def test_wrong_use_is_said_in_japanese_for_that_run_only(capsys):
    run("--search", "depthwyse", "--lang", "ja", status=2)
    assert "見つかりません" in capsys.readouterr().err
    run("--search", "depthwyse", status=2)
    assert "no question; perhaps depthwise" in capsys.readouterr().err


def test_file_that_cannot_be_written_is_named(tmp_path, capsys):
    run(
        "--frameworks",
        "scipy",
        "--baseline",
        "impl",
        "--questions",
        "C01",
        "--json",
        str(tmp_path / "no" / "r.json"),
        status=2,
    )
    assert "--json" in capsys.readouterr().err


def test_missing_framework_shows_its_install_command(tmp_path, capsys):
    """An interpreter without jax stands for a machine without it."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "$@"\n')
    python.chmod(0o755)
    run("--frameworks", "jax,impl", "--baseline", "impl", "--questions", "C01", "--python", f"jax={python}")
    shown = capsys.readouterr().out.replace("\n", "")
    assert "Not installed" in shown and ".[jax]" in shown


@pytest.mark.parametrize("encoding", ["cp932", "cp1252", "latin-1", "ascii"])
def test_matrix_and_question_print_in_any_encoding(encoding):
    """What an encoding lacks is written in its own signs: a difference stays one."""
    for words, sign in ((["--questions", "C01"], "!= true"), (["--explain", "C01"], "true convolution")):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "reference_tests",
                "compare",
                "--frameworks",
                "scipy,impl",
                "--baseline",
                "impl",
                *words,
            ],
            capture_output=True,
            env={**os.environ, "PYTHONIOENCODING": encoding, "COLUMNS": "120"},
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert sign in done.stdout.decode(encoding).replace("≠", "!="), "cp932 has the sign itself"


def test_json_to_standard_output_is_utf8_in_any_encoding():
    done = subprocess.run(
        [sys.executable, "-m", "reference_tests", "compare", "--frameworks", "scipy", "--baseline", "scipy",
         "--questions", "C01", "--lang", "ja", "--json", "-"],
        capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert "畳み込み" in json.loads(done.stdout.decode("utf-8"))["questions"][0]["question"]


def test_explain_shows_every_question_of_a_pattern(capsys):
    run("--frameworks", "impl", "--baseline", "impl", "--explain", "K*,A0[34]")
    shown = capsys.readouterr().out
    assert all(f"{id}  " in shown for id in ("K01", "K02", "A03", "A04"))
    assert "17 of them" in shown, "each input has its name"


def test_python_may_be_a_relative_path(tmp_path, monkeypatch, capsys):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(p for p in sys.path if p))
    run(
        "--frameworks",
        "scipy",
        "--baseline",
        "scipy",
        "--questions",
        "C01",
        "--python",
        "scipy=bin/python",
        "--json",
        "-",
        "--no-cache",
    )
    found = json.loads(capsys.readouterr().out)
    assert found["frameworks"]["scipy"]["status"] == "ok"


def test_exception_that_no_question_expects_is_a_fault():
    raws = {"S14": {"refused": "KeyError", "message": "default"}}
    measured = {**MEASURED, "torch": {"about": ABOUT, "answers": for_every_input(raws)}}
    report = reports.build_report([FRAMEWORKS["torch"]], CHOSEN, measured, english, "impl")
    jsonschema.validate(report, SCHEMA)
    found = answers(report, "S14")["torch"]
    assert (found["kind"], found["shown"], found["note"]) == ("fault", "fault (KeyError)", "default")
    assert found["agrees_with_baseline"] is None and found["answer"] == {"fault": "KeyError: default"}
    assert report["frameworks"]["torch"]["status"] == "fault"


def test_group_stands_for_its_columns():
    assert [f.name for f in select_columns("opencv,impl")[0]] == ["opencv.filter2D", "opencv.dnn", "impl"]
