"""`beffroi storage`: what the node keeps on its disk, and what it may forget."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="What the node keeps on its disk, and what it may forget.")
Days = Annotated[int, typer.Argument(help="days since somebody last looked")]


@commands.command()
def show(days: Annotated[str, typer.Option(help="what nobody looked at for so many days")] = "") -> None:
    """Sizes, and what would be forgotten."""
    operate("storage.show", days=days)


@commands.command()
def keep(days: Days) -> None:
    """Keep pictures of other servers for so many days."""
    operate("storage.keep", days=days)


@commands.command()
def prune(days: Days) -> None:
    """Forget now those that nobody looked at for so many days."""
    operate("storage.prune", days=days)


@commands.command("show-posts")
def show_posts(days: Annotated[str, typer.Option(help="what is older than so many days")] = "") -> None:
    """How long posts of other servers are kept, and what would be forgotten."""
    operate("storage.show_posts", days=days)


@commands.command("keep-posts")
def keep_posts(days: Annotated[int, typer.Argument(help="days; 0: for ever")]) -> None:
    """Keep posts of other servers that nobody here has a tie to for so many days."""
    operate("storage.keep_posts", days=days)


@commands.command("prune-posts")
def prune_posts(days: Annotated[int, typer.Argument(help="days since they were written")]) -> None:
    """Forget now those that are older than so many days, and accounts that nothing refers to."""
    operate("storage.prune_posts", days=days)
