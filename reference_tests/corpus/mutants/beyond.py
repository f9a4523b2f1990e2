"""The mutants of the layers beyond the core: a short way to write them down."""

from collections.abc import Callable

from . import Mutant

GENERAL = ("", "precision", "scaled", "another-order", "place", "exception", "whole-numbers")  # of any component


def planted(component: str, prefix: str) -> Callable[..., Mutant]:
    """Return a function that makes the mutants of a component.

    Its arguments are the id, the text, the code (without the prefix of the component's mistakes), and then fragments
    of the plain edition, each followed by its replacement.
    """

    def mutant(id: str, text: str, code: str, *fragments: str) -> Mutant:
        patch = tuple(zip(fragments[::2], fragments[1::2], strict=True))
        whole = code if "." in code or code in GENERAL else f"{prefix}.{code}"
        return Mutant(f"{prefix}-{id}", component, text, whole, patch)

    return mutant
