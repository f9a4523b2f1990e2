"""What a layer gives can be written into: a read-only view of fewer numbers, or one array for two gradients, cannot."""

import pytest

from reference_tests.conformance.contract import COMPONENTS, layer
from reference_tests.conformance.examination import Request, examine
from reference_tests.conformance.scenarios import WRITTEN_INTO, checks_of
from reference_tests.subject.load import load

POOLING = """
import numpy as np
class GlobalAveragePooling:
    def forward(self, x):
        self.shape = x.shape
        return x.mean(axis=(2, 3))
    def backward(self, dout):
        small = dout[:, :, None, None] / (self.shape[2] * self.shape[3])
        {body}
"""
ADDITION = """
import numpy as np
class ResidualAdd:
    def __init__(self):
        pass
    def forward(self, x, shortcut):
        return x + shortcut
    def backward(self, dout):
        {body}
"""
SEALED = "dx = np.array(np.broadcast_to(small, self.shape)); dx.flags.writeable = False; return dx"
ENDS = [  # the layer, its code, what backward does, the code of what is wrong
    ("global_average_pooling", POOLING, "return np.broadcast_to(small, self.shape)", "state.locked"),
    ("global_average_pooling", POOLING, "return np.broadcast_to(small, self.shape).copy()", ""),
    ("global_average_pooling", POOLING, SEALED, ""),
    ("residual_add", ADDITION, "return dout, dout", "state.shared"),
    ("residual_add", ADDITION, "dx = dout.copy(); return dx, dx[:]", "state.shared"),
    ("residual_add", ADDITION, "return dout, dout.copy()", ""),
    ("residual_add", ADDITION, "return dout.copy(), dout.copy()", ""),
]


@pytest.mark.slow
@pytest.mark.parametrize("row", ENDS, ids=lambda row: f"{row[0]}: {row[2][:40]}")
def test_what_is_given_is_its_callers_own(tmp_path, row):
    component, code, body, wrong = row
    (tmp_path / "mine.py").write_text(code.format(body=body))
    found = examine(load(str(tmp_path / "mine.py")), Request(only=(component,), fresh=0))
    failed = [v for v in found.components[component] if v.status == "fail"]
    assert {(v.check.scenario.id, v.diagnosis.code if v.diagnosis else "") for v in failed} == (
        {(WRITTEN_INTO, wrong)} if wrong else set()
    )
    assert found.status(component) == ("edge" if wrong else "pass")


def test_every_layer_with_a_backward_is_asked():
    asked = {name for name in COMPONENTS if any(c.scenario.id == WRITTEN_INTO for c in checks_of(layer(name)))}
    assert asked == {name for name in COMPONENTS if "backward()" in layer(name).OP.grads.values()}
    assert {"relu", "pooling", "residual_add", "softmax_with_loss"} <= asked
