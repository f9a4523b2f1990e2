"""Optimizers: one name and one set of arguments, and other steps."""

from ..interpret import VALUE, Interpretation, choices
from .question import at, row_maker

step = row_maker("torch.optim", "keras.optimizers", "optax")


def adam_step(g: float, bias_first: bool, eps: float) -> float:
    """Return Adam's first step at a rate of 1, with epsilon added after or before the bias correction."""
    if bias_first:
        return g / (g + eps)
    return 0.001**0.5 / 0.1 * 0.1 * g / (0.001**0.5 * g + eps)


def epsilon(g: float) -> Interpretation:
    """Return the interpretation of Adam's first step for a gradient as small as epsilon."""
    return choices({
        "after the bias correction, 1e-8": adam_step(g, True, 1e-8),
        "after the bias correction, 1e-7": adam_step(g, True, 1e-7),
        "before it, 1e-8": adam_step(g, False, 1e-8),
        "before it, 1e-7": adam_step(g, False, 1e-7),
    }, near=5e-3)  # fmt: skip


# fmt: off
OPTIMIZERS = [
    step("O01", "Momentum 0.9 while the learning rate changes",
        "The rate inside the velocity keeps old steps at the old rate: after a cut of the rate it runs on for a while.",
        choices({"the rate multiplies the step": 1.09, "the rate is in the velocity": 1.9}), "",
        at("1, then 10", choices({"the rate multiplies the step": 10, "the rate is in the velocity": 1.9}), then=10.0),
        name="1, then 0.1", then=0.1),
    step("O02", "RMSprop: the first step, in units of the rate",
        "10, 3.16 or 1 by the default decay and the first mean: the first epoch diverges, or does not.",
        choices({"10 (decay 0.99)": 10, "3.16 (decay 0.9)": 10**0.5, "1": 1}, near=0.01), "",
        at("gradient 100", g=100.0),
        name="gradient 1", g=1.0),
    step("O03", "Adam: where does epsilon stand, and how large is it?",
        "Small gradients are damped 100 times more where it stands before the bias correction.",
        epsilon(1e-8), "",
        at("gradient 1e-7", epsilon(1e-7), g=1e-7),
        name="gradient 1e-8", g=1e-8),
    step("O04", "AdamW: the default weight decay",
        "0.01, 0.004 or 0.0001: the same line regularizes 100 times less.",
        VALUE),
    step("O05", "Adam with weight_decay: through the moments or beside them?",
        "L2 in the gradient is divided by its own size: the decay's strength no longer matters.",
        choices({"through the moments (L2)": 1, "beside them (as AdamW)": 0.1}, near=0.01), "",
        at("0.2", choices({"through the moments (L2)": 1, "beside them (as AdamW)": 0.2}, near=0.01), decay=0.2),
        name="0.1", decay=0.1),
    step("O06", "AMSGrad: the largest of what?",
        "Of the bare second moments or of the corrected ones: after a large gradient the steps differ by a third.",
        choices({"the bare moments": 0.39541, "the corrected moments": 0.29889}, near=0.01)),
    step("O07", "Adagrad: what does its sum begin with?",
        "0 makes the first step as large as the rate; 0.1 makes it small for small gradients.",
        choices({"0": 1, "0.1": 0.30151}, near=0.01), "",
        at("gradient 1", choices({"0": 1, "0.1": 0.95346}, near=0.01), g=1.0),
        name="gradient 0.1", g=0.1),
    step("O08", "Clipping by norm 1, two parameters with gradients 3 and 4",
        "Over all parameters together or each alone: the direction of the step changes.",
        choices({"all together": [0.6, 0.8], "each alone": [1, 1]})),
    step("O09", "Gradient descent: the default learning rate",
        "0.001, 0.01 or none: a default copied is a rate changed.",
        VALUE),
    step("O10", "Gradient descent with momentum and weight decay: two steps from 1 without a gradient",
        "The decay enters the velocity and gathers there, or shrinks the weight by itself.",
        choices({"in the velocity": 0.9711, "by itself": 0.9801}, near=1e-4)),
    step("O11", "Nesterov's momentum: how far do two steps go?",
        "Looking ahead by the old velocity or the new one: several formulas share the name.",
        choices({"4.61": 4.61, "2.9 (as plain momentum)": 2.9, "3.71": 3.71})),
]
