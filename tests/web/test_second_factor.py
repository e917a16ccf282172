"""Second factors: enrolled, asked, used once, lost; and what a thief of the password meets."""

from dataclasses import replace

import pyotp

from node.actors import factors, people, sessions
from node.actors.totp import STEP_S
from node.runtime.database import Tx
from tests.support.authenticator import Authenticator
from tests.web.conftest import PASSWORD, Town
from tests.web.reader import Page, Reader

SECURITY = "/account/security"


def secret_on(page: Page) -> str:
    """The key in letters, as a person types it into her application."""
    return page.all("code", class_="server")[0].words.replace(" ", "")


def codes_on(page: Page) -> list[str]:
    return [each.words for each in page.all("code") if each.words.count("-") == 3]


def now_of(town: Town, secret: str, shift: int = 0) -> str:
    """What the application shows now, or *shift* steps later."""
    return pyotp.TOTP(secret).generate_otp(town.node.ctx.clock.now_ms() // 1000 // STEP_S + shift)


async def with_app(town: Town, reader: Reader) -> tuple[str, list[str]]:
    """Odile, logged in, adds an application: its secret, and her recovery codes."""
    page = await reader.open(SECURITY)
    page = await reader.send(
        page.form(f"{SECURITY}/add"), {"kind": "totp", "name": "mon téléphone", "password": PASSWORD}
    )
    secret = secret_on(page)
    page = await reader.send(page.form(f"{SECURITY}/confirm"), {"code": now_of(town, secret)})
    assert len(codes_on(page)) == 10, page.words
    return secret, codes_on(page)


async def second_step(town: Town, reader: Reader) -> Page:
    """Her password is right; the next page asks for more."""
    page = await reader.log_in(town.odile.email, PASSWORD)
    assert reader.address.startswith(f"https://{town.host}/login/factor"), reader.address
    return page


async def test_an_application_is_added_and_asked_at_the_next_log_in(town: Town):
    """No session is open before its code."""
    reader = await town.logged_in()
    secret, _ = await with_app(town, reader)
    other = town.reader()
    page = await second_step(town, other)
    assert "__Host-beffroi" not in other.client.cookies, "a session is open before the second factor"
    await other.open("/account")
    assert "/login" in other.address
    page = await second_step(town, other)
    town.node.ctx.clock.forward(STEP_S)  # type: ignore[attr-defined]
    page = await other.send(page.form("/login/factor"), {"code": now_of(town, secret)})
    assert "odile@mairie.example" in page.words, page.words


async def test_a_code_opens_once_and_near_its_time(town: Town):
    """Neither twice, nor an earlier one, nor two steps away; one step early or late is a slow clock."""
    reader = await town.logged_in()
    secret, _ = await with_app(town, reader)
    forward = town.node.ctx.clock.forward  # type: ignore[attr-defined]
    for wrong, why in (
        (now_of(town, secret), "the code that confirmed the application"),
        (now_of(town, secret, -1), "a code from before the last one"),
        (now_of(town, secret, 2), "a code of two steps later"),
        ("000 000", "nonsense"),
        ("", "nothing"),
        ("١٢٣٤٥٦", "digits that are not ours"),
    ):
        other = town.reader()
        page = await second_step(town, other)
        page = await other.send(page.form("/login/factor"), {"code": wrong})
        assert other.answer.status == 422, f"{why} opened"
    forward(STEP_S * 2)
    other = town.reader()
    page = await second_step(town, other)
    await other.send(page.form("/login/factor"), {"code": now_of(town, secret, -1)})
    assert other.address.endswith("/account"), "a clock that is late by one step does not open"


async def test_five_tries_then_the_password_again(town: Town):
    """Who knows the password does not go through the codes."""
    reader = await town.logged_in()
    secret, _ = await with_app(town, reader)
    other = town.reader()
    page = await second_step(town, other)
    form = page.form("/login/factor")
    for _ in range(5):
        await other.send(form, {"code": "123456"})
    assert "/login?next" in other.address, "a sixth try was offered"
    town.node.ctx.clock.forward(STEP_S)  # type: ignore[attr-defined]
    await other.send(form, {"code": now_of(town, secret)})
    assert "/login?next" in other.address, "a right code opened after five wrong ones"


async def test_codes_of_a_person_are_limited_whoever_asks(town: Town):
    """Twenty an hour for all strangers together; her own browser is not shut out by them."""
    reader = await town.logged_in()
    secret, _ = await with_app(town, reader)
    statuses = []
    for number in range(5):
        thief = town.reader(address=f"198.51.100.{number}")
        page = await second_step(town, thief)
        for _ in range(5):
            page = await thief.send(page.form("/login/factor"), {"code": "123456"})
            statuses.append(thief.answer.status)
            if thief.address.startswith(f"https://{town.host}/login?"):
                break
    assert 429 in statuses, "codes can be tried without end"
    town.node.ctx.clock.forward(STEP_S)  # type: ignore[attr-defined]
    form = (await reader.open("/account")).form("/logout")
    await reader.send(form)
    page = await second_step(town, reader)
    await reader.send(page.form("/login/factor"), {"code": now_of(town, secret)})
    assert reader.address.endswith("/account"), "strangers shut her out at the browser that she always uses"


async def test_a_recovery_code_opens_once(town: Town):
    """In whatever case and grouping it is typed; new ones end the old ones."""
    reader = await town.logged_in()
    _, codes = await with_app(town, reader)
    for typed, status in ((codes[0].upper().replace("-", " "), 200), (codes[0], 422), (codes[1], 200)):
        other = town.reader()
        page = await second_step(town, other)
        await other.send(page.form("/login/factor"), {"code": typed})
        assert other.answer.status == status, typed
    page = await reader.open(SECURITY)
    assert "8 sur 10" in page.words, page.words
    page = await reader.send(page.form(f"{SECURITY}/codes"), {"password": PASSWORD})
    fresh = codes_on(page)
    other = town.reader()
    page = await second_step(town, other)
    page = await other.send(page.form("/login/factor"), {"code": codes[2]})
    assert other.answer.status == 422, "a code of the old sheet opens"
    await other.send(page.form("/login/factor"), {"code": fresh[0]})
    assert other.answer.status == 200


async def test_adding_and_removing_ask_for_the_password_and_log_others_out(town: Town):
    """With a wrong one nothing changes."""
    reader, other = await town.logged_in(), await town.logged_in()
    page = await reader.open(SECURITY)
    page = await reader.send(page.form(f"{SECURITY}/add"), {"kind": "totp", "name": "x", "password": "faux"})
    assert reader.answer.status == 422
    for wrong in ("", "n" * 61):
        page = await reader.send(page.form(f"{SECURITY}/add"), {"kind": "totp", "name": wrong, "password": PASSWORD})
        assert reader.answer.status == 422
    await with_app(town, reader)
    await other.open("/account")
    assert "/login" in other.address, "another browser stays logged in when a factor is added"
    page = await reader.open(SECURITY)
    page = await reader.send(page.form(f"{SECURITY}/remove"), {"password": "faux"})
    assert reader.answer.status == 422
    assert await factors.enrolled(town.node.ctx.db.reader, town.odile.id), "removed without the password"
    await reader.send(page.form(f"{SECURITY}/remove"), {"password": PASSWORD})
    assert not await factors.enrolled(town.node.ctx.db.reader, town.odile.id)
    await town.reader().log_in(town.odile.email, PASSWORD)


async def test_a_stolen_session_of_long_ago_changes_no_factor(town: Town):
    """Even with the password: who has a factor shows it first."""
    reader = await town.logged_in()
    await with_app(town, reader)
    page = await reader.open(SECURITY)
    town.node.ctx.clock.forward(13 * 3600)  # type: ignore[attr-defined]
    await reader.send(page.form(f"{SECURITY}/remove"), {"password": PASSWORD})
    assert "/account/factor" in reader.address
    assert await factors.enrolled(town.node.ctx.db.reader, town.odile.id)


async def test_a_security_key_is_added_and_signs(town: Town):
    """Made at the service host, asked at the log-in; a signature is worth one log-in."""
    reader = await town.logged_in()
    key = Authenticator(f"https://{town.host}", town.host)
    await with_key(reader, key)
    other = town.reader()
    page = await second_step(town, other)
    answer = key.sign(options_on(page))
    await other.send(page.form("/login/factor"), {"answer": answer})
    assert other.address.endswith("/account"), other.page.words
    thief = town.reader()
    page = await second_step(town, thief)
    await thief.send(page.form("/login/factor"), {"answer": answer})
    assert thief.answer.status == 422, "a signature that was overheard opens again"


async def test_a_key_elsewhere_signs_for_nothing(town: Town):
    """Of another origin, another key, a broken answer, a counter that went back: refused, and nobody crashes."""
    reader = await town.logged_in()
    key = Authenticator(f"https://{town.host}", town.host)
    await with_key(reader, key)
    fishing = Authenticator("https://montreuil.example.evil", town.host, key.credential_id, 5, key.private)
    copied = Authenticator(key.origin, key.rp_id, key.credential_id, private=Authenticator("", "").private)
    stranger = Authenticator(key.origin, key.rp_id)
    for made in (
        fishing.sign,
        copied.sign,
        stranger.sign,
        lambda _: "{",
        lambda _: "[]",
        lambda _: '{"id": "x\\u0000"}',
    ):
        other = town.reader()
        page = await second_step(town, other)
        await other.send(page.form("/login/factor"), {"answer": made(options_on(page))})
        assert other.answer.status == 422, f"{made} opened"


async def test_a_factor_is_asked_again_before_the_console(town: Town):
    """The second factor of yesterday opens the account, not the administration."""
    ctx = town.node.ctx
    await ctx.db.write(lambda tx: tx.execute("UPDATE people SET keeper = TRUE WHERE id = $1", town.odile.id))
    reader = await town.logged_in()
    page = await reader.open("/admin")
    assert "/account/security?next=%2Fadmin" in reader.address, "a keeper without a factor is not led to enrol"
    secret, _ = await with_app(town, reader)
    await reader.open("/admin")
    assert reader.answer.status == 200
    assert reader.address.endswith("/admin")
    ctx.clock.forward(13 * 3600)  # type: ignore[attr-defined]
    page = await reader.open("/admin")
    assert "/account/factor" in reader.address
    page = await reader.send(page.form("/account/factor"), {"code": "123456"})
    assert reader.answer.status == 422
    await reader.send(page.form("/account/factor"), {"code": now_of(town, secret)})
    assert reader.address.endswith("/admin")


async def test_what_a_keeper_does_to_her_way_in_is_written_down(town: Town):
    """Of a keeper, not of everybody."""
    ctx = town.node.ctx
    reader = await town.logged_in()
    await with_app(town, reader)
    assert await ctx.db.reader.value("SELECT COUNT(*) FROM audit") == 0
    await ctx.db.write(lambda tx: tx.execute("UPDATE people SET moderator = TRUE WHERE id = $1", town.odile.id))
    page = await reader.open(SECURITY)
    page = await reader.send(page.form(f"{SECURITY}/codes"), {"password": PASSWORD})
    page = await reader.open(SECURITY)
    form = page.form(f"{SECURITY}/remove")
    for _ in range(2):  # the second time there is nothing to remove, and nothing is written
        await reader.send(form, {"password": PASSWORD})
    rows = await ctx.db.reader.fetch("SELECT act, about FROM audit ORDER BY id")
    assert [tuple(row) for row in rows] == [("factor.codes", town.odile.email), ("factor.remove", town.odile.email)]


async def test_sessions_are_listed_and_ended_one_by_one(town: Town):
    """By their owner only."""
    reader, other = await town.logged_in(), await town.logged_in()
    page = await reader.open(SECURITY)
    ending = [form for form in page.forms if form.action.endswith("/sessions") and "session" in form.fields]
    assert len(ending) == 1, "one's own session is offered too, or the other one is not"
    stranger = await town.person("paul@x.example")
    thief = town.reader()
    await thief.log_in(stranger.email, PASSWORD)
    own = (await thief.open(SECURITY)).form(f"{SECURITY}/add").fields["form_token"]
    await thief.send(ending[0], {"form_token": own})
    await other.open("/account")
    assert other.address.endswith("/account"), "a stranger ended somebody's session"
    await reader.send(ending[0])
    await other.open("/account")
    assert "/login" in other.address


async def test_the_secret_is_sealed_and_follows_the_keyring(town: Town):
    """A copy of the database shows no code; a keyring that turns does not lock anybody out."""
    from admin import operations

    reader = await town.logged_in()
    secret, codes = await with_app(town, reader)
    ctx = town.node.ctx
    rows = await ctx.db.reader.fetch("SELECT sealed FROM factors")
    assert secret.encode() not in bytes(rows[0][0])
    kept = {row[0] for row in await ctx.db.reader.fetch("SELECT digest FROM recovery_codes")}
    assert not kept & set(codes)
    await operations.perform(ctx, "keyring.rotate", {})
    rows = await ctx.db.reader.fetch("SELECT sealed FROM factors")
    assert not ctx.keyring.needs_resealing(bytes(rows[0][0])), "the secret hangs on the old key of the ring"
    ctx.clock.forward(STEP_S)  # type: ignore[attr-defined]
    other = town.reader()
    page = await second_step(town, other)
    await other.send(page.form("/login/factor"), {"code": now_of(town, secret)})
    assert other.address.endswith("/account")


async def test_a_new_password_ends_a_log_in_that_waits(town: Town):
    """Who knew the old one and waits at the second step has to begin anew."""
    reader = await town.logged_in()
    secret, _ = await with_app(town, reader)
    thief = town.reader()
    page = await second_step(town, thief)
    ctx = town.node.ctx
    from tests.web.conftest import digest

    hashed = await digest()

    async def step(tx: Tx) -> None:
        await people.set_password(tx, person_id=town.odile.id, password=hashed)

    await ctx.db.write(step)
    ctx.clock.forward(STEP_S)  # type: ignore[attr-defined]
    await thief.send(page.form("/login/factor"), {"code": now_of(town, secret)})
    assert "/login?next" in thief.address
    assert await sessions.of_person(ctx.db.reader, ctx, town.odile.id) == []


def options_on(page: Page) -> str:
    return next(each.attributes["data-options"] for each in page.all("form") if "data-options" in each.attributes)


async def with_key(reader: Reader, key: Authenticator) -> None:
    page = await reader.open(SECURITY)
    page = await reader.send(
        page.form(f"{SECURITY}/add"), {"kind": "key", "name": "clé du bureau", "password": PASSWORD}
    )
    page = await reader.send(page.form(f"{SECURITY}/confirm"), {"answer": key.make(options_on(page))})
    assert len(codes_on(page)) == 10, page.words


async def test_no_key_is_added_without_the_password(town: Town):
    """What a page drew to have a key sign does not serve to add a thief's own key."""
    reader = await town.logged_in()
    key = Authenticator(f"https://{town.host}", town.host)
    await with_key(reader, key)
    made_up = replace((await reader.open(SECURITY)).form(f"{SECURITY}/add"), action=f"{SECURITY}/confirm")
    options = options_on(await reader.open("/account/factor"))
    thief = Authenticator(key.origin, key.rp_id)
    await reader.send(made_up, {"kind": "key", "name": "de passage", "answer": thief.make(options)})
    assert reader.answer.status == 422, "a key was added, and no password typed"
    assert len(await factors.of_person(town.node.ctx.db.reader, town.odile.id)) == 1


async def test_an_application_that_was_not_confirmed_is_soon_forgotten(town: Town):
    """Its key in letters is shown to nobody who opens the same session later."""
    reader = await town.logged_in()
    page = await reader.open(SECURITY)
    page = await reader.send(
        page.form(f"{SECURITY}/add"), {"kind": "totp", "name": "mon téléphone", "password": PASSWORD}
    )
    secret, form = secret_on(page), page.form(f"{SECURITY}/confirm")
    town.node.ctx.clock.forward(3600)  # type: ignore[attr-defined]
    page = await reader.send(form, {"code": "123456"})
    assert secret not in page.words.replace(" ", ""), "the secret is shown again"
    await reader.send(form, {"code": now_of(town, secret)})
    assert not await factors.enrolled(town.node.ctx.db.reader, town.odile.id)


async def test_a_challenge_is_signed_once(town: Town):
    """A second answer to the same question is worth nothing, even a right one within the same log-in."""
    reader = await town.logged_in()
    key = Authenticator(f"https://{town.host}", town.host)
    await with_key(reader, key)
    other = town.reader()
    page = await second_step(town, other)
    options, form = options_on(page), page.form("/login/factor")
    await other.send(form, {"answer": "{}"})
    assert options_on(other.page) != options, "the same challenge is asked again"
    await other.send(form, {"answer": key.sign(options)})
    assert other.answer.status == 422, "a challenge that was spent is still taken"
