"""What other servers send: posts until they are visible, and follows by servers never met before."""

import base64
import random
from typing import Any, Final

import orjson

from bench import baselines, sinks
from bench.driver import Driver, Plan
from bench.seeding import FOLLOWED, HOST
from bench.stand import Stand
from bench.table import Aim, Line
from node.federation import signatures
from node.runtime.clock import SystemClock, iso

CREATE: Final = "inbound Create, until visible"
FOLLOWS: Final = "follows from new hosts, until accepted there"
_PUBLIC: Final = "https://www.w3.org/ns/activitystreams#Public"
_CONTEXT: Final = [
    "https://www.w3.org/ns/activitystreams",
    {
        "ostatus": "http://ostatus.org#", "atomUri": "ostatus:atomUri", "inReplyToAtomUri": "ostatus:inReplyToAtomUri",
        "conversation": "ostatus:conversation", "sensitive": "as:sensitive", "toot": "http://joinmastodon.org/ns#",
        "votersCount": "toot:votersCount", "Hashtag": "as:Hashtag",
    },
]  # fmt: skip


def posts(stand: Stand) -> None:
    """Signed Creates by whom the reader follows, to the shared inbox, until every one stands in the feeds."""
    count = stand.count(3_000)
    requests = [_create(stand, number) for number in range(count)]
    newest, size = stand.peek.value("SELECT MAX(id) FROM posts"), stand.peek.bytes
    driver = Driver(Plan(stand.node.port, requests, 16))
    watch = stand.watch()
    driver.go()

    def visible() -> bool:
        return bool(stand.peek.value("SELECT COUNT(*) FROM posts WHERE id > $1", newest) >= count)

    stand.until("the arrival of every post", visible)
    wall_s = watch.node.wall_s
    stand.until("the end of the merging", lambda: not stand.peek.value("SELECT COUNT(*) FROM feed_tail"))
    cpu_ms, database_cpu_ms = watch.each_ms(count)
    stand.table.post_bytes = (stand.peek.bytes - size) / count
    found = driver.result().require(202)
    stand.table.add(
        Line(
            CREATE, count / wall_s, cpu_ms, database_cpu_ms, found.p50_ms, found.p99_ms,
            baseline=baselines.COMMIT, ratio=count / wall_s / stand.baselines[baselines.COMMIT],
            aims=(Aim("per_s", 1_000), Aim("cpu_ms", 1.0)), note=f"accepted at {found.per_s:,.0f}/s; {stand.table.post_bytes / 1000:.1f} kB of database each",
        )
    )  # fmt: skip


def follows(stand: Stand, newcomers: int, sinks_port: int) -> None:
    """Follows from servers never met: actor and handle fetched, accepted, the Accept delivered."""
    requests = []
    for number in range(newcomers):
        authority = sinks.host("new", number, sinks_port)
        uri = f"https://{authority}/users/{sinks.NAME}"
        target = stand.seeded.welcoming.actor
        follow = {"id": f"{uri}#follows/1", "type": "Follow", "actor": uri, "object": target.uri}
        requests.append(_signed(stand, f"/users/{target.username}/inbox", f"{uri}#main-key", follow))
    sinks.ask(stand.control, "/reset")
    driver = Driver(Plan(stand.node.port, requests, 16))
    watch = stand.watch()
    driver.go()
    stand.until(
        "every Accept", lambda: int(sinks.ask(stand.control)["taken"].get("Accept", 0)) >= newcomers, within_s=90
    )
    wall_s = watch.node.wall_s
    cpu_ms, database_cpu_ms = watch.each_ms(newcomers)
    found = driver.result().require(202)
    stand.table.add(
        Line(
            FOLLOWS, newcomers / wall_s, cpu_ms, database_cpu_ms, found.p50_ms,
            found.p99_ms, baseline=baselines.SIGNING,
            ratio=newcomers / wall_s / stand.baselines[baselines.SIGNING], aims=(Aim("per_s", 200),),
        )
    )  # fmt: skip


def _create(stand: Stand, number: int) -> bytes:
    author = stand.seeded.authors[number % FOLLOWED]
    uri = f"{author.uri}/statuses/arrive{number}"
    chance = random.Random(number)  # noqa: S311 (the same post every time)
    words = " ".join(chance.choice(("fête", "école", "marché", "travaux", "conseil")) for _ in range(30))
    home = f"https://{author.service_host}"
    to, cc, published = [_PUBLIC], [author.followers], iso(SystemClock().now_ms())
    content = (
        f'<p>{words} <a href="{home}/tags/conseil" class="mention hashtag" rel="tag">#<span>conseil</span></a></p>'
    )
    # As Mastodon 4.4 writes it, with all that a receiver has to read and leaves aside.
    note = {
        "id": uri, "type": "Note", "summary": None, "inReplyTo": None, "published": published, "url": uri,
        "attributedTo": author.uri, "to": to, "cc": cc, "sensitive": False, "atomUri": uri, "inReplyToAtomUri": None,
        "conversation": f"tag:{author.service_host},2026-09-21:objectId={number}:objectType=Conversation",
        "content": content, "contentMap": {"fr": content}, "attachment": [],
        "tag": [{"type": "Hashtag", "href": f"{home}/tags/conseil", "name": "#conseil"}],
        "replies": {
            "id": f"{uri}/replies", "type": "Collection",
            "first": {
                "type": "CollectionPage", "next": f"{uri}/replies?only_other_accounts=true&page=true",
                "partOf": f"{uri}/replies", "items": [],
            },
        },
        "likes": {"id": f"{uri}/likes", "type": "Collection", "totalItems": 0},
        "shares": {"id": f"{uri}/shares", "type": "Collection", "totalItems": 0},
    }  # fmt: skip
    create = {
        "@context": _CONTEXT, "id": f"{uri}/activity", "type": "Create", "actor": author.uri, "published": published,
        "to": to, "cc": cc, "object": note,
        "signature": {
            "type": "RsaSignature2017", "creator": f"{author.uri}#main-key", "created": published,
            "signatureValue": base64.b64encode(chance.randbytes(256)).decode(),
        },
    }  # fmt: skip
    return _signed(stand, "/inbox", f"{author.uri}#main-key", create)


def _signed(stand: Stand, path: str, key_id: str, activity: dict[str, Any]) -> bytes:
    body = orjson.dumps({"@context": "https://www.w3.org/ns/activitystreams", **activity})
    now_ms = SystemClock().now_ms()
    headers = signatures.sign("POST", f"https://{HOST}{path}", body, key_id, stand.seeded.key, now_ms)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body
