"""A node with something to read: a reader who follows fifty, a town with a thousand followers here, and neighbours.

Accounts, tokens and strangers are made by the node's own verbs. Posts, whose number is what matters, are written in
bulk: the same rows, rendered by the same code, without a transaction each.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bench import bulk, company, sinks
from bench.company import Company
from node.actors import actors, domains, keys, memberships, people, remote
from node.actors.actor import Actor
from node.actors.domains import Domain
from node.federation.vocab import actors as documents
from node.oauth import apps, tokens
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.text.folding import fold_hashtag
from node.timeline.hashtags import Tag
from node.timeline.records import Post
from node.timeline.search.index import Indexer

HOST: Final = f"noeud.{sinks.SUFFIX}"
SCOPES: Final = ("read", "write", "follow")
FOLLOWED: Final = 50
_HOSTS: Final = 50
_FOLLOWED_BY_OTHERS: Final = 5
_WORDS: Final = (  # noqa: SIM905 (thirty words are read as a line)
    "mairie travaux rue école marché conseil séance voirie déchets eau fête place vélo bus piscine budget vote "
    "cantine forêt gare pont parking stade crèche bibliothèque concert atelier réunion dimanche lundi horaires"
).split()
STEP_MS: Final = 20_000
_ROWS_AT_ONCE: Final = 5_000
_TEXTS: Final = 1_000
_RECENT: Final = 20_000
"""Of so many posts, the newest, stands what belongs there in everyone's feed; of all in those of the viewers."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of each."""

    posts: int = 20_000
    authors: int = 500
    """Strangers who write, on fifty servers."""
    viewers: int = 50
    """Local people who follow fifty authors each; the reader is the first."""
    followers: int = 1_000
    """Local followers of the town; each follows a few authors too."""
    far: int = 0
    """Remote followers of the herald, each on a server of its own."""
    slow: int = 0
    """Remote followers of the patient one, whose servers think for a second."""
    dead: int = 0
    """Remote followers of the unlucky one, whose servers never answer, beside as many fewer of the herald's."""
    company: int = 0
    """Answers to one post of the reader's, boosts of it, favourites and notifications; announcements of a territory."""
    listeners: int = 0
    """Of the town's followers, those who have an application."""
    tokens: int = 400
    """Of the reader; a client may ask 300 times in five minutes with one."""


@dataclass(frozen=True, slots=True)
class Account:
    """A local actor, and the secrets that clients of hers hold."""

    actor: Actor
    tokens: Sequence[str]


@dataclass(frozen=True, slots=True)
class Seeded:
    """Who is there."""

    domain: Domain
    reader: Account
    town: Account
    """With many followers here, none elsewhere."""
    neighbour: Account
    """Followed by the reader alone."""
    herald: Account
    """With a thousand followers on a thousand servers."""
    patient: Account
    """With a hundred followers on slow servers."""
    lucky: Account
    """With those of the herald's followers whom the unlucky one has too."""
    unlucky: Account
    """With followers on servers that never answer, among others."""
    welcoming: Account
    """Whom strangers come to follow."""
    listeners: Sequence[Account]
    """Followers of the town with an application each."""
    authors: Sequence[Actor]
    """The first fifty are whom the reader follows."""
    key: rsa.RSAPrivateKey
    """Of every stranger."""
    company: Company | None


async def seed(ctx: Context, size: Size, *, sinks_port: int = 443) -> Seeded:
    """Fill an empty, migrated node."""
    pair, key = await keys.make_keys(), rsa.generate_private_key(65_537, 2_048)

    async def town_hall(tx: Tx) -> Domain:
        domain = await domains.create(tx, ctx, handle_host=HOST, service_host=HOST, name="Le banc d'essai")
        await actors.create_instance_actor(tx, ctx, domain=domain, keys=pair)
        return domain

    domain = await ctx.db.write(town_hall)

    async def account(name: str, held: int) -> Account:
        return await ctx.db.write(lambda tx: _account(tx, ctx, domain, name, pair, held))

    reader, town = await account("lectrice", size.tokens), await account("bourg", 40)
    neighbour, herald = await account("voisine", 40), await account("heraut", 40)
    patient, welcoming = await account("patiente", 40), await account("accueillante", 40)
    lucky, unlucky = await account("chanceuse", 40), await account("malchanceuse", 40)
    authors = await _strangers(ctx, [_author(number) for number in range(size.authors)], key)
    viewers = [reader.actor, *await _locals(ctx, domain, pair, "lecteur", size.viewers - 1)]
    followers = await _locals(ctx, domain, pair, "abonne", size.followers)
    listeners = await _with_applications(ctx, followers[: size.listeners])
    far = await _strangers(ctx, [sinks.host("far", number, sinks_port) for number in range(size.far)], key)
    slow = await _strangers(ctx, [sinks.host(sinks.SLOW, number, sinks_port) for number in range(size.slow)], key)
    pairs = {(reader.actor.id, neighbour.actor.id)}
    for turn, viewer in enumerate(viewers):
        pairs.update((viewer.id, authors[(turn * 7 + n) % len(authors)].id) for n in range(FOLLOWED))
    for turn, follower in enumerate(followers):
        pairs.add((follower.id, town.actor.id))
        pairs.update((follower.id, authors[(turn * 3 + n) % len(authors)].id) for n in range(_FOLLOWED_BY_OTHERS))
    pairs.update((actor.id, herald.actor.id) for actor in far)
    pairs.update((actor.id, patient.actor.id) for actor in slow)
    dead = await _strangers(ctx, [sinks.host(sinks.DEAD, number, sinks_port) for number in range(size.dead)], key)
    alive = far[: max(0, size.far - size.dead)]
    pairs.update((actor.id, who.actor.id) for actor in alive for who in (lucky, unlucky))
    pairs.update((actor.id, unlucky.actor.id) for actor in dead)
    await _follows(ctx, sorted(pairs))
    await _posts(ctx, authors, size.posts)
    met = None
    if size.company:
        first_ms = ctx.clock.now_ms() - size.posts * STEP_MS // 2 + 7  # no other post has that id
        met = await company.gather(
            ctx, domain, pair, reader.actor, town.actor, followers, authors, size.company, first_ms
        )
    await ctx.db.write(lambda tx: _derive(tx, ctx, reader.actor, viewers))
    # Authors agreed to be searched, and all is in the index: otherwise the measured node would be reading it.
    await ctx.db.write(lambda tx: tx.execute("UPDATE actors SET indexable = TRUE"))
    indexer = Indexer()
    while await indexer.turn(ctx):
        pass
    return Seeded(
        domain, reader, town, neighbour, herald, patient, lucky, unlucky, welcoming, listeners, authors, key, met
    )


