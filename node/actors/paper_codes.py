"""Recovery codes: ten on paper, each of which replaces a second factor once. Only their digests are kept."""

import hashlib
import secrets
from typing import Final

from node.runtime.context import Context
from node.runtime.database import Reader, Tx

COUNT: Final = 10
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""None that look alike on paper."""
_GROUPS, _GROUP = 4, 4


async def make(tx: Tx, ctx: Context, *, person_id: int) -> list[str]:
    """Ten new codes, to be shown this once; those before are worth nothing from now on."""
    await forget(tx, person_id=person_id)
    codes = ["-".join(_word() for _ in range(_GROUPS)) for _ in range(COUNT)]
    now_ms = ctx.clock.now_ms()
    await tx.executemany(
        "INSERT INTO recovery_codes (person_id, digest, created_ms) VALUES ($1, $2, $3)",
        [(person_id, _digest(person_id, code), now_ms) for code in codes],
    )
    return codes


async def use(tx: Tx, ctx: Context, *, person_id: int, code: str) -> bool:
    """Spend *code*; whether it was one that nobody had used."""
    return bool(
        await tx.execute(
            "UPDATE recovery_codes SET used_ms = $3 WHERE person_id = $1 AND digest = $2 AND used_ms IS NULL",
            person_id, _digest(person_id, code), ctx.clock.now_ms(),
        )
    )  # fmt: skip


async def left(reader: Reader, person_id: int) -> int:
    """How many a person has not used."""
    count: int = await reader.value(
        "SELECT COUNT(*) FROM recovery_codes WHERE person_id = $1 AND used_ms IS NULL", person_id
    )
    return count


async def forget(tx: Tx, *, person_id: int) -> None:
    """None of hers is worth anything any more."""
    await tx.execute("DELETE FROM recovery_codes WHERE person_id = $1", person_id)


def _word() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_GROUP))


def _digest(person_id: int, code: str) -> str:
    # 79 random bits: nothing slower than SHA-256 is needed.
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(f"{person_id}:{plain}".encode("utf-8", "replace")).hexdigest()
