"""bovine, httpsig and fediverse-pasture: three more readings of the older kind of signatures, in Python.

bovine is a client and a server; httpsig signs and verifies beside it; fediverse-pasture sends six sample people who
ask for different things. Each of bovine's and httpsig's known weaknesses is turned against the node once.
"""

import hmac
from base64 import b64encode
from collections.abc import Iterator
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
import requests

from node.cli.demo.agents import text, until
from tests.interop.python_peers import Bovine, PythonPeer
from tests.interop.town import Town

PEERS = Path(__file__).parent / "peers"


@pytest.fixture(scope="module")
def bovine(foreign_python: Path, ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bovine]:
    """Camille on a server made with bovine."""
    program = str(PEERS / "bovine_peer.py")
    words = [str(foreign_python), program, str(ports["python"])]
    peer = Bovine(words, ports["python"], tmp_path_factory.mktemp("bovine"))
    try:
        peer.start()
        yield peer
    finally:
        peer.stop()


@pytest.fixture
def friends(town: Town, bovine: Bovine) -> Any:
    """Each follows the other; her account. Bovine leaves the answer to a Follow to its application: the test's."""
    account = town.find(bovine.handle)
    relationship = town.client.account_relationships(account.id)[0]
    if not relationship.following:
        town.client.account_follow(account.id)
        follow = bovine.hears("Follow", town.uri)
        bovine.ask("send", type="Accept", object=follow["id"], to=town.uri)
        until("her Accept is believed", lambda: town.client.account_relationships(account.id)[0].following)
    if not relationship.followed_by:
        bovine.ask("send", type="Follow", object=town.uri, to=town.uri)
        until("she follows the town", lambda: town.is_followed_by(account.id))
    return account


def test_bovine_reads_the_town(town: Town, bovine: Bovine) -> None:
    """A signed GET by bovine's client, and its own reading of the document."""
    document = bovine.ask("read", address=town.uri)
    assert document["id"] == town.uri
    assert document["publicKey"]["owner"] == town.uri


def test_follows_in_both_directions(town: Town, bovine: Bovine, friends: Any) -> None:
    """Follow and Accept, each signed by one and verified by the other."""
    assert bovine.hears("Accept", town.uri)["actor"] == town.uri


def test_her_post_arrives_and_goes(town: Town, bovine: Bovine, friends: Any) -> None:
    """Create and Delete, built by bovine's factories."""
    note = bovine.ask("send", type="Create", content="<p>Bonjour de bovine</p>", to=town.uri)["uri"]
    assert text(town.receives(note)) == "Bonjour de bovine"
    bovine.ask("send", type="Delete", object=note, to=town.uri)
    until("it is gone", lambda: town.at_home(note) is None)


def test_the_towns_post_is_signed_for_both(town: Town, bovine: Bovine, friends: Any) -> None:
    """Bovine let it in, and httpsig agrees, with the query string and the digest among what is signed."""
    bovine.ask("forget")
    status = town.client.status_post("Le bibliobus passe jeudi")
    assert bovine.hears("Create", status.uri)["object"]["content"] == "<p>Le bibliobus passe jeudi</p>"
    verdicts = bovine.seen()["verified_by_httpsig"]
    assert verdicts, "httpsig was not asked"
    assert all(verdicts), "httpsig refuses a signature of the node"


def test_like_announce_and_undo(town: Town, bovine: Bovine, friends: Any) -> None:
    """As bovine writes them; the Undo carries nothing but an id."""
    status = town.client.status_post("La piscine rouvre")
    like = bovine.ask("send", type="Like", object=status.uri, to=town.uri)
    announce = bovine.ask("send", type="Announce", object=status.uri, to=town.uri)
    until("both are counted", lambda: _counts(town, status.id) == (1, 1))
    bovine.ask("send", type="Undo", object=like["activity"]["id"], to=town.uri)
    bovine.ask("send", type="Undo", object=announce["activity"]["id"], to=town.uri)
    until("both are taken back", lambda: _counts(town, status.id) == (0, 0))


def _counts(town: Town, status_id: str) -> tuple[int, int]:
    status = town.client.status(status_id)
    return status.favourites_count, status.reblogs_count


def _signed(bovine: Bovine, inbox: str, body: bytes, signed: list[str]) -> dict[str, str]:
    """Headers for a POST of *body* to *inbox*, signed by httpsig with Camille's key."""
    headers = {
        "host": urlsplit(inbox).netloc,
        "date": formatdate(usegmt=True),
        "digest": f"SHA-256={b64encode(sha256(body).digest()).decode()}",
        "content-type": "application/activity+json",
    }
    return bovine.ask("sign", headers=headers, path=urlsplit(inbox).path, signed=signed)


