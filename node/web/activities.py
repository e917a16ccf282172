"""What programs are told when they ask for the page of an actor or a post: where its ActivityStreams document is."""

from starlette.responses import RedirectResponse, Response

from node.federation import negotiation
from node.web.visits import Visit


def wanted(visit: Visit) -> bool:
    """Whether the visitor asks for ActivityStreams by name (ActivityPub §3.2); anything else gets the page."""
    accept = visit.request.headers.get("accept", "")
    named = "activity+json" in accept.lower() or "ld+json" in accept.lower()
    return named and negotiation.wanted(accept) == "activity"


def lead_to(uri: str) -> Response:
    """To the document: its id is that address and no other, so it is served there alone."""
    return RedirectResponse(uri, 302, {"Vary": "Accept", "Cache-Control": "public, max-age=60"})


def alternate(uri: str) -> dict[str, str]:
    """The header that names the document on a page."""
    return {"Link": f'<{uri}>; rel="alternate"; type="application/activity+json"'}
