"""How weights begin, and a layer that few offer."""

import numpy as np

from ..interpret import Interpretation, choices, rule
from .question import at, row, row_maker

weights = row_maker("torch.Conv2d", "keras.Conv2D", "keras.initializers", "jax.initializers")
local = row_maker("jax.conv_local", "deepface")
CUT = ("cut off at two sigma", "not cut off")


def largest(fan_in: int, fan_out: int) -> Interpretation:
    """Return the interpretation of the largest weight, in units of 1/sqrt(fan-in), by two uniform distributions."""
    glorot = (6 * fan_in / (fan_in + fan_out)) ** 0.5
    return choices({"uniform, He with a = sqrt 5": 1, "uniform, Glorot": glorot}, near=0.02)


# fmt: off
WEIGHTS = [
    weights("W01", "A convolution layer's own weights: from which distribution?",
        "A net trained from scratch converges in one framework and not in the other, with the same layers.",
        largest(144, 144), "",
        at("8 to 32 channels", largest(72, 288), channels=8, filters=32),
        name="16 to 16 channels", channels=16, filters=16),
    weights("W02", "A convolution layer's own bias", "Zero or random.",
        rule(("zero", "random"), "any number other than 0", lambda n: "random" if any(n) else "zero")),
    weights("W03", "A fully connected layer's own weights: from which distribution?",
        "As for convolution.",
        largest(100, 100), "",
        at("50 to 200", largest(50, 200), inputs=50, outputs=200),
        name="100 to 100", inputs=100, outputs=100),
    weights("W04", "He normal: is it cut off? (the largest of 10000, in sigma)",
        "Cut off at two sigma and scaled up again, or not: the name is the same.",
        rule(CUT, "above 2.5 sigma or not", lambda n: CUT[n[0] > 2.5])),
]

LOCALLY_CONNECTED = [
    local("K01", "A locally connected layer (weights not shared between places)",
        "Hardly any framework has one; where there is none it is an unfold and a sum of products.",
        choices({"offered": [21, 3200]}), x=row(1, 2, 3), w=np.array([[1, 10], [100, 1000]], "float32")),
    local("K02", "Its weights for 2 channels at one place: in which order?",
        "Channel by channel or pixel by pixel: sizes fit either way.",
        choices({"channel by channel": 4321, "pixel by pixel": 4231}),
        x=np.array([1, 2, 3, 4], "float32").reshape(1, 2, 1, 2), w=np.array([[1, 10, 100, 1000]], "float32")),
]
