"""Events as people read them: the day and hour on the clock of the place, the place, a link; above the organiser's words."""

from dataclasses import replace
from html import escape

from node.federation.vocab.events import EventDetails
from node.federation.vocab.places import Place
from node.federation.vocab.posts import Post
from node.runtime.i18n import dates
from node.runtime.i18n.translation import Language, translator

_DAY_MS = 24 * 60 * 60 * 1000


def announced(document: Post) -> Post:
    """*document*; an Event says when and where before anything else, in its own language, else in French.

    Any other post says below where it was written, or its picture taken, if it names a place.
    """
    if not document.media_type.startswith("text/html"):
        return document
    if document.event is None:
        where = "" if document.place is None else _where(document.place)
        if not where or where in document.content:
            return document
        return replace(document, content=f"{document.content}<p>📍 {escape(where, quote=False)}</p>")
    language: Language = "en" if (document.language or "").lower().startswith("en") else "fr"
    head = _head(document.event, language)
    link = document.url or document.id
    foot = "" if link in document.content else f'<p><a href="{escape(link)}">{escape(link)}</a></p>'
    return replace(document, content=head + document.content + foot)


def _head(event: EventDetails, language: Language) -> str:
    _, lines = translator(language), []
    if event.status == "cancelled":
        cancelled = _("Cancelled")
        lines.append(f"<strong>{cancelled}</strong>")
    if event.starts_ms is not None:
        lines.append(f"📅 {escape(_when(event, language), quote=False)}")
    if event.place is not None and (where := _where(event.place)):
        lines.append(f"📍 {escape(where, quote=False)}")
    elsewhere = [address for address in (event.online_url, event.join_url) if address is not None]
    lines += [f'🔗 <a href="{escape(address)}">{escape(address)}</a>' for address in elsewhere]
    return f"<p>{'<br>'.join(lines)}</p>" if lines else ""


def _when(event: EventDetails, language: Language) -> str:
    starts_ms, ends_ms, zone = event.starts_ms or 0, event.ends_ms, event.timezone or dates.PARIS
    begins = dates.moment(starts_ms, language, zone=zone)
    if ends_ms is None or ends_ms <= starts_ms:
        return begins
    if ends_ms - starts_ms < _DAY_MS and dates.day(starts_ms, language, zone=zone) == dates.day(
        ends_ms, language, zone=zone
    ):
        return f"{begins} – {dates.hour(ends_ms, language, zone=zone)}"
    return f"{begins} – {dates.moment(ends_ms, language, zone=zone)}"


def _where(place: Place) -> str:
    return ", ".join(part for part in (place.name, place.address) if part and part.strip())
