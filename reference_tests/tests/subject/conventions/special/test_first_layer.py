"""The first layer of a net needs no dx: who does not return one is asked for the other gradients alone."""

from typing import Any

from reference_tests.conformance.examination import Request, examine

from .targets import read

CONV = '''
class Conv:
    """Returns no dx: nobody needs that of the pictures themselves."""

    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def windows(self, x):
        p, s, (FH, FW) = self.pad, self.stride, self.W.shape[2:]
        x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        return np.lib.stride_tricks.sliding_window_view(x, (FH, FW), axis=(2, 3))[:, :, ::s, ::s]

    def forward(self, x):
        self.seen = self.windows(x)
        return np.einsum("ncijhw,fchw->nfij", self.seen, self.W) + self.b[:, None, None]

    def backward(self, dout):
        self.dW = np.einsum("ncijhw,nfij->fchw", self.seen, dout)
        self.db = dout.sum((0, 2, 3))
'''


def test_layer_that_returns_no_dx_agrees_in_all_that_it_gives(tmp_path: Any) -> None:
    found = examine(read(tmp_path, CONV), Request(only=("convolution",), fresh=0))
    assert found.interfaces["Convolution"].lacks == ("dx",)
    assert [v.check.id for v in found.components["convolution"] if v.status == "fail"] == []
