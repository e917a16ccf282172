"""Bad input at the inbox: each kind has a clear answer, a figure, leaves nothing behind, and is never a 500."""

import hashlib
from base64 import b64encode
from typing import Any

import orjson
import pytest

from node.actors import hosts
from node.runtime import keypairs as keys
from tests.federation.conftest import Scene
from tests.support.peer import AS, pair, peer_on


async def refused(scene: Scene, answer: Any, status: int, reason: str) -> None:
    assert answer.status == status, f"expected {status}, the node said {answer.status}: {answer.body!r}"
    assert orjson.loads(answer.body)["error"], "a refusal says nothing to the sender's administrator"
    assert scene.refused(reason) == 1, f"no figure counts this {reason}"
    assert await scene.inbox() == [], "something was stored of what was refused"


async def test_malformed_json(scene: Scene) -> None:
    await refused(scene, await scene.zoe.send(scene.node.host, b'{"type": "Like",'), 400, "Malformed")


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'"https://elsewhere.example/1"',
        b"null",
        b"",
        b"\xff\xfe{}",
        b'{"type": 7, "actor": "https://elsewhere.example/users/zoe"}',
        b'{"type": "Like", "actor": 7}',
        b'{"type": "Like", "actor": ["https://a.example/1", "https://b.example/2"]}',
        b'{"type": "Like", "actor": "javascript:alert(1)"}',
        b'{"type": "Like", "id": 5, "actor": "https://elsewhere.example/users/zoe"}',
        b'{"type": "Like", "id": "urn:uuid:1", "actor": "https://elsewhere.example/users/zoe"}',
    ],
)
async def test_wrong_types(scene: Scene, body: bytes) -> None:
    await refused(scene, await scene.zoe.send(scene.node.host, body), 400, "Malformed")


async def test_deep_nesting(scene: Scene) -> None:
    body = (
        b'{"type":"Like","actor":"https://elsewhere.example/users/zoe","object":' + b'{"a":' * 5000 + b"1" + b"}" * 5001
    )
    await refused(scene, await scene.zoe.send(scene.node.host, body), 400, "Malformed")


async def test_null_bytes(scene: Scene) -> None:
    activity = scene.zoe.create(scene.zoe.note("a\0b"))
    await refused(scene, await scene.zoe.send(scene.node.host, activity), 400, "Malformed")


async def test_a_body_over_a_megabyte(scene: Scene) -> None:
    activity = scene.zoe.activity("Like", scene.bob.actor.uri, content="x" * 1_000_001)
    await refused(scene, await scene.zoe.send(scene.node.host, activity), 413, "TooLarge")


async def test_a_body_over_a_megabyte_that_hides_its_length(scene: Scene) -> None:
    activity = scene.zoe.activity("Like", scene.bob.actor.uri, content="x" * 1_000_001)
    answer = await scene.zoe.send(scene.node.host, activity, change={"Content-Length": "10"})
    await refused(scene, answer, 413, "TooLarge")


@pytest.mark.parametrize("kind", ["application/json", "text/html", "application/x-www-form-urlencoded", ""])
async def test_another_content_type(scene: Scene, kind: str) -> None:
    activity = scene.zoe.follow(scene.bob.actor.uri)
    answer = await scene.zoe.send(scene.node.host, activity, content_type=kind)
    await refused(scene, answer, 406, "NotAcceptable")


async def test_ld_json_is_taken_too(scene: Scene) -> None:
    kind = f'application/ld+json; profile="{AS}"'
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri), content_type=kind)
    assert scene.peer.of_type("Accept"), "a follow sent as ld+json was not answered"


async def test_unsigned(scene: Scene) -> None:
    answer = await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri), signed=False)
    await refused(scene, answer, 401, "Unauthorized")


@pytest.mark.parametrize("hours", [-49, -14, 3])
async def test_signed_too_long_ago_or_in_the_future(scene: Scene, hours: int) -> None:
    at_ms = scene.fediverse.clock.now_ms() + hours * 3_600_000
    answer = await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri), at_ms=at_ms)
    await refused(scene, answer, 401, "Unauthorized")


