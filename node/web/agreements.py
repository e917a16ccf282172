"""Sharing agreements for people: who shares with whom, each agreement in words, and what an agent may do about it.

The pages are public, as is what they agree to; deciding is for who speaks for one of the two parties here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from node.actors import actors, memberships, permissions
from node.actors.actor import Actor
from node.agreements import agreements, history, letters, speaking, terms, territories
from node.agreements.agreements import PARTIES, Agreement
from node.agreements.history import Event
from node.agreements.speaking import Pair
from node.agreements.words import Party
from node.moderation import audit
from node.moderation.audit import Hand
from node.runtime.database import Tx
from node.runtime.errors import BeffroiError, Forbidden, Invalid, NotFound
from node.runtime.i18n import Sentence, sentence
from node.web import actors as actor_pages
from node.web import forms, pages, visitors
from node.web.visitors import Visitor
from node.web.visits import Visit

STATES: Final[dict[str, Sentence]] = {
    "proposed": sentence("Proposed: nothing is shared yet"),
    "active": sentence("In force"),
    "rejected": sentence("Refused"),
    "ended": sentence("Ended"),
}
ACTS: Final[dict[str, Sentence]] = {
    "offer": sentence("proposes"),
    "accept": sentence("accepts"),
    "limit": sentence("limits"),
    "reject": sentence("refuses"),
    "end": sentence("ends"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the history, with who spoke."""

    event: Event
    speaker: Actor
    act: Sentence


@dataclass(frozen=True, slots=True)
class Shown:
    """An agreement with its parties."""

    agreement: Agreement
    territory: Actor
    member: Actor

    @property
    def pair(self) -> Pair:
        """The two."""
        return Pair(self.territory, self.member)

    @property
    def state(self) -> Sentence:
        """Its state in words."""
        return STATES[self.agreement.state]


async def show_all(visit: Visit) -> Response:
    """GET /@{name}/agreements: with whom a local actor shares, or is asked to."""
    actor = await actor_pages.local(visit, visit.request.path_params["name"])
    if moved := actor_pages.at_home(visit, actor, f"/@{actor.username}/agreements"):
        return moved
    found = await agreements.of_actor(visit.ctx.db.reader, actor.id, states=("active", "proposed"))
    shown = [each for each in await _with_parties(visit, found) if each.territory.active and each.member.active]
    described = territories.official_of(actor) if actor.kind == "territory" else None
    return pages.public(
        visit, "agreements.html", actor=actor, shown=shown, communes=described.communes if described else (),
        year=described.year if described else None,
    )  # fmt: skip


async def show(visit: Visit) -> Response:
    """GET /@{name}/agreements/{digest}: one agreement, in words, with its history."""
    actor, one = await _asked(visit)
    if moved := actor_pages.at_home(visit, actor, f"/@{actor.username}/agreements/{one.agreement.digest}"):
        return moved
    events = await history.of(visit.ctx.db.reader, one.agreement.id)
    return pages.public(
        visit, "agreement.html", max_age_s=0, actor=actor, one=one, lines=_lines(one, events),
        words=letters.in_words(visit.say, one.agreement.terms) if one.agreement.terms else [],
        whole=history.broken_at(one.agreement.uri, events) is None,
    )  # fmt: skip


async def show_decide(visit: Visit) -> Response:
    """GET /@{name}/agreements/{digest}/decide: what an agent may do."""
    visitor = await visitors.of(visit)
    if visitor is None:
        return visitors.log_in_first(visit)
    actor, one = await _asked(visit)
    return await _decide_page(visit, visitor, actor, one)


async def decide(visit: Visit) -> Response:
    """POST /@{name}/agreements/{digest}/decide.

    Raises:
        ForgedForm: it did not come from our page.
        Forbidden: she neither owns nor edits the actor in whose name she wants to speak.
    """
    form = await forms.read(visit)
    visitor = await visitors.of(visit)
    if visitor is None:
        return visit.go("/login")
    form.require_token(visitor.form_token)
    actor, one = await _asked(visit)
    by = next((party for party in await _hers(visit, visitor, one) if party == form.text("party")), None)
    if by is None:
        raise Forbidden(sentence("You do not speak for this account here."))
    try:
        await _do(visit, visitor, one, by, form)
    except BeffroiError as error:
        return await _decide_page(visit, visitor, actor, one, problem=visit.say(error.args[0]), status=error.status)
    return visit.go(f"/@{actor.username}/agreements/{one.agreement.digest}")


