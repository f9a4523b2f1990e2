"""The kept table of checks x mutants: every row is there, and catches something alone or has a reason to stay."""

from reference_tests.corpus import mutants
from reference_tests.quality import necessity
from reference_tests.quality.detection import Detection


def test_the_table_is_of_today():
    """`convcheck self-test --full --only caught --write` makes it anew."""
    assert list(necessity.load()) == necessity.rows()
    assert necessity.of_mutants() == len(mutants.mutants())


def test_every_row_catches_something_alone_or_says_why_it_stays():
    without = [
        name for name, (_caught, alone, why) in necessity.load().items() if not alone and why not in necessity.WHY
    ]
    assert without == []
    assert all(necessity.reason(name, *counts) == why for name, (*counts, why) in necessity.load().items())


def test_both_parts_of_a_case_are_one_row_and_alone_is_alone():
    first, second = necessity.rows()[:2]
    found = [
        Detection("a", [first + "/forward", first + "/backward"]),
        Detection("b", [first, second]),
        Detection("c", [second]),
    ]
    table = necessity.table(found)
    assert (table[first], table[second]) == ([2, 1], [2, 1])
    assert not any(table[name][0] for name in necessity.rows()[2:])
