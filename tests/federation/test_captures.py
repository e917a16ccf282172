"""Whole exchanges between real servers (GoToSocial, snac, Takahē): every signed message is believed and understood."""

import json as standard
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from node.federation.signatures import Request, check, key_owner_hint, read, verify
from node.federation.vocab import documents, json
from node.federation.vocab.activities import Activity
from node.federation.vocab.actors import Actor
from node.runtime import keypairs as keys
from node.runtime.errors import Malformed


def _messages(value: Any) -> Iterator[dict[str, Any]]:
    """Every embedded object, to find the keys that were published somewhere in the exchange."""
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _messages(item)
    elif isinstance(value, list):
        for item in value:
            yield from _messages(item)


def _body(part: dict[str, Any]) -> bytes:
    """The body as it was on the wire (responses: after their Content-Encoding)."""
    body = part["body"]
    return body["text"].encode() if body and "text" in body else b""


@pytest.mark.parametrize("exchange", ["gts-gts", "gts-snac", "gts-takahe"])
def test_real_servers_are_believed_and_understood(shared_data: Path, exchange: str) -> None:
    """Signatures verify at the time they were made; activities name their actor and object."""
    paths = sorted((shared_data / "data/federation/captures" / exchange).glob("*.json"))
    captured = [standard.loads(path.read_text()) for path in paths]
    published: dict[str, keys.PublicKey] = {}
    for part in captured:
        for message in _messages([part["request"]["body"], part["response"]["body"]]):
            if isinstance(message.get("publicKeyPem"), str):
                published[message["id"]] = keys.public_from_pem(message["publicKeyPem"])
    believed = understood = 0
    for path, part in zip(paths, captured, strict=True):
        method, target, _ = part["request"]["line"].split(" ")
        headers = [(name.encode(), value.encode()) for name, value in part["request"]["headers"]]
        request = Request.from_wire(method, target.encode(), headers, part["server"], _body(part["request"]))
        if "signature" not in request.headers:
            continue
        claim = read(request)
        if claim.key_id not in published:
            continue
        at = datetime.strptime(request.headers["date"], "%a, %d %b %Y %H:%M:%S %Z")  # noqa: DTZ007
        check(request, claim, int(at.timestamp() * 1_000))
        assert verify(request, claim, published[claim.key_id]), f"{path.name}: the signature was not believed"
        believed += 1
        if method == "POST":
            activity = documents.read(json.read(request.body))
            assert isinstance(activity, Activity), f"{path.name}: not understood"
            assert activity.actor == key_owner_hint(claim.key_id)
            assert activity.objects
            understood += 1
    assert believed >= 14
    assert understood >= 8


def test_actors_of_the_exchanges_have_their_keys(shared_data: Path) -> None:
    """A key stub (GoToSocial's `/main-key`) is an actor with a key and nothing else."""
    found = 0
    for path in sorted((shared_data / "data/federation/captures").glob("*/*GET*.json")):
        body = _body(standard.loads(path.read_text())["response"])
        try:
            value = documents.read(json.read(body))
        except Malformed:
            continue
        if isinstance(value, Actor):
            assert value.keys, f"{path.name}: the actor came without its key"
            found += 1
    assert found >= 5
