"""A pytest plugin for toot's own tests: who registers also reads her mail.

toot's tests register somebody and use the token at once: the server that they were written for confirms no address.
Here a person says when she was born, opens the letter and presses the button, as everywhere; each is at a machine of
her own (`X-Forwarded-For`), because few sign up from one. Nothing of toot's is changed but `toot.api.register_account`; two
chances are taken from its tests, which would fail once in a hundred runs wherever they run.
"""

import email
import os
import re
import time
import uuid
from email import policy
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests
import toot.api

from node.cli.demo.browser import Browser

_BORN = "1980-01-01"
_PATIENCE_S = 20.0
_numbers = count(1)
_any_uuid = uuid.uuid4


def pytest_configure() -> None:
    """Called by pytest before anything is collected."""
    toot.api.register_account = _register
    uuid.uuid4 = _with_a_letter


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Called by pytest: leave out what is named, and exactly that (`--deselect` goes by beginnings)."""
    named = set(os.environ["BEFFROI_TEST_LEFT_OUT"].split(","))
    out = [item for item in items if item.nodeid.removeprefix("tests/integration/") in named]
    assert len(out) == len(named), f"not all of these are there: {sorted(named)}"
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if item not in out]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Called by pytest: what compares minutes is not begun at the end of one."""
    left_s = 60 - time.time() % 60
    if item.name == "test_post_scheduled_in" and left_s < 10:
        time.sleep(left_s)


def _with_a_letter() -> uuid.UUID:
    """Names are the end of these, and a test wants one to have capitals."""
    while (made := _any_uuid()).hex[-10:].isdigit():
        pass
    return made


def _register(
    app: Any, username: str, address: str, password: str, locale: str = "en", agreement: bool = True
) -> dict[str, Any]:
    """As `toot.api.register_account`, and the account is there when it comes back."""
    number, session = next(_numbers), requests.Session()
    session.headers["X-Forwarded-For"] = f"10.0.{number >> 8}.{number & 255}"
    asked = session.post(
        f"{app.base_url}/oauth/token",
        data={
            "client_id": app.client_id, "client_secret": app.client_secret, "grant_type": "client_credentials",
            "scope": "read write",
        },
    )  # fmt: skip
    asked.raise_for_status()
    answer = session.post(
        f"{app.base_url}/api/v1/accounts",
        headers={"Authorization": f"Bearer {asked.json()['access_token']}"},
        json={
            "username": username, "email": address, "password": password, "agreement": agreement, "locale": locale,
            "date_of_birth": _BORN,
        },
    )  # fmt: skip
    assert answer.ok, answer.text
    browser = Browser(session)
    page = browser.fill(session.get(_link(address)), "form_token", {})
    assert page.ok, page.text
    return dict(answer.json())


def _link(address: str) -> str:
    """The address in the letter that confirms the mailbox."""
    file, end = Path(os.environ["BEFFROI_TEST_LETTERS"]) / address, time.monotonic() + _PATIENCE_S
    while not file.exists():
        assert time.monotonic() < end, f"no letter to {address}"
        time.sleep(0.02)
    letter = email.message_from_bytes(file.read_bytes(), policy=policy.SMTP)
    found = re.search(r"https?://\S+/sign-up/confirm/\S+", str(letter.get_content()))
    assert found, f"no link in {letter}"
    return found[0]
