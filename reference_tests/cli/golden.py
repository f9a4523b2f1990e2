"""convcheck golden: the numbers with a source, worked out again from their formulas."""

from typing import Annotated

import typer

from ..errors import UsageError
from ..i18n import _


def golden(
    check: Annotated[bool, typer.Option("--check", help="Say which rows differ; exit status 1 if any does.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write every file again.")] = False,
) -> None:
    """Recompute golden/ from its formulas."""
    if check == write:
        raise UsageError(_("golden: say either --check or --write"))
    from golden import recompute

    try:
        if write:
            changed = recompute.write()
            written = [_("written: {file}").format(file=path.name) for path in changed]
            typer.echo("\n".join(written) or _("every file was already as it should be"))
            return
        differences = recompute.check()
    except (ImportError, ValueError) as error:
        raise UsageError(str(error)) from None
    except OSError as error:
        raise UsageError(f"golden --write: {error.filename}: {error.strerror}") from None
    for line in differences:
        typer.echo(line)
    n = len(differences)
    differ = _("1 row differs") if n == 1 else _("{n} rows differ").format(n=n)
    typer.echo(differ if differences else _("every row is what its formula gives"))
    raise typer.Exit(1 if differences else 0)
