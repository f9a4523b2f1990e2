"""Mutation of impl: the identities of changes, the recorded reasons of survivors, and what counts as unexplained."""

from functools import cache
from types import SimpleNamespace

import pytest

from reference_tests.quality import mutation, report
from reference_tests.quality.mutation import Change, Outcome

SOURCE = """\
LIMIT = 2


class Layer:
    @property
    def size(self):
        return self.n + 1 + 2

    def forward(self, x):
        def inner(y):
            return y + 1

        return inner(x) + 3
"""
ADD, NUMBER = "core/ReplaceBinaryOperator_Add_Sub", "core/NumberReplacer"


def item(job, operator, line, occurrence):
    place = SimpleNamespace(operator_name=operator, start_pos=(line, 0), occurrence=occurrence)
    return SimpleNamespace(job_id=job, mutations=[place])


def test_identity_is_function_operator_and_ordinal():
    items = [item("f", ADD, 13, 3), item("b", ADD, 7, 1), item("a", ADD, 7, 0), item("e", ADD, 11, 2)]
    items += [item("c", NUMBER, 1, 0), item("d", "core/RemoveDecorator", 5, 0), item("x", "core/Unknown", 7, 0)]
    assert mutation.identify("layers/one", SOURCE, items) == {
        "a": Change("layers/one", "Layer.size", "ReplaceBinaryOperator_Add_Sub", 0),
        "b": Change("layers/one", "Layer.size", "ReplaceBinaryOperator_Add_Sub", 1),
        "c": Change("layers/one", "", "NumberReplacer", 0),
        "d": Change("layers/one", "Layer.size", "RemoveDecorator", 0),
        "e": Change("layers/one", "Layer.forward.inner", "ReplaceBinaryOperator_Add_Sub", 0),
        "f": Change("layers/one", "Layer.forward", "ReplaceBinaryOperator_Add_Sub", 0),
    }


def test_survivors_of_every_function_exist():
    """A function that was renamed or deleted must be renamed or deleted in survivors.json too."""
    names: dict[str, set[str]] = {}
    for module in {change.module for change in mutation.reasons()}:
        source = (mutation.ROOT / f"impl/{module}.py").read_text(encoding="utf-8")
        names[module] = {name for _first, _last, name in mutation.function_spans(source)} | {""}
    assert [change for change in mutation.reasons() if change.function not in names[change.module]] == []
    assert names.keys() <= mutation.TESTS.keys()


@pytest.mark.slow
def test_survivors_are_changes_that_cosmic_ray_makes(tmp_path, monkeypatch):
    pytest.importorskip("cosmic_ray", reason="cosmic-ray is not installed: it comes with the extra dev")
    from cosmic_ray.ast import ast_nodes
    from cosmic_ray.commands import init
    from cosmic_ray.work_db import WorkDB, use_db

    # which walks through the whole tree for each of its operators
    monkeypatch.setitem(init.__globals__, "ast_nodes", cache(lambda tree: [*ast_nodes(tree)]))
    made: set[Change] = set()
    for number, module in enumerate(sorted({change.module for change in mutation.reasons()})):
        path = mutation.ROOT / f"impl/{module}.py"
        with use_db(str(tmp_path / f"{number}.sqlite"), WorkDB.Mode.create) as db:
            init([path], db, {})
            made |= {*mutation.identify(module, path.read_text(encoding="utf-8"), db.work_items).values()}
    assert [change for change in mutation.reasons() if change.operator != mutation.ANY and change not in made] == []


def test_survivors_file_is_laid_out_as_written():
    reasons = mutation.reasons()
    assert mutation.format_reasons(reasons) == mutation.SURVIVORS.read_text(encoding="utf-8")
    assert all(why.endswith(".") for why in reasons.values())


def test_survivor_without_a_reason_is_unexplained():
    known = next(iter(mutation.reasons()))
    old = Outcome(known.module, "a", "b", "survived", *known[1:])
    new = Outcome(known.module, "a", "b", "survived", *known[1:3], 10_000)
    killed = Outcome(known.module, "a", "b", "killed by a test", *known[1:3], 10_000)
    assert mutation.unexplained([old, new, killed]) == [new]
    assert not report.meets_bar({"survived": {"not": [new]}})
    assert report.meets_bar({"survived": {"not": []}})


def test_reason_for_any_change_of_a_function_is_for_that_function_alone(monkeypatch):
    monkeypatch.setattr(mutation, "reasons", lambda: {Change("a", "size", mutation.ANY, 0): "Time only."})
    own, other = Outcome("a", "1", "2", "survived", "size", NUMBER, 3), Outcome("a", "1", "2", "survived", "f", NUMBER)
    assert mutation.unexplained([own, other]) == [other]


def test_every_function_and_layer_is_mutated():
    folders = ("impl/functional", "impl/layers")
    files = [path for folder in folders for path in (mutation.ROOT / folder).rglob("*.py")]
    wanted = {path for path in files if path.name != "__init__.py" or "\ndef " in path.read_text(encoding="utf-8")}
    assert {mutation.ROOT / f"impl/{module}.py" for module in mutation.TESTS} >= wanted
    for module in mutation.TESTS:
        assert all((mutation.ROOT / path).is_file() for path in mutation.tests_of(module).split())


def test_renamed_variable_keeps_the_reason():
    known = next(iter(mutation.reasons()))
    assert mutation.unexplained([Outcome(known.module, "a + 1", "a - 1", "survived", *known[1:])]) == []
    assert mutation.unexplained([Outcome(known.module, "b + 1", "b - 1", "survived", *known[1:])]) == []


def test_outcomes_are_counted_by_module():
    found = [Outcome("a", "", "", said) for said in ("survived", "killed by a test", "killed by the suite", "timeout")]
    assert mutation.count_outcomes(found) == {"a": {"killed": 2, "survived": 1, "timeout": 1}}
