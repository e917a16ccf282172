"""What one process with SQLite holds, four with PostgreSQL hold too: the stories of `tests/tls` and `tests/clients`, again.

The town of Besançon, or the village of the applications, is the scaled one; the tests are the same functions.
"""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from mastodon import Mastodon

from node.cli.demo.agents import Agent
from node.cli.demo.nodes import free_ports
from tests.clients.test_mastodon_py_log_in import *  # noqa: F403 (its tests are run here again)
from tests.clients.test_mastodon_py_people import *  # noqa: F403
from tests.clients.test_mastodon_py_posts import *  # noqa: F403
from tests.clients.test_mastodon_py_timelines import *  # noqa: F403
from tests.clients.village import PASSWORD, Village
from tests.scaled.conftest import Scale
from tests.support.postgresql import PostgreSQL
from tests.support.scaled import Redis, ScaledNode, redis_program
from tests.support.services import REDIS_ABSENT
from tests.tls.test_commands import (  # noqa: F401
    test_a_blocked_server_has_no_dealings,
    test_a_person_who_was_made_now_logs_in_now,
    test_a_refused_command_says_why,
    test_a_suspended_actor_is_silent_until_it_comes_back,
    test_a_town_with_new_keys_is_still_believed,
)
from tests.tls.test_interruptions import (  # noqa: F401
    test_what_was_acknowledged_survives_a_kill,
    test_what_was_under_way_goes_on_after_both_restarted,
)
from tests.tls.test_neighbours import test_news_reach_the_neighbour_and_an_answer_comes_back  # noqa: F401
from tests.tls.towns import Towns

pytestmark = pytest.mark.xdist_group("scaled")


@pytest.fixture
def towns(scale: Scale) -> Towns:
    """Besançon in four processes, Ornans in one."""
    return Towns(scale.besancon, scale.ornans, impostor_port=0)


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory, postgresql: PostgreSQL) -> Iterator[Village]:
    """The village of the applications, in four processes, on http://localhost."""
    program = redis_program()
    if program is None:
        pytest.skip(REDIS_ABSENT)
    folder: Path = tmp_path_factory.mktemp("village")
    name = f"village_{secrets.token_hex(4)}"
    postgresql.run(f'CREATE DATABASE "{name}" TEMPLATE template0')
    redis = Redis(program, folder / "redis")
    settings = {"scheme": "http", "log_level": "warning", "database": postgresql.url(name), "redis": redis.url}
    node = ScaledNode("localhost", free_ports(1)[0], folder, settings)
    agent = Agent(node, "agent@village.example", PASSWORD)
    citizen = Agent(node, "camille@village.example", PASSWORD)
    try:
        redis.start()
        node.command(
            "init", "--domain", node.authority_part, "--username", "mairie", "--name", "Village (exemple)",
            "--email", agent.email, "--password", PASSWORD,
        )  # fmt: skip
        node.command("user", "create", citizen.email, "--password", PASSWORD)
        node.command("actor", "create", "--username", "camille", "--name", "Camille", "--member", citizen.email)
        node.start()
        yield Village(node, agent, citizen)
        assert "Traceback" not in node.tail(300), f"the node broke:\n{node.tail(80)}"
    finally:
        node.stop()
        redis.stop()
        postgresql.run(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def mairie(village: Village) -> Mastodon:
    """The town hall's Mastodon.py."""
    return village.agent.log_in("Mastodon.py")


@pytest.fixture(scope="module")
def camille(village: Village) -> Mastodon:
    """The citizen's Mastodon.py."""
    return village.citizen.log_in("Mastodon.py")
