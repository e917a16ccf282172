"""Domains of this node: the right of the @ (handle host), and where ids, API and cookies live (service host).

Several domains may share one service host; each has its own handle host. In a laboratory a host has a port.
"""

from dataclasses import dataclass
from typing import Literal

from node.actors import hosts
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n.sentences import sentence

Registrations = Literal["closed", "invitation", "approval", "open"]
"""Who may make an account: nobody (keepers make them), who is invited, who is approved, everybody."""

_COLUMNS = "id, handle_host, service_host, name, description, contact_email, registrations, created_ms"


@dataclass(frozen=True, slots=True)
class Domain:
    """One local domain."""

    id: int
    handle_host: str
    service_host: str
    name: str
    description: str
    contact_email: str
    registrations: Registrations
    created_ms: int


async def create(
    tx: Tx,
    ctx: Context,
    *,
    handle_host: str,
    service_host: str,
    name: str,
    description: str = "",
    contact_email: str = "",
    registrations: Registrations = "closed",
) -> Domain:
    """Take a domain in. Its instance actor is made beside it (`actors.create_instance_actor`).

    Raises:
        Invalid: a host is not a host, or the handle host is this node's already.
    """
    domain = Domain(
        ctx.ids.next(), hosts.authority(handle_host), hosts.authority(service_host), name, description,
        contact_email, registrations, ctx.clock.now_ms(),
    )  # fmt: skip
    placed = await tx.execute(
        f"INSERT INTO domains ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        domain.id, domain.handle_host, domain.service_host, domain.name, domain.description, domain.contact_email,
        domain.registrations, domain.created_ms,
    )  # fmt: skip
    if not placed:
        raise Invalid(sentence("This server has that domain already: %(name)s", name=domain.handle_host))
    return domain


async def update(
    tx: Tx, *, domain: Domain, name: str, description: str, contact_email: str, registrations: Registrations
) -> None:
    """Say anew what strangers read about the domain; its hosts never change, ids are made of them."""
    await tx.execute(
        "UPDATE domains SET name = $2, description = $3, contact_email = $4, registrations = $5 WHERE id = $1",
        domain.id, name, description, contact_email, registrations,
    )  # fmt: skip


async def by_id(reader: Reader, domain_id: int) -> Domain | None:
    """The domain of that id."""
    return _domain(await reader.row(f"SELECT {_COLUMNS} FROM domains WHERE id = $1", domain_id))


async def by_handle_host(reader: Reader, host: str) -> Domain | None:
    """The domain whose handles end in *host* (normal form)."""
    return _domain(await reader.row(f"SELECT {_COLUMNS} FROM domains WHERE handle_host = $1", host))


async def by_service_host(reader: Reader, host: str) -> list[Domain]:
    """The domains served at *host* (normal form), the oldest first."""
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM domains WHERE service_host = $1 ORDER BY id", host)
    return [_read(row) for row in rows]


async def all(reader: Reader) -> list[Domain]:  # noqa: A001 - read as domains.all
    """Every domain of the node, the oldest first."""
    return [_read(row) for row in await reader.fetch(f"SELECT {_COLUMNS} FROM domains ORDER BY id")]


async def for_request(reader: Reader, host: str) -> Domain:
    """The domain that a request to *host* (its Host header) speaks to.

    A handle host before a service host; of several on one service host, the oldest.

    Raises:
        NotFound: nobody here is called that.
    """
    try:
        host = hosts.authority(host)
    except Invalid:
        raise NotFound(sentence("This server does not answer to that name.")) from None
    row = await reader.row(
        f"SELECT {_COLUMNS} FROM domains WHERE handle_host = $1 OR service_host = $1 "
        "ORDER BY CASE WHEN handle_host = $1 THEN 0 ELSE 1 END, id LIMIT 1",
        host,
    )
    if row is None:
        raise NotFound(sentence("This server does not answer to that name."))
    return _read(row)


async def is_local(reader: Reader, host: str) -> bool:
    """Whether *host* (normal form, with its port) is a handle host or a service host of this node."""
    return (
        await reader.value("SELECT 1 FROM domains WHERE handle_host = $1 OR service_host = $1 LIMIT 1", host)
        is not None
    )


def _domain(row: Row | None) -> Domain | None:
    return None if row is None else _read(row)


def _read(row: Row) -> Domain:
    return Domain(*row)
