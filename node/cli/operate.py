"""Doing an operation: by the node that runs on these data, or here if none does."""

import asyncio
from typing import Any

import typer

from admin import control, operations
from node.app import close_context, join_others, open_context
from node.moderation import audit
from node.runtime import log
from node.runtime.database import DatabaseBusy
from node.runtime.database.migrate import pending
from node.runtime.errors import Invalid, Unavailable
from node.runtime.i18n import sentence
from node.runtime.settings import Settings, read_settings


def operate(operation: str, /, **arguments: Any) -> None:
    """Do *operation* and print what it says."""
    settings = read_settings()
    log.configure("warning", settings.log_format)
    for line in asyncio.run(perform(settings, operation, arguments)):
        typer.echo(line)


async def perform(settings: Settings, name: str, arguments: dict[str, Any]) -> list[str]:
    """The lines of the operation.

    A node that runs is asked first, on PostgreSQL too: its caches, its streams and its worker then know of it.

    Raises:
        Invalid: it was refused, or the data are not ready for this version.
        Unavailable: another process holds the data and answers nothing.
    """
    if control.path(settings.data).exists():
        try:
            return await control.ask(settings.data, name, arguments)
        except control.NotRunning:
            pass  # what a killed node left behind
    if not settings.keyring_path.exists():
        raise Invalid(sentence("There is no node in %(folder)s yet: beffroi init --help", folder=str(settings.data)))
    try:
        ctx = await open_context(settings)
    except DatabaseBusy:
        raise Unavailable(
            sentence("Another process holds the database and takes no commands: is a node starting? Try again.")
        ) from None
    try:
        if await pending(ctx.db):
            raise Invalid(sentence("The database is older than this version: beffroi migrate"))
        await join_others(ctx)
        said = await operations.perform(ctx, name, arguments, control.owner_of())
        if await audit.waiting(ctx.db.reader):  # no worker runs that would seal it
            await ctx.db.write(lambda tx: audit.seal(tx, ctx))
        return said
    finally:
        await close_context(ctx)
