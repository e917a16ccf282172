"""Waves of spam: many new accounts, on many servers, that all say the same to people here who do not know them.

Looked at are only posts of accounts that were met a few days ago, that nobody here follows, and that name somebody here:
for all others this costs a comparison of two numbers. Of those a *skeleton* is kept: the words without names, numbers
and punctuation, the hosts of links, the pictures. The same skeleton from several accounts within an hour is a wave;
one account that names many people in a day is one by itself. What belongs to a wave is held (`node.timeline.held`) until a
moderator freezes the wave, which deletes all alike and refuses what still comes, or lets it go.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Final, Literal, Protocol
from urllib.parse import urlsplit

from node.actors import follows
from node.actors.actor import Actor
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.text import plain
from node.runtime.text.folding import fold
from node.timeline import held, records
from node.timeline.facts import WaveSeen
from node.timeline.records import Post

Verdict = Literal["shown", "held", "dropped"]

_DAY_MS: Final = 86_400_000
_MAX_CHARS: Final = 2_000
_SHORT: Final = 24
"""So few letters alone are no skeleton: people say 'merci beaucoup' all day."""
_MOST_WITHDRAWN: Final = 1_000
_NAMES: Final = re.compile(r"<a [^>]*class=\"[^\"]*(?:mention|hashtag)[^\"]*\"[^>]*>.*?</a>", re.IGNORECASE | re.DOTALL)
"""Links to whom a post names, and to hashtags: they lead elsewhere on each server."""
_LINK: Final = re.compile(r"<a [^>]*href=\"([^\"]*)\"", re.IGNORECASE)
_MENTION: Final = re.compile(r"@[\w.\-]+(?:@[\w.\-]+)?")
_NO_LETTER: Final = re.compile(r"[\W\d_]+")


class Picture(Protocol):
    """A stranger's picture (node.timeline.attached.RemoteMedia)."""

    @property
    def blurhash(self) -> str | None: ...
    @property
    def width(self) -> int | None: ...
    @property
    def height(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Suspect:
    """A post that was looked at."""

    post: Post
    author_id: int
    skeleton: str
    named: int
    """People here whom it names."""
    verdict: Verdict
    wave: str | None
    """The skeleton of the wave that it belongs to."""


def suspicious(ctx: Context, *, author: Actor, named: Sequence[Actor]) -> bool:
    """Whether a post has to be looked at: of an account met lately, naming somebody here. No query."""
    days = ctx.settings.new_account_days
    if not days or author.local or author.created_ms <= ctx.clock.now_ms() - days * _DAY_MS:
        return False
    return any(actor.local for actor in named)


async def strangers(tx: Tx, authors: Sequence[Actor]) -> frozenset[int]:
    """The ids of those whom nobody here follows. One query, none for nobody."""
    ids = {author.id for author in authors}
    if not ids:
        return frozenset()
    rows = await tx.fetch(
        "SELECT DISTINCT followee_id FROM follows WHERE followee_id = ANY($1::bigint[]) AND state = 'accepted' "
        "AND NOT remote",
        sorted(ids),
    )
    return frozenset(ids - {row[0] for row in rows})


def skeleton(content: str, pictures: Sequence[Picture]) -> str:
    """What remains of a text when names, numbers and punctuation are taken out; empty: too little to compare."""
    content = _NAMES.sub(" ", content[: 10 * _MAX_CHARS])
    linked = sorted({host for each in _LINK.finditer(content) if (host := _host(each[1]))})
    words = fold(re.sub(r"https?://\S+", " ", plain.plain(content, max_chars=_MAX_CHARS)))
    text = _NO_LETTER.sub(" ", _MENTION.sub(" ", words)).strip()
    seen = sorted(each.blurhash or f"{each.width or 0}x{each.height or 0}" for each in pictures)
    if not seen and not linked and len(text) < _SHORT:
        return ""
    return "|".join((text, " ".join(linked), " ".join(seen)))


def _host(address: str) -> str:
    found = urlsplit(unescape(address))
    # A mention is a link too; its host differs from one to the next.
    return "" if "/@" in found.path or "/users/" in found.path else (found.hostname or "").lower()


async def look(
    tx: Tx,
    ctx: Context,
    *,
    post: Post,
    author: Actor,
    named: Sequence[Actor],
    pictures: Sequence[Picture],
    before: Sequence[Suspect],
) -> Suspect:
    """What becomes of a post that is `suspicious`, by one of the `strangers`; *before* arrived together with it."""
    here = sum(actor.local for actor in named)
    drawn = skeleton(post.content, pictures)
    own = f"author:{author.id}"
    states = {
        row[0]: row[1]
        for row in await tx.fetch(
            "SELECT skeleton, state FROM spam_waves WHERE skeleton = ANY($1::text[])",
            [own, *([drawn] if drawn else [])],
        )
    }
    if "frozen" in states.values():
        return Suspect(post, author.id, drawn, here, "dropped", None)
    if drawn and states.get(drawn) != "let_go" and (drawn in states or await _alike(tx, ctx, drawn, author, before)):
        return Suspect(post, author.id, drawn, here, "held", drawn)
    if states.get(own) != "let_go" and (own in states or await _too_many(tx, ctx, author, here, before)):
        return Suspect(post, author.id, drawn, here, "held", own)
    return Suspect(post, author.id, drawn, here, "shown", None)


async def _alike(tx: Tx, ctx: Context, drawn: str, author: Actor, before: Sequence[Suspect]) -> bool:
    """Whether so many accounts say the same now. Plan: spam_suspects_skeleton, one range."""
    since_ms = ctx.clock.now_ms() - ctx.settings.wave_minutes * 60_000
    rows = await tx.fetch(
        "SELECT DISTINCT author_id FROM spam_suspects WHERE skeleton = $1 AND created_ms >= $2 LIMIT 100",
        drawn,
        since_ms,
    )
    together = {each.author_id for each in before if each.skeleton == drawn}
    return len({row[0] for row in rows} | together | {author.id}) >= ctx.settings.wave_accounts


async def _too_many(tx: Tx, ctx: Context, author: Actor, here: int, before: Sequence[Suspect]) -> bool:
    """Whether one new account names too many people here in a day. Plan: spam_suspects_author, one range."""
    earlier = await tx.value(
        "SELECT COALESCE(SUM(named), 0) FROM spam_suspects WHERE author_id = $1 AND created_ms >= $2",
        author.id, ctx.clock.now_ms() - _DAY_MS,
    )  # fmt: skip
    together = sum(each.named for each in before if each.author_id == author.id)
    return int(earlier) + together + here > ctx.settings.new_account_mentions


async def note(tx: Tx, ctx: Context, suspects: Sequence[Suspect]) -> None:
    """Write down what was looked at, once the posts are there; hold what belongs to a wave. States WaveSeen."""
    now_ms = ctx.clock.now_ms()
    kept = [each for each in suspects if each.verdict != "dropped" and each.named]
    await tx.executemany(
        "INSERT INTO spam_suspects (post_id, author_id, skeleton, named, created_ms) VALUES ($1, $2, $3, $4, $5)",
        [(each.post.id, each.author_id, each.skeleton, each.named, now_ms) for each in kept],
    )
    waves = dict.fromkeys(each.wave for each in suspects if each.wave is not None)
    for wave in waves:
        members = [each for each in suspects if each.wave == wave]
        for each in members:
            await held.hold(tx, ctx, each.post, reason="wave")
        earlier = await _withdraw(tx, ctx, wave, [each.post.id for each in members])
        first = members[0].post
        row = await tx.row(
            "INSERT INTO spam_waves (id, skeleton, state, example, posts, created_ms, last_ms) "
            "VALUES ($1, $2, 'open', $3, $4, $5, $5) ON CONFLICT (skeleton) DO UPDATE SET "
            "posts = spam_waves.posts + excluded.posts, last_ms = excluded.last_ms RETURNING id, posts",
            ctx.ids.next(), wave, plain.plain(first.content, max_chars=500), len(members) + earlier, now_ms,
        )  # fmt: skip
        assert row is not None
        tx.state(WaveSeen(row[0], first.id, first.author_id, row[1]))


async def _withdraw(tx: Tx, ctx: Context, wave: str, but: Sequence[int]) -> int:
    """Hold the posts of a wave that were shown before it was seen; how many."""
    which = "s.author_id = $1" if wave.startswith("author:") else "s.skeleton = $1"
    asked = int(wave.removeprefix("author:")) if wave.startswith("author:") else wave
    rows = await tx.fetch(
        f"SELECT p.id FROM spam_suspects s JOIN posts p ON p.id = s.post_id WHERE {which} "
        f"AND s.created_ms >= $2 LIMIT {_MOST_WITHDRAWN}",
        asked, ctx.clock.now_ms() - _DAY_MS,
    )  # fmt: skip
    found = await records.by_ids(tx, [row[0] for row in rows if row[0] not in but])
    done = 0
    for post in found.values():
        standing = await held.of_post(tx, post.id) if post.held else None
        if post.held and (standing is None or standing.reason != "reply" or standing.state != "waiting"):
            continue
        if await follows.is_followed_here(tx, post.author_id):
            continue
        done += 1
        if post.held:  # a team was to judge it; now a moderator is
            await held.hold(tx, ctx, post, reason="wave")
        else:
            await held.withdraw(tx, ctx, post=post, reason="wave", waits=True)
    return done
