"""The kept table of checks x mutants: every row is there, and catches something alone or has a reason to stay."""

from reference_tests.self_tests import mutants
from reference_tests.self_tests.rates import needed
from reference_tests.self_tests.rates.caught import Caught


def test_the_table_is_of_today():
    """`convcheck self-test --full --only caught --write` makes it anew."""
    assert list(needed.kept()) == needed.rows()
    assert needed.of_mutants() == len(mutants.mutants())


def test_every_row_catches_something_alone_or_says_why_it_stays():
    without = [name for name, (_caught, alone, why) in needed.kept().items() if not alone and why not in needed.WHY]
    assert without == []
    assert all(needed.reason(name, *counts) == why for name, (*counts, why) in needed.kept().items())


def test_both_parts_of_a_case_are_one_row_and_alone_is_alone():
    first, second = needed.rows()[:2]
    found = [
        Caught("a", [first + "/forward", first + "/backward"]),
        Caught("b", [first, second]),
        Caught("c", [second]),
    ]
    table = needed.table(found)
    assert (table[first], table[second]) == ([2, 1], [2, 1])
    assert not any(table[name][0] for name in needed.rows()[2:])
