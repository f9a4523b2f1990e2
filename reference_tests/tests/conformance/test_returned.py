"""What is no array of numbers is named as what it is: by the child as data, by the message in the reader's language."""

import numpy as np
import pytest

from reference_tests.conformance.examination import Request, examine
from reference_tests.i18n import speaking
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.subject.errors import describe_returned
from reference_tests.subject.load import load
from reference_tests.subject.parent import RemoteSubject
from reference_tests.subject.protocol import Plan, Returned
from reference_tests.tests.sampling import sampled

RELU = """
import numpy as np
class Relu:
    def forward(self, x):
        self.mask = x > 0
        {forward}
    def backward(self, dout):
        {backward}
"""
AFFINE = """
class Affine:
    def __init__(self, W, b): self.W, self.b, self.dW, self.db = W, b, None, None
    def forward(self, x):
        self.shape, self.rows = x.shape, x.reshape(len(x), -1)
        return self.rows @ self.W + self.b
    def backward(self, dout):
        dW = self.rows.T @ dout
        self.db = dout.sum(0)
        return (dout @ self.W.T).reshape(self.shape)
"""
SAID = [  # what forward returns, the sentence, the code
    ("pass", "layer.forward returns None: is `return` missing?", "type.none"),
    ("return x * self.mask, x", "layer.forward returns a tuple of 2: (2, 3, 4, 5), (2, 3, 4, 5)", "type.tuple"),
    ("return [x * self.mask, x, 1]", "a list of 3: (2, 3, 4, 5), (2, 3, 4, 5), int", "type.list"),
    ("return str(x)", "layer.forward returns a str: '[[[[", "type.str"),
    ("return {'out': x, 'mask': x}", "layer.forward returns a dict with the keys out, mask", "type.dict"),
    (
        "return (row for row in x)",
        "layer.forward returns a generator, which has computed nothing yet",
        "type.generator",
    ),
    ("return map(abs, x)", "layer.forward returns a generator, which has computed nothing yet", "type.generator"),
    ("return x.copy", "layer.forward returns the function copy itself", "type.method"),
    ("return Relu", "layer.forward returns the class Relu itself", "type.class"),
    ("return x + 0j", "layer.forward returns complex numbers", "type.complex"),
    ("return x.astype(object)", "layer.forward returns an array of Python objects (float)", "type.objects"),
    ("return float(x.sum())", "layer.forward returns the single number", "type.number"),
    ("return self", "layer.forward returns an object of type Relu", "type.object"),
]


@pytest.mark.parametrize("said", sampled(SAID, every=4), ids=lambda said: said[0])
def test_a_return_value_is_named_as_what_it_is(tmp_path, said):
    forward, sentence, code = said
    v = first_failure(tmp_path, RELU.format(forward=forward, backward="return dout * self.mask"), "relu")
    assert (v.check.part, v.diagnosis.code) == ("forward", code)
    assert sentence in v.message
    assert v.diagnosis.repair in v.message


def first_failure(folder, source, component):
    (folder / "mine.py").write_text(source)
    with load(str(folder / "mine.py")) as subject:
        found = examine(subject, Request(only=(component,), fresh=0)).components[component]
    return next(v for v in found if v.status == "fail")


def test_a_list_of_right_arrays_is_right(tmp_path):
    source = RELU.format(forward="return [one * (one > 0) for one in x]", backward="return dout * self.mask")
    (tmp_path / "mine.py").write_text(source)
    with load(str(tmp_path / "mine.py")) as subject:
        found = examine(subject, Request(only=("relu",), fresh=0)).components["relu"]
    assert {v.check.scenario.id for v in found if v.status == "fail"} <= {"empty-batch"}  # [] has one axis


@pytest.mark.slow
def test_a_gradient_that_stays_none_is_named(tmp_path):
    v = first_failure(tmp_path, AFFINE, "affine")
    assert "layer.dW is still None after backward: is it assigned to self.dW?" in v.message


def test_the_sentence_is_said_in_japanese(tmp_path):
    with speaking("ja"):
        v = first_failure(tmp_path, RELU.format(forward="pass", backward="pass"), "relu")
    assert "layer.forward は None を返しています。`return` を書き忘れていませんか" in v.message


def spread(got):
    names = {"backward": lambda dout: got}
    plan = Plan([["spread", ["dx", "dgamma", "dbeta"], "backward", ["dout"]]], {"dout": np.ones(2)}, {})
    return InProcessSubject(names).run(plan).returned["dx"]


def test_too_few_gradients_are_counted():
    assert spread((np.ones(2), np.ones(3))) == Returned("tuple", 2, "(2,), (3,)", "backward", 3)
    assert spread(np.ones(2)) == Returned("array", 0, "(2,)", "backward", 3)
    assert spread(None).kind == "None"


@pytest.mark.slow
def test_another_process_says_the_same(tmp_path):
    (tmp_path / "mine.py").write_text(RELU.format(forward="return x, None", backward="return dout"))
    plan = Plan([["make", "layer", "Relu", []], ["call", "out", "layer.forward", ["x"]]], {"x": np.ones((2, 3))}, {})
    with RemoteSubject(str(tmp_path / "mine.py")) as remote, load(str(tmp_path / "mine.py")) as here:
        assert remote.run(plan).returned == here.run(plan).returned
        assert here.run(plan).returned["out"] == Returned("tuple", 2, "(2, 3), None", "layer.forward")


class Hostile:
    @property
    def __array__(self):
        raise RuntimeError


def test_an_object_that_cannot_be_looked_at_has_its_type_alone():
    assert describe_returned(Hostile()) == Returned("object", detail="Hostile")


@pytest.mark.parametrize("right", [np.ones(3), np.ones(3, bool), np.ones(1, "f4")])
def test_arrays_of_numbers_are_nothing_odd(right):
    assert describe_returned(right) is None
