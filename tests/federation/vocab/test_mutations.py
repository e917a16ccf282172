"""Real documents, spoilt: types swapped, lists for strings, nulls, depth, length, NaN, doubled names, lone surrogates.

Whatever a stranger sends, a reader gets a value within the limits or the sender a reason; never another exception.
"""

import contextlib
import copy
import random
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from node.federation import reading
from node.federation.vocab import documents, json, limits, posts
from node.federation.vocab.actors import Actor
from node.federation.vocab.posts import Post
from node.runtime.errors import BeffroiError, Malformed, TooLarge

_MAX_BYTES = 4_000
_HUGE = "é" * 300_000
_STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**53, 1.5, -0.0, 1e308, "", " ", "x", "\u2028", "\ufeff", "null", [], {}, [[]], [None], [[[[[]]]]],
    {"id": None}, {"type": "Link"}, {"type": ["Note", 4]}, {"@value": 4}, {"@list": [None]}, {"@id": "https://a.test/1"},
    {"id": "https://a.test/1", "@id": "https://b.test/1"}, "https://a.test/1", "http://a.test/1", "as:Public",
    "https://a.test/" + "x" * 3_000, "javascript:alert(1)", "data:image/png;base64,AAAA", "https://a.test@b.test/", "//a.test/1",
    "2023-01-11T15:31:01Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "P999999W", "P1D", "Europe/Paris",
    "../../etc/passwd", "51,1", "nan", "inf", "1e400", "<script>alert(1)</script>", "<" * 5_000, ":" * 200, "👌" * 60, "de-419-DE",
    ["https://a.test/1", "https://b.test/1"], [{"type": "Note", "name": "a"}] * 600, {"en": "a", "fr": None, "x y": 3},
    _HUGE[:30_000], [0] * 5_000, {key: [] for key in "abcdefghij"},
)  # fmt: skip


@cache
def _samples(corpus: Path) -> list[dict[str, Any]]:
    """Small documents of the corpus, one for each program and kind."""
    found: dict[str, dict[str, Any]] = {}
    for row in sorted((corpus / "manifest.tsv").read_text().splitlines()[1:]):
        name = row.split("\t")[1]
        data = (corpus / name).read_bytes()
        if len(data) <= _MAX_BYTES:
            kind = name.partition("-")[0]
            try:
                found.setdefault(kind, json.read(data))
            except BeffroiError:
                continue
    return list(found.values())


@pytest.fixture(scope="session")
def samples(shared_data: Path) -> list[dict[str, Any]]:
    return _samples(shared_data / "data" / "federation" / "corpus")


