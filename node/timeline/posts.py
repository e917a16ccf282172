"""Posts: the door of this room. Read them, publish and receive, edit, delete; each verb lives in its own file.

Reading here asks nobody's permission: what goes to a reader passes `node.timeline.visibility` first.
"""

from node.timeline.arrivals import Arriving, receive, receive_all, receive_update
from node.timeline.deletion import delete, delete_some_of
from node.timeline.documents import Document
from node.timeline.publishing import Draft, change_policy, edit, publish
from node.timeline.records import Post, by_id, by_ids, by_uri, by_uris, original, require
from node.timeline.tombstones import buried, exhume, remember_deleted, told_to_all

__all__ = [
    "Arriving", "Document", "Draft", "Post", "buried", "by_id", "by_ids", "by_uri", "by_uris", "change_policy", "delete",
    "delete_some_of", "edit", "exhume", "original", "publish", "receive", "receive_all", "receive_update", "remember_deleted",
    "require", "told_to_all",
]  # fmt: skip
