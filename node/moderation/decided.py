"""A decision as the database holds it, the posts that it was about, and how they are read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from node.moderation.effects import Kind
from node.moderation.grounds import Sort
from node.runtime.database import Reader, Row
from node.runtime.errors import NotFound
from node.runtime.i18n.sentences import sentence

Found = Literal["report", "own", "automatic"]
"""How the matter was found: somebody told, the moderators saw it themselves, a program did."""
State = Literal["standing", "ended", "lifted", "reversed"]

DAY_MS: Final = 86_400_000
COLUMNS: Final = (
    "d.id, d.case_id, d.target_id, d.kind, d.ground, d.ground_words, d.facts, d.found, d.automated, d.decided_by_id, "
    "d.decided_by_name, d.state, d.ends_ms, d.ended_ms, d.created_ms"
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, and why."""

    id: int
    case_id: int
    target_id: int
    kind: Kind
    ground: Sort
    ground_words: str
    facts: str
    found: Found
    automated: bool
    """A program decided; whoever appeals is answered by a person."""
    decided_by_id: int | None
    decided_by_name: str
    """Never shown to the author or to who reported."""
    state: State
    ends_ms: int | None
    """When it ends by itself."""
    ended_ms: int | None
    created_ms: int


@dataclass(frozen=True, slots=True)
class DecidedPost:
    """A post as it was when it was decided about; it may be gone."""

    post_id: int
    uri: str
    content: str
    """Clean HTML; empty once it was forgotten."""
    published_ms: int


async def by_id(reader: Reader, decision_id: int) -> Decision | None:
    """The decision of that number."""
    row = await reader.row(f"SELECT {COLUMNS} FROM decisions d WHERE d.id = $1", decision_id)
    return None if row is None else _decision(row)


async def require(reader: Reader, decision_id: int) -> Decision:
    """The decision of that number.

    Raises:
        NotFound: there is none.
    """
    found = await by_id(reader, decision_id)
    if found is None:
        raise NotFound(sentence("There is no such decision."))
    return found


async def by_ids(reader: Reader, decision_ids: Sequence[int]) -> dict[int, Decision]:
    """The decisions of those numbers."""
    rows = await reader.fetch(f"SELECT {COLUMNS} FROM decisions d WHERE d.id = ANY($1::bigint[])", list(decision_ids))
    return {row[0]: _decision(row) for row in rows}


async def of_case(reader: Reader, case_id: int) -> list[Decision]:
    """The decisions in a file, the oldest first."""
    rows = await reader.fetch(f"SELECT {COLUMNS} FROM decisions d WHERE d.case_id = $1 ORDER BY d.id", case_id)
    return [_decision(row) for row in rows]


async def about(reader: Reader, target_ids: Sequence[int]) -> list[Decision]:
    """What was decided about accounts, the newest first."""
    rows = await reader.fetch(
        f"SELECT {COLUMNS} FROM decisions d WHERE d.target_id = ANY($1::bigint[]) ORDER BY d.id DESC LIMIT 100",
        list(target_ids),
    )
    return [_decision(row) for row in rows]


async def post_ids_of(reader: Reader, decision_ids: Sequence[int]) -> dict[int, list[int]]:
    """The ids of the posts that decisions were about."""
    rows = await reader.fetch(
        "SELECT decision_id, post_id FROM decided_posts WHERE decision_id = ANY($1::bigint[]) ORDER BY post_id",
        list(decision_ids),
    )
    found: dict[int, list[int]] = {}
    for decision_id, post_id in rows:
        found.setdefault(decision_id, []).append(post_id)
    return found


async def posts_of(reader: Reader, decision_id: int) -> list[DecidedPost]:
    """The posts that it was about, as they were."""
    rows = await reader.fetch(
        "SELECT post_id, uri, content, published_ms FROM decided_posts WHERE decision_id = $1 ORDER BY post_id",
        decision_id,
    )
    return [DecidedPost(*row) for row in rows]


async def counts_of(reader: Reader, decision_ids: Sequence[int]) -> dict[int, int]:
    """About how many posts each of them was; about none: it is left out. One query, none for nothing."""
    if not decision_ids:
        return {}
    rows = await reader.fetch(
        "SELECT decision_id, COUNT(*) FROM decided_posts WHERE decision_id = ANY($1::bigint[]) GROUP BY decision_id",
        list(decision_ids),
    )
    return {row[0]: int(row[1]) for row in rows}


def _decision(row: Row) -> Decision:
    made = Decision(*(row[place] for place in range(15)))
    return replace(made, automated=bool(made.automated))  # SQLite keeps 0 and 1