def _places(node: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [place for key, value in inner for place in ((*above, key), *_places(value, (*above, key)))]


def _spoil(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    spoilt = copy.deepcopy(document)
    for _ in range(chance.randint(1, 4)):
        places = _places(spoilt)
        if not places:
            break
        *above, last = chance.choice(places)
        holder: Any = spoilt
        for key in above:
            holder = holder[key]
        match chance.randrange(6):
            case 0:
                holder[last] = [holder[last]]
            case 1 if isinstance(holder, dict):
                holder[f"as:{last}"] = holder.pop(last)
            case 2:
                holder[last] = {"id": holder[last], "type": "Object", "name": holder[last]}
            case 3:
                nested = holder[last]
                for _ in range(chance.choice((3, 40))):
                    nested = [nested] if chance.random() < 0.5 else {"object": nested}
                holder[last] = nested
            case 4 if isinstance(holder, dict):
                del holder[last]
            case _:
                holder[last] = copy.deepcopy(chance.choice(_STRANGE))
    return spoilt


@given(st.randoms(use_true_random=False))
@settings(max_examples=400)
def test_a_spoilt_document_is_read_or_refused(samples: list[dict[str, Any]], chance: random.Random) -> None:
    """With and without plain http, as a draft and not, as it is embedded and as it is told to a keeper."""
    document = _spoil(chance.choice(samples), chance)
    for draft in (False, True):
        with contextlib.suppress(Malformed):
            _within_limits(documents.read(document, allow_http=chance.random() < 0.5, draft=draft))
    told = reading.read(orjson.dumps(document))
    assert told.verdict == "read" or told.why
    orjson.dumps(told.facts)


@given(st.randoms(use_true_random=False), st.data())
@settings(max_examples=300)
def test_spoilt_bytes_are_read_or_refused(
    samples: list[dict[str, Any]], chance: random.Random, drawn: st.DataObject
) -> None:
    """A bit flipped, a piece cut or doubled, what JSON cannot say: nothing but a refusal with its reason."""
    data = orjson.dumps(chance.choice(samples))
    place = drawn.draw(st.integers(0, len(data)))
    piece = drawn.draw(
        st.sampled_from(
            [b"", b"NaN", b"-Infinity", b"1e999", b"9" * 400, b'"\\ud800"', b"\\u0000", b"\xff", b"\x00", b"[" * 2_000, b'{"id":1,']
        )
        | st.binary(max_size=4)
    )  # fmt: skip
    spoilt = data[:place] + piece + data[place + drawn.draw(st.integers(0, 3)) :]
    with contextlib.suppress(Malformed, TooLarge):
        json.read(spoilt)
    told = reading.read(spoilt)
    assert told.verdict == "read" or told.why


@pytest.mark.parametrize("word", ["NaN", "Infinity", '"\\ud800"', '"\\udc00\\ud800"', "1e999", "9" * 400, '"\\u0000"'])
def test_what_json_cannot_say_is_refused(word: str) -> None:
    for place in ("id", "content", "published", "totalItems"):
        with pytest.raises(Malformed):
            json.read(f'{{"type": "Note", "{place}": {word}}}'.encode())


def test_what_strangers_may_have_kept_has_bounds() -> None:
    """GHSA-gg8q-rcg7-p79g, GHSA-6x3w-9g92-gvf3: 10,000 options, names of a megabyte, and the like in every new field."""
    many = [{"type": "Note", "name": f"{number} {'n' * 3_000}"} for number in range(2_000)]
    link = {"type": "Link", "mediaType": "application/activity+json"}
    found = posts.read(
        {
            "id": "https://a.test/1",
            "type": "Question",
            "oneOf": many,
            "voters": [f"https://a.test/{number}" for number in range(9_000)],
            "tag": [{**link, "href": f"https://a.test/{number}"} for number in range(9_000)],
            "attachment": [{"type": "Image", "url": f"https://a.test/{number}.png"} for number in range(9_000)],
            "interactionPolicy": {"canReply": {"always": [f"https://a.test/{number}" for number in range(9_000)]}},
            "location": [{"type": "Place", "name": "n" * 9_000, "address": "a" * 9_000}] * 9_000,
            "content": _HUGE,
            "summary": _HUGE,
            "contentMap": {"en": _HUGE},
        }
    )
    assert found.poll is not None
    assert len(found.poll.options) == limits.MAX_POLL_OPTIONS
    assert {len(option.name) for option in found.poll.options} == {limits.MAX_NAME_CHARS}
    _within_limits(found)


def _within_limits(value: Any) -> None:
    """Every text, list and number in *value* is one that a column holds."""
    if isinstance(value, Post):
        assert value.poll is None or len(value.poll.options) <= limits.MAX_POLL_OPTIONS
        assert len(value.attachments) <= limits.MAX_ATTACHMENTS + 1
        assert len(value.name or "") <= limits.MAX_NAME_CHARS
        assert len((value.content).encode("utf-8", "replace")) <= limits.MAX_CONTENT_BYTES
    if isinstance(value, Actor):
        assert len(value.fields) <= limits.MAX_FIELDS
        assert all(len(field.value) <= limits.MAX_FIELD_CHARS for field in value.fields)
        assert len(value.also_known_as) <= limits.MAX_ALIASES
        assert len((value.summary or "").encode("utf-8", "replace")) <= limits.MAX_BIOGRAPHY_BYTES
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            if field.name != "raw":
                _within_limits(getattr(value, field.name))
    elif isinstance(value, tuple):
        assert len(value) <= limits.MAX_RECIPIENTS
        for item in value:
            _within_limits(item)
    elif isinstance(value, str):
        assert len(value.encode("utf-8", "replace")) <= limits.MAX_CONTENT_BYTES
    elif isinstance(value, int):
        assert abs(value) < 2**63
