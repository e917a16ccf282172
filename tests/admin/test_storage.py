"""Storage: what is kept, what would go, what goes; pictures of other servers and nothing else."""

from node.media import remote
from node.moderation import pruning
from tests.admin.conftest import Office
from tests.admin.test_site_words import send
from tests.support.town import Town

FRENCH = {"accept-language": "fr"}
PATH = "/admin/storage"
DAY_MS = 86_400_000


async def cached(office: Office, name: str, *, days: int) -> None:
    """A picture of another server that somebody looked at so many days ago."""
    ctx = office.town.node.ctx
    at_ms = ctx.clock.now_ms() - days * DAY_MS
    await ctx.db.write(
        lambda tx: tx.execute(
            "INSERT INTO media_cache (url, storage_key, mime, size_bytes, fetched_ms, used_ms) "
            "VALUES ($1, $2, 'image/png', 1048576, $3, $3)",
            f"avatar https://x.example/{name}", f"cache/{name}.png", at_ms,
        )
    )  # fmt: skip


async def left(office: Office) -> list[str]:
    """The pictures that are kept."""
    rows = await office.town.node.ctx.db.reader.fetch("SELECT url FROM media_cache ORDER BY url")
    return [row[0].rpartition("/")[2] for row in rows]


async def test_what_would_go_is_shown_before_it_goes(office: Office):
    """Sizes and counts; then the job forgets exactly these, and nothing that people here sent."""
    ctx = office.town.node.ctx
    own = await office.town.picture("Le marché")
    for name, days in (("new", 1), ("older", 10), ("old", 25)):
        await cached(office, name, days=days)
    reader = await office.at_console(office.keeper)
    page = await reader.open(f"{PATH}?days=5", **FRENCH)
    assert page.faults == []
    assert "2.0 Mo, 2 fichiers" in page.words, page.words
    assert await left(office) == ["new", "old", "older"], "shown, and gone already"
    await send(reader, PATH, act="prune", days="5")
    assert reader.answer.status == 200, reader.page.words
    await remote.expire(ctx, {"days": 5})
    assert await left(office) == ["new"]
    assert await ctx.db.reader.value("SELECT COUNT(*) FROM media WHERE id = $1", own.id) == 1


async def test_days_that_are_kept_are_chosen(office: Office):
    """The nightly job obeys them; before that, a month."""
    ctx = office.town.node.ctx
    await cached(office, "older", days=10)
    await remote.expire(ctx, {})
    assert await left(office) == ["older"]
    reader = await office.at_console(office.keeper)
    await reader.open(PATH, **FRENCH)
    await send(reader, PATH, act="keep", days="9")
    assert await remote.kept_days(ctx.db.reader) == 9
    await remote.expire(ctx, {})
    assert await left(office) == []


async def test_wrong_days_change_nothing(office: Office):
    """No number, none, too many; no such act; not a moderator's."""
    ctx = office.town.node.ctx
    await cached(office, "old", days=4000)
    reader = await office.at_console(office.keeper)
    await reader.open(PATH, **FRENCH)
    before = await ctx.db.reader.value("SELECT COUNT(*) FROM jobs")
    for wrong in ("", "0", "-1", "dix", "3651", "1e3"):
        for act in ("keep", "prune"):
            await send(reader, PATH, act=act, days=wrong)
            assert reader.answer.status == 422, wrong
    await send(reader, PATH, act="all", days="3")
    assert reader.answer.status == 404
    await reader.open(f"{PATH}?days=x", **FRENCH)
    assert reader.answer.status == 422
    assert await remote.kept_days(ctx.db.reader) == 30
    assert await ctx.db.reader.value("SELECT COUNT(*) FROM jobs") == before
    moderator = await office.at_console(office.moderator)
    await moderator.open(PATH)
    assert moderator.answer.status == 403


async def test_strangers_posts_go_as_a_keeper_chose(office: Office):
    """What would go is shown first; then the job that the worker runs forgets it; wrong days change nothing."""
    ctx = office.town.node.ctx
    before = ctx.db.before_commit
    town = Town(ctx, office.town.node.domain, {})
    stranger = await town.remote("stranger")
    post = await town.received(stranger)
    ctx.db.before_commit = before
    ctx.clock.forward(60 * DAY_MS // 1000)  # type: ignore[attr-defined]
    reader = await office.at_console(office.keeper)
    page = await reader.open(f"{PATH}?age=30", **FRENCH)
    assert page.faults == []
    assert "1 publications, 0 comptes" in page.words, page.words
    for wrong in ("", "1", "13", "-1", "dix", "3651"):
        for act in ("keep_posts", "prune_posts"):
            await send(reader, PATH, act=act, days=wrong)
            assert reader.answer.status == 422, (act, wrong)
    await send(reader, PATH, act="prune_posts", days="0")
    assert reader.answer.status == 422
    await reader.open(f"{PATH}?age=3", **FRENCH)
    assert reader.answer.status == 422
    assert await pruning.kept_days(ctx.db.reader) == 0
    assert await ctx.db.reader.value("SELECT COUNT(*) FROM posts WHERE id = $1", post.id) == 1, (
        "shown, and gone already"
    )
    await send(reader, PATH, act="keep_posts", days="45")
    assert await pruning.kept_days(ctx.db.reader) == 45
    await send(reader, PATH, act="prune_posts", days="30")
    assert reader.answer.status == 200, reader.page.words
    while await office.town.node.turn():
        pass
    assert await ctx.db.reader.value("SELECT COUNT(*) FROM posts WHERE id = $1", post.id) == 0
    assert await ctx.db.reader.value("SELECT COUNT(*) FROM actors WHERE id = $1", stranger.id) == 0
    await send(reader, PATH, act="keep_posts", days="0")
    assert await pruning.kept_days(ctx.db.reader) == 0
