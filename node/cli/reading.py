"""What `beffroi federation read` prints: facts of a document, one block or one line of JSON each."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import orjson

from node.federation import reading
from node.federation.reading import Facts, Reading
from node.runtime.i18n import Translator, sentence, translator
from node.runtime.settings import SettingsError, read_settings

_MAX_BYTES: Final = 2_000_001
"""Enough to see that a file is too long."""


def read(files: Iterable[str], *, as_json: bool, https_only: bool) -> Iterator[tuple[str, bool]]:
    """For each of *files* (`-` is the standard input) what is to be printed, and whether it is refused.

    Raises:
        OSError: a file that cannot be read.
    """
    say = _speaker()
    for name in files:
        found = reading.read(_bytes(name), allow_http=not https_only)
        shown = _json(name, found) if as_json else "\n".join(_block(name, found, say))
        yield shown, found.verdict == "refused"


def _bytes(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(_MAX_BYTES)
    with Path(name).open("rb") as file:
        return file.read(_MAX_BYTES)


def _speaker() -> Translator:
    try:
        return translator(read_settings().language)
    except SettingsError:
        return translator("fr")


def _json(name: str, found: Reading) -> str:
    facts = {"file": name, "verdict": found.verdict, "why": found.why and str(found.why), **found.facts}
    return orjson.dumps(facts).decode()


def _block(name: str, found: Reading, say: Translator) -> Iterator[str]:
    verdict = say(_VERDICTS[found.verdict])
    yield f"{name}: {verdict}: {say(found.why)}" if found.why else f"{name}: {verdict}"
    yield from _lines(found.facts, say, 1)
    yield ""


def _lines(facts: Facts, say: Translator, depth: int) -> Iterator[str]:
    margin = "  " * depth
    for name, value in facts.items():
        label = say(_LABELS[name]) if name in _LABELS else name
        if isinstance(value, dict):
            if value:
                yield f"{margin}{label}:"
                yield from _lines(value, say, depth + 1)
        elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
            yield f"{margin}{label}:"
            for item in value:
                if "kind" in item and len(item) > 2:
                    yield f"{margin}  -"
                    yield from _lines(item, say, depth + 2)
                else:
                    yield f"{margin}  - {_brief(item)}"
        elif isinstance(value, list):
            if value:
                yield f"{margin}{label}: {', '.join(map(_plain, value))}"
        elif isinstance(value, bool):
            if value:  # what is not said is not so
                yield f"{margin}{label}: {say(_YES)}"
        else:
            yield f"{margin}{label}: {_shown(name, value, say)}".replace("\n", f"\n{margin}    ")


def _brief(item: Facts) -> str:
    """One of several files, options, fields or keys, in one line."""
    return " · ".join(_plain(value) for name, value in item.items() if name not in ("blurhash", "focus", "mediaType"))


def _shown(name: str, value: Any, say: Translator) -> str:
    words = _VALUES.get(str(value)) if name in ("kind", "visibility") else None
    return say(words) if words else _plain(value)


def _plain(value: object) -> str:
    """*value* without what a terminal would obey: it is a stranger's text."""
    return "".join(mark for mark in str(value) if mark.isprintable() or mark == "\n")


_YES: Final = sentence("yes")

_VERDICTS: Final = {"read": sentence("read"), "ignored": sentence("kept unread"), "refused": sentence("refused")}

_VALUES: Final = {
    "post": sentence("post"),
    "actor": sentence("actor"),
    "activity": sentence("activity"),
    "collection": sentence("collection"),
    "tombstone": sentence("what is left of something deleted"),
    "place": sentence("place"),
    "ignored": sentence("not understood"),
    "public": sentence("public"),
    "unlisted": sentence("public, quietly"),
    "followers": sentence("for followers"),
    "direct": sentence("for the addressed only"),
}

_LABELS: Final = {
    "kind": sentence("kind"),
    "type": sentence("type"),
    "author": sentence("author"),
    "actor": sentence("actor"),
    "time": sentence("time"),
    "updated": sentence("changed"),
    "deleted": sentence("deleted"),
    "visibility": sentence("visibility"),
    "title": sentence("title"),
    "name": sentence("name"),
    "summary": sentence("summary or warning"),
    "language": sentence("language"),
    "text": sentence("text"),
    "sensitive": sentence("sensitive"),
    "answers": sentence("answers"),
    "attachments": sentence("files"),
    "icon": sentence("thumbnail"),
    "image": sentence("picture"),
    "tags": sentence("hashtags"),
    "mentions": sentence("mentions"),
    "emojis": sentence("custom emojis"),
    "groups": sentence("groups"),
    "context": sentence("conversation"),
    "replies": sentence("replies"),
    "likes": sentence("likes"),
    "shares": sentence("boosts"),
    "vote": sentence("vote for"),
    "poll": sentence("poll"),
    "options": sentence("options"),
    "multiple": sentence("several may be chosen"),
    "ends": sentence("end"),
    "closed": sentence("closed"),
    "voters": sentence("voters"),
    "event": sentence("event"),
    "starts": sentence("starts"),
    "timezone": sentence("time zone"),
    "place": sentence("place"),
    "address": sentence("address"),
    "latitude": sentence("latitude"),
    "longitude": sentence("longitude"),
    "online": sentence("from afar"),
    "join": sentence("taking part"),
    "join_url": sentence("registration"),
    "max": sentence("at most"),
    "attendees": sentence("take part"),
    "status": sentence("state"),
    "quote": sentence("quotes"),
    "form": sentence("said by"),
    "authorization": sentence("authorisation"),
    "policy": sentence("who may"),
    "reply": sentence("reply"),
    "like": sentence("like"),
    "announce": sentence("boost"),
    "always": sentence("at once"),
    "manual": sentence("after asking"),
    "approved_by": sentence("authorisation"),
    "references": sentence("links to objects"),
    "duration_s": sentence("length (s)"),
    "object": sentence("object"),
    "objects": sentence("objects"),
    "target": sentence("target"),
    "origin": sentence("origin"),
    "instrument": sentence("with"),
    "result": sentence("result"),
    "content": sentence("words"),
    "reaction": sentence("reaction"),
    "username": sentence("user name"),
    "handle": sentence("handle"),
    "inbox": sentence("inbox"),
    "shared_inbox": sentence("shared inbox"),
    "outbox": sentence("outbox"),
    "followers": sentence("followers"),
    "following": sentence("following"),
    "featured": sentence("pinned posts"),
    "fields": sentence("fields"),
    "keys": sentence("keys"),
    "locked": sentence("approves followers"),
    "discoverable": sentence("may be proposed"),
    "indexable": sentence("may be searched"),
    "suspended": sentence("suspended"),
    "memorial": sentence("in memory"),
    "moved_to": sentence("moved to"),
    "also_known_as": sentence("also known as"),
    "owner": sentence("owner"),
    "total": sentence("in all"),
    "items": sentence("items"),
    "first": sentence("first page"),
    "next": sentence("next page"),
    "prev": sentence("previous page"),
    "part_of": sentence("page of"),
    "former_type": sentence("was"),
}
