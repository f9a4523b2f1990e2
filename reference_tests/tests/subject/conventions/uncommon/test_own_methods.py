"""Methods of unknown names: two that the layers of a target share are its passes, those of one class are nothing."""

import pytest

from reference_tests.subject.conventions.candidates import base_of, direction
from reference_tests.subject.source import LoadError

from ..special.targets import differing, numbers, read

SIGMOID = """
class SigmoidLayer:
    def {first}(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y
    def {second}(self, d):
        return d * self.y * {slope}
"""
TANH = """
class TanhLayer:
    def set_name(self, name):
        self.name = name
    def {first}(self, x):
        self.y = np.tanh(x)
        return self.y
    def {second}(self, d):
        return d * (1 - self.y ** 2)
"""


def text(*parts: str, slope: str = "(1 - self.y)", first: str = "eteen", second: str = "taakse") -> str:
    """Return a target of these layers, with the names of its two passes."""
    return "".join(part.format(first=first, second=second, slope=slope) for part in parts)


@pytest.mark.parametrize(("slope", "wrong"), [("(1 - self.y)", set()), ("self.y", {"dx"})])
def test_methods_that_layers_share_are_their_passes(tmp_path, slope, wrong):
    subject = read(tmp_path, text(SIGMOID, TANH, slope=slope))
    assert differing(subject, "Sigmoid", x=numbers(3, 4)) == wrong
    assert differing(subject, "Tanh", x=numbers(3, 4)) == set()


def test_methods_of_one_class_tell_nothing(tmp_path):
    with pytest.raises(LoadError, match="SigmoidLayer"):
        read(tmp_path, text(SIGMOID))


def test_known_names_stand_above_shared_ones(tmp_path):
    more = "    def forward(self, x):\n        return self.eteen(x)\n"
    subject = read(tmp_path, text(SIGMOID + more, TANH + more))
    assert differing(subject, "Sigmoid", x=numbers(3, 4), backward=False) == set()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("convolucion_atras", ("backward", "convolucion")),
        ("conv_arriere", ("backward", "conv")),
        ("propagar_conv", ("forward", "conv")),
        ("retropropagar_conv", ("backward", "conv")),
        ("畳み込み逆伝播", ("backward", "畳み込み")),
        ("卷积层前向传播", ("forward", "卷积层")),
        ("extras", ("", "extras")),
        ("conv_transpose", ("", "convtranspose")),
    ],
)
def test_a_direction_is_read_in_other_languages(name, found):
    assert (direction(name), base_of(name)) == found
