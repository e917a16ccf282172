"""Authorisation codes: ten minutes, one use. A second use ends what the first one gave (RFC 6749 §4.1.2)."""

import base64
import hashlib
import secrets as random

from node.oauth import scopes, secrets, tokens
from node.oauth.apps import App
from node.oauth.authorizations import AuthorizationRequest
from node.oauth.errors import InvalidGrant
from node.oauth.tokens import Issued
from node.runtime.context import Context
from node.runtime.database import Row, Tx

LIFETIME_MS = 10 * 60 * 1000


async def issue(tx: Tx, ctx: Context, *, request: AuthorizationRequest, person_id: int, actor_id: int) -> str:
    """A code for *request*, granted by a person who chose to act as *actor_id*.

    The caller has checked that she is logged in, is a member of the actor, and that the actor is of the host
    that was asked; `tokens.find` checks the membership again at each use.
    """
    code = secrets.fresh()
    await tx.execute(
        "INSERT INTO oauth_codes (code_hash, app_id, person_id, actor_id, scopes, redirect_uri, challenge, expires_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        secrets.hashed(code), request.app.id, person_id, actor_id, scopes.write(request.scopes), request.redirect_uri,
        request.challenge, ctx.clock.now_ms() + LIFETIME_MS,
    )  # fmt: skip
    return code


async def redeem(
    tx: Tx, ctx: Context, *, app: App, code: str, redirect_uri: str, verifier: str
) -> Issued | InvalidGrant:
    """The token for *code*, or why there is none.

    The refusal is returned, not raised: a second use revokes the tokens of the first, and that must be kept.
    A `scope` at this step has no meaning; the caller ignores it, as clients expect.
    """
    code_hash, now_ms = secrets.hashed(code), ctx.clock.now_ms()
    row = await tx.row(
        "SELECT app_id, person_id, actor_id, scopes, redirect_uri, challenge, expires_ms FROM oauth_codes "
        "WHERE code_hash = $1",
        code_hash,
    )
    if row is None or row["app_id"] != app.id:
        return InvalidGrant("the code is unknown, or was given to another application")
    first = await tx.execute(
        "UPDATE oauth_codes SET used_ms = $2 WHERE code_hash = $1 AND used_ms IS NULL", code_hash, now_ms
    )
    if not first:
        await tokens.revoke_of_code(tx, ctx, code_hash=code_hash)
        return InvalidGrant("the code was used before; what it gave is revoked")
    if problem := _problem(row, now_ms, redirect_uri, verifier):
        return InvalidGrant(problem)
    return await tokens.issue(
        tx, ctx, app=app, person_id=row["person_id"], actor_id=row["actor_id"], scopes=tuple(row["scopes"].split(" ")),
        code_hash=code_hash,
    )  # fmt: skip


def _problem(row: Row, now_ms: int, redirect_uri: str, verifier: str) -> str | None:
    if row["expires_ms"] <= now_ms:
        return "the code has expired"
    if redirect_uri != row["redirect_uri"]:
        return "the redirect URI is not the one that the code was asked with"
    challenge: str | None = row["challenge"]
    if challenge is None:
        return None
    proof = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    if not random.compare_digest(proof, challenge):
        return "the code verifier does not fit the challenge"
    return None
