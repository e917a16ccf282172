"""The profile of an account, changed at its desk: name, text, fields, pictures with what they show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from starlette.responses import Response

from node.actors import actors
from node.actors.local import MAX_FIELDS, Changes
from node.media import addresses, images, workers
from node.media.attachments import REMOVE_JOB
from node.runtime.database import Tx
from node.runtime.errors import BeffroiError, Invalid
from node.runtime.i18n import sentence
from node.runtime.jobs import enqueue
from node.web import cards
from node.web.desk import Desk

MAX_FORM_BYTES: Final = 2 * images.MAX_BYTES + 64 * 1024

Kind = Literal["avatar", "header"]


@dataclass(frozen=True, slots=True)
class Profile:
    """What stands in the form."""

    name: str
    text: str
    fields: Sequence[tuple[str, str]]
    avatar_alt: str
    header_alt: str


async def show(desk: Desk) -> Response:
    """GET /desk/{actor}/profile."""
    actor = desk.actor
    lines = [(line.name, line.source) for line in actor.fields]
    return _page(desk, Profile(actor.name, actor.summary_source, lines, actor.avatar_alt, actor.header_alt))


async def change(desk: Desk) -> Response:
    """POST /desk/{actor}/profile."""
    form, actor = desk.form, desk.actor
    lines = [(form.text(f"name_{n}").strip(), form.text(f"value_{n}").strip()) for n in range(MAX_FIELDS)]
    typed = Profile(
        form.text("name"), form.text("text"), [line for line in lines if any(line)], form.text("avatar_alt"),
        form.text("header_alt"),
    )  # fmt: skip
    changes: Changes = {
        "name": typed.name, "summary_source": typed.text, "fields": typed.fields, "avatar_alt": typed.avatar_alt,
        "header_alt": typed.header_alt,
    }  # fmt: skip
    try:
        if not typed.name.strip():
            raise Invalid(sentence("The account needs a name that people recognize."))
        gone = await _pictures(desk, typed, changes)

        async def step(tx: Tx) -> None:
            if gone:
                await enqueue(tx, desk.ctx, REMOVE_JOB, {"keys": gone})
            await actors.update_profile(tx, desk.ctx, actor=actor, changes=changes)
            await desk.record(tx, "profile.edit", f"@{actor.handle}")

        await desk.ctx.db.write(step)
    except BeffroiError as error:
        return _page(desk, typed, problem=desk.visit.say(error.args[0]), status=error.status)
    return desk.go("/profile", "changed")


async def _pictures(desk: Desk, typed: Profile, changes: Changes) -> list[str]:
    """Keep the pictures that came along; the files that nobody needs any more.

    Raises:
        Invalid: one is no picture, or it is not said what it shows.
    """
    gone: list[str] = []
    kinds: tuple[Kind, ...] = ("avatar", "header")
    for kind in kinds:
        data, present = desk.form.files.get(kind), desk.actor.avatar if kind == "avatar" else desk.actor.header
        removed = desk.form.text(f"remove_{kind}") == "on"
        alt = typed.avatar_alt if kind == "avatar" else typed.header_alt
        if (data is not None or (present and not removed)) and not alt.strip():
            raise Invalid(sentence("Say of each picture what it shows: some people hear it instead of seeing it."))
        if data is not None:
            crop = images.AVATAR_PX if kind == "avatar" else images.HEADER_PX
            picture = await workers.of(desk.ctx).decode(data, crop_px=crop)
            key: str | None = addresses.new_key(f"{kind}s", picture.mime)
            assert key is not None
            await desk.ctx.storage.put(key, picture.data, picture.mime)
        elif removed and present:
            key = None
        else:
            continue
        gone.extend(filter(None, [present]))
        if kind == "avatar":
            changes["avatar"] = key
        else:
            changes["header"] = key
    return gone


def _page(desk: Desk, typed: Profile, *, problem: str | None = None, status: int = 200) -> Response:
    header = addresses.of_key("", desk.actor.header) if desk.actor.header else None
    return desk.page(
        "desk_profile.html", "/profile", status=status, typed=typed, problem=problem, header=header,
        avatar=cards.avatar_of(desk.actor), lines=[*typed.fields, *[("", "")] * MAX_FIELDS][:MAX_FIELDS],
    )  # fmt: skip
