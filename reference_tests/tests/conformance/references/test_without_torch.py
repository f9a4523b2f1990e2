"""Where torch is not installed two other references answer every question, and they agree with torch where it is."""

import numpy as np
import pytest

from reference_tests.conformance import references
from reference_tests.conformance.contract import COMPONENTS, layer
from reference_tests.conformance.scenarios import checks_of

PLAIN = 2  # questions of a component that the quick tests ask


def questions_of(name):
    """Return every question behind a component's checks, once."""
    found = {}
    for check in checks_of(layer(name)):
        for q, _ in check.scenario.plan(check.case, check.part).expect.values():
            found.setdefault(q.key(), q)
    return list(found.values())


def disagreements(questions):
    """List where the references without torch are fewer than two, disagree with each other or with torch."""
    found = []
    for q in questions:
        allowed = layer(q.op.component).allowed
        want = references.right_answer(q, allowed)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CONVCHECK_TORCH", "0")
            answers = references.ask_all(q.exact(), references.NO_TORCH)
            got = references.right_answer(q, allowed)  # raises Fault if only one answers, or two disagree
        bound = allowed(q.exact(), want, references.EPS64)
        assert not any(name.startswith("torch") for name in answers)
        for what, right in want.items():
            with np.errstate(invalid="ignore"):
                off = np.where(got[what] == right, 0.0, np.abs(got[what] - right))
            if not np.all((off <= bound[what]) | (np.isnan(right) & np.isnan(got[what]))):
                found.append((q.op.component, what, float(np.nanmax(off))))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", COMPONENTS)
def test_two_references_answer_without_torch(name):
    assert disagreements(questions_of(name)[:: max(1, len(questions_of(name)) // PLAIN)]) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", COMPONENTS)
def test_two_references_answer_every_question_without_torch(name):
    assert disagreements(questions_of(name)) == []


def test_a_wrong_reference_is_noticed_without_torch(monkeypatch):
    monkeypatch.setenv("CONVCHECK_TORCH", "0")
    q = questions_of("affine")[0]
    table = references._tables()["whole_arrays"]
    right = table["affine"]
    monkeypatch.setitem(table, "affine", lambda q: {**right(q), "out": right(q)["out"] + 1e-3})
    references.forget()
    with pytest.raises(references.Fault, match="disagree"):
        references.right_answer(q, layer("affine").allowed)


def test_device_none_asks_no_torch_and_cuda_needs_it(monkeypatch):
    monkeypatch.setenv("CONVCHECK_TORCH", "1")
    assert references.devices("none") == ()
    assert not references.asks_torch()
    with pytest.raises(ValueError, match="needs torch"):
        references.devices("cuda")


def test_missing_torch_is_said_with_its_install_command(monkeypatch):
    monkeypatch.setattr(references, "torch_is_installed", lambda: False)
    assert references.devices("auto") == ()
    with pytest.raises(ValueError, match=r"pip install .*\[torch\]"):
        references.devices("all")
