"""A network of ours by its name, as commands are given it."""

from difflib import get_close_matches

from .wrong_use import WrongUse


def described(network: str, size: str):
    """The graph of that name, for images of that size; WrongUse where there is none."""
    from impl.networks import NETWORKS

    known(network)
    if not size:
        return NETWORKS[network]()
    sides = size.split("x")
    if len(sides) != 3 or not all(side.isdecimal() and int(side) > 0 for side in sides):
        raise WrongUse(f"--size {size}: write it as 3x224x224")
    try:
        return NETWORKS[network](tuple(map(int, sides)))
    except ValueError as error:
        raise WrongUse(str(error)) from None


def known(network: str) -> None:
    """WrongUse where no network has that name."""
    from impl.networks import NETWORKS

    if network not in NETWORKS:
        near = get_close_matches(network, NETWORKS, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(NETWORKS)}"
        raise WrongUse(f"no network is called {network!r}: {hint}")
