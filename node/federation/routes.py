"""ONE table: what other servers may ask here. The hottest first; `/@name` and the pages for people are node.web's."""

from starlette.routing import Route

from node.federation import agreements, documents, emojis, host_meta, nodeinfo, webfinger
from node.federation.answers import Handler, refusing
from node.federation.inbox import receive
from node.federation.readers import signing


def _get(path: str, handler: Handler) -> Route:
    return Route(path, refusing(handler), methods=["GET"])


def _read(path: str, handler: Handler) -> Route:
    return _get(path, signing(handler))


inboxes: list[Route] = [
    Route("/inbox", receive.inbox, methods=["POST"]),
    Route("/users/{username}/inbox", receive.inbox, methods=["POST"]),
    Route("/actor/inbox", receive.inbox, methods=["POST"]),
]
"""Before all other routes of the node: each route that is asked first costs three microseconds."""

routes: list[Route] = [
    _read("/users/{username}", documents.actor),
    _read("/users/{username}/statuses/{id}", documents.post),
    _read("/users/{username}/statuses/{id}/activity", documents.activity),
    _read("/users/{username}/statuses/{id}/replies", documents.replies),
    _read("/users/{username}/statuses/{id}/context", documents.conversation),
    _read("/users/{username}/quote_authorizations/{id}", documents.stamp),
    _read("/users/{username}/reply_authorizations/{id}", documents.reply_stamp),
    _read("/users/{username}/outbox", documents.outbox),
    _read("/users/{username}/followers", documents.followers),
    _read("/users/{username}/followers_synchronization", documents.followers_synchronization),
    _read("/users/{username}/following", documents.following),
    _read("/users/{username}/collections/featured", documents.featured),
    _read("/users/{username}/agreements/{digest}", agreements.agreement),
    _read("/users/{username}/announces/{digest}", agreements.announce),
    _read("/emojis/{id}", emojis.emoji),
    _get("/actor", documents.instance_actor),
    _get("/actor/outbox", documents.instance_outbox),
    _get("/.well-known/webfinger", webfinger.webfinger),
    _get("/.well-known/nodeinfo", nodeinfo.well_known),
    _get("/nodeinfo/{version}", nodeinfo.nodeinfo),
    _get("/.well-known/host-meta", host_meta.host_meta),
    _get("/.well-known/host-meta.json", host_meta.host_meta_json),
]
