"""The mail server that takes our letters: how its address is written, and how it is spoken to.

`smtps://name:password@host:465` speaks TLS from the first byte, `smtp://name:password@host:587` after STARTTLS, which
is required: a password and a reset link never travel in the clear. Only a server on this very machine may do without.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from aiosmtplib import SMTP

Tls = Literal["at once", "starttls", "none"]

_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS: Final = {"smtps": 465, "smtp": 587}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and as whom."""

    host: str
    port: int
    tls: Tls
    user: str
    password: str = field(repr=False)


def read(url: str) -> MailServer:
    """The server that *url* names.

    Raises:
        ValueError: it names none; the message says what would be right, and never repeats the password.
    """
    wanted = "must be smtp://name:password@host:587 or smtps://name:password@host:465"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(wanted) from None
    if parts.scheme not in _PORTS or not host or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(f"{wanted}; in the name and the password, write @ as %40, : as %3A and / as %2F")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError("a mail server asks for a name and a password, or for neither")
    if not (user + password).isprintable():
        raise ValueError("a name or password of a mail server holds no line break")
    tls: Tls = "at once" if parts.scheme == "smtps" else "none" if host in _HERE else "starttls"
    return MailServer(host, port or _PORTS[parts.scheme], tls, user, password)


@asynccontextmanager
async def connected(
    server: MailServer, *, name: str, timeout_s: float, extra_ca: Path | None = None
) -> AsyncIterator["SMTP"]:
    """A session with *server*, as who it knows us; *name* is what we call ourselves (EHLO).

    Raises:
        aiosmtplib.SMTPException: it does not answer, speaks no TLS, or does not know us.
        OSError: the same, said by the system.
    """
    from aiosmtplib import SMTP

    client = SMTP(
        hostname=server.host, port=server.port, username=server.user or None, password=server.password or None,
        local_hostname=name, timeout=timeout_s, use_tls=server.tls == "at once", start_tls=server.tls == "starttls",
        tls_context=None if server.tls == "none" else _trust(extra_ca),
    )  # fmt: skip
    await client.connect()
    try:
        yield client
    finally:
        client.close()


def _trust(extra_ca: Path | None) -> ssl.SSLContext:
    made = ssl.create_default_context()
    if extra_ca is not None:
        made.load_verify_locations(extra_ca)
    return made