async def test_forged_with_another_key(scene: Scene) -> None:
    answer = await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri), key=keys.generate_rsa())
    await refused(scene, answer, 401, "Unauthorized")


async def test_signed_by_a_neighbour_on_the_same_server(scene: Scene) -> None:
    """The key's owner must be the actor, whole id: a server is not one person."""
    mallory = await scene.peer.actor("mallory")
    answer = await mallory.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri))
    await refused(scene, answer, 401, "Unauthorized")


async def test_a_key_that_claims_a_strangers_name(scene: Scene) -> None:
    """Mallory's server publishes a key under Zoe's id: it proves nothing about Zoe."""
    evil = peer_on(scene.fediverse, "evil.example")
    mallory = await evil.actor("mallory")
    evil.documents[mallory.uri]["publicKey"]["owner"] = scene.zoe.uri
    answer = await mallory.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri))
    await refused(scene, answer, 401, "Unauthorized")


async def test_a_body_swapped_under_a_signed_digest(scene: Scene) -> None:
    signed = orjson.dumps(scene.zoe.activity("Like", scene.bob.actor.uri))
    activity = scene.zoe.follow(scene.bob.actor.uri)
    answer = await scene.zoe.send(scene.node.host, activity, signed_body=signed)
    await refused(scene, answer, 401, "Unauthorized")


async def test_a_digest_corrected_after_the_signing(scene: Scene) -> None:
    activity = orjson.dumps(scene.zoe.follow(scene.bob.actor.uri))
    right = "SHA-256=" + b64encode(hashlib.sha256(activity).digest()).decode()
    answer = await scene.zoe.send(scene.node.host, activity, signed_body=b"{}", change={"Digest": right})
    await refused(scene, answer, 401, "Unauthorized")


async def test_no_digest(scene: Scene) -> None:
    activity = scene.zoe.follow(scene.bob.actor.uri)
    answer = await scene.zoe.send(scene.node.host, activity, change={"Digest": None})
    await refused(scene, answer, 401, "Unauthorized")


async def test_a_signature_that_cannot_be_read(scene: Scene) -> None:
    activity = scene.zoe.follow(scene.bob.actor.uri)
    answer = await scene.zoe.send(scene.node.host, activity, change={"Signature": 'keyId="https://a'})
    await refused(scene, answer, 400, "Malformed")


@pytest.mark.parametrize("key_id", ["nonsense", "file:///etc/passwd", "https://", "https://lyon.example:99999/users/x"])
async def test_a_key_id_that_is_no_address(scene: Scene, key_id: str) -> None:
    answer = await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri), key_id=key_id)
    await refused(scene, answer, 400, "Malformed")


@pytest.mark.parametrize("place", ["https://127.0.0.1/users/x", "https://[::ffff:127.0.0.1]/x", "https://localhost/x"])
async def test_a_key_on_a_private_address(scene: Scene, place: str) -> None:
    activity = {"type": "Follow", "id": f"{place}/1", "actor": place, "object": scene.bob.actor.uri}
    answer = await scene.zoe.send(scene.node.host, activity, key_id=f"{place}#main-key")
    await refused(scene, answer, 401, "Unauthorized")


async def test_an_activity_whose_id_is_on_another_host(scene: Scene) -> None:
    activity = scene.zoe.follow(scene.bob.actor.uri) | {"id": "https://villeurbanne.example/follows/1"}
    await refused(scene, await scene.zoe.send(scene.node.host, activity), 400, "Malformed")


async def test_an_activity_in_the_name_of_one_of_ours(scene: Scene) -> None:
    activity = scene.zoe.activity("Follow", scene.zoe.uri) | {
        "actor": scene.bob.actor.uri,
        "id": f"{scene.bob.actor.uri}#follows/1",
    }
    await refused(scene, await scene.zoe.send(scene.node.host, activity), 401, "Unauthorized")


