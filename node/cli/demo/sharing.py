"""The second half of the demo: a territory on a third node, and an agreement from its proposal to its end."""

from typing import Any, Final

from mastodon import Mastodon

from node.cli.demo.agents import Agent, Unseen, notified, text, until
from node.cli.demo.lines import Lines
from node.cli.demo.nodes import NodeProcess

_SIREN: Final = "242500361"
_EMAIL: Final = "agent@grand-besancon.localhost.localdomain"
_PASSWORD: Final = "a sample, nothing to protect"  # noqa: S105 (printed by --keep)
_NAME: Final = "Grand Besançon (exemple)"


def play(agents: tuple[Agent, Agent], third: NodeProcess, lines: Lines) -> None:
    """All of it.

    Raises:
        Exception: a step was not seen.
    """
    b_agent, o_agent = agents
    keeper = _set_up(third, lines)
    besancon, ornans = b_agent.log_in("Beffroi demo, sharing"), o_agent.log_in("Beffroi demo, sharing")
    territory = f"@grand-besancon@{third.authority_part}"
    parties = [
        (b_agent, besancon, f"@{besancon.me().username}@{b_agent.node.authority_part}"),
        (o_agent, ornans, f"@{ornans.me().username}@{o_agent.node.authority_part}"),
    ]
    with lines.step(f"Ornans follows {territory}, which becomes a list in its application"):
        found = ornans.search_v2(territory, resolve=True, result_type="accounts").accounts
        ornans.account_follow(found[0].id)
        shown = until("the list", lambda: [each for each in ornans.lists() if each.title == _NAME])
    list_id = shown[0].id
    _agree(third, territory, parties, lines)
    _share(besancon, ornans, list_id, lines)
    _limit(b_agent.node, territory, parties[0][2], besancon, ornans, list_id, lines)
    _end_while_down(b_agent.node, keeper, territory, parties[0][2], besancon, ornans, list_id, lines)


def _set_up(node: NodeProcess, lines: Lines) -> Agent:
    with lines.step(f"beffroi territory create --epci {_SIREN}:") as more:
        node.command(
            "init", "--domain", node.authority_part, "--username", "bureau", "--name", "Bureau (exemple)",
            "--email", _EMAIL, "--password", _PASSWORD,
        )  # fmt: skip
        node.start()
        said = node.command(
            "territory", "create", "--epci", _SIREN, "--username", "grand-besancon", "--name", _NAME, "--member", _EMAIL
        )
        more.append(said[-1].partition(" ")[0] + " communes, on a third node")
    return Agent(node, _EMAIL, _PASSWORD)


def _agree(third: NodeProcess, territory: str, parties: list[tuple[Agent, Mastodon, str]], lines: Lines) -> None:
    with lines.step("The territory proposes to both towns, whose applications are told"):
        for _agent, client, handle in parties:
            third.command("agreement", "propose", territory, handle)
            until("the letter", lambda client=client: notified(client, "mention", "grand-besancon"))  # type: ignore[misc]
    with lines.step("Both towns accept; all three nodes show the same"):
        for agent, _client, handle in parties:
            agent.node.command("agreement", "accept", territory, handle)
            for node in (agent.node, third):
                _until_state(node, territory, handle, "active")


def _share(besancon: Mastodon, ornans: Mastodon, list_id: Any, lines: Lines) -> None:
    words = "Forum des associations, samedi à Micropolis."
    with lines.step("A post of Besançon is announced by the territory: it is in the list of Ornans, once"):
        besancon.status_post(words, language="fr")
        until("the post", lambda: _listed(ornans, list_id).count(words) == 1)


def _limit(
    node: NodeProcess, territory: str, member: str, besancon: Mastodon, ornans: Mastodon, list_id: Any, lines: Lines
) -> None:
    kept, other = "Concert à la citadelle. #culture", "Coupure d'eau rue de Vesoul."
    with lines.step("Besançon limits it to #culture, at once and without asking: only that is announced"):
        node.command("agreement", "limit", territory, member, "--categories", "culture")
        besancon.status_post(other, language="fr")
        besancon.status_post(kept, language="fr")
        until("the concert", lambda: kept in _listed(ornans, list_id))
        _absent(other, ornans, list_id)


def _end_while_down(
    node: NodeProcess, keeper: Agent, territory: str, member: str, besancon: Mastodon, ornans: Mastodon, list_id: Any,
    lines: Lines,
) -> None:  # fmt: skip
    late = "Exposition au musée. #culture"
    with lines.step("Besançon ends it while the territory's node is down (kill -9), and publishes again"):
        keeper.node.kill()
        node.command("agreement", "end", territory, member)
        _until_state(node, territory, member, "ended")
        besancon.status_post(late, language="fr")
    with lines.step("The territory's node starts again: it has ended there too, and nothing more was announced"):
        keeper.node.start()
        client = keeper.log_in("Beffroi demo, the keeper", actor="grand-besancon@")
        # Besançon gave up for half a minute. Any signed request of the territory tells it to send at once.
        client.status_favourite(next(each for each in client.account_statuses(client.me().id) if each.reblog).id)
        _until_state(keeper.node, territory, member, "ended")
        _absent(late, ornans, list_id)
        if "Concert à la citadelle. #culture" not in _listed(ornans, list_id):
            raise Unseen("what was announced before the end is gone")


def _listed(client: Mastodon, list_id: Any) -> list[str]:
    return [text(each.reblog or each) for each in client.timeline_list(list_id)]


def _absent(words: str, client: Mastodon, list_id: Any) -> None:
    if words in _listed(client, list_id):
        raise Unseen(f"it was announced: {words}")


def _until_state(node: NodeProcess, territory: str, member: str, state: str) -> None:
    def look() -> bool:
        return f"  {state}" in node.command("agreement", "show", territory, member)[0]

    until(f"{state} at {node.host}", look, patience_s=45)
