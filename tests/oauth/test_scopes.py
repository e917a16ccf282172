"""What an application may do with what it was granted."""

import pytest

from node.oauth import scopes
from node.oauth.errors import InvalidScope


def test_scopes_are_apart_by_spaces_or_by_a_plus():
    assert scopes.read("read write follow push") == scopes.read("read+write+follow+push")
    assert scopes.read("") == ("read",)
    assert scopes.read(" read  read ") == ("read",)


@pytest.mark.parametrize("text", ["admin", "read:nothing", "READ", "read,write", "read write everything"])
def test_a_scope_that_does_not_exist_is_refused(text):
    with pytest.raises(InvalidScope):
        scopes.read(text)


@pytest.mark.parametrize(
    ("granted", "needed", "allowed"),
    [
        ("read", "read:accounts", True),
        ("read:accounts", "read:accounts", True),
        ("read:accounts", "read:statuses", False),
        ("read:statuses", "read", False),
        ("read", "write:statuses", False),
        ("follow", "write:follows", True),
        ("follow", "read:mutes", True),
        ("follow", "write:statuses", False),
        ("write", "write:media", True),
        ("push", "push", True),
        ("profile", "read:accounts", False),
        ("admin:read", "admin:read:accounts", True),
        ("admin:read", "read:accounts", False),
        ("read", "admin:read:accounts", False),
    ],
)
def test_a_scope_covers_those_within_it_and_no_other(granted, needed, allowed):
    assert scopes.covers(scopes.read(granted), needed) is allowed


def test_an_application_asks_for_no_more_than_it_registered():
    assert scopes.within(("read:accounts", "profile"), ("read",))
    assert not scopes.within(("write",), ("read",))
    assert not scopes.within(("read",), ("read:accounts",))
