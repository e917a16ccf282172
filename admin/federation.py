"""What other servers send that nothing follows from: counted by kind and by host."""

from collections import Counter, defaultdict

from node.actors import hosts
from node.runtime.context import Context
from node.runtime.i18n import translator

_MOST_ROWS = 20_000
_HOSTS_SHOWN = 5


async def ignored(ctx: Context, *, limit: int = 50) -> list[str]:
    """One line a kind of activity, the most frequent first: how many came in a month, and mostly from where."""
    _ = translator(ctx.settings.language)
    rows = await ctx.db.survey.fetch(
        "SELECT type, actor_uri, COUNT(*) AS number FROM inbox WHERE state = 'ignored' "
        f"GROUP BY type, actor_uri ORDER BY number DESC LIMIT {_MOST_ROWS}"
    )
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        by_kind[row["type"]][hosts.of_uri(row["actor_uri"])] += row["number"]
    ordered = sorted(by_kind.items(), key=lambda kind: (-kind[1].total(), kind[0]))
    return [
        f"{_printable(kind)}  {counted.total()}  "
        + ", ".join(f"{host} {number}" for host, number in counted.most_common(_HOSTS_SHOWN))
        + (", …" if len(counted) > _HOSTS_SHOWN else "")
        for kind, counted in ordered[:limit]
    ] or [_("Everything that came was understood.")]


def _printable(kind: str) -> str:
    """A stranger's word on a terminal."""
    return kind if kind.isascii() and kind.isprintable() else ascii(kind)
