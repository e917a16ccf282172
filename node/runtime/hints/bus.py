"""Streams and forgotten caches, told to the other processes by Redis publish and subscribe.

Saying something only puts it on a list in memory: a request never waits for Redis, and never fails with it. Where
nobody streams anywhere, no event is sent. After a silence everything that may have been missed is assumed: the
caches that others may have changed are emptied.
"""

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import orjson

from node.runtime import hints, log
from node.runtime.context import Context
from node.runtime.hints import wakeups

if TYPE_CHECKING:
    from arq.connections import ArqRedis

SHARED: Final = frozenset(
    {
        "oauth_tokens",
        "host_policies",
        "keys",
        "own_hosts",
        "domains_by_host",
        "user_agent",
        "asker",
        "tastes",
        "filters",
    }
)
"""Caches that another process may make stale. Each also looks again by itself, after 5 seconds to a minute."""

_WAITING_AT_MOST: Final = 5_000
_COLLECTED_FOR_S: Final = 0.01
_SAY_LISTENING_S: Final = 10.0
_LISTENING_FOR_S: Final = 30.0
_SILENCE_S: Final = 5.0
_PEERS_AT_MOST: Final = 256
_CLOSE_S: Final = 2.0


class Bus:
    """The way from one process to the others of its node."""

    def __init__(self, ctx: Context, node: str, kinds: Iterable[type]) -> None:
        """Prepare; *kinds* are the flat dataclasses that may travel as events."""
        self._ctx, self._node = ctx, node
        self._kinds: Mapping[str, type] = {kind.__name__: kind for kind in kinds}
        self._me = secrets.token_hex(8)
        self._channel = f"{node}:hints"
        self._bells: set[str] = set()
        self._waiting: deque[dict[str, Any]] = deque(maxlen=_WAITING_AT_MOST)
        self._something = asyncio.Event()
        self._listening_until_s: dict[str, float] = {}
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    @classmethod
    async def open(cls, ctx: Context, kinds: Iterable[type]) -> "Bus":
        """Begin to speak and to listen, whether Redis is there or not."""
        bus = cls(ctx, await hints.name_of(ctx.db.reader), kinds)
        bus._tasks = (
            asyncio.create_task(bus._for_ever("speaking", bus._speak)),
            asyncio.create_task(bus._for_ever("listening", bus._listen)),
        )
        return bus

    async def close(self) -> None:
        """Say what waits, if Redis is there, and stop."""
        with contextlib.suppress(Exception):
            redis = hints.connect(self._ctx.settings.redis, self._node)
            async with asyncio.timeout(_CLOSE_S):
                await self._say(redis)
                await redis.aclose(close_connection_pool=True)
        await hints.ended(self._tasks)

    @property
    def heard(self) -> bool:
        now_s = asyncio.get_running_loop().time()
        return any(until_s > now_s for until_s in self._listening_until_s.values())

    def publish(self, channel: str, event: object) -> None:
        if not self.heard:
            return
        kind = type(event).__name__
        if kind not in self._kinds:
            return
        said = [kind, *(getattr(event, name) for name in self._kinds[kind].__match_args__)]  # type: ignore[attr-defined]
        latest = self._waiting[-1] if self._waiting else None
        if latest is not None and latest.get("event") == said:
            latest["channels"].append(channel)
        else:
            self._put({"event": said, "channels": [channel]})

    def ring(self, bell: str) -> None:
        self._bells.add(bell)
        self._something.set()

    def forget(self, cache: str) -> None:
        self._put({"forget": cache})

    def listening(self) -> None:
        self._put({"listening": True})

    def _put(self, said: dict[str, Any]) -> None:
        self._waiting.append(said)
        self._something.set()

    async def _for_ever(self, what: str, doing: Any) -> None:
        pause_s, troubles = hints.FIRST_PAUSE_S, hints.troubles()
        while True:
            redis = hints.connect(self._ctx.settings.redis, self._node)
            began_s = asyncio.get_running_loop().time()
            try:
                await doing(redis)
            except troubles as error:
                log.warn("hints.lost", what=what, error=str(error))
            except Exception as error:  # noqa: BLE001 (hints may be lost; what needs them must not)
                log.fail("hints.failed", error, what=what)
            finally:
                with contextlib.suppress(Exception):
                    async with asyncio.timeout(_CLOSE_S):
                        await redis.aclose(close_connection_pool=True)
            if asyncio.get_running_loop().time() - began_s > hints.LONGEST_PAUSE_S:
                pause_s = hints.FIRST_PAUSE_S
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, hints.LONGEST_PAUSE_S)

    async def _speak(self, redis: "ArqRedis") -> None:
        self._something.set()  # what waited while Redis was away
        while True:
            try:
                # Not wait_for: in Python 3.11 it forgets that it was cancelled when what it waits for comes at once.
                async with asyncio.timeout(_SAY_LISTENING_S):
                    await self._something.wait()
            except TimeoutError:
                if self._ctx.live.listening:
                    self.listening()
                continue
            await asyncio.sleep(_COLLECTED_FOR_S)
            await self._say(redis)

    async def _say(self, redis: "ArqRedis") -> None:
        """What fails stays on the list, but for the hint under way."""
        self._something.clear()
        while self._waiting:
            said = {"from": self._me, **self._waiting.popleft()}
            await redis.publish(self._channel, orjson.dumps(said))
        while self._bells:
            await wakeups.call(redis, self._node, self._bells.pop())

    async def _listen(self, redis: "ArqRedis") -> None:
        async with redis.pubsub() as heard:
            await heard.subscribe(self._channel)
            for cache in SHARED:  # what was forgotten while we did not listen
                self._ctx.cache.clear(cache)
            self._put({"who": "listens?"})
            while True:
                message = await heard.get_message(ignore_subscribe_messages=True, timeout=_SILENCE_S)
                if message is not None:
                    self._hear(message["data"])

    def _hear(self, data: bytes) -> None:
        try:
            said = orjson.loads(data)
            if said["from"] != self._me:
                self._obey(said)
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            log.warn("hints.not_understood", error=str(error))

    def _obey(self, said: dict[str, Any]) -> None:
        match said:
            case {"event": [str(kind), *values], "channels": [*channels]} if kind in self._kinds:
                event = self._kinds[kind](*values)
                for channel in channels:
                    self._ctx.live.publish_here(str(channel), event)
            case {"forget": str(cache)} if cache in SHARED:
                self._ctx.cache.clear(cache)
            case {"listening": True, "from": str(peer)}:
                self._note(peer)
            case {"who": _} if self._ctx.live.listening:
                self.listening()

    def _note(self, peer: str) -> None:
        now_s = asyncio.get_running_loop().time()
        if peer not in self._listening_until_s and len(self._listening_until_s) >= _PEERS_AT_MOST:
            self._listening_until_s = {each: at for each, at in self._listening_until_s.items() if at > now_s}
        self._listening_until_s[peer] = now_s + _LISTENING_FOR_S
