"""OAuth over HTTP for programs: register, token, revoke, who am I, discovery. The pages are node.web's."""

import base64
import binascii
from typing import Any

from node.actors import actors
from node.api import answers
from node.api.answers import EMPTY, Answer
from node.api.call import Call
from node.api.errors import InvalidToken
from node.api.splicing import HOME, address
from node.media import addresses
from node.notifications.push import vapid
from node.oauth import apps, codes, scopes, tokens
from node.oauth.apps import App
from node.oauth.errors import InvalidClient, InvalidRequest, InvalidScope, OAuthError, UnsupportedGrantType
from node.oauth.tokens import Issued


async def register(call: Call) -> Answer:
    """POST /api/v1/apps (https://docs.joinmastodon.org/methods/apps/#create)."""
    asked = call.input
    registration = apps.describe(
        name=asked.text("client_name") or "",
        website=asked.text("website") or "",
        redirect_uris=tuple(asked.texts("redirect_uris")),
        scope=asked.text("scopes") or "",
    )
    made = await call.ctx.db.write(lambda tx: apps.register(tx, call.ctx, registration=registration))
    return call.answer(
        {**await _app(call, made.app), "client_secret": made.client_secret, "client_secret_expires_at": 0}
    )


async def verify_app(call: Call) -> Answer:
    """GET /api/v1/apps/verify_credentials: the application that a token belongs to."""
    if call.token is None:
        raise InvalidToken
    app = await apps.by_id(call.reader, call.token.app_id)
    if app is None:
        raise InvalidToken
    return call.answer(await _app(call, app))


async def _app(call: Call, app: App) -> dict[str, Any]:
    return {
        # Text, and never a bare number: clients keep it as text.
        "id": str(app.id),
        "name": app.name,
        "website": app.website,  # null, not "": some clients parse it as a URL
        "scopes": list(app.scopes),
        "redirect_uri": "\n".join(app.redirect_uris),
        "redirect_uris": list(app.redirect_uris),
        "client_id": app.client_id,
        "vapid_key": await vapid.public_key(call.ctx, call.domain.id),
    }


async def token(call: Call) -> Answer:
    """POST /oauth/token: a code, or an application's own credentials, for a token (RFC 6749 §4.1.3, §4.4.2)."""
    grant = call.input.text("grant_type") or ""
    app = await _client(call)
    if grant == "authorization_code":
        return _issued(await _redeem(call, app))
    if grant == "client_credentials":
        asked = scopes.read(call.input.text("scope") or "")
        if not scopes.within(asked, app.scopes):
            raise InvalidScope("the application asks for more than it registered")
        return _issued(await call.ctx.db.write(lambda tx: tokens.issue(tx, call.ctx, app=app, scopes=asked)))
    raise UnsupportedGrantType("the grant type must be authorization_code or client_credentials")


async def _redeem(call: Call, app: App) -> Issued:
    code = call.input.text("code") or ""
    if not code:
        raise InvalidRequest("the code is missing")
    redirect_uri = call.input.text("redirect_uri") or (app.redirect_uris[0] if len(app.redirect_uris) == 1 else "")
    verifier = call.input.text("code_verifier") or ""
    outcome = await call.ctx.db.write(
        lambda tx: codes.redeem(tx, call.ctx, app=app, code=code, redirect_uri=redirect_uri, verifier=verifier)
    )
    if isinstance(outcome, OAuthError):
        raise outcome
    return outcome


def _issued(issued: Issued) -> Answer:
    return answers.of(
        {
            "access_token": issued.secret,
            "token_type": "Bearer",
            "scope": scopes.write(issued.scopes),
            "created_at": issued.created_ms // 1000,
        },
        headers=((b"cache-control", b"no-store"), (b"pragma", b"no-cache")),
    )


async def revoke(call: Call) -> Answer:
    """POST /oauth/revoke (RFC 7009): 200 also for a token that is unknown or another application's."""
    app = await _client(call)
    secret = call.input.text("token") or ""
    if not secret:
        raise InvalidRequest("the token is missing")
    await call.ctx.db.write(lambda tx: tokens.revoke(tx, call.ctx, app=app, secret=secret))
    return EMPTY


async def _client(call: Call) -> App:
    """The application, by HTTP Basic or by the form (RFC 6749 §2.3.1)."""
    client_id, client_secret = call.input.text("client_id") or "", call.input.text("client_secret") or ""
    kind, _, encoded = call.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            client_id, _, client_secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise InvalidClient("the credentials cannot be read") from None
    return await apps.authenticate(call.reader, client_id=client_id, client_secret=client_secret)


async def userinfo(call: Call) -> Answer:
    """GET /oauth/userinfo: who consented, in OpenID Connect's words (https://docs.joinmastodon.org/methods/oauth/)."""
    actor = await actors.require_by_id(call.reader, call.actor_id)
    picture = addresses.of_actor(HOME, "avatar", actor.id, actor.avatar, local=True)
    return call.answer(
        {
            "iss": f"{call.home}/",
            "sub": actor.uri,
            "name": actor.name,
            "preferred_username": actor.username,
            "profile": actor.url,
            "picture": address(picture),
        }
    )


async def discovery(call: Call) -> Answer:
    """GET /.well-known/oauth-authorization-server (RFC 8414)."""
    home = call.home
    return call.answer(
        {
            "issuer": f"{home}/",
            "service_documentation": "https://docs.joinmastodon.org/",
            "authorization_endpoint": f"{home}/oauth/authorize",
            "token_endpoint": f"{home}/oauth/token",
            "app_registration_endpoint": f"{home}/api/v1/apps",
            "revocation_endpoint": f"{home}/oauth/revoke",
            "userinfo_endpoint": f"{home}/oauth/userinfo",
            "scopes_supported": scopes.SUPPORTED,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
        },
        headers=((b"cache-control", b"public, max-age=180"),),
    )
