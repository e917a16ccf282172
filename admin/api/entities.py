"""Admin::Account and what else is put together of rows (https://docs.joinmastodon.org/entities/Admin_Account/)."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from node.actors import actors, people
from node.actors.actor import Actor
from node.actors.domains import Domain
from node.actors.people import Person
from node.api.entities import account, role
from node.api.splicing import HOME, address
from node.media import addresses
from node.moderation.sign_ups import SignUp
from node.runtime.clock import iso
from node.runtime.database import Reader

_NOBODY: Final = 0


async def accounts(reader: Reader, actor_ids: Iterable[int | None]) -> dict[int, dict[str, Any]]:
    """Admin::Account of each of those that exist. Two queries."""
    found = await actors.by_ids(reader, sorted({actor_id for actor_id in actor_ids if actor_id is not None}))
    owners = await _owners(reader, [each.id for each in found.values() if each.local])
    return {actor_id: shown(actor, owners.get(actor_id)) for actor_id, actor in found.items()}


def shown(actor: Actor, owner: Person | None) -> dict[str, Any]:
    """One account; *owner*, of one of this node, is the first who owns it: more may speak for it.

    From where anybody connects is not kept, so there is no address.
    """
    local = actor.local
    return {
        "id": str(actor.id),
        "username": actor.username,
        "domain": None if local else actor.handle_host,
        "created_at": iso(actor.created_ms),
        "email": owner.email if owner else "" if local else None,
        "ip": None,
        "ips": [],
        "locale": owner.language if owner else None,
        "invite_request": None,
        "role": role.render(owner) if local else None,
        "confirmed": True if local else None,
        "approved": True if local else None,
        "disabled": actor.frozen or (owner is not None and owner.state != "active") if local else None,
        "silenced": actor.limited,
        "suspended": actor.suspended,
        "sensitized": False,
        "account": account.render(actor),
    }


def asked(sign_up: SignUp, domain: Domain) -> dict[str, Any]:
    """Somebody who waits for an account: there is none yet, so nearly nothing can be said of it."""
    avatar = address(addresses.of_actor(HOME, "avatar", _NOBODY, None, local=True))
    header = address(addresses.of_actor(HOME, "header", _NOBODY, None, local=True))
    name = sign_up.username or sign_up.email.partition("@")[0]
    page = f"https://{domain.service_host}/@{name}"
    return {
        "id": str(sign_up.id),
        "username": name,
        "domain": None,
        "created_at": iso(sign_up.created_ms),
        "email": sign_up.email,
        "ip": None,
        "ips": [],
        "locale": sign_up.language,
        "invite_request": sign_up.reason or None,
        "role": role.render(None),
        "confirmed": True,
        "approved": False,
        "disabled": False,
        "silenced": False,
        "suspended": False,
        "sensitized": False,
        "account": {
            "id": str(sign_up.id), "username": name, "acct": name, "display_name": sign_up.name, "locked": False,
            "bot": False, "discoverable": False, "indexable": False, "group": False, "created_at": iso(sign_up.created_ms),
            "note": "", "url": page, "uri": page, "avatar": avatar, "avatar_static": avatar, "avatar_description": "",
            "header": header, "header_static": header, "header_description": "", "followers_count": 0,
            "following_count": 0, "statuses_count": 0, "last_status_at": None, "hide_collections": False, "emojis": [],
            "fields": [], "roles": [],
        },
    }  # fmt: skip


async def accounts_of(reader: Reader, person_ids: Sequence[int]) -> dict[int, int]:
    """The oldest account of each of those people. One query."""
    rows = await reader.fetch(
        "SELECT m.person_id, MIN(m.actor_id) FROM memberships m JOIN actors a ON a.id = m.actor_id "
        "WHERE m.person_id = ANY($1::bigint[]) AND a.state = 'active' GROUP BY m.person_id",
        list(person_ids),
    )
    return {row[0]: row[1] for row in rows}


async def _owners(reader: Reader, actor_ids: Sequence[int]) -> dict[int, Person]:
    if not actor_ids:
        return {}
    rows = await reader.fetch(
        f"SELECT m.actor_id, {people.columns('p')} FROM memberships m JOIN people p ON p.id = m.person_id "
        "WHERE m.actor_id = ANY($1::bigint[]) AND m.role = 'owner' ORDER BY m.created_ms DESC, p.id DESC",
        list(actor_ids),
    )
    return {row[0]: people.read(row, 1) for row in rows}  # the oldest is written last
