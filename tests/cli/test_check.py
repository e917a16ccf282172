"""`beffroi check`: what is wrong is found, said in a plain sentence, and has a cure."""

import asyncio
import contextlib
import secrets
import sqlite3

import pytest

from admin import control, operations
from node.app import close_context, open_context
from node.cli import self_test
from node.runtime.i18n import translator
from node.runtime.settings import read_settings
from tests.support.postgresql import free_port


def failures(beffroi):
    """Subject and text of what has to be mended, as a keeper reads it."""
    said = beffroi("check")
    found = said.out.split("FAIL  ")[1:]
    assert said.code == (1 if found else 0), said.err
    assert "Traceback" not in said.err
    for part in found:
        assert "-> " in part, f"a failure without a cure: {part}"
    return found


@contextlib.asynccontextmanager
async def answering(port, status="200 OK", body=b"OK\n", *headers):
    """Somebody who listens there."""

    async def answer(reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port)
    async with server:
        yield


@pytest.fixture
def local(beffroi):
    """A node of one's own machine, whose address nobody serves yet."""
    port = free_port()
    beffroi.set(scheme="http", listen=f"127.0.0.1:{port}", laboratory=f"localhost:{port}")
    beffroi.ok("init", "--domain", f"localhost:{port}", "--username", "mairie-test")
    beffroi.port = port
    return beffroi


async def findings(**given):
    return await self_test.run(read_settings(**given))


def of(found, subject):
    return [each for each in found if each.subject == subject]


def test_an_empty_folder(beffroi):
    [keyring, database] = failures(beffroi)
    assert keyring.startswith("trousseau")
    assert "beffroi init" in keyring
    assert database.startswith("base de données")
    assert not beffroi.data.exists(), "a test made something"


def test_a_keyring_that_others_may_read(town):
    (town.data / "keyring.json").chmod(0o644)
    [keyring, *_] = failures(town)
    assert f"chmod 600 {town.data.relative_to(town.folder)}/keyring.json" in keyring


def test_a_keyring_that_is_damaged(town):
    (town.data / "keyring.json").write_text("{")
    [keyring, *_] = failures(town)
    assert keyring.startswith("trousseau")


def test_migrations_that_wait(town):
    with sqlite3.connect(town.data / "beffroi.db") as connection:
        connection.execute("DELETE FROM schema_migrations WHERE version = (SELECT MAX(version) FROM schema_migrations)")
    connection.close()
    [database] = failures(town)
    assert "beffroi migrate" in database


def test_a_database_of_another_version(town):
    with sqlite3.connect(town.data / "beffroi.db") as connection:
        connection.execute("INSERT INTO schema_migrations VALUES (9999, 'tomorrow', 'x', 0)")
    connection.close()
    [database] = failures(town)
    assert "9999" in database


def test_a_database_that_does_not_answer(town):
    town.set(database="postgresql://beffroi@127.0.0.1:1/node")
    [database] = failures(town)
    assert "BEFFROI_DATABASE" in database


def test_a_node_without_a_domain(beffroi):
    beffroi.refused("init", "--domain", "x.example", "--insee", "99999")
    [domain] = failures(beffroi)
    assert "beffroi init" in domain


def test_a_name_that_leads_nowhere(beffroi):
    beffroi.ok("init", "--domain", "nowhere.invalid", "--insee", "25056")
    [dns] = failures(beffroi)
    assert dns.startswith("DNS: nowhere.invalid")
    assert "A ou AAAA" in dns


def test_nobody_serves(local):
    [http] = failures(local)
    assert http.startswith(f"HTTP: http://localhost:{local.port}")
    assert "beffroi serve" in http


async def test_somebody_else_serves(local):
    async with answering(local.port, body=b"Welcome to nginx!"):
        [wrong] = of(await findings(), "HTTP")
    assert wrong.failed
    assert "ce n’est pas ce serveur" in wrong.sentence.replace("'", "’")
    async with answering(local.port, "502 Bad Gateway"):
        [wrong] = of(await findings(), "HTTP")
    assert "502" in wrong.sentence


async def test_a_clock_that_is_wrong(local):
    async with answering(local.port, "200 OK", b"OK\n", "Date: Mon, 01 Jan 2029 10:00:00 GMT"):
        [clock] = of(await findings(), "horloge")
    assert "timedatectl" in clock.cure
    async with answering(local.port, "200 OK", b"OK\n", "Date: soon"):
        [clock] = of(await findings(), "horloge")
    assert not clock.failed


