"""What the lists show that hang on one post or one territory: answers, favourites, boosts, notices, announcements."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bench import bulk
from node.actors.actor import Actor
from node.actors.domains import Domain
from node.actors.keys import NewKeys
from node.agreements import territories
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline.records import Post

_BESANCON: Final = "242500361"
_NOTICES_EACH: Final = 20


@dataclass(frozen=True, slots=True)
class Company:
    """What was made."""

    territory: Actor
    talk_id: int
    """A post of the reader's that much was said about."""


async def gather(
    ctx: Context,
    domain: Domain,
    pair: NewKeys,
    reader: Actor,
    town: Actor,
    neighbours: Sequence[Actor],
    authors: Sequence[Actor],
    count: int,
    first_ms: int,
) -> Company:
    """*count* of each, at most one from each author, and posts of the town; the reader follows the territory.

    *neighbours* have notices too: the reader's are few among many.
    """
    official = territories.official(epci=_BESANCON)
    territory = await ctx.db.write(
        lambda tx: territories.create(
            tx, ctx, domain=domain, username="pays", name=official.title, keys=pair, described=official
        )
    )
    talk = bulk.post(reader, first_ms, "propos", content="<p>Et vous ?</p>")
    news = [
        bulk.post(author, first_ms + 2 + n, f"nouvelle{n}", content="<p>Oui.</p>")
        for n, author in _turns(authors, count)
    ]
    answers = [
        bulk.post(author, first_ms + 1_000 + n, f"avis{n}", content="<p>Non.</p>", answered=talk)
        for n, author in _turns(authors, count)
    ]
    boosts = [
        bulk.post(author, first_ms + 2_000 + n, f"partage{n}", boosted=talk) for n, author in _turns(authors, count)
    ]
    announced = [bulk.post(territory, first_ms + 3_000 + n, f"annonce{n}", boosted=each) for n, each in enumerate(news)]
    here = [bulk.post(town, first_ms + 4_000 + n, "", content="<p>Ici.</p>") for n in range(count)]
    await bulk.store(ctx, [(each, None) for each in (talk, *here, *news, *answers, *boosts, *announced)])
    await ctx.db.write(lambda tx: _notices(tx, ctx, neighbours, authors[:_NOTICES_EACH]))
    await ctx.db.write(
        lambda tx: _marks(tx, ctx, reader, territory, talk, [each for _, each in _turns(authors, count)])
    )
    words = [
        replace(bulk.post(author, first_ms + 6_000 + n, f"mot{n}", content="<p>Psst.</p>"), visibility="direct")
        for n, author in _turns(authors, count)
    ]
    await bulk.store(ctx, [(each, None) for each in words])
    await ctx.db.write(lambda tx: _private(tx, ctx, reader, words))
    return Company(territory, talk.id)


def _turns(authors: Sequence[Actor], count: int) -> list[tuple[int, Actor]]:
    return list(enumerate(authors[:count]))


async def _marks(tx: Tx, ctx: Context, reader: Actor, territory: Actor, talk: Post, authors: Sequence[Actor]) -> None:
    now_ms = ctx.clock.now_ms()
    await tx.execute(
        "INSERT INTO follows (id, follower_id, followee_id, uri, state, created_ms) VALUES ($1, $2, $3, $4, $5, $6)",
        ctx.ids.next(), reader.id, territory.id, f"{reader.uri}#follows/pays", "accepted", now_ms,
    )  # fmt: skip
    await tx.executemany(
        "INSERT INTO favourites (id, actor_id, post_id, created_ms, uri) VALUES ($1, $2, $3, $4, $5)",
        [(ctx.ids.next(), each.id, talk.id, now_ms, f"{each.uri}#likes/{talk.id}") for each in authors],
    )
    await tx.executemany(
        "INSERT INTO notifications (id, actor_id, type, from_actor_id, post_id, created_ms) VALUES ($1, $2, $3, $4, $5, $6)",
        [(ctx.ids.next(), reader.id, "favourite", each.id, talk.id, now_ms) for each in authors],
    )


async def _private(tx: Tx, ctx: Context, reader: Actor, words: Sequence[Post]) -> None:
    """A private talk of the reader's for each of *words*, whose notice her policy put aside."""
    now_ms, talks = ctx.clock.now_ms(), [ctx.ids.next() for _ in words]
    await tx.executemany(
        "INSERT INTO post_mentions (post_id, actor_id) VALUES ($1, $2)", [(each.id, reader.id) for each in words]
    )
    await tx.executemany(
        "INSERT INTO conversations (id, actor_id, thread_id, participants, last_post_id, unread) "
        "VALUES ($1, $2, $3, $4, $5, TRUE)",
        [
            (talk, reader.id, each.thread_id, str(each.author_id), each.id)
            for talk, each in zip(talks, words, strict=True)
        ],
    )
    await tx.executemany(
        "INSERT INTO conversation_posts (actor_id, post_id, conversation_id) VALUES ($1, $2, $3)",
        [(reader.id, each.id, talk) for talk, each in zip(talks, words, strict=True)],
    )
    await tx.executemany(
        "INSERT INTO notifications (id, actor_id, type, from_actor_id, post_id, created_ms, filtered) "
        "VALUES ($1, $2, 'mention', $3, $4, $5, TRUE)",
        [(ctx.ids.next(), reader.id, each.author_id, each.id, now_ms) for each in words],
    )


async def _notices(tx: Tx, ctx: Context, neighbours: Sequence[Actor], authors: Sequence[Actor]) -> None:
    now_ms = ctx.clock.now_ms()
    await tx.executemany(
        "INSERT INTO notifications (id, actor_id, type, from_actor_id, created_ms) VALUES ($1, $2, $3, $4, $5)",
        [(ctx.ids.next(), each.id, "follow", author.id, now_ms) for each in neighbours for author in authors],
    )
