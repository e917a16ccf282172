"""Which servers want a group to announce the activity itself (FEP-1b12), and which want the post's id.

By the name of their program, as NodeInfo says it (`resolve.software`). A server that is not known to be of the first
kind gets the id, which every program reads: Mastodon takes both and may race, GoToSocial fails on Announce{Create},
Lemmy cannot read the bare id of a Note.
"""

from collections.abc import Iterable
from typing import Final, Literal

from node.runtime.database import Reader

Dialect = Literal["", "ids", "activities"]
"""Whom of an audience: everyone, those who want ids, those who want activities."""

WANT_ACTIVITIES: Final = ("kbin", "lemmy", "mbin", "nodebb", "piefed")


async def of_kind(reader: Reader, hosts: Iterable[str], dialect: Dialect) -> set[str]:
    """Those of *hosts* that *dialect* means."""
    asked = set(hosts)
    if not dialect or not asked:
        return asked
    rows = await reader.fetch(
        "SELECT host FROM hosts WHERE host = ANY($1::text[]) AND software = ANY($2::text[])",
        list(asked), list(WANT_ACTIVITIES),
    )  # fmt: skip
    wanting = {row[0] for row in rows}
    return wanting if dialect == "activities" else asked - wanting
