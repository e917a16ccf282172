"""Territories: the groups that communes share with, described from the official data, and who could be a member."""

from collections.abc import Sequence
from dataclasses import dataclass

from node.actors import actors
from node.actors.actor import Actor, columns, read
from node.actors.domains import Domain
from node.actors.keys import NewKeys
from node.agreements import agreements
from node.agreements.agreements import Agreement
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence
from node.territory import handles
from node.territory.gazetteer import Gazetteer, UnknownPlace
from node.territory.places import Commune, Departement, Epci, Region

CODES = ("Code du département", "Code de la région")
"""The profile fields that say which place a territory is; an EPCI has its SIREN."""

Place = Epci | Departement | Region


@dataclass(frozen=True, slots=True)
class Official:
    """What the official geographic code knows of a territory."""

    place: Place
    communes: tuple[Commune, ...]
    year: int
    handle: str
    """Proposed for a host of its own."""
    handle_on_shared_host: str

    @property
    def title(self) -> str:
        """Its name in full words."""
        match self.place:
            case Epci():
                return self.place.title
            case Departement():
                return f"Département {self.place.of_name}"
            case Region():
                return f"Région {self.place.name}"

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The lines of its profile."""
        match self.place:
            case Epci():
                lines = [("SIREN", self.place.siren)]
            case Departement():
                lines = [(CODES[0], self.place.code)]
            case Region():
                lines = [(CODES[1], self.place.code)]
        return [*lines, ("Communes", str(len(self.communes)))]


def official(*, epci: str = "", departement: str = "", region: str = "") -> Official:
    """The place that one of the three codes names: a SIREN, or INSEE's codes.

    Raises:
        Invalid: none, or more than one, is given.
        UnknownPlace: nobody has this code.
    """
    if sum(map(bool, (epci, departement, region))) != 1:
        raise Invalid(sentence("Say one of the three: --epci, --departement or --region."))
    with Gazetteer() as gazetteer:
        place: Place = (
            gazetteer.epci(epci)
            if epci
            else gazetteer.departement(departement)
            if departement
            else gazetteer.region(region)
        )
        return Official(
            place,
            tuple(gazetteer.members(place)),
            gazetteer.source().year,
            handles.propose(gazetteer, place),
            handles.on_shared_host(place),
        )


def official_of(territory: Actor) -> Official | None:
    """The place that a local territory was made for; None: one made by hand, or whose code is no more."""
    said = {field.name: field.source for field in territory.fields}
    try:
        if territory.siren:
            return official(epci=territory.siren)
        if code := said.get(CODES[0]):
            return official(departement=code)
        if code := said.get(CODES[1]):
            return official(region=code)
    except UnknownPlace:
        pass
    return None


async def create(
    tx: Tx,
    ctx: Context,
    *,
    domain: Domain,
    username: str,
    name: str,
    keys: NewKeys,
    described: Official | None = None,
    summary: str = "",
) -> Actor:
    """Make a territory's Group actor. Anyone may follow it; what it announces, its agreements say.

    Raises:
        Invalid, NameTaken: as `actors.create_local`.
    """
    place = described.place if described else None
    about = summary or "Les nouvelles que les communes et les organisations de ce territoire partagent."
    return await actors.create_local(
        tx, ctx, domain=domain, username=username, type="Group", kind="territory", name=name, keys=keys,
        summary_source=about, fields=described.fields if described else (),
        siren=place.siren if isinstance(place, Epci) else None,
        codes_proof=f"declared by the node's keeper; official geographic code {described.year}" if described else "",
        language=ctx.settings.language,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A commune of the territory, and what is known of its actors."""

    commune: Commune
    actor: Actor | None
    """Of this node: what others declare of themselves proves nothing."""
    agreement: Agreement | None


async def neighbours(reader: Reader, territory: Actor, described: Official) -> list[Neighbour]:
    """The communes that could be members, in the order of their codes: two queries."""
    codes = [commune.code for commune in described.communes]
    rows = await reader.fetch(
        f"SELECT {columns('a')} FROM actors a WHERE a.insee = ANY($1::text[]) AND a.domain_id IS NOT NULL "
        "AND a.state = 'active' AND a.kind = 'commune' ORDER BY a.id DESC",
        codes,
    )
    here = {actor.insee: actor for actor in map(read, rows)}
    agreed = {each.member_id: each for each in await agreements.of_actor(reader, territory.id)}
    found = []
    for commune in described.communes:
        actor = here.get(commune.code)
        found.append(Neighbour(commune, actor, agreed.get(actor.id) if actor else None))
    return found


async def members(reader: Reader, territory_id: int) -> Sequence[tuple[Actor, Agreement]]:
    """Who shares with the territory now, the oldest agreement first."""
    active = [each for each in await agreements.active_of(reader, territory_id) if each.territory_id == territory_id]
    people = await actors.by_ids(reader, [each.member_id for each in active])
    return [(people[each.member_id], each) for each in active if people[each.member_id].active]


async def followed_by(reader: Reader, actor_id: int) -> list[Actor]:
    """The territories that an actor follows, by the time of its follow: Groups that announce by agreements.

    Of other nodes too: a Group that we know to be a territory because ours agreed with it, or that describes itself
    as one of ours does cannot be told from any group, so every followed Group counts.
    """
    rows = await reader.fetch(
        f"SELECT {columns('a')} FROM follows f JOIN actors a ON a.id = f.followee_id WHERE f.follower_id = $1 "
        "AND f.state = 'accepted' AND a.type = 'Group' AND a.state = 'active' ORDER BY f.id LIMIT 200",
        actor_id,
    )
    return [read(row) for row in rows]
