"""The instance: what a domain of this node says about itself to clients."""

from dataclasses import dataclass
from html import escape

from node.actors import actors, figures, presented
from node.actors.actor import Actor
from node.actors.figures import Figures
from node.api.answers import Answer
from node.api.call import Call
from node.api.entities import instance, rule
from node.moderation import rules as site_rules
from node.moderation.rules import Rule
from node.notifications.push import vapid
from node.runtime.clock import iso
from node.runtime.i18n import sentence, translator

_PUBLIC = ((b"cache-control", b"public, max-age=180"),)
_FRESH_MS = 10 * 60 * 1000
_MONTH_MS = 30 * 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class _Kept:
    figures: Figures
    contact: Actor | None
    read_ms: int


async def version2(call: Call) -> Answer:
    """GET /api/v2/instance."""
    counted = await _counted(call)
    shown = instance.version2(
        call.ctx,
        call.domain,
        contact=counted.contact,
        active_people=counted.figures.active,
        rules=await _rules(call),
        vapid_key=await vapid.public_key(call.ctx, call.domain.id),
    )
    return call.answer(shown, _PUBLIC)


async def version1(call: Call) -> Answer:
    """GET /api/v1/instance."""
    counted = await _counted(call)
    shown = instance.version1(
        call.ctx,
        call.domain,
        contact=counted.contact,
        figures=counted.figures,
        rules=await _rules(call),
        vapid_key=await vapid.public_key(call.ctx, call.domain.id),
    )
    return call.answer(shown, _PUBLIC)


async def rules(call: Call) -> Answer:
    """GET /api/v1/instance/rules, in their order."""
    return call.answer(rule.render_all(await _rules(call)), _PUBLIC)


async def extended_description(call: Call) -> Answer:
    """GET /api/v1/instance/extended_description: what the site says of itself, and the territories that it serves."""
    said = "".join(f"<p>{escape(line)}</p>" for line in call.domain.description.splitlines() if line.strip())
    served = await presented.territories(call.reader, call.domain.id)
    if served:
        title = translator(call.ctx.settings.language)(sentence("Territories that this site serves"))
        said += f"<p>{escape(title)}</p><ul>{''.join(map(_line, served))}</ul>"
    return call.answer({"updated_at": iso(call.domain.created_ms), "content": said}, _PUBLIC)


def _line(actor: Actor) -> str:
    code = f" (INSEE {actor.insee})" if actor.insee else f" (SIREN {actor.siren})" if actor.siren else ""
    address = escape(actor.url or actor.uri)
    return f'<li><a href="{address}">{escape(actor.name or actor.username)}</a>{escape(code)}</li>'


async def translation_languages(call: Call) -> Answer:
    """GET /api/v1/instance/translation_languages: nothing is translated."""
    return call.answer({}, _PUBLIC)


async def _rules(call: Call) -> list[Rule]:
    return await site_rules.of_domain(call.reader, call.domain.id, translator(call.ctx.settings.language))


async def _counted(call: Call) -> _Kept:
    """Figures of the domain, some minutes old: counting is not for every request."""
    cache, now_ms = call.ctx.cache.of("instance_figures", 1024), call.ctx.clock.now_ms()
    kept: _Kept | None = cache.get(call.domain.id)
    if kept is None or now_ms - kept.read_ms > _FRESH_MS:
        found = await figures.of_domain(call.ctx.db.survey, domain_id=call.domain.id, since_ms=now_ms - _MONTH_MS)
        contact = None if found.contact_id is None else await actors.by_id(call.reader, found.contact_id)
        kept = _Kept(found, contact, now_ms)
        cache.put(call.domain.id, kept)
    return kept
