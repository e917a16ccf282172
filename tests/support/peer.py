"""A server of another program, scripted: it serves what the story says, signs what the story wants, keeps what comes.

    peer = fediverse_peer(fediverse, "elsewhere.example")
    zoe = await peer.actor("zoe")
    await zoe.send(node.host, zoe.follow(bob.actor.uri))       # signed as it should be
    assert peer.received[-1]["type"] == "Accept"

Nothing of the node's own federation code is used to build what is sent, except the signature.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import orjson
from cryptography.hazmat.primitives.asymmetric import rsa

from node.federation import signatures
from node.federation.signatures import Scheme
from node.runtime import keypairs as keys
from node.runtime.clock import Clock
from node.runtime.net import Response
from tests.support.asgi_network import AsgiNetwork

AS = "https://www.w3.org/ns/activitystreams"
PUBLIC = f"{AS}#Public"
_pairs: list[rsa.RSAPrivateKey] = []
_taken = itertools.count()


def pair() -> rsa.RSAPrivateKey:
    """One of a few pairs made once a run."""
    if len(_pairs) < 4:
        _pairs.append(keys.generate_rsa())
        return _pairs[-1]
    return _pairs[next(_taken) % len(_pairs)]


@dataclass
class Peer:
    """One foreign server."""

    host: str
    network: AsgiNetwork
    clock: Clock
    documents: dict[str, Any] = field(default_factory=dict)
    """URL -> what it serves there: an object, or a status to answer."""
    handles: dict[str, str] = field(default_factory=dict)
    """`name` -> actor id, for WebFinger."""
    received: list[dict[str, Any]] = field(default_factory=list)
    """The bodies that were delivered here, in their order."""
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    """Method, URL and headers of every request."""
    inbox_status: int = 202

    def __post_init__(self) -> None:
        self.network.apps[self.host] = self
        self._count = itertools.count(1)

    @property
    def home(self) -> str:
        return f"https://{self.host}"

    def new_id(self, kind: str) -> str:
        return f"{self.home}/{kind}/{next(self._count)}"

    def serve(self, document: Mapping[str, Any]) -> str:
        """Serve *document* under its id; the id."""
        self.documents[document["id"]] = dict(document)
        return str(document["id"])

    async def actor(self, name: str, *, handle: bool = True, **more: Any) -> "PeerActor":
        """An actor of this server."""
        made = PeerActor(self, name, pair())
        self.documents[made.uri] = made.document(**more)
        if handle:
            self.handles[name] = made.uri
        return made

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        """What was delivered of that type."""
        return [each for each in self.received if each["type"] == kind]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        path = scope["raw_path"].decode()
        query = scope["query_string"].decode()
        url = f"{self.home}{path}" + (f"?{query}" if query else "")
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.requests.append((scope["method"], url, headers))
        status, kind, body = await self._answer(scope["method"], path, query, url, receive)
        sent = [(b"content-type", kind.encode())]
        if isinstance(body, str):
            sent.append((b"location", body.encode()))
            body = b""
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, method: str, path: str, query: str, url: str, receive: Any) -> tuple[int, str, bytes | str]:
        if method == "POST":
            delivered = bytearray()
            while True:
                message = await receive()
                delivered += message.get("body", b"")
                if not message.get("more_body"):
                    break
            self.received.append(orjson.loads(bytes(delivered)))
            return self.inbox_status, "text/plain", b""
        if path == "/.well-known/webfinger":
            return self._webfinger(parse_qs(query).get("resource", [""])[0])
        found = self.documents.get(url)
        match found:
            case None:
                return 404, "text/plain", b""
            case int():
                return found, "text/plain", b""
            case ("redirect", str(to)):
                return 302, "text/plain", to
            case (str(kind), bytes(body)):
                return 200, kind, body
        return 200, "application/activity+json", orjson.dumps(found)

    def _webfinger(self, resource: str) -> tuple[int, str, bytes]:
        name = resource.removeprefix("acct:").rpartition("@")[0]
        if name not in self.handles:
            return 404, "text/plain", b""
        links = [{"rel": "self", "type": "application/activity+json", "href": self.handles[name]}]
        return 200, "application/jrd+json", orjson.dumps({"subject": f"acct:{name}@{self.host}", "links": links})


@dataclass
class PeerActor:
    """Somebody on a foreign server."""

    peer: Peer
    name: str
    key: rsa.RSAPrivateKey

    @property
    def uri(self) -> str:
        return f"{self.peer.home}/users/{self.name}"

    @property
    def key_id(self) -> str:
        return f"{self.uri}#main-key"

    @property
    def handle(self) -> str:
        return f"@{self.name}@{self.peer.host}"

    @property
    def followers(self) -> str:
        return f"{self.uri}/followers"

    def document(self, **more: Any) -> dict[str, Any]:
        """The actor as its server describes it."""
        return {
            "@context": [AS, "https://w3id.org/security/v1"],
            "id": self.uri,
            "type": "Person",
            "preferredUsername": self.name,
            "name": self.name.title(),
            "inbox": f"{self.uri}/inbox",
            "outbox": f"{self.uri}/outbox",
            "followers": self.followers,
            "featured": f"{self.uri}/collections/featured",
            "endpoints": {"sharedInbox": f"{self.peer.home}/inbox"},
            "publicKey": {
                "id": self.key_id,
                "owner": self.uri,
                "publicKeyPem": keys.public_pem(self.key.public_key()),
            },
            **more,
        }

    def activity(self, kind: str, about: Any, **more: Any) -> dict[str, Any]:
        """An activity of this actor, with an id of its own."""
        return {
            "@context": AS,
            "id": self.peer.new_id(kind.lower()),
            "type": kind,
            "actor": self.uri,
            "object": about,
            **more,
        }

    def note(self, text: str, **more: Any) -> dict[str, Any]:
        """A public note, served under its id."""
        note = {
            "id": self.peer.new_id("notes"),
            "type": "Note",
            "attributedTo": self.uri,
            "content": f"<p>{text}</p>" if text else None,
            "to": [PUBLIC],
            "cc": [self.followers],
            "published": "2026-09-21T13:00:00Z",
            **more,
        }
        self.peer.serve({"@context": AS, **note})
        return note

    def create(self, note: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        return self.activity("Create", note, to=note.get("to", []), cc=note.get("cc", []), **more)

    def follow(self, uri: str, **more: Any) -> dict[str, Any]:
        return self.activity("Follow", uri, **more)

    async def send(self, host: str, activity: Any, *, path: str = "/inbox", **how: Any) -> Response:
        """Deliver *activity* to a node, signed by this actor unless `how` says otherwise (see `request`)."""
        return await self.request("POST", f"https://{host}{path}", activity, **how)

    async def get(self, url: str, **how: Any) -> Response:
        """A signed GET."""
        return await self.request("GET", url, None, **how)

    async def request(
        self,
        method: str,
        url: str,
        activity: Any,
        *,
        key: Any = None,
        key_id: str | None = None,
        signed_body: bytes | None = None,
        signed: bool = True,
        at_ms: int | None = None,
        content_type: str = "application/activity+json",
        scheme: Scheme = Scheme.CAVAGE,
        more: Mapping[str, str] | None = None,
        change: Mapping[str, str | None] | None = None,
    ) -> Response:
        """One request, signed unless told otherwise.

        *signed_body* is what the signature covers, when it is not what is sent; *more* are other headers, signed too;
        *change* replaces headers after the signing (None takes one out).
        """
        body = activity if isinstance(activity, bytes) else b"" if activity is None else orjson.dumps(activity)
        headers = {"User-Agent": "peer (a test)", "Accept": "application/activity+json"}
        if method == "POST":
            headers["Content-Type"] = content_type
        if signed:
            covered = None if method == "GET" else body if signed_body is None else signed_body
            headers |= signatures.sign(
                method, url, covered, key_id or self.key_id, key or self.key,
                self.peer.clock.now_ms() if at_ms is None else at_ms, content_type, scheme=scheme, more=more or {},
            )  # fmt: skip
        for name, value in (change or {}).items():
            headers.pop(name, None)
            if value is not None:
                headers[name] = value
        return await self.peer.network.request(method, url, headers=headers, body=body, max_bytes=1_000_000)


async def a_follower(peer: Peer, name: str, of: Any) -> PeerActor:
    """Somebody elsewhere who follows the citizen *of*; the story settles afterwards."""
    made = await peer.actor(name)
    answer = await made.send(of.node.host, made.follow(of.actor.uri))
    assert answer.status == 202, f"the follow was answered {answer.status}: {answer.body!r}"
    return made


def peer_on(fediverse: Any, host: str) -> Peer:
    """A foreign server in the network of a story."""
    return Peer(host, fediverse.network, fediverse.clock)
