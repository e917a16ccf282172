"""A scaled town (PostgreSQL, Redis, two web processes, two workers) and an embedded neighbour, over TLS."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from node.cli.demo.authority import Authority
from node.cli.demo.nodes import NodeProcess, free_ports
from tests.support.postgresql import PostgreSQL
from tests.support.scaled import Redis, ScaledNode, redis_program
from tests.support.services import REDIS_ABSENT
from tests.tls.towns import Town, found


@dataclass(frozen=True, slots=True)
class Scale:
    """Besançon is scaled, Ornans is one process with SQLite."""

    besancon: Town
    ornans: Town
    node: ScaledNode
    redis: Redis


def lay_out(folder: Path, database: str, redis: Redis | None, **more: str) -> tuple[ScaledNode, NodeProcess]:
    """Both nodes, not yet set up."""
    authority = Authority(folder)
    hosts = ("besancon.localhost", "ornans.localhost")
    ports = dict(zip(hosts, free_ports(2), strict=True))
    laboratory = ",".join(f"{host}:{port}" for host, port in ports.items())

    def settings(host: str) -> dict[str, str]:
        certificate = authority.certificate(host)
        return {
            "extra_ca": str(authority.file), "laboratory": laboratory, "log_level": "warning",
            "tls_cert": str(certificate.cert), "tls_key": str(certificate.key), **more,
        }  # fmt: skip

    hints = {"redis": redis.url} if redis else {}
    scaled = ScaledNode(
        hosts[0], ports[hosts[0]], folder / hosts[0], {**settings(hosts[0]), "database": database, **hints}
    )
    return scaled, NodeProcess(hosts[1], ports[hosts[1]], folder / hosts[1], settings(hosts[1]))


@pytest.fixture(scope="session")
def _scale(tmp_path_factory: pytest.TempPathFactory, postgresql: PostgreSQL, worker_id: str) -> Iterator[Scale]:
    program = redis_program()
    if program is None:
        pytest.skip(REDIS_ABSENT)
    folder = tmp_path_factory.mktemp("scaled")
    name = f"scaled_{worker_id}_{secrets.token_hex(4)}"
    postgresql.run(f'CREATE DATABASE "{name}" TEMPLATE template0')
    redis = Redis(program, folder / "redis")
    scaled, embedded = lay_out(folder, postgresql.url(name), redis)
    try:
        redis.start()
        made = Scale(found(scaled, "25056"), found(embedded, "25434"), scaled, redis)
        scaled.start()
        embedded.start()
        yield made
        for each in (scaled, embedded):
            assert "Traceback" not in each.tail(300), f"{each.host} broke:\n{each.tail(80)}"
    finally:
        scaled.stop()
        embedded.stop()
        redis.stop()
        postgresql.run(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def scale(_scale: Scale) -> Scale:
    """All of it running, whatever the test before took away."""
    if not _scale.redis.say(b"PING"):
        _scale.redis.start()
    _scale.node.start() if not _scale.node.running else None
    for place in range(2):
        if place not in _scale.node.workers:
            _scale.node.start_worker(place)
    return _scale
