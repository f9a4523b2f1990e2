"""How the mutants of the layers beyond the core are written down, and the calls that show them."""

from collections.abc import Callable

from . import Mutant
from .witnesses import numbers

GENERAL = ("", "precision", "scaled", "another-order", "place", "exception", "whole-numbers")  # of any component


def planted(component: str, prefix: str, witness: str) -> Callable[..., Mutant]:
    """A function that makes this component's mutants: id, text, code (under the prefix of the component's mistakes),
    then fragments of the base, each with what stands there instead; shown: another witness."""

    def mutant(id: str, text: str, code: str, *fragments: str, shown: str = "") -> Mutant:
        patch = tuple(zip(fragments[::2], fragments[1::2], strict=True))
        whole = code if "." in code or code in GENERAL else f"{prefix}.{code}"
        return Mutant(f"{prefix}-{id}", component, text, whole, patch, shown or witness)

    return mutant


def twice(layer: str, *x: tuple[int, ...]) -> str:
    """The second use of a layer, on other numbers."""
    first = ", ".join(numbers(shape) for shape in x)
    second = ", ".join(f"np.cos(3 * {numbers(shape)})" for shape in x)
    return f"twice({layer}, ({first},), ({second},))"


def several(layer: str, *x: tuple[int, ...]) -> str:
    """Output and gradients of a layer whose backward gives a tuple."""
    xs = ", ".join(f"{numbers(shape)} * {k}" for k, shape in enumerate(x, 1))
    made = f"(layer := {layer}, out := layer.forward({xs}), found := layer.backward(np.sin(3 * out)))"
    return f"{{'out': {made}[1], **{{str(k): a for k, a in enumerate(found)}}}}"
