"""A town's post office that sends over real sockets, and peers on loopback that do what the story wants.

Only the town is whole; the peers are a few lines that speak HTTP well, badly or not at all. Where days matter the
clock of the town is turned; where a deadline matters it is made short.
"""

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from node.actors.actor import Actor
from node.federation.delivery import Audience, order
from node.federation.delivery.expansion import Expansion
from node.federation.delivery.sender import Sender
from node.runtime.context import Context
from node.runtime.net import client
from node.runtime.net.client import AiohttpNetwork
from tests.runtime.net.conftest import Listener, listen  # noqa: F401 - a fixture
from tests.support.context import make_context
from tests.support.town import Town

TAKEN = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"


async def takes(head: bytes, writer: asyncio.StreamWriter) -> None:
    """An honest peer."""
    writer.write(TAKEN)


class Office:
    """The town hall's post office: what it sends goes over TCP."""

    def __init__(self, ctx: Context, town: Town, mairie: Actor) -> None:
        self.ctx, self.town, self.mairie = ctx, town, mairie
        self.sender, self._number = Sender(), 0

    async def to(self, *peers: Listener) -> int:
        """An order to these peers, expanded; its id."""
        self._number += 1
        activity = {"id": f"{self.mairie.uri}#{self._number}", "type": "Create", "actor": self.mairie.uri}
        audience = Audience(inboxes=tuple(f"{peer.url}/inbox" for peer in peers))
        await self.ctx.db.write(
            lambda tx: order(tx, self.ctx, actor_id=self.mairie.id, activity=activity, audience=audience)
        )
        while await Expansion().turn(self.ctx):
            pass
        found: int = await self.ctx.db.reader.value("SELECT MAX(id) FROM delivery_orders")
        return found

    async def send(self) -> None:
        """Send what is due, once."""
        while await self.sender.turn(self.ctx):
            pass

    async def figures(self, order_id: int) -> tuple[str, int, int, int]:
        """state, total, done, dead."""
        row = await self.ctx.db.reader.row(
            "SELECT state, total, done, dead FROM delivery_orders WHERE id = $1", order_id
        )
        assert row is not None
        return tuple(row)

    async def only_row(self) -> tuple[str, str]:
        """State and error of the one delivery that is left."""
        [row] = await self.ctx.db.reader.fetch("SELECT state, error FROM deliveries")
        return row["state"], row["error"]


class Running:
    """The sender as a node runs it; it must stop when it is asked, whoever holds it."""

    def __init__(self, office: Office) -> None:
        self.office, self.stop = office, asyncio.Event()

    async def __aenter__(self) -> Self:
        self.task = asyncio.create_task(self.office.sender.run(self.office.ctx, self.stop))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop.set()
        self.office.ctx.live.ring("deliveries")
        async with asyncio.timeout(30):
            await self.task


@pytest.fixture
def dialect() -> str:
    """What a peer does on its socket is the same to both databases."""
    return "sqlite"


@pytest.fixture
async def office(database_url: Callable[..., str], tmp_path: Path) -> AsyncIterator[Callable[..., Awaitable[Office]]]:
    """Make a post office for which the peers that are named are the laboratory."""
    async with AsyncExitStack() as stack:

        async def made(*peers: Listener, **options: Any) -> Office:
            network = AiohttpNetwork(laboratory=frozenset(peer.pair for peer in peers), **options)
            stack.push_async_callback(network.close)
            ctx = await make_context(database_url(migrated=True), tmp_path / "node", network=network)
            stack.push_async_callback(ctx.db.close)
            town = await Town.found(ctx, {})
            return Office(ctx, town, await town.local("mairie"))

        yield made


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second for everything, instead of half a minute."""
    monkeypatch.setattr(client, "_TOTAL_S", 0.5)


# -- certificates


@dataclass(frozen=True)
class Authority:
    """A certificate authority of these tests."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def file(self) -> Path:
        return self.folder / "ca.pem"

    def server(self, name: str, *, days: tuple[int, int] = (-1, 1), own: bool = False) -> ssl.SSLContext:
        """The TLS of a server that shows a certificate of *name*, valid from and to these *days* from now.

        *own*: signed by itself and not by the authority.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = (key, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])) if own else None
        leaf = _certificate(name, key, issuer or (self.key, self.certificate.subject), days, ca=False)
        file = self.folder / f"{name}-{days[1]}-{own}.pem"
        file.write_bytes(
            leaf.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(file)
        return context


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority")])
    made = _certificate("An authority", key, (key, name), (-30, 30), ca=True)
    (tmp_path / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return Authority(tmp_path, key, made)


def _certificate(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: tuple[ec.EllipticCurvePrivateKey, x509.Name],
    days: tuple[int, int],
    *,
    ca: bool,
) -> x509.Certificate:
    now, (signer, issuer_name) = datetime.datetime.now(datetime.UTC), issuer
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + datetime.timedelta(days=days[0]))
        .not_valid_after(now + datetime.timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if ca:
        words = (
            "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
            "encipher_only", "decipher_only",
        )  # fmt: skip
        usage = x509.KeyUsage(key_cert_sign=True, crl_sign=True, **dict.fromkeys(words, False))
        builder = builder.add_extension(usage, critical=True)
    else:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return builder.sign(signer, hashes.SHA256())
