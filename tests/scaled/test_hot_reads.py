"""What a reading process answers by itself, asked of a database that refuses every write."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.seeding import HOST, Size, seed
from bench.statements import lists
from node.app import create_app
from node.cli.inside import HOT
from node.runtime.caches import Caches
from node.runtime.database import DatabaseBusy
from node.runtime.database.sqlite_reading import SqliteReading
from tests.support.client import Client
from tests.support.context import make_context

INSTANCE = (
    "/api/v1/instance", "/api/v2/instance", "/api/v1/instance/rules", "/api/v1/instance/extended_description",
    "/api/v1/instance/translation_languages",
)  # fmt: skip


async def test_hot_reads_never_write(tmp_path: Path) -> None:
    """Nothing is in memory, as after a start: a page that had to write something down would fail here."""
    path = tmp_path / "node.db"
    ctx = await make_context(f"sqlite:///{path}", tmp_path / "node")
    seeded = await seed(ctx, Size(posts=200, authors=60, viewers=2, followers=5, company=10, tokens=2))
    reading = SqliteReading(str(path))
    try:
        with pytest.raises(DatabaseBusy):
            await reading.write(lambda tx: tx.execute("DELETE FROM posts"))
        hot = {name: each for name, each in lists(seeded).items() if each.path.startswith(HOT)}
        assert {
            "home",
            "public",
            "local",
            "hashtag",
            "list of a territory",
            "notifications",
            "favourites",
        } <= hot.keys()
        asked = [(each.path, each.token) for each in hot.values()] + [(each, None) for each in INSTANCE]
        asked.append(("/api/v1/notifications/unread_count", seeded.reader.tokens[0]))
        for address, token in asked:
            app = create_app(replace(ctx, db=reading, cache=Caches()), with_worker=False)
            where, _, query = address.partition("?")
            answer = await Client(app, HOST, token).get(
                where, dict(each.split("=") for each in query.split("&") if each)
            )
            assert answer.status == 200, f"{address} cannot be read beside the one that writes: {answer.body[:200]!r}"
    finally:
        await reading.close()
        await ctx.db.close()
