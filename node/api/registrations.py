"""Making an account with an application (https://docs.joinmastodon.org/methods/accounts/#create).

The application gets a token at once; until the address is confirmed, and where it is asked for a keeper has agreed,
every call answers 403 with Mastodon's words. For an address that has an account the answer is the same, and stays so.
"""

from datetime import UTC, date, datetime
from typing import Any, Final, get_args

from node.api import answers
from node.api.answers import EMPTY, Answer
from node.api.call import Call
from node.api.errors import InvalidToken
from node.api.requests import Input
from node.moderation import asked, sign_ups
from node.moderation.asked import MIN_AGE, Filled, Problem, Refused
from node.oauth import apps, scopes, tokens
from node.oauth.tokens import Issued
from node.runtime.database import Tx
from node.runtime.errors import Forbidden, Invalid
from node.runtime.i18n import Language, sentence, translator

_NAMES: Final = {"age": "date_of_birth"}
"""Fields that are called otherwise there."""


async def ask(call: Call) -> Answer:
    """POST /api/v1/accounts."""
    ctx, domain, token = call.ctx, call.domain, call.token
    if token is None or token.actor_id is not None or token.waits is not None:
        raise InvalidToken
    if not sign_ups.open_to(ctx, domain):
        raise Forbidden("This action is not allowed")
    app = await apps.by_id(call.reader, token.app_id)
    if app is None:
        raise InvalidToken
    asked.count_attempt(ctx, call.client)
    filled = _filled(call.input, datetime.fromtimestamp(ctx.clock.now_ms() / 1000, UTC).date())
    try:
        if isinstance(filled, Problem):
            raise Refused({"age": filled})
        wanted = await asked.checked(ctx, domain, filled, client=call.client)
    except Refused as error:
        return _refused(call, error)
    asked.count_letter(ctx, wanted.email)

    async def step(tx: Tx) -> Issued:
        sign_up_id = await sign_ups.ask(tx, ctx, domain=domain, asked=wanted)
        return await tokens.issue(tx, ctx, app=app, scopes=token.scopes, sign_up_id=sign_up_id)

    issued = await ctx.db.write(step)
    return call.answer(
        {
            "access_token": issued.secret,
            "token_type": "Bearer",
            "scope": scopes.write(issued.scopes),
            "created_at": issued.created_ms // 1000,
        }
    )


async def confirm_again(call: Call) -> Answer:
    """POST /api/v1/emails/confirmations: the letter once more, perhaps to another address."""
    ctx, token = call.ctx, call.token
    if token is None or token.waits != "unconfirmed" or token.sign_up_id is None:
        raise Forbidden("This method is only available while the e-mail is awaiting confirmation")
    sign_up_id, email = token.sign_up_id, call.input.text("email") or None
    asked.count_letter(ctx, str(sign_up_id))
    if email is not None:
        email = await asked.other_address(ctx, email, client=call.client)
        asked.count_letter(ctx, email)
    await ctx.db.write(lambda tx: sign_ups.send_confirmation(tx, ctx, sign_up_id=sign_up_id, email=email))
    return EMPTY


def _filled(given: Input, today: date) -> Filled | Problem:
    language = _language(given)
    born = given.text("date_of_birth") or ""
    fifteen: bool | None = None
    if born:
        try:
            fifteen = _age(date.fromisoformat(born), today) >= MIN_AGE
        except ValueError:
            return Problem("ERR_INVALID", sentence("Say whether you are fifteen or older."))
    if fifteen is False:
        # A parent must agree, which takes a page and a second mailbox.
        return Problem(
            "ERR_BELOW_LIMIT", sentence("Under fifteen, ask for the account at the site: a parent agrees too.")
        )
    return Filled(
        email=given.text("email") or "",
        username=given.text("username") or "",
        password=given.text("password") or "",
        language=language,
        reason=given.text("reason") or "",
        agreed=given.flag("agreement") is True,
        fifteen=fifteen,
    )


def _language(given: Input) -> Language:
    asked_for = (given.text("locale") or "").lower().partition("-")[0]
    known: tuple[Language, ...] = get_args(Language)
    return next((each for each in known if each == asked_for), "fr")


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _refused(call: Call, error: Refused) -> Answer:
    _ = translator(_language(call.input))
    details: dict[str, list[dict[str, Any]]] = {
        _NAMES.get(field, field): [{"error": each.code, "description": _(each.says)}]
        for field, each in error.problems.items()
    }
    said = ", ".join(f"{field}: {each[0]['description']}" for field, each in details.items())
    return answers.of({"error": f"Validation failed: {said}", "details": details}, status=Invalid.status)
