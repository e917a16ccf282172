"""Security keys and passkeys (WebAuthn level 2): the browser has the key sign what this server drew.

A key works for the host that it was made at, so that a copy of our page elsewhere gets nothing from it.
"""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from node.actors.people import Person
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence
from node.runtime.text.cleaning import storable

_MAX_BYTES: Final = 16_384
_TO_MAKE: Final = "make "
"""Before the challenge of a new key, for which the password was typed: one that is drawn to sign makes none."""


@dataclass(frozen=True, slots=True)
class Place:
    """The page at which a key is asked."""

    host: str
    """Without its port: the 'relying party id'."""
    origin: str
    """`https://host`, as the browser names it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the browser is asked."""

    options: str
    """JSON, for the script of the page."""
    challenge: str
    """Kept where only this server reads it: base64url, and what it is for."""


@dataclass(frozen=True, slots=True)
class Made:
    """A key that the browser has made."""

    credential: str
    public_key: bytes
    sign_count: int


async def ask_to_make(reader: Reader, person: Person, place: Place, *, site: str) -> Asked:
    """Have a new key made; those that she has are not made again."""
    from webauthn import base64url_to_bytes, generate_registration_options, options_to_json
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        UserVerificationRequirement,
    )

    known = [PublicKeyCredentialDescriptor(base64url_to_bytes(each)) for each in await _of(reader, person.id, place)]
    options = generate_registration_options(
        rp_id=place.host, rp_name=site, user_name=person.email, user_id=str(person.id).encode(),
        user_display_name=person.name or person.email, exclude_credentials=known,
        authenticator_selection=AuthenticatorSelectionCriteria(user_verification=UserVerificationRequirement.PREFERRED),
    )  # fmt: skip
    return Asked(options_to_json(options), _TO_MAKE + bytes_to_base64url(options.challenge))


def made(answer: str, challenge: str, place: Place) -> Made:
    """Read what the browser answers to `ask_to_make`.

    Raises:
        Invalid: not an answer to this.
    """
    from webauthn import base64url_to_bytes, verify_registration_response
    from webauthn.helpers import bytes_to_base64url

    if not challenge.startswith(_TO_MAKE):
        raise _refused()
    try:
        found = verify_registration_response(
            credential=_read(answer), expected_challenge=base64url_to_bytes(challenge.removeprefix(_TO_MAKE)),
            expected_rp_id=place.host, expected_origin=place.origin,
        )  # fmt: skip
    except Exception as error:  # of many kinds, on what a stranger sends
        raise _refused() from error
    return Made(bytes_to_base64url(found.credential_id), found.credential_public_key, found.sign_count)


async def add(tx: Tx, ctx: Context, *, person_id: int, name: str, key: Made, place: Place) -> None:
    """Keep a key; it works from now on.

    Raises:
        Invalid: somebody has it already.
    """
    placed = await tx.execute(
        "INSERT INTO factors (id, person_id, kind, name, confirmed, host, credential, public_key, sign_count, created_ms) "
        "VALUES ($1, $2, 'key', $3, TRUE, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        ctx.ids.next(), person_id, name, place.host, key.credential, key.public_key, key.sign_count, ctx.clock.now_ms(),
    )  # fmt: skip
    if not placed:
        raise Invalid(sentence("This key is registered already."))


async def ask_to_sign(reader: Reader, person_id: int, place: Place) -> Asked | None:
    """Have one of her keys sign; None: none of hers works at this place."""
    from webauthn import base64url_to_bytes, generate_authentication_options, options_to_json
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

    known = [PublicKeyCredentialDescriptor(base64url_to_bytes(each)) for each in await _of(reader, person_id, place)]
    if not known:
        return None
    options = generate_authentication_options(
        rp_id=place.host, allow_credentials=known, user_verification=UserVerificationRequirement.PREFERRED
    )
    return Asked(options_to_json(options), bytes_to_base64url(options.challenge))


async def check(tx: Tx, ctx: Context, *, person_id: int, answer: str, challenge: str, place: Place) -> bool:
    """Whether a key of hers has signed *challenge*; the caller forgets the challenge whatever comes."""
    from webauthn import base64url_to_bytes, verify_authentication_response

    try:
        said = _read(answer)
    except Invalid:
        return False
    row = await tx.row(
        "SELECT id, public_key, sign_count FROM factors "
        "WHERE person_id = $1 AND kind = 'key' AND host = $2 AND credential = $3",
        person_id, place.host, storable(said["id"]),
    )  # fmt: skip
    if row is None or not challenge or challenge.startswith(_TO_MAKE):
        return False
    try:
        found = verify_authentication_response(
            credential=said, expected_challenge=base64url_to_bytes(challenge), expected_rp_id=place.host,
            expected_origin=place.origin, credential_public_key=bytes(row["public_key"]),
            credential_current_sign_count=row["sign_count"],
        )  # fmt: skip
    except Exception:  # noqa: BLE001 (the library raises errors of many kinds on what a stranger sends)
        return False
    await tx.execute(
        "UPDATE factors SET sign_count = $2, used_ms = $3 WHERE id = $1", row["id"], found.new_sign_count,
        ctx.clock.now_ms(),
    )  # fmt: skip
    return True


async def _of(reader: Reader, person_id: int, place: Place) -> list[str]:
    rows = await reader.fetch(
        "SELECT credential FROM factors WHERE person_id = $1 AND kind = 'key' AND host = $2 ORDER BY id",
        person_id, place.host,
    )  # fmt: skip
    return [row["credential"] for row in rows]


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > _MAX_BYTES:
        raise _refused()
    try:
        said = orjson.loads(answer)
    except orjson.JSONDecodeError:
        raise _refused() from None
    match said:
        case {"id": str(), "response": {}}:
            return dict(said)
    raise _refused()


def _refused() -> Invalid:
    return Invalid(sentence("The key did not answer as expected. Try again."))
