"""From consent to a token, and every way in which it must not work."""

import base64
import hashlib

import pytest

from node.actors import memberships, people
from node.oauth import apps, authorizations, tokens
from node.oauth.errors import InvalidClient, InvalidGrant, InvalidRequest, OAuthError
from node.oauth.tokens import Issued
from node.runtime.errors import Invalid

VERIFIER = "a-verifier-of-forty-three-characters-or-more-123"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


async def test_a_person_grants_an_application_what_it_asked_for(desk):
    issued = await desk.redeem(await desk.code())
    assert isinstance(issued, Issued)
    token = await tokens.find(desk.ctx.db.reader, desk.ctx, issued.secret)
    assert token is not None
    assert (token.person_id, token.actor_id, token.role) == (desk.person.id, desk.actor.id, "owner")
    assert token.scopes == ("read", "write")
    assert token.allows("write:statuses")
    assert not token.allows("push"), "she granted less than the application registered"


async def test_a_code_works_once_and_a_second_use_ends_what_the_first_gave(desk):
    code = await desk.code()
    first = await desk.redeem(code)
    assert isinstance(await desk.redeem(code), InvalidGrant)
    found = await tokens.find(desk.ctx.db.reader, desk.ctx, first.secret)
    assert found is None, "a stolen code must not leave a token alive"


async def test_a_code_is_worth_nothing_after_ten_minutes(desk):
    code = await desk.code()
    desk.ctx.clock.forward(601)
    assert isinstance(await desk.redeem(code), InvalidGrant)


async def test_a_code_is_for_one_application_and_one_address(desk):
    other = apps.describe(name="Other", website="", redirect_uris=("app://x",), scope="read")
    thief = await desk.ctx.db.write(lambda tx: apps.register(tx, desk.ctx, registration=other))
    code = await desk.code()
    assert isinstance(await desk.redeem(code, app=thief.app), InvalidGrant)
    assert isinstance(await desk.redeem(code, redirect_uri="app://elsewhere"), InvalidGrant)
    assert isinstance(await desk.redeem("no such code"), InvalidGrant)


async def test_a_thief_of_another_application_cannot_use_up_a_code(desk):
    other = apps.describe(name="Other", website="", redirect_uris=("app://x",), scope="read")
    thief = await desk.ctx.db.write(lambda tx: apps.register(tx, desk.ctx, registration=other))
    code = await desk.code()
    await desk.redeem(code, app=thief.app)
    assert isinstance(await desk.redeem(code), Issued)


async def test_a_challenge_must_be_answered(desk):
    for wrong in ("", "another-verifier-of-forty-three-characters-or-more"):
        code = await desk.code(code_challenge=CHALLENGE, code_challenge_method="S256")
        assert isinstance(await desk.redeem(code, verifier=wrong), InvalidGrant), f"{wrong!r} was taken as a proof"
    code = await desk.code(code_challenge=CHALLENGE, code_challenge_method="S256")
    assert isinstance(await desk.redeem(code, verifier=VERIFIER), Issued)


async def test_a_plain_challenge_proves_nothing_and_is_refused(desk):
    for method in ("plain", ""):
        request = await desk.request(code_challenge=CHALLENGE, code_challenge_method=method)
        assert request.problem is not None
        sent = authorizations.refused(request)
        assert sent is not None
        assert "error=invalid_request" in sent


async def test_until_client_and_address_belong_together_nobody_is_redirected(desk):
    with pytest.raises(InvalidRequest):
        await desk.request(redirect_uri="https://evil.example/")
    with pytest.raises(InvalidClient):
        await desk.request(client_id="unknown")
    with pytest.raises(InvalidClient):
        await desk.request(client_id="unknown\0")


async def test_what_cannot_be_granted_is_told_to_the_application(desk):
    for wrong, code in (
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "read everything"}, "invalid_scope"),
        ({"scope": "admin:write"}, "invalid_scope"),
        ({"state": "x" * 5000}, "invalid_request"),
    ):
        request = await desk.request(**wrong)
        assert f"error={code}" in (authorizations.refused(request) or "")
    oob = await desk.request(response_type="token", redirect_uri="urn:ietf:wg:oauth:2.0:oob")
    with pytest.raises(OAuthError):
        authorizations.refused(oob)


