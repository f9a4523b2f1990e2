"""A softmax that is given the targets too gives the loss, whatever it is called: Softmax.forward(logits, labels)."""

import re
from typing import Any

from ..signatures import arguments_of, methods_of
from ..vocabulary import FORWARD, method_word, normalize


def loss_by_arguments(name: str, thing: Any) -> str | None:
    """Return "SoftmaxWithLoss" for what is called softmax and takes scores and targets; None for others."""
    if not re.fullmatch(r"(my)?softmax(layer|forward|output|classifier)?\d*", normalize(name)):
        return None
    call = thing
    if isinstance(thing, type):
        methods = {method_word(n): m for n, m in methods_of(thing).items()}
        call = next((methods[word] for word in FORWARD if word in methods), None)
    needed = [a for a in arguments_of(call, isinstance(thing, type)) or [] if a.required] if call else []
    return "SoftmaxWithLoss" if len(needed) == 2 and "t" in needed[1].roles else None
