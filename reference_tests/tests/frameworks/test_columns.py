"""Columns as they are written: interpreters, switches, several of one framework, and what a diff of two says."""

import sys

import jsonschema
import pytest

from reference_tests.frameworks import columns
from reference_tests.frameworks.columns import Order, compared_pairs, parse_columns, select_columns
from reference_tests.frameworks.comparison import danger, difference
from reference_tests.frameworks.questions import QUESTIONS
from reference_tests.frameworks.registry import ELSEWHERE, FRAMEWORKS, framework_of
from reference_tests.frameworks.report import answer_entry, build_report, cell_of
from reference_tests.i18n import english

from .test_report import ABOUT, SCHEMA, for_every_input

BY_ID = {q.id: q for q in QUESTIONS}


@pytest.fixture
def old_and_new(tmp_path, monkeypatch):
    """Two interpreters with other versions of every package; the third has none."""
    paths = []
    for name in ("old", "new", "bare"):
        path = tmp_path / name
        path.symlink_to(sys.executable)
        paths.append(str(path))
    numbers = {paths[0]: "1.0", paths[1]: "2.0", paths[2]: "-"}
    monkeypatch.setattr(
        columns, "versions", lambda python, *packages: "\n".join(f"{p} {numbers.get(python, '2.0')}" for p in packages)
    )
    return paths


def names(text: str) -> list[str]:
    return [f.name for f in select_columns(text)[0]]


def test_one_column_keeps_its_name():
    assert names("torch,scipy") == ["torch", "scipy"]
    assert select_columns(f"torch={sys.executable}")[1] == {"torch": sys.executable}


def test_two_versions_are_told_apart_by_their_versions(old_and_new):
    old, new, bare = old_and_new
    found, pythons = select_columns(f"torch={old},torch={new}")
    assert [f.name for f in found] == ["torch 1.0", "torch 2.0"]
    assert pythons == {"torch 1.0": old, "torch 2.0": new}
    assert names(f"torch={old},torch") == ["torch 1.0", "torch 2.0"], "our own is the other one"
    assert names(f"torch={old},torch={bare}") == ["torch 1.0", "torch -"]
    assert compared_pairs(found) == [("torch 1.0", "torch 2.0")]


def test_same_versions_are_numbered(old_and_new):
    assert names(f"torch={old_and_new[1]},torch={sys.executable}") == ["torch", "torch (2)"]


def test_switches_are_set_and_named():
    found, _ = select_columns("torch,torch+ATEN_CPU_CAPABILITY=default+OMP_NUM_THREADS=1")
    assert [f.name for f in found] == ["torch", "torch ATEN_CPU_CAPABILITY=default OMP_NUM_THREADS=1"]
    assert found[1].setting == (("ATEN_CPU_CAPABILITY", "default"), ("OMP_NUM_THREADS", "1"))
    assert [framework_of(f.name) for f in found] == ["torch", "torch"]


def test_value_of_a_switch_may_have_signs():
    (order,) = parse_columns("jax+XLA_FLAGS=--xla_a=1 --xla_b=c+d")
    assert order == Order("jax", "", (("XLA_FLAGS", "--xla_a=1 --xla_b=c+d"),))


def test_group_with_a_switch_is_all_its_columns():
    assert names("opencv+OPENCV_IPP=disabled") == [
        "opencv.filter2D OPENCV_IPP=disabled", "opencv.dnn OPENCV_IPP=disabled",
    ]  # fmt: skip


@pytest.mark.parametrize("text, said", [("tourch", "tourch"), ("torch=/nowhere/python", "/nowhere/python")])
def test_wrong_column_is_named(text, said):
    with pytest.raises(ValueError, match=said):
        parse_columns(text)


def report_of(**answers):
    """A report of fake answers to C01, S17 and S14: {column: {question: answer to every input}}."""
    frameworks = select_columns(",".join(answers))[0]
    measured = {f.name: {"about": ABOUT, "answers": for_every_input(answers[f.name])} for f in frameworks}
    asked = [q for q in QUESTIONS if any(q.id in given for given in answers.values())]
    return build_report(frameworks, asked, measured, english, next(iter(answers)))


def array(*shape: int, data=(0.0,)) -> dict:
    return {"value": {"shape": list(shape), "dtype": "float32", "data": list(data)}}


