"""The way to a mail server: how its address is read, and that nothing goes there in the clear or to somebody else."""

import asyncio
import ssl
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from aiosmtplib import SMTPException

from node.cli.demo.authority import Authority
from node.runtime.net import smtp
from tests.support.mailbox import Mailbox


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "user", "password"),
    [
        ("smtps://mail.example", "mail.example", 465, "at once", "", ""),
        ("smtp://mail.example", "mail.example", 587, "starttls", "", ""),
        ("smtp://a%40b.example:p%3A%2F%40@mail.example:25/", "mail.example", 25, "starttls", "a@b.example", "p:/@"),
        ("smtp://localhost:25", "localhost", 25, "none", "", ""),
        ("smtp://[::1]:25", "::1", 25, "none", "", ""),
        ("smtps://localhost", "localhost", 465, "at once", "", ""),
        ("smtp://10.0.0.5:25", "10.0.0.5", 25, "starttls", "", ""),
    ],
)
def test_an_address_is_read(url: str, host: str, port: int, tls: str, user: str, password: str) -> None:
    found = smtp.read(url)
    assert (found.host, found.port, found.tls, found.user, found.password) == (host, port, tls, user, password)
    assert not password or password not in repr(found)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example:587", "http://mail.example", "smtp://", "smtp://mail.example:x", "smtp://a:hunter22@/",
        "smtp://a:hunter22@mail.example/path", "smtp://a:hunter22@mail.example?x=1", "smtp://onlyname@mail.example",
        "smtp://a:hunter22%0d%0a@mail.example", "smtp://a:hunter22@mail.example:99999", "smtp://[::1",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_without_saying_the_password(url: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - its words are what is looked at
        smtp.read(url)
    assert "hunter22" not in str(caught.value)


async def hand_over(server: smtp.MailServer, **more: Any) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "a@commune.example", "odile@poste.example", "Bonjour"
    letter.set_content("jeton-secret")
    async with smtp.connected(server, name="commune.example", timeout_s=10, **more) as client:
        await client.send_message(letter)


async def test_where_tls_is_wanted_nothing_goes_without(mailbox: Mailbox) -> None:
    """A server, or somebody on the way, that hides STARTTLS gets no letter (RFC 3207 §6)."""
    server = replace(smtp.read(mailbox.url), tls="starttls")
    with pytest.raises(SMTPException):
        await hand_over(server)
    assert mailbox.taken == []


@pytest.fixture(params=["at once", "starttls"])
async def secured(request: pytest.FixtureRequest, tmp_path: Any) -> Any:
    """A mail server that speaks TLS, with a certificate of an authority that nobody knows."""
    authority = Authority(tmp_path)
    made = authority.certificate("localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.cert, made.key)
    box, at_once = Mailbox(), request.param == "at once"

    def session() -> SMTP:
        if at_once:
            return SMTP(box, hostname="localhost")
        return SMTP(box, hostname="localhost", tls_context=context, require_starttls=True)

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0, ssl=context if at_once else None)
    port = server.sockets[0].getsockname()[1]
    found = smtp.MailServer("localhost", port, request.param, "", "")
    yield box, found, authority.file
    server.close()
    await server.wait_closed()


async def test_a_letter_goes_through_tls(secured: Any) -> None:
    box, server, authority = secured
    await hand_over(server, extra_ca=authority)
    assert len(box.taken) == 1


async def test_a_certificate_that_nobody_signed_gets_no_letter(secured: Any) -> None:
    box, server, _ = secured
    with pytest.raises((SMTPException, OSError)):
        await hand_over(server)
    assert box.taken == []


async def test_a_certificate_of_another_name_gets_no_letter(secured: Any) -> None:
    box, server, authority = secured
    with pytest.raises((SMTPException, OSError)):
        await hand_over(replace(server, host="127.0.0.1"), extra_ca=authority)
    assert box.taken == []
