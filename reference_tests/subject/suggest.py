"""A name that is not there, and one of the learner's own that is: lastLayer, last_layer."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

SHORT = 4  # letters: of dW and W no name is close to another
CLOSE = 0.75


def find_close_name(name: str, there: Iterable[str], same: bool = False) -> str:
    """The name that differs in capitals and underscores only, else in few letters; '' where there is none."""
    names = [n for n in dict.fromkeys(there) if isinstance(n, str) and (same or n != name) and not n.startswith("__")]
    plain = {normalize(n): n for n in reversed(names)}
    if normalize(name) in plain:
        return plain[normalize(name)]
    close = difflib.get_close_matches(normalize(name), plain, 1, CLOSE) if len(name) > SHORT else []
    return plain[close[0]] if close else ""


def normalize(name: str) -> str:
    return name.replace("_", "").lower()


def attribute_names(thing: Any) -> list[str]:
    """Of the object first, then of its classes; no code of theirs is run."""
    if isinstance(thing, Mapping):
        return [str(key) for key in thing]
    own = list(getattr(thing, "__dict__", {}))
    return own + [n for kind in type(thing).__mro__[:-1] for n in vars(kind)]


def suggest_for(error: BaseException) -> str:
    """' Did you mean ...?' for an attribute or a name that is not there; ''."""
    try:
        if isinstance(error, AttributeError) and error.name and error.obj is not None:
            found = find_close_name(error.name, attribute_names(error.obj))
        elif isinstance(error, NameError) and error.name and error.__traceback__:
            last = error.__traceback__
            while last.tb_next:
                last = last.tb_next
            there = last.tb_frame.f_locals
            found = find_close_name(error.name, [*there, *last.tb_frame.f_globals])
            if (
                not found
                and "self" in there
                and (of_self := find_close_name(error.name, attribute_names(there["self"]), same=True))
            ):
                found = f"self.{of_self}"
        else:
            found = ""
    except Exception:  # an object of theirs that answers nothing
        found = ""
    return f". Did you mean: '{found}'?" if found and "Did you mean" not in str(error) else ""
