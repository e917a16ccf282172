"""The headers of every page: what a browser may load, send and keep."""

from typing import Final

from node.runtime.context import Context

_POLICY: Final = (
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'self'; font-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
TO_US: Final = "'self'"
TO_OTHER_SERVERS: Final = "'self' https: http:"
"""Chromium holds `form-action` against the redirect that follows a form: 'follow from your account' leads elsewhere."""
TO_APPLICATIONS: Final = None
"""No `form-action` at all: consent redirects to addresses of any scheme, and no list can name them."""


def of_page(ctx: Context, *, form_action: str | None = TO_US, scripts: bool = False) -> dict[str, str]:
    """Headers for a page of ours; with *scripts*, those of `static/` run and may ask this host."""
    policy = _POLICY if form_action is None else f"{_POLICY}; form-action {form_action}"
    if scripts:
        policy += "; script-src 'self'; connect-src 'self'"
    return {"Content-Security-Policy": policy, **beside_policy(secure=ctx.settings.scheme == "https")}


def beside_policy(*, secure: bool) -> dict[str, str]:
    """What every page says, whatever it may load; *secure*: it goes over https."""
    headers = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
        # Not no-referrer: it would turn the Origin of our own forms into "null" (Fetch, 'append a request Origin header').
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    }
    if secure:
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Strict-Transport-Security"] = "max-age=31536000"  # this host only: others below it are the town's
    return headers
