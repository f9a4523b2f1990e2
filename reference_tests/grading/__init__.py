"""Grade many untrusted submissions, each in a confined process.

The command is `convcheck grade`; from a program it is

from reference_tests.grading import grade

for result in grade(["submissions"], jobs=2):
    print(result.submission, result.outcome, result.score)
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .result import Result
    from .run import grade

__all__ = ["Result", "grade"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is used: a submission's process imports this package too, and should hold little."""
    if name not in __all__:
        raise AttributeError(name)
    from . import result, run

    return run.grade if name == "grade" else result.Result
