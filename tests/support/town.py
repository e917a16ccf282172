"""One node's domain, people on it and strangers from elsewhere, for stories about posts below the client API.

Feeds and notifications react as they do in a whole node; nothing is federated.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count
from typing import Any

from node.actors import actors, blocks, domains, follows, keys, remote
from node.actors.actor import Actor
from node.actors.domains import Domain
from node.federation.vocab import actors as actor_documents
from node.federation.vocab import posts as post_documents
from node.runtime.clock import SetClock
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import boosts, favourites, home, posts
from node.timeline.facts import PostsPublished
from node.timeline.pages import Page
from node.timeline.records import Post
from node.timeline.shown import POST_ID

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
Reactions = Mapping[type, tuple[Callable[[Tx, Context, Any], Awaitable[None]], ...]]

_one_pair: list[keys.NewKeys] = []
_numbers = count(1)


async def ids_of(page: Awaitable[Sequence[Sequence[Any]]]) -> list[int]:
    """The ids of a page that a list reads as rows."""
    return [row[POST_ID] for row in await page]


class Town:
    """The domain town.example at social.town.example; `facts` is what was stated, in order."""

    def __init__(self, ctx: Context, domain: Domain, reactions: Reactions) -> None:
        self.ctx, self.domain, self.reactions = ctx, domain, reactions
        self.reader = ctx.db.reader
        self.facts: list[object] = []
        ctx.db.before_commit = self._react

    @classmethod
    async def found(cls, ctx: Context, reactions: Reactions) -> "Town":
        domain = await ctx.db.write(
            lambda tx: domains.create(
                tx, ctx, handle_host="town.example", service_host="social.town.example", name="Town"
            )
        )
        return cls(ctx, domain, reactions)

    async def _react(self, tx: Tx, fact: object) -> None:
        self.facts.extend(fact.posts if isinstance(fact, PostsPublished) else [fact])
        for reaction in self.reactions.get(type(fact), ()):
            await reaction(tx, self.ctx, fact)

    def told(self, kind: type) -> list[Any]:
        """The facts of one kind since the last time; the list is emptied."""
        found = [fact for fact in self.facts if type(fact) is kind]
        self.facts.clear()
        return found

    def later(self, seconds: float = 1) -> int:
        """Let time pass; the time now, in milliseconds."""
        clock = self.ctx.clock
        assert isinstance(clock, SetClock)
        clock.forward(seconds)
        return clock.now_ms()

    async def local(self, username: str, **more: Any) -> Actor:
        """Somebody of this town."""
        if not _one_pair:  # what the keys are is of no matter here, and making them takes long
            _one_pair.append(await keys.make_keys())
        kind = "Organization" if username == "mairie" else "Person"
        more = {"type": kind, "name": username.title(), "domain": self.domain, **more}
        return await self.ctx.db.write(
            lambda tx: actors.create_local(tx, self.ctx, username=username, keys=_one_pair[0], **more)
        )

    async def remote(self, username: str, host: str = "remote.example", **more: Any) -> Actor:
        """Somebody of another server."""
        uri = f"https://{host}/users/{username}"
        raw = {
            "id": uri, "type": "Person", "preferredUsername": username, "inbox": f"{uri}/inbox",
            "followers": f"{uri}/followers", "url": f"https://{host}/@{username}", **more,
        }  # fmt: skip
        document = actor_documents.read(raw)
        return await self.ctx.db.write(lambda tx: remote.upsert(tx, self.ctx, document=document, handle_host=host))

    async def follow(self, follower: Actor, followee: Actor, **more: Any) -> None:
        """An accepted follow."""
        uri = f"{follower.uri}#follows/{next(_numbers)}"

        async def step(tx: Tx) -> None:
            await follows.request(tx, self.ctx, follower=follower, followee=followee, uri=uri, **more)
            await follows.accept(tx, self.ctx, follower=follower, followee=followee)

        await self.ctx.db.write(step)

    async def unfollow(self, follower: Actor, followee: Actor) -> None:
        await self.ctx.db.write(lambda tx: follows.undo(tx, self.ctx, follower=follower, followee=followee))

    async def block(self, actor: Actor, target: Actor) -> None:
        uri = f"{actor.uri}#blocks/{next(_numbers)}"
        await self.ctx.db.write(lambda tx: blocks.block(tx, self.ctx, actor=actor, target=target, uri=uri))

    async def suspend(self, actor: Actor, state: str = "suspended") -> None:
        """What moderators do, as the state that remains of it."""
        await self.ctx.db.write(lambda tx: tx.execute("UPDATE actors SET state = $2 WHERE id = $1", actor.id, state))

    async def post(self, author: Actor, text: str = "Bonjour", visibility: str = "public", **more: Any) -> Post:
        """A post of somebody of this town; one second passes first."""
        self.later()
        return await self.publish(posts.Draft(author=author, text=text, visibility=visibility, **more))  # type: ignore[arg-type]

    async def publish(self, draft: posts.Draft) -> Post:
        return await self.ctx.db.write(lambda tx: posts.publish(tx, self.ctx, draft=draft))

    def document(self, author: Actor, visibility: str = "public", **raw: Any) -> post_documents.Post:
        """A remote author's post as it arrives."""
        number = next(_numbers)
        to, cc = {
            "public": ([PUBLIC], [author.followers]),
            "unlisted": ([author.followers], [PUBLIC]),
            "followers": ([author.followers], []),
            "direct": ([], []),
        }[visibility]
        return post_documents.read(
            {
                "id": f"{author.uri}/statuses/{number}", "type": "Note", "attributedTo": author.uri,
                "content": f"<p>Nouvelle {number}</p>", "to": to, "cc": cc, **raw,
            }
        )  # fmt: skip

    async def receive(
        self, author: Actor, visibility: str = "public", *, mentions: list[Actor] | None = None, **raw: Any
    ) -> Post | None:
        """A remote author's post, arriving; one second passes first."""
        self.later()
        document = self.document(author, visibility, **raw)
        return await self.ctx.db.write(
            lambda tx: posts.receive(tx, self.ctx, author=author, document=document, mentions=mentions or [])
        )

    async def received(self, author: Actor, visibility: str = "public", **more: Any) -> Post:
        """`receive` of a post that is taken."""
        post = await self.receive(author, visibility, **more)
        assert post is not None, "a remote post was not taken"
        return post

    async def changed(self, author: Actor, post: Post, **raw: Any) -> None:
        """A remote author's post as it stands, but for what *raw* says, arriving as an Update."""
        self.later()
        document = self.document(author, **{"id": post.uri, "content": post.content, **raw})
        await self.ctx.db.write(
            lambda tx: posts.receive_update(tx, self.ctx, author=author, document=document, mentions=[])
        )

    async def boost(self, actor: Actor, post: Post, **more: Any) -> Post:
        self.later()
        made = await self.ctx.db.write(lambda tx: boosts.boost(tx, self.ctx, actor=actor, post=post, **more))
        assert made is not None, "a boost was not taken"
        return made

    async def favourite(self, actor: Actor, post: Post) -> bool:
        return await self.ctx.db.write(lambda tx: favourites.add(tx, self.ctx, actor=actor, post=post))

    async def delete(self, post: Post) -> None:
        await self.ctx.db.write(lambda tx: posts.delete(tx, self.ctx, post=post))

    async def merge(self) -> int:
        """Spread the tail over the feeds."""
        return await home.merge_tail(self.ctx)

    async def home(self, reader: Actor, **bounds: Any) -> list[int]:
        return await ids_of(home.rows(self.reader, reader.id, Page(**{"limit": 80, **bounds})))

    async def now(self, post: Post) -> Post:
        """The post as the database has it."""
        return await posts.require(self.reader, post.id)

    async def actor(self, actor: Actor) -> Actor:
        """The actor as the database has it."""
        found = await actors.by_id(self.reader, actor.id)
        assert found is not None
        return found
