"""`beffroi invite`: to make an account, or to speak for one."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="Invitations, to make an account or to speak for one.")
Domain = Annotated[str, typer.Option(help="right of the @; may be left out when there is one")]


@commands.command()
def create(
    email: Annotated[str, typer.Option(help="whom: it is mailed there, and hers alone; empty: whoever has it")] = "",
    handle: Annotated[str, typer.Option(help="to speak for @name@host; empty: to make an account")] = "",
    role: Annotated[str, typer.Option(help="owner, editor, contributor, moderator or reader")] = "",
    domain: Domain = "",
    uses: Annotated[int, typer.Option(help="for how many people, without --email")] = 1,
    days: Annotated[int, typer.Option(help="how long it works")] = 7,
) -> None:
    """Invite somebody."""
    operate("invite.create", email=email, handle=handle, role=role, domain=domain, uses=uses, days=days)


@commands.command("list")
def list_all(domain: Domain = "") -> None:
    """The invitations that can still be used."""
    operate("invite.list", domain=domain)


@commands.command()
def withdraw(number: Annotated[int, typer.Argument(help="its number in the list")]) -> None:
    """Take an invitation back."""
    operate("invite.withdraw", id=number)
