"""Mastodon.py, unmodified, drives the first circle of the client API against a running node."""

import io
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from mastodon import Mastodon, StreamListener
from mastodon.errors import (
    MastodonAPIError,
    MastodonIllegalArgumentError,
    MastodonNotFoundError,
    MastodonUnauthorizedError,
)
from PIL import Image
from websockets.sync.client import connect

from node.cli.demo.agents import SCOPES, Agent, text, until
from node.cli.demo.browser import Browser, NotThere
from tests.clients.village import PASSWORD, Village, picture

pytestmark = pytest.mark.xdist_group("clients")


def seen_at_home(client: Mastodon, status_id: object) -> bool:
    return any(each.id == status_id for each in client.timeline_home())


# Logging in


def test_an_application_registers_and_a_person_logs_in(village: Village) -> None:
    """The code flow ends with a token that speaks for her account, and for nobody else's."""
    client = village.citizen.log_in("Une application")
    me = client.account_verify_credentials()
    assert (me.username, me.acct, me.display_name) == ("camille", "camille", "Camille")
    assert me.source.privacy == "public", "the application does not learn the default visibility"
    assert client.app_verify_credentials().name == "Une application"
    assert client.me().id == me.id


def test_a_wrong_password_gives_no_code(village: Village) -> None:
    """The page says so, and asks again."""
    intruder = Agent(village.node, village.citizen.email, "pas le bon")
    with pytest.raises(NotThere, match="code"):
        intruder.log_in("Un intrus")


def test_a_code_is_good_once(village: Village) -> None:
    """Whoever finds a used code in a history gets nothing, and the first token ends."""
    base, session = village.node.url, village.node.session
    client_id, secret = Mastodon.create_app("Une application", scopes=SCOPES, api_base_url=base, session=session())
    client = Mastodon(client_id=client_id, client_secret=secret, api_base_url=base, session=session())
    url = client.auth_request_url(scopes=SCOPES, allow_http=True)
    code = Browser(session()).authorize(url, email=village.citizen.email, password=PASSWORD)
    client.log_in(code=code, scopes=SCOPES, allow_http=True)
    assert client.me().username == "camille"
    other = Mastodon(client_id=client_id, client_secret=secret, api_base_url=base, session=session())
    with pytest.raises((MastodonIllegalArgumentError, MastodonAPIError)):
        other.log_in(code=code, scopes=SCOPES, allow_http=True)


def test_a_person_logs_out_and_the_token_is_dead(village: Village) -> None:
    """Revocation holds at once, whatever is cached."""
    client = village.citizen.log_in("Une application")
    token = client.access_token
    client.me()
    client.revoke_access_token(allow_http=True)
    late = Mastodon(access_token=token, api_base_url=village.node.url, session=village.node.session())
    with pytest.raises(MastodonUnauthorizedError):
        late.account_verify_credentials()


