"""What those who keep the node chose while it runs: few numbers, by name. What a start needs is in `settings.py`."""

from node.runtime.database import Reader, Tx


async def number(reader: Reader, name: str, default: int) -> int:
    """The number that was chosen for *name*, or *default*."""
    found = await reader.value("SELECT number FROM choices WHERE name = $1", name)
    return default if found is None else int(found)


async def choose(tx: Tx, name: str, value: int) -> None:
    """Keep *value* for *name*."""
    await tx.execute(
        "INSERT INTO choices (name, number) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET number = excluded.number",
        name, value,
    )  # fmt: skip
