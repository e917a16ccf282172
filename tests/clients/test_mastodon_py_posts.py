"""Mastodon.py, unmodified: posts with all that an application's form offers, and marks on them."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from mastodon import Mastodon
from mastodon.errors import (
    MastodonAPIError,
    MastodonNotFoundError,
)
from PIL import Image

from node.cli.demo.agents import text
from tests.clients.village import Village, picture
from tests.media import films

pytestmark = pytest.mark.xdist_group("clients")


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


def test_a_poll_is_asked_and_voted_in(camille: Mastodon, mairie: Mastodon) -> None:
    """The form of an application makes a poll; another one votes in it, once."""
    asked = mairie.status_post(
        "Quel jour pour le marché ?", poll=mairie.make_poll(["Le jeudi", "Le samedi"], expires_in=3600)
    )
    poll = camille.poll(asked.poll.id)
    assert ([option.title for option in poll.options], poll.voted) == (["Le jeudi", "Le samedi"], False)
    voted = camille.poll_vote(poll.id, [1])
    assert (voted.own_votes, voted.voters_count, voted.options[1].votes_count) == ([1], 1, 1)
    with pytest.raises(MastodonAPIError):
        camille.poll_vote(poll.id, [0])
    assert mairie.status(asked.id).poll.options[1].votes_count == 1, "the author sees no result"


def test_a_quote_is_made_listed_and_taken_back(camille: Mastodon, mairie: Mastodon) -> None:
    """Who may quote is chosen with the post and later; consent is taken back."""
    original = mairie.status_post("Le pont est ouvert", quote_approval_policy="public")
    quoting = camille.status_post("Enfin !", quoted_status_id=original.id)
    assert (quoting.quote.state, quoting.quote.quoted_status.id) == ("accepted", original.id)
    assert [each.id for each in mairie.status_quotes(original.id)] == [quoting.id]
    assert mairie.status(original.id).quotes_count == 1
    mairie.status_quote_revoke(original.id, quoting.id)
    assert camille.status(quoting.id).quote.state == "revoked"
    closed = mairie.status_update_quote_approval_policy(original.id, "nobody")
    assert closed.quote_approval.automatic == []
    with pytest.raises(MastodonAPIError):
        camille.status_post("Encore", quoted_status_id=original.id)


def test_a_film_and_a_sound_are_published(camille: Mastodon, village: Village) -> None:
    """With or without a program that draws its picture: the application waits until there is an address, and publishes."""
    film = camille.media_post(
        films.mp4(), mime_type="video/mp4", file_name="place.mp4", description="La place", synchronous=True
    )
    sound = camille.media_post(
        films.mp3(),
        mime_type="audio/mpeg",
        file_name="cloche.mp3",
        thumbnail=picture(),
        thumbnail_mime_type="image/jpeg",
        synchronous=True,
    )
    post = camille.status_post("La place, ce matin", media_ids=[film, sound])
    shown = camille.status(post.id).media_attachments
    assert [(each.type, bool(each.url)) for each in shown] == [("video", True), ("audio", True)]
    assert shown[0].meta.original.duration == 2.0
    assert shown[1].preview_url, "the picture that she gave is gone"
    answer = village.node.session().get(shown[0].url, headers={"Range": "bytes=4-7"}, timeout=20)
    assert (answer.status_code, answer.content) == (206, b"ftyp")


def test_a_post_is_scheduled_moved_and_thrown_away(camille: Mastodon) -> None:
    """What is to come is listed with its form, another time counts, and nobody reads it before."""
    tomorrow = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    kept = camille.status_post("Demain, marché", scheduled_at=tomorrow, visibility="unlisted")
    assert (kept.scheduled_at, kept.params.text) == (tomorrow, "Demain, marché")
    assert [each.id for each in camille.scheduled_statuses()] == [kept.id]
    later = tomorrow + timedelta(hours=2)
    assert camille.scheduled_status_update(kept.id, later).scheduled_at == later
    assert camille.scheduled_status(kept.id).scheduled_at == later
    camille.scheduled_status_delete(kept.id)
    assert camille.scheduled_statuses() == []
    assert all("Demain" not in text(each) for each in camille.account_statuses(camille.me().id))


def test_what_the_instance_says_of_itself_is_read(village: Village) -> None:
    """Peers, activity, rules, words on privacy: as an application shows them before anybody logs in."""
    stranger = Mastodon(api_base_url=village.node.url, session=village.node.session())
    assert stranger.instance_peers() == []
    assert len(stranger.instance_activity()) == 12
    assert stranger.instance_extended_description().updated_at
