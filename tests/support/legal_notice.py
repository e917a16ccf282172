"""What a town says of itself before the public may come."""

from typing import Final

from admin import operations
from node.runtime.context import Context

SAID: Final = {
    "publisher": "Commune (exemple), 1 place de la Mairie", "director": "Mme la maire (exemple)",
    "host": "Hébergeur exemple, Lyon, France", "dpo": "dpo@commune.example",
}  # fmt: skip


async def opened(ctx: Context, registrations: str) -> list[str]:
    """The legal notice is said, and then who may make an account."""
    await operations.perform(ctx, "domain.legal", SAID)
    return await operations.perform(ctx, "domain.describe", {"registrations": registrations})
