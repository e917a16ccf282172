"""What a group announces to servers of the FEP-1b12 kind: the Create, Update or Delete itself.

The group is in `cc` and the sole `audience` of all three layers: it is how Lemmy finds the community.
"""

from collections.abc import Mapping
from typing import Any, Final

from node.actors.actor import Actor
from node.federation.objects import PUBLIC, topped
from node.federation.vocab import contexts
from node.runtime.text.plain import plain, shorten

_TITLE_CHARS: Final = 100


def created(group: Actor, announce_uri: str, note: Mapping[str, Any]) -> dict[str, Any]:
    """Announce{Create}; *announce_uri* is the id that all servers know, so that one Undo is enough."""
    return _announced(group, announce_uri, _wrapped(group, "Create", f"{note['id']}#create", note))


def updated(group: Actor, announce_uri: str, note: Mapping[str, Any], version: int) -> dict[str, Any]:
    """Announce{Update}; *version* makes both ids."""
    inner = _wrapped(group, "Update", f"{note['id']}#updates/{version}", note)
    return _announced(group, f"{announce_uri}#updates/{version}", inner)


def deleted(group: Actor, announce_uri: str, post_uri: str, author_uri: str) -> dict[str, Any]:
    """Announce{Delete}."""
    inner = {
        "id": f"{post_uri}#delete", "type": "Delete", "actor": author_uri, "to": [PUBLIC], "cc": [group.uri],
        "audience": group.uri, "object": post_uri,
    }  # fmt: skip
    return _announced(group, f"{announce_uri}#delete", inner)


def _wrapped(group: Actor, kind: str, uri: str, note: Mapping[str, Any]) -> dict[str, Any]:
    # What only its own server can answer for is left out: these describe the post at another place.
    about = {name: value for name, value in note.items() if name not in ("replies", "source")}
    about |= {"to": [PUBLIC], "cc": [group.uri], "audience": group.uri}
    about.setdefault("name", shorten(note.get("summary") or plain(note["content"]), _TITLE_CHARS))
    return {
        "id": uri, "type": kind, "actor": note["attributedTo"], "to": [PUBLIC], "cc": [group.uri],
        "audience": group.uri, "object": about,
    }  # fmt: skip


def _announced(group: Actor, uri: str, inner: Mapping[str, Any]) -> dict[str, Any]:
    return topped(
        {
            "id": uri, "type": "Announce", "actor": group.uri, "to": [PUBLIC], "cc": [group.followers],
            "audience": group.uri, "object": inner,
        },
        contexts.for_object(),
    )  # fmt: skip
