"""`beffroi federation`: what is spoken with other servers."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="What other servers say, and what is understood of it.")


@commands.callback()
def federation() -> None:
    """One command is no group without this."""


@commands.command()
def ignored(limit: Annotated[int, typer.Option(help="how many kinds at most")] = 50) -> None:
    """What came in the last month and was not understood, or changes nothing here: by kind, with the servers."""
    operate("federation.ignored", limit=limit)
