"""The suite under its own name: convcheck.check, convcheck.impl, convcheck.golden, `python -m convcheck`.

convcheck.impl *is* impl, module by module, not a second copy of it.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

PACKAGES = ("impl", "golden", "reference_tests")


class SameModule(Loader):
    """Gives the module that has another name already."""

    def __init__(self, real: str):
        self.real = real

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the real module; importlib writes another spec into it, which exec_module takes out again."""
        module = import_module(self.real)
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its own spec back; it has been executed."""
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state


class OtherNames(MetaPathFinder):
    """Finds convcheck.impl.layers as impl.layers."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a module of PACKAGES below this name, None for all others."""
        start, _, real = fullname.partition(".")
        if start != __name__ or real.partition(".")[0] not in PACKAGES:
            return None
        return ModuleSpec(fullname, SameModule(real))


sys.meta_path.insert(0, OtherNames())  # before the finder of files, which would load a second copy


def __getattr__(name: str) -> Any:
    """Import impl, golden or check, or read the version, at its first use."""
    if name in PACKAGES:
        return import_module(f"{__name__}.{name}")
    if name == "check":
        from reference_tests import check

        return check
    if name == "__version__":
        from reference_tests.installation import installed_version

        return installed_version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """List what is here to be had."""
    return ["__version__", "check", *PACKAGES]


def load_ipython_extension(shell: Any) -> None:
    """Register the magic %%check (called by %load_ext convcheck)."""
    from reference_tests import load_ipython_extension

    load_ipython_extension(shell)
