"""Stubs are not implemented, and not wrong; and what is absent has its reason."""

import ast
import json
from textwrap import dedent

import numpy as np
import pytest

from reference_tests.conformance.examination import Request, examine
from reference_tests.subject.load import load
from reference_tests.subject.source import LoadError
from reference_tests.subject.stubs import is_stub
from reference_tests.tests.sampling import sampled

from .test_load import X, use

STUBS = [
    "pass",
    "...",
    "return",
    "return None",
    "return None  # TODO",
    "'''Return max(x, 0).'''",
    "'''Return max(x, 0).'''\n    pass",
    "raise NotImplementedError",
    "raise NotImplementedError('write me')",
    "raise Exception('not implemented yet')",
    "raise RuntimeError('TODO')",
    "out = None\n    # TODO\n    pass\n    cache = (x,)\n    return out, cache",
    "dx, dw, db = None, None, None\n    return dx, dw, db",
    "assert False, 'write me'",
    "self.x = x\n    pass",
]
WRITTEN = [
    "return x",
    "return np.maximum(x, 0)",
    "self.x = x\n    return self.x",
    "self.x = x",
    "out = x\n    return out",
    "if x is None: raise NotImplementedError\n    return x",
    "raise ValueError('window too large')",
    "x[x < 0] = 0",
    "return 0",
    "out = None\n    for i in x: out = i\n    return out",
    "print(x)",
    "return self.inner(x)",
]


@pytest.mark.parametrize(("body", "stub"), [(b, True) for b in STUBS] + [(b, False) for b in WRITTEN])
def test_function_is_a_stub_only_if_it_does_nothing(body, stub):
    function = ast.parse(f"def forward(self, x):\n    {body}").body[0]
    assert isinstance(function, ast.FunctionDef) and is_stub(function) == stub


def judged(path: str, *only: str):
    return examine(load(path), Request(only=only, fresh=0))


@pytest.mark.parametrize("body", sampled([b for b in STUBS if "cache" not in b], every=4))
def test_stubbed_backward_leaves_forward_judged(body, write):
    code = "import numpy as np\nclass Relu:\n    def forward(self, x): return np.maximum(x, 0)\n"
    code += "    def backward(self, x):\n"
    found = judged(write("layers.py", code + f"        {body}".replace("\n    ", "\n        ")), "relu")
    assert found.status("relu") == "partial"
    parts = {(v.check.part, v.status) for v in found.components["relu"] if v.check.level == "core"}
    assert ("forward", "pass") in parts and ("backward", "absent") in parts
    assert not {("forward", "fail"), ("backward", "fail"), ("backward", "pass")} & parts
    assert found.why_absent("relu") == ["Relu.backward (layers.py, line 4) is not implemented yet"]


BASE = "class Layer:\n    def forward(self, x): raise NotImplementedError\n    def backward(self, d): pass\n"
ABSTRACT = (
    "from abc import ABC, abstractmethod\nclass Layer(ABC):\n    @abstractmethod\n    def forward(self, x): ...\n"
)
ALL_STUBS = [
    "class Relu: pass",
    "class Relu:\n    '''Write me.'''",
    "class Relu:\n    def forward(self, x): pass\n    def backward(self, dout): raise NotImplementedError",
    "class Relu:\n    def __init__(self): self.mask = None\n    def forward(self, x): ...",
    BASE + "class Relu(Layer): pass",
    "class Relu:\n    def __init__(self): raise NotImplementedError\n    def forward(self, x): return x",
    ABSTRACT + "class Relu(Layer):\n    def backward(self, d): pass",
]


@pytest.mark.slow
@pytest.mark.parametrize("code", ALL_STUBS)
def test_file_of_stubs_is_absent_with_its_reason_and_no_agreement(code, write):
    found = judged(write("layers.py", code), "relu")
    assert (found.status("relu"), found.exit_status) == ("absent", 1)
    assert found.why_absent("relu") and "not implemented" in found.why_absent("relu")[0]
    assert not any(v.status == "fail" for v in found.components["relu"])


def test_network_of_a_stub_is_not_implemented(write):
    code = """
        class Affine:
            def __init__(self, W, b): pass
            def forward(self, x): pass
        class Relu:
            def forward(self, x): return x
        class SimpleConvNet:
            def __init__(self, input_dim=(1, 28, 28)): self.last = Affine(1, 2)
            def predict(self, x): return self.last.forward(x).sum()
    """
    stop = use(load(write("layers.py", dedent(code))), "SimpleConvNet", call="predict").stop
    assert (stop.reason, stop.text) == ("stub", "Affine.forward (layers.py, line 4)")


