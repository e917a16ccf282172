"""`beffroi territory`: groups that announce what their members share."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="Territories announce what their members agree to share.")


@commands.command()
def create(
    epci: Annotated[str, typer.Option(help="SIREN of an EPCI: 242500361")] = "",
    departement: Annotated[str, typer.Option(help="INSEE code of a département: 25")] = "",
    region: Annotated[str, typer.Option(help="INSEE code of a région: 27")] = "",
    domain: Annotated[str, typer.Option(help="right of the @; may be left out when the node has one domain")] = "",
    username: Annotated[str, typer.Option(help="left of the @; proposed for a place of the official data")] = "",
    name: Annotated[str, typer.Option(help="the name that is shown")] = "",
    summary: Annotated[str, typer.Option(help="a sentence for readers")] = "",
    member: Annotated[str, typer.Option(help="e-mail of the person who will keep it")] = "",
) -> None:
    """Make a territory: from the official data by one of the three codes, or by hand with --username and --name."""
    operate(
        "territory.create", epci=epci, departement=departement, region=region, domain=domain, username=username,
        name=name, summary=summary, member=member,
    )  # fmt: skip


@commands.command()
def show(handle: Annotated[str, typer.Argument(help="@name@host")]) -> None:
    """Who shares with it, who is asked, and which communes of the official data could be."""
    operate("territory.show", handle=handle)


@commands.command("list")
def list_all() -> None:
    """The territories of this node, with how many share."""
    operate("territory.list")
