"""A folder of two files in two styles: each layer is read as its own file's convention has it."""

import pytest

from reference_tests.conformance import spoken
from reference_tests.subject.load import load
from reference_tests.tests.subject.conventions.test_pinned import LAST
from reference_tests.tests.subject.conventions.test_read import CONV, DENSE, LINEAR, status

CONVS = {"CS231n": (CONV, "pass"), "Coursera": (LAST, "partial")}
DENSES = {"torch.nn": LINEAR, "layers that update themselves": DENSE}


@pytest.mark.slow
@pytest.mark.parametrize("first", CONVS)
@pytest.mark.parametrize("second", DENSES)
def test_each_file_has_its_convention(first, second, write):
    code, agrees = CONVS[first]
    write("net/conv.py", code)
    folder = write("net/fc.py", DENSES[second]).rpartition("/")[0]
    subject = load(folder)
    assert f"({first}" in spoken.read_as(subject.interfaces["Convolution"])
    assert f"({second}" in spoken.read_as(subject.interfaces["Affine"])
    assert (status(subject, "convolution"), status(subject, "affine")) == (agrees, "partial")


@pytest.mark.slow
@pytest.mark.parametrize("old, new", [("grad_output.sum(0)", "grad_output.mean(0)"), ("self.weight.T", "self.weight")])
def test_mistake_in_one_file_is_seen_beside_the_other(old, new, write):
    write("net/conv.py", LAST)
    folder = write("net/fc.py", LINEAR.replace(old, new)).rpartition("/")[0]
    assert status(load(folder), "affine") == "fail"