def test_an_application_speaks_for_itself(village: Village) -> None:
    """Client credentials let it read what is public before anybody logs in."""
    base, session = village.node.url, village.node.session
    client_id, secret = Mastodon.create_app("Un lecteur", scopes=["read"], api_base_url=base, session=session())
    answer = session().post(
        f"{base}/oauth/token",
        data={"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret, "scope": "read"},
        timeout=20,
    )
    client = Mastodon(access_token=answer.json()["access_token"], api_base_url=base, session=session())
    assert client.app_verify_credentials().name == "Un lecteur"


def test_what_applications_ask_at_log_in(village: Village, camille: Mastodon) -> None:
    """Every application asks these before it shows anything: none may fail, none may lack a field."""
    instance = camille.instance_v2()
    assert instance.domain == village.node.authority_part
    assert instance.title == "Village (exemple)"
    assert instance.thumbnail.url, "some applications crash without a picture of the instance"
    assert instance.configuration.statuses.max_characters >= 500
    assert instance.contact.email == village.agent.email
    assert camille.instance_v1().uri, "some applications, and toot, still ask version 1"
    camille.retrieve_mastodon_version()
    assert camille.verify_minimum_version("4.0.0"), "the version cannot be read"
    assert camille.instance_nodeinfo().software.name == "beffroi"
    assert camille.preferences()["posting:default:visibility"] == "public"
    assert camille.filters_v2() == []
    assert camille.filters() == []
    assert camille.lists() == []
    assert camille.announcements() == []
    assert camille.custom_emojis() == []
    assert camille.followed_tags() == []
    assert camille.follow_requests() == []
    assert camille.conversations() == []
    assert camille.mutes() == []
    assert camille.oauth_authorization_server_info().token_endpoint == f"{village.node.url}/oauth/token"


# Posts


def test_a_post_with_warning_visibility_and_language(camille: Mastodon) -> None:
    """What the form of an application offers is kept as it was said."""
    post = camille.status_post(
        "Le conseil a voté le budget.", spoiler_text="Politique locale", visibility="unlisted", language="fr",
        sensitive=True,
    )  # fmt: skip
    kept = camille.status(post.id)
    assert text(kept) == "Le conseil a voté le budget."
    assert (kept.spoiler_text, kept.visibility, kept.language, kept.sensitive) == (
        "Politique locale", "unlisted", "fr", True,
    )  # fmt: skip
    assert kept.url, "the address of the original page is missing"
    assert kept.application.name == "Mastodon.py"


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private", "direct"])
def test_each_visibility_reaches_whom_it_should(camille: Mastodon, village: Village, visibility: str) -> None:
    """A stranger without an account sees public and unlisted posts, and no other."""
    post = camille.status_post(f"Visibilité : {visibility}", visibility=visibility)
    assert camille.status(post.id).visibility == visibility
    stranger = Mastodon(api_base_url=village.node.url, session=village.node.session())
    if visibility in ("public", "unlisted"):
        assert stranger.status(post.id).id == post.id
    else:
        with pytest.raises(MastodonNotFoundError):
            stranger.status(post.id)
    public = {each.id for each in stranger.timeline_public()}
    assert (post.id in public) == (visibility == "public"), "the public timeline shows another set of posts"


def test_the_same_key_makes_one_post(camille: Mastodon) -> None:
    """An application that got no answer asks again: the citizen has one post, not two."""
    first = camille.status_post("Une seule fois", idempotency_key="essai-1")
    again = camille.status_post("Une seule fois", idempotency_key="essai-1")
    assert again.id == first.id


def test_a_picture_with_its_words_and_without_its_secrets(camille: Mastodon, village: Village) -> None:
    """Alt text is kept and can be mended; metadata are gone; blurhash and sizes are there."""
    media = camille.media_post(picture(), mime_type="image/jpeg", description="Le puits du village", focus=(0.1, -0.2))
    media = camille.media_update(media.id, description="Le puits du village, restauré")
    post = camille.status_post("Le puits est restauré", media_ids=[media])
    (shown,) = camille.status(post.id).media_attachments
    assert shown.description == "Le puits du village, restauré"
    assert shown.type == "image"
    assert shown.blurhash, "there is nothing to show while the picture loads"
    assert (shown.meta.original.width, shown.meta.original.height) == (320, 200)
    answer = village.node.session().get(shown.url, timeout=20)
    assert answer.status_code == 200, "the picture cannot be fetched"
    assert b"Martin" not in answer.content, "the picture still says where it was taken"
    Image.open(io.BytesIO(answer.content)).load()


def test_media_of_the_first_version_of_the_api(camille: Mastodon, village: Village) -> None:
    """Elk and Tuba still upload there."""
    answer = village.node.session().post(
        f"{village.node.url}/api/v1/media", files={"file": ("puits.jpg", picture(), "image/jpeg")},
        headers={"Authorization": f"Bearer {camille.access_token}"}, timeout=20,
    )  # fmt: skip
    assert answer.status_code == 200
    assert camille.media(int(answer.json()["id"])).url


def test_a_post_is_edited_and_its_history_is_kept(camille: Mastodon) -> None:
    """Source gives back what was typed; history has each version."""
    post = camille.status_post("Fête le 13 juillet à la sale des fêtes", language="fr")
    assert camille.status_source(post.id).text == "Fête le 13 juillet à la sale des fêtes"
    edited = camille.status_update(post.id, "Fête le 13 juillet à la salle des fêtes", spoiler_text="Fête")
    assert "salle" in text(edited)
    assert edited.edited_at is not None
    history = camille.status_history(post.id)
    assert ["sale " in each.content for each in history] == [True, False]
    assert camille.status_source(post.id).spoiler_text == "Fête"


def test_a_deleted_post_is_gone_and_can_be_written_again(camille: Mastodon) -> None:
    """The answer to a deletion holds the text, for 'delete and redraft'."""
    post = camille.status_post("À refaire")
    deleted = camille.status_delete(post.id)
    assert deleted.text == "À refaire"
    with pytest.raises(MastodonNotFoundError):
        camille.status(post.id)


def test_a_conversation_is_a_thread(camille: Mastodon, mairie: Mastodon) -> None:
    """Ancestors and descendants, in order, whoever asks."""
    root = mairie.status_post("Réunion publique jeudi : des questions ?")
    answer = camille.status_reply(root, "À quelle heure ?")
    reply = mairie.status_reply(answer, "À 20 h.")
    assert answer.in_reply_to_id == root.id
    assert [each.username for each in answer.mentions] == ["mairie"]
    context = camille.status_context(answer.id)
    assert [each.id for each in context.ancestors] == [root.id]
    assert [each.id for each in context.descendants] == [reply.id]


def test_marks_on_a_post_are_set_and_taken_back(camille: Mastodon, mairie: Mastodon) -> None:
    """Favourite, boost, bookmark: on the post, in the lists, and off again."""
    post = mairie.status_post("Le marché est de retour")
    assert camille.status_favourite(post.id).favourited
    assert camille.status_bookmark(post.id).bookmarked
    boost = camille.status_reblog(post.id)
    assert boost.reblog.id == post.id
    assert boost.reblog.reblogged
    seen = mairie.status(post.id)
    assert (seen.favourites_count, seen.reblogs_count) == (1, 1)
    assert [each.username for each in mairie.status_favourited_by(post.id)] == ["camille"]
    assert [each.username for each in mairie.status_reblogged_by(post.id)] == ["camille"]
    assert camille.favourites()[0].id == post.id
    assert camille.bookmarks()[0].id == post.id
    assert not camille.status_unfavourite(post.id).favourited
    assert not camille.status_unbookmark(post.id).bookmarked
    assert not camille.status_unreblog(post.id).reblogged
    seen = mairie.status(post.id)
    assert (seen.favourites_count, seen.reblogs_count) == (0, 0)
    assert camille.bookmarks() == []


def test_a_post_is_pinned_to_the_profile(mairie: Mastodon, camille: Mastodon) -> None:
    """Visitors see it first, until it is unpinned."""
    post = mairie.status_post("Horaires de la mairie : 9 h à 17 h")
    assert mairie.status_pin(post.id).pinned
    me = mairie.me().id
    assert [each.id for each in camille.account_statuses(me, pinned=True)] == [post.id]
    mairie.status_unpin(post.id)
    assert camille.account_statuses(me, pinned=True) == []


# People


def test_a_citizen_follows_and_unfollows(camille: Mastodon, mairie: Mastodon) -> None:
    """Her home timeline holds the town hall's posts while she follows it."""
    town, her = mairie.me().id, camille.me().id
    assert camille.account_follow(town).following
    assert camille.account_relationships(town)[0].following
    assert mairie.account_relationships(her)[0].followed_by
    assert town in [each.id for each in camille.account_following(her)]
    assert her in [each.id for each in mairie.account_followers(town)]
    post = mairie.status_post("À lire chez celles qui suivent")
    until("the post at her home", lambda: seen_at_home(camille, post.id))
    assert not camille.account_unfollow(town).following
    assert not seen_at_home(camille, post.id), "posts of whom she no longer follows stay"


def test_who_is_blocked_neither_follows_nor_is_seen(camille: Mastodon, mairie: Mastodon) -> None:
    """A block ends the follow both ways, and an unblock does not bring it back."""
    her, town = camille.me().id, mairie.me().id
    camille.account_follow(town)
    assert camille.account_block(town).blocking
    assert [each.id for each in camille.blocks()] == [town]
    assert not mairie.account_relationships(her)[0].followed_by
    relationship = camille.account_unblock(town)
    assert not relationship.blocking
    assert not relationship.following


def test_a_closed_account_decides_who_follows(camille: Mastodon, mairie: Mastodon) -> None:
    """A request is listed with a notification, and accepted or refused."""
    her, town = camille.me().id, mairie.me().id
    camille.account_update_credentials(locked=True)
    try:
        assert mairie.account_follow(her).requested
        assert [each.id for each in camille.follow_requests()] == [town]
        until("the request", lambda: [each for each in camille.notifications() if each.type == "follow_request"])
        camille.follow_request_reject(town)
        assert not mairie.account_relationships(her)[0].requested
        mairie.account_follow(her)
        camille.follow_request_authorize(town)
        assert mairie.account_relationships(her)[0].following
        mairie.account_unfollow(her)
    finally:
        camille.account_update_credentials(locked=False)


def test_accounts_are_found_by_handle_and_by_name(camille: Mastodon, village: Village) -> None:
    """Short, whole, and as an address."""
    for words in ("mairie", village.agent_handle, village.agent_handle.removeprefix("@")):
        found = camille.search_v2(words, result_type="accounts", resolve=True).accounts
        assert [each.username for each in found] == ["mairie"], f"searching {words!r}"
    assert camille.account_lookup("mairie").username == "mairie"
    assert [each.username for each in camille.account_search("mair")] == ["mairie"]
    with pytest.raises(MastodonNotFoundError):
        camille.account_lookup("personne")


def test_a_post_is_found_by_its_address(camille: Mastodon, mairie: Mastodon) -> None:
    """Both the page that people share, and the id that servers use."""
    post = mairie.status_post("À partager")
    for address in (post.url, post.uri):
        found = camille.search_v2(address, result_type="statuses", resolve=True).statuses
        assert [each.id for each in found] == [post.id], f"searching {address}"


def test_a_profile_is_described_by_its_owner(camille: Mastodon) -> None:
    """Name, words, fields and picture, as the application's form sends them."""
    described = camille.account_update_credentials(
        display_name="Camille D.", note="Citoyenne", fields=[("Quartier", "Le Puits")],
        avatar=io.BytesIO(picture((20, 90, 60))), avatar_mime_type="image/jpeg", bot=False, discoverable=True,
    )  # fmt: skip
    assert described.display_name == "Camille D."
    assert "Citoyenne" in described.note
    assert [(each.name, "Le Puits" in each.value) for each in described.fields] == [("Quartier", True)]
    assert described.avatar
    camille.account_update_credentials(display_name="Camille")


# Timelines


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


# Notifications


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


# Streams


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


# Refusals


def test_refusals_are_said_in_the_words_that_applications_know(camille: Mastodon, village: Village) -> None:
    """Each of the library's exceptions stands for a status and a body that it understood."""
    stranger = Mastodon(api_base_url=village.node.url, session=village.node.session())
    with pytest.raises(MastodonUnauthorizedError):
        stranger.timeline_home()
    with pytest.raises(MastodonNotFoundError):
        camille.status(1)
    with pytest.raises(MastodonAPIError, match="422"):
        camille.status_post("x" * 100_001)
    with pytest.raises(MastodonAPIError):
        camille.media_post(b"not a picture", mime_type="image/png")
    reader = village.citizen
    client_id, secret = Mastodon.create_app(
        "Lecture seule", scopes=["read"], api_base_url=village.node.url, session=village.node.session()
    )
    limited = Mastodon(
        client_id=client_id, client_secret=secret, api_base_url=village.node.url, session=village.node.session()
    )
    url = limited.auth_request_url(scopes=["read"], allow_http=True)
    code = Browser(village.node.session()).authorize(url, email=reader.email, password=PASSWORD)
    limited.log_in(code=code, scopes=["read"], allow_http=True)
    assert limited.timeline_home() is not None
    with pytest.raises(MastodonAPIError, match="403"):
        limited.status_post("Une application qui ne doit que lire")
