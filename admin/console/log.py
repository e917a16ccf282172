"""`/admin/audit`: who did what; searched, and copied as a table or as lines of JSON."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

import orjson
from starlette.responses import Response, StreamingResponse

from admin import audit as copying
from admin.console import paging
from admin.console.details import in_words
from admin.console.door import Keeping
from node.actors import people
from node.moderation import audit
from node.moderation.audit import Entry, Search
from node.runtime.errors import BeffroiError, Invalid
from node.runtime.i18n import Sentence, sentence
from node.web import desk_log

PATH: Final = "/admin/audit"

ACTS: Final[Mapping[str, Sentence]] = desk_log.ACTS | {
    "user.create": sentence("made the person"),
    "user.password": sentence("gave a new password to"),
    "user.disable": sentence("shut out"),
    "user.enable": sentence("let in again"),
    "user.delete": sentence("deleted the person"),
    "user.duty": sentence("changed the duty of"),
    "user.reset_factor": sentence("took the second factors away from"),
    "user.log_out": sentence("logged out"),
    "factor.add": sentence("added a second factor for"),
    "factor.remove": sentence("removed a second factor of"),
    "factor.codes": sentence("made new recovery codes for"),
    "actor.create": sentence("made the account"),
    "actor.member": sentence("gave a role in"),
    "actor.unmember": sentence("took a role away in"),
    "actor.delete": sentence("deleted the account"),
    "actor.rotate_keys": sentence("gave new keys to"),
    "actor.suspend": sentence("suspended"),
    "actor.judge": sentence("decided about the account"),
    "actor.unsuspend": sentence("let come back"),
    "domain.add": sentence("added the domain"),
    "domain.describe": sentence("described the domain"),
    "domain.legal": sentence("said the legal notice of"),
    "case.decide": sentence("decided in the file"),
    "case.lift": sentence("took back a decision"),
    "case.judge": sentence("judged the appeal"),
    "reports.classify": sentence("said of what kind the report is:"),
    "reports.reopen": sentence("opened again the report"),
    "block.add": sentence("decided about the server"),
    "block.remove": sentence("no longer refuses the server"),
    "allow.add": sentence("put on the list of servers"),
    "agreement.accept": sentence("accepted an agreement with"),
    "agreement.limit": sentence("limited the agreement with"),
    "agreement.end": sentence("ended the agreement with"),
    "set_up.init": sentence("set the node up"),
    "set_up.begin": sentence("asked for an address to set the node up in a browser"),
    "set_up.found": sentence("set the node up in a browser"),
}
"""Acts in words; others stand as the log has them."""

_FIELDS: Final = ("who", "act", "about", "since", "until")
_TYPES: Final = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}


async def show(keeping: Keeping) -> Response:
    """GET /admin/audit: the newest first."""
    asked = {name: keeping.asked(name) for name in _FIELDS}
    problem, found = None, []
    try:
        search = copying.search(**asked)
        found = await audit.listed(keeping.reader, search, below=paging.below(keeping), limit=paging.ROWS)
    except Invalid as error:
        problem = error
    names = await _names(keeping, found)
    kept = urlencode({name: value for name, value in asked.items() if value})
    return keeping.page(
        "log.html", acts=ACTS, found=found, details={each.id: in_words(keeping.visit.say, each.details, names) for each in found},
        asked=asked, kept=kept, older=paging.older(keeping, [each.id for each in found]),
        status=200 if problem is None else problem.status,
        problem=None if problem is None else keeping.visit.say(problem.args[0]),
    )  # fmt: skip


async def _names(keeping: Keeping, found: Sequence[Entry]) -> dict[int, str]:
    wanted = {int(each.details["written_by"] or 0) for each in found if "written_by" in each.details}
    known = await people.by_ids(keeping.reader, sorted(wanted))
    return {each.id: each.name or each.email for each in known.values()}


async def check(keeping: Keeping) -> Response:
    """POST /admin/audit: read the whole chain."""
    await keeping.form()
    try:
        lines, problem = await keeping.perform("audit.verify"), None
    except BeffroiError as error:
        lines, problem = [], error
    return keeping.page(
        "log.html", acts=ACTS, found=[], asked=dict.fromkeys(_FIELDS, ""), kept="", older=None, lines=lines,
        status=200 if problem is None else problem.status,
        problem=None if problem is None else keeping.visit.say(problem.args[0]),
    )  # fmt: skip


async def export(keeping: Keeping) -> Response:
    """GET /admin/audit/export: the oldest first, in pieces, however long it is."""
    search = copying.search(**{name: keeping.asked(name) for name in _FIELDS})
    form = keeping.asked("form") if keeping.asked("form") in _TYPES else "csv"
    return StreamingResponse(
        _pieces(keeping, search, form),
        headers={
            "Content-Disposition": f'attachment; filename="journal.{form}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
        media_type=_TYPES[form],
    )


async def _pieces(keeping: Keeping, search: Search, form: str) -> AsyncIterator[bytes]:
    above = 0
    if form == "csv":
        yield copying.as_csv([], header=True).encode()
    while found := await audit.copied(keeping.reader, search, above=above):
        above = found[-1].entry.id
        entries = [copying.as_json(each) for each in found]
        if form == "csv":
            yield copying.as_csv(entries, header=False).encode()
        else:
            yield b"".join(orjson.dumps(entry) + b"\n" for entry in entries)
