"""Odd shapes that real servers send, and limits on what strangers may make this node keep."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.federation.vocab import (
    activities,
    actors,
    audience,
    collections,
    contexts,
    dates,
    documents,
    limits,
    posts,
    texts,
)
from node.federation.vocab.audience import PUBLIC, Audience, Visibility
from node.runtime.errors import BeffroiError, Malformed

NOTE: dict[str, Any] = {"id": "https://a.test/1", "type": "Note", "attributedTo": "https://a.test/u"}
PERSON: dict[str, Any] = {"id": "https://a.test/u", "type": "Person", "inbox": "https://a.test/u/inbox"}


@pytest.mark.parametrize(
    ("to", "cc", "expected"),
    [
        ([PUBLIC], [], Visibility.PUBLIC),
        ("as:Public", None, Visibility.PUBLIC),
        (["Public"], [], Visibility.PUBLIC),
        (["https://a.test/u/followers"], PUBLIC, Visibility.UNLISTED),
        ("https://a.test/u/followers", None, Visibility.FOLLOWERS),
        ([], ["https://a.test/u/followers"], Visibility.FOLLOWERS),
        (["https://b.test/u"], [], Visibility.DIRECT),
        ("https://b.test/u/followers", None, Visibility.DIRECT),
        (None, None, Visibility.DIRECT),
        ("public", None, Visibility.DIRECT),
    ],
)
def test_who_may_read_a_post(to: object, cc: object, expected: Visibility) -> None:
    """A reader must never see more than the author addressed: what is not understood is direct."""
    found = audience.read({"to": to, "cc": cc})
    assert found.visibility("https://a.test/u/followers") is expected


def test_a_group_in_audience_addresses_nobody() -> None:
    assert audience.read({"audience": [PUBLIC, "https://g.test/c"]}) == Audience(groups=("https://g.test/c",))


def test_a_note_that_names_nobody_takes_the_audience_of_its_activity() -> None:
    """Some servers address only the Create."""
    inherited = Audience(to=(PUBLIC,), cc=("https://a.test/u/followers",))
    assert posts.read(NOTE, inherited=inherited).audience == inherited
    own = posts.read({**NOTE, "to": ["https://b.test/u"]}, inherited=inherited)
    assert own.audience.visibility(None) is Visibility.DIRECT, "a direct note in a public Create stays direct"


def test_null_and_missing_are_the_same() -> None:
    names = ("summary", "content", "name", "tag", "attachment", "to", "cc", "url", "icon", "image", "replies", "source")
    assert posts.read({**NOTE, **dict.fromkeys(names)}) == posts.read(NOTE)
    assert posts.read(NOTE).content == ""


def test_one_thing_and_a_list_of_one_are_the_same() -> None:
    alone = {
        "to": PUBLIC,
        "cc": "https://a.test/u/followers",
        "url": {"type": "Link", "href": "https://a.test/@u/1"},
        "icon": {"type": "Image", "url": "https://a.test/i.png"},
        "image": "https://a.test/i.png",
        "tag": {"type": "Hashtag", "name": "#fete"},
        "attachment": {"type": "Document", "url": "https://a.test/i.png"},
        "attributedTo": {"type": "Person", "id": "https://a.test/u"},
        "type": "Note",
        "content": "bonjour",
    }
    listed = {name: [value] for name, value in alone.items()}
    one, other = posts.read({**NOTE, **alone}), posts.read({**NOTE, **listed})
    assert one == other
    assert one.hashtags[0].name == "fete"


@pytest.mark.parametrize("kind", [["Person", "Foo"], ["Foo", "Person"], "as:Person", ["Person", "vcard:Individual"]])
def test_an_actor_may_have_several_types(kind: object) -> None:
    found = documents.read({**PERSON, "type": kind})
    assert isinstance(found, actors.Actor)
    assert found.type == "Person"


def test_an_unknown_activity_is_kept() -> None:
    found = documents.read(
        {"id": "https://a.test/1", "type": "Bite", "actor": "https://a.test/u", "target": "https://b.test/u"}
    )
    assert isinstance(found, activities.Activity)
    assert (found.type, found.known) == ("Bite", False)


def test_an_activity_has_one_actor() -> None:
    with pytest.raises(Malformed):
        activities.read(
            {"type": "Like", "actor": ["https://a.test/u", "https://b.test/u"], "object": "https://c.test/1"}
        )


def test_several_votes_in_one_create() -> None:
    """Snac sends them as an array."""
    votes = [{"id": f"https://a.test/{n}", "type": "Note", "name": "oui", "content": "<br>"} for n in range(3)]
    found = activities.read({"type": "Create", "actor": "https://a.test/u", "object": votes})
    assert [reference.id for reference in found.objects] == [vote["id"] for vote in votes]


def test_a_key_of_somebody_else_is_not_the_actors() -> None:
    """Else mallory could shadow alice's key in a cache, under alice's key id."""
    pem = "-----BEGIN PUBLIC KEY-----"
    own = {"id": "https://a.test/u#main-key", "owner": "https://a.test/u", "publicKeyPem": pem}
    stolen = [
        {**own, "owner": "https://a.test/other"},
        {**own, "id": "https://victim.test/u#main-key"},
        {**own, "id": "nonsense"},
        {**own, "publicKeyPem": 4},
        {**own, "publicKeyPem": "x" * 9_000},
    ]
    found = actors.read({**PERSON, "publicKey": [*stolen, own]})
    assert [(key.id, key.pem) for key in found.keys] == [("https://a.test/u#main-key", pem)]


def test_an_actor_cannot_name_another_servers_followers_as_its_own() -> None:
    found = actors.read(
        {**PERSON, "followers": "https://b.test/u/followers", "endpoints": {"sharedInbox": "https://b.test/i"}}
    )
    assert found.followers is None
    assert found.shared_inbox is None


def test_what_is_too_much_is_cut_not_refused() -> None:
    """GHSA-gg8q-rcg7-p79g, GHSA-6x3w-9g92-gvf3."""
    found = actors.read(
        {
            **PERSON,
            "name": "é" * 5_000,
            "summary": "é" * 50_000,
            "attachment": [{"type": "PropertyValue", "name": "n" * 9_000, "value": "v" * 9_000}] * 90,
            "alsoKnownAs": [f"https://a.test/{number}" for number in range(10_000)],
            "assertionMethod": [{"id": f"https://a.test/u#{n}", "publicKeyMultibase": "z6Mk"} for n in range(500)],
        }
    )
    assert len(found.name or "") == limits.MAX_NAME_CHARS
    assert len((found.summary or "").encode()) == limits.MAX_BIOGRAPHY_BYTES
    assert len(found.fields) == limits.MAX_FIELDS
    assert {len(field.value) for field in found.fields} == {limits.MAX_FIELD_CHARS}
    assert len(found.also_known_as) == limits.MAX_ALIASES
    assert len(found.keys) == limits.MAX_KEYS
    post = posts.read({**NOTE, "to": [f"https://a.test/{number}" for number in range(9_000)]})
    assert len(post.audience.to) == limits.MAX_RECIPIENTS


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2023-01-11T15:31:01Z", 1_673_451_061_000),
        ("2023-01-11T15:31:01.25Z", 1_673_451_061_250),
        ("2023-01-11T15:31:01.123456789Z", 1_673_451_061_123),
        ("2023-01-11T16:31:01+01:00", 1_673_451_061_000),
        ("2023-01-11T16:31:01+0100", 1_673_451_061_000),
        ("2023-01-11 15:31:01", 1_673_451_061_000),
        ("2023-01-11T15:31Z", 1_673_451_060_000),
        ("1969-12-31T23:59:59.5Z", -500),
        ("0001-01-01T00:00:00+14:00", -62_135_647_200_000),
        ("2023-13-11T15:31:01Z", None),
        ("2023-01-11T25:31:01Z", None),
        ("２０２３-01-11T15:31:01Z", None),
        ("yesterday", None),
        ("2023-01-11", None),
        (1_673_451_061, None),
        (None, None),
    ],
)
def test_when_something_was_published(written: object, expected: int | None) -> None:
    assert dates.instant_ms(written) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"content": "text"}, ("text", None)),
        ({"content": "text", "contentMap": {"de": "Deutsch"}}, ("text", "de")),
        ({"content": "English", "contentMap": {"de": "Deutsch", "en": "English"}}, ("English", "en")),
        ({"contentMap": {"de": "Deutsch", "en": "English"}}, ("Deutsch", "de")),
        ({"contentMap": {"und": "x"}}, ("x", None)),
        ({"contentMap": {"en": None}, "content": None}, None),
        ({"content": {"fr": "Bonjour"}}, ("Bonjour", "fr")),
        ({"content": {"@value": "Bonjour", "@language": "fr"}}, ("Bonjour", "fr")),
        ({"content": "", "contentMap": {"fr": "Bonjour"}}, ("Bonjour", "fr")),
        ({"content": 4}, None),
        ({"contentMap": {"not a tag": "x"}}, None),
    ],
)
def test_words_and_their_language(raw: dict[str, Any], expected: tuple[str, str | None] | None) -> None:
    found = texts.read(raw, "content")
    assert (None if found is None else (found.value, found.language)) == expected


def test_our_contexts_define_what_we_write() -> None:
    """A reader that expands finds Mastodon's own ids, and two documents never share a mutable context."""
    extensions = contexts.for_actor()[-1]
    for term in (
        "discoverable",
        "indexable",
        "featured",
        "Hashtag",
        "sensitive",
        "blurhash",
        "focalPoint",
        "webfinger",
    ):
        assert term in extensions
    extensions["toot"] = "changed"
    assert contexts.for_actor()[-1]["toot"] == "http://joinmastodon.org/ns#"
    assert contexts.with_proof(contexts.PLAIN)[0] == contexts.ACTIVITYSTREAMS


