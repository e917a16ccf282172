"""`beffroi relay`: servers that pass public posts on."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="Relays: servers that pass public posts on.")
Url = Annotated[str, typer.Argument(help="https://relay.example/inbox, or the address of a LitePub relay's actor")]


@commands.command()
def add(
    url: Url,
    style: Annotated[str, typer.Option(help="mastodon or litepub, if the address does not tell")] = "",
    domain: Annotated[str, typer.Option(help="right of the @; may be left out when there is one")] = "",
) -> None:
    """Ask a relay to pass public posts on, both ways."""
    operate("relay.add", url=url, style=style, domain=domain)


@commands.command()
def remove(url: Url) -> None:
    """Leave it."""
    operate("relay.remove", url=url)


@commands.command("list")
def list_all() -> None:
    """The relays, and what they answered."""
    operate("relay.list")
