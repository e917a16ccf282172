"""`beffroi reports`: what people and other servers told the keepers."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="What people and other servers told of accounts here and elsewhere.")
Number = Annotated[str, typer.Argument(help="the number at the beginning of its line")]


@commands.command("list")
def list_all(
    closed: Annotated[bool, typer.Option("--all", help="those that were dealt with too")] = False,
    limit: Annotated[int, typer.Option(help="how many at most")] = 50,
) -> None:
    """The open reports, newest first."""
    operate("reports.list", closed=closed, limit=limit)


@commands.command()
def show(number: Number) -> None:
    """All that a report says."""
    operate("reports.show", number=number)


@commands.command()
def classify(
    number: Number,
    category: Annotated[str, typer.Argument(help="spam, legal, violation or other")],
    ground: Annotated[str, typer.Option(help="the rule or the law, in words")] = "",
) -> None:
    """Say of what kind it is, where who told chose wrongly."""
    operate("reports.classify", number=number, category=category, ground=ground)


@commands.command()
def reopen(number: Number) -> None:
    """Have a report that was answered wait again."""
    operate("reports.reopen", number=number)
