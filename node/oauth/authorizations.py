"""A request for access, as a browser brings it to /oauth/authorize, and the answers to it.

The page's order of things: `read` the request (an `OAuthError` is shown on the page itself, never redirected:
until client and redirect URI are proved to belong together, redirecting would serve whoever made the link),
then `refused` (None, or where to send the browser because the request, though honest, cannot be granted), log
the person in, let her choose an actor of the domain, then `codes.issue` and `granted`, or `denied`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from node.oauth import apps, redirects, scopes
from node.oauth.apps import App
from node.oauth.errors import InvalidClient, InvalidRequest, InvalidScope, OAuthError, UnsupportedResponseType
from node.oauth.scopes import Scopes
from node.runtime.database import Reader
from node.runtime.i18n import sentence

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_MAX_STATE_CHARS = 4096


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request whose client and redirect URI belong together."""

    app: App
    redirect_uri: str
    scopes: Scopes
    state: str | None
    challenge: str | None
    """PKCE's S256 challenge, if the client sent one."""
    force_login: bool
    language: str
    problem: OAuthError | None
    """Why it cannot be granted: told to the application, through the redirect."""

    @property
    def out_of_band(self) -> bool:
        """Whether the code is shown on a page for the person to copy."""
        return self.redirect_uri == redirects.OUT_OF_BAND


async def read(reader: Reader, values: Mapping[str, str]) -> AuthorizationRequest:
    """The request in *values*, the query of GET or the form of POST /oauth/authorize.

    Names read: response_type, client_id, redirect_uri, scope, state, code_challenge, code_challenge_method,
    force_login, lang. A form that posts the consent carries the same names along.

    Raises:
        InvalidClient: no such application.
        InvalidRequest: the redirect URI is not one that the application registered.
    """
    app = await apps.by_client_id(reader, values.get("client_id", ""))
    if app is None:
        raise InvalidClient(sentence("This application is not known here."))
    # One that registered a single address may leave it out (RFC 6749 §3.1.2.3).
    redirect_uri = values.get("redirect_uri") or (app.redirect_uris[0] if len(app.redirect_uris) == 1 else "")
    if redirect_uri not in app.redirect_uris:
        raise InvalidRequest(sentence("The redirect URI is not one that this application registered."))
    problem: OAuthError | None = None
    asked: Scopes = ()
    challenge: str | None = None
    try:
        challenge = _challenge(values)
        asked = _asked(values, app)
    except OAuthError as error:
        problem = error
    return AuthorizationRequest(
        app, redirect_uri, asked, values.get("state"), challenge,
        values.get("force_login", "").lower() in ("true", "1", "t", "on"), values.get("lang", ""), problem,
    )  # fmt: skip


def refused(request: AuthorizationRequest) -> str | None:
    """Where to send the browser because the request cannot be granted; None if it can.

    Raises:
        OAuthError: it cannot, and there is nowhere to redirect to (out of band): show it.
    """
    if request.problem is None:
        return None
    if request.out_of_band:
        raise request.problem
    return _answer(request, error=request.problem.code, error_description=str(request.problem))


def granted(request: AuthorizationRequest, code: str) -> str | None:
    """Where to send the browser with the code; None when the page must show it (out of band)."""
    return None if request.out_of_band else _answer(request, code=code)


def denied(request: AuthorizationRequest) -> str | None:
    """Where to send the browser of a person who said no; None when a page of ours must say it."""
    if request.out_of_band:
        return None
    return _answer(request, error="access_denied", error_description="The person refused the access.")


def _answer(request: AuthorizationRequest, **values: str) -> str:
    return redirects.answer(request.redirect_uri, {**values, "state": request.state})


def _challenge(values: Mapping[str, str]) -> str | None:
    if values.get("response_type", "") != "code":
        raise UnsupportedResponseType(sentence("The response type must be: code"))
    if len(values.get("state", "")) > _MAX_STATE_CHARS:
        raise InvalidRequest(sentence("The state is longer than %(count)s characters.", count=_MAX_STATE_CHARS))
    challenge = values.get("code_challenge", "")
    if not challenge:
        return None
    # `plain`, the default of RFC 7636, hides nothing; discovery announces S256 alone.
    if values.get("code_challenge_method", "plain") != "S256":
        raise InvalidRequest(sentence("The code challenge method must be S256."))
    if not _CHALLENGE.fullmatch(challenge.rstrip("=")):
        raise InvalidRequest(sentence("The code challenge is not 43 characters of base64url."))
    return challenge.rstrip("=")


def _asked(values: Mapping[str, str], app: App) -> Scopes:
    asked = scopes.read(values.get("scope", ""))
    if not scopes.within(asked, app.scopes):
        raise InvalidScope(sentence("The application asks for more rights than it registered."))
    return asked
