"""Sharing agreements by command: proposed, accepted, limited, ended and read, for either party that lives here."""

from dataclasses import dataclass
from typing import Literal

from admin.actors import any_actor
from node.actors import actors
from node.actors.actor import Actor
from node.agreements import agreements, history, letters, moderating, speaking, terms
from node.agreements.agreements import Agreement, Medium, other, page_of
from node.agreements.speaking import Pair
from node.agreements.terms import Terms
from node.agreements.words import Party
from node.federation import resolve
from node.federation.requests import OURS
from node.federation.resolve import software
from node.runtime.context import Context
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n import dates, sentence, translator
from node.timeline.search import addresses


@dataclass(frozen=True, slots=True)
class _Seat:
    """A pair, and in whose name the keeper speaks."""

    pair: Pair
    by: Party

    @property
    def other(self) -> Actor:
        return self.pair.actor(other(self.by))


async def propose(
    ctx: Context,
    *,
    territory: str,
    member: str,
    by: str = "",
    categories: str = "",
    direction: str = "toTerritory",
    from_: str = "",
    until: str = "",
    moderation: str = "each",
    after_end: str = "keep",
) -> list[str]:
    """Offer terms to the other party, or agree at once to what it offers and these terms share."""
    seat = await _seat(ctx, territory, member, by)
    said = _terms(categories, direction, from_, until, moderation, after_end)
    medium = await _medium(ctx, seat)
    agreed = await ctx.db.write(
        lambda tx: speaking.propose(tx, ctx, pair=seat.pair, by=seat.by, terms=said, medium=medium)
    )
    return await _told(ctx, agreed)


async def accept(ctx: Context, *, territory: str, member: str, by: str = "", terms_hash: str = "") -> list[str]:
    """Say yes to what the other party offers; with a hash, only if these are still the terms."""
    seat = await _seat(ctx, territory, member, by)
    agreed = await ctx.db.write(
        lambda tx: speaking.accept(tx, ctx, pair=seat.pair, by=seat.by, terms_hash=terms_hash or None)
    )
    return await _told(ctx, agreed)


async def limit(
    ctx: Context, *, territory: str, member: str, by: str = "", categories: str = "", from_: str = "", until: str = ""
) -> list[str]:
    """Share less from now on; what is not named stays as agreed."""
    seat = await _seat(ctx, territory, member, by)
    agreement = await _require(ctx, seat)
    held = agreement.terms or Terms()
    said = terms.make(
        categories=categories or held.categories, direction=held.direction,
        from_ms=terms.typed_ms(from_) or held.from_ms, until_ms=terms.typed_ms(until) or held.until_ms,
        moderation=held.moderation, after_end=held.after_end,
    )  # fmt: skip
    agreed = await ctx.db.write(lambda tx: speaking.limit(tx, ctx, pair=seat.pair, by=seat.by, terms=said))
    return await _told(ctx, agreed)


async def reject(ctx: Context, *, territory: str, member: str, by: str = "") -> list[str]:
    """Say no to an offer."""
    return await end(ctx, territory=territory, member=member, by=by)


async def end(ctx: Context, *, territory: str, member: str, by: str = "") -> list[str]:
    """Say no: to an offer, to one's own, or to what holds. Nothing more is announced from then on."""
    seat = await _seat(ctx, territory, member, by)
    await _require(ctx, seat)
    agreed = await ctx.db.write(lambda tx: speaking.end(tx, ctx, pair=seat.pair, by=seat.by))
    return await _told(ctx, agreed)


async def withdraw(ctx: Context, *, territory: str, member: str, post: str, by: str = "") -> list[str]:
    """Have the announcement of one post (its id or the address of its page) taken back, if the terms leave it to us."""
    seat = await _seat(ctx, territory, member, by)
    found = await addresses.post_by_url(ctx.db.reader, None, post)
    if found is None:
        raise NotFound(sentence("There is no such post here: %(post)s", post=post))
    await ctx.db.write(lambda tx: moderating.withdraw(tx, ctx, pair=seat.pair, by=seat.by, post=found))
    _ = translator(ctx.settings.language)
    return [_("%(post)s is no longer announced.", post=found.url)]


