"""Slips that several layers share have a name: of a row's index, of bits, of labels; near ones do not get it."""

import pytest

from reference_tests.conformance.contract import all_checks
from reference_tests.conformance.examination import explain
from reference_tests.conformance.judge import judge_all
from reference_tests.corpus import mutants
from reference_tests.quality.naming import Renewable, codes


def names_of(component, *patch, scenario=""):
    """The codes that a component's failures get when the plain edition is patched; what follows is left out.

    scenario: the only one whose checks are asked.
    """
    planted = mutants.Mutant("slip", component, "", "", patch)
    subject = Renewable(planted.names)
    checks = [c for c in all_checks([component]) if c.level != "advice" and scenario in ("", c.scenario.id)]
    return codes([v for v in explain(list(judge_all(checks, subject)), subject) if v.status == "fail"])


PUT = "np.put_along_axis(dx, self.arg_max[..., None], dout[..., None], axis=2)"
ROWS = "rows, place = dx.reshape(-1, dx.shape[2]), self.arg_max.ravel()\n        "


def test_the_missing_index_of_rows_is_named_and_a_wrong_one_is_not_taken_for_it():
    in_all = ROWS + "rows[:, place] = dout.reshape(-1, 1)"
    assert names_of("global_max_pooling", (PUT, in_all), scenario="plain") == {"gmp.dx-in-every-row"}
    of_another = ROWS + "rows[np.arange(len(rows))[::-1], place] = dout.ravel()"
    assert "gmp.dx-in-every-row" not in names_of("global_max_pooling", (PUT, of_another), scenario="plain")


DX = "dx = dout.copy()\n        dx[self.mask] = 0\n        return dx"
KEPT = "kept = np.unpackbits(np.packbits(~self.mask){count})\n        return dout * kept.reshape(dout.shape)"


def test_bits_of_a_mask_that_come_back_longer_are_named_and_counted_ones_are_right():
    assert names_of("relu", (DX, KEPT.format(count=""))) == {"exception.packed-bits"}
    assert names_of("relu", (DX, KEPT.format(count=", count=dout.size"))) == set()


def test_an_error_at_a_read_only_array_has_the_name_of_the_change_that_it_is():
    found = names_of("relu", ("out = x.copy()\n        out[self.mask] = 0", "out = x\n        out[self.mask] = 0"))
    assert found == {"state.changed-input"}


SUB = "dx[np.arange(N), self.t] -= 1"


@pytest.mark.parametrize("kind, named", [("self.t.dtype", {"loss.places-in-a-byte"}), ("int", set())])
def test_places_in_the_labels_own_type_are_named(kind, named):
    at = f"at = np.arange(N, dtype={kind}) * np.array(dx.shape[1], {kind}) + self.t\n        dx.ravel()[at] -= 1"
    assert names_of("softmax_with_loss", (SUB, at)) == named
