"""Polls, events, places, quotes, policies and reactions, in the shapes that servers write them in."""

from typing import Any

import pytest

from node.federation.vocab import activities, actors, audience, dates, documents, places, posts, reactions
from node.federation.vocab.audience import PUBLIC
from node.federation.vocab.policies import NOBODY
from node.runtime.errors import Malformed

ID = "https://a.test/1"


def post(kind: str = "Note", **raw: Any) -> posts.Post:
    return posts.read({"id": ID, "type": kind, **raw})


@pytest.mark.parametrize(
    ("raw", "multiple", "ends_ms", "closed", "voters"),
    [
        ({"oneOf": [{"name": "a"}]}, False, None, False, None),
        ({"oneOf": {"type": "Note", "name": "a"}}, False, None, False, None),
        ({"oneOf": [], "anyOf": [{"name": "a"}]}, True, None, False, None),
        ({"oneOf": [{"name": "a"}], "endTime": "2026-01-31T10:00:00Z"}, False, 1_769_853_600_000, False, None),
        ({"oneOf": [{"name": "a"}], "closed": "2026-01-31T10:00:00Z", "endTime": "2027-01-01T00:00:00Z"}, False, 1_769_853_600_000, False, None),
        ({"oneOf": [{"name": "a"}], "closed": True}, False, None, True, None),
        ({"anyOf": [{"name": "a"}], "votersCount": 3}, True, None, False, 3),
        ({"anyOf": [{"name": "a"}], "voters": ["https://a.test/u", "https://a.test/u", 4]}, True, None, False, 1),
    ],
)  # fmt: skip
def test_what_a_question_asks(
    raw: dict[str, Any], multiple: bool, ends_ms: int | None, closed: bool, voters: int | None
) -> None:
    poll = post("Question", **raw).poll
    assert poll is not None
    assert (poll.multiple, poll.ends_ms, poll.closed, poll.voters) == (multiple, ends_ms, closed, voters)
    assert [option.name for option in poll.options] == ["a"]
    assert poll.over(2_000_000_000_000) is (closed or ends_ms is not None)


def test_a_question_without_options_is_a_post() -> None:
    options: list[dict[str, Any]] = [{}, {"oneOf": []}, {"oneOf": ["a", None, {"name": " "}]}, {"anyOf": "a"}]
    for strange in options:
        assert post("Question", **strange).poll is None
    assert post("Note", oneOf=[{"name": "a"}]).poll is None


def test_an_option_is_counted_once() -> None:
    options = [{"name": "a", "replies": {"totalItems": 2}}, {"name": "a", "replies": {"totalItems": 9}}, {"name": "b"}]
    poll = post("Question", oneOf=options).poll
    assert poll is not None
    assert [(option.name, option.votes) for option in poll.options] == [("a", 2), ("b", None)]


@pytest.mark.parametrize(
    ("raw", "vote"),
    [
        ({"name": "oui", "inReplyTo": "https://b.test/q"}, "oui"),
        ({"name": "oui", "inReplyTo": "https://b.test/q", "content": "<br>"}, "oui"),
        ({"name": "oui", "inReplyTo": "https://b.test/q", "content": "<p>&nbsp;</p>"}, "oui"),
        ({"name": "Re: ordre du jour", "inReplyTo": "https://b.test/q", "content": "<p>d'accord</p>"}, None),
        ({"name": "oui"}, None),
        ({"inReplyTo": "https://b.test/q"}, None),
        ({"name": "vu", "inReplyTo": "https://b.test/q", "attachment": {"type": "Image", "url": "https://a.test/1.png"}}, None),
    ],
)  # fmt: skip
def test_what_is_a_vote(raw: dict[str, Any], vote: str | None) -> None:
    """A forum's answer has a name too (NodeBB, bridges): it must not vanish as a vote."""
    assert post(**raw).vote == vote


def test_when_an_event_is() -> None:
    event = post("Event", startTime="2026-07-01T20:00:00", endTime="2026-07-01T23:00:00", timezone="Europe/Paris").event
    assert event is not None
    assert (event.starts_ms, event.ends_ms) == (1_782_928_800_000, 1_782_939_600_000), "22:00 in Paris is 20:00 UTC"
    event = post("Event", startTime="2026-07-01", duration="P1D", timezone="Mars/Olympus").event
    assert event is not None
    assert (event.timezone, (event.ends_ms or 0) - (event.starts_ms or 0)) == (None, 86_400_000)
    event = post("Event", startTime="2026-07-02T00:00:00Z", endTime="2026-07-01T00:00:00Z").event
    assert event is not None
    assert event.ends_ms is None, "an end before the beginning is none"


