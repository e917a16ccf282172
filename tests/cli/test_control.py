"""The way to a running node: for its owner alone, one line each way, and nonsense harms nobody."""

import asyncio
import stat

import orjson
import pytest

from admin import control
from node.app import close_context, open_context
from node.runtime.errors import Invalid
from node.runtime.settings import read_settings


@pytest.fixture
async def ctx(town):
    opened = await open_context(read_settings())
    server = await control.listen(opened)
    yield opened
    server.close()
    await close_context(opened)


async def send(ctx, line):
    reader, writer = await asyncio.open_unix_connection(str(control.path(ctx.settings.data).absolute()))
    writer.write(line)
    writer.write_eof()
    said = await reader.read()
    writer.close()
    return orjson.loads(said)


async def test_what_is_asked_is_done(ctx):
    lines = await control.ask(ctx.settings.data, "user.list", {})
    assert lines[0].startswith("agent@commune.example")
    assert stat.S_IMODE(control.path(ctx.settings.data).stat().st_mode) == 0o600


async def test_a_refusal_comes_back_as_one(ctx):
    with pytest.raises(Invalid, match=r"nobody@b\.example"):
        await control.ask(ctx.settings.data, "user.disable", {"email": "nobody@b.example"})


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"{\n", b"[]\n", b"null\n", b'{"operation": "user.list"}\n', b"\xff\xfe\n", b"GET / HTTP/1.1\r\n\r\n",
     b'{"operation": 5, "arguments": 7}\n', b'{"operation": "user.list", "arguments": {"ctx": 1}}\n',
     b'{"operation": "user.list", "arguments": {"x": 1}}\n', b'{"operation": "__init__", "arguments": {}}\n',
     b'{"operation": "user.create", "arguments": {"email": 5}}\n'],
)  # fmt: skip
async def test_nonsense_is_refused(ctx, line):
    assert set(await send(ctx, line)) == {"refused"}
    assert await control.ask(ctx.settings.data, "user.list", {}), "the node no longer takes commands"


async def test_a_line_without_end_is_cut(ctx):
    try:
        assert set(await send(ctx, b"x" * 3_000_000)) == {"refused"}
    except ConnectionError:
        pass  # hung up before all of it was read
    assert await control.ask(ctx.settings.data, "user.list", {})


async def test_who_leaves_early_harms_nobody(ctx):
    _, writer = await asyncio.open_unix_connection(str(control.path(ctx.settings.data).absolute()))
    writer.write(b'{"operation": "user.list", "argu')
    writer.close()
    assert await control.ask(ctx.settings.data, "user.list", {})


async def test_many_ask_at_once(ctx):
    asked = [control.ask(ctx.settings.data, "user.create", {"email": f"a{n}@b.example"}) for n in range(5)]
    assert len(await asyncio.gather(*asked)) == 5


async def test_where_nobody_runs_it_is_said(tmp_path):
    with pytest.raises(control.NotRunning):
        await control.ask(tmp_path, "user.list", {})


async def test_a_folder_with_a_long_name_has_a_socket_too(ctx, tmp_path):
    """A Unix socket's path holds 107 bytes; a keeper's folder may be longer."""
    from dataclasses import replace

    long = tmp_path / ("a" * 100) / ("b" * 100)
    long.mkdir(parents=True)
    other = replace(ctx, settings=ctx.settings.model_copy(update={"data": long}))
    server = await control.listen(other)
    assert await control.ask(long, "user.list", {})
    server.close()
