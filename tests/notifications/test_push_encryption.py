"""What is encrypted to an application: the vector of RFC 8291, and both encodings opened again as a client would."""

import struct

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from node.notifications.push import encryption
from node.notifications.push.encryption import Fresh, Keys, decoded, encoded
from node.runtime.errors import Invalid
from tests.support.push_service import Client, opened


def private(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(decoded(text), "big"), ec.SECP256R1())


RFC_8291 = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
    "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_vector_of_rfc_8291() -> None:
    """Appendix A: the same keys and salt give the same bytes, and the client of these tests opens them."""
    client = Client(private("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"), decoded("BTBZMqHH6r4Tts7J_aSIgg"))
    ours = private("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
    message = b"When I grow up, I want to be a watermelon"
    keys = Keys.read(client.p256dh, client.auth_text)
    sealed = encryption.standard(message, keys, Fresh(ours, decoded("DGv6ra1nlYgDCS1FRnbzlw")))
    assert encoded(sealed.body) == RFC_8291
    assert client.open(decoded(RFC_8291), sealed.headers) == message


def test_the_vector_of_the_draft() -> None:
    """draft-ietf-webpush-encryption-04, section 5."""
    client = Client(private("9FWl15_QUQAWDaD3k3l50ZBZQJ4au27F1V4F0uLSD_M"), decoded("R29vIGdvbyBnJyBqb29iIQ"))
    ours = private("nCScek-QpEjmOOlT-rQ38nZzvdPlqa00Zy0i6m2OJvY")
    keys = Keys.read(client.p256dh, client.auth_text)
    sealed = encryption.legacy(b"I am the walrus", keys, Fresh(ours, decoded("lngarbyKfMoi9Z75xYXmkg")))
    assert encoded(sealed.body) == "6nqAQUME8hNqw5J3kl8cpVVJylXKYqZOeseZG8UueKpA"
    assert sealed.headers["Encryption"] == "salt=lngarbyKfMoi9Z75xYXmkg"
    assert sealed.crypto_key == (
        "dh=BNoRDbb84JGm8g5Z5CFxurSqsXWJ11ItfXEWYVLE85Y7CYkDjXsIEc4aqxYaQ1G8BqkXCJ6DPpDrWtdWj_mugHU"
    )
    assert client.open(sealed.body, {**sealed.headers, "Crypto-Key": sealed.crypto_key}) == b"I am the walrus"


@pytest.mark.parametrize(
    ("secret", "body"),
    [
        ("yqdlZ-tYemfogSmv7Ws5PQ", "I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg"),
        (
            "BO3ZVPxUlnLORbVGMpbT1Q",
            "uNCkWiNYzKTnBN9ji3-qWAAAABkCYTHOG8chz_gnvgOqdGYovxyjuqRyJFjEDyoF1Fvkj6hQPdPHI51OEUKEpgz3SsLWIqS_uA",
        ),
    ],
)
def test_the_client_that_judges_us_reads_the_vectors_of_rfc_8188(secret: str, body: str) -> None:
    """Sections 3.1, and 3.2 with two records and padding: what it opens in the other tests is what anybody opens."""
    assert opened(decoded(body), decoded(secret)) == b"I am the walrus"


@pytest.mark.parametrize("standard", [True, False])
@pytest.mark.parametrize("message", [b"", b"bonjour", "é".encode() * 1_900])
def test_a_client_opens_what_was_sealed_for_it(standard: bool, message: bytes) -> None:
    client = Client()
    sealed = encryption.ENCODINGS[standard](message, Keys.read(client.p256dh, client.auth_text))
    headers = {**sealed.headers, "Crypto-Key": sealed.crypto_key}
    assert client.open(sealed.body, headers) == message
    assert len(sealed.body) <= 4_096


def test_the_draft_says_how_to_open_it_in_headers() -> None:
    client = Client()
    sealed = encryption.legacy(b"bonjour", Keys.read(client.p256dh, client.auth_text))
    assert sealed.headers["Content-Encoding"] == "aesgcm"
    assert len(decoded(sealed.headers["Encryption"].removeprefix("salt="))) == 16
    assert len(decoded(sealed.crypto_key.removeprefix("dh="))) == 65


def test_each_message_has_its_own_key_and_salt() -> None:
    client = Client()
    keys = Keys.read(client.p256dh, client.auth_text)
    one, two = encryption.standard(b"bonjour", keys), encryption.standard(b"bonjour", keys)
    assert one.body[:16] != two.body[:16]
    assert struct.unpack(">I", one.body[16:20])[0] == 4_096


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        ("", ""), ("x", "y"), ("é", "é"), (encoded(b"\x04" + b"\1" * 64), encoded(b"a" * 16)),
        (Client().p256dh, encoded(b"a" * 15)), (Client().p256dh[:-4], encoded(b"a" * 16)),
    ],
    ids=["nothing", "letters", "accents", "no point of the curve", "a short secret", "a cut key"],
)  # fmt: skip
def test_keys_that_are_none_are_refused(p256dh: str, auth: str) -> None:
    with pytest.raises(Invalid):
        Keys.read(p256dh, auth)


def test_keys_may_be_written_in_either_alphabet_and_padded() -> None:
    client = Client()
    other = client.p256dh.replace("-", "+").replace("_", "/") + "="
    assert encryption.raw(Keys.read(other, client.auth_text + "==").public) == encryption.raw(client.key.public_key())
