"""The recorded table of checks x mutants: every row is there, and catches a mutant alone or has a reason to stay."""

from reference_tests.corpus import mutants
from reference_tests.quality import necessity
from reference_tests.quality.detection import Detection


def test_necessity_table_is_current():
    """`convcheck self-test --full --only caught --write` measures it again."""
    assert list(necessity.load()) == necessity.rows()
    assert necessity.of_mutants() == len(mutants.mutants())


def test_row_that_catches_nothing_alone_has_a_reason():
    without = [
        name for name, (_caught, alone, why) in necessity.load().items() if not alone and why not in necessity.WHY
    ]
    assert without == []
    assert all(necessity.reason(name, *counts) == why for name, (*counts, why) in necessity.load().items())


def test_table_joins_the_parts_of_a_case():
    first, second = necessity.rows()[:2]
    found = [
        Detection("a", [first + "/forward", first + "/backward"]),
        Detection("b", [first, second]),
        Detection("c", [second]),
    ]
    table = necessity.table(found)
    assert (table[first], table[second]) == ([2, 1], [2, 1])
    assert not any(table[name][0] for name in necessity.rows()[2:])
