"""`beffroi user`: people who log in."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="People who log in. They are not actors: see 'beffroi actor member'.")
Email = Annotated[str, typer.Argument(help="e-mail address")]
Password = Annotated[str, typer.Option(help="at least ten characters; without it, one is drawn and printed once")]


@commands.command()
def create(
    email: Email,
    password: Password = "",
    name: Annotated[str, typer.Option(help="how colleagues see her")] = "",
    keeper: Annotated[bool, typer.Option("--keeper", help="keeps the node itself")] = False,
) -> None:
    """Make a person who can log in."""
    operate("user.create", email=email, password=password, name=name, keeper=keeper)


@commands.command("list")
def list_all() -> None:
    """Who logs in, and for which actors they speak."""
    operate("user.list")


@commands.command()
def password(email: Email, password: Password = "") -> None:
    """Give a new password; her applications must log in again."""
    operate("user.password", email=email, password=password)


@commands.command()
def disable(email: Email) -> None:
    """She can no longer log in."""
    operate("user.disable", email=email)


@commands.command()
def enable(email: Email) -> None:
    """She can log in again."""
    operate("user.enable", email=email)


@commands.command()
def delete(email: Email, yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False) -> None:
    """Delete her for good, with the accounts that are hers alone and all that they published."""
    if not yes:
        typer.confirm(f"{email}: delete for good, with everything she published?", abort=True)
    operate("user.delete", email=email)


@commands.command()
def duty(
    email: Email,
    keeper: Annotated[bool, typer.Option("--keeper", help="keeps the node itself")] = False,
    moderator: Annotated[bool, typer.Option("--moderator", help="judges reports, accounts and other servers")] = False,
) -> None:
    """Let her keep or moderate the node; without an option, neither any more."""
    operate("user.duty", email=email, keeper=keeper, moderator=moderator)


@commands.command("reset-factor")
def reset_factor(email: Email) -> None:
    """She lost her telephone or her key: take her second factors away."""
    operate("user.reset_factor", email=email)


@commands.command("log-out")
def log_out(
    email: Email,
    applications: Annotated[bool, typer.Option("--applications", help="her applications too")] = False,
) -> None:
    """End her sessions in all browsers."""
    operate("user.log_out", email=email, applications=applications)
