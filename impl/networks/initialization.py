"""The initial size of the weights: a fixed number, He's or Xavier's rule. Source: the book's section 6.2."""

import numpy as np

RULES = {
    "he": lambda fan_in: (2 / fan_in) ** 0.5,  # He et al. 2015: for ReLU, which halves the variance
    "xavier": lambda fan_in: (1 / fan_in) ** 0.5,  # Glorot, Bengio 2010, in the book's form: inputs only
}


def weight_std(rule: float | str, fan_in: int) -> float:
    """The standard deviation of the weights of a neuron with fan_in inputs: rule itself, or by "he" or "xavier".

    Raises ValueError if rule is neither a rule's name nor a finite number, 0 or more.
    """
    if isinstance(rule, str) and rule in RULES:
        return RULES[rule](fan_in)
    if isinstance(rule, (int, float, np.number)) and 0 <= rule < float("inf"):
        return float(rule)
    raise ValueError(f"weight_init_std={rule!r}: allowed is a number, 0 or more, or one of {', '.join(RULES)}")
