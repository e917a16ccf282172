"""The towns of these tests, and what their agents do again and again."""

import re
from dataclasses import dataclass
from typing import Any

from mastodon import Mastodon

from node.cli.demo.agents import Agent, until
from node.cli.demo.nodes import NodeProcess

PASSWORD = "un mot de passe d'essai"


class Town:
    """A node, its agent, and her application (logged in at the first use)."""

    def __init__(self, node: NodeProcess, agent: Agent) -> None:
        self.node, self.agent = node, agent
        self._client: Mastodon | None = None

    @property
    def client(self) -> Mastodon:
        if self._client is None:
            self._client = self.agent.log_in("Mastodon.py")
        return self._client

    @property
    def handle(self) -> str:
        return f"@{self.client.me().username}@{self.node.authority_part}"

    def find(self, handle: str) -> Any:
        """The account called *handle*, looked up at its own server."""
        accounts = self.client.search_v2(handle, resolve=True, result_type="accounts").accounts
        assert accounts, f"{self.node.host} finds nobody called {handle}"
        return accounts[0]

    def follow(self, other: "Town") -> Any:
        """Follow, and wait until it is accepted."""
        account = self.find(other.handle)
        self.client.account_follow(account.id)
        until("the follow", lambda: self.client.account_relationships(account.id)[0].following)
        return account

    def waiting(self) -> int:
        """How many deliveries have not left yet."""
        said = self.node.command("deliveries", "list")[-1]
        found = re.search(r"\d+", said)
        assert found, f"the queue is not described: {said}"
        return int(found[0])

    def at_home(self, uri: str) -> Any:
        """The post of that id on the first page of the home timeline, if it is there."""
        return next((each for each in self.client.timeline_home(limit=40) if each.uri == uri), None)

    def receives(self, uri: str) -> Any:
        """Wait for that post."""
        return until(f"{uri} at {self.node.host}", lambda: self.at_home(uri))


@dataclass(frozen=True, slots=True)
class Towns:
    """Two neighbours, and the port of `faux.localhost`, which Ornans may call and where nobody listens yet."""

    besancon: Town
    ornans: Town
    impostor_port: int


def found(node: NodeProcess, insee: str) -> Town:
    """Set the town up on its node, which does not run yet."""
    town = unfounded(node)
    words = ("--insee", insee, "--email", town.agent.email, "--password", PASSWORD)
    node.command("init", "--domain", node.authority_part, *words)
    return town


def unfounded(node: NodeProcess) -> Town:
    """The town that somebody is going to set up on its node."""
    return Town(node, Agent(node, f"agent@{node.host}.localdomain", PASSWORD))
