"""ONE table: every page and file for people. Static files first: they are asked most."""

from starlette.routing import Route

from node.web import (
    about,
    account,
    actors,
    address,
    agreements,
    consent,
    deliveries,
    desk,
    desk_posts,
    feeds,
    following,
    forgotten,
    home,
    interactions,
    login,
    posts,
    source,
    static,
    tags,
)
from node.web.visits import Show, page


def _get(path: str, show: Show) -> Route:
    return Route(path, page(show), methods=["GET"])


def _post(path: str, do: Show) -> Route:
    return Route(path, page(do), methods=["POST"])


routes: list[Route] = [
    Route("/static/{name}", static.show, methods=["GET"]),
    Route("/favicon.ico", static.show_icon, methods=["GET"]),
    _get("/", home.show),
    # Before the page of an actor, whose name could else end in .rss
    _get("/@{name}.rss", feeds.show),
    _get("/@{name}/feed", feeds.show),
    _get("/@{name}", actors.show),
    _get("/@{name}/follow", following.show_follow),
    _post("/@{name}/follow", following.follow),
    # Before a post, whose id could else be this word
    _get("/@{name}/agreements", agreements.show_all),
    _get("/@{name}/agreements/{digest}", agreements.show),
    _get("/@{name}/agreements/{digest}/decide", agreements.show_decide),
    _post("/@{name}/agreements/{digest}/decide", agreements.decide),
    _get("/@{name}/{id}", posts.show),
    _get("/@{name}/{id}/interact", following.show_answer),
    _post("/@{name}/{id}/interact", following.answer),
    _get("/@{name}/{id}/deliveries", deliveries.show),
    _get("/tags/{name}", tags.show),
    _get("/oauth/authorize", consent.show),
    _get("/oauth/authorize/", consent.show),  # toot sends people there, as Mastodon allows
    _post("/oauth/authorize", consent.decide),
    _get("/authorize_interaction", interactions.show),
    _post("/authorize_interaction", interactions.act),
    _get("/login", login.show),
    _post("/login", login.log_in),
    _get("/login/forgotten", forgotten.show),
    _post("/login/forgotten", forgotten.ask),
    _get("/login/reset", forgotten.show_reset),
    _post("/login/reset", forgotten.reset),
    _get("/login/reset/{token}", forgotten.open_link),
    _get("/logout", login.show_log_out),
    _post("/logout", login.log_out),
    _get("/account", account.show),
    _post("/account/revoke", account.revoke),
    _post("/account/password", account.change_password),
    _get("/account/email", address.show),
    _post("/account/email", address.ask),
    _get("/account/email/{token}", address.show_link),
    _post("/account/email/{token}", address.confirm),
    _get("/desk", desk.choose),
    _get("/desk/{actor}", desk.at("see drafts", desk_posts.show)),
    _get("/about", about.show),
    _get("/privacy", about.show_privacy),
    _get("/accessibility", about.show_accessibility),
    _get("/source.tar.gz", source.show),
    _get("/robots.txt", about.robots),
    _get("/.well-known/change-password", about.change_password),
]
