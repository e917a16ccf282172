"""One connected client: the streams it asked for, and what happens on them, rendered for its reader."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Self

import orjson

from node.actors import tastes
from node.actors.domains import Domain
from node.agreements import timeline
from node.api import announcements, conversations, lists, notifications, rendering
from node.api.splicing import splice
from node.api.streaming import channels, looks
from node.api.streaming.channels import Stream
from node.api.streaming.events import Event
from node.notifications import notices
from node.oauth import tokens
from node.oauth.tokens import Token
from node.runtime.context import Context
from node.runtime.errors import NotFound, TooMany
from node.runtime.live import Listener
from node.timeline import home, unwanted
from node.timeline import lists as own_lists
from node.timeline.pages import Page

THUMP_S = 15.0
"""How often a silent connection is shown to be alive, and its token looked at again."""
MAX_STREAMS = 50
_NOTICES = ("notification", "notifications_merged")
_BARE = ("delete", "notifications_merged", "announcement.delete")
"""Events whose payload is a bare number."""


@dataclass(frozen=True, slots=True)
class Told:
    """One event for the wire."""

    streams: tuple[tuple[str, ...], ...]
    event: str
    payload: str


@dataclass(slots=True)
class Connection:
    """A client. Use `with`: it stops listening at the end."""

    ctx: Context
    domain: Domain
    token: Token | None
    secret: str | None
    streams: dict[tuple[str, ...], Stream] = field(default_factory=dict)
    listener: Listener = field(default_factory=Listener)

    def __enter__(self) -> Self:
        own: list[str] = []
        if self.token is not None and self.token.actor_id is not None:
            own.append(channels.of_account(self.token.actor_id))
            if self.token.person_id is not None:
                own.append(channels.of_member(self.token.person_id, self.token.actor_id))
        self.ctx.live.join(self.listener, [channels.ANY, *own])
        return self

    def __exit__(self, *_: object) -> None:
        self.ctx.live.leave(self.listener)

    def join(self, stream: Stream) -> None:
        """Listen to one more stream.

        Raises:
            TooMany: it listens to many already.
        """
        if len(self.streams) >= MAX_STREAMS and stream.name not in self.streams:
            raise TooMany("Too many streams on one connection")
        self.streams[stream.name] = stream
        self.ctx.live.join(self.listener, stream.channels)

    def leave(self, name: tuple[str, ...]) -> None:
        """Listen to one stream less."""
        gone = self.streams.pop(name, None)
        if gone is not None:
            kept = {channel for other in self.streams.values() for channel in other.channels}
            self.ctx.live.leave(self.listener, [channel for channel in gone.channels if channel not in kept])

    async def events(self) -> AsyncIterator[Told | None]:
        """What happens, for ever; None every `THUMP_S` seconds of silence. Ends when the token does, when the account is
        suspended, or when the client reads too slowly and has missed something: it connects again and reads the timeline.
        """  # noqa: D205
        clock = asyncio.get_running_loop().time
        admitted_s = clock()
        while not self.listener.overrun:
            event: object = None
            try:
                async with asyncio.timeout(THUMP_S):
                    channel, event = await self.listener.queue.get()
            except TimeoutError:
                channel = ""
            # Also where something always happens: a token that was taken back must not read on.
            if clock() - admitted_s >= THUMP_S:
                if self.secret is not None and await tokens.find(self.ctx.db.reader, self.ctx, self.secret) is None:
                    return
                admitted_s = clock()
            if not channel:
                yield None
            elif isinstance(event, Event):
                if event.kind == "end":
                    return
                if (told := await self._told(channel, event)) is not None:
                    yield told

    async def _told(self, channel: str, event: Event) -> Told | None:
        meant = [
            stream for stream in list(self.streams.values())
            if channel in stream.channels and (event.kind in _NOTICES or stream.name != ("user:notification",))
            and (event.kind not in _NOTICES or stream.name[0].startswith("user"))
        ]  # fmt: skip
        names = tuple([stream.name for stream in meant if stream.list_id is None or await self._listed(stream, event)])
        if not names:
            return None
        payload = str(event.id).encode() if event.kind in _BARE else await self._payload(event)
        if payload is None:
            return None
        spliced = splice(payload, self.domain, self.ctx.settings.scheme)
        return Told(names, event.kind, spliced.decode())

    async def _listed(self, stream: Stream, event: Event) -> bool:
        """Whether the list shows it, by the follows of this moment and without doubles."""
        if self.token is None or self.token.actor_id is None or stream.list_id is None:
            return False
        reader, viewer_id = self.ctx.db.reader, self.token.actor_id
        own = await own_lists.find(reader, actor_id=viewer_id, list_id=stream.list_id)
        if own is not None:
            there = Page(max_id=event.id + 1, since_id=event.id - 1, limit=1)
            bits, now_ms = await tastes.of(self.ctx, viewer_id), self.ctx.clock.now_ms()
            return event.kind == "delete" or bool(
                await home.rows(reader, viewer_id, there, bits=bits, now_ms=now_ms, only=own)
            )
        try:
            followed = await lists.meant(reader, actor_id=viewer_id, list_id=stream.list_id)
        except NotFound:
            return False
        territory_ids = [each.id for each in followed]
        return event.kind != "update" or await timeline.shows(reader, viewer_id, event.id, territory_ids=territory_ids)

    async def _payload(self, event: Event) -> bytes | None:
        viewer_id = None if self.token is None else self.token.actor_id
        if event.kind == "notification":
            if viewer_id is None:
                return None
            try:
                notice = await notices.by_id(
                    self.ctx.db.reader, actor_id=viewer_id, notice_id=event.id,
                    bits=await tastes.of(self.ctx, viewer_id), now_ms=self.ctx.clock.now_ms(),
                )  # fmt: skip
            except NotFound:
                return None
            rendered = await notifications.render(self.ctx, viewer_id, [notice])
            return orjson.dumps(rendered[0]) if rendered else None
        if event.kind == "announcement":
            return None if viewer_id is None else await announcements.told(self.ctx, self.domain, viewer_id, event.id)
        if event.kind == "announcement.reaction":
            return await announcements.told_reaction(self.ctx, event.id, event.name)
        if event.kind == "conversation":
            return None if viewer_id is None else await conversations.told(self.ctx, viewer_id, event.id)
        line = await looks.at(self.ctx, event.id, viewer_id)
        if line is None:
            return None
        if not await unwanted.without(self.ctx, self.ctx.db.reader, viewer_id=viewer_id, post_ids=[event.id]):
            return None
        return await rendering.of_line(self.ctx, viewer_id, line)