@pytest.mark.parametrize(
    ("raw", "join_mode", "join_url", "status"),
    [
        ({"joinMode": "free"}, "free", None, None),
        ({"joinMode": "RESTRICTED", "ical:status": "CANCELLED"}, "restricted", None, "cancelled"),
        ({"joinMode": "telepathy"}, None, None, None),
        ({"joinMode": "external", "externalParticipationUrl": "mailto:mairie@a.test"}, "external", "mailto:mairie@a.test", None),
        ({"joinMode": "external", "externalParticipationUrl": "javascript:alert(1)"}, "external", None, None),
        ({"eventStatus": "https://schema.org/EventPostponed"}, None, None, "tentative"),
        ({"status": "CONFIRMED"}, None, None, "confirmed"),
    ],
)  # fmt: skip
def test_how_one_takes_part(
    raw: dict[str, Any], join_mode: str | None, join_url: str | None, status: str | None
) -> None:
    event = post("Event", **raw).event
    assert event is not None
    assert (event.join_mode, event.join_url, event.status) == (join_mode, join_url, status)


def test_where_something_is() -> None:
    assert places.read({"type": "Place"}) is None
    assert places.read({"name": "Mairie", "latitude": 91, "longitude": 6}) is not None
    found = places.read({"name": "Mairie", "latitude": "47,24", "longitude": 6.02})
    assert found is not None
    assert (found.latitude, found.longitude) == (47.24, 6.02)
    for strange in (float("nan"), float("inf"), True, "x", [1], 91):
        found = places.read({"name": "Mairie", "latitude": strange, "longitude": 6})
        assert found is not None
        assert (found.latitude, found.longitude) == (None, None), "half a position is none"
    meeting = {"type": "VirtualLocation", "url": "https://visio.test/1"}
    event = post("Event", location=[meeting, {"type": "Place", "name": "Mairie"}]).event
    assert event is not None
    assert (event.online_url, event.place and event.place.name) == ("https://visio.test/1", "Mairie")


def test_a_post_does_not_quote_itself() -> None:
    assert post(quote=ID).quote is None
    assert post(_misskey_quote=ID, quoteUrl="https://b.test/2").quote is not None


def test_the_form_that_asks_the_quoted_comes_first() -> None:
    found = post(
        _misskey_quote="https://b.test/2", quote="https://b.test/1", quoteAuthorization="https://b.test/s"
    ).quote
    assert found is not None
    assert (found.uri, found.form, found.authorization) == ("https://b.test/1", "quote", "https://b.test/s")
    found = post(quoteUri="https://b.test/2", quoteAuthorization="https://b.test/s").quote
    assert found is not None
    assert found.authorization is None, "a stamp belongs to the form that asks"


def test_a_link_to_an_object_is_not_always_a_quote() -> None:
    link = {"type": "Link", "mediaType": 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'}
    seen = post(tag=[{**link, "href": "https://b.test/1", "name": "#12"}])
    assert (seen.references, seen.quote) == (("https://b.test/1",), None)
    shown = post(tag=[{**link, "href": "https://b.test/1", "name": "RE: https://b.test/1"}])
    assert shown.quote is not None
    assert shown.quote.form == "link"
    page = {"type": "Link", "mediaType": "text/html", "href": "https://b.test/1", "name": "RE: https://b.test/1"}
    assert post(tag=[page]).quote is None


def test_who_may_do_what_with_a_post() -> None:
    older = {"canReply": {"always": ["as:Public"], "approvalRequired": [ID]}}
    newer = {"canReply": {"automaticApproval": "as:Public", "manualApproval": [ID], "always": []}}
    for stated in (older, newer):
        policy = post(interactionPolicy=stated).policy
        assert policy is not None
        assert policy.can_reply is not None
        assert (policy.can_reply.always, policy.can_reply.manual) == ((PUBLIC,), (ID,))
        assert policy.can_quote is None
    closed = post("Event", commentsEnabled=False).policy
    assert closed is not None
    assert closed.can_reply == NOBODY
    for silent in ({}, {"interactionPolicy": 4}, {"interactionPolicy": {"canReply": None}}, {"commentsEnabled": True}):
        assert post(**silent).policy is None


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("👍", "👍"), ("❤️", "❤️"), ("👩‍💻", "👩‍💻"), ("👍🏽", "👍🏽"), ("🇫🇷", "🇫🇷"), ("1️⃣", "1️⃣"), ("🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"),
        (":blob:", "blob"), (":blob@b.test:", "blob"), (":blob@.:", "blob"),
        ("👍👍", None), ("a", None), ("~", None), ("bravo", None), ("", None), (":other:", None), ("<b>👍</b>", None), (4, None),
    ],
)  # fmt: skip
def test_a_reaction_is_one_emoji(said: object, found: str | None) -> None:
    blob = {"type": "Emoji", "name": ":blob:", "icon": {"type": "Image", "url": "https://a.test/blob.png"}}
    read = reactions.read({"content": said, "tag": [blob]})
    assert (read.content if read else None) == found
    assert (read is not None and read.emoji is not None) is (found == "blob")


def test_only_likes_and_reactions_have_one() -> None:
    raw = {"type": "Announce", "actor": "https://a.test/u", "object": ID, "content": "👍"}
    assert activities.read(raw).reaction is None
    assert activities.read({**raw, "type": "Like"}).reaction is not None