def test_our_extensions_are_those_that_others_publish(shared_data: Any) -> None:
    """The terms are spelt exactly as in the contexts of joinmastodon.org."""
    import json

    published = json.loads((shared_data / "data/federation/contexts/joinmastodon.json").read_text())["@context"]
    ours = contexts.for_actor()[-1]
    assert {term: ours[term] for term in ours.keys() & published.keys()} == {
        term: published[term] for term in ours.keys() & published.keys()
    }


NAMES = st.sampled_from(
    [
        "id",
        "type",
        "actor",
        "object",
        "to",
        "cc",
        "audience",
        "url",
        "href",
        "icon",
        "image",
        "tag",
        "attachment",
        "attributedTo",
        "name",
        "nameMap",
        "summary",
        "content",
        "contentMap",
        "source",
        "published",
        "updated",
        "inReplyTo",
        "replies",
        "likes",
        "shares",
        "context",
        "conversation",
        "sensitive",
        "language",
        "mediaType",
        "endpoints",
        "sharedInbox",
        "publicKey",
        "owner",
        "publicKeyPem",
        "assertionMethod",
        "controller",
        "publicKeyMultibase",
        "alsoKnownAs",
        "movedTo",
        "webfinger",
        "preferredUsername",
        "inbox",
        "followers",
        "items",
        "orderedItems",
        "first",
        "totalItems",
        "focalPoint",
        "blurhash",
        "width",
        "height",
        "value",
        "formerType",
        "@value",
        "@list",
        "target",
        "result",
    ]
)
LEAVES = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        -1,
        2**70,
        1.5,
        "",
        "x",
        "https://a.test/1",
        "https://a.test/u",
        "as:Public",
        "#tag",
        ":a:",
        "http://a.test/1",
        "2023-01-11T15:31:01Z",
        "Person",
        "Note",
        "Create",
        "Link",
        "Mention",
        "Hashtag",
        "Emoji",
        "PropertyValue",
        "Tombstone",
        "OrderedCollection",
        "fr",
        "acct:a@b.test",
        "\ud800",
        "é\u2028",
    ]
) | st.text(max_size=20)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=8), max_leaves=40
)


@given(
    st.dictionaries(NAMES, JSON, max_size=14),
    st.sampled_from(
        sorted(actors.TYPES | posts.TYPES | activities.TYPES | collections.TYPES | {"Tombstone", "Flag", "Place"})
    ),
)
def test_any_json_is_read_or_refused(raw: dict[str, Any], kind: str) -> None:
    """Whatever is where it should not be, a reader gets a value or the sender a reason."""
    for document in (raw, {"id": "https://a.test/1", "actor": "https://a.test/u", **raw, "type": kind}):
        for allow_http in (False, True):
            with contextlib.suppress(BeffroiError):
                documents.read(document, allow_http=allow_http)
