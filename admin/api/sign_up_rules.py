"""Who may not simply sign up, for who keeps the node: hosts of mail, networks, and single addresses, by digest."""

from collections.abc import Callable
from typing import Any, Final

from admin.api.door import Moderating
from node.api import paging
from node.api.answers import EMPTY, Answer
from node.api.errors import RecordNotFound
from node.moderation import sign_up_rules
from node.moderation.sign_up_rules import Kind, Rule
from node.runtime.clock import iso
from node.runtime.errors import Invalid
from node.runtime.i18n import sentence

_SEVERITIES: Final = {"sign_up_requires_approval": "hold", "sign_up_block": "refuse"}
_SAID: Final = {ours: theirs for theirs, ours in _SEVERITIES.items()}


def _mail(rule: Rule) -> dict[str, Any]:
    """Admin::EmailDomainBlock. Attempts are not counted: the history has no days."""
    return {
        "id": str(rule.id), "domain": rule.value, "created_at": iso(rule.created_ms), "history": [],
        "allow_with_approval": rule.act == "hold",
    }  # fmt: skip


def _network(rule: Rule) -> dict[str, Any]:
    """Admin::IpBlock."""
    return {
        "id": str(rule.id), "ip": rule.value, "severity": _SAID[rule.act], "comment": rule.note,
        "created_at": iso(rule.created_ms), "expires_at": None,
    }  # fmt: skip


def _address(rule: Rule) -> dict[str, Any]:
    """Admin::CanonicalEmailBlock."""
    return {"id": str(rule.id), "canonical_email_hash": rule.value}


_RENDERED: Final[dict[Kind, Callable[[Rule], dict[str, Any]]]] = {
    "mail": _mail, "network": _network, "address": _address,
}  # fmt: skip


async def mail_hosts(at: Moderating) -> Answer:
    """GET /api/v1/admin/email_domain_blocks."""
    return await _listed(at, "mail")


async def networks(at: Moderating) -> Answer:
    """GET /api/v1/admin/ip_blocks."""
    return await _listed(at, "network")


async def addresses(at: Moderating) -> Answer:
    """GET /api/v1/admin/canonical_email_blocks."""
    return await _listed(at, "address")


async def show_mail_host(at: Moderating) -> Answer:
    """GET /api/v1/admin/email_domain_blocks/:id."""
    return at.answer(_mail(await _known(at, "mail")))


async def show_network(at: Moderating) -> Answer:
    """GET /api/v1/admin/ip_blocks/:id."""
    return at.answer(_network(await _known(at, "network")))


async def show_address(at: Moderating) -> Answer:
    """GET /api/v1/admin/canonical_email_blocks/:id."""
    return at.answer(_address(await _known(at, "address")))


async def add_mail_host(at: Moderating) -> Answer:
    """POST /api/v1/admin/email_domain_blocks: `domain`; with `allow_with_approval` a keeper looks at such sign-ups."""
    held = at.input.flag("allow_with_approval")
    return await _add(at, "mail", at.input.required("domain"), "hold" if held else "refuse")


async def add_network(at: Moderating) -> Answer:
    """POST /api/v1/admin/ip_blocks: `ip`, `severity`, `comment`."""
    return await _add(at, "network", at.input.required("ip"), _act(at, None), at.input.text("comment") or "")


async def change_network(at: Moderating) -> Answer:
    """PUT (or PATCH) /api/v1/admin/ip_blocks/:id: what is not named stays; another `ip` is another block."""
    rule = await _known(at, "network")
    note = at.input.text("comment")
    ip = at.input.text("ip")
    if ip is not None and ip.strip() != rule.value:
        raise Invalid(sentence("Another network is another rule: add it, and take this one back."))
    return await _add(at, "network", rule.value, _act(at, rule), rule.note if note is None else note)


async def add_address(at: Moderating) -> Answer:
    """POST /api/v1/admin/canonical_email_blocks: `email`, or `canonical_email_hash`. The address itself is not kept."""
    digest = (at.input.text("canonical_email_hash") or "").strip().lower()
    if not digest:
        digest = sign_up_rules.written("address", at.input.required("email"))
    return await _add(at, "address", digest, "refuse")


async def test_address(at: Moderating) -> Answer:
    """POST /api/v1/admin/canonical_email_blocks/test: the blocks that `email` meets."""
    digest = sign_up_rules.written("address", at.input.required("email"))
    return at.answer([_address(each) for each in await _of_kind(at, "address") if each.value == digest])


async def remove_mail_host(at: Moderating) -> Answer:
    """DELETE /api/v1/admin/email_domain_blocks/:id."""
    return await _remove(at, "mail")


async def remove_network(at: Moderating) -> Answer:
    """DELETE /api/v1/admin/ip_blocks/:id."""
    return await _remove(at, "network")


async def remove_address(at: Moderating) -> Answer:
    """DELETE /api/v1/admin/canonical_email_blocks/:id."""
    return await _remove(at, "address")


async def _listed(at: Moderating, kind: Kind) -> Answer:
    page = paging.asked(at.call, default=40, most=80)
    found = await sign_up_rules.page(
        at.reader, kind, below=page.below, above=page.above, ascending=page.order == "ASC", limit=page.count
    )
    rows, links = paging.listed(at.call, page.arranged(found), page, lambda rule: rule.id)
    return at.answer([_RENDERED[kind](each) for each in rows], links)


async def _add(at: Moderating, kind: Kind, value: str, act: str, note: str = "") -> Answer:
    value = sign_up_rules.written(kind, value)
    await at.perform("signup_rule.add", kind=kind, value=value, act=act, note=note)
    for each in await _of_kind(at, kind):
        if each.value == value:
            return at.answer(_RENDERED[kind](each))
    raise RecordNotFound  # taken back at the same moment


async def _remove(at: Moderating, kind: Kind) -> Answer:
    rule = await _known(at, kind)
    await at.perform("signup_rule.remove", kind=kind, value=rule.value)
    return EMPTY


async def _known(at: Moderating, kind: Kind) -> Rule:
    found = await sign_up_rules.by_id(at.ctx.db.reader, at.id)
    if found is None or found.kind != kind:
        raise RecordNotFound
    return found


async def _of_kind(at: Moderating, kind: Kind) -> list[Rule]:
    return [each for each in await sign_up_rules.all(at.ctx.db.reader) if each.kind == kind]


def _act(at: Moderating, standing: Rule | None) -> str:
    if at.input.text("expires_in"):
        raise Invalid(sentence("Rules for sign-ups do not end by themselves here: take them back when it is time."))
    severity = at.input.text("severity") or (_SAID[standing.act] if standing else "")
    if severity not in _SEVERITIES:
        raise Invalid(
            sentence("Of networks, sign-ups are refused or looked at; reading is open to all: %(severities)s",
                     severities=", ".join(_SEVERITIES))
        )  # fmt: skip
    return _SEVERITIES[severity]
