"""Templates into answers: a public page that caches may keep, or a page for one person that nobody keeps."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import Response

from node import __version__
from node.runtime.clock import iso
from node.runtime.i18n import Language, dates, translator
from node.web import cards, emojis, headers, static
from node.web.visits import Visit

_TEMPLATES: Final = Path(__file__).with_name("templates")
_PUBLIC_S: Final = 60


def public(
    visit: Visit,
    template: str,
    /,
    *,
    status: int = 200,
    max_age_s: int = _PUBLIC_S,
    form_action: str | None = headers.TO_US,
    media_type: str = "text/html",
    vary: str = "Accept-Language",
    more: Mapping[str, str] = {},
    **values: Any,
) -> Response:
    """A page that is the same for everyone who reads this language: no cookie is looked at to make it."""
    body = render(visit, template, **values)
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
    head = {
        **headers.of_page(visit.ctx, form_action=form_action),
        "Cache-Control": f"public, max-age={max_age_s}",
        "Vary": vary,
        "ETag": tag,
        "Content-Language": visit.language,
        **more,
    }
    if status == 200 and tag in visit.request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=head)
    return Response(body, status, head, media_type)


def private(
    visit: Visit,
    template: str,
    /,
    *,
    status: int = 200,
    form_action: str | None = headers.TO_US,
    scripts: bool = False,
    folder: Path | None = None,
    **values: Any,
) -> Response:
    """A page for one person, or about one attempt: nobody keeps it, no search engine lists it.

    With *scripts* it may run those of `static/`; *folder* holds the templates of a room that stands on this one.
    """
    head = {
        **headers.of_page(visit.ctx, form_action=form_action, scripts=scripts),
        "Cache-Control": "no-store",
        "Vary": "Cookie, Accept-Language",
        "X-Robots-Tag": "noindex",
        "Content-Language": visit.language,
    }
    return Response(render(visit, template, folder=folder, **values), status, head, "text/html")


def render(visit: Visit, template: str, /, *, folder: Path | None = None, **values: Any) -> bytes:
    """The template in the visitor's language."""
    now_ms = visit.ctx.clock.now_ms()
    text = (
        _templates(visit.language, folder)
        .get_template(template)
        .render(
            visit=visit,
            site=visit.domain.name or visit.host,
            link=visit.link,
            now_ms=now_ms,
            moment=lambda at_ms: dates.moment(at_ms, visit.language, now_ms=now_ms),
            **values,
        )
    )
    return text.encode()


@cache
def _templates(language: Language, folder: Path | None) -> Environment:
    made = Environment(
        loader=FileSystemLoader([_TEMPLATES] if folder is None else [folder, _TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals |= {
        **translator(language).names,
        "language": language,
        "static": static.address,
        "avatar_of": cards.avatar_of,
        "profile_of": cards.profile_of,
        "emojis": emojis,
        "version": __version__,
    }
    # HTML from posts and profiles was cleaned when it was stored (node.runtime.text.cleaning, composing).
    made.filters |= {"cleaned": Markup, "iso": iso}
    return made
