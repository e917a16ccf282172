"""What happens in the demo: Besançon and its neighbour Ornans, real communes, marked as samples."""

from dataclasses import dataclass
from typing import Any

from mastodon import Mastodon
from mastodon.errors import MastodonNotFoundError

from node.cli.demo.agents import Agent, Unseen, home, notified, text, until
from node.cli.demo.lines import Lines
from node.cli.demo.nodes import NodeProcess
from node.cli.demo.storm import Storm

_POSTS = 200
_PASSWORD = "a sample, nothing to protect"  # noqa: S105 (printed by --keep)


@dataclass(frozen=True, slots=True)
class Sample:
    """A real commune, lent for the demonstration."""

    insee: str
    name: str
    email: str


_BESANCON = Sample("25056", "Besançon (exemple)", "agent@besancon.localhost.localdomain")
_ORNANS = Sample("25434", "Ornans (exemple)", "agent@ornans.localhost.localdomain")


def play(pair: tuple[NodeProcess, NodeProcess], lines: Lines) -> tuple[Agent, Agent]:
    """All of it; the two agents at its end.

    Raises:
        Exception: a step was not seen.
    """
    first, second = pair
    b_agent, o_agent = _set_up(first, _BESANCON, lines), _set_up(second, _ORNANS, lines)
    besancon, ornans = _log_in(b_agent, _BESANCON, lines), _log_in(o_agent, _ORNANS, lines)
    _follow(besancon, ornans, first, lines)
    _talk(besancon, ornans, lines)
    _take_back(besancon, ornans, lines)
    _sender_killed(b_agent, ornans, lines)
    _receiver_killed(b_agent, o_agent, lines)
    return b_agent, o_agent


def how_to_log_in(agents: tuple[Agent, Agent]) -> list[str]:
    """What --keep prints."""
    lines = ["", "The nodes run until Ctrl-C. A browser that finds *.localhost, or any Mastodon application here:"]
    for each in agents:
        lines += [f"  {each.node.url}/login", f"    e-mail    {each.email}", f"    password  {each.password}"]
        lines.append(f"    commands  cd {each.node.folder} && env BEFFROI_DATA=data beffroi actor list")
    lines.append(f"  Trust this authority for the time being: {agents[0].node.authority}")
    return lines


def _set_up(node: NodeProcess, town: Sample, lines: Lines) -> Agent:
    with lines.step(f"beffroi init --insee {town.insee}:") as more:
        node.command(
            "init", "--domain", node.authority_part, "--insee", town.insee, "--name", town.name,
            "--email", town.email, "--password", _PASSWORD,
        )  # fmt: skip
        more.append(town.name)
    with lines.step("beffroi serve:") as more:
        node.start()
        more.append(f"{node.url} answers, process {node.pid}")
    return Agent(node, town.email, _PASSWORD)


def _log_in(agent: Agent, town: Sample, lines: Lines) -> Mastodon:
    with lines.step("Mastodon.py is logged in, by code and consent, as") as more:
        client = agent.log_in()
        account = client.account_verify_credentials()
        _same(account.display_name == town.name, f"the account is called {account.display_name!r}")
        more.append(f"{account.display_name} @{account.username}@{agent.node.authority_part}")
    return client


def _follow(besancon: Mastodon, ornans: Mastodon, first: NodeProcess, lines: Lines) -> None:
    b_name, o_name = besancon.me().username, ornans.me().username
    handle = f"@{b_name}@{first.authority_part}"
    with lines.step(f"Ornans finds {handle} and follows it: accepted"):
        found = ornans.search_v2(handle, resolve=True, result_type="accounts").accounts
        _same(len(found) == 1, f"{len(found)} accounts are called {handle}")
        ornans.account_follow(found[0].id)
        until("the follow is accepted", lambda: ornans.account_relationships(found[0].id)[0].following)
    with lines.step("Besançon is told of its new follower"):
        until("a notification", lambda: notified(besancon, "follow", o_name))
        followers = besancon.account_followers(besancon.me().id)
        _same([each.username for each in followers] == [o_name], "the list of followers is another")


