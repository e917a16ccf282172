"""`beffroi work`: what waits, and what failed for good."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="Work that waits, and work that failed for good.")
Queue = Annotated[str, typer.Argument(help="jobs: of this server; inbox: what other servers sent")]
Number = Annotated[int, typer.Option("--id", help="only this one, by its number in the list")]


@commands.command("list")
def show() -> None:
    """Every queue, then what was given up and why."""
    operate("work.show")


@commands.command()
def retry(queue: Queue, number: Number = 0) -> None:
    """Try it again."""
    operate("work.retry", queue=queue, id=number)


@commands.command()
def drop(queue: Queue, number: Number = 0) -> None:
    """Forget it."""
    operate("work.drop", queue=queue, id=number)
