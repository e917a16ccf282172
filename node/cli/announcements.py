"""`beffroi announcement`: what those who keep a site tell everybody who uses it."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="Announcements to everybody who uses a site.")
Domain = Annotated[str, typer.Option(help="right of the @; may be left out when there is one")]
Number = Annotated[int, typer.Argument(help="its number in the list")]
Words = Annotated[str, typer.Argument(help="what is announced")]
Starts = Annotated[str, typer.Option(help="shown from then on: 2026-09-21 or '2026-09-21 18:00'")]
Ends = Annotated[str, typer.Option(help="shown until then")]


@commands.command("list")
def list_all(domain: Domain = "") -> None:
    """The newest hundred."""
    operate("announcement.list", domain=domain)


@commands.command()
def add(
    words: Words,
    domain: Domain = "",
    starts: Starts = "",
    ends: Ends = "",
    draft: Annotated[bool, typer.Option("--draft", help="do not show it yet")] = False,
) -> None:
    """Announce something."""
    operate("announcement.add", words=words, domain=domain, starts=starts, ends=ends, draft=draft)


@commands.command()
def change(number: Number, words: Words, starts: Starts = "", ends: Ends = "") -> None:
    """Say one otherwise; it is unread again for everybody."""
    operate("announcement.change", id=number, words=words, starts=starts, ends=ends)


@commands.command()
def publish(number: Number) -> None:
    """Show one."""
    operate("announcement.publish", id=number)


@commands.command()
def withdraw(number: Number) -> None:
    """Show one no longer; it stays as a draft."""
    operate("announcement.withdraw", id=number)


@commands.command()
def remove(number: Number) -> None:
    """Forget one."""
    operate("announcement.remove", id=number)
