"""How far a post got, in words for its author and the keeper."""

import re
from collections.abc import Callable
from typing import Final

from node.federation.delivery.reach import Missing, Reach
from node.runtime.i18n import Language, Translator, dates, sentence

_STATUS: Final = re.compile(r"the server answered ([0-9]{3})")


def in_words(say: Translator, reach: Reach | None, *, language: Language, now_ms: int) -> list[str]:
    """The whole in one line, then a line for each server that does not have the post."""
    if reach is None or (reach.begun and not reach.servers):
        return [say(sentence("This post was sent to no other server."))]
    if not reach.begun and not reach.servers:
        return [say(sentence("This post is about to be sent. Look again in a moment."))]
    lines = [
        say(sentence("Servers that have it: %(reached)s of %(servers)s.", reached=reach.reached, servers=reach.servers))
    ]
    if reach.under_way:
        lines.append(say(sentence("Servers to which it is on its way: %(count)s.", count=reach.under_way)))
    if reach.lost:
        lines.append(
            say(sentence("Servers to which nothing is sent (gone, refused or given up): %(count)s.", count=reach.lost))
        )
    return lines + [
        _line(say, each, lambda at_ms: dates.moment(at_ms, language, now_ms=now_ms)) for each in reach.missing
    ]


def _line(say: Translator, missing: Missing, moment: Callable[[int], str]) -> str:
    host, answered = missing.host, _STATUS.search(missing.reason)
    if answered:
        why = say(sentence("it answered %(status)s", status=answered[1]))
    elif missing.down_since_ms is not None:
        why = say(sentence("down since %(date)s", date=moment(missing.down_since_ms)))
    else:
        why = say(sentence("it could not be reached"))
    if missing.given_up:
        return say(sentence("%(host)s: %(why)s; given up", host=host, why=why))
    return say(sentence("%(host)s: %(why)s; it is tried again", host=host, why=why))
