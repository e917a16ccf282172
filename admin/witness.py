"""The witness of an operation: what it writes is written together with who did it.

An operation is given a context whose database adds an entry to the log in its first transaction. An operation that
only reads leaves none; one that is refused leaves none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from node.actors import actors, hosts
from node.moderation import audit
from node.moderation.audit import Hand
from node.runtime.context import Context
from node.runtime.database import BeforeCommit, Database, Reader, Step, Tx
from node.runtime.errors import BeffroiError

T = TypeVar("T")

_SECRET: Final = ("password", "secret", "token", "code", "key")
_BULKY: Final = ("picture",)
"""What a file holds is kept where files are."""
_ABOUT: Final = (
    "handle", "email", "host", "handle_host", "territory", "post", "number", "id", "username", "epci", "departement",
    "region", "insee", "domain", "inbox", "name", "shortcode",
)  # fmt: skip
"""Arguments that say what an operation is about, the most telling first."""
_HANDLES: Final = ("handle", "territory")


class Watched:
    """A database that writes down who writes."""

    def __init__(self, ctx: Context, *, act: str, by: Hand, arguments: Mapping[str, Any]) -> None:
        self._ctx = ctx
        self._db: Database = ctx.db
        self._act, self._by, self._arguments = act, by, arguments
        self._told = False
        self.reader: Reader = ctx.db.reader
        self.survey: Reader = ctx.db.survey
        self.dialect = ctx.db.dialect

    @property
    def before_commit(self) -> BeforeCommit | None:
        return self._db.before_commit

    @before_commit.setter
    def before_commit(self, call: BeforeCommit | None) -> None:
        self._db.before_commit = call

    async def write(self, step: Step[T]) -> T:
        if self._told:
            return await self._db.write(step)

        async def witnessed(tx: Tx) -> T:
            result = await step(tx)
            await self._tell(tx)
            return result

        result = await self._db.write(witnessed)
        self._told = True
        return result

    async def script(self, statements: Sequence[str]) -> None:
        await self._db.script(statements)

    async def close(self) -> None:
        await self._db.close()

    async def _tell(self, tx: Tx) -> None:
        # Beside a domain, `host` is who hosts it: words of its legal notice.
        among = [name for name in _ABOUT if name != "host" or "domain" not in self._arguments]
        named = next((name for name in among if self._arguments.get(name)), "")
        about = str(self._arguments.get(named, ""))
        details = {
            name: value
            for name, value in self._arguments.items()
            if not any(word in name for word in _SECRET) and name not in _BULKY and str(value) != about
        }
        await audit.record(
            tx, self._ctx, by=self._by, act=self._act, about=about, details=details,
            actor_id=await _local_actor(tx, about) if named in _HANDLES else None,
        )  # fmt: skip


def watched(ctx: Context, *, act: str, by: Hand, arguments: Mapping[str, Any]) -> Context:
    """*ctx*, for one operation that *by* does."""
    return replace(ctx, db=Watched(ctx, act=act, by=by, arguments=arguments))


async def _local_actor(tx: Tx, about: str) -> int | None:
    """The account here that is written @name@host; so that its people find what keepers did about it."""
    username, _at, host = about.removeprefix("@").partition("@")
    try:
        found = await actors.by_handle(tx, username, hosts.authority(host))
    except BeffroiError:
        return None
    return found.id if found is not None and found.local else None
