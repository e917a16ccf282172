"""`beffroi federation`: what is spoken with other servers."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="What other servers say, and what is understood of it.")


@commands.command()
def ignored(limit: Annotated[int, typer.Option(help="how many kinds at most")] = 50) -> None:
    """What came in the last month and was not understood, or changes nothing here: by kind, with the servers."""
    operate("federation.ignored", limit=limit)


@commands.command()
def read(
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="ActivityPub documents; - is the standard input")],
    as_json: Annotated[bool, typer.Option("--json", help="one object of JSON a line, for machines")] = False,
    https_only: Annotated[
        bool, typer.Option("--https-only", help="refuse ids of plain http too, as a node on the network does")
    ] = False,
) -> None:
    """Read documents as the inbox does, and say what is understood. Exit code 1 if one is refused. Needs no node."""
    from node.cli import reading

    refused = False
    for shown, no in reading.read(files, as_json=as_json, https_only=https_only):
        typer.echo(shown)
        refused = refused or no
    raise typer.Exit(1 if refused else 0)
