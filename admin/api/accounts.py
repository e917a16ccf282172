"""Accounts, for who moderates: found, judged, let back; and who waits for one."""

from typing import Any, Final

from admin.api import entities
from admin.api.door import Moderating
from node.actors import actors, domains, memberships
from node.actors.actor import Actor
from node.actors.permissions import require_duty
from node.api import paging
from node.api.answers import EMPTY, Answer
from node.api.errors import RecordNotFound
from node.moderation import decisions, reports, sign_ups
from node.moderation.effects import Kind
from node.moderation.sign_ups import SignUp
from node.runtime.errors import Invalid
from node.runtime.i18n import sentence, translator
from node.timeline.pages import Page, Places

KINDS: Final[dict[str, Kind]] = {
    "none": "warn", "disable": "freeze", "sensitive": "sensitive", "silence": "limit", "suspend": "suspend",
}  # fmt: skip
"""Mastodon's measures -> ours."""

_STATES: Final = {
    "active": "a.state = 'active' AND NOT a.limited AND NOT a.frozen",
    "disabled": "a.frozen",
    "silenced": "a.limited",
    "suspended": "a.state IN ('suspended', 'host_suspended')",
}


async def listed(at: Moderating) -> Answer:
    """GET /api/v1|v2/admin/accounts; the newest first. With the state `pending`, who waits for an account."""
    asked = at.input
    if asked.text("ip"):
        raise Invalid(sentence("From where people connect is not kept here, so nobody is found by it."))
    page = paging.asked(at.call, default=40, most=80)
    state = asked.text("status") or next((name for name in (*_STATES, "pending") if asked.flag(name)), "")
    if state == "pending":
        return await _waiting(at, page)
    if state and state not in _STATES:
        raise Invalid(sentence("There is no such state of an account: %(state)s", state=ascii(state[:40])))
    places = Places()
    where = "a.kind <> 'instance' AND a.state <> 'deleted'" + page.bounds("a.id", places)
    if state:
        where += f" AND {_STATES[state]}"
    origin = asked.text("origin") or ("remote" if asked.flag("remote") else "local" if asked.flag("local") else "")
    if origin:
        where += f" AND a.domain_id IS {'NOT NULL' if origin == 'local' else 'NULL'}"
    if host := (asked.text("by_domain") or "").strip().lower():
        where += f" AND a.handle_host = {places.put(host)}"
    for name, column in (("username", "LOWER(a.username)"), ("display_name", "LOWER(a.name)")):
        if words := (asked.text(name) or "").strip().lower().lstrip("@"):
            where += f" AND {column} LIKE {places.put(f'%{_literal(words)}%')} ESCAPE '!'"
    of_person = "EXISTS (SELECT 1 FROM memberships m JOIN people p ON p.id = m.person_id WHERE m.actor_id = a.id AND "
    if email := (asked.text("email") or "").strip().lower():
        where += f" AND {of_person}p.email = {places.put(email)})"
    if asked.flag("staff") or asked.text("permissions") == "staff":
        where += f" AND {of_person}(p.keeper OR p.moderator))"
    rows = await at.reader.fetch(
        f"SELECT a.id FROM actors a WHERE {where} ORDER BY a.id {page.order} LIMIT {page.count}", *places.values
    )
    ids, links = paging.listed(at.call, page.arranged(row[0] for row in rows), page, lambda actor_id: actor_id)
    found = await entities.accounts(at.reader, ids)
    return at.answer([found[actor_id] for actor_id in ids if actor_id in found], links)


async def show(at: Moderating) -> Answer:
    """GET /api/v1/admin/accounts/:id."""
    waiting = await sign_ups.by_id(at.reader, at.id)
    if waiting is not None:
        return at.answer(await _asked(at, waiting))
    return await _answer(at, await _known(at))


