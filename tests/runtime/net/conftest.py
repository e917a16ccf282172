"""Servers on 127.0.0.1 that behave as they are told, and an authority that only these tests trust."""

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from node.runtime.net.client import AiohttpNetwork

Talk = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Listener:
    """One server: `host:port`, how many connections it saw and the requests it read."""

    host: str
    port: int
    scheme: str
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"

    @property
    def pair(self) -> tuple[str, int]:
        return self.host, self.port


@dataclass(frozen=True)
class Authority:
    """A throw-away certificate authority and the certificate of lyon.localhost."""

    file: Path
    server: ssl.SSLContext


@pytest.fixture
async def listen() -> AsyncIterator[Callable[..., Awaitable[Listener]]]:
    """Start servers by `await start(talk, host=, tls=)`; `talk(head, writer)` is called for each request."""
    async with AsyncExitStack() as stack:

        async def start(talk: Talk, *, host: str = "lyon.localhost", tls: Any = None) -> Listener:
            listener = Listener(host, 0, "https" if tls else "http")

            async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                listener.connections += 1
                try:
                    while not writer.is_closing():
                        head = await reader.readuntil(b"\r\n\r\n")
                        listener.requests.append(head)
                        await talk(head, writer)
                        await writer.drain()
                except (OSError, asyncio.IncompleteReadError):
                    pass  # the client hung up, as many of these tests want it to
                finally:
                    writer.close()

            tasks: set[asyncio.Task[None]] = set()

            def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                task = asyncio.create_task(serve(reader, writer))
                tasks.add(task)

            server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
            listener.port = server.sockets[0].getsockname()[1]

            async def stop() -> None:
                server.close()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

            stack.push_async_callback(stop)
            return listener

        yield start


@pytest.fixture
async def make_network() -> AsyncIterator[Callable[..., AiohttpNetwork]]:
    """`make_network(listener, ..., **options)`: a network for which the listeners are the laboratory."""
    async with AsyncExitStack() as stack:

        def make(*listeners: Listener, **options: Any) -> AiohttpNetwork:
            network = AiohttpNetwork(laboratory=frozenset(found.pair for found in listeners), **options)
            stack.push_async_callback(network.close)
            return network

        yield make


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority and a server certificate signed by it."""
    folder = tmp_path_factory.mktemp("authority")
    root_key, root = _certificate("Test authority", None, None)
    key, leaf = _certificate("lyon.localhost", root_key, root)
    (folder / "ca.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    (folder / "leaf.pem").write_bytes(
        leaf.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(folder / "leaf.pem")
    return Authority(folder / "ca.pem", server)


def _certificate(
    name: str, issuer_key: ec.EllipticCurvePrivateKey | None, issuer: x509.Certificate | None
) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    """A key and its certificate: an authority's without *issuer*, a server's with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    signer = issuer_key or key
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if issuer is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    else:
        usage = dict.fromkeys(
            (
                "digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
                "key_agreement", "encipher_only", "decipher_only",
            ),
            False,
        )  # fmt: skip
        builder = builder.add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True)
    return key, builder.sign(signer, hashes.SHA256())