def _talk(besancon: Mastodon, ornans: Mastodon, lines: Lines) -> None:
    words = "Marché de Noël : ouverture vendredi à 18 h, place de la Révolution. #Besançon"
    o_name = ornans.me().username
    with lines.step("A post of Besançon is in the home timeline of Ornans"):
        post = besancon.status_post(words, language="fr")
        arrived = until("the post", lambda: _of_uri(ornans, post.uri))
        _same(text(arrived) == words and arrived.language == "fr", f"it says: {arrived.content}")
        _same([each.name.lower() for each in arrived.tags] == ["besançon"], f"its hashtags: {arrived.tags}")
    with lines.step("The reply of Ornans is in the thread at Besançon, which is told"):
        ornans.status_reply(arrived, "Nous venons, avec la fanfare !", language="fr")
        until("a notification", lambda: notified(besancon, "mention", o_name))
        thread = besancon.status_context(post.id).descendants
        _same(["fanfare" in text(each) for each in thread] == [True], f"the thread: {thread}")
    with lines.step("The favourite of Ornans is counted at Besançon, which is told"):
        ornans.status_favourite(arrived.id)
        until("a notification", lambda: notified(besancon, "favourite", o_name))
        _same(besancon.status(post.id).favourites_count == 1, "it is not counted")
    with lines.step("The boost of Ornans is counted at Besançon, which is told"):
        ornans.status_reblog(arrived.id)
        until("a notification", lambda: notified(besancon, "reblog", o_name))
        _same(besancon.status(post.id).reblogs_count == 1, "it is not counted")
        _same([each.username for each in besancon.status_reblogged_by(post.id)] == [o_name], "somebody else did it")


def _take_back(besancon: Mastodon, ornans: Mastodon, lines: Lines) -> None:
    post = besancon.status_post("Travaux rue Battant : la rue est fermé lundi.", language="fr")
    with lines.step("A post that Besançon edits is seen edited at Ornans, with its history"):
        arrived = until("the post", lambda: _of_uri(ornans, post.uri))
        besancon.status_update(post.id, "Travaux rue Battant : la rue est fermée mardi.")
        until("the new words", lambda: "fermée mardi" in text(ornans.status(arrived.id)))
        _same(ornans.status(arrived.id).edited_at is not None, "it is not marked as edited")
        _same(len(ornans.status_history(arrived.id)) == 2, "its history is not there")
    with lines.step("A post that Besançon deletes is gone at Ornans"):
        besancon.status_delete(post.id)
        until("its absence", lambda: _gone(ornans, arrived.id))
        _same(_of_uri(ornans, post.uri) is None, "it is still in the home timeline")


def _sender_killed(agent: Agent, ornans: Mastodon, lines: Lines) -> None:
    storm = Storm(agent, "Annonce", _POSTS)
    with lines.step(f"kill -9 of Besançon while it publishes {_POSTS} posts:") as more:
        storm.blow(after=_POSTS // 2, then=agent.node.kill)
        more.append(f"{len(storm.acknowledged)} were acknowledged")
        if not storm.unanswered:
            raise Unseen("the node was killed too late: every post had its answer")
    kept = set(storm.acknowledged)
    with lines.step("Besançon starts again; every acknowledged post is still there, once"):
        agent.node.start()
        _there_once(agent, storm, kept)
    with lines.step("The rest is sent again with the same keys; Ornans has each of them") as more:
        storm.finish()
        found = storm.seen_by(ornans)
        more.append(f"exactly once: {len(found)} posts, none lost, none doubled")


def _there_once(agent: Agent, storm: Storm, kept: set[int]) -> None:
    """At home, before anything is sent again: what was promised, and nothing twice."""
    found = storm.counted(home(agent.log_in("Beffroi demo, after the kill")))
    lost = [number for number in kept if found[storm.words(number)] != 1]
    _same(not lost and max(found.values(), default=1) == 1, f"lost or doubled: {[storm.words(n) for n in lost]}")


def _receiver_killed(b_agent: Agent, o_agent: Agent, lines: Lines) -> None:
    storm = Storm(b_agent, "Nouvelle", _POSTS)
    with lines.step(f"kill -9 of Ornans while {_POSTS} more posts are on their way to it"):
        storm.blow(after=_POSTS // 2, then=o_agent.node.kill)
        storm.finish()
    with lines.step("Ornans starts again and shows that it lives; it has each of them") as more:
        o_agent.node.start()
        ornans = o_agent.log_in("Beffroi demo, after the kill")
        # Besançon gave up for half a minute. Any signed request of Ornans tells it to send at once.
        ornans.status_favourite(next(iter(home(ornans))).id)
        found = storm.seen_by(ornans)
        more.append(f"exactly once: {len(found)} posts, none lost, none doubled")


def _of_uri(client: Mastodon, uri: str) -> Any:
    return next((each for each in client.timeline_home() if each.uri == uri), None)


def _gone(client: Mastodon, status_id: object) -> bool:
    try:
        client.status(status_id)
    except MastodonNotFoundError:
        return True
    return False


def _same(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Unseen(otherwise)