async def test_a_request_meant_for_another_server(scene: Scene) -> None:
    """Signed for elsewhere and played here: the Host header is not ours."""
    scene.fediverse.network.apps["other.example"] = scene.node.app
    answer = await scene.zoe.send("other.example", scene.zoe.follow(scene.bob.actor.uri))
    await refused(scene, answer, 404, "NotFound")


async def test_a_request_signed_for_another_host(scene: Scene) -> None:
    activity = scene.zoe.follow(scene.bob.actor.uri)
    scene.fediverse.network.apps["other.example"] = scene.node.app
    answer = await scene.zoe.send("other.example", activity, change={"Host": scene.node.host})
    await refused(scene, answer, 401, "Unauthorized")


async def test_a_blocked_server_is_told_so_and_never_asked(scene: Scene) -> None:
    await scene.ctx.db.write(
        lambda tx: hosts.set_policy(tx, scene.ctx, host="elsewhere.example", severity="suspend", reason="spam")
    )
    answer = await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri))
    await refused(scene, answer, 403, "HostSuspended")
    assert scene.peer.requests == [], "a blocked server was asked for its key"


async def test_a_server_that_is_blocked_once_it_is_known(scene: Scene) -> None:
    """Its key is at hand: nothing but the policy refuses it."""
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    await scene.ctx.db.write(lambda tx: hosts.set_policy(tx, scene.ctx, host="elsewhere.example", severity="suspend"))
    answer = await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri))
    assert answer.status == 403, f"a blocked server is heard: {answer.status}"


async def test_a_server_below_a_blocked_one(scene: Scene) -> None:
    await scene.ctx.db.write(lambda tx: hosts.set_policy(tx, scene.ctx, host="evil.example", severity="suspend"))
    mallory = await peer_on(scene.fediverse, "a.evil.example").actor("mallory")
    answer = await mallory.send(scene.node.host, mallory.follow(scene.bob.actor.uri))
    await refused(scene, answer, 403, "HostSuspended")


async def test_a_key_of_a_server_that_does_not_answer_may_be_tried_again(scene: Scene) -> None:
    scene.fediverse.network.down.add("elsewhere.example")
    scene.peer.network.apps["proxy.example"] = scene.node.app
    answer = await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri))
    await refused(scene, answer, 503, "Unavailable")


async def test_an_unknown_key_is_asked_for_once_in_a_while(scene: Scene) -> None:
    """A thousand forged requests are not a thousand fetches (CVE-2026-34148)."""
    del scene.peer.documents[scene.zoe.uri]
    for _ in range(5):
        answer = await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri))
        assert answer.status == 401
    fetched = [url for method, url, _ in scene.peer.requests if method == "GET"]
    assert len(fetched) == 1, f"a key that is not there was asked for {len(fetched)} times"


async def test_a_key_that_fails_is_fetched_again_once(scene: Scene) -> None:
    """Zoe changed her key: her first request with it is believed. Forged ones do not make us ask again and again."""
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    scene.zoe.key = keys.generate_rsa()
    scene.peer.documents[scene.zoe.uri] = scene.zoe.document()
    await scene.takes(scene.zoe.activity("Undo", scene.zoe.follow(scene.bob.actor.uri)))
    before = len(scene.peer.requests)
    for _ in range(3):
        answer = await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri), key=pair())
        assert answer.status == 401
    assert len(scene.peer.requests) <= before + 2, "forged signatures make the node fetch the key each time"


async def test_farewells_of_strangers_cost_nothing(scene: Scene) -> None:
    """Large servers tell everyone that an account is gone; its key is gone too, so nothing is asked."""
    activity = scene.zoe.activity("Delete", scene.zoe.uri)
    answer = await scene.zoe.send(scene.node.host, activity)
    assert answer.status == 202
    assert scene.peer.requests == [], "the node asked about an actor it never met"
    assert await scene.inbox() == []


