"""`beffroi search`: the index of search."""

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="The index by which posts and accounts are found.")


@commands.command()
def show() -> None:
    """How much can be found, and what is still to be read."""
    operate("search.show")


@commands.command()
def rebuild() -> None:
    """Have everything read again, in the background."""
    operate("search.rebuild")
