"""Other servers by the thousand, in one process: every name under the suffix leads here, over TLS.

They serve their one actor each, with its handle, take what is delivered, and count it. A name that begins with `slow`
thinks for a second first; one that begins with `dead` takes a delivery and never answers. `python -m bench.sinks PORT CONTROL CERT KEY PEM` serves; the measuring side asks the plain
port CONTROL: `GET /` answers {"taken": {type: number}, "last_s": when the last one was answered, "cpu_s": …}, `/reset` forgets.
"""

import asyncio
import json
import ssl
import sys
import time
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any, Final, cast

SUFFIX: Final = "bench.localhost"
NAME: Final = "habitant"
SLOW: Final = "slow"
DEAD: Final = "dead"
_SLOW_S: Final = 1.0
_ACCEPTED: Final = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"


def host(kind: str, number: int, port: int) -> str:
    """The authority of one of them: `far0017.bench.localhost:4443`."""
    return f"{kind}{number:04d}.{SUFFIX}:{port}"


def document(authority: str, pem: str) -> dict[str, Any]:
    """The actor that lives there."""
    home, uri = f"https://{authority}", f"https://{authority}/users/{NAME}"
    return {
        "@context": ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"],
        "id": uri, "type": "Person", "preferredUsername": NAME, "name": f"Habitant de {authority.partition('.')[0]}",
        "summary": "<p>Actualités d'un voisin.</p>", "url": f"{home}/@{NAME}",
        "inbox": f"{uri}/inbox", "outbox": f"{uri}/outbox", "followers": f"{uri}/followers",
        "following": f"{uri}/following", "endpoints": {"sharedInbox": f"{home}/inbox"},
        "publicKey": {"id": f"{uri}#main-key", "owner": uri, "publicKeyPem": pem},
    }  # fmt: skip


def ask(control: int, path: str = "/") -> dict[str, Any]:
    """What the sinks know; asked by the measuring side."""
    with urllib.request.urlopen(f"http://127.0.0.1:{control}{path}", timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


class _Sinks:
    """What all of them know together."""

    def __init__(self, pem: str) -> None:
        self.pem = pem
        self.reset()

    def reset(self) -> None:
        self.taken: Counter[str] = Counter()
        self.last_s = 0.0
        self.cpu_s = time.process_time()

    def told(self) -> bytes:
        known = {"taken": self.taken, "last_s": self.last_s, "cpu_s": time.process_time() - self.cpu_s}
        return _answer(json.dumps(known).encode(), "application/json")


class _Exchange(asyncio.Protocol):
    """One connection: requests one after the other, each read whole."""

    def __init__(self, sinks: _Sinks, *, control: bool) -> None:
        self._sinks, self._control = sinks, control
        self._data = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are no subclass

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = self._data[:end]
            fields = dict(line.partition(b": ")[::2] for line in head.lower().split(b"\r\n")[1:])
            whole = end + 4 + int(fields.get(b"content-length", b"0"))
            if len(self._data) < whole:
                return
            body, self._data = self._data[end + 4 : whole], self._data[whole:]
            method, path = head.partition(b"\r\n")[0].decode().split(" ")[:2]
            self._exchange(method, path, fields.get(b"host", b"").decode(), body)

    def _exchange(self, method: str, path: str, authority: str, body: bytes) -> None:
        if self._control:
            told = self._sinks.told()
            if path == "/reset":
                self._sinks.reset()
            self._write(told)
        elif method == "POST" and authority.startswith(DEAD):
            pass
        elif method == "POST" and authority.startswith(SLOW):
            asyncio.get_running_loop().call_later(_SLOW_S, self._take, body)
        elif method == "POST":
            self._take(body)
        elif path.startswith("/.well-known/webfinger"):
            uri = f"https://{authority}/users/{NAME}"
            links = [{"rel": "self", "type": "application/activity+json", "href": uri}]
            found = {"subject": f"acct:{NAME}@{authority}", "aliases": [uri], "links": links}
            self._write(_answer(json.dumps(found).encode(), "application/jrd+json"))
        else:
            self._write(_answer(json.dumps(document(authority, self._sinks.pem)).encode(), "application/activity+json"))

    def _take(self, body: bytes) -> None:
        self._write(_ACCEPTED)
        self._sinks.taken[json.loads(body)["type"]] += 1
        self._sinks.last_s = time.time()

    def _write(self, answer: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(answer)


def _answer(body: bytes, kind: str) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s" % (kind.encode(), len(body), body)


async def _serve(port: int, control: int, certificate: str, key: str, pem: str) -> None:
    sinks, loop = _Sinks(pem), asyncio.get_running_loop()
    trust = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trust.load_cert_chain(certificate, key)
    await loop.create_server(
        lambda: _Exchange(sinks, control=False), "127.0.0.1", port, ssl=trust, backlog=2048, ssl_handshake_timeout=30
    )
    await loop.create_server(lambda: _Exchange(sinks, control=True), "127.0.0.1", control)
    await asyncio.Event().wait()


def main() -> None:
    """Serve until the signal to end."""
    import uvloop

    port, control, certificate, key, pem_file = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(int(port), int(control), certificate, key, Path(pem_file).read_text()))


if __name__ == "__main__":
    main()