async def test_handles_that_cannot_be_found(local):
    async with answering(local.port, "200 OK", b"OK\n"):
        assert not of(await findings(), "WebFinger")[0].failed
    async with answering(local.port, "404 Not Found", b"OK\n"):
        assert of(await findings(), "HTTP")[0].failed


async def running(beffroi, story):
    """A node that holds its data and takes commands, as far as `check` is concerned."""
    ctx = await open_context(read_settings())
    server = await control.listen(ctx)
    try:
        return await story(ctx)
    finally:
        server.close()
        await close_context(ctx)
        control.path(ctx.settings.data).unlink(missing_ok=True)


async def test_a_queue_that_does_not_move(local):
    async def story(ctx):
        await ctx.db.write(
            lambda tx: tx.execute(
                "INSERT INTO jobs (id, kind, args, state, run_at_ms, created_ms) VALUES (1, 'x', '{}', 'ready', 5, 5)"
            )
        )
        return of(await findings(), "file d’attente") or of(await findings(), translator("fr")("queue"))

    stuck = [each for each in await running(local, story) if each.failed]
    assert len(stuck) == 1
    assert "jobs" in stuck[0].sentence
    assert "journal" in stuck[0].cure


async def test_what_was_given_up(local):
    async def story(ctx):
        await ctx.db.write(
            lambda tx: tx.execute(
                "INSERT INTO jobs (id, kind, args, state, run_at_ms, created_ms) VALUES (1, 'x', '{}', 'dead', 5, 5)"
            )
        )
        return [each for each in of(await findings(), translator("fr")("queue")) if each.failed]

    [dead] = await running(local, story)
    assert "beffroi deliveries" in dead.cure


async def test_a_node_that_runs_is_looked_at_beside_it(local):
    async def story(ctx):
        async with answering(local.port):
            return await findings()

    found = await running(local, story)
    assert not [each for each in found if each.failed]
    assert any("lue à côté" in each.sentence or "tenue" in each.sentence for each in of(found, "base de données"))


async def test_a_mail_server_that_is_not_there(local):
    async def story(ctx):
        return of(
            await findings(smtp="smtp://mairie:hunter22@127.0.0.1:1", mail_from="a@b.example"), translator("fr")("mail")
        )

    [mail] = await running(local, story)
    assert mail.failed
    assert "BEFFROI_SMTP" in mail.cure
    assert "hunter22" not in str(mail)


async def test_every_finding_is_said_in_both_languages(local):
    french, english = await findings(language="fr"), await findings(language="en")
    assert len(french) == len(english)
    assert {each.sentence for each in french}.isdisjoint(
        {each.sentence for each in english if "localhost" not in each.sentence}
    )


def test_the_operations_are_those_of_the_commands():
    """A command that names an operation that is not there would fail only in the hands of a keeper."""
    import re
    from pathlib import Path

    import node.cli

    source = "".join(path.read_text() for path in Path(node.cli.__file__).parent.glob("*.py"))
    first = re.findall(r"\b(?:operate\(|perform\(\s*settings,)\s*([^,]*)", source)
    named = {name for argument in first for name in re.findall(r'"([a-z_]+\.[a-z_]+)"', argument)}
    at_a_browser_alone = {"set_up.found"}
    assert named | at_a_browser_alone == set(operations.OPERATIONS)


@pytest.fixture
def several(beffroi, postgresql):
    """A node of several processes."""
    name = f"check_{secrets.token_hex(4)}"
    postgresql.run(f'CREATE DATABASE "{name}" TEMPLATE template0')
    beffroi.set(scheme="http", database=postgresql.url(name), jobs="apart", laboratory="localhost:1")
    beffroi.ok("init", "--domain", "localhost:1", "--username", "mairie-test")
    yield beffroi
    postgresql.run(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.mark.usefixtures("several")
async def test_redis_is_said_to_be_there_or_not(redis_url):
    """It hurries and loses nothing: its absence is a word, its silence is something to mend."""
    [none] = of(await findings(), "Redis")
    assert not none.failed
    assert "une seconde" in none.sentence
    [there] = of(await findings(redis=redis_url), "Redis")
    assert not there.failed
    [silent] = of(await findings(redis="redis://127.0.0.1:1/0"), "Redis")
    assert "Rien n’est perdu" in silent.sentence
    assert "BEFFROI_REDIS" in silent.cure


@pytest.mark.usefixtures("local")
async def test_a_node_of_one_process_needs_no_redis():
    assert of(await findings(), "Redis") == []
