"""Waves of spam (node.timeline.waves) in the hands of moderators: one report for each, and the switch that ends it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from node.actors import actors, domains, follows
from node.moderation import filing
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import NotFound
from node.runtime.i18n.sentences import sentence
from node.runtime.jobs import enqueue
from node.timeline import held, mentions, posts, records, replies
from node.timeline.facts import WaveSeen
from node.timeline.records import Post

State = Literal["open", "frozen", "let_go"]

SETTLE_JOB: Final = "moderation.settle_wave"
_POSTS_REPORTED: Final = 20
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Wave:
    """Many posts alike, or one account that names many people."""

    id: int
    skeleton: str
    state: State
    example: str
    """The words of the first."""
    posts: int
    """All that came until now."""
    report_id: int | None
    created_ms: int
    last_ms: int

    @property
    def of_one(self) -> bool:
        """One account alone makes it."""
        return self.skeleton.startswith("author:")


_SELECT: Final = "SELECT id, skeleton, state, example, posts, report_id, created_ms, last_ms FROM spam_waves"


async def listed(reader: Reader) -> list[Wave]:
    """The waves of the last month, the newest first."""
    return [Wave(*row) for row in await reader.fetch(f"{_SELECT} ORDER BY last_ms DESC, id DESC LIMIT 100")]


async def open_count(reader: Reader) -> int:
    """How many wait for a moderator."""
    return int(await reader.value("SELECT COUNT(*) FROM spam_waves WHERE state = 'open'"))


async def require(reader: Reader, wave_id: int) -> Wave:
    """The wave of that number.

    Raises:
        NotFound: there is none.
    """
    row = await reader.row(f"{_SELECT} WHERE id = $1", wave_id)
    if row is None:
        raise NotFound(sentence("There is no such wave."))
    return Wave(*row)


async def hosts_of(reader: Reader, wave: Wave) -> Sequence[tuple[str, int]]:
    """From which hosts its posts that are here came, and how many from each."""
    rows = await reader.fetch(
        "SELECT a.handle_host, COUNT(*) FROM posts p JOIN actors a ON a.id = p.author_id "
        "WHERE p.id = ANY($1::bigint[]) GROUP BY a.handle_host ORDER BY COUNT(*) DESC, a.handle_host LIMIT 50",
        await _members(reader, wave),
    )
    return [(row[0], int(row[1])) for row in rows]


async def on_seen(tx: Tx, ctx: Context, fact: WaveSeen) -> None:
    """Reaction: the first post of a wave opens a case; what follows is counted on the wave."""
    wave = await require(tx, fact.wave_id)
    if wave.report_id is not None:
        return
    author = await actors.require_by_id(tx, fact.author_id)
    own = (await domains.all(tx))[0]
    speaker = await actors.local_by_username(tx, own.service_host.partition(":")[0], own.service_host)
    if speaker is None:
        return
    members = (await records.by_ids(tx, (await _members(tx, wave))[:_POSTS_REPORTED])).values()
    words = "Automatic: posts alike from several new accounts that name people here; they are held."
    if wave.of_one:
        words = "Automatic: a new account names very many people here; what it writes is held."
    report = await filing.receive(
        tx, ctx, reporter=speaker, target=author, posts=[post.uri for post in members if post.author_id == author.id],
        comment=f"{words}\n\n{wave.example}", uri="",
    )  # fmt: skip
    if report is not None:
        await tx.execute("UPDATE spam_waves SET report_id = $2 WHERE id = $1", wave.id, report.id)


async def freeze(tx: Tx, ctx: Context, *, wave_id: int) -> int:
    """Delete the posts of a wave, and take none that still comes; how many went. Of a large one a job deletes the rest.

    Nothing is done to accounts that somebody here has followed since.
    """
    return await _decided(tx, ctx, wave_id, "frozen")


async def let_go(tx: Tx, ctx: Context, *, wave_id: int) -> int:
    """It was none: show what was held, as far as the rules about replies let it, and hold no more of it; how many.

    Of a large one a job shows the rest.
    """
    return await _decided(tx, ctx, wave_id, "let_go")


async def settle_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `moderation.settle_wave`: what was decided of a wave, done to those of its posts that one step left over."""
    wave_id, above = int(args["wave_id"]), int(args["above"])

    async def step(tx: Tx) -> int | None:
        return (await _settle(tx, ctx, await require(tx, wave_id), above))[1]

    while (last := await ctx.db.write(step)) is not None:
        above = last


async def _decided(tx: Tx, ctx: Context, wave_id: int, state: State) -> int:
    wave = replace(await require(tx, wave_id), state=state)
    await tx.execute("UPDATE spam_waves SET state = $2 WHERE id = $1", wave.id, state)
    done, last = await _settle(tx, ctx, wave, 0)
    if last is not None:
        await enqueue(tx, ctx, SETTLE_JOB, {"wave_id": wave.id, "above": last})
    return done


async def _settle(tx: Tx, ctx: Context, wave: Wave, above: int) -> tuple[int, int | None]:
    """Do to some posts of a wave what its state says: how many, and the last one that was looked at; None: that was all."""
    ids = await _members(tx, wave, above)
    found = (await records.by_ids(tx, ids)).values()
    act = _delete if wave.state == "frozen" else _show
    done = sum([await act(tx, ctx, post) for post in found])
    return done, ids[-1] if len(ids) == _AT_ONCE else None


async def _delete(tx: Tx, ctx: Context, post: Post) -> bool:
    if await follows.is_followed_here(tx, post.author_id):
        return False
    await posts.delete(tx, ctx, post=post)
    return True


async def _show(tx: Tx, ctx: Context, post: Post) -> bool:
    standing = await held.of_post(tx, post.id)
    if not post.held or standing is None or standing.reason != "wave":
        return False
    parent = await records.by_id(tx, post.reply_to_id) if post.reply_to_id is not None else None
    author = await actors.require_by_id(tx, post.author_id)
    among = replies.between(post.visibility, await mentions.everyone(tx, post.id))
    place = await replies.place(tx, parent=parent, author=author, uri=post.uri, among=among)
    governing = place.governing
    if place.verdict == "denied":
        await posts.delete(tx, ctx, post=post)
    elif place.verdict == "manual" and governing is not None and governing.local:
        await held.hold(tx, ctx, post, reason="reply", governing=governing, owner_id=governing.author_id)
    else:
        return await held.approve(tx, ctx, held=standing)
    return False


async def _members(reader: Reader, wave: Wave, above: int = 0) -> list[int]:
    """The first posts of a wave that are here: those alike, and those that were held with them."""
    if wave.of_one:
        where, value = "s.author_id = $1", int(wave.skeleton.removeprefix("author:"))
    else:
        where, value = "s.skeleton = $1", wave.skeleton  # type: ignore[assignment]
    rows = await reader.fetch(
        f"SELECT s.post_id FROM spam_suspects s WHERE {where} AND s.post_id > $2 ORDER BY s.post_id LIMIT {_AT_ONCE}",
        value, above,
    )  # fmt: skip
    return [row[0] for row in rows]
