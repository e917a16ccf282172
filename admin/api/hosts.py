"""Other servers, for who moderates: those that are refused something (domain_blocks), those that are listed (domain_allows)."""

import hashlib
from typing import Any, Final

from admin.api.door import Moderating
from node.actors import hosts
from node.actors.hosts import Policy
from node.api import paging
from node.api.answers import EMPTY, Answer, of
from node.api.errors import RecordNotFound
from node.runtime.clock import iso
from node.runtime.errors import Invalid
from node.runtime.i18n import sentence

_SEVERITIES: Final = {"noop": "none", "silence": "silence", "suspend": "suspend"}
_SAID: Final = {ours: theirs for theirs, ours in _SEVERITIES.items()}


async def blocks(at: Moderating) -> Answer:
    """GET /api/v1/admin/domain_blocks."""
    return await _listed(at, allowed=False)


async def allows(at: Moderating) -> Answer:
    """GET /api/v1/admin/domain_allows."""
    return await _listed(at, allowed=True)


async def show_block(at: Moderating) -> Answer:
    """GET /api/v1/admin/domain_blocks/:id."""
    return at.answer(_block(await _known(at, allowed=False)))


async def show_allow(at: Moderating) -> Answer:
    """GET /api/v1/admin/domain_allows/:id."""
    return at.answer(_allow(await _known(at, allowed=True)))


async def block(at: Moderating) -> Answer:
    """POST /api/v1/admin/domain_blocks: `domain`; silenced, if no `severity` is named. One that stands is not replaced."""
    domain = at.input.required("domain")
    standing = await _of(at, domain)
    if standing is not None and not _only_listed(standing):
        refusal = "A domain block already exists"
        return of({"error": refusal, "existing_domain_block": _block(standing)}, status=422)
    await _decide(at, Policy(domain, "silence"))
    return await _answer(at, domain, allowed=False)


async def change(at: Moderating) -> Answer:
    """PUT (or PATCH) /api/v1/admin/domain_blocks/:id: what is not named stays."""
    standing = await _known(at, allowed=False)
    await _decide(at, standing)
    return await _answer(at, standing.host, allowed=False)


async def unblock(at: Moderating) -> Answer:
    """DELETE /api/v1/admin/domain_blocks/:id."""
    standing = await _known(at, allowed=False)
    await at.perform("block.remove", host=standing.host)
    return EMPTY


async def allow(at: Moderating) -> Answer:
    """POST /api/v1/admin/domain_allows: `domain`; one that is listed already is shown."""
    domain = at.input.required("domain")
    standing = await _of(at, domain)
    if standing is not None and not _only_listed(standing):
        raise Invalid(sentence("This server is blocked: take the block back first."))
    if standing is None:
        await at.perform("allow.add", host=domain)
    return await _answer(at, domain, allowed=True)


async def disallow(at: Moderating) -> Answer:
    """DELETE /api/v1/admin/domain_allows/:id."""
    standing = await _known(at, allowed=True)
    await at.perform("block.remove", host=standing.host)
    return EMPTY


async def _listed(at: Moderating, *, allowed: bool) -> Answer:
    page = paging.asked(at.call, default=40, most=80)
    found = await hosts.page(
        at.reader, allowed=allowed, below=page.below, above=page.above, ascending=page.order == "ASC", limit=page.count
    )
    rows, links = paging.listed(at.call, page.arranged(found), page, lambda policy: policy.id)
    return at.answer([_allow(each) if allowed else _block(each) for each in rows], links)


async def _decide(at: Moderating, standing: Policy) -> None:
    asked = at.input
    severity = asked.text("severity") or _SAID[standing.severity]
    if severity not in _SEVERITIES:
        raise Invalid(sentence("The severity is one of: %(severities)s", severities=", ".join(_SEVERITIES)))

    def flag(name: str, before: bool) -> bool:
        said = asked.flag(name)
        return before if said is None else said

    def text(name: str, before: str) -> str:
        said = asked.text(name)
        return before if said is None else said

    reject_media = flag("reject_media", standing.reject_media)
    reject_reports = flag("reject_reports", standing.reject_reports)
    if severity == "noop" and not reject_media and not reject_reports:
        raise Invalid(sentence("Nothing would be refused: choose files, reports, or another severity."))
    await at.perform(
        "block.add", host=standing.host, severity=_SEVERITIES[severity], reject_media=reject_media,
        reject_reports=reject_reports, reason=text("private_comment", standing.reason),
        public_comment=text("public_comment", standing.public_comment),
        obfuscate=flag("obfuscate", standing.obfuscate),
    )  # fmt: skip


async def _of(at: Moderating, domain: str) -> Policy | None:
    """What was decided about that very host, and none above it."""
    host = hosts.normal(domain)
    found = await hosts.policy(at.ctx.db.reader, host)
    return found if found.host == host and found.id else None


async def _known(at: Moderating, *, allowed: bool) -> Policy:
    found = await hosts.by_id(at.ctx.db.reader, at.id)
    if found is None or _only_listed(found) != allowed:
        raise RecordNotFound
    return found


async def _answer(at: Moderating, domain: str, *, allowed: bool) -> Answer:
    found = await _of(at, domain)
    if found is None:
        raise RecordNotFound
    return at.answer(_allow(found) if allowed else _block(found))


def _only_listed(policy: Policy) -> bool:
    return policy.severity == "none" and not policy.reject_media and not policy.reject_reports


def _block(policy: Policy) -> dict[str, Any]:
    """Admin::DomainBlock."""
    return {
        "id": str(policy.id),
        "domain": policy.host,
        "digest": hashlib.sha256(policy.host.encode()).hexdigest(),
        "created_at": iso(policy.created_ms),
        "severity": _SAID[policy.severity],
        "reject_media": policy.reject_media,
        "reject_reports": policy.reject_reports,
        "private_comment": policy.reason or None,
        "public_comment": policy.public_comment or None,
        "obfuscate": policy.obfuscate,
    }


def _allow(policy: Policy) -> dict[str, Any]:
    """Admin::DomainAllow."""
    return {"id": str(policy.id), "domain": policy.host, "created_at": iso(policy.created_ms)}