def test_diff_of_two_columns_names_each_change(old_and_new):
    found, _ = select_columns(f"scipy={old_and_new[0]},scipy={old_and_new[1]}")
    before = {
        "C18": {"refused": "ModuleNotFoundError", "message": "no module"},
        "C01": {"value": 123},
        "S17": array(1, 1, 7, 7),
        "S14": {"absent": "no stride"},
    }
    after = {
        "C18": {"value": 123},
        "C01": {"value": 321},
        "S17": array(1, 1, 7, 7),
        "S14": {"refused": "ValueError", "message": "stride"},
    }
    measured = {
        "scipy 1.0 numpy-1.0": {"about": ABOUT, "answers": for_every_input(before)},
        "scipy 2.0 numpy-2.0": {"about": ABOUT, "answers": for_every_input(after)},
    }
    assert [f.name for f in found] == list(measured)
    report = build_report(found, [BY_ID[id] for id in ("S14", "S17", "C01", "C18")], measured, english, found[0].name)
    jsonschema.validate(report, SCHEMA)
    (diff,) = report["changes"]
    assert (diff["before"], diff["after"], diff["asked"]) == ("scipy 1.0 numpy-1.0", "scipy 2.0 numpy-2.0", 4)
    assert diff["faults"] == ["C18"], "a module that is missing is no change of an answer"
    first, second = diff["changed"]
    assert (first["id"], first["before"], first["after"]) == ("S14", "not offered", "refused (ValueError)")
    assert "true convolution (turned) for a line" in second["before"]
    assert "correlation (as it is) for a line" in second["after"]
    assert report["frameworks"]["scipy 1.0 numpy-1.0"]["framework"] == "scipy"


def test_column_that_is_not_there_changes_nothing():
    frameworks = select_columns("scipy,scipy+OMP_NUM_THREADS=1")[0]
    measured = {
        "scipy": {"about": ABOUT, "answers": for_every_input({"C01": {"value": 123}})},
        "scipy OMP_NUM_THREADS=1": {"about": {"missing": "no scipy"}, "answers": {}},
    }
    (diff,) = build_report(frameworks, [BY_ID["C01"]], measured, english, "scipy")["changes"]
    assert diff["missing"] == ["scipy OMP_NUM_THREADS=1"] and diff["changed"] == []


@pytest.mark.parametrize(
    "question, one, other, how",
    [
        ("S19", array(1, 1, 2, 2, data=(4, 6, 6, 9)), array(1, 1, 2, 2, data=(4, 6, 6, 9)), "same"),
        ("S06", array(1, 1, 1, 3, data=(2, 4, 6)), array(1, 1, 1, 3, data=(1, 3, 5)), "numbers"),
        ("S06", array(1, 1, 1, 3, data=(2, 4, 6)), array(1, 1, 1, 2, data=(1, 3)), "shape"),
        ("S17", array(1, 1, 3, 3), array(1, 1, 7, 7), "shape"),
        ("C20", {"value": [2, 3, 5, 4]}, {"value": [5, 4, 3, 2]}, "shape"),
        ("S14", {"refused": "ValueError", "message": "stride"}, array(1, 1, 4, 4), "refused"),
        ("S14", {"refused": "ValueError", "message": "stride"}, {"killed": "SIGFPE"}, "ended"),
        ("S14", {"absent": "no stride"}, array(1, 1, 4, 4), None),
        ("S14", {"refused": "KeyError", "message": "default"}, array(1, 1, 4, 4), None),
    ],
)
def test_differences_are_silent_only_where_numbers_of_one_shape_differ(question, one, other, how):
    measured = {
        name: {"about": ABOUT, "answers": for_every_input({question: answer})}
        for name, answer in (("torch", one), ("jax", other))
    }
    q = BY_ID[question]
    assert answer_entry(q, FRAMEWORKS["jax"], measured, "torch", english)["difference"] == how
    raws = [list(measured[name]["answers"].values()) for name in ("jax", "torch")]
    cells = [cell_of(q, name, measured, english) for name in ("jax", "torch")]
    assert difference(q, cells[0], raws[0], cells[1], raws[1]) == how


def test_danger_grows_with_the_columns_and_the_distance():
    question, base = BY_ID["S06"], [{"value": [10.0]}]
    near, far = [{"value": [10.1]}], [{"value": [-10.0]}]
    assert 0 < danger(question, [("numbers", near)], base) < danger(question, [("numbers", far)], base) <= 1
    assert danger(question, [("numbers", far)] * 3, base) == 3 * danger(question, [("numbers", far)], base)
    assert danger(question, [("shape", far), ("refused", far)], base) == 0
    assert danger(BY_ID["A04"], [("numbers", far)], base) < danger(question, [("numbers", far)], base), "a corner case"
    assert danger(question, [("numbers", [{"value": "nan"}])], base) == 1


def test_another_interface_answers_for_a_baseline_without_one():
    answers = {"torch": {"O09": {"absent": "torch.optim: see torch.nn"}}, "torch.nn": {"O09": {"value": 0.001}}}
    report = report_of(**answers, impl={"O09": {"value": 0.01}})
    (entry,) = report["questions"]
    assert entry["baseline"] == "torch.nn"
    assert entry["answers"]["impl"]["agrees_with_baseline"] is False
    assert entry["answers"]["torch"]["agrees_with_baseline"] is None
    assert {name for others in ELSEWHERE.values() for name in others} <= set(FRAMEWORKS)


def test_no_mark_stands_where_the_baseline_has_no_answer():
    (entry,) = report_of(scipy={"O09": {"absent": "no"}}, impl={"O09": {"value": 0.01}})["questions"]
    assert entry["baseline"] is None and entry["danger"] == 0
    assert entry["answers"]["impl"]["agrees_with_baseline"] is None
