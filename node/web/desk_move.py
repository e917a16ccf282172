"""An account moves, at its desk: which other accounts may become this one, to which this one goes, and back."""

from starlette.responses import Response

from node.actors import actors, moves, people
from node.federation import resolve
from node.runtime.database import Tx
from node.runtime.errors import BeffroiError, Invalid
from node.runtime.i18n import sentence
from node.web import attempts
from node.web.desk import Desk


async def show(desk: Desk) -> Response:
    """GET /desk/{actor}/move."""
    return await _page(desk)


async def go(desk: Desk) -> Response:
    """POST /desk/{actor}/move: with the password; followers are carried along, and the account publishes here no more."""
    ctx, person, actor = desk.ctx, desk.person, desk.actor
    typed = desk.form.text("target").strip()[:300]
    try:
        attempts.spend(ctx, attempts.PASSWORD_AGAIN, str(person.id))
        if await people.check_password(ctx, email=person.email, password=desk.form.text("password")) is None:
            raise Invalid(sentence("Your present password is another one."))
        attempts.spend(ctx, attempts.LOOK_UP, str(person.id))
        target = await resolve.handle_anew(ctx, typed)

        async def step(tx: Tx) -> None:
            await moves.leave(tx, ctx, actor=actor, target=target)
            await desk.record(tx, "actor.move", f"@{actor.handle}", target=f"@{target.handle}")

        await ctx.db.write(step)
    except moves.MoveRefused as error:  # she may move, only not there: what she typed is what is wrong
        return await _page(desk, target=typed, problem=Invalid(*error.args))
    except BeffroiError as error:
        return await _page(desk, target=typed, problem=error)
    return desk.go("/move", "moved")


async def come_back(desk: Desk) -> Response:
    """POST /desk/{actor}/move/back: it publishes here again."""
    actor = desk.actor

    async def step(tx: Tx) -> None:
        await moves.come_back(tx, desk.ctx, actor=actor)
        await desk.record(tx, "actor.unmove", f"@{actor.handle}")

    try:
        if actor.moved_to is None:
            raise Invalid(sentence("%(handle)s has not moved.", handle=f"@{actor.handle}"))
        await desk.ctx.db.write(step)
    except BeffroiError as error:
        return await _page(desk, problem=error)
    return desk.go("/move", "back")


async def change_aliases(desk: Desk) -> Response:
    """POST /desk/{actor}/move/alias: another account may become this one, or no longer."""
    ctx, actor, typed = desk.ctx, desk.actor, desk.form.text("alias").strip()[:2_000]
    try:
        if desk.form.text("act") == "remove":
            if typed not in actor.also_known_as:
                raise Invalid(sentence("This account is none of those named here."))

            async def remove(tx: Tx) -> None:
                await moves.remove_alias(tx, ctx, actor=actor, uri=typed)
                await desk.record(tx, "actor.alias_remove", f"@{actor.handle}", alias=typed)

            await ctx.db.write(remove)
            return desk.go("/move", "removed")
        attempts.spend(ctx, attempts.LOOK_UP, str(desk.person.id))
        alias = await resolve.handle(ctx, typed)

        async def add(tx: Tx) -> None:
            await moves.add_alias(tx, ctx, actor=actor, alias=alias)
            await desk.record(tx, "actor.alias_add", f"@{actor.handle}", alias=f"@{alias.handle}")

        await ctx.db.write(add)
    except BeffroiError as error:
        return await _page(desk, alias=typed, problem=error)
    return desk.go("/move", "added")


async def _page(desk: Desk, *, target: str = "", alias: str = "", problem: BeffroiError | None = None) -> Response:
    known = await actors.by_uris(desk.reader, desk.actor.also_known_as)
    said = problem.args[0] if problem is not None and problem.args else None
    return desk.page(
        "desk_move.html", "/move", status=200 if problem is None else problem.status, target=target, alias=alias,
        aliases=[(uri, known.get(uri)) for uri in desk.actor.also_known_as],
        problem=None if said is None else said if isinstance(said, str) else desk.visit.say(said),
    )  # fmt: skip