def _like(bovine: Bovine, town: Town, name: str) -> bytes:
    return orjson.dumps({
        "@context": "https://www.w3.org/ns/activitystreams", "type": "Like", "id": f"{bovine.url}/likes/{name}",
        "actor": bovine.uri, "object": town.client.status_post(f"Essai de signature, {name}").uri, "to": [town.uri],
    })  # fmt: skip


WHOLE = ["(request-target)", "host", "date", "digest"]


def test_signed_by_httpsig(town: Town, bovine: Bovine, friends: Any) -> None:
    """A third writer of the same kind of signatures is understood."""
    body = _like(bovine, town, "entier")
    inbox = f"{town.uri}/inbox"
    answered = requests.post(inbox, data=body, headers=_signed(bovine, inbox, body, WHOLE), timeout=20)
    assert answered.status_code == 202, answered.text


@pytest.mark.parametrize("left_out", ["(request-target)", "date", "digest"])
def test_what_httpsig_left_unsigned(town: Town, bovine: Bovine, friends: Any, left_out: str) -> None:
    """Httpsig and bovine verify whatever happens to be signed; the node wants everything that matters."""
    body = _like(bovine, town, f"sans-{left_out.strip('()')}")
    inbox = f"{town.uri}/inbox"
    headers = _signed(bovine, inbox, body, [name for name in WHOLE if name != left_out])
    answered = requests.post(inbox, data=body, headers=headers, timeout=20)
    assert answered.status_code == 401, answered.text


def test_another_body_under_the_same_signature(town: Town, bovine: Bovine, friends: Any) -> None:
    """Bovine lets a body through whose digest was swapped with it, if the digest was not signed; not the node."""
    body = _like(bovine, town, "vrai")
    inbox = f"{town.uri}/inbox"
    headers = _signed(bovine, inbox, body, WHOLE)
    forged = _like(bovine, town, "faux")
    assert requests.post(inbox, data=forged, headers=headers, timeout=20).status_code == 401
    headers["digest"] = f"SHA-256={b64encode(sha256(forged).digest()).decode()}"
    assert requests.post(inbox, data=forged, headers=headers, timeout=20).status_code == 401


def test_an_algorithm_of_the_senders_choice(town: Town, bovine: Bovine, friends: Any) -> None:
    """Httpsig believes the header: an HMAC keyed with somebody's public key verifies there. Not at the node."""
    body = _like(bovine, town, "hmac")
    inbox = f"{town.uri}/inbox"
    headers = _signed(bovine, inbox, body, WHOLE)
    published = bovine.ask("read", address=bovine.uri)["publicKey"]["publicKeyPem"]
    lines = [f"(request-target): post {urlsplit(inbox).path}", *(f"{name}: {headers[name]}" for name in WHOLE[1:])]
    forged = b64encode(hmac.digest(published.encode(), "\n".join(lines).encode(), "sha256")).decode()
    for algorithm in ("hmac-sha256", "hs2019", "rsa-sha256"):
        headers["signature"] = (
            f'keyId="{bovine.uri}#main",algorithm="{algorithm}",headers="{" ".join(WHOLE)}",signature="{forged}"'
        )
        answered = requests.post(inbox, data=body, headers=headers, timeout=20)
        assert answered.status_code in (400, 401), f"anybody signs for her: {algorithm}"


@pytest.fixture(scope="module")
def pasture(
    foreign_python: Path, ports: dict[str, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PythonPeer]:
    """The verification server of fediverse-pasture."""
    port = ports["pasture"]
    words = [
        str(foreign_python), "-m", "fediverse_pasture.verify_actor", "--port", str(port), "--domain", f"127.0.0.1:{port}"
    ]  # fmt: skip
    peer = PythonPeer(words, port, tmp_path_factory.mktemp("pasture"))
    try:
        peer.start()
        yield peer
    finally:
        peer.stop()


def test_the_sample_people_of_fediverse_pasture(town: Town, pasture: PythonPeer) -> None:
    """Whoever signs is heard, whether she asks for signed requests or not and has a WebFinger or not; nobody else."""
    answered = requests.post(
        pasture.url, data={"actor_uri": town.uri}, headers={"Accept": "application/json"}, timeout=60
    )
    result = answered.json()["result"]
    assert result.pop("webfinger") is True
    assert {name: each["get_actor"] for name, each in result.items()} == dict.fromkeys(result, True)
    heard = {name: each["post_inbox"] for name, each in result.items()}
    assert heard == {"alice": False, "dean": False, "bob": True, "claire": True, "emily": True, "frank": True}, (
        answered.json()["messages"]
    )
