"""Drafts as rows keep them, until they are published: the JSON of what is not in columns of their own.

Actors and posts are kept by their ids, and looked up again: who is gone by then is not named any more.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from node.actors import actors
from node.runtime.database import Reader
from node.timeline import records
from node.timeline.polls import NewPoll
from node.timeline.publishing import Draft
from node.timeline.replies import Rule

Kept = Mapping[str, Any]


async def means(reader: Reader) -> tuple[set[int], set[int]]:
    """Which posts the drafts that are kept answer or quote, and whom they name: by what is no row of its own."""
    rows = await reader.fetch(
        "SELECT draft FROM scheduled_posts UNION ALL SELECT wanted FROM waiting_posts WHERE published_id IS NULL"
    )
    kept = [orjson.loads(row[0]) for row in rows]
    posts = {each.get(name) for each in kept for name in ("reply_to", "quoted")}
    return posts - {None}, {actor_id for each in kept for actor_id in each.get("named", ())}


def beside(draft: Draft) -> dict[str, Any]:
    """What a draft holds beside its text, its media and what it answers."""
    poll = draft.poll
    kept: dict[str, Any] = {"quotable_by": draft.quotable_by, "named": [actor.id for actor in draft.mentions]}
    if draft.replies is not None:
        kept["replies"] = [list(draft.replies.always), list(draft.replies.ask)]
    if draft.quoted is not None:
        kept["quoted"] = draft.quoted.id
    if draft.local_only:
        kept["local_only"] = True
    if poll is not None:
        kept["poll"] = {
            "options": list(poll.options), "open_s": poll.open_s, "multiple": poll.multiple, "hides_totals": poll.hides_totals,
        }  # fmt: skip
    return kept


async def completed(reader: Reader, draft: Draft, kept: Kept) -> Draft:
    """*draft* with what `beside` kept of it."""
    named = await actors.by_ids(reader, kept.get("named", []))
    poll = kept.get("poll")
    return replace(
        draft,
        mentions=[actor for actor in named.values() if actor.active],
        poll=None if poll is None else NewPoll(**poll),
        quoted=None if "quoted" not in kept else await records.by_id(reader, kept["quoted"]),
        quotable_by=kept["quotable_by"],
        replies=None if "replies" not in kept else Rule(*map(tuple, kept["replies"])),
        local_only=kept.get("local_only", False),
    )


def whole(draft: Draft) -> dict[str, Any]:
    """All that a draft holds, its author and who wrote it left out."""
    return beside(draft) | {
        "text": draft.text,
        "visibility": draft.visibility,
        "reply_to": None if draft.reply_to is None else draft.reply_to.id,
        "summary": draft.summary,
        "sensitive": draft.sensitive,
        "language": draft.language,
        "media": list(draft.media_ids),
        "application": draft.application,
    }


async def restored(reader: Reader, kept: Kept, *, author_id: int, person_id: int | None) -> Draft:
    """The draft that `whole` kept; what it answered or quoted and is gone, it does not answer or quote."""
    draft = Draft(
        author=await actors.require_by_id(reader, author_id),
        text=kept["text"],
        visibility=kept["visibility"],
        reply_to=None if kept["reply_to"] is None else await records.by_id(reader, kept["reply_to"]),
        summary=kept["summary"],
        sensitive=kept["sensitive"],
        language=kept["language"],
        media_ids=kept["media"],
        application=kept["application"],
        person_id=person_id,
    )
    return await completed(reader, draft, kept)
