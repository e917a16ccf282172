"""`beffroi rule`: what a site asks of everybody who writes there."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="The rules of a site.")
Domain = Annotated[str, typer.Option(help="right of the @; may be left out when there is one")]
Number = Annotated[int, typer.Argument(help="its number in the list")]
Words = Annotated[str, typer.Argument(help="the rule in a few words")]
Hint = Annotated[str, typer.Option(help="what it means, in a sentence or two")]


@commands.command("list")
def list_all(domain: Domain = "") -> None:
    """The rules in their order."""
    operate("rule.list", domain=domain)


@commands.command()
def add(words: Words, hint: Hint = "", domain: Domain = "") -> None:
    """One more, at the end."""
    operate("rule.add", words=words, hint=hint, domain=domain)


@commands.command()
def change(number: Number, words: Words, hint: Hint = "", domain: Domain = "") -> None:
    """Other words for one."""
    operate("rule.change", number=number, words=words, hint=hint, domain=domain)


@commands.command()
def move(number: Number, place: Annotated[int, typer.Argument(help="1 is the first")], domain: Domain = "") -> None:
    """Another place for one."""
    operate("rule.move", number=number, place=place, domain=domain)


@commands.command()
def remove(number: Number, domain: Domain = "") -> None:
    """Take one away."""
    operate("rule.remove", number=number, domain=domain)
