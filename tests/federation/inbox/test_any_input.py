"""Whatever is signed and sent: an answer that is no 500, a row that comes to rest, and a node that goes on."""

import contextlib
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.actors import follows, remote
from node.federation.inbox import limits, processing
from node.federation.inbox.rows import Arrival
from node.federation.vocab import activities, documents, links, posts
from node.federation.vocab import actors as vocab
from node.federation.vocab.activities import Activity
from node.runtime.database import Tx
from node.runtime.errors import BeffroiError
from tests.federation.conftest import Scene
from tests.support.peer import PUBLIC

NAMES = ["id", "type", "actor", "object", "target", "to", "cc", "content", "tag", "attachment", "inReplyTo", "url"]
NAMES += ["attributedTo", "name", "summary", "published", "updated", "icon", "publicKey", "inbox", "href", "@context"]
WORDS = ["", "Note", "Create", "Mention", "Hashtag", PUBLIC, "https://elsewhere.example/users/zoe", "https://x", "a b"]
WORDS += ["https://lyon.example/users/bob", "https://elsewhere.example/1", "2026-09-21T13:00:00Z", "\u202e", "é" * 300]

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=12,
)


async def test_any_activity_comes_to_rest(scene: Scene) -> None:
    """Properties of every shape in every place of a well-signed activity."""
    await scene.befriended()
    worked: list[str] = []

    @given(
        kind=st.sampled_from([*sorted(activities.TYPES), "Dance"]),
        about=values | st.dictionaries(st.sampled_from(NAMES), values, min_size=2, max_size=8),
        more=st.dictionaries(
            st.sampled_from([name for name in NAMES if name not in ("actor", "type")]), values, max_size=4
        ),
    )
    @settings(max_examples=150, suppress_health_check=list(HealthCheck), database=None)
    def send(kind: str, about: Any, more: dict[str, Any]) -> None:
        worked.append(orjson.dumps(scene.zoe.activity(kind, about, **more), option=orjson.OPT_NON_STR_KEYS).decode())

    send()
    for body in worked:
        answer = await scene.zoe.send(scene.node.host, body.encode())
        assert answer.status in (202, 400, 401, 403, 413), f"{answer.status} for {body}"
        scene.ctx.cache.of(f"window of {limits.WRONG.name}").clear()
    await scene.settle()
    stuck = await scene.rows("SELECT type, state, error FROM inbox WHERE state NOT IN ('done', 'ignored', 'refused')")
    faults = [row for row in stuck if "NetworkFailure" not in row[2] and "has no address" not in row[2]]
    assert not faults, f"these never come to rest: {faults[:3]}"
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))


async def test_documents_of_other_programs(scene: Scene, shared_data: Path) -> None:
    """Every activity of the corpus, worked as if its actor had sent it: understood, ignored or refused, never broken."""
    folder = shared_data / "data" / "federation" / "corpus"
    count = 0
    for path in sorted(folder.rglob("*.json")):
        try:
            raw = orjson.loads(path.read_bytes())
            activity = activities.read(raw)
        except Exception:  # noqa: BLE001 - the reader's own tests look at these
            continue
        if not activity.actor.startswith("https://"):
            continue
        row_id = await _stored(scene, activity, path.read_bytes(), count)
        await processing.work(scene.ctx, Arrival(row_id, activity.actor, 1, None, path.read_bytes()))
        state, error = (await scene.rows("SELECT state, error FROM inbox WHERE id = $1", row_id))[0]
        absent = state == "ready" and ("has no address" in error or "answered" in error)
        assert absent or state in ("done", "ignored", "refused"), f"{path.name}: {state} ({error})"
        count += 1
    if not count:
        pytest.skip("the corpus holds no activity")


async def test_posts_of_other_programs_are_kept_and_shown(scene: Scene, shared_data: Path) -> None:
    """Every post of the corpus, as if Zoe had written it today: kept, edited, and in Bob's timeline as JSON."""
    await scene.befriended()
    kept, waiting = 0, dict[str, str]()
    for path in sorted((shared_data / "data" / "federation" / "corpus").rglob("*.json")):
        try:
            raw = orjson.loads(path.read_bytes())
            told = raw["object"] if isinstance(raw.get("object"), dict) and raw.get("type") == "Create" else raw
            documents.read(told, allow_http=True, draft=True)
        except Exception:  # noqa: BLE001 - the reader's own tests look at these
            continue
        if not set(links.types_of(told)) & posts.TYPES:
            continue
        uri = f"https://{scene.peer.host}/corpus/{kept}"
        told |= {"id": uri, "attributedTo": scene.zoe.uri, "actor": scene.zoe.uri, "to": [PUBLIC]}
        told |= {"inReplyTo": None, "published": None}  # now, and under no other post
        edit = {**told, "updated": "2026-10-01T10:00:00Z", "summary": "lu"}
        for activity in (scene.zoe.create(told), scene.zoe.activity("Update", edit, to=[PUBLIC])):
            body = orjson.dumps(activity)
            row_id = scene.ctx.ids.next()
            await scene.ctx.db.write(partial(_leased, row_id=row_id, actor_uri=scene.zoe.uri, body=body))
            await processing.work(scene.ctx, Arrival(row_id, scene.zoe.uri, 1, None, body))
            state, error = (await scene.rows("SELECT state, error FROM inbox WHERE id = $1", row_id))[0]
            assert (state, error) == ("done", ""), f"{path.name}: {error}"
        kept += 1
        waiting[uri] = path.name
        if len(waiting) == 40:
            seen = {status["uri"] for status in await scene.bob.home(limit=40)}
            lost = [name for uri, name in waiting.items() if uri not in seen]
            assert not lost, f"not in the timeline: {lost}"
            waiting.clear()
    if not kept:
        pytest.skip("the corpus holds no post")
    assert kept > 400


async def _stored(scene: Scene, activity: Activity, body: bytes, number: int) -> int:
    """Meet the activity's actor, if it can be met, and put the activity into the inbox; the row."""
    row_id = scene.ctx.ids.next()
    met = scene.zoe.document() | {"id": activity.actor, "inbox": f"{activity.actor}/inbox", "publicKey": None}
    met |= {
        "followers": f"{activity.actor}/followers",
        "featured": None,
        "outbox": None,
        "preferredUsername": f"someone{number}",
    }
    document = vocab.read(met)

    async def step(tx: Tx) -> None:
        with contextlib.suppress(BeffroiError):
            host = activity.actor.split("/")[2]
            actor = await remote.upsert(tx, scene.ctx, document=document, handle_host=host)
            await follows.request(tx, scene.ctx, follower=scene.bob.actor, followee=actor)
            await follows.accept(tx, scene.ctx, follower=scene.bob.actor, followee=actor)
        await _leased(tx, row_id=row_id, actor_uri=activity.actor, body=body, kind=activity.type[:100])

    await scene.ctx.db.write(step)
    return row_id


async def _leased(tx: Tx, *, row_id: int, actor_uri: str, body: bytes, kind: str = "Create") -> None:
    await tx.execute(
        "INSERT INTO inbox (id, actor_uri, activity_id, type, body, state, attempts, run_at_ms, received_ms) "
        "VALUES ($1, $2, $3, $4, $5, 'leased', 1, 0, 0)",
        row_id, actor_uri, f"{actor_uri}#{row_id}", kind, body,
    )  # fmt: skip
