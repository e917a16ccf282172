"""The log of who did what: searched, copied, checked."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from node.moderation import audit
from node.moderation.audit import Entry, Fault, Sealed, Search
from node.runtime.clock import iso
from node.runtime.context import Context
from node.runtime.errors import Invalid
from node.runtime.i18n import Sentence, sentence, translator

_FRANCE: Final = ZoneInfo("Europe/Paris")
_MAX_FAULTS: Final = 50
COLUMNS: Final = ("at", "name", "via", "act", "about", "details", "id", "person_id", "actor_id", "number", "digest")
"""Of a copy in CSV."""
_FAULTS: Final[Mapping[str, Sentence]] = {
    "changed": sentence("entry %(id)s (link %(number)s) was changed since it was sealed"),
    "removed": sentence("entry %(id)s (link %(number)s) was removed"),
    "broken": sentence("links are missing before entry %(id)s (link %(number)s)"),
    "unsealed": sentence("entry %(id)s was never sealed: its link was removed, or it was slipped in"),
}


def search(*, who: str = "", act: str = "", about: str = "", since: str = "", until: str = "") -> Search:
    """What is looked for, as somebody typed it; both days are counted in.

    Raises:
        Invalid: a date that is none.
    """
    until_ms = _day_ms(until, after=1)
    return Search(who=who, act=act, about=about, from_ms=_day_ms(since), until_ms=until_ms)


async def list_all(
    ctx: Context, *, who: str = "", act: str = "", about: str = "", since: str = "", until: str = "", limit: int = 50
) -> list[str]:
    """One line an entry, the newest first."""
    _ = translator(ctx.settings.language)
    wanted = search(who=who, act=act, about=about, since=since, until=until)
    found = await audit.listed(ctx.db.survey, wanted, limit=min(max(limit, 1), 1000))
    return [line(entry) for entry in found] or [_("Nothing of this kind stands in the log.")]


def line(entry: Entry) -> str:
    """An entry on one line."""
    said = " ".join(f"{name}={value}" for name, value in entry.details.items())
    return f"{entry.id}  {iso(entry.at_ms)[:16]}  {entry.name or '-'} ({entry.via})  {entry.act}  {entry.about}  {said}".rstrip()


async def verify(ctx: Context, *, head: str = "") -> list[str]:
    """Read the whole chain; *head*: `number:digest` that somebody noted once, and that must still be in it.

    Raises:
        Invalid: it does not hold; the message names the entries.
    """
    _ = translator(ctx.settings.language)
    if await audit.waiting(ctx.db.reader):
        await ctx.db.write(lambda tx: audit.seal(tx, ctx))
    verdict = await audit.verified(ctx.db.survey, ctx)
    faults = [_(_fault(each)) for each in verdict.faults[:_MAX_FAULTS]]
    if head and not await _stands(ctx, head):
        faults.append(_("the link that you noted, %(head)s, is not in the chain", head=head))
    if faults:
        raise Invalid(sentence("The log was tampered with: %(faults)s.", faults="; ".join(faults)))
    return [
        _("The log holds: %(count)s entries, none changed and none removed.", count=verdict.number),
        _("Note its end elsewhere, to check with --head: %(head)s", head=f"{verdict.number}:{verdict.digest}"),
    ]


async def page(
    ctx: Context, *, above: int = 0, who: str = "", act: str = "", about: str = "", since: str = "", until: str = ""
) -> list[str]:
    """The next entries of a copy above an id, as lines of JSON; none: that was the end."""
    wanted = search(who=who, act=act, about=about, since=since, until=until)
    return [orjson.dumps(as_json(each)).decode() for each in await audit.copied(ctx.db.survey, wanted, above=above)]


def as_json(sealed: Sealed) -> dict[str, Any]:
    """An entry of a copy; ids are text, which no program rounds."""
    entry = sealed.entry
    return {
        "id": str(entry.id), "at": iso(entry.at_ms), "at_ms": entry.at_ms,
        "person_id": None if entry.person_id is None else str(entry.person_id), "name": entry.name, "via": entry.via,
        "act": entry.act, "about": entry.about, "actor_id": None if entry.actor_id is None else str(entry.actor_id),
        "details": dict(entry.details), "number": sealed.number, "digest": sealed.digest,
    }  # fmt: skip


def as_csv(entries: Iterable[Mapping[str, Any]], *, header: bool) -> str:
    """Entries of a copy as lines of CSV."""
    out = io.StringIO()
    writer = csv.writer(out)
    if header:
        writer.writerow(COLUMNS)
    for entry in entries:
        told = {**entry, "details": orjson.dumps(entry["details"]).decode() if entry["details"] else ""}
        writer.writerow([_harmless(told[name]) for name in COLUMNS])
    return out.getvalue()


def _harmless(value: object) -> str:
    # A spreadsheet runs what begins so as a formula (OWASP, 'CSV injection').
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _fault(fault: Fault) -> Sentence:
    return sentence(_FAULTS[fault.kind].message, id=fault.entry_id, number=fault.number)


async def _stands(ctx: Context, head: str) -> bool:
    number, _colon, digest = head.partition(":")
    if not (number.isascii() and number.isdecimal() and len(number) < 16):
        raise Invalid(sentence("A head is written number:digest, as 'beffroi audit verify' prints it."))
    if int(number) == 0:
        return digest == ""
    found = await ctx.db.reader.value("SELECT digest FROM audit_seals WHERE number = $1", int(number))
    return bool(found == digest)


def _day_ms(text: str, *, after: int = 0) -> int | None:
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=_FRANCE) + timedelta(days=after)
        return int(day.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise Invalid(sentence("%(date)s is no date; write it as 2026-09-21.", date=text)) from None
