"""Seats: what tells the processes of one node apart, and what only one of them does at a time.

A node has 64 seats. On PostgreSQL a seat is an advisory lock on a connection of its own: it is free again the moment
its process is gone, however it went, so the number needs no register and no expiry. It stands in every id that the
process makes (`ids.py`) and beside every row that it has leased (`jobs/leases.py`): what a free seat holds was held
by a process that died. SQLite has one writing process, which sits on seat 0.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final, Protocol

from node.runtime import log
from node.runtime.database import DatabaseUnusable

SEATS: Final = 64
_SEAT_CLASS: Final = 0x42454646  # 'BEFF': advisory locks of other programs in the same database are not ours
_ALONE_CLASS: Final = 0x42454647
_LOOK_S: Final = 10.0
_AGAIN_S: Final = 0.1
_AGAIN_MAX_S: Final = 5.0
_ANSWER_S: Final = 10.0


class Seat(Protocol):
    """One process among those of its node."""

    @property
    def number(self) -> int:
        """0 to 63; no other living process of the node has it."""
        ...

    async def alone(self, what: str) -> bool:
        """Whether this process is the one that does *what*; the first that asks is, until it dies.

        It spares double work. It must not be what keeps double work from doing harm: after the database restarted,
        two may believe it for a moment.
        """
        ...

    async def taken(self) -> frozenset[int]:
        """The seats of all living processes."""
        ...

    async def leave(self) -> None:
        """Stand up."""
        ...


class OnlySeat:
    """The seat of a process that has no equals."""

    number: int = 0

    async def alone(self, what: str) -> bool:
        return True

    async def taken(self) -> frozenset[int]:
        return frozenset({0})

    async def leave(self) -> None:
        """Nothing is held."""


class NoSeat(DatabaseUnusable):
    """64 processes use this database already."""

    def __init__(self) -> None:
        super().__init__(f"{SEATS} processes use this database already")


class PostgresqlSeat:
    """A seat held by a session of PostgreSQL. Where the session breaks, a seat is taken again, the same if it is free."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._number = 0
        self._session: Any = None
        self._asking = asyncio.Lock()
        self._broken = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None
        self._alone: set[str] = set()
        self.moved: Callable[[int], None] = _unheard
        """Called with the new number when the old one was lost."""

    @classmethod
    async def take(cls, url: str) -> "PostgresqlSeat":
        """Sit down.

        Raises:
            NoSeat: all are taken.
            DatabaseUnusable: the server does not answer.
        """
        seat = cls(url)
        try:
            await seat._sit()
        except NoSeat:
            raise
        except Exception as error:  # noqa: BLE001 (each layer has its own; none of them is an open database)
            raise DatabaseUnusable(f"the database cannot be reached: {error}") from None
        seat._keeping = asyncio.create_task(seat._keep())
        return seat

    @property
    def number(self) -> int:
        return self._number

    async def alone(self, what: str) -> bool:
        if what not in self._alone:
            if not await self._ask("SELECT pg_try_advisory_lock($1::int, hashtext($2))", _ALONE_CLASS, what):
                return False
            self._alone.add(what)
        return True

    async def taken(self) -> frozenset[int]:
        found = await self._ask(
            "SELECT array_agg(objid::int) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid::bigint = $1 "
            "AND objsubid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            _SEAT_CLASS,
        )
        return frozenset(found or ())

    async def leave(self) -> None:
        if self._keeping is not None:
            self._keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeping
        session, self._session = self._session, None
        if session is not None:
            with contextlib.suppress(Exception):
                await session.close(timeout=1)

    async def _sit(self) -> None:
        import asyncpg

        session = await asyncpg.connect(
            self._url, timeout=_ANSWER_S, command_timeout=_ANSWER_S,
            server_settings={"application_name": "beffroi seat"},
        )  # fmt: skip
        try:
            number = await session.fetchval(
                "SELECT n FROM (SELECT $2::int AS n UNION ALL SELECT generate_series(0, $3::int - 1)) AS seats "
                "WHERE pg_try_advisory_lock($1::int, n) LIMIT 1",
                _SEAT_CLASS, self._number, SEATS,
            )  # fmt: skip
            if number is None:
                raise NoSeat
        except BaseException:
            session.terminate()
            raise
        self._broken.clear()
        self._alone.clear()
        session.add_termination_listener(lambda _session: self._broken.set())
        self._session, self._number = session, int(number)

    async def _ask(self, sql: str, *args: Any) -> Any:
        async with self._asking:
            if self._session is None:
                raise DatabaseUnusable("the seat of this process is being taken again")
            return await self._session.fetchval(sql, *args)

    async def _keep(self) -> None:
        """Hold the seat; sit down again where the session broke."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await self._broken.wait()
            if not self._broken.is_set():
                try:
                    await self._ask("SELECT 1")
                    continue
                except Exception as error:  # noqa: BLE001 (whatever it is, the session is of no use)
                    log.warn("seat.lost", error=str(error))
            session, self._session = self._session, None
            if session is not None:
                session.terminate()
            await self._sit_again()

    async def _sit_again(self) -> None:
        before, pause_s = self._number, _AGAIN_S
        while True:
            try:
                await self._sit()
            except Exception as error:  # noqa: BLE001 (the database is away: until it is back)
                log.warn("seat.not_taken", error=str(error))
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, _AGAIN_MAX_S)
            else:
                log.log("seat.taken", number=self._number)
                if self._number != before:
                    self.moved(self._number)
                return


def _unheard(_number: int) -> None:
    """Nobody asked to be told."""


async def take(url: str) -> OnlySeat | PostgresqlSeat:
    """The seat of this process at the database of *url*.

    Raises:
        DatabaseUnusable: there is none, or the server does not answer.
    """
    return OnlySeat() if url.startswith("sqlite:") else await PostgresqlSeat.take(url)
