"""`beffroi block`: lists of servers that are refused."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(
    no_args_is_help=True, help="Lists of servers that are refused; one server: 'beffroi domain block'."
)
File = Annotated[Path, typer.Argument(help="a CSV as Mastodon writes it, or one host a line; '-': standard input")]
Url = Annotated[str, typer.Argument(help="https://…/list.csv")]


@commands.command("import")
def import_(
    file: File,
    yes: Annotated[bool, typer.Option("--yes", help="do it; without this, only what would change is shown")] = False,
    loosen: Annotated[bool, typer.Option("--loosen", help="also where something stricter holds here")] = False,
) -> None:
    """Take a list over: all of it or, with one wrong line, nothing. Again changes nothing."""
    text = sys.stdin.read() if str(file) == "-" else _read(file)
    operate("block.take" if yes else "block.preview", text=text, loosen=loosen)


@commands.command()
def export() -> None:
    """What this node limits and refuses, in Mastodon's form."""
    operate("block.export")


@commands.command()
def subscribe(url: Url, name: Annotated[str, typer.Option(help="how you call it")] = "") -> None:
    """Follow a list that somebody else keeps: it is fetched now, and once a day."""
    operate("block.subscribe", url=url, name=name)


@commands.command()
def unsubscribe(
    url: Url, keep: Annotated[bool, typer.Option("--keep", help="what it refused stays refused")] = False
) -> None:
    """Follow it no longer."""
    operate("block.unsubscribe", url=url, keep=keep)


@commands.command()
def lists() -> None:
    """The lists that are followed, whether they could be read, and what they ask."""
    operate("block.lists")


@commands.command()
def answer(
    host: Annotated[str, typer.Argument(help="a host that 'lists' asks about")],
    no: Annotated[bool, typer.Option("--no", help="it stays as it is")] = False,
) -> None:
    """Say whether what a list asks about a host holds."""
    operate("block.answer", host=host, no=no)


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{file}: {error}") from None
