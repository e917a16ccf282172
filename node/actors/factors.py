"""Second factors: what a person shows beside her password. Keepers and moderators need one; everybody may have some.

Two kinds: an authenticator app (`totp.py`) and a security key or passkey (`security_keys.py`). Who has one has codes on
paper too (`paper_codes.py`).
"""

from dataclasses import dataclass
from typing import Final, Literal

from node.actors import paper_codes
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence

Kind = Literal["totp", "key"]

MAX_NAME_CHARS: Final = 60
MAX_FACTORS: Final = 20
COLUMNS: Final = "id, kind, name, host, created_ms, used_ms"


@dataclass(frozen=True, slots=True)
class Factor:
    """One that works."""

    id: int
    kind: Kind
    name: str
    """As its owner calls it."""
    host: str
    """Of a key: the host, without port, at whose pages it works; empty for a TOTP app, which works at all."""
    created_ms: int
    used_ms: int | None


async def enrolled(reader: Reader, person_id: int) -> bool:
    """Whether a person has a second factor that works."""
    return await reader.value("SELECT 1 FROM factors WHERE person_id = $1 AND confirmed LIMIT 1", person_id) is not None


async def of_person(reader: Reader, person_id: int) -> list[Factor]:
    """Those that work, the oldest first."""
    rows = await reader.fetch(
        f"SELECT {COLUMNS} FROM factors WHERE person_id = $1 AND confirmed ORDER BY id", person_id
    )
    return [_read(row) for row in rows]


async def remove(tx: Tx, *, person_id: int, factor_id: int) -> bool:
    """Take one away; the last one takes the codes on paper with it. Whether there was one."""
    await tx.lock(f"factors:{person_id}")
    gone = await tx.execute("DELETE FROM factors WHERE person_id = $1 AND id = $2 AND confirmed", person_id, factor_id)
    if gone and not await enrolled(tx, person_id):
        await paper_codes.forget(tx, person_id=person_id)
    return bool(gone)


async def reset(tx: Tx, *, person_id: int) -> int:
    """Take all away (she lost them): a keeper enrols again before the console opens. How many there were."""
    gone = await tx.execute("DELETE FROM factors WHERE person_id = $1", person_id)
    await paper_codes.forget(tx, person_id=person_id)
    await tx.execute("DELETE FROM log_ins WHERE person_id = $1", person_id)
    await tx.execute("DELETE FROM sessions WHERE person_id = $1", person_id)
    return gone


async def named(reader: Reader, person_id: int, name: str) -> str:
    """*name* as it is kept.

    Raises:
        Invalid: empty or too long, or she has too many factors.
    """
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME_CHARS:
        raise Invalid(sentence("Give it a name of at most %(count)s characters.", count=MAX_NAME_CHARS))
    if await reader.value("SELECT COUNT(*) FROM factors WHERE person_id = $1 AND confirmed", person_id) >= MAX_FACTORS:
        raise Invalid(sentence("You have %(count)s already: remove one first.", count=MAX_FACTORS))
    return name


def _read(row: Row) -> Factor:
    id_, kind, name, host, created_ms, used_ms = row
    return Factor(id_, kind, name, host, created_ms, used_ms)
