"""base58btc multibase (`z…`), the spelling of Multikeys and proof values (W3C Controlled Identifiers §2.4)."""

from node.runtime.errors import Malformed

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUE = {character: value for value, character in enumerate(_ALPHABET)}
# An RSA-8192 key is about 1,450 characters; decoding costs the square of the length.
_MAX_CHARS = 2_000


def encode(data: bytes) -> str:
    """`z` and the base58btc of *data*; leading zero bytes become leading `1`."""
    number = int.from_bytes(data)
    characters: list[str] = []
    while number:
        number, rest = divmod(number, 58)
        characters.append(_ALPHABET[rest])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + "".join(reversed(characters))


def decode(text: str) -> bytes:
    """The bytes of a base58btc multibase string.

    Raises:
        Malformed: another base, a character outside the alphabet, or too long.
    """
    if not text.startswith("z") or len(text) > _MAX_CHARS:
        raise Malformed("expected a base58btc multibase value (z…)")
    body = text[1:]
    number = 0
    for character in body:
        value = _VALUE.get(character)
        if value is None:
            raise Malformed("a multibase value holds a character outside base58btc")
        number = number * 58 + value
    zeros = len(body) - len(body.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)
