"""The lines shown for an exception: the innermost one of the submission's, and the call of the judged method's own."""

import numpy as np
import pytest

from reference_tests.subject.load import load
from reference_tests.subject.parent import RemoteSubject
from reference_tests.subject.protocol import Plan

HELPER = """
import numpy as np
def windows(x, h, w, stride=1):
    return (x.shape[2] - h) // stride, (x.shape[3] - w) // stride
"""
CALLS = {  # how forward calls the helper -> (innermost line, the layer's own line)
    "missing": ("windows(x, 3, 0, 0)", "x.shape[2] - h) // stride", "return windows(x, 3, 0, 0)"),
    "its own": ("windows(x)", "return windows(x)", ""),  # the call itself fails: no line is deeper
    "two deep": ("self.deeper(x)", "x.shape[2] - h) // stride", "return self.deeper(x)"),
}
LAYER = """
    def deeper(self, x):
        return windows(x, 3, 3, 0)
    def __call__(self, x):
        return self.forward(x)
    def forward(self, x):
        return {call}
"""
PROGRAM = [["make", "layer", "Relu", []], ["call", "out", "layer.forward", ["x"]]]
X = {"x": np.ones((1, 1, 4, 4))}


@pytest.mark.parametrize("name", CALLS)
def test_the_layers_own_line_is_shown_besides_the_innermost(write, name):
    call, line, own = CALLS[name]
    path = write("mine.py", f"{HELPER}\nclass Relu:{LAYER.format(call=call)}")
    stop = load(path).run(Plan(PROGRAM, X, {})).stop
    assert line in stop.line
    assert stop.call.partition(": ")[2] == own


def test_a_call_that_only_hands_on_is_left_out(write):
    path = write("mine.py", f"{HELPER}\nclass Relu:{LAYER.format(call='windows(x, 3, 3, 0)')}")
    program = [PROGRAM[0], ["call", "out", "layer.__call__", ["x"]]]
    assert "return windows(x, 3, 3, 0)" in load(path).run(Plan(program, X, {})).stop.call


@pytest.mark.slow
def test_the_files_are_named_where_there_are_several(write):
    write("patches.py", HELPER)
    path = write("mine.py", f"from patches import windows\nclass Relu:{LAYER.format(call='windows(x, 3, 3, 0)')}")
    with RemoteSubject(path) as remote, load(path) as here:
        stop = here.run(Plan(PROGRAM, X, {})).stop
        assert (stop.line.partition(",")[0], stop.call.partition(",")[0]) == ("patches.py", "mine.py")
        assert remote.run(Plan(PROGRAM, X, {})).stop == stop


WITHOUT_SELF = "class Relu:\n    def forward(x):\n        return abs(x)\n    def backward(dout):\n        return dout\n"


def test_a_layer_without_self_is_loaded_all_the_same(write):
    """Its interface is tried in every layout of images: none of these may be a fault of ours."""
    assert load(write("mine.py", WITHOUT_SELF)).has("Relu")