def test_base_class_and_methods_that_may_do_nothing_change_nothing(write):
    code = """
        class Layer:
            def forward(self, x): pass
            def backward(self, dout): pass
            def update(self): pass
        class Relu(Layer):
            def forward(self, x):
                super().forward(x)
                self.update()
                return x.no_such_attribute
        class Tanh(Layer):
            def forward(self, x):
                super().forward(x)
                return x
    """
    subject = load(write("layers.py", dedent(code)))
    assert use(subject, "Relu").stop.reason == "exception"
    assert np.array_equal(use(subject, "Tanh").results["out"], X)
    assert use(subject, "Tanh", call="backward").stop.reason == "stub"


def test_stub_does_not_stand_before_another_files_definition(write):
    write(
        "all/a_template.py",
        "class Relu:\n    def forward(self, x): pass\nclass Tanh:\n    def forward(self, x): pass\nclass Sigmoid: pass",
    )
    write("all/mine.py", "class Relu:\n    def forward(self, x): return x")
    subject = load("all")
    assert np.array_equal(use(subject, "Relu").results["out"], X)
    assert use(subject, "Tanh").stop.reason == "stub" and not subject.skipped


def notebook(*cells: str) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells], "metadata": {}})


OWN = "class Pooling:\n    def __init__(self, pool_h, pool_w, stride=1, pad=0): pass\n"
OWN += "    def forward(self, x): return 'own'\n"


@pytest.mark.parametrize(
    ("cells", "out", "kind"),
    [
        ((OWN, "from common.layers import *"), "'own'", "own"),
        (("from common.layers import *", OWN), "'own'", ""),
        ((OWN, "from common.layers import *", OWN.replace("own", "new")), "'new'", ""),
        ((OWN, "from common.layers import Pooling"), "'library'", "imported"),
        ((OWN.replace("return 'own'", "pass"), "from common.layers import *"), "'library'", ""),
        (("from common.layers import *",), "'library'", ""),
    ],
)
@pytest.mark.parametrize("suffix", [".py", ".ipynb"])
def test_own_definition_is_examined_before_a_later_star_import(cells, out, kind, suffix, write):
    write("common/layers.py", OWN.replace("own", "library"))
    path = write(f"mine{suffix}", notebook(*cells) if suffix == ".ipynb" else "\n".join(cells))
    subject = load(path)
    assert use(subject, "Pooling", ["x", "x"]).results["out"] == out
    assert [n.kind for n in subject.notes if n.name == "Pooling" and n.kind in ("own", "imported")] == [kind] * bool(
        kind
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["__init", "_init_", "__int__", "init", "__init_", "_init__", "__inti__"])
def test_misspelled_init_is_named_with_its_line(name, write):
    code = f"class Convolution:\n    def {name}(self, W, b, stride=1, pad=0): self.W = W\n"
    code += "    def forward(self, x): return x"
    found = judged(write("layers.py", code), "convolution")
    assert (found.status("convolution"), found.exit_status) == ("absent", 1)
    (line,) = found.why_absent("convolution")
    assert f"{name} should be __init__" in line and "line 2: def" in line


@pytest.mark.parametrize(
    ("method", "near"), [("foward", "foward"), ("propagate", "it has propagate"), ("Forward", "Forward")]
)
def test_absent_method_is_said_with_what_is_there(method, near, write):
    found = judged(write("layers.py", f"class Relu:\n    def {method}(self, x): return x"), "relu")
    if found.status("relu") == "absent":
        assert near in found.why_absent("relu")[0] and found.exit_status == 1


def test_words_of_the_exception_are_the_reason(write):
    code = "class Relu:\n    def forward(self, x):\n        y = x + 1\n"
    code += "        raise NotImplementedError('comes in week 3')"
    found = judged(write("layers.py", code), "relu")
    assert found.why_absent("relu") == ["comes in week 3"]


def test_one_matching_name_does_not_silence_the_others(write):
    code = "class Sigmoid:\n    def forward(self, x): return x\nclass ReLU:\n    def go(self): pass\nclass Conv2D: pass"
    assert load(write("layers.py", code)).near == {"Relu": "ReLU", "Convolution": "Conv2D"}


TANH = "import numpy as np\nclass Tanh:\n    def forward(self, x): return np.tanh(x)\n"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def relu_forward(x):\n    ...\n", ["relu_forward (layers.py, line 1)"]),
        ("class Dense:\n    def __init__(self, units): pass\n    def call(self, x): raise NotImplementedError\n",
         ["Dense.call (layers.py, line 3)"]),
    ],
    ids=["function", "class"],
)  # fmt: skip
def test_stub_in_another_interface_is_not_called_differently(code, said, write):
    with pytest.raises(LoadError) as refused:
        load(write("layers.py", code))
    assert str(refused.value).endswith(f" can be judged: not implemented yet are {', '.join(said)}.")
    found = examine(load(write("both.py", code + TANH)), Request(only=("relu", "affine"), fresh=0))
    assert found.unread == []
    assert [line for name in found.components for line in found.why_absent(name)] == [
        f"{said[0].replace('layers.py', 'both.py')} is not implemented yet"
    ]
