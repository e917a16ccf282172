"""The town of these tests, seen through an unmodified Mastodon client."""

from typing import Any

from mastodon import Mastodon

from node.cli.demo.agents import until
from node.cli.demo.nodes import NodeProcess

PASSWORD = "un mot de passe d'essai"


class Town:
    """A node, and the application of its agent."""

    def __init__(self, node: NodeProcess, client: Mastodon) -> None:
        self.node, self.client = node, client
        self.me = client.me()

    @property
    def handle(self) -> str:
        return f"@{self.me.username}@{self.node.authority_part}"

    @property
    def uri(self) -> str:
        """Its id in the network."""
        return str(self.client.account_lookup(self.me.acct).uri)

    def find(self, handle: str) -> Any:
        """The account called *handle*, looked up at its own server."""
        accounts = self.client.search_v2(handle, resolve=True, result_type="accounts").accounts
        assert accounts, f"{handle} was not found"
        return accounts[0]

    def follow(self, handle: str) -> Any:
        """Follow, and wait until the other side accepted."""
        account = self.find(handle)
        self.client.account_follow(account.id)
        until("the follow is accepted", lambda: self.client.account_relationships(account.id)[0].following)
        return account

    def at_home(self, uri: str) -> Any:
        """The post of that id in the home timeline, if it is there."""
        return next((each for each in self.client.timeline_home(limit=40) if each.uri == uri), None)

    def receives(self, uri: str) -> Any:
        """Wait for that post."""
        return until(f"{uri} in the home timeline", lambda: self.at_home(uri))

    def is_followed_by(self, account_id: str) -> bool:
        return bool(self.client.account_relationships(account_id)[0].followed_by)
