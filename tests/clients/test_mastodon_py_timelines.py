"""Mastodon.py, unmodified: timelines page by page, the place where one stopped, notifications, streams."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from mastodon import Mastodon, StreamListener
from websockets.sync.client import connect

from node.cli.demo.agents import text, until
from tests.clients.village import Village, picture

pytestmark = pytest.mark.xdist_group("clients")


def test_a_timeline_is_read_to_its_end_and_from_there_back(mairie: Mastodon, village: Village) -> None:
    """Every post once, in order, with no empty page in the middle; and only the new ones from an id on."""
    marks = [mairie.status_post(f"Page {number}").id for number in range(7)]
    newest_first = marks[::-1]
    me = mairie.me().id
    page, read = mairie.account_statuses(me, limit=3), list[object]()
    while page:
        read += [each.id for each in page]
        page = mairie.fetch_next(page)
    assert read[:7] == newest_first, "pages overlap, or leave posts out"
    assert len(read) == len(set(read)), "a post is on two pages"

    def ids(**bounds: object) -> list[object]:
        return [each.id for each in mairie.account_statuses(me, **bounds)]

    assert ids(max_id=marks[4], limit=3) == [marks[3], marks[2], marks[1]]
    assert ids(since_id=marks[4], limit=40) == [marks[6], marks[5]]
    assert ids(min_id=marks[2], limit=2) == [marks[4], marks[3]], "min_id must give what follows at once"
    first = mairie.account_statuses(me, limit=3)
    older = mairie.fetch_next(first)
    newer = mairie.fetch_previous(older)
    assert newer is not None
    assert [each.id for each in newer] == [each.id for each in first]


def test_the_posts_of_a_profile_are_sifted(mairie: Mastodon, camille: Mastodon) -> None:
    """With pictures, without replies, without boosts, of one hashtag: the tabs of a profile."""
    me = camille.me().id
    town = mairie.status_post("Appel à photos")
    media = camille.media_post(picture(), mime_type="image/jpeg", description="Le puits")
    photo = camille.status_post("Ma photo #PhotosDuPuits", media_ids=[media]).id
    reply = camille.status_reply(town, "Voilà ma photo").id
    boost = camille.status_reblog(town.id).id

    def ids(**sieve: object) -> list[object]:
        return [each.id for each in camille.account_statuses(me, limit=10, **sieve)]

    assert ids()[:3] == [boost, reply, photo]
    assert reply not in ids(exclude_replies=True)
    assert photo in ids(exclude_replies=True)
    assert boost not in ids(exclude_reblogs=True)
    assert ids(only_media=True)[0] == photo
    assert ids(tagged="photosdupuits") == [photo]
    assert [each.id for each in camille.statuses([photo, reply])] == [photo, reply]
    camille.status_unreblog(town.id)


def test_home_public_and_hashtag_timelines(mairie: Mastodon, camille: Mastodon, village: Village) -> None:
    """A public post with a hashtag is in each of them; Mastodon.py walks them page by page."""
    posts = [mairie.status_post(f"Forum des associations, stand {number} #ForumAssos").id for number in range(5)]
    for name, page in {
        "home": mairie.timeline_home(limit=2),
        "local": camille.timeline_local(limit=2),
        "public": camille.timeline_public(limit=2),
        "hashtag": camille.timeline_hashtag("forumassos", limit=2),
    }.items():
        read: list[object] = []
        while page and len(read) < 5:
            read += [each.id for each in page]
            page = camille.fetch_next(page) if name != "home" else mairie.fetch_next(page)
        assert read[:5] == posts[::-1], f"the {name} timeline"
    (tag,) = camille.status(posts[0]).tags
    assert tag.name.lower() == "forumassos"
    stranger = Mastodon(api_base_url=village.node.url, session=village.node.session())
    assert stranger.timeline_public(limit=1)[0].id == posts[-1]


def test_the_place_where_she_stopped_reading(camille: Mastodon, mairie: Mastodon) -> None:
    """Markers are kept, with a version that rises."""
    post = mairie.status_post("Lu jusqu'ici")
    first = camille.markers_set("home", post.id)
    assert int(first["home"].last_read_id) == int(post.id)
    kept = camille.markers_get("home")["home"]
    assert int(kept.last_read_id) == int(post.id)
    again = camille.markers_set("home", post.id)["home"]
    assert again.version > kept.version
    assert abs(datetime.now(UTC) - again.updated_at) < timedelta(hours=1), "the time has no zone"


def test_she_is_told_of_what_concerns_her(camille: Mastodon, mairie: Mastodon) -> None:
    """Follow, mention, favourite, boost: listed, filtered, shown, dismissed, cleared."""
    camille.notifications_clear()
    assert camille.notifications() == []
    post = camille.status_post("Ma première annonce")
    mairie.account_follow(camille.me().id)
    mairie.status_favourite(post.id)
    mairie.status_reblog(post.id)
    mairie.status_post("@camille bienvenue !")
    told = until("four notifications", lambda: len(found := camille.notifications()) == 4 and found)
    assert {each.type for each in told} == {"follow", "favourite", "reblog", "mention"}
    assert {each.account.username for each in told} == {"mairie"}
    by_type = {each.type: each for each in told}
    assert by_type["favourite"].status.id == post.id
    assert [each.type for each in camille.notifications(types=["mention"])] == ["mention"]
    assert "follow" not in {each.type for each in camille.notifications(exclude_types=["follow"])}
    page = camille.notifications(limit=3)
    rest = camille.fetch_next(page)
    assert rest is not None
    assert len(page) == 3
    assert [each.id for each in rest] == [told[3].id]
    assert camille.notifications(by_type["mention"].id).type == "mention"
    assert camille.notifications_unread_count().count == 4
    camille.markers_set("notifications", told[0].id)
    assert camille.notifications_unread_count().count == 0
    camille.notifications_dismiss(by_type["mention"].id)
    assert len(camille.notifications()) == 3
    camille.notifications_clear()
    assert camille.notifications() == []
    mairie.account_unfollow(camille.me().id)


class Heard(StreamListener):
    """Writes down what a stream tells."""

    def __init__(self) -> None:
        self.posts: list[str] = []
        self.notifications: list[str] = []
        self.edited: list[str] = []
        self.deleted: list[object] = []

    def on_update(self, status: Any) -> None:
        self.posts.append(text(status))

    def on_notification(self, notification: Any) -> None:
        self.notifications.append(notification.type)

    def on_status_update(self, status: Any) -> None:
        self.edited.append(text(status))

    def on_delete(self, status_id: Any) -> None:
        self.deleted.append(status_id)


def test_news_come_by_themselves(camille: Mastodon, mairie: Mastodon) -> None:
    """The stream of a person: posts of whom she follows, edits, deletions, notifications."""
    assert camille.stream_healthy()
    camille.account_follow(mairie.me().id)
    heard = Heard()
    # Left open: closing waits for the next word of the server, and the end of the node ends it.
    stream = camille.stream_user(heard, run_async=True)
    until("the stream", stream.is_receiving)
    post = mairie.status_post("En direct du conseil")
    until("the post", lambda: "En direct du conseil" in heard.posts)
    mairie.status_update(post.id, "En direct du conseil municipal")
    until("the edit", lambda: "En direct du conseil municipal" in heard.edited)
    mairie.status_post("@camille une question pour vous")
    until("the mention", lambda: "mention" in heard.notifications)
    mairie.status_delete(post.id)
    until("the deletion", lambda: str(post.id) in map(str, heard.deleted))
    camille.account_unfollow(mairie.me().id)


def test_one_socket_carries_several_streams(camille: Mastodon, mairie: Mastodon, village: Village) -> None:
    """WebSocket, as applications use it: the token in the address, streams joined and left by messages."""
    address = village.node.url.replace("http://", "ws://") + f"/api/v1/streaming?access_token={camille.access_token}"
    with connect(address) as socket:
        socket.send(json.dumps({"type": "subscribe", "stream": "hashtag", "tag": "direct"}))
        socket.send(json.dumps({"type": "subscribe", "stream": "public:local"}))
        time.sleep(0.5)  # nothing answers a subscription
        mairie.status_post("Le feu d'artifice #direct")
        told = [json.loads(socket.recv(timeout=20)) for _ in range(2)]
    assert {tuple(each["stream"]) for each in told} == {("hashtag", "direct"), ("public:local",)}
    assert {each["event"] for each in told} == {"update"}
    assert all("artifice" in json.loads(each["payload"])["content"] for each in told), "the payload is no JSON text"
