"""`beffroi post`: one post."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="One post.")


@commands.callback()
def _group() -> None:
    """Keep the name of the command, of which there is only one so far."""


@commands.command()
def deliveries(post: Annotated[str, typer.Argument(help="the address of its page, or its id")]) -> None:
    """How many servers have it, and what became of the others."""
    operate("post.deliveries", post=post)
