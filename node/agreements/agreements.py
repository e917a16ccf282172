"""The rows of agreements: one for each pair of a territory and a member, with the last word of each."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, Literal, cast

from node.actors.actor import Actor
from node.agreements import terms as terms_of
from node.agreements.terms import Terms
from node.agreements.words import SILENCE, Party, Stance, Standing, State, Word, standing
from node.runtime.database import Reader, Row
from node.runtime.errors import NotFound
from node.runtime.i18n.sentences import sentence

Medium = Literal["protocol", "post"]
"""How the two speak: by activities about the agreement, or, for members on other software, by posts."""

PARTIES: Final[tuple[Party, ...]] = ("territory", "member")

_WORD: Final = ("sequence", "stance", "terms", "heard", "refused", "at_ms")
_AGREEMENT: Final = (
    "id", "uri", "territory_id", "member_id", "medium", "state", "proposed_by", "terms", "active_since_ms",
    "created_ms", "changed_ms",
)  # fmt: skip
_SELECT: Final = (
    f"SELECT {', '.join(f'g.{name}' for name in _AGREEMENT)}, {', '.join(f't.{name}' for name in _WORD)}, "
    f"{', '.join(f'm.{name}' for name in _WORD)} FROM agreements g "
    "LEFT JOIN agreement_words t ON t.agreement_id = g.id AND t.party = 'territory' "
    "LEFT JOIN agreement_words m ON m.agreement_id = g.id AND m.party = 'member'"
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """What stands between a territory and a member."""

    id: int
    uri: str
    territory_id: int
    member_id: int
    medium: Medium
    state: State
    proposed_by: str
    terms: Terms | None
    """In force when active, else on offer; None once there is neither."""
    active_since_ms: int | None
    created_ms: int
    changed_ms: int
    territory: Word = SILENCE
    member: Word = SILENCE

    @property
    def standing(self) -> Standing:
        """What follows from both words."""
        return standing(self.territory, self.member)

    @property
    def digest(self) -> str:
        """The end of its address: the same for this pair on both nodes."""
        return self.uri.rpartition("/")[2]

    @property
    def active(self) -> bool:
        """Whether anything is shared."""
        return self.state == "active"

    def word(self, party: Party) -> Word:
        """What *party* last said."""
        return self.territory if party == "territory" else self.member

    def actor_id(self, party: Party) -> int:
        """Who *party* is."""
        return self.territory_id if party == "territory" else self.member_id

    def party_of(self, actor_id: int) -> Party:
        """As what the actor is a party.

        Raises:
            NotFound: it is none.
        """
        if actor_id == self.territory_id:
            return "territory"
        if actor_id == self.member_id:
            return "member"
        raise NotFound(sentence("There is no such agreement here."))

    @property
    def pending(self) -> tuple[Party, ...]:
        """To whom the other one offers something that it may accept."""
        return tuple(party for party in PARTIES if self.terms_offered_to(party) is not None)

    def terms_offered_to(self, party: Party) -> Terms | None:
        """What the other one offers *party* beyond what is in force; None: nothing."""
        mine, theirs = self.word(party), self.word(other(party))
        if theirs.stance != "agree" or theirs.heard < mine.refused:
            return None
        return None if self.active and theirs.terms == self.terms else theirs.terms


def other(party: Party) -> Party:
    """The other of the two."""
    return "member" if party == "territory" else "territory"


def digest_of(territory_uri: str, member_uri: str) -> str:
    """The end of the address of the agreement of a pair."""
    return hashlib.sha256(f"{territory_uri}\n{member_uri}".encode()).hexdigest()[:32]


def uri_of(territory_uri: str, member_uri: str) -> str:
    """The id of the agreement of a pair: both nodes make the same, without asking each other."""
    return f"{territory_uri}/agreements/{digest_of(territory_uri, member_uri)}"


def page_of(actor: Actor, agreement: Agreement) -> str:
    """The page for people, at a Beffroi node, of one of the two parties."""
    return f"{actor.url}/agreements/{agreement.digest}"


async def by_id(reader: Reader, agreement_id: int) -> Agreement | None:
    """The agreement of that id."""
    return _maybe(await reader.row(f"{_SELECT} WHERE g.id = $1", agreement_id))


async def by_uri(reader: Reader, uri: str) -> Agreement | None:
    """The agreement of that ActivityPub id."""
    if not uri.isprintable():
        return None
    return _maybe(await reader.row(f"{_SELECT} WHERE g.uri = $1", uri))


async def between(reader: Reader, *, territory_id: int, member_id: int) -> Agreement | None:
    """The agreement of that pair."""
    return _maybe(
        await reader.row(f"{_SELECT} WHERE g.territory_id = $1 AND g.member_id = $2", territory_id, member_id)
    )


async def require(reader: Reader, agreement_id: int) -> Agreement:
    """The agreement of that id.

    Raises:
        NotFound: there is none.
    """
    found = await by_id(reader, agreement_id)
    if found is None:
        raise NotFound(sentence("There is no such agreement here."))
    return found


async def of_actor(reader: Reader, actor_id: int, *, states: Iterable[str] | None = None) -> list[Agreement]:
    """All in which the actor is a party, the oldest first: at most as many as a territory has members."""
    within = "" if states is None else "AND g.state = ANY($2::text[])"
    args = (actor_id,) if states is None else (actor_id, list(states))
    rows = await reader.fetch(
        f"{_SELECT} WHERE g.territory_id = $1 {within} UNION ALL {_SELECT} WHERE g.member_id = $1 {within} ORDER BY 1",
        *args,
    )
    return [read(row) for row in rows]


async def parties_among(reader: Reader, actor_ids: Collection[int]) -> set[int]:
    """Those of *actor_ids* that have an agreement in force. Asked at every post: two index ranges each, mostly empty."""
    if not actor_ids:
        return set()
    rows = await reader.fetch(
        "SELECT member_id FROM agreements WHERE state = 'active' AND member_id = ANY($1::bigint[]) "
        "UNION ALL SELECT territory_id FROM agreements WHERE state = 'active' AND territory_id = ANY($1::bigint[])",
        list(actor_ids),
    )
    return {row[0] for row in rows}


async def active_of(reader: Reader, actor_id: int) -> list[Agreement]:
    """Those in force in which the actor is a party."""
    rows = await reader.fetch(
        "SELECT id FROM agreements WHERE state = 'active' AND member_id = $1 "
        "UNION ALL SELECT id FROM agreements WHERE state = 'active' AND territory_id = $1",
        actor_id,
    )
    if not rows:
        return []
    found = await reader.fetch(f"{_SELECT} WHERE g.id = ANY($1::bigint[]) ORDER BY g.id", [row[0] for row in rows])
    return [read(row) for row in found]


async def of_node(reader: Reader) -> list[Agreement]:
    """All that this node has part in, the oldest first."""
    return [read(row) for row in await reader.fetch(f"{_SELECT} ORDER BY g.id")]


def read(row: Row) -> Agreement:
    """The agreement in a row of `_SELECT`."""
    values = list(row)
    head = dict(zip(_AGREEMENT, values, strict=False))
    head["terms"] = terms_of.stored(head["terms"])
    start = len(_AGREEMENT)
    return Agreement(
        **head, territory=_word(values[start : start + len(_WORD)]), member=_word(values[start + len(_WORD) :])
    )


def _word(values: list[object]) -> Word:
    if values[0] is None:
        return SILENCE
    sequence, stance, text, heard, refused, at_ms = values
    return Word(
        cast(int, sequence), cast(Stance, stance), terms_of.stored(cast(str, text)), cast(int, heard),
        cast(int, refused), cast(int, at_ms),
    )  # fmt: skip


def _maybe(row: Row | None) -> Agreement | None:
    return None if row is None else read(row)
