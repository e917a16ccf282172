"""Mastodon.py, unmodified: following, blocking, finding people and posts, a profile of one's own."""

import io

import pytest
from mastodon import Mastodon
from mastodon.errors import (
    MastodonNotFoundError,
)

from node.cli.demo.agents import until
from tests.clients.village import Village, picture

pytestmark = pytest.mark.xdist_group("clients")


def seen_at_home(client: Mastodon, status_id: object) -> bool:
    return any(each.id == status_id for each in client.timeline_home())


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


def test_an_account_that_moved_says_where_it_is_now(camille: Mastodon, village: Village) -> None:
    """Who read it reads the new one, which the old one names."""
    for name in ("ancienne", "nouvelle"):
        village.node.command("actor", "create", "--username", name, "--name", name.title())
    old, new = [f"@{name}@{village.node.authority_part}" for name in ("ancienne", "nouvelle")]
    before, after = camille.account_lookup("ancienne"), camille.account_lookup("nouvelle")
    assert camille.account_follow(before.id).following
    village.node.command("actor", "alias", "add", new, old)
    village.node.command("actor", "move", old, new, "--yes")
    until("the follow of the new account", lambda: camille.account_relationships(after.id)[0].following)
    until("the end of the old one", lambda: not camille.account_relationships(before.id)[0].following)
    assert camille.account(before.id).moved.id == after.id
    assert camille.account(after.id).get("moved") is None


def test_what_one_chose_is_what_one_reads(camille: Mastodon, mairie: Mastodon) -> None:
    """Mutes, notes, blocks of servers, filters, lists, hashtags, recommendations: by the calls of an application."""
    town = mairie.me().id
    camille.account_follow(town)
    muted = camille.account_mute(town, notifications=False, duration=3_600)
    assert (muted.muting, muted.muting_notifications) == (True, False)
    assert [each.id for each in camille.mutes()] == [town]
    assert not camille.account_unmute(town).muting
    assert camille.account_note_set(town, "Ouverte le samedi").note == "Ouverte le samedi"
    camille.domain_block("loin.example")
    assert "loin.example" in camille.domain_blocks()
    camille.domain_unblock("loin.example")
    made = camille.create_filter_v2(
        "Travaux", ["home"], "warn", keywords_attributes=[{"keyword": "travaux", "whole_word": True}]
    )
    post = mairie.status_post("Des travaux rue du Puits")
    assert camille.status(post.id).filtered[0].filter.title == "Travaux"
    camille.delete_filter_v2(made)
    assert camille.filters_v2() == []
    ours = camille.list_create("Ma commune", replies_policy="none", exclusive=True)
    camille.list_accounts_add(ours, [town])
    assert post.id in [each.id for each in camille.timeline_list(ours)]
    assert not seen_at_home(camille, post.id), "an exclusive list leaves its members at home"
    camille.list_delete(ours)
    assert camille.tag_follow("travaux").following
    assert [each.name for each in camille.followed_tags()] == ["travaux"]
    camille.tag_unfollow("travaux")
    assert camille.account_pin(town).endorsed
    assert [each.id for each in camille.endorsements()] == [town]
    camille.account_unpin(town)
    assert [each.id for each in camille.account_familiar_followers([town])] == [town]
    camille.suggestions()
    assert town in [each.id for each in camille.directory(local=True)]
    camille.account_unfollow(town)
