"""Who signed, what exactly, and with which key."""

import time
from typing import Any

import orjson
import pytest

from node.federation.signatures import Scheme
from tests.advisories.stage import Stage
from tests.support.peer import AS, PUBLIC

pytestmark = pytest.mark.xdist_group("advisories")
HOUR_MS = 3_600_000


async def test_cve_2025_54888(stage: Stage) -> None:
    """Signed well, by the villain's own key, in the name of Zoe (CVE-2026-55103 in another program)."""
    zoe, mallory = await stage.friend(), await stage.villain()
    await stage.met(zoe)
    note = zoe.note("Je n'ai jamais dit cela")
    status = await stage.tells(mallory, zoe.create(note))
    assert status in (202, 401, 403)
    assert stage.sees(note["id"]) is None, "a villain spoke in Zoe's name"
    neighbour = await stage.friend()
    await stage.tells(neighbour, zoe.create(note))
    assert stage.sees(note["id"]) is None, "a neighbour spoke in Zoe's name"


@pytest.mark.parametrize("scheme", [Scheme.CAVAGE, Scheme.RFC9421])
async def test_cve_2023_49079(stage: Stage, scheme: Scheme) -> None:
    """The signature holds, but covers neither the body nor the server that it was meant for."""
    zoe = await stage.friend()
    await stage.met(zoe)
    note = zoe.note("Glissé sous la signature")
    create = zoe.create(note)
    body = orjson.dumps(create)
    digest = {"digest": None} if scheme is Scheme.CAVAGE else {"content-digest": None}
    other = orjson.dumps(zoe.create(zoe.note("Autre")))
    for how in (
        {"signed_body": other},  # another body than the digest says
        {"change": dict.fromkeys((*digest, *(name.title() for name in digest)))},  # no digest at all
        {"signed": False},
    ):
        status = await stage.tells(zoe, body, scheme=scheme, **how)
        assert status in (400, 401), f"taken with {how.keys()}"
    elsewhere = await zoe.request("POST", f"{stage.friends.home}/inbox", create, scheme=scheme)
    assert elsewhere.status == 202, "the same request is fine at the friends' server"
    _, _, headers = stage.friends.requests[-1]
    replayed = {
        k: v for k, v in headers.items() if k not in ("host", "content-length", "accept-encoding", "connection")
    }
    with stage.node.session() as session:
        answered = session.post(f"{stage.node.url}/inbox", data=body, headers=replayed, timeout=20)
    assert answered.status_code in (400, 401), "a request for another server was replayed here"
    stage.settle()
    assert stage.sees(note["id"]) is None


@pytest.mark.parametrize(
    "spoilt",
    [
        'keyId="{key}",headers="",signature="{signature}"',
        'keyId="{key}",signature="{signature}"',
        'keyId="{key}",headers="date",signature="{signature}"',
        'keyId="{key}",keyId="{other}",headers="{headers}",signature="{signature}"',
        'keyId="{key}",headers="{headers}",headers="date",signature="{signature}"',
        'keyId="{key}",headers="{headers}",signature=""',
        'keyId="{key}",headers="{headers}",signature="AA=="',
        "keyId={key},headers={headers},signature={signature}",
        'keyId="{key}",headers="{headers} {headers}",signature="{signature}"',
        'keyId="{key}',
        ",,,,",
    ],
)
async def test_cve_2026_28432(stage: Stage, spoilt: str) -> None:
    """Signature headers that a careless parser takes for valid ones."""
    zoe, mallory = await stage.friend(), await stage.villain()
    note = zoe.note("Non signé")
    kept: dict[str, str] = {}
    await mallory.request("POST", f"{stage.villains.home}/inbox", zoe.create(note))
    _, _, headers = stage.villains.requests[-1]
    parts = dict(part.split("=", 1) for part in headers["signature"].split(","))
    kept = {name: value.strip('"') for name, value in parts.items()}
    forged = spoilt.format(
        key=zoe.key_id, other=mallory.key_id, headers=kept["headers"], signature=kept["signature"]
    )  # fmt: skip
    status = await stage.tells(zoe, zoe.create(note), key=mallory.key, change={"Signature": forged, "signature": None})
    assert status in (400, 401)
    assert stage.sees(note["id"]) is None


