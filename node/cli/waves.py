"""`beffroi wave`: waves of spam."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="Waves of spam: held until somebody looks.")
Number = Annotated[str, typer.Argument(help="as 'list' shows it")]


@commands.command("list")
def list_all() -> None:
    """The waves of the last month."""
    operate("wave.list")


@commands.command()
def freeze(number: Number) -> None:
    """Delete all posts of a wave, and take none that still comes."""
    operate("wave.freeze", id=number)


@commands.command("let-go")
def let_go(number: Number) -> None:
    """It was none: show what was held."""
    operate("wave.let_go", id=number)
