"""Polls as documents: the options of a Question, and the Note that a vote is."""

from typing import Any

from node.federation.objects import topped
from node.federation.vocab import contexts
from node.runtime.clock import iso
from node.timeline.facts import Vote
from node.timeline.polls import Poll


def question(poll: Poll, now_ms: int) -> dict[str, Any]:
    """What makes a Note a Question: its options with how often each was chosen, and when it closes.

    Totals that are hidden until the end are sent as nothing, as Mastodon does.
    """
    closed = poll.closed(now_ms)
    hidden = poll.hides_totals and not closed
    written: dict[str, Any] = {
        "anyOf" if poll.multiple else "oneOf": [
            {
                "type": "Note",
                "name": option.title,
                "replies": {"type": "Collection", "totalItems": 0 if hidden else option.votes},
            }
            for option in poll.options
        ]
    }
    if poll.ends_ms is not None:
        written["endTime"] = iso(poll.ends_ms)
        if closed:
            written["closed"] = written["endTime"]
    if poll.voters_count is not None:
        written["votersCount"] = poll.voters_count
    return written


def ballot(vote: Vote, *, voter_uri: str, author_uri: str, question_uri: str) -> dict[str, Any]:
    """The Create of a vote: a Note with a name and no words, for the poll's author alone."""
    note = {
        "id": vote.uri, "type": "Note", "name": vote.title, "attributedTo": voter_uri, "to": [author_uri],
        "inReplyTo": question_uri,
    }  # fmt: skip
    return topped(
        {"id": f"{vote.uri}/activity", "type": "Create", "actor": voter_uri, "to": [author_uri], "object": note},
        contexts.PLAIN,
    )
