"""Who may have the announcement of a single post taken back: what the term `moderation` means, here and nowhere else.

    each        either party
    territory   the territory alone
    member      the member alone

Whoever announced takes its boost back (Undo); a party on another node asks for it (Reject of the Announce). The terms last
in force hold on after the end, for what stays announced. They bind the parties: the author of a post still edits it, deletes
it and opts out, and the keepers of a node still do what the law asks of them (suspend, block a server).
"""

from dataclasses import dataclass

from node.actors.actor import Actor
from node.agreements import agreements, announcing, history
from node.agreements.agreements import Agreement, other
from node.agreements.facts import WithdrawalAsked
from node.agreements.speaking import Pair
from node.agreements.terms import Terms
from node.agreements.words import Party
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Forbidden, NotFound
from node.runtime.i18n.sentences import sentence
from node.timeline.posts import Post


class NotTheirs(Forbidden):
    """By the terms, the other party decides."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """A post announced here because of an agreement."""

    boost_id: int
    announcer_id: int
    agreement: Agreement


def may_withdraw(terms: Terms | None, party: Party) -> bool:
    """Whether *party* may have a single announcement taken back."""
    return terms is None or terms.moderation in ("each", party)


async def withdraw(tx: Tx, ctx: Context, *, pair: Pair, by: Party, post: Post) -> None:
    """*by* has the announcement of *post* taken back, at once here, by asking elsewhere. It is never announced again.

    Raises:
        NotTheirs: the terms leave it to the other party.
        NotFound: there is no such agreement, or by it this post is not announced.
    """
    agreement = await agreements.by_uri(tx, pair.uri)
    if agreement is None:
        raise NotFound(sentence("There is no such agreement here."))
    if not may_withdraw(await _held(tx, agreement), by):
        raise NotTheirs(sentence("By the terms of this agreement, the other one decides about a single post."))
    found = [each for each in await of_post(tx, post.id) if each.agreement.id == agreement.id]
    for each in found:
        await announcing.withdraw(tx, ctx, each.boost_id, agreement.id)
    if found:
        return
    announcer = pair.actor(other(by))
    if announcer.local or not pair.actor(by).local or post.author_id == announcer.id:
        raise NotFound(sentence("This post is not announced by this agreement."))
    tx.state(WithdrawalAsked(agreement.id, by, post.id, announcing.uri_of(announcer, post)))


async def of_post(reader: Reader, post_id: int) -> list[Announcement]:
    """By which agreements the post is announced here. Plan: posts_boost, then each table by primary key."""
    rows = await reader.fetch(
        "SELECT b.id, b.author_id, n.agreement_id FROM posts b JOIN agreement_announcements n ON n.boost_id = b.id "
        "WHERE b.boost_of_id = $1",
        post_id,
    )
    return [Announcement(row[0], row[1], await agreements.require(reader, row[2])) for row in rows]


async def refuse_alone(reader: Reader, *, announcer: Actor, post_id: int) -> None:
    """Refuse an announcer that would take its boost back by itself, from any client, where the other one decides.

    Raises:
        NotTheirs: so it is by one of the agreements that have the post announced.
    """
    for each in await of_post(reader, post_id):
        if each.announcer_id == announcer.id:
            party = each.agreement.party_of(announcer.id)
            if not may_withdraw(await _held(reader, each.agreement), party):
                raise NotTheirs(sentence("By the terms of this agreement, the other one decides about a single post."))


async def _held(reader: Reader, agreement: Agreement) -> Terms | None:
    """The terms in force, or those that were last."""
    if agreement.active:
        return agreement.terms
    lines = await history.of(reader, agreement.id)
    return next((line.terms for line in reversed(lines) if line.state == "active" and line.terms), None)
