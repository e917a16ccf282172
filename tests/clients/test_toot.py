"""toot, the console client, unmodified: a program of its own, with its own configuration, driven as on a terminal."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mastodon import Mastodon

from node.cli.demo.agents import Agent, until
from node.cli.demo.browser import Browser
from tests.clients.village import PASSWORD, Village, picture

pytestmark = pytest.mark.xdist_group("clients")

_TOOT = str(Path(sys.executable).with_name("toot"))


class Toot:
    """One terminal: its own folder of configuration."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("BEFFROI_", "TOOT_"))},
            "XDG_CONFIG_HOME": str(folder), "HOME": str(folder), "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8",
        }  # fmt: skip

    def say(self, *words: str) -> str:
        """What the command prints; fails the test with its complaint."""
        done = subprocess.run(
            [_TOOT, "--no-color", *words], check=False, env=self.environment, cwd=self.folder,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, f"toot {' '.join(words)}: {done.stderr}{done.stdout}"
        return done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.say(*words, "--json"))

    def log_in(self, village: Village, agent: Agent | None = None) -> str:
        """`toot login`: it prints an address, the person goes there and brings back a code."""
        asking = subprocess.Popen(
            [_TOOT, "--no-color", "login", "--instance", village.node.url], env=self.environment, cwd=self.folder,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert asking.stdin is not None
        assert asking.stdout is not None
        said = ""
        try:
            for line in asking.stdout:
                said += line
                if line.startswith("http"):
                    break
            else:
                pytest.fail(f"toot login gave no address: {said}")
            browser = Browser(village.node.session())
            code = browser.authorize(line.strip(), email=(agent or village.citizen).email, password=PASSWORD)
            rest, _ = asking.communicate(f"n\n{code}\n", timeout=60)
            assert asking.returncode == 0, f"toot login: {said}{rest}"
            return said + rest
        finally:
            asking.kill()
            asking.wait()
            asking.stdin.close()
            asking.stdout.close()


@pytest.fixture(scope="module")
def toot(village: Village, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toot]:
    """A terminal at which Camille is logged in."""
    made = Toot(tmp_path_factory.mktemp("toot"))
    assert "Successfully logged in" in made.log_in(village)
    yield made
    made.say("logout", f"camille@{village.node.authority_part}")


def test_who_am_i(toot: Toot, village: Village) -> None:
    """`auth`, `whoami`, `instance`, `whois`."""
    assert f"camille@{village.node.authority_part}" in toot.say("auth")
    assert toot.json("whoami")["username"] == "camille"
    assert "camille" in toot.say("whoami")
    assert "Village (exemple)" in toot.say("instance")
    assert toot.json("whois", "mairie")["username"] == "mairie"
    assert "mairie" in toot.say("whois", village.agent_handle)


def test_a_post_from_the_terminal(toot: Toot) -> None:
    """With a warning, a language and a visibility; shown, and deleted."""
    post = toot.json(
        "post", "Depuis le terminal", "--spoiler-text", "Essai", "--language", "fr", "--visibility", "unlisted"
    )
    assert (post["spoiler_text"], post["language"], post["visibility"]) == ("Essai", "fr", "unlisted")
    assert "Depuis le terminal" in toot.say("status", post["id"])
    toot.say("delete", post["id"])
    with pytest.raises(AssertionError, match="ot found"):
        toot.say("status", post["id"])


def test_a_picture_from_the_terminal(toot: Toot) -> None:
    """`upload`, and `post --media` with its words."""
    (toot.folder / "puits.jpg").write_bytes(picture())
    assert toot.json("upload", "puits.jpg", "--description", "Le puits")["description"] == "Le puits"
    post = toot.json("post", "Une image", "--media", "puits.jpg", "--description", "Le puits du village")
    assert [each["description"] for each in post["media_attachments"]] == ["Le puits du village"]


def test_marks_from_the_terminal(toot: Toot, mairie: Mastodon) -> None:
    """`favourite`, `reblog`, `bookmark`, `pin` and back; who did it."""
    post = str(mairie.status_post("À marquer").id)
    assert toot.json("favourite", post)["favourited"]
    assert toot.json("reblog", post)["reblog"]["id"] == post
    assert "camille" in toot.say("reblogged-by", post)
    assert toot.json("bookmark", post)["bookmarked"]
    assert "À marquer" in toot.say("bookmarks")
    toot.say("unfavourite", post)
    toot.say("unreblog", post)
    toot.say("unbookmark", post)
    own = toot.json("post", "À épingler")["id"]
    toot.say("pin", own)
    toot.say("unpin", own)


def test_timelines_from_the_terminal(toot: Toot, mairie: Mastodon, village: Village) -> None:
    """Home, public, local, hashtag, account: the new post is on each."""
    toot.say("follow", village.agent_handle)
    post = mairie.status_post("Collecte des sapins samedi #Sapins")
    until("the post at home", lambda: "Collecte des sapins" in toot.say("timelines", "home", "--no-pager"))
    for where in (("public",), ("public", "--local"), ("tag", "sapins"), ("account", "mairie")):
        said = toot.say("timelines", *where, "--no-pager")
        assert "Collecte des sapins" in said, f"timelines {' '.join(where)}: {said}"
    reply = toot.json("post", "@mairie merci", "--reply-to", str(post.id))
    thread = toot.say("thread", str(post.id))
    assert "Collecte des sapins" in thread
    assert "merci" in thread
    assert reply["in_reply_to_id"] == str(post.id)
    toot.say("unfollow", village.agent_handle)


def test_people_from_the_terminal(toot: Toot, village: Village) -> None:
    """`search`, `follow`, `following`, `followers`, `block`, `blocked`, `unblock`."""
    assert "mairie" in toot.say("search", village.agent_handle, "--resolve")
    toot.say("follow", "mairie")
    assert "mairie" in toot.say("following")
    assert "camille" in toot.say("followers", "mairie")
    toot.say("unfollow", "mairie")
    toot.say("block", "mairie")
    assert "mairie" in toot.say("blocked")
    toot.say("unblock", "mairie")


def test_notifications_from_the_terminal(toot: Toot, mairie: Mastodon) -> None:
    """They are listed and cleared."""
    toot.say("notifications", "--clear")
    post = toot.json("post", "Qui aime ?")
    mairie.status_favourite(int(post["id"]))
    until("the favourite", lambda: "Qui aime ?" in toot.say("notifications"))
    assert [each["type"] for each in toot.json("notifications")] == ["favourite"]
    toot.say("notifications", "--clear")
    assert toot.json("notifications") == []


def test_lists_and_hashtags_from_the_terminal(toot: Toot) -> None:
    """What there is none of is an empty list, not an error."""
    toot.say("lists", "list")
    toot.say("tags", "followed")
    assert "sapins" in toot.say("tags", "info", "sapins").lower()
