"""Doing an operation: here if no node runs on these data, else by the node that does."""

import asyncio
from typing import Any

import typer

from admin import control, operations
from node.app import close_context, open_context
from node.runtime import log
from node.runtime.database import DatabaseBusy
from node.runtime.database.migrate import pending
from node.runtime.errors import Invalid
from node.runtime.settings import Settings, read_settings


def operate(operation: str, /, **arguments: Any) -> None:
    """Do *operation* and print what it says."""
    settings = read_settings()
    log.configure("warning", settings.log_format)
    for line in asyncio.run(perform(settings, operation, arguments)):
        typer.echo(line)


async def perform(settings: Settings, name: str, arguments: dict[str, Any]) -> list[str]:
    """The lines of the operation.

    Raises:
        Invalid: it was refused, or the data are not ready for this version.
    """
    if not settings.keyring_path.exists():
        raise Invalid(f"there is no node in {settings.data} yet: beffroi init --help")
    try:
        ctx = await open_context(settings)
    except DatabaseBusy:
        return await control.ask(settings.data, name, arguments)
    try:
        if await pending(ctx.db):
            raise Invalid("the database is older than this version: beffroi migrate")
        return await operations.perform(ctx, name, arguments)
    finally:
        await close_context(ctx)
