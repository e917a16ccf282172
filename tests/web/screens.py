"""Which pages a browser opens, at which widths, and how one gets to those behind the log-in."""

from typing import Any
from urllib.parse import urlencode

from playwright.async_api import Browser, BrowserContext, Page

from tests.web.conftest import PASSWORD
from tests.web.site import EMAIL, OOB, Empty, Site

WIDTHS = (360, 768, 1280)
"""A telephone, a tablet, a desk."""


def public_pages(site: Site) -> dict[str, str]:
    return {
        "accueil": "/",
        "mairie": "/@mairie",
        "publication": f"/@mairie/{site.post.id}",
        "avertissement": f"/@mairie/{site.warned.id}",
        "etiquette": "/tags/march%C3%A9",
        "suivre": "/@mairie/follow",
        "repondre": f"/@mairie/{site.post.id}/interact",
        "connexion": "/login",
        "a-propos": "/about",
        "vie-privee": "/privacy",
        "accessibilite": "/accessibility",
        "erreur": "/introuvable",
    }


def personal_pages(site: Site) -> dict[str, str]:
    return {
        "compte": "/account",
        "compte-supprimer": "/account/delete",
        "bureau": "/desk",
        "bureau-publications": "/desk/mairie",
        "bureau-ecrire": "/desk/mairie/write",
        "bureau-a-approuver": "/desk/mairie/waiting",
        "bureau-relire": f"/desk/mairie/posts/{site.draft.id}",
        "bureau-equipe": "/desk/mairie/team",
        "bureau-profil": "/desk/mairie/profile",
        "bureau-demenager": "/desk/mairie/move",
        "bureau-journal": "/desk/mairie/log",
        "consentement": consent(site, OOB),
        "interaction": f"/authorize_interaction?{urlencode({'uri': site.post.uri})}",
        "interaction-compte": f"/authorize_interaction?{urlencode({'uri': site.hall.uri})}",
    }


def consent(site: Site, redirect_uri: str, client_id: str = "") -> str:
    query = {
        "response_type": "code", "client_id": client_id or site.application.app.client_id, "redirect_uri": redirect_uri,
        "scope": "read write follow push",
    }  # fmt: skip
    return f"/oauth/authorize?{urlencode(query)}"


async def visitor(browser: Browser, site: Site | Empty, **how: Any) -> BrowserContext:
    return await browser.new_context(base_url=site.home, locale="fr-FR", **how)


async def log_in(page: Page, path: str = "/login") -> None:
    await page.goto(path)
    await page.fill("#email", EMAIL)
    await page.fill("#password", PASSWORD)
    await page.click("main button")
