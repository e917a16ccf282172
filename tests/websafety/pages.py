"""Every address of pages and console that answers to GET, with something at it."""

from collections.abc import Mapping
from typing import Final

from tests.websafety.house import POSTS, House, routes

AT: Final[Mapping[str, str]] = {
    "/@{name}.rss": "/@mairie.rss",
    "/@{name}/feed": "/@mairie/feed",
    "/@{name}": "/@mairie",
    "/@{name}/agreements": "/@mairie/agreements",
    "/@{name}/agreements/{digest}": "/@mairie/agreements/{digest}",
    "/@{name}/{id}": "/@mairie/{post}",
    "/@{name}/{id}/deliveries": "/@mairie/{post}/deliveries",
    "/tags/{name}": "/tags/fete",
    "/login/reset/{token}": "{reset}",
    "/sign-up/confirm/{token}": "{confirm}",
    "/desk/{actor}": "/desk/mairie",
    "/desk/{actor}/waiting": "/desk/mairie/waiting",
    "/desk/{actor}/team": "/desk/mairie/team",
    "/desk/{actor}/log": "/desk/mairie/log",
    "/admin/people/{id}": "/admin/people/{carla_id}",
    "/admin/accounts/{id}": "/admin/accounts/{hall_id}",
    "/oauth/authorize/": POSTS["/oauth/authorize"].page.replace("authorize?", "authorize/?"),
}
"""Addresses with a word in them; those of forms stand in `house.POSTS`."""


def every(house: House) -> dict[str, str]:
    """Route -> an address of it at which something is."""
    found: dict[str, str] = {}
    for route in routes("GET"):
        path = AT.get(route.path) or (POSTS[route.path].page if route.path in POSTS else route.path)
        if route.path.startswith("/static/"):
            continue  # the files themselves: tests/web/test_page_craft.py
        assert "{name}" not in path, f"{route.path}: say in tests/websafety/pages.py what stands there"
        filled = house.fill(path)
        assert "{" not in filled, f"{route.path}: say in tests/websafety/pages.py what stands there"
        found[route.path] = filled
    return found