async def _do(visit: Visit, visitor: Visitor, one: Shown, by: Party, form: forms.Form) -> None:
    ctx, pair, act = visit.ctx, one.pair, form.text("act")
    wanted = None
    if act == "limit":
        held = one.agreement.terms or terms.Terms()
        wanted = terms.make(
            categories=form.text("categories") or held.categories, direction=held.direction, from_ms=held.from_ms,
            until_ms=terms.typed_ms(form.text("until")) or held.until_ms, moderation=held.moderation,
            after_end=held.after_end,
        )  # fmt: skip

    async def step(tx: Tx) -> None:
        match act:
            case "accept":
                await speaking.accept(tx, ctx, pair=pair, by=by, terms_hash=form.text("hash") or None)
            case "limit" if wanted is not None:
                await speaking.limit(tx, ctx, pair=pair, by=by, terms=wanted)
            case "end":
                await speaking.end(tx, ctx, pair=pair, by=by)
            case _:
                raise Invalid(sentence("This is not a form that a page of this site sends."))
        hand = Hand(visitor.person.id, visitor.person.email, "desk")
        speaker, other = pair.actor(by), pair.actor("member" if by == "territory" else "territory")
        await audit.record(tx, ctx, by=hand, act=f"agreement.{act}", about=f"@{other.handle}", actor_id=speaker.id)

    await ctx.db.write(step)


async def _decide_page(
    visit: Visit, visitor: Visitor, actor: Actor, one: Shown, *, problem: str | None = None, status: int = 200
) -> Response:
    hers = await _hers(visit, visitor, one)
    if not hers:
        raise Forbidden(sentence("You do not speak for this account here."))
    offers = {party: one.agreement.terms_offered_to(party) for party in hers}
    said = {party: letters.in_words(visit.say, offer) for party, offer in offers.items() if offer}
    return pages.private(
        visit, "decide.html", status=status, visitor=visitor, actor=actor, one=one, hers=hers, offers=offers, said=said,
        words=letters.in_words(visit.say, one.agreement.terms) if one.agreement.terms else [], problem=problem,
    )  # fmt: skip


async def _hers(visit: Visit, visitor: Visitor, one: Shown) -> list[Party]:
    """As which of the two parties she may speak."""
    found = []
    for party in PARTIES:
        who = one.pair.actor(party)
        role = await memberships.role_of(visit.ctx.db.reader, person_id=visitor.person.id, actor_id=who.id)
        if who.local and permissions.may(role, "agree"):
            found.append(party)
    return found


async def _asked(visit: Visit) -> tuple[Actor, Shown]:
    """The local actor of the path, and its agreement.

    Raises:
        NotFound: there is none, or nothing was said in it yet.
    """
    actor = await actor_pages.local(visit, visit.request.path_params["name"])
    found = await agreements.of_actor(visit.ctx.db.reader, actor.id)
    digest = visit.request.path_params["digest"]
    meant = [each for each in found if each.digest == digest and each.state != "none"]
    if not meant:
        raise NotFound(sentence("There is no such agreement here."))
    return actor, (await _with_parties(visit, meant))[0]


async def _with_parties(visit: Visit, found: Sequence[Agreement]) -> list[Shown]:
    ids = {id_ for each in found for id_ in (each.territory_id, each.member_id)}
    people = await actors.by_ids(visit.ctx.db.reader, ids)
    return [Shown(each, people[each.territory_id], people[each.member_id]) for each in found]


def _lines(one: Shown, events: Sequence[Event]) -> list[Line]:
    return [Line(event, one.pair.actor(event.party), ACTS[event.act]) for event in events]
