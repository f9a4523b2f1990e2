"""Rubrics: every mistake is named, the default one is correct, and a checklist follows from it and a seed."""

import datetime
import re

import pytest

from reference_tests.conformance import contract
from reference_tests.errors import UsageError
from reference_tests.grading import checklist, rubric, rubric_toml, settings
from reference_tests.i18n import speaking

RELU = {"points": 1}
BASE = {"components": {"relu": RELU}}
ZONED = datetime.datetime(2027, 5, 1, tzinfo=datetime.UTC)
CIRCLE = {"components": {"relu": {**RELU, "needs": ["tanh"]}, "tanh": {**RELU, "needs": ["relu"]}}}


def relu(**changed):
    """Return a rubric of relu alone."""
    return {"components": {"relu": {**RELU, **changed}}}


def with_checks(*ids):
    """Return a rubric with points for single checks."""
    return {**BASE, "checks": [{"id": id, "points": 1} for id in ids]}


MISTAKES = {  # name -> the rubric, and a part of the sentence about it
    "an unknown key": ({**BASE, "titel": "x"}, "titel: there is no such key; did you mean title?"),
    "no text": ({**BASE, "title": 3}, "title = 3 should be some text"),
    "a language we lack": ({**BASE, "language": "fr"}, "language = 'fr' should be en or ja"),
    "a third way": ({**BASE, "prerequisites": "ignore"}, "should be replace or skip"),
    "an unknown component": ({"components": {"convoluton": RELU}}, "'convoluton'; did you mean convolution?"),
    "no table": ({"components": {"relu": 3}}, "components.relu should be a table"),
    "no points": ({"components": {"relu": {}}}, "components.relu.points is missing"),
    "points below 0": (relu(points=-1), "components.relu.points = -1 should be a number from 0"),
    "points that are text": (relu(points="4"), "components.relu.points = '4' should be a number"),
    "points that are true": (relu(points=True), "points = True should be a number"),
    "a share above 1": ({**BASE, "hidden_share": 50}, "hidden_share = 50 should be a number from 0 to 1"),
    "half a case": ({**BASE, "drawn": 1.5}, "drawn = 1.5 should be a whole number"),
    "nothing to earn": (relu(points=0), "there is nothing that earns points"),
    "another sum": ({**BASE, "total": 100}, "total = 100, but the points add up to 1"),
    "a map of an unknown name": ({**BASE, "map": {"Rely": "R"}}, "map = 'Rely' should be a name of the contract"),
    "a map that is no table": ({**BASE, "map": ["Relu"]}, "map = ['Relu'] should be a table of names"),
    "a map to nothing": ({**BASE, "map": {"Relu": ""}}, "should be a table of names"),
    "packages that are no list": ({**BASE, "packages": "scipy"}, "packages = 'scipy' should be a list of packages"),
    "a package with its version": ({**BASE, "packages": ["scipy>=1"]}, "should be a list of packages by the names"),
    "a file that is no text": ({**BASE, "file": ["layers.py"]}, "file = ['layers.py'] should be some text"),
    "an unknown need": (relu(needs=["im2co"]), "components.relu.needs: 'im2co'"),
    "a circle": (CIRCLE, "components.relu.needs: it needs itself"),
    "needs that are no list": (relu(needs="tanh"), "should be a list of names"),
    "an unknown check": (with_checks("relu/nothing"), "no check is called 'relu/nothing'"),
    "a check without id": ({**BASE, "checks": [{"points": 1}]}, "checks[0].id is missing"),
    "a check twice": (with_checks(*["relu/positive-and-negative"] * 2), "is there more than once"),
    "advice": (with_checks("im2col/window-one-larger-than-the-image/refused"), "only advice, which never earns points"),
    "hidden golden numbers": (
        {"components": {"lrn": {"points": 1, "again": ["lrn/golden-C-equal-to-n/forward"]}}},
        "has given numbers, so that it cannot be hidden",
    ),
    "another component's check": (relu(again=["tanh/one-image/forward"]), "components.relu.again: tanh/"),
    "an unknown check that fails": ({**BASE, "xfail": {"relu/nothing": "x"}}, "xfail: no check is called"),
    "a failure without a reason": (
        {**BASE, "xfail": {"relu/one-image": ""}},
        "xfail = {'relu/one-image': ''} should be",
    ),
    "an unknown check that is skipped": ({**BASE, "skip": ["relu/nothing"]}, "skip: no check is called"),
    "everything skipped": ({**BASE, "skip": ["relu"]}, "there is nothing that earns points"),
    "a group of what is not there": ({**BASE, "groups": {"a": {"components": ["tanh"], "best": 1}}}, "'tanh' is no"),
    "a group of too few": ({**BASE, "groups": {"a": {"components": ["relu"], "best": 2}}}, "groups.a.best = 2"),
    "a group without a number": ({**BASE, "groups": {"a": {"components": ["relu"]}}}, "groups.a.best is missing"),
    "a budget below 0": ({**BASE, "budget": -1}, "budget = -1 should be a number from 0"),
    "no deadline": ({**BASE, "late": {}}, "late.deadline is missing"),
    "a deadline anywhere": (
        {**BASE, "late": {"deadline": ZONED.replace(tzinfo=None)}},
        "late.deadline = 2027-05-01 00:00:00 should be a date and time with its offset",
    ),
    "more than all": ({**BASE, "late": {"deadline": ZONED, "percent_per_day": 200}}, "percent_per_day = 200 should be"),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_mistake_is_named_in_a_sentence(what):
    content, sentence = MISTAKES[what]
    with pytest.raises(rubric.RubricError) as error:
        rubric_toml.parse(content)
    assert sentence in str(error.value)
    with speaking("ja"), pytest.raises(rubric.RubricError) as error:
        rubric_toml.parse(content)
    assert all(re.search("[ぁ-ん]", said) for said in str(error.value).splitlines())


def test_all_mistakes_are_reported_at_once():
    with pytest.raises(rubric.RubricError) as error:
        rubric_toml.parse({"titel": "x", "components": {"rely": {}, "relu": {"points": -1}}, "total": 3})
    assert len(error.value.mistakes) >= 4


@pytest.mark.parametrize("text, sentence", [("points = ", "is not TOML"), (None, "cannot be read")])
def test_file_that_is_no_rubric_raises_usage_error(tmp_path, text, sentence):
    path = tmp_path / "rubric.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UsageError, match=sentence):
        rubric_toml.load(path)


def test_default_rubric_has_100_points_and_hides_half_of_them():
    parsed = rubric_toml.load()
    assert parsed.max_score == 100
    made = checklist.make_checklist(parsed, 5)
    hidden = sum(pool.points for name, pool in made.pools.items() if name.endswith("/hidden"))
    assert hidden == 50
    assert all(any(item.hidden for item in made.items_of(part.name)) for part in parsed.components)
    assert {"simple_conv_net", "convolution"} <= made.by_component.keys()


def test_rubric_hash_depends_on_content_not_on_spelling():
    assert rubric_toml.parse({"total": 1, **BASE}).hash == rubric_toml.parse({**BASE, "title": "A CNN in NumPy"}).hash
    assert rubric_toml.parse(BASE).hash != rubric_toml.parse({"components": {"relu": {"points": 2}}}).hash


def test_checklist_is_reproducible_and_another_seed_changes_hidden_checks_only():
    parsed = rubric_toml.parse({"components": {"relu": {"points": 1}, "im2col": {"points": 1}}})
    one, same, other = (checklist.make_checklist(parsed, seed) for seed in (5, 5, 6))
    assert [i.id for i in one.items] == [i.id for i in same.items]
    assert {i.id for i in one.items if not i.hidden} == {i.id for i in other.items if not i.hidden}
    assert not {i.id for i in one.items if i.hidden} & {i.id for i in other.items if i.hidden}
    assert len({i.id for i in one.items}) == len(one.items)


def test_hidden_check_has_other_numbers_than_the_public_one():
    check = checklist.public_checks("convolution")[0]
    assert contract.layer("convolution").OP is check.case.op
    first, second = (checklist.with_seed(check, seed).case.question().arrays for seed in (1, 2))
    public = check.case.question().arrays
    assert all((first[k] != second[k]).any() and (first[k] != public[k]).any() for k in public)
    assert len(public) >= 2


@pytest.mark.parametrize("kind", ["torch", "cupy", "jax"])
def test_other_arrays_than_numpys_need_a_process_that_can_read_their_library(kind):
    asked = rubric_toml.parse({**BASE, "arrays": kind})
    assert settings.merge_settings(asked, isolation="process").arrays == {"kind": kind}
    with pytest.raises(UsageError, match="no library but NumPy and no GPU"):
        settings.merge_settings(asked, isolation="confined", allow_unconfined=False)


def test_rubric_of_the_book_has_its_contents_alone(tmp_path, monkeypatch):
    book = rubric_toml.load("book")
    names = {part.name for part in book.components}
    assert book.max_score == 100
    assert names <= set(contract.CORE) and not names & {"lrn", "tanh", "average_pooling", "shapes"}
    assert rubric_toml.load("default") == rubric_toml.load()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "book").write_text("components.relu.points = 1\n")  # a file of that name is the user's own
    assert rubric_toml.load("book").max_score == 1