def test_names_with_a_prefix_are_the_same_names() -> None:
    """Compacted by a library, a document says `as:sensitive`, or whole IRIs; what stands under the short name wins."""
    found = posts.read(
        {
            "@context": "https://www.w3.org/ns/activitystreams", "@id": ID, "@type": "Note", "as:sensitive": True,
            "https://www.w3.org/ns/activitystreams#content": "a", "as:content": "b", "ical:status": "x",
        }
    )  # fmt: skip
    assert (found.id, found.sensitive, found.content) == (ID, True, "a")
    assert posts.read({"id": ID, "type": "Note", "content": "a", "as:content": "b"}).content == "a"
    assert audience.read({"to": {"id": "as:Public", "type": "Collection"}}).to == (PUBLIC,)


def test_a_person_of_another_vocabulary_is_no_actor() -> None:
    found = documents.read({"@context": "https://schema.org", "@type": "Person", "name": "Anne"})
    assert isinstance(found, documents.Unknown)
    with pytest.raises(Malformed):
        actors.read({"@context": "https://schema.org", "@type": "Person", "@id": ID})


def test_a_draft_needs_no_id_but_no_false_one() -> None:
    found = documents.read({"type": "Note", "content": "a"}, draft=True)
    assert isinstance(found, posts.Post)
    assert found.id == ""
    for strange in (4, "nonsense", ["https://a.test/1", "https://a.test/2"]):
        with pytest.raises(Malformed):
            documents.read({"type": "Note", "id": strange}, draft=True)
    with pytest.raises(Malformed):
        documents.read({"type": "Note"})


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("PT3622S", 3_622), ("PT1H30M", 5_400), ("P1DT1S", 86_401), ("P2W", 1_209_600), ("PT2.5S", 2),
        ("P1M", None), ("P", None), ("PT", None), ("90", None), (90, 90), (-90, None), (True, None), ("PT" + "9" * 70 + "S", None),
    ],
)  # fmt: skip
def test_how_long_something_lasts(written: object, seconds: int | None) -> None:
    assert dates.duration_s(written) == seconds


def test_the_files_of_a_stream_are_found_in_its_playlist() -> None:
    """PeerTube publishes nothing but streams, as it is set up today; the files stand within."""

    def file(lines: int) -> dict[str, Any]:
        return {
            "type": "Link",
            "mediaType": "video/mp4",
            "height": lines,
            "href": f"https://a.test/{lines}-fragmented.mp4",
        }

    stream = {
        "type": "Link", "mediaType": "application/x-mpegURL", "href": "https://a.test/master.m3u8",
        "tag": [{"type": "Infohash", "name": "42"}, *map(file, (1080, 720, 240))],
    }  # fmt: skip
    page = {"type": "Link", "mediaType": "text/html", "href": "https://a.test/w/1"}
    found = post("Video", name="Conseil municipal", url=[page, stream])
    assert [(media.url, media.kind, media.alt) for media in found.attachments] == [
        ("https://a.test/720-fragmented.mp4", "Video", "Conseil municipal")
    ]
    assert found.url == "https://a.test/w/1"


def test_a_place_may_be_a_name_alone() -> None:
    event = post("Event", location="Salle des fêtes").event
    assert event is not None
    assert event.place is not None
    assert event.place.name == "Salle des fêtes"
    event = post("Event", location="https://visio.test/1").event
    assert event is not None
    assert event.place is None, "an address is not a name"


def test_types_with_a_prefix() -> None:
    emoji = {"type": "toot:Emoji", "name": ":a:", "icon": {"type": "as:Image", "url": "https://a.test/a.png"}}
    assert [each.name for each in post("as:Note", tag=[emoji]).emojis] == ["a"]
    with pytest.raises(Malformed):
        actors.read({"id": ID, "type": "schema:Person"})


def test_an_episode_of_a_podcast_is_a_sound_with_words() -> None:
    """Castopod, in the form of the Podcast ActivityStream."""
    found = post(
        "PodcastEpisode",
        name="Le budget expliqué",
        description={"type": "Note", "mediaType": "text/markdown", "content": "Avec l'**adjointe**", "contentMap": {"fr": "<p>…</p>"}},
        audio={"type": "Audio", "duration": 42, "url": {"type": "Link", "href": "https://a.test/1.mp3", "mediaType": "audio/mpeg"}},
    )  # fmt: skip
    assert (found.type, found.name, found.content, found.media_type) == (
        "Audio", "Le budget expliqué", "Avec l'**adjointe**", "text/markdown",
    )  # fmt: skip
    assert (found.language, found.duration_s) == ("fr", 42)
    assert [(media.kind, media.url) for media in found.attachments] == [("Audio", "https://a.test/1.mp3")]
    assert post("PodcastEpisode", description=4, audio=[None]).attachments == ()
