"""`/admin/accounts`: the accounts of this node; made, given people, suspended, given new keys, deleted."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from starlette.responses import Response

from admin.actors import Kind
from admin.console import paging
from admin.console.door import Keeping
from node.actors import actors, domains, memberships
from node.actors.actor import Actor
from node.actors.memberships import Role
from node.runtime.errors import BeffroiError, Invalid, NotFound
from node.runtime.i18n import sentence
from node.web import cursors

PATH: Final = "/admin/accounts"

_ACTS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "suspend": ("actor.suspend", ("why",)),
    "unsuspend": ("actor.unsuspend", ()),
    "rotate-keys": ("actor.rotate_keys", ()),
    "delete": ("actor.delete", ()),
    "member": ("actor.member", ("email", "role")),
    "unmember": ("actor.unmember", ("email",)),
}
"""What a form of an account's page does: the operation, and the fields that it takes beside the handle."""
_NEW: Final = ("domain", "username", "kind", "name", "insee", "member")


async def show_all(keeping: Keeping) -> Response:
    """GET /admin/accounts: the newest first; `q` is part of a handle or a name. Two queries."""
    rows = await keeping.reader.fetch(
        "SELECT a.id FROM actors a WHERE a.domain_id IS NOT NULL AND a.kind <> 'instance' AND a.id < $1 "
        "AND ($2 = '%%' OR a.username || '@' || a.handle_host LIKE $2 ESCAPE '!' OR LOWER(a.name) LIKE $2 ESCAPE '!') "
        f"ORDER BY a.id DESC LIMIT {paging.ROWS}",
        paging.below(keeping), paging.pattern(keeping.asked("q").removeprefix("@")),
    )  # fmt: skip
    ids = [row[0] for row in rows]
    found = await actors.by_ids(keeping.reader, ids)
    return keeping.page(
        "accounts.html", found=[found[id_] for id_ in ids], q=keeping.asked("q"), older=paging.older(keeping, ids)
    )


async def show_new(keeping: Keeping) -> Response:
    """GET /admin/accounts/new."""
    return await _new_page(keeping, {})


async def create(keeping: Keeping) -> Response:
    """POST /admin/accounts/new: of a commune by its INSEE code, or by a name."""
    form = await keeping.form()
    try:
        lines = await keeping.perform("actor.create", **{name: form.text(name).strip() for name in _NEW})
    except BeffroiError as error:
        return await _new_page(keeping, form.values, error)
    return await _new_page(keeping, {}, lines=lines)


async def show(keeping: Keeping) -> Response:
    """GET /admin/accounts/{id}."""
    return await _page(keeping, await _account(keeping))


async def do(keeping: Keeping) -> Response:
    """POST /admin/accounts/{id}/{act}."""
    form = await keeping.form()
    account, act = await _account(keeping), keeping.path("act")
    if act not in _ACTS:
        raise NotFound(sentence("There is no such page"))
    name, fields = _ACTS[act]
    said: dict[str, Any] = {field: form.text(field).strip() for field in fields}
    try:
        if act == "delete" and form.text("handle").strip().removeprefix("@") != account.handle:
            raise Invalid(
                sentence("Type the whole name of the account to delete it: @%(handle)s", handle=account.handle)
            )
        lines = await keeping.perform(name, handle=f"@{account.handle}", **said)
    except BeffroiError as error:
        return await _page(keeping, account, problem=error)
    return await _page(keeping, await _account(keeping), lines=lines)


async def _account(keeping: Keeping) -> Actor:
    found = await actors.by_id(keeping.ctx.db.reader, cursors.read(keeping.path("id")))
    if found is None or not found.local or found.kind == "instance":
        raise NotFound(sentence("There is no such account here."))
    return found


async def _page(
    keeping: Keeping, account: Actor, *, lines: list[str] | None = None, problem: BeffroiError | None = None
) -> Response:
    return keeping.page(
        "account_kept.html", account=account, roles=get_args(Role),
        members=await memberships.people_of(keeping.ctx.db.reader, account.id), lines=lines or (),
        status=200 if problem is None else problem.status,
        problem=None if problem is None else keeping.visit.say(problem.args[0]),
    )  # fmt: skip


async def _new_page(
    keeping: Keeping, values: Mapping[str, str], problem: BeffroiError | None = None, lines: list[str] | None = None
) -> Response:
    return keeping.page(
        "account_new.html", values=values, kinds=get_args(Kind), domains=await domains.all(keeping.reader),
        lines=lines or (), status=200 if problem is None else problem.status,
        problem=None if problem is None else keeping.visit.say(problem.args[0]),
    )  # fmt: skip