def _author(number: int) -> str:
    return f"ville{number % _HOSTS:02d}.example/users/auteur{number}"


async def _account(tx: Tx, ctx: Context, domain: Domain, name: str, pair: keys.NewKeys, held: int) -> Account:
    made = await actors.create_local(
        tx, ctx, domain=domain, username=name, type="Person", name=name.title(), keys=pair, summary_source="Bonjour."
    )
    person = await people.create(tx, ctx, email=f"{name}@{HOST}")
    await memberships.add(tx, ctx, person_id=person.id, actor_id=made.id, role="owner")
    registration = apps.Registration("Banc d'essai", None, ("urn:ietf:wg:oauth:2.0:oob",), SCOPES)
    app = (await apps.register(tx, ctx, registration=registration)).app
    issued = [
        await tokens.issue(tx, ctx, app=app, scopes=SCOPES, person_id=person.id, actor_id=made.id) for _ in range(held)
    ]
    return Account(made, [each.secret for each in issued])


async def _with_applications(ctx: Context, owners: Sequence[Actor]) -> list[Account]:
    registration = apps.Registration("Banc d'essai", None, ("urn:ietf:wg:oauth:2.0:oob",), SCOPES)

    async def step(tx: Tx) -> list[Account]:
        app, found = (await apps.register(tx, ctx, registration=registration)).app, []
        for owner in owners:
            person = await people.create(tx, ctx, email=f"{owner.username}@{HOST}")
            await memberships.add(tx, ctx, person_id=person.id, actor_id=owner.id, role="owner")
            issued = await tokens.issue(tx, ctx, app=app, scopes=SCOPES, person_id=person.id, actor_id=owner.id)
            found.append(Account(owner, [issued.secret]))
        return found

    return await ctx.db.write(step)


async def _locals(ctx: Context, domain: Domain, pair: keys.NewKeys, name: str, count: int) -> list[Actor]:
    async def step(tx: Tx) -> list[Actor]:
        return [
            await actors.create_local(
                tx, ctx, domain=domain, username=f"{name}{number}", type="Person", name=f"{name} {number}", keys=pair
            )
            for number in range(count)
        ]

    return await ctx.db.write(step)


async def _strangers(ctx: Context, places: Sequence[str], key: rsa.RSAPrivateKey) -> list[Actor]:
    """Actors met before: at `host/users/name`, or the one of a sink."""
    pem = public_pem(key)

    async def step(tx: Tx) -> list[Actor]:
        met = []
        for place in places:
            authority, _, name = place.partition("/users/")
            raw = sinks.document(authority, pem)
            if name:
                raw = _renamed(raw, sinks.NAME, name)
            met.append(await remote.upsert(tx, ctx, document=documents.read(raw), handle_host=authority))
        return met

    return await ctx.db.write(step)


def _renamed(value: Any, old: str, new: str) -> Any:
    match value:
        case str():
            return value.replace(f"/{old}", f"/{new}").replace(f"@{old}", f"@{new}") if value != old else new
        case dict():
            return {key: _renamed(item, old, new) for key, item in value.items()}
        case list():
            return [_renamed(item, old, new) for item in value]
    return value


