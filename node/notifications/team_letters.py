"""What a team is told by mail: who joined or left it, and posts and replies that wait for approval, posts that were refused.

Only where the node sends mail; the desk says the same.
"""

from contextlib import suppress
from typing import Final

from node.actors import actors, domains, memberships, people, permissions
from node.actors.actor import Actor
from node.actors.domains import Domain
from node.actors.facts import MembershipChanged
from node.actors.letters import ROLES, address, one_line, paragraphs, speaking
from node.actors.people import Person
from node.runtime import mail
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Invalid
from node.timeline import held, waiting
from node.timeline.facts import PostRefused, PostWaits, ReplyHeld
from node.timeline.pages import Page

_WEEK_MS: Final = 7 * 86_400_000


async def on_membership_changed(tx: Tx, ctx: Context, fact: MembershipChanged) -> None:
    """Reaction: tell who joined, left or has another role, and the owners of the account."""
    if not mail.configured(ctx) or (found := await _about(tx, fact.actor_id)) is None:
        return
    actor, domain = found
    person, team = await people.by_id(tx, fact.person_id), await memberships.people_of(tx, actor.id)
    if person is None or (fact.before is None and len(team) == 1):
        return  # whoever makes an account knows it
    name, site = one_line(actor.name or actor.username), one_line(domain.name)
    for reader, role in [(person, fact.role), *team]:
        if reader.id == person.id and reader is not person:
            continue
        if reader is not person and role != "owner":
            continue
        _ = speaking(ctx, reader.language)
        who = one_line(person.name or person.email)
        if fact.role is None:
            subject = _("Team of %(name)s: %(who)s left", name=name, who=who)
            said = _("%(who)s no longer speaks for %(name)s at %(site)s.", who=who, name=name, site=site)
        else:
            subject = _("Team of %(name)s: %(who)s", name=name, who=who)
            said = _("%(who)s speaks for %(name)s at %(site)s:", who=who, name=name, site=site)
            said += f"\n{_(ROLES[fact.role])}"
        told = [said]
        if reader is not person or fact.role is not None:
            told.append(_("The team:") + f"\n{address(ctx, domain, f'/desk/{actor.username}/team')}")
        await _send(tx, ctx, reader, subject, paragraphs(*told, signed=domain.name))


async def on_waiting(tx: Tx, ctx: Context, fact: PostWaits) -> None:
    """Reaction: tell who approves that something waits; once for all that waits already."""
    if not mail.configured(ctx) or (found := await _about(tx, fact.author_id)) is None:
        return
    actor, domain = found
    waits = [each for each in await waiting.of_actor(tx, actor.id) if each.state == "waiting"]
    if len(waits) != 1:
        return
    name = one_line(actor.name or actor.username)
    for reader, role in await memberships.people_of(tx, actor.id):
        if permissions.may(role, "approve") and reader.id != fact.person_id:
            _ = speaking(ctx, reader.language)
            text = paragraphs(
                _("A post of %(name)s waits until an editor or an owner approves it:", name=name)
                + f"\n{address(ctx, domain, f'/desk/{actor.username}/waiting')}",
                signed=domain.name,
            )
            await _send(tx, ctx, reader, _("A post of %(name)s waits for approval", name=name), text)


async def on_reply_held(tx: Tx, ctx: Context, fact: ReplyHeld) -> None:
    """Reaction: tell who judges replies that one waits; once for all that wait already."""
    if not mail.configured(ctx) or (found := await _about(tx, fact.owner_id)) is None:
        return
    actor, domain = found
    waits = await held.held_of(tx, actor.id, Page(limit=2))
    if [each.post_id for each in waits] != [fact.post_id]:
        return  # judged already, or the team knows
    name = one_line(actor.name or actor.username)
    for reader, role in await memberships.people_of(tx, actor.id):
        if permissions.may(role, "judge replies"):
            _ = speaking(ctx, reader.language)
            text = paragraphs(
                _("A reply to %(name)s waits: nobody sees it before somebody of the team has read it.", name=name)
                + f"\n{address(ctx, domain, f'/desk/{actor.username}/replies')}",
                signed=domain.name,
            )
            await _send(tx, ctx, reader, _("A reply to %(name)s waits", name=name), text)


async def on_refused(tx: Tx, ctx: Context, fact: PostRefused) -> None:
    """Reaction: tell who wrote it why it is not published."""
    writer = None if fact.person_id is None else await people.by_id(tx, fact.person_id)
    if writer is None or not mail.configured(ctx) or (found := await _about(tx, fact.author_id)) is None:
        return
    actor, domain = found
    _, name = speaking(ctx, writer.language), one_line(actor.name or actor.username)
    text = paragraphs(
        _("Your post for %(name)s was not approved. The reason:", name=name),
        fact.reason,
        _("Change it, and it waits again:")
        + f"\n{address(ctx, domain, f'/desk/{actor.username}/posts/{fact.post_id}')}",
        signed=domain.name,
    )
    await _send(tx, ctx, writer, _("Your post for %(name)s was not approved", name=name), text)


async def _about(tx: Tx, actor_id: int) -> tuple[Actor, Domain] | None:
    actor = await actors.by_id(tx, actor_id)
    domain = None if actor is None or actor.domain_id is None else await domains.by_id(tx, actor.domain_id)
    return None if actor is None or domain is None else (actor, domain)


async def _send(tx: Tx, ctx: Context, reader: Person, subject: str, text: str) -> None:
    with suppress(Invalid):  # an address that takes no mail keeps nobody from leaving a team
        await mail.post(tx, ctx, to=reader.email, subject=subject, text=text, until_ms=ctx.clock.now_ms() + _WEEK_MS)