async def act(at: Moderating) -> Answer:
    """POST /api/v1/admin/accounts/:id/action: a decision, in the open file about the account, perhaps that of a report.

    Its reasons (`text`) are sent to the author, whatever `send_email_notification` says: that is the law.
    """
    target, asked = await _known(at), at.input
    kind = KINDS.get(asked.required("type"))
    if kind is None:
        raise Invalid(sentence("The measure is one of: %(kinds)s", kinds=", ".join(KINDS)))
    report_id = asked.id("report_id")
    report = None if report_id is None else await reports.require(at.reader, report_id)
    if report is not None and report.target_id != target.id:
        raise Invalid(sentence("This report is about another account."))
    if kind == "sensitive" and report is None:
        raise Invalid(sentence("Posts are marked as sensitive, not accounts: name the report that is about them."))
    await at.perform(
        "actor.judge", handle=f"@{target.handle}", kind=kind, why=asked.text("text") or "",
        words=report.ground if report else "", report="" if report is None else str(report.id),
    )  # fmt: skip
    return EMPTY


async def enable(at: Moderating) -> Answer:
    """POST /api/v1/admin/accounts/:id/enable: it may publish again, and its owner log in."""
    target = await _known(at)
    await _lift(at, target, "freeze")
    for person, role in await memberships.people_of(at.reader, target.id):
        if role == "owner" and person.state == "suspended":
            await at.perform("user.enable", email=person.email)
    return await _answer(at, target)


async def unsilence(at: Moderating) -> Answer:
    """POST /api/v1/admin/accounts/:id/unsilence."""
    target = await _known(at)
    await _lift(at, target, "limit")
    return await _answer(at, target)


async def unsuspend(at: Moderating) -> Answer:
    """POST /api/v1/admin/accounts/:id/unsuspend."""
    target = await _known(at)
    await at.perform("actor.unsuspend", handle=f"@{target.handle}")
    return await _answer(at, target)


async def unsensitive(at: Moderating) -> Answer:
    """POST /api/v1/admin/accounts/:id/unsensitive: what decisions marked as sensitive is as its author wrote it."""
    target = await _known(at)
    await _lift(at, target, "sensitive")
    return await _answer(at, target)


async def approve(at: Moderating) -> Answer:
    """POST /api/v1/admin/accounts/:id/approve: the account is made, and has an id of its own."""
    waiting = await _who_waits(at)
    await at.perform("signup.approve", id=waiting.id)
    domain = await domains.by_id(at.ctx.db.reader, waiting.domain_id)
    made = None
    if domain is not None and waiting.username:
        made = await actors.local_by_username(at.ctx.db.reader, waiting.username, domain.service_host)
    return at.answer(await _asked(at, waiting)) if made is None else await _answer(at, made)


async def reject(at: Moderating) -> Answer:
    """POST /api/v1/admin/accounts/:id/reject: she is told why, and all else is forgotten."""
    waiting = await _who_waits(at)
    usual = translator(at.language)(sentence("The keepers of this server did not accept it."))
    await at.perform("signup.refuse", id=waiting.id, reason=at.input.text("text") or usual)
    return at.answer(await _asked(at, waiting))


async def _waiting(at: Moderating, page: Page) -> Answer:
    require_duty(at.person, "keep people")
    found = [each for each in await sign_ups.waiting(at.reader, below=page.max_id) if each.id > page.above]
    links = paging.links(at.call, [each.id for each in found], more=len(found) == sign_ups.AT_ONCE)
    return at.answer([await _asked(at, each) for each in found], links)


async def _who_waits(at: Moderating) -> SignUp:
    found = await sign_ups.by_id(at.ctx.db.reader, at.id)
    if found is None or found.state != "waiting":
        raise RecordNotFound
    return found


async def _asked(at: Moderating, waiting: SignUp) -> dict[str, Any]:
    require_duty(at.person, "keep people")
    domain = await domains.by_id(at.reader, waiting.domain_id)
    return entities.asked(waiting, domain or at.call.domain)


async def _known(at: Moderating) -> Actor:
    found = await actors.by_id(at.ctx.db.reader, at.id)
    if found is None or found.deleted or found.kind == "instance":
        raise RecordNotFound
    return found


async def _lift(at: Moderating, target: Actor, kind: Kind) -> None:
    """Take every standing decision of that kind about the account back."""
    for each in await decisions.about(at.ctx.db.reader, [target.id]):
        if each.kind == kind and each.state == "standing":
            await at.perform("case.lift", decision=str(each.id))


async def _answer(at: Moderating, target: Actor) -> Answer:
    return at.answer((await entities.accounts(at.ctx.db.reader, [target.id]))[target.id])


def _literal(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
