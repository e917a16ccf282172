"""`beffroi storage`: what the node keeps on its disk, and what it may forget."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="What the node keeps on its disk, and what it may forget.")
Days = Annotated[int, typer.Argument(help="days since somebody last looked")]


@commands.command()
def show(days: Annotated[str, typer.Option(help="what nobody looked at for so many days")] = "") -> None:
    """Sizes, and what would be forgotten."""
    operate("storage.show", days=days)


@commands.command()
def keep(days: Days) -> None:
    """Keep pictures of other servers for so many days."""
    operate("storage.keep", days=days)


@commands.command()
def prune(days: Days) -> None:
    """Forget now those that nobody looked at for so many days."""
    operate("storage.prune", days=days)