def public_pem(key: rsa.RSAPrivateKey) -> str:
    """The public half, as actors show it."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode("ascii")


async def _follows(ctx: Context, pairs: Sequence[tuple[int, int]]) -> None:
    now_ms = ctx.clock.now_ms()
    rows = [
        (ctx.ids.next(), follower, followee, f"https://{HOST}/follows/{follower}-{followee}", "accepted", now_ms)
        for follower, followee in pairs
    ]
    await ctx.db.write(
        lambda tx: tx.executemany(
            "INSERT INTO follows (id, follower_id, followee_id, uri, state, created_ms) VALUES ($1, $2, $3, $4, $5, $6)",
            rows,
        )
    )
    await ctx.db.write(
        lambda tx: tx.execute(
            "UPDATE follows SET remote = TRUE WHERE follower_id IN (SELECT id FROM actors WHERE domain_id IS NULL)"
        )
    )


async def _posts(ctx: Context, authors: Sequence[Actor], count: int) -> None:
    tags = [Tag(ctx.ids.next(), fold_hashtag(word), word.title()) for word in _WORDS]
    await ctx.db.write(
        lambda tx: tx.executemany(
            "INSERT INTO tags (id, name, display) VALUES ($1, $2, $3)",
            [(tag.id, tag.name, tag.display) for tag in tags],
        )
    )
    written = _written(authors, count, ctx.clock.now_ms() - count * STEP_MS, tags)
    while some := list(islice(written, _ROWS_AT_ONCE)):
        await bulk.store(ctx, some)


def _written(
    authors: Sequence[Actor], count: int, first_ms: int, tags: Sequence[Tag]
) -> Iterator[tuple[Post, Tag | None]]:
    """Posts in their order: of ten, one boosts a recent one and two answer one. A boost has no hashtag and no text."""
    chance = random.Random(7)  # noqa: S311 (the same town every time)
    texts = [" ".join(chance.choices(_WORDS, k=chance.randint(12, 45))).capitalize() for _ in range(_TEXTS)]
    recent: list[Post] = []
    for number in range(count):
        author, ms = authors[number * 13 % len(authors)], first_ms + number * STEP_MS
        drawn, tag = chance.random(), chance.choice(tags)
        boosted = chance.choice(recent) if recent and drawn < 0.1 else None
        answered = chance.choice(recent) if recent and boosted is None and drawn < 0.3 else None
        words = chance.choice(texts)
        link = f'<a href="https://{author.service_host}/tags/{tag.name}" rel="tag">#<span>{tag.display}</span></a>'
        content = "" if boosted else f"<p>{words}. {link}</p>"
        post = bulk.post(author, ms, str(number), content=content, boosted=boosted, answered=answered)
        if boosted is None:
            recent.append(post)
            del recent[:-400]
        yield post, None if boosted else tag


async def _derive(tx: Tx, ctx: Context, reader: Actor, viewers: Sequence[Actor]) -> None:
    """What follows from the follows and posts: feeds, counters, and that the reader liked some."""
    await tx.execute(
        "INSERT INTO home_feed (actor_id, post_id) SELECT f.follower_id, p.id FROM follows f "
        "JOIN posts p ON p.author_id = f.followee_id "
        "WHERE NOT f.remote AND (p.id >= $1 OR f.follower_id = ANY($2::bigint[])) ORDER BY 1, 2",
        await tx.value(f"SELECT MIN(id) FROM (SELECT id FROM posts ORDER BY id DESC LIMIT {_RECENT}) AS newest"),
        [each.id for each in viewers],
    )
    await tx.execute(
        "UPDATE actors SET posts_count = (SELECT COUNT(*) FROM posts p WHERE p.author_id = actors.id), "
        "last_post_ms = (SELECT MAX(published_ms) FROM posts p WHERE p.author_id = actors.id), "
        "followers_count = (SELECT COUNT(*) FROM follows f WHERE f.followee_id = actors.id), "
        "following_count = (SELECT COUNT(*) FROM follows f WHERE f.follower_id = actors.id)"
    )
    # Those alone that have any: on a busy machine all of 200,000 take longer than a statement may.
    for count, link in (("replies_count", "reply_to_id"), ("boosts_count", "boost_of_id")):
        await tx.execute(
            f"UPDATE posts SET {count} = c.found FROM (SELECT {link} AS id, COUNT(*) AS found FROM posts "
            f"WHERE {link} IS NOT NULL GROUP BY {link}) AS c WHERE posts.id = c.id"
        )
    seen = await tx.fetch(
        "SELECT post_id FROM home_feed WHERE actor_id = $1 ORDER BY post_id DESC LIMIT 1000", reader.id
    )
    for table, every in (("favourites", 5), ("bookmarks", 17)):
        uri = ", uri" if table == "favourites" else ""
        rows = [
            (ctx.ids.next(), reader.id, row[0], 0, *([f"{reader.uri}#likes/{row[0]}"] if uri else []))
            for row in seen[::every]
        ]
        places = "$1, $2, $3, $4" + (", $5" if uri else "")
        await tx.executemany(f"INSERT INTO {table} (id, actor_id, post_id, created_ms{uri}) VALUES ({places})", rows)
