"""Authenticator apps (TOTP, RFC 6238): six digits that change every thirty seconds, from a secret that both know.

The secret is sealed by the keyring. A code is taken once, and one step early or late for clocks that are not quite right.
"""

from typing import Final
from urllib.parse import quote

from node.runtime.context import Context
from node.runtime.database import Reader, Tx

STEP_S: Final = 30
WAITS_MS: Final = 30 * 60_000
"""How long a new app may take to show its first code: what was typed the password for is not left lying about."""
_WINDOW: Final = (0, -1, 1)


async def begin(tx: Tx, ctx: Context, *, person_id: int, name: str) -> None:
    """Draw a secret for an app that is still to be confirmed; another one that was waits no more."""
    import pyotp

    await tx.execute("DELETE FROM factors WHERE person_id = $1 AND NOT confirmed", person_id)
    factor_id = ctx.ids.next()
    await tx.execute(
        "INSERT INTO factors (id, person_id, kind, name, sealed, created_ms) VALUES ($1, $2, 'totp', $3, $4, $5)",
        factor_id, person_id, name, ctx.keyring.seal(pyotp.random_base32().encode(), _purpose(factor_id)),
        ctx.clock.now_ms(),
    )  # fmt: skip


async def waiting(reader: Reader, ctx: Context, person_id: int) -> str | None:
    """The secret, in base32, of the app that is still to be confirmed; None: there is none, or it took too long."""
    row = await reader.row(
        "SELECT id, sealed FROM factors WHERE person_id = $1 AND kind = 'totp' AND NOT confirmed AND created_ms > $2",
        person_id, ctx.clock.now_ms() - WAITS_MS,
    )  # fmt: skip
    return None if row is None else _opened(ctx, row["id"], row["sealed"])


async def confirm(tx: Tx, ctx: Context, *, person_id: int, code: str) -> bool:
    """The app shows *code*: it works from now on. Whether the code was right."""
    return await _take(tx, ctx, person_id, code, confirmed=False)


async def check(tx: Tx, ctx: Context, *, person_id: int, code: str) -> bool:
    """Whether *code* is what an app of hers shows now, and was not taken before."""
    return await _take(tx, ctx, person_id, code, confirmed=True)


async def _take(tx: Tx, ctx: Context, person_id: int, code: str, *, confirmed: bool) -> bool:
    import pyotp

    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdecimal() and len(digits) == 6):
        return False
    now_ms = ctx.clock.now_ms()
    now_step = now_ms // 1000 // STEP_S
    rows = await tx.fetch(
        "SELECT id, sealed FROM factors WHERE person_id = $1 AND kind = 'totp' AND confirmed = $2 "
        "AND (confirmed OR created_ms > $3) ORDER BY id",
        person_id, confirmed, now_ms - WAITS_MS,
    )  # fmt: skip
    for row in rows:
        app = pyotp.TOTP(_opened(ctx, row["id"], row["sealed"]))
        for step in (now_step + shift for shift in _WINDOW):
            if not pyotp.utils.strings_equal(app.generate_otp(step), digits):
                continue
            # RFC 6238 §5.2: not twice, and nothing from before the last one.
            return bool(
                await tx.execute(
                    "UPDATE factors SET last_step = $2, used_ms = $3, confirmed = TRUE WHERE id = $1 AND last_step < $2",
                    row["id"], step, now_ms,
                )
            )  # fmt: skip
    return False


async def reseal(tx: Tx, ctx: Context) -> int:
    """Seal every secret anew that an older key of the ring sealed; how many."""
    rows = await tx.fetch("SELECT id, sealed FROM factors WHERE sealed IS NOT NULL ORDER BY id")
    anew = [
        (row["id"], ctx.keyring.seal(_opened(ctx, row["id"], row["sealed"]).encode(), _purpose(row["id"])))
        for row in rows
        if ctx.keyring.needs_resealing(bytes(row["sealed"]))
    ]
    await tx.executemany("UPDATE factors SET sealed = $2 WHERE id = $1", anew)
    return len(anew)


def address(secret: str, *, email: str, site: str) -> str:
    """What an app reads from the drawing: `otpauth://totp/…`."""
    label = quote(f"{site}:{email}", safe="")
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote(site, safe='')}&digits=6&period={STEP_S}"


def _opened(ctx: Context, factor_id: int, sealed: bytes) -> str:
    return ctx.keyring.open(bytes(sealed), _purpose(factor_id)).decode()


def _purpose(factor_id: int) -> bytes:
    return f"factor {factor_id} totp".encode()