async def show(ctx: Context, *, territory: str, member: str) -> list[str]:
    """The terms in words, the state, and the whole history."""
    pair = await _pair(ctx, territory, member)
    agreement = await agreements.by_uri(ctx.db.reader, pair.uri)
    if agreement is None:
        raise NotFound(sentence("There is no such agreement here."))
    _ = translator(ctx.settings.language)
    lines = await _told(ctx, agreement)
    if agreement.terms is not None:
        lines += [f"  {line}" for line in letters.in_words(_, agreement.terms)]
        lines.append(f"  {agreement.terms.hash}")
    events = await history.of(ctx.db.reader, agreement.id)
    for event in events:
        tags = " ".join(f"#{tag}" for tag in event.terms.categories) if event.terms else ""
        when = dates.moment(event.said_ms, _.language)
        lines.append(f"  {event.number}. {when}  {event.party} {event.act}  -> {event.state}  {tags}".rstrip())
    if (number := history.broken_at(agreement.uri, events)) is not None:
        lines.append(_("The history was tampered with at line %(number)s.", number=number))
    return lines


async def list_all(ctx: Context) -> list[str]:
    """One line an agreement."""
    found = await agreements.of_node(ctx.db.survey)
    people = await actors.by_ids(ctx.db.survey, {id_ for each in found for id_ in (each.territory_id, each.member_id)})
    return [
        f"@{people[each.territory_id].handle}  @{people[each.member_id].handle}  {_standing(each)}" for each in found
    ]


async def _told(ctx: Context, agreement: Agreement) -> list[str]:
    people = await actors.by_ids(ctx.db.reader, (agreement.territory_id, agreement.member_id))
    territory, member = people[agreement.territory_id], people[agreement.member_id]
    ours = territory if territory.local else member
    return [f"@{territory.handle}  @{member.handle}  {_standing(agreement)}", page_of(ours, agreement)]


def _standing(agreement: Agreement) -> str:
    tags = " ".join(f"#{tag}" for tag in agreement.terms.categories) if agreement.terms else ""
    by = f" ({agreement.proposed_by})" if agreement.proposed_by else ""
    return f"{agreement.state}{by}  {tags}".rstrip()


async def _pair(ctx: Context, territory: str, member: str) -> Pair:
    return Pair(await _party(ctx, territory), await _party(ctx, member))


async def _party(ctx: Context, handle: str) -> Actor:
    try:
        return await any_actor(ctx, handle)
    except NotFound:
        return await resolve.handle(ctx, handle)


async def _seat(ctx: Context, territory: str, member: str, by: str) -> _Seat:
    """In whose name the keeper speaks: the one that lives here, or the one that she names."""
    pair = await _pair(ctx, territory, member)
    here: list[Literal["territory", "member"]] = []
    if pair.territory.local:
        here.append("territory")
    if pair.member.local:
        here.append("member")
    wanted = [party for party in here if not by or party == by]
    if not wanted:
        raise Invalid(sentence("Neither of the two is an account of this server."))
    if len(wanted) > 1:
        raise Invalid(sentence("Both are accounts of this server: say --by territory or --by member."))
    return _Seat(pair, wanted[0])


async def _require(ctx: Context, seat: _Seat) -> Agreement:
    found = await agreements.by_uri(ctx.db.reader, seat.pair.uri)
    if found is None:
        raise NotFound(sentence("There is no such agreement here."))
    return found


async def _medium(ctx: Context, seat: _Seat) -> Medium:
    """How the other one is spoken to. A territory elsewhere must be of this kind, or it would not understand."""
    if await software.of_actor(ctx, seat.other) == OURS:
        return "protocol"
    if seat.by == "member":
        raise Invalid(sentence("The server of this territory knows no sharing agreements."))
    return "post"


def _terms(categories: str, direction: str, from_: str, until: str, moderation: str, after_end: str) -> Terms:
    return terms.make(
        categories=categories, direction=direction, from_ms=terms.typed_ms(from_), until_ms=terms.typed_ms(until),
        moderation=moderation, after_end=after_end,
    )  # fmt: skip
