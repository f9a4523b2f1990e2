"""The command convcheck. A subcommand's module is imported when it is called, torch only when it is needed."""

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from ..errors import UsageError
from ..i18n import _, speaking
from .encoding import print_anywhere
from .help import asked_language, print_call_error, translate

COMMANDS = {  # name -> (module of this package, function or Typer app, one line of help)
    "verify": ("verify", "verify", "Check an implementation against torch and SciPy."),
    "verify-files": ("verify", "verify_files", "Check several files in turn, as a hook before a commit does."),
    "watch": ("watch", "watch", "Check again on every save, the most basic failure first."),
    "adapt": ("adapt", "adapt", "Write how an implementation is read, as adapters to edit."),
    "conventions": ("adapt", "conventions", "List the interfaces that are known by name."),
    "explain": ("explain", "explain", "Explain a known mistake with a worked example."),
    "train": ("train", "train", "Train a network on handwritten digits."),
    "data": ("data", "data", "Fetch the full set of digits."),
    "grade": ("grade", "grade", "Grade a class of untrusted submissions."),
    "grade-diff": ("grade_diff", "grade_diff", "Compare two runs of grade: what changed for whom."),
    "gradescope": ("grade", "gradescope", "Make an autograder for Gradescope."),
    "show": ("show", "show", "See what is in a network: sizes, filters, features."),
    "golden": ("golden", "golden", "Recompute the golden numbers from their formulas."),
    "doctor": ("doctor", "doctor", "Show and prove the isolation levels of this machine."),
    "compare": ("compare", "compare", "Ask every installed framework how it behaves."),
    "self-test": ("selftest", "self_test", "Measure how good the suite itself is."),
    "bench": ("bench", "bench", "Measure the speed of impl against torch, the book and onnx."),
}


def called_command(arguments: Sequence[str]) -> str:
    """Return the subcommand that is called, or whose words a shell completes; "" if none is there yet."""
    words = os.environ.get("_TYPER_COMPLETE_ARGS", "").split()[1:] or arguments
    return next((a for a in words if not a.startswith("-")), "")


def print_version(wanted: bool) -> None:
    """Print the versions of the suite and of Python, and end the command."""
    if wanted:
        import platform

        from ..installation import installed_version

        typer.echo(f"convcheck {installed_version()} (Python {platform.python_version()})")
        raise typer.Exit


def of_all(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=print_version, is_eager=True)
    ] = False,
) -> None:
    """Take the options of the command itself."""


def build_app(arguments: Sequence[str]) -> typer.Typer:
    """Return the app: the called subcommand in full, the others by name and one line of help."""
    app = typer.Typer(
        name="convcheck",
        help="A CNN in NumPy, and the suite that proves it, or yours, right.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # a default in [brackets] is text, not markup
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    called = called_command(arguments)
    for name, (module, function, line) in COMMANDS.items():
        if name != called:
            app.command(name, help=line)(lambda: None)
            continue
        of = getattr(importlib.import_module(f".{module}", __package__), function)
        if isinstance(of, typer.Typer):
            app.add_typer(of, name=name, help=line)
        else:
            app.command(name)(of)
    app.callback()(of_all)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and end the process with its exit status."""
    print_anywhere()
    gc.set_threshold(100_000)  # torch and SciPy allocate many long-lived objects, and each collection would scan them
    status = run(sys.argv[1:] if arguments is None else arguments)
    gc.freeze()  # as would the collection at exit, for a quarter of a short run
    sys.exit(status)


def run(arguments: Sequence[str]) -> int:
    """Run the command and return its exit status. An error is one sentence; with CONVCHECK_TRACEBACK=1 it is raised."""
    with speaking(asked_language(arguments)):
        return run_in_language(arguments)


def run_in_language(arguments: Sequence[str]) -> int:
    """Run the command in the current language and return its exit status."""
    try:
        command = typer.main.get_command(build_app(arguments))
        translate(command)
        return command(list(arguments), prog_name="convcheck", standalone_mode=False) or 0
    except typer.Exit as done:
        return done.exit_code
    except UsageError as wrong:
        return print_error(str(wrong), 2)
    except (typer.Abort, KeyboardInterrupt):
        return print_error(_("stopped"), 130)
    except BrokenPipeError:  # `convcheck ... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and (sentence := missing_extra(error.name or "")):
            return print_error(sentence, 2)
        if hasattr(error, "show") and hasattr(error, "exit_code"):  # typer's own words on how it was called
            return print_call_error(error)
        if os.environ.get("CONVCHECK_TRACEBACK"):
            raise
        text = _("a fault of convcheck: {error} (CONVCHECK_TRACEBACK=1 shows where)")
        return print_error(text.format(error=f"{type(error).__name__}: {error}"), 3)


def missing_extra(module: str) -> str:
    """Say which extra brings a module that is not installed, and how to add it; "" for a module of no extra."""
    from ..installation import EXTRAS, install_command

    package = module.partition(".")[0]
    extra = EXTRAS.get(package, "")
    text = _("this needs {package}, which is not installed: {how}")
    return extra and text.format(package=package, how=install_command(extra))


def print_error(sentence: str, status: int) -> int:
    """Print one sentence on standard error; return the exit status."""
    print(f"convcheck: {sentence}", file=sys.stderr)
    return status


if __name__ == "__main__":
    main()
