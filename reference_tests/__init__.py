"""The suite. In a notebook: from reference_tests import check; check(Convolution), or %load_ext reference_tests."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .notebook import check as check


def __getattr__(name: str) -> Any:
    """Import check at its first use: what it needs takes seconds to import."""
    if name == "check":
        from .notebook import check

        return check
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """Register the magic %%check (called by %load_ext)."""
    from .notebook import load_ipython_extension

    load_ipython_extension(shell)
