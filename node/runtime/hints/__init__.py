"""Hints between the processes of one node, over Redis: they hurry what a poll would find, and may be lost.

Nothing is kept there that the database does not know: losing Redis, or all that it holds, loses nothing. `bus.py`
carries streams and forgotten caches by publish and subscribe; `wakeups.py` carries bells through arq. No hint holds
data of anybody: a bell's name, a cache's name, the id of a post that each reader must still be allowed to read.
"""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import orjson

from node.runtime.database import Reader

if TYPE_CHECKING:
    from arq.connections import ArqRedis

_CONNECT_S: Final = 2.0
_ANSWER_S: Final = 5.0
_ALIVE_S: Final = 10
_ENDED_S: Final = 0.2

FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 5.0


async def name_of(reader: Reader) -> str:
    """What keeps this node apart from others on the same Redis: when its database was made."""
    made_ms = await reader.value("SELECT applied_ms FROM schema_migrations ORDER BY version LIMIT 1")
    return f"beffroi:{int(made_ms or 0):x}"


def connect(url: str, node: str) -> "ArqRedis":
    """A client of Redis, not yet connected. arq is imported by nodes that use it only."""
    from arq.connections import ArqRedis
    from redis.asyncio import ConnectionPool

    pool: Any = ConnectionPool.from_url(
        url, socket_connect_timeout=_CONNECT_S, socket_timeout=_ANSWER_S, health_check_interval=_ALIVE_S
    )
    return ArqRedis(
        pool_or_conn=pool,
        # arq's own way is pickle: who may write to Redis could run what they like here.
        job_serializer=lambda job: orjson.dumps(job, default=str),
        job_deserializer=orjson.loads,
        default_queue_name=f"{node}:wakeups",
    )


async def ended(tasks: Iterable[asyncio.Future[Any]]) -> None:
    """Cancel *tasks* until they have ended: redis-py swallows a cancellation that comes while it connects or reads."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _done, left = await asyncio.wait(left, timeout=_ENDED_S)


def troubles() -> tuple[type[BaseException], ...]:
    """What a Redis that is away raises."""
    from redis.exceptions import RedisError

    return (RedisError, OSError, TimeoutError)
