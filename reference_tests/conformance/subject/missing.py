"""What stands for a name that could not be imported or assigned: it raises MissingName, but only when it is used."""

from typing import Any

from .errors import MissingName

USES = """call getitem setitem delitem iter next len contains bool int float index complex array enter exit mro_entries
    add radd iadd sub rsub isub mul rmul imul matmul rmatmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow
    neg pos abs invert and or xor lshift rshift lt le gt ge"""


class Missing:
    """One name that is not there, and why."""

    def __init__(self, why: str) -> None:
        self.__dict__["_why"] = why

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # copy, inspect and the like only ask whether it is there
            raise AttributeError(name)
        raise MissingName(self._why)

    def __setattr__(self, name: str, value: Any) -> None:
        raise MissingName(self._why)

    def __repr__(self) -> str:
        return f"<missing: {self._why}>"


def _raise(self: Missing, *args: Any, **keywords: Any) -> Any:
    raise MissingName(self._why)


for _use in USES.split():
    setattr(Missing, f"__{_use}__", _raise)
