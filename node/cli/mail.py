"""`beffroi mail`: letters that wait, and trying the settings."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="The letters that this node sends, and those that it could not send.")
Number = Annotated[int, typer.Option("--id", help="only this one, by its number in the list")]


@commands.command("list")
def list_all() -> None:
    """The letters that were given up, and those that wait."""
    operate("mail.list")


@commands.command()
def retry(number: Number = 0) -> None:
    """Try them again."""
    operate("mail.retry", id=number)


@commands.command()
def drop(number: Number = 0) -> None:
    """Forget them."""
    operate("mail.drop", id=number)


@commands.command()
def test(address: Annotated[str, typer.Argument(help="a mailbox that you can read")]) -> None:
    """Send a letter at once, and say what the mail server answers."""
    operate("mail.test", address=address)
