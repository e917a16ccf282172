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


async def some_acts(ctx: Context) -> list[audit.Entry]:  # noqa: F811
    """Five people made by Odile, sealed; the oldest entry first."""
    for number in range(5):
        await operations.perform(
            ctx, "user.create", {"email": f"p{number}@x.example", "password": "quatre mots de passe"}, ODILE
        )
    await ctx.db.write(lambda tx: audit.seal(tx, ctx))
    return (await entries(ctx))[::-1]


async def without_triggers(ctx: Context, *statements: str) -> None:  # noqa: F811
    """What somebody does who has the database itself in hands."""
    if ctx.db.dialect == "postgresql":  # the next test finds them in place again
        asleep, awake = (f"SET session_replication_role = {role}" for role in ("replica", "origin"))
        await ctx.db.script([asleep, *statements, awake])
        return
    names = ("audit_kept", "audit_stays", "audit_seals_kept", "audit_seals_stay")
    await ctx.db.script([*(f"DROP TRIGGER {name}" for name in names), *statements])


async def test_no_hand_edits_or_deletes(ctx: Context):  # noqa: F811
    """The database itself refuses, for entries and for their links."""
    [entry, *_] = await some_acts(ctx)
    for wrong in (
        f"UPDATE audit SET name = 'x' WHERE id = {entry.id}",
        f"DELETE FROM audit WHERE id = {entry.id}",
        "UPDATE audit_seals SET digest = 'x'",
        "DELETE FROM audit_seals",
    ):

        async def step(tx, wrong=wrong):
            await tx.execute(wrong)

        with pytest.raises(Exception, match="never"):
            await ctx.db.write(step)
    assert len(await entries(ctx)) == 5
    lines = await operations.perform(ctx, "audit.verify", {})
    assert "5" in lines[0], lines


async def test_what_was_done_behind_the_triggers_is_named(ctx: Context):  # noqa: F811
    """A changed entry, a removed one, a removed link, one slipped in: each by its number."""
    acts = await some_acts(ctx)
    await without_triggers(
        ctx,
        f"UPDATE audit SET name = 'somebody-else' WHERE id = {acts[1].id}",
        f"DELETE FROM audit WHERE id = {acts[3].id}",
    )
    with pytest.raises(BeffroiError) as refused:
        await operations.perform(ctx, "audit.verify", {})
    said = str(refused.value)
    assert f"{acts[1].id} (maillon 2) a été modifiée" in said
    assert f"{acts[3].id} (maillon 4) a été supprimée" in said
    assert said.count("maillon") == 2, said


async def test_a_missing_link_and_a_false_entry_are_named(ctx: Context):  # noqa: F811
    """Removed with its link, an entry leaves a gap; an entry of long ago is never sealed."""
    acts = await some_acts(ctx)
    await without_triggers(
        ctx,
        f"DELETE FROM audit_seals WHERE entry_id = {acts[2].id}",
        f"DELETE FROM audit WHERE id = {acts[2].id}",
        "INSERT INTO audit (id, at_ms, name, via, act) VALUES (1, 1, 'karim', 'console', 'user.create')",
    )
    with pytest.raises(BeffroiError) as refused:
        await operations.perform(ctx, "audit.verify", {})
    said = str(refused.value)
    assert f"avant l’entrée {acts[3].id}" in said, said
    assert "l’entrée 1 n’a jamais été scellée" in said, said


async def test_a_chain_made_anew_lacks_the_end_that_was_noted(ctx: Context):  # noqa: F811
    """Who cuts the end off leaves a chain that holds; the number that a keeper noted elsewhere does not."""
    acts = await some_acts(ctx)
    head = (await operations.perform(ctx, "audit.verify", {}))[1].rpartition(" ")[2]
    assert head.startswith("5:")
    await operations.perform(ctx, "audit.verify", {"head": head})
    last = acts[-1].id
    await without_triggers(
        ctx, f"DELETE FROM audit_seals WHERE entry_id = {last}", f"DELETE FROM audit WHERE id = {last}"
    )
    await operations.perform(ctx, "audit.verify", {})
    with pytest.raises(BeffroiError, match="5:"):
        await operations.perform(ctx, "audit.verify", {"head": head})


async def test_the_log_is_searched(ctx: Context):  # noqa: F811
    """By who, act, about and day; letters that SQL knows are letters."""
    await some_acts(ctx)
    await operations.perform(ctx, "user.disable", {"email": "p1@x.example"}, Hand(None, "root", "command"))
    for search, count in (
        ({"who": "ODILE"}, 5), ({"who": "root"}, 1), ({"act": "user."}, 6), ({"act": "user.disable"}, 1),
        ({"about": "p1@"}, 2), ({"about": "%"}, 0), ({"who": "_"}, 0), ({"act": "actor"}, 0),
    ):  # fmt: skip
        assert len(await entries(ctx, **search)) == count, search
    for since, until, count in (("2026-09-21", "2026-09-21", 6), ("2026-09-22", "", 1), ("", "2026-09-20", 1)):
        lines = await operations.perform(ctx, "audit.list", {"since": since, "until": until})
        assert len(lines) == count, (since, until, lines)
    for wrong in ("yesterday", "2026-02-30", "0000-01-01", "2026-9-21x"):
        with pytest.raises(BeffroiError, match="date"):
            await operations.perform(ctx, "audit.list", {"since": wrong})


async def test_the_worker_seals(ctx: Context):  # noqa: F811
    """What an agent did is sealed by the next turn, once."""
    await ctx.db.write(lambda tx: audit.record(tx, ctx, by=ODILE, act="post.publish", about="https://x.example/1"))
    part = audit.Sealing()
    assert await part.turn(ctx) == 1
    assert await part.turn(ctx) == 0
    verdict = await audit.verified(ctx.db.reader, ctx)
    assert (verdict.number, list(verdict.faults)) == (1, [])


async def test_a_copy_is_whole_and_harmless(ctx: Context):  # noqa: F811
    """Every entry with its link; a cell that a spreadsheet would run as a formula is text."""
    import orjson

    from admin.audit import as_csv

    await ctx.db.write(lambda tx: audit.record(tx, ctx, by=ODILE, act="actor.suspend", about="=HYPERLINK(1)"))
    await some_acts(ctx)
    pages, above = [], 0
    while lines := await operations.perform(ctx, "audit.page", {"above": above}):
        pages += [orjson.loads(line) for line in lines]
        above = int(pages[-1]["id"])
    assert [each["number"] for each in pages] == [1, 2, 3, 4, 5, 6]
    assert ",'=HYPERLINK(1)," in as_csv(pages, header=True)


async def test_the_last_keeper_stays(ctx: Context):  # noqa: F811
    """Neither her duty nor her log-in is taken away before there is another one."""
    await operations.perform(ctx, "user.create", {"email": "k@x.example", "keeper": True})
    for wrong in ("user.duty", "user.disable"):
        with pytest.raises(BeffroiError, match="dernière"):
            await operations.perform(ctx, wrong, {"email": "k@x.example"})
    await operations.perform(ctx, "user.create", {"email": "l@x.example"})
    await operations.perform(ctx, "user.duty", {"email": "l@x.example", "keeper": True})
    await operations.perform(ctx, "user.disable", {"email": "k@x.example"})
    assert (await people.by_email(ctx.db.reader, "l@x.example")).keeper  # type: ignore[union-attr]
