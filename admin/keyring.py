"""The ring of keys that seals the node's private keys: turned once a year, or when somebody may have seen the file."""

import asyncio

from node.actors import keys, totp
from node.notifications.push import subscriptions, vapid
from node.runtime.context import Context
from node.runtime.errors import Invalid
from node.runtime.i18n import translator
from node.runtime.keyring import KeyringError


async def rotate(ctx: Context) -> list[str]:
    """Add a key to the ring, and seal every private key anew with it; the old ring alone then opens nothing more."""
    _ = translator(ctx.settings.language)
    try:
        await asyncio.to_thread(ctx.keyring.rotate)
    except KeyringError as error:
        raise Invalid(*error.args) from None
    above: int | None = 0
    count = 0
    while above is not None:
        sealed, above = await ctx.db.write(lambda tx, above=above: keys.reseal(tx, ctx, above=above))  # type: ignore[misc]
        count += sealed
    for reseal in (totp.reseal, vapid.reseal, subscriptions.reseal):
        count += await ctx.db.write(lambda tx, reseal=reseal: reseal(tx, ctx))  # type: ignore[misc]
    return [
        _("The keyring has a new key, and %(count)s private keys are sealed with it.", count=count),
        _("Copy %(path)s to your backup again: the copy that you have does not open them.",
          path=ctx.settings.keyring_path),
    ]  # fmt: skip
