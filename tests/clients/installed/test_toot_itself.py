"""toot's own integration tests, from its source distribution, against a running node. `make clients` fetches them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from aiosmtpd.controller import Controller

from node.cli.demo.nodes import NodeProcess, free_ports
from tests.clients.village import PASSWORD
from tests.support.mailbox import Mailbox

pytestmark = pytest.mark.xdist_group("clients")

_HERE = Path(__file__).parent
_TOOT = _HERE / ".toot"
_LIMIT_S = 180

NOT_TRIED = {
    # Removed by Mastodon too, with 4.4.
    "test_auth.py::test_login_cli": "log-in by password, and at port 3000, wherever the server is",
    "test_auth.py::test_login_cli_wrong_password": "log-in by password, and at port 3000, wherever the server is",
    # Different here, and said in docs/clients.md.
    "test_polls.py::test_vote_not_multiple": "wants 'already voted' for two choices; toot notes that it is wrong",
    "test_post.py::test_post": "wants the website of the application; the name is kept with a status, no more",
    "test_post.py::test_post_scheduled_at_error": "wants 'Record invalid'; what is wrong is said here",
    "test_post.py::test_media_thumbnail": "wants its WebM as MP4; films are kept as they are",
}
"""What is left out, and why."""


@pytest.fixture
def letters(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A mail server: its address, and the folder where each person's latest letter lies under her address."""
    folder, mailbox = tmp_path / "letters", Mailbox()
    folder.mkdir()

    def keep() -> None:
        letter = mailbox.taken[-1]
        written = folder / f".{letter['To']}"
        written.write_bytes(letter.as_bytes())
        written.rename(folder / str(letter["To"]))

    mailbox.on_taken = keep
    server = Controller(mailbox, hostname="127.0.0.1", port=free_ports(1)[0])
    server.start()
    try:
        yield f"smtp://127.0.0.1:{server.port}", folder
    finally:
        server.stop()


@pytest.fixture
def node(letters: tuple[str, Path], tmp_path: Path) -> Iterator[NodeProcess]:
    """A node at which everybody may sign up."""
    made = NodeProcess(
        "localhost", free_ports(1)[0], tmp_path / "node",
        {
            "scheme": "http", "log_level": "warning", "language": "en", "smtp": letters[0],
            "mail_from": "ne-pas-repondre@village.example",
        },
    )  # fmt: skip
    made.command(
        "init", "--domain", made.authority_part, "--username", "mairie", "--name", "Village (exemple)",
        "--email", "agent@village.example", "--password", PASSWORD,
    )  # fmt: skip
    made.command(
        "domain", "legal", "--publisher", "Village (exemple)", "--siren", "210000006", "--director", "Mme la maire",
        "--host", "Un hébergeur", "--dpo", "dpo@village.example",
    )  # fmt: skip
    made.command("sign-up", "open", "open")
    try:
        made.start()
        yield made
    finally:
        code, said = made.stop(), made.tail(60)
        assert code == 0, f"the node did not stop as it should: exit code {code}\n{said}"
        assert "Traceback" not in said, f"the node broke while toot's tests used it:\n{said}"


def test_its_own_integration_tests(node: NodeProcess, letters: tuple[str, Path], tmp_path: Path) -> None:
    """All of them but `NOT_TRIED`, unmodified, each with people of its own."""
    assert (_TOOT / "tests" / "integration").is_dir(), f"{_TOOT} is absent: make clients"
    result = tmp_path / "result.xml"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("BEFFROI_", "TOOT_", "PYTEST_"))}
    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "tests/integration", "-q", "-p", "toot_people", "-p", "no:cacheprovider",
            "-p", "no:schemathesis", "--tb=short", f"--junitxml={result}",
        ],
        cwd=_TOOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=_LIMIT_S,
        env=kept | {
            "TOOT_TEST_BASE_URL": node.url, "BEFFROI_TEST_LETTERS": str(letters[1]),
            "BEFFROI_TEST_LEFT_OUT": ",".join(NOT_TRIED), "HOME": str(tmp_path),
            "XDG_CONFIG_HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "LC_ALL": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join([str(_HERE), str(_HERE.parents[2])]), "PYTHONDONTWRITEBYTECODE": "1",
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-12_000:] + done.stderr[-3_000:]
    suite = next(ET.parse(result).iter("testsuite"))
    assert suite.get("skipped") == "0", done.stdout[-3_000:]
    assert int(suite.get("tests", "0")) > 100
