"""`beffroi deliveries`: what could not be delivered."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="What could not be delivered, and which servers do not answer.")
Host = Annotated[str, typer.Option(help="only those for this host")]


@commands.command("list")
def list_dead(limit: Annotated[int, typer.Option(help="how many at most")] = 50) -> None:
    """The dead letters, and how many deliveries wait."""
    operate("deliveries.list", limit=limit)


@commands.command()
def retry(host: Host = "") -> None:
    """Try them again."""
    operate("deliveries.retry", host=host)


@commands.command()
def drop(host: Host = "") -> None:
    """Forget them."""
    operate("deliveries.drop", host=host)


@commands.command()
def hosts() -> None:
    """The servers that do not answer."""
    operate("deliveries.hosts")
