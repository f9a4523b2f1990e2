"""Help in the reader's language, wrapped by the width of characters: a Japanese one is as wide as two others."""

import inspect
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from ..errors import UsageError
from ..i18n import LANGUAGES, N_, _, current_language, system_language

SAMPLE = "日本語"
LANG = N_("en or ja [as the system speaks].")
TYPER = (  # what typer itself says
    N_("Usage: "), N_("Arguments"), N_("Options"), N_("Commands"), N_("Show this message and exit."),
    N_("Install completion for the current shell."),
    N_("Show completion for the current shell, to copy it or customize the installation."),
)  # fmt: skip
EXTRA = {"default: ": N_("default: "), "required": N_("required")}  # in brackets behind an option's help
ERRORS = (  # how typer says that it was called wrongly, and how we do
    (r"No such option: (?P<name>\S+)( \(Possible options: (?P<near>.*)\))?", N_("there is no option {name}")),
    (r"No such command '(?P<name>.*?)'.*", N_("there is no command {name}")),
    (r"Missing argument '(?P<name>.*?)'.*", N_("the argument {name} is missing")),
    (r"Missing option '(?P<name>.*?)'.*", N_("the option {name} is missing")),
    (r"Missing command.*", N_("a command is missing")),
    (r"Option '(?P<name>.*?)' requires an argument.*", N_("the option {name} needs a value")),
    (r"Got unexpected extra arguments?(?:\(s\))? \((?P<name>.*)\)", N_("too many arguments: {name}")),
    (r"Invalid value for (?P<name>.*?): (?P<why>.*)", N_("{name} cannot have this value: {why}")),
)


def asked_language(arguments: Sequence[str]) -> str:
    """Return the language that --lang names among the arguments of a command, else the system's.

    English where the output cannot have Japanese letters: question marks tell nobody anything.
    """
    words = iter(arguments)
    system = system_language() if can_print(SAMPLE) else "en"
    for word in words:
        name, _equals, value = word.partition("=")
        if name == "--lang":
            found = value or next(words, "")
            return found if found in LANGUAGES else system
    return system


def can_print(text: str) -> bool:
    """Return whether the encoding of the standard output has all characters of a text."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def translate(command: Any) -> None:
    """Give a command, its options and its subcommands their help in the current language, and the option --lang."""
    command.help = say_paragraphs(inspect.cleandoc(command.help or ""))
    if command.short_help:
        command.short_help = _(command.short_help)
    context = command.context_class
    command.context_class = type("Context", (context,), {"formatter_class": formatter(context.formatter_class)})
    if not any(parameter.name == "lang" for parameter in command.params):
        command.params.append(language_option())
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = _(parameter.help)
    for one in getattr(command, "commands", {}).values():
        translate(one)


def language_option() -> Any:
    """Return the option --lang for a command that does not ask for it itself: its value is read before."""
    import typer

    from .options import option

    def only(lang: Annotated[str, option(LANG, "LANG", callback=require_known)] = "") -> None: ...

    app = typer.Typer(add_completion=False)
    app.command()(only)
    (made,) = (one for one in typer.main.get_command(app).params if one.name == "lang")
    made.expose_value = False
    return made


def require_known(language: str) -> str:
    """Return a language. Raises UsageError for one that is not there."""
    if language and language not in LANGUAGES:
        raise UsageError(f"--lang {language}: " + _("there are {names}").format(names=", ".join(LANGUAGES)))
    return language


def sentences(command: Any) -> Iterator[str]:
    """Yield what is translated of a command's help: each paragraph, and the help of each option."""
    yield from paragraphs(inspect.cleandoc(command.help or ""))
    yield command.short_help or ""  # of a command in a list
    yield from (parameter.help for parameter in command.params if getattr(parameter, "help", None))
    for one in getattr(command, "commands", {}).values():
        yield from sentences(one)


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text, each as one line."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text)]


def say_paragraphs(text: str) -> str:
    """Return a text in the current language, paragraph by paragraph."""
    return "\n\n".join(_(part) for part in paragraphs(text))


def formatter(base: Any) -> Any:
    """Return a help formatter that wraps our way, of the class that typer uses."""
    from ..reports.console import wrap

    class Formatter(base):  # type: ignore[misc]
        """A help formatter that translates its headings and wraps by the width of characters."""

        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            """Write the line that shows how a command is called."""
            super().write_usage(prog, args, prefix or _("Usage: "))

        def write_heading(self, heading: str) -> None:
            """Write a heading."""
            super().write_heading(_(heading))

        def write_text(self, text: str) -> None:
            """Write paragraphs."""
            blank = " " * self.current_indent
            wrapped = [wrap(part, self.width - self.current_indent) for part in paragraphs(text)]
            self.write("\n\n".join("\n".join(blank + line for line in lines) for lines in wrapped) + "\n")

        def write_dl(self, rows: Any, col_max: int = 30, col_spacing: int = 2) -> None:
            """Write names and what they mean in two columns."""
            write_columns(self, [(first, say_extra(second)) for first, second in rows], col_max, col_spacing)

    return Formatter


def write_columns(out: Any, rows: list[tuple[str, str]], most: int, spacing: int) -> None:
    """Write names and what they mean in two columns. most: of columns of a terminal that the names take."""
    from rich.cells import cell_len

    from ..reports.console import wrap

    wide = min(max(cell_len(first) for first, _second in rows), most) + spacing
    blank = " " * out.current_indent
    for first, second in rows:
        lines = wrap(second, max(out.width - wide - out.current_indent, 10)) or [""]
        beside = cell_len(first) <= wide - spacing
        out.write(blank + first + (" " * (wide - cell_len(first)) if beside else f"\n{blank}{' ' * wide}"))
        out.write(f"\n{blank}{' ' * wide}".join(lines) + "\n")


def say_extra(text: str) -> str:
    """Return an option's help with typer's own words, in brackets behind it, in the current language."""
    head, bracket, tail = _(text).rpartition("  [")
    for word, said in EXTRA.items() if bracket else ():
        tail = tail.replace(word, _(said))
    return head + bracket + tail


def print_call_error(error: Any) -> int:
    """Print that a command was called wrongly, as typer does or in the reader's language; return the exit status."""
    context, text = getattr(error, "ctx", None), error.format_message()
    if current_language() == "en" or type(error).__name__ == "NoArgsIsHelpError":
        error.show()
        return int(error.exit_code)
    if context is not None:
        print(context.get_usage(), file=sys.stderr)
        print(_("`{command} --help` explains it").format(command=context.command_path) + "\n", file=sys.stderr)
    print(f"convcheck: {say_error(text)}", file=sys.stderr)
    return int(error.exit_code)


def say_error(text: str) -> str:
    """Return what typer says of a wrong call in the current language."""
    for pattern, said in ERRORS:
        if found := re.fullmatch(pattern, text, re.S):
            near = found.groupdict().get("near")
            hint = ": " + _("did you mean {names}?").format(names=near) if near else ""
            return _(said).format(**found.groupdict()) + hint
    return text
