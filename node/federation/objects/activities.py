"""Activities: what is sent when something happens. Ids are the node's own, so that nobody else can forge one."""

from collections.abc import Mapping, Sequence
from typing import Any

from node.federation.objects import PUBLIC, actors, topped
from node.federation.vocab import contexts
from node.runtime.clock import iso


def posted(activity: Mapping[str, Any]) -> dict[str, Any]:
    """A Create or Announce (`posts.activity`) as it is sent."""
    post = activity if isinstance(activity["object"], str) else activity["object"]
    plain = post is activity and "approvedBy" not in activity
    return topped(activity, contexts.PLAIN if plain else contexts.for_object(post))


def update_post(note: Mapping[str, Any], version: int) -> dict[str, Any]:
    """The Update of a post; *version* makes its id, since a receiver takes each id once."""
    return topped(
        {
            "id": f"{note['id']}#updates/{version}", "type": "Update", "actor": note["attributedTo"],
            "published": note.get("updated", note["published"]), "to": note["to"], "cc": note["cc"], "object": note,
        },
        contexts.for_object(note),
    )  # fmt: skip


def update_actor(document: Mapping[str, Any], version: int) -> dict[str, Any]:
    """The Update of an actor."""
    return topped(
        {
            "id": f"{document['id']}#updates/{version}", "type": "Update", "actor": document["id"], "to": [PUBLIC],
            "object": document,
        },
        contexts.for_actor(),
    )  # fmt: skip


def delete_post(uri: str, actor_uri: str, to: Sequence[str]) -> dict[str, Any]:
    """The Delete of a post."""
    return topped(
        {
            "id": f"{uri}#delete", "type": "Delete", "actor": actor_uri, "to": list(to),
            "object": actors.tombstone(uri),
        },
        contexts.PLAIN,
    )  # fmt: skip


def delete_actor(uri: str) -> dict[str, Any]:
    """The Delete of an actor by itself."""
    return topped(
        {"id": f"{uri}#delete", "type": "Delete", "actor": uri, "to": [PUBLIC], "object": uri}, contexts.PLAIN
    )


def announce(uri: str, actor_uri: str, object_uri: str) -> dict[str, Any]:
    """An Announce as its Undo embeds it; the one that is sent says more (`posts.activity`)."""
    return _plain(uri, "Announce", actor_uri, object_uri)


def like(uri: str, actor_uri: str, object_uri: str) -> dict[str, Any]:
    """A Like, without context."""
    return _plain(uri, "Like", actor_uri, object_uri)


def follow(uri: str, actor_uri: str, object_uri: str) -> dict[str, Any]:
    """A Follow, without context."""
    return _plain(uri, "Follow", actor_uri, object_uri)


def block(uri: str, actor_uri: str, object_uri: str) -> dict[str, Any]:
    """A Block, without context."""
    return _plain(uri, "Block", actor_uri, object_uri)


def move(uri: str, actor_uri: str, followers: str, target_uri: str) -> dict[str, Any]:
    """The Move of an actor to *target_uri*."""
    return topped(
        {**_plain(uri, "Move", actor_uri, actor_uri), "target": target_uri, "to": [followers]}, contexts.PLAIN
    )


def flag(uri: str, speaker_uri: str, target_uri: str, posts: Sequence[str], comment: str) -> dict[str, Any]:
    """The Flag of an account and *posts* of it, in the form that Mastodon and GoToSocial write."""
    written = {
        "id": uri, "type": "Flag", "actor": speaker_uri, "to": [target_uri], "object": [target_uri, *posts],
        "content": comment,
    }  # fmt: skip
    return topped(written, contexts.PLAIN)


def accept(follow: Mapping[str, Any], version: int) -> dict[str, Any]:
    """The followee's yes to *follow*; a fresh *version* each time, or a repeated one would pass for a replay."""
    return _answer("Accept", follow, version)


def reject(follow: Mapping[str, Any], version: int) -> dict[str, Any]:
    """The followee's no to *follow*, or the end of it."""
    return _answer("Reject", follow, version)


def refuse(announce: Mapping[str, Any], actor_uri: str, version: int) -> dict[str, Any]:
    """What a party to an agreement says of an announcement that it wants taken back."""
    return topped(
        {
            "id": f"{actor_uri}#rejects/{version}", "type": "Reject", "actor": actor_uri, "to": [announce["actor"]],
            "object": dict(announce),
        },
        contexts.PLAIN,
    )  # fmt: skip


def undo(activity: Mapping[str, Any]) -> dict[str, Any]:
    """Take *activity* back. It is embedded: some servers never kept its id."""
    embedded = {name: value for name, value in activity.items() if name not in ("@context", "to", "cc")}
    written: dict[str, Any] = {
        "id": f"{activity['id']}/undo", "type": "Undo", "actor": activity["actor"], "object": embedded,
    }  # fmt: skip
    return topped(written | {name: activity[name] for name in ("to", "cc") if name in activity}, contexts.PLAIN)


def add(actor_uri: str, featured: str, object_uri: str, version: int) -> dict[str, Any]:
    """A post is pinned: Add to the featured collection."""
    return _featured("Add", actor_uri, featured, object_uri, version)


def remove(actor_uri: str, featured: str, object_uri: str, version: int) -> dict[str, Any]:
    """A post is no longer pinned."""
    return _featured("Remove", actor_uri, featured, object_uri, version)


def sent(activity: Mapping[str, Any], *, at_ms: int | None = None) -> dict[str, Any]:
    """A Follow, Like or Block as it is sent."""
    when = {} if at_ms is None else {"published": iso(at_ms)}
    return topped({**activity, **when}, contexts.PLAIN)


def _plain(uri: str, kind: str, actor_uri: str, object_uri: str) -> dict[str, Any]:
    return {"id": uri, "type": kind, "actor": actor_uri, "object": object_uri}


def _answer(kind: str, follow: Mapping[str, Any], version: int) -> dict[str, Any]:
    # The whole Follow: GoToSocial and Mastodon find it by id or by its two actors, others only by the latter.
    return topped(
        {
            "id": f"{follow['object']}#{kind.lower()}s/{version}", "type": kind, "actor": follow["object"],
            "to": [follow["actor"]], "object": dict(follow),
        },
        contexts.PLAIN,
    )  # fmt: skip


def _featured(kind: str, actor_uri: str, featured: str, object_uri: str, version: int) -> dict[str, Any]:
    return topped(
        {
            "id": f"{actor_uri}#{kind.lower()}s/{version}", "type": kind, "actor": actor_uri, "to": [PUBLIC],
            "object": object_uri, "target": featured,
        },
        contexts.PLAIN,
    )  # fmt: skip
