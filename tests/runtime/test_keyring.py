"""A stolen database reveals no private key, and turning the ring loses none."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.runtime.keyring import BadKeyring, BrokenSeal, Keyring, UnknownKey

RING = Keyring({"1": b"\x01" * 32}, "1")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keyring.json"


@given(st.binary(max_size=3000), st.binary(max_size=50))
def test_what_was_sealed_opens_again(plaintext, context):
    sealed = RING.seal(plaintext, context)
    assert RING.open(sealed, context) == plaintext
    assert RING.seal(plaintext, context) != sealed, "the same seal twice tells that the same was sealed"


@given(st.binary(min_size=1, max_size=60), st.data())
def test_one_altered_byte_is_noticed(plaintext, data):
    """Wherever it is: in the header, the nonce, the ciphertext, the tag."""
    sealed = bytearray(RING.seal(plaintext, b"actor 12 rsa"))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises((BrokenSeal, UnknownKey)):
        RING.open(bytes(sealed), b"actor 12 rsa")


@given(st.binary(max_size=80))
def test_what_was_never_sealed_does_not_open(stray):
    for bytes_ in (stray, b"BK1" + stray, b"BK1\x011" + stray, RING.seal(b"x", b"")[: len(stray) % 30]):
        with pytest.raises((BrokenSeal, UnknownKey)):
            RING.open(bytes_, b"")


def test_a_key_moved_to_another_actor_does_not_open():
    """A row copied over another's in the database must not lend its key."""
    sealed = RING.seal(b"private key of the town", b"actor 12 rsa")
    for other in (b"actor 13 rsa", b"actor 12 ed25519", b"", b"actor 12 rsa "):
        with pytest.raises(BrokenSeal, match="belongs to something else"):
            RING.open(sealed, other)


def test_the_plaintext_is_not_in_the_seal():
    assert b"PRIVATE KEY" not in RING.seal(b"-----BEGIN PRIVATE KEY-----", b"x")
    assert "1" * 8 not in repr(RING)
    assert b"\x01" * 32 not in repr(vars(RING)).encode(), "a log of the ring would reveal it"


def test_a_ring_is_made_once_and_for_its_owner_only(path):
    ring = Keyring.create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = json.loads(path.read_text())
    assert list(content["keys"]) == [content["current"]]
    sealed = ring.seal(b"x", b"c")
    with pytest.raises(BadKeyring, match="already"):
        Keyring.create(path)
    assert Keyring.load(path).open(sealed, b"c") == b"x", "making a second ring destroyed the first"
    assert [entry.name for entry in path.parent.iterdir()] == [path.name], "a copy of the keys stayed behind"


def test_turning_the_ring_keeps_what_was_sealed(path):
    ring = Keyring.create(path)
    old = ring.seal(b"x", b"c")
    assert not ring.needs_resealing(old)
    ring.rotate()
    assert ring.open(old, b"c") == b"x"
    assert ring.needs_resealing(old)
    new = ring.seal(b"x", b"c")
    assert not ring.needs_resealing(new)
    again = Keyring.load(path)
    assert again.open(old, b"c") == again.open(new, b"c") == b"x"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_running_process_learns_of_a_turn(path):
    """The command turns the ring while the server runs: the server opens what the command sealed."""
    server = Keyring.create(path)
    command = Keyring.load(path)
    command.rotate()
    assert server.open(command.seal(b"x", b"c"), b"c") == b"x"
    assert not server.needs_resealing(server.seal(b"y", b"c"))


def test_those_who_turn_at_once_lose_no_key(path):
    Keyring.create(path)
    with ThreadPoolExecutor(4) as pool:  # each opens the file itself, as processes do: flock keeps them apart
        list(pool.map(lambda _: Keyring.load(path).rotate(), range(12)))
    assert len(json.loads(path.read_text())["keys"]) == 13, "a key was lost, and all that it had sealed"


def test_another_ring_does_not_open(path, tmp_path):
    sealed = Keyring.create(path).seal(b"x", b"c")
    with pytest.raises(UnknownKey, match="not on the keyring"):
        Keyring.create(tmp_path / "other.json").open(sealed, b"c")


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"current": "1", "keys": {}}', '{"current": "1", "keys": {"1": "AAAA"}}', "\x80",
     '{"current": "1", "keys": {"1": 5}}', '{"current": 1, "keys": {}}', '{"current": "1", "keys": {"1": "é"}}',
     '{"current": "2", "keys": {"1": "' + "A" * 43 + '="}}'],
)  # fmt: skip
def test_a_damaged_ring_says_so(path, content):
    path.write_text(content)
    with pytest.raises(BadKeyring):
        Keyring.load(path)


def test_an_absent_ring_says_so(path):
    with pytest.raises(BadKeyring, match=r"keyring\.json cannot be read: No such file"):
        Keyring.load(path)
    with pytest.raises(BadKeyring, match="cannot be written"):
        Keyring.create(path.parent / "absent" / "keyring.json")


def test_a_ring_that_others_may_read_still_works(path):
    """Not fatal: some file systems know no owners. `beffroi check` says it."""
    ring = Keyring.create(path)
    path.chmod(0o644)
    again = Keyring.load(path)
    assert again.open(ring.seal(b"x", b"c"), b"c") == b"x"


def test_a_ring_without_a_file_cannot_turn():
    with pytest.raises(BadKeyring, match="not kept in a file"):
        RING.rotate()
