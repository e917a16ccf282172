"""The log of who did what: written with the act, sealed in a chain, and no hand changes it unseen."""

import pytest

from admin import operations
from node.actors import people
from node.moderation import audit
from node.moderation.audit import Hand, Search
from node.runtime.context import Context
from node.runtime.errors import BeffroiError
from tests.support.context import ctx  # noqa: F401 - a fixture

ODILE = Hand(12, "odile@mairie.example", "console")


async def entries(ctx: Context, **search: str) -> list[audit.Entry]:  # noqa: F811
    return await audit.listed(ctx.db.reader, Search(**search))  # type: ignore[arg-type]


async def test_an_operation_is_written_down_with_what_it_changes(ctx: Context):  # noqa: F811
    """Who, what, about whom, and never the password."""
    await operations.perform(ctx, "user.create", {"email": "paul@x.example", "password": "quatre mots de passe"}, ODILE)
    await operations.perform(ctx, "user.list", {}, ODILE)
    [entry] = await entries(ctx)
    assert (entry.name, entry.via, entry.act, entry.about) == (
        ODILE.name, "console", "user.create", "paul@x.example",
    )  # fmt: skip
    assert "quatre mots" not in repr(entry), "a password stands in the log"


async def test_what_is_refused_leaves_no_entry(ctx: Context):  # noqa: F811
    """Nothing changed, so nothing was done."""
    for wrong in ("user.disable", "user.enable"):
        with pytest.raises(BeffroiError):
            await operations.perform(ctx, wrong, {"email": "nobody@x.example"}, ODILE)
    assert await entries(ctx) == []


async def test_an_entry_and_its_act_are_one_transaction(ctx: Context):  # noqa: F811
    """A step that fails after the act takes the entry with it."""

    async def step(tx):
        await people.create(tx, ctx, email="paul@x.example")
        await audit.record(tx, ctx, by=ODILE, act="user.create", about="paul@x.example")
        raise RuntimeError("the machine stops here")

    with pytest.raises(RuntimeError):
        await ctx.db.write(step)
    assert await entries(ctx) == []
    assert await people.by_email(ctx.db.reader, "paul@x.example") is None
