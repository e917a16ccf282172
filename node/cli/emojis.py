"""`beffroi emoji`: small pictures that accounts of this node write as `:shortcode:`."""

import base64
from pathlib import Path
from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="Custom emojis of this node.")
Name = Annotated[str, typer.Argument(help="its name, as between the colons")]
Category = Annotated[str, typer.Option(help="under which it is offered")]
Hidden = Annotated[bool, typer.Option("--hidden", help="do not offer it; who knows its name may use it")]


@commands.command("list")
def list_all() -> None:
    """All, by category."""
    operate("emoji.list")


@commands.command()
def add(
    name: Name,
    picture: Annotated[Path, typer.Argument(help="a PNG, GIF or WebP file", exists=True, dir_okay=False)],
    category: Category = "",
    hidden: Hidden = False,
) -> None:
    """Add one."""
    # More than is accepted is not read: the refusal is the same.
    with picture.open("rb") as opened:
        data = opened.read(512 * 1024)
    operate("emoji.add", shortcode=name, picture=base64.b64encode(data).decode(), category=category, hidden=hidden)


@commands.command()
def put(name: Name, category: Category = "", hidden: Hidden = False) -> None:
    """Put one into a category, and among those that are offered or not."""
    operate("emoji.put", shortcode=name, category=category, hidden=hidden)


@commands.command()
def disable(name: Name) -> None:
    """Let nobody use one in new texts; where it stands it stays."""
    operate("emoji.disable", shortcode=name)


@commands.command()
def enable(name: Name) -> None:
    """Let one be used again."""
    operate("emoji.enable", shortcode=name)


@commands.command()
def remove(name: Name) -> None:
    """Remove one from everywhere here."""
    operate("emoji.remove", shortcode=name)
