"""convcheck adapt: how a target is read, as a file of adapters. convcheck conventions: the interfaces with a name."""

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError
from .options import option

if TYPE_CHECKING:
    from ..subject.parent import RemoteSubject


def adapt(
    target: Annotated[str, typer.Argument(help="A .py file, a folder or an .ipynb notebook.")],
    convention: Annotated[
        str | None, option("Read layers in this interface only; convcheck conventions lists them.", "NAME")
    ] = None,
    map: Annotated[
        list[str] | None, option("Convolution=my.module:Conv2d, for a name of yours. Repeatable.", "NAME=PLACE")
    ] = None,
    lang: Annotated[str, option("en or ja [as the system speaks].", "LANG")] = "",
) -> None:
    """Print adapters: classes with the book's interface that call the target's own layers.

    convcheck adapt layers.py > adapter.py; then convcheck verify adapter.py says what convcheck verify layers.py says.
    Edit it where a layer was read wrong. Exit status: 2 where nothing was read in another interface.
    """
    from ..i18n import _, current_language, speaking
    from ..reports.adapter_file import write_adapters
    from .verify import merge_settings

    with ExitStack() as stack:
        try:
            stack.enter_context(speaking(lang or current_language()))
        except ValueError as error:
            raise UsageError(str(error)) from None
        maps, chosen = merge_settings(target, map or [], {"convention": convention})
        with open_subject(target, maps, chosen) as subject:
            if not any(one.source for one in subject.interfaces.values()):
                text = _("there is nothing to adapt in {target}: no layer of it is read in another interface")
                raise UsageError(text.format(target=target))
            typer.echo(write_adapters(subject), nl=False)


def conventions() -> None:
    """List the known interfaces: the name that --convention takes, what it is, and its facts."""
    from rich.text import Text

    from ..i18n import _, current_language, speaking
    from ..reports.console import open_console
    from ..subject.conventions.known.table import BOOK, KNOWN

    out = open_console()
    with speaking(current_language()):
        out.print(Text(f"{BOOK:18} {_('the interface of the contract; nothing else is read')}"))
        for row in KNOWN:
            facts = "; ".join(_(fact) for fact in row.facts)
            out.print(Text(f"{row.name:18} {_(row.title)}" + (f": {facts}" if facts else "")))


def open_subject(target: str, maps: dict[str, str], chosen: dict[str, Any]) -> "RemoteSubject":
    """Load the target in a process of its own. Raises UsageError."""
    from ..conformance.locations import say_load_error
    from ..subject.parent import RemoteSubject
    from ..subject.source import LoadError
    from .verify import arrays_wanted

    try:
        how = {"convention": chosen["convention"], "arrays": arrays_wanted(chosen)}
        return RemoteSubject(target, maps, chosen["timeout"], **how)
    except (LoadError, ValueError) as error:
        raise UsageError(say_load_error(error)) from None
