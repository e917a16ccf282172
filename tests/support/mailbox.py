"""A mail server inside the test process, on a real port: what it took, and what it refuses."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Mailbox:
    """Everybody's mail. Turn the knobs: `answers` per recipient ("550 no such mailbox"), `after_data` for all."""

    taken: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    sender_answer: str = ""
    after_data: str = ""
    lose_answer: bool = False
    """Take the letter, and close the connection without a word."""
    on_taken: Callable[[], None] = lambda: None
    """Called between taking a letter and saying so."""
    url: str = ""
    users: dict[str, str] = field(default_factory=dict)

    def of(self, address: str) -> list[EmailMessage]:
        """The letters to that address, in order."""
        return [letter for letter in self.taken if letter["To"] == address]

    def last(self, address: str) -> EmailMessage:
        """The latest letter to that address."""
        found = self.of(address)
        assert found, f"nothing was sent to {address}; letters went to {[letter['To'] for letter in self.taken]}"
        return found[-1]

    def text(self, address: str) -> str:
        """What the latest letter says."""
        return str(self.last(address).get_content())

    def link(self, address: str) -> str:
        """The first link in the latest letter, without its host."""
        found = re.search(r"https?://[^/\s]+(/\S+)", self.text(address))
        assert found, f"no link in: {self.text(address)}"
        return found[1]

    # What aiosmtpd calls
    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sender_answer:
            return self.sender_answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.after_data:
            return self.after_data
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.SMTP)
        assert isinstance(letter, EmailMessage)
        self.taken.append(letter)
        self.on_taken()
        if self.lose_answer:
            assert server.transport is not None
            server.transport.close()
        return "250 taken"

    def known(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        """Whether a name and a password go together."""
        good = isinstance(data, LoginPassword) and self.users.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=good, handled=False)


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    """A mail server without TLS on this machine; `mailbox.url` is what the setting `smtp` says."""
    made = Mailbox()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(made, hostname="mail.example", authenticator=made.known, auth_require_tls=False),
        "127.0.0.1",
        0,
    )
    made.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield made
    server.close()
    await server.wait_closed()