async def test_yes_and_no_travel_with_the_state(desk):
    request = await desk.request(state="a b&c")
    assert authorizations.granted(request, "CODE") == "icecubesapp://callback?code=CODE&state=a+b%26c"
    assert "error=access_denied" in (authorizations.denied(request) or "")
    assert "state=a+b%26c" in (authorizations.denied(request) or "")


async def test_out_of_band_the_code_is_shown_and_nobody_redirected(desk):
    request = await desk.request(redirect_uri="urn:ietf:wg:oauth:2.0:oob")
    assert request.out_of_band
    assert authorizations.granted(request, "CODE") is None
    assert authorizations.denied(request) is None


async def test_a_revoked_token_is_worth_nothing_at_once(desk):
    issued = await desk.redeem(await desk.code())
    assert await tokens.find(desk.ctx.db.reader, desk.ctx, issued.secret)
    app = desk.registered.app
    assert await desk.ctx.db.write(lambda tx: tokens.revoke(tx, desk.ctx, app=app, secret=issued.secret))
    assert await tokens.find(desk.ctx.db.reader, desk.ctx, issued.secret) is None
    assert not await desk.ctx.db.write(lambda tx: tokens.revoke(tx, desk.ctx, app=app, secret=issued.secret))


async def test_a_token_ends_with_what_it_stands_on(desk):
    issued = await desk.redeem(await desk.code())
    ctx = desk.ctx

    async def alive() -> bool:
        ctx.clock.forward(6)  # the seconds for which a look-up is kept
        return await tokens.find(ctx.db.reader, ctx, issued.secret) is not None

    assert await alive()
    await ctx.db.write(lambda tx: people.set_state(tx, person_id=desk.person.id, state="suspended"))
    assert not await alive(), "a suspended person still acts"
    await ctx.db.write(lambda tx: people.set_state(tx, person_id=desk.person.id, state="active"))
    assert await alive()
    other = await ctx.db.write(lambda tx: people.create(tx, ctx, email="other@ville.example"))
    await ctx.db.write(lambda tx: memberships.add(tx, ctx, person_id=other.id, actor_id=desk.actor.id, role="owner"))
    await ctx.db.write(lambda tx: memberships.remove(tx, person_id=desk.person.id, actor_id=desk.actor.id))
    assert not await alive(), "an agent who left the town hall still acts for it"


async def test_a_person_sees_and_ends_what_she_granted(desk):
    await desk.redeem(await desk.code())
    found = await tokens.of_person(desk.ctx.db.reader, desk.person.id)
    assert [token.app_name for token in found] == ["Ice Cubes"]
    ended = await desk.ctx.db.write(
        lambda tx: tokens.revoke_by_id(tx, desk.ctx, token_id=found[0].id, person_id=desk.person.id)
    )
    assert ended
    assert await tokens.of_person(desk.ctx.db.reader, desk.person.id) == []


async def test_secrets_are_kept_as_hashes_only(desk):
    issued = await desk.redeem(await desk.code())
    rows = await desk.ctx.db.reader.fetch("SELECT token_hash, code_hash FROM oauth_tokens")
    held = str([tuple(row) for row in rows])
    app = await desk.ctx.db.reader.row("SELECT * FROM oauth_apps")
    assert issued.secret not in held
    assert desk.registered.client_secret not in str(tuple(app))


@pytest.mark.parametrize(
    "described",
    [
        {"name": ""}, {"name": "   "}, {"name": "x" * 61}, {"website": "not a link"}, {"redirect_uris": ()},
        {"redirect_uris": tuple(f"app://{n}" for n in range(30))},
    ],
)  # fmt: skip
def test_an_application_that_says_nothing_or_too_much_is_refused(described):
    with pytest.raises(Invalid):
        apps.describe(**{"name": "x", "website": "", "redirect_uris": ("app://x",), "scope": "read", **described})