async def test_a_replay_is_known(scene: Scene) -> None:
    activity = scene.zoe.follow(scene.bob.actor.uri)
    await scene.takes(activity)
    await scene.takes(activity)
    assert await scene.inbox() == [("Follow", "done")], "the same activity was stored twice"
    assert len(scene.peer.of_type("Accept")) == 1, "a replayed Follow was answered again"


async def test_a_stranger_cannot_use_up_somebody_elses_id(scene: Scene) -> None:
    """Stored once per (verified actor, id): by id alone, Mallory could send Zoe's next id first."""
    mallory = await scene.peer.actor("mallory")
    real = scene.zoe.follow(scene.bob.actor.uri)
    await scene.takes(mallory.activity("Like", scene.bob.actor.uri) | {"id": real["id"]}, mallory)
    await scene.takes(real)
    assert scene.peer.of_type("Accept"), "Zoe's follow was taken for a replay of Mallory's activity"


async def test_an_activity_without_an_id_is_known_by_its_bytes(scene: Scene) -> None:
    activity = scene.zoe.follow(scene.bob.actor.uri)
    del activity["id"]
    await scene.takes(activity)
    await scene.takes(activity)
    assert await scene.inbox() == [("Follow", "done")]


async def test_ids_that_are_too_long_for_an_index(scene: Scene) -> None:
    activity = scene.zoe.follow(scene.bob.actor.uri) | {"id": f"https://elsewhere.example/{'x' * 2020}"}
    answer = await scene.zoe.send(scene.node.host, activity)
    assert answer.status in (202, 400), f"a long id was answered {answer.status}"
    long = activity | {"actor": f"https://elsewhere.example/{'y' * 2020}"}
    assert (await scene.zoe.send(scene.node.host, long)).status in (400, 401)


async def test_an_unknown_type_is_kept_and_ignored(scene: Scene) -> None:
    await scene.takes(scene.zoe.activity("Dance", scene.bob.actor.uri))
    assert await scene.inbox() == [("Dance", "ignored")]
    kept = await scene.rows("SELECT body FROM inbox")
    assert orjson.loads(bytes(kept[0][0]))["type"] == "Dance", "what is not understood was not kept as it came"
    assert scene.ctx.metrics.counted("inbox_worked", outcome="ignored") == 1


async def test_the_inbox_of_nobody(scene: Scene) -> None:
    answer = await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri), path="/users/nobody/inbox")
    await refused(scene, answer, 404, "NotFound")


async def test_an_actors_own_inbox(scene: Scene) -> None:
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri), path="/users/bob/inbox")
    assert await scene.rows("SELECT recipient_id FROM inbox") == [(scene.bob.actor.id,)]


async def test_who_is_wrong_too_often_waits(scene: Scene) -> None:
    for _ in range(300):
        await scene.zoe.send(scene.node.host, b"{", signed=False)
    answer = await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri))
    assert answer.status == 429
    assert int(answer.headers["Retry-After"]) > 0
    scene.fediverse.clock.forward(61)
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))


async def test_a_suspended_actor_is_not_heard(scene: Scene) -> None:
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    await scene.ctx.db.write(
        lambda tx: tx.execute("UPDATE actors SET state = 'suspended' WHERE uri = $1", scene.zoe.uri)
    )
    await scene.zoe.send(scene.node.host, scene.zoe.create(scene.zoe.note("spam", to=[scene.bob.actor.uri])))
    await scene.settle()
    assert await scene.rows("SELECT 1 FROM posts") == [], "a suspended actor's post was kept"


async def test_a_valid_request_is_a_sign_of_life(scene: Scene) -> None:
    """A host that was given up is written to again as soon as it speaks."""
    await scene.ctx.db.write(
        lambda tx: tx.execute(
            "INSERT INTO hosts (host, state, failing_days, created_ms) VALUES ($1, 'dead', 7, $2)",
            "elsewhere.example",
            1,
        )
    )
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    assert await scene.rows("SELECT state FROM hosts") == [("up",)]
    assert scene.peer.of_type("Accept"), "nothing is sent to a host that came back to life"
