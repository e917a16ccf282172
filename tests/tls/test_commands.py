"""`beffroi` beside a running node: the node itself does what is asked, through its control socket."""

import stat

import pytest
from mastodon.errors import MastodonAPIError, MastodonUnauthorizedError

from node.cli.demo.agents import Agent, until
from tests.tls.towns import PASSWORD, Towns

pytestmark = pytest.mark.xdist_group("tls")


def test_only_its_owner_can_command_it(towns: Towns) -> None:
    """The socket is a file that nobody else may open."""
    mode = (towns.besancon.node.data / "control.sock").stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


def test_a_person_who_was_made_now_logs_in_now(towns: Towns) -> None:
    """`user create`, `actor create --member`, then a client; `user disable` ends it at once."""
    node = towns.besancon.node
    said = node.command("user", "create", "camille@besancon.example", "--password", PASSWORD)
    assert "camille@besancon.example" in said[0]
    node.command(
        "actor", "create", "--username", "camille", "--name", "Camille", "--member", "camille@besancon.example"
    )
    client = Agent(node, "camille@besancon.example", PASSWORD).log_in("Mastodon.py")
    assert client.me().username == "camille"
    assert any("@camille@" in line for line in node.command("actor", "list"))
    node.command("user", "disable", "camille@besancon.example")
    with pytest.raises(MastodonUnauthorizedError):
        client.me()


def test_a_refused_command_says_why(towns: Towns) -> None:
    """One sentence on standard error, exit code 1; nothing is changed."""
    refused = towns.besancon.node.attempt("actor", "suspend", "@personne@nulle-part.example")
    assert refused.returncode == 1
    assert refused.stderr.startswith("beffroi: ")
    assert "@personne@nulle-part.example" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_suspended_actor_is_silent_until_it_comes_back(towns: Towns) -> None:
    """Its page and its posts are gone, its applications are refused; then all of it is back."""
    ornans, besancon = towns.ornans, towns.besancon
    ornans.follow(besancon)
    post = besancon.client.status_post("Avant la suspension")
    ornans.receives(post.uri)
    page, name = besancon.client.me().url, besancon.handle
    besancon.node.command("actor", "suspend", name, "--why", "Menaces")
    try:
        with besancon.node.session() as session:
            shown = [session.get(address, timeout=20).status_code for address in (page, post.url)]
        assert all(status in (403, 404, 410) for status in shown), f"still shown: {shown}"
        with pytest.raises(MastodonAPIError):
            besancon.client.status_post("Pendant la suspension")
    finally:
        besancon.node.command("actor", "unsuspend", name)
    with besancon.node.session() as session:
        assert session.get(post.url, timeout=20).status_code == 200
    again = besancon.client.status_post("Après la suspension")
    ornans.receives(again.uri)


def test_a_blocked_server_has_no_dealings(towns: Towns) -> None:
    """`domain block`: its posts go and come no more, its people are not found; `unblock` lets a new follow work."""
    ornans, besancon = towns.ornans, towns.besancon
    ornans.follow(besancon)
    before = besancon.client.status_post("Avant le blocage")
    ornans.receives(before.uri)
    host = besancon.node.host
    ornans.node.command("domain", "block", host, "--reason", "essai")
    try:
        assert any(line.startswith(host) for line in ornans.node.command("domain", "blocks"))
        assert ornans.at_home(before.uri) is None, "posts of the blocked server stay in the timeline"
        assert ornans.client.search_v2(besancon.handle, resolve=True, result_type="accounts").accounts == []
        during = besancon.client.status_post("Pendant le blocage")
        until("no delivery under way", lambda: not besancon.waiting())
    finally:
        ornans.node.command("domain", "unblock", host)
    ornans.follow(besancon)
    after = besancon.client.status_post("Après le blocage")
    ornans.receives(after.uri)
    assert ornans.at_home(during.uri) is None, "a post that was sent during the block arrived"


def test_a_town_with_new_keys_is_still_believed(towns: Towns) -> None:
    """`actor rotate-keys`: the neighbour fetches the new key when the old one no longer fits."""
    ornans, besancon = towns.ornans, towns.besancon
    ornans.follow(besancon)
    besancon.node.command("actor", "rotate-keys", besancon.handle)
    post = besancon.client.status_post("Signé de la nouvelle clé")
    until("the post", lambda: ornans.at_home(post.uri))
