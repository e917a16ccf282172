"""The backup and the restore of docs/production.md, command by command, around an upgrade that has to be rolled back."""

import os
import re
import secrets
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from node.cli.demo.nodes import NodeFailed, neighbours
from tests.production.conftest import block
from tests.production.test_proxies import picture
from tests.support.postgresql import PostgreSQL
from tests.support.services import RSYNC_ABSENT, SQLITE3_ABSENT
from tests.tls.towns import Town, found

pytestmark = pytest.mark.xdist_group("production")
NEWER = (
    "INSERT INTO schema_migrations (version, name, digest, applied_ms) VALUES (9999, 'tomorrow', 'x', 0)",
    "CREATE TABLE tomorrow (post_id BIGINT PRIMARY KEY REFERENCES posts (id))",
)
"""What a newer version leaves in the database: a table that hangs on one of ours, too."""


class Keeper:
    """Follows the page on a machine whose folders lie elsewhere."""

    def __init__(self, dialect: str, folder: Path, data: Path, database: str, server: PostgreSQL | None) -> None:
        self.dialect, self.database, self.server = dialect, database, server
        (folder / "backup").mkdir()
        (folder / "elsewhere").mkdir()
        self._places = {
            "/var/lib/beffroi": str(data), "/backup": str(folder / "backup"), "/elsewhere": str(folder / "elsewhere"),
            "beffroi.dump beffroi": f"beffroi.dump {database}", "--dbname=beffroi": f"--dbname={database}",
            "--if-exists beffroi": f"--if-exists {database}", "C.UTF-8 beffroi": f"C.UTF-8 {database}",
        }  # fmt: skip

    def does(self, containing: str) -> None:
        """Every line of that block that is meant for this layout."""
        other = "# scaled" if self.dialect == "sqlite" else "# embedded"
        lines = [line for line in block("sh", containing).splitlines() if line.strip() and other not in line]
        assert len(lines) >= 3, "the page says less than it did"
        for line in lines:
            done = subprocess.run(
                ["sh", "-euc", self._here(line)],
                check=False,
                capture_output=True,
                text=True,
                timeout=120,
                env=self._env(),
            )
            assert done.returncode == 0, f"{line}\n{done.stderr}"

    def _here(self, line: str) -> str:
        command = re.sub(r"\s+#.*", "", line)
        for named, here in sorted(self._places.items(), key=lambda each: -len(each[0])):
            command = command.replace(named, here)
        return command

    def _env(self) -> Mapping[str, str]:
        if self.server is None:
            return os.environ
        programs = f"{self.server.programs}:{os.environ['PATH']}"
        return {
            **os.environ,
            "PATH": programs,
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.server.port),
            "PGUSER": "beffroi",
        }

    def upgrades(self, data: Path) -> None:
        """What `beffroi migrate` of a newer version does to the database."""
        if self.server is not None:
            for statement in NEWER:
                self.server.run(statement, self.database)
            return
        with sqlite3.connect(data / "beffroi.db") as database:
            for statement in NEWER:
                database.execute(statement)
        database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def towns(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Town, Town, Keeper]]:
    """A town on either database, its neighbour, and its keeper."""
    if shutil.which("rsync") is None:
        pytest.skip(RSYNC_ABSENT)
    if request.param == "sqlite" and shutil.which("sqlite3") is None:
        pytest.skip(SQLITE3_ABSENT)
    server: PostgreSQL | None = request.getfixturevalue("postgresql") if request.param == "postgresql" else None
    node, other = neighbours(("besancon.localhost", "ornans.localhost"), tmp_path, log_level="warning")
    name = f"backup_{secrets.token_hex(4)}"
    if server is not None:
        server.run(f'CREATE DATABASE "{name}" TEMPLATE template0')
        node.settings["database"] = server.url(name)
    try:
        town, neighbour = found(node, "25056"), found(other, "25434")
        node.start()
        other.start()
        yield town, neighbour, Keeper(request.param, tmp_path, node.data, name, server)
    finally:
        node.stop()
        other.stop()
        if server is not None:
            server.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def test_an_upgrade_is_rolled_back(towns: tuple[Town, Town, Keeper]) -> None:
    """Backed up while it runs, refused by the old version once the new one has migrated, restored into an empty folder."""
    town, neighbour, keeper = towns
    node = town.node
    neighbour.follow(town)
    media = town.client.media_post(picture(), mime_type="image/png", description="Le marché")
    before = town.client.status_post("Avant la mise à jour", media_ids=[media])
    assert neighbour.receives(before.uri)
    keeper.does(".backup")
    after = town.client.status_post("Après la sauvegarde")
    node.stop()

    keeper.upgrades(node.data)
    with pytest.raises(NodeFailed, match="9999"):
        node.start()
    assert "restore the backup" in node.tail()

    shutil.move(node.data, node.folder / "lost")
    (node.data / "media").mkdir(parents=True, mode=0o700)
    keeper.does("pg_restore")
    node.command("migrate")
    node.start()
    assert town.client.status(before.id).media_attachments[0].description == "Le marché"
    with node.session() as session:
        shown = session.get(town.client.status(before.id).media_attachments[0].url, timeout=20)
    assert shown.status_code == 200, "the pictures were not restored"
    assert town.at_home(after.uri) is None
    again = town.client.status_post("Après le retour")
    assert neighbour.receives(again.uri), "the keys did not come back: nobody believes what the node signs"
