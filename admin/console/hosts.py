"""`/admin/hosts`: other servers, what is known and thought of them; lists of them; waves of spam."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import PlainTextResponse, Response

from admin.console.door import Keeping
from node.actors import hosts
from node.moderation import known_hosts, lists, subscriptions, waves
from node.moderation.lists import Preview
from node.runtime.errors import BeffroiError
from node.runtime.i18n import Sentence, sentence

PATH: Final = "/admin/hosts"
MAX_FORM_BYTES: Final = 3 * lists.MAX_BYTES

SEVERITIES: Final[Mapping[str, Sentence]] = {
    "none": sentence("Dealt with, like any other"),
    "silence": sentence("Limited: only followers and those who are named see it"),
    "suspend": sentence("Refused: nothing comes, nothing goes, follows end"),
}
DONE: Final[Mapping[str, Sentence]] = {
    "decided": sentence("It is decided, and holds at once."),
    "cleared": sentence("What was decided about this server is taken back."),
    "taken": sentence("The list is taken over."),
    "subscribed": sentence("The list is followed: it is fetched now, and once a day."),
    "unsubscribed": sentence("The list is no longer followed."),
    "answered": sentence("It is decided, and holds at once."),
    "listed": sentence("From now on only listed servers are dealt with."),
    "everybody": sentence("Every server is dealt with, but those that are refused."),
    "frozen": sentence("The wave is frozen: its posts are deleted, and what still comes is not taken."),
    "let_go": sentence("What was held is shown."),
}


async def show_all(keeping: Keeping) -> Response:
    """GET /admin/hosts?q=…&ruled=on&after=…: hosts by name."""
    return await _all(keeping)


async def decide_mode(keeping: Keeping) -> Response:
    """POST /admin/hosts: deal with listed servers only, or with everybody; or decide about a host by its name."""
    form = await keeping.form()
    try:
        if form.text("act") == "mode":
            off = form.text("only_listed") != "on"
            await keeping.perform("allow.only_listed", off=off)
            return keeping.go(PATH, "everybody" if off else "listed")
        name = hosts.normal(form.text("host"))
        await keeping.perform("block.add", host=name, severity=form.text("severity"))
    except BeffroiError as error:
        return await _all(keeping, problem=keeping.visit.say(error.args[0]), status=error.status)
    return keeping.go(f"{PATH}/of/{name}", "decided")


async def show(keeping: Keeping) -> Response:
    """GET /admin/hosts/of/{host}."""
    return await _one(keeping)


async def decide(keeping: Keeping) -> Response:
    """POST /admin/hosts/of/{host}: another policy, or none."""
    form, name = await keeping.form(), keeping.path("host")
    try:
        if form.text("act") == "clear":
            await keeping.perform("block.remove", host=name)
            return keeping.go(f"{PATH}/of/{name}", "cleared")
        await keeping.perform(
            "block.add", host=name, severity=form.text("severity"), reject_media=form.text("reject_media") == "on",
            reason=form.text("reason"), public_comment=form.text("public_comment"),
            reject_reports=form.text("reject_reports") == "on", obfuscate=form.text("obfuscate") == "on",
        )  # fmt: skip
    except BeffroiError as error:
        return await _one(keeping, problem=keeping.visit.say(error.args[0]), status=error.status)
    return keeping.go(f"{PATH}/of/{name}", "decided")


async def show_lists(keeping: Keeping) -> Response:
    """GET /admin/hosts/lists."""
    return await _lists(keeping)


async def do_lists(keeping: Keeping) -> Response:
    """POST /admin/hosts/lists: look at a list, take it over, follow one at an address, answer what one asks."""
    form = await keeping.form()
    text, loosen, act = form.text("text"), form.text("loosen") == "on", form.text("act")
    try:
        match act:
            case "preview":
                found = await lists.preview(keeping.reader, lists.read(text), loosen=loosen)
                return await _lists(keeping, preview=found, text=text, loosen=loosen)
            case "take":
                await keeping.perform("block.take", text=text, loosen=loosen)
                return keeping.go(f"{PATH}/lists", "taken")
            case "subscribe":
                await keeping.perform("block.subscribe", url=form.text("url"), name=form.text("name"))
                return keeping.go(f"{PATH}/lists", "subscribed")
            case "unsubscribe":
                await keeping.perform("block.unsubscribe", url=form.text("url"), keep=form.text("keep") == "on")
                return keeping.go(f"{PATH}/lists", "unsubscribed")
            case "yes" | "no":
                await keeping.perform("block.answer", host=form.text("host"), no=act == "no")
                return keeping.go(f"{PATH}/lists", "answered")
    except BeffroiError as error:
        problem = keeping.visit.say(error.args[0])
        return await _lists(keeping, text=text, loosen=loosen, problem=problem, status=error.status)
    return await _lists(keeping)


async def export(keeping: Keeping) -> Response:
    """GET /admin/hosts/lists/export: the list of this node, in Mastodon's form."""
    lines = await keeping.perform("block.export")
    head = {
        "Content-Disposition": 'attachment; filename="domain_blocks.csv"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return PlainTextResponse("\n".join([*lines, ""]), headers=head, media_type="text/csv")


async def show_waves(keeping: Keeping) -> Response:
    """GET /admin/hosts/waves."""
    return await _waves(keeping)


async def do_waves(keeping: Keeping) -> Response:
    """POST /admin/hosts/waves: freeze one, or let it go."""
    form = await keeping.form()
    name, done = ("wave.freeze", "frozen") if form.text("act") == "freeze" else ("wave.let_go", "let_go")
    try:
        await keeping.perform(name, id=form.text("wave"))
    except BeffroiError as error:
        return await _waves(keeping, problem=keeping.visit.say(error.args[0]), status=error.status)
    return keeping.go(f"{PATH}/waves", done)


async def _all(keeping: Keeping, **more: Any) -> Response:
    ruled, text = keeping.asked("ruled") == "on", keeping.asked("q")
    found = await known_hosts.page(keeping.reader, text=text, after=keeping.asked("after"), only_ruled=ruled)
    older = found[-1].name if len(found) == known_hosts.AT_ONCE else None
    policies = await hosts.in_force(keeping.reader)
    return keeping.page(
        "hosts.html", found=found, q=text, ruled=ruled, more=older, severities=SEVERITIES, said=_said(keeping),
        only_listed=policies.only_listed, proposals=len(await subscriptions.proposals(keeping.reader)),
        waves=await waves.open_count(keeping.reader), **more,
    )  # fmt: skip


async def _one(keeping: Keeping, **more: Any) -> Response:
    host = await known_hosts.require(keeping.reader, keeping.path("host"))
    own = host.policy if host.policy.host == hosts.normal(host.name) else None
    return keeping.page("host.html", host=host, own=own, severities=SEVERITIES, said=_said(keeping), **more)


async def _lists(
    keeping: Keeping, *, preview: Preview | None = None, text: str = "", loosen: bool = False, **more: Any
) -> Response:
    return keeping.page(
        "host_lists.html", followed=await subscriptions.every(keeping.reader), preview=preview, text=text, loosen=loosen,
        proposals=await subscriptions.proposals(keeping.reader), severities=SEVERITIES, said=_said(keeping), **more,
    )  # fmt: skip


async def _waves(keeping: Keeping, **more: Any) -> Response:
    found = await waves.listed(keeping.reader)
    places = {wave.id: await waves.hosts_of(keeping.reader, wave) for wave in found if wave.state == "open"}
    return keeping.page("waves.html", found=found, places=places, said=_said(keeping), **more)


def _said(keeping: Keeping) -> Sentence | None:
    return DONE.get(keeping.asked("done"))