@pytest.mark.parametrize(
    "advisory", ["cve_2022_24307", "cve_2026_46349", "cve_2026_50128", "cve_2026_42462", "cve_2026_46713"]
)
async def test_linked_data_signatures(stage: Stage, advisory: str) -> None:
    """Signatures inside of documents (RsaSignature2017), rearranged as in five advisories, are never the proof.

    What somebody passes on is fetched from where it says it lies, so that no rearrangement can matter.
    """
    zoe, mallory = await stage.friend(), await stage.villain()
    await stage.met(zoe)
    note = zoe.note("Le vrai texte")
    await stage.tells(zoe, zoe.create(note))
    status = stage.sees(note["id"])
    forged = _rearranged(advisory, zoe, note)
    forged["signature"] = {
        "type": "RsaSignature2017", "creator": zoe.key_id, "created": "2026-09-21T13:00:00Z", "signatureValue": "AAAA",
    }  # fmt: skip
    await stage.tells(mallory, forged)
    assert stage.client.status(status.id).content == "<p>Le vrai texte</p>"


def _rearranged(advisory: str, zoe: Any, note: dict[str, Any]) -> dict[str, Any]:
    update = zoe.activity("Update", {**note, "content": "<p>Faux</p>", "updated": "2026-10-01T00:00:00Z"})
    match advisory:
        case "cve_2022_24307":
            return {**update, "@context": [AS, {"actor": "as:attributedTo", "attributedTo": "as:actor"}]}
        case "cve_2026_46349":
            return {"@context": AS, "id": update["id"], "type": "Note", "@graph": [update]}
        case "cve_2026_50128":
            return {**update, "@context": [AS, {"content": None}]}
        case "cve_2026_42462":
            return {"@context": AS, "id": update["id"], "type": "View", "actor": zoe.uri, "@included": [update]}
    return {"@context": AS, "id": update["id"], "type": "View", "actor": zoe.uri, "@reverse": {"as:object": update}}


async def test_cve_2026_48028(stage: Stage) -> None:
    """A signed document from which something was taken out: a Delete that loses its object, a note its addressees."""
    zoe, mallory = await stage.friend(), await stage.villain()
    await stage.met(zoe)
    secret = zoe.note("Pour toi seul", to=[stage.uri], cc=[])
    stage.friends.documents[secret["id"]] = 404
    forged = zoe.create({**secret, "to": [PUBLIC]}) | {"signature": {
        "type": "RsaSignature2017", "creator": zoe.key_id, "created": "2026-09-21T13:00:00Z", "signatureValue": "AAAA",
    }}  # fmt: skip
    await stage.tells(mallory, forged)
    assert stage.sees(secret["id"]) is None


async def test_cve_2026_34148_keys(stage: Stage) -> None:
    """A thousand requests with keys that cannot be had cost a thousand answers, not a thousand fetches."""
    mallory = await stage.villain()
    path = "/users/personne"
    before = len(stage.villains.requests)
    for _ in range(60):
        status = await mallory.send(
            stage.node.authority_part,
            mallory.activity("Like", stage.uri),
            key_id=f"{stage.villains.home}{path}#main-key",
        )
        assert status.status in (401, 429)
    assert stage.villains.asked_for(path) <= 2
    assert len(stage.villains.requests) - before <= 4


async def test_old_and_future_signatures(stage: Stage) -> None:
    """Replays of yesterday (part of CVE-2023-49079's family): two days old, or from tomorrow."""
    zoe = await stage.friend()
    now_ms = int(time.time() * 1000)
    for hours in (-48, 48):
        note = zoe.note(f"Décalé de {hours} h")
        assert await stage.tells(zoe, zoe.create(note), at_ms=now_ms + hours * HOUR_MS) == 401
        assert stage.sees(note["id"]) is None
