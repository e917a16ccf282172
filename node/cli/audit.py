"""`beffroi audit`: who did what, and whether the log of it still holds."""

import asyncio
from pathlib import Path
from typing import Annotated, Literal

import orjson
import typer

from node.cli.operate import operate, perform
from node.runtime import log
from node.runtime.settings import read_settings

commands = typer.Typer(no_args_is_help=True, help="The log of who did what, which nobody can edit.")
Who = Annotated[str, typer.Option(help="part of the name of who did it")]
Act = Annotated[str, typer.Option(help="how the act begins: user, actor.suspend, post")]
About = Annotated[str, typer.Option(help="part of what it is about: a handle, an address, a host")]
Since = Annotated[str, typer.Option(help="from that day on: 2026-09-21")]
Until = Annotated[str, typer.Option(help="up to that day")]


@commands.command("list")
def list_all(
    who: Who = "", act: Act = "", about: About = "", since: Since = "", until: Until = "",
    limit: Annotated[int, typer.Option(help="how many", min=1, max=1000)] = 50,
) -> None:  # fmt: skip
    """The newest entries first."""
    operate("audit.list", who=who, act=act, about=about, since=since, until=until, limit=limit)


@commands.command()
def verify(head: Annotated[str, typer.Option(help="number:digest that you noted earlier")] = "") -> None:
    """Check the whole chain; exit code 1 and the entries, if one was changed or removed."""
    operate("audit.verify", head=head)


@commands.command()
def export(
    file: Annotated[Path, typer.Argument(help="the file to write; it must not be there")],
    form: Annotated[Literal["jsonl", "csv"], typer.Option(help="lines of JSON, or a table")] = "jsonl",
    who: Who = "", act: Act = "", about: About = "", since: Since = "", until: Until = "",
) -> None:  # fmt: skip
    """Copy the log into a file, the oldest entry first."""
    from admin.audit import as_csv

    settings, above = read_settings(), 0
    log.configure("warning", settings.log_format)
    with file.open("x", encoding="utf-8", newline="") as out:
        if form == "csv":
            out.write(as_csv([], header=True))
        while lines := asyncio.run(
            perform(
                settings, "audit.page",
                {"above": above, "who": who, "act": act, "about": about, "since": since, "until": until},
            )
        ):  # fmt: skip
            entries = [orjson.loads(line) for line in lines]
            out.write(as_csv(entries, header=False) if form == "csv" else "".join(f"{line}\n" for line in lines))
            above = int(entries[-1]["id"])
