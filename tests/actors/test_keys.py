"""Keys: sealed at rest, parsed once, turned without losing a signature."""

import base64

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from admin import operations
from node.actors import keys
from node.actors.facts import ActorUpdated
from node.runtime import keypairs
from node.runtime.errors import NotFound
from node.runtime.keyring import Keyring, KeyringError


async def test_what_is_signed_verifies_with_what_is_published(town):
    made = await keys.make_keys()
    actor = await town.local("alice")
    ctx = town.ctx
    signing = await keys.signing_key(ctx, ctx.db.reader, actor.id)
    proof = await keys.proof_key(ctx, ctx.db.reader, actor.id)
    public = await keys.public_keys(ctx.db.reader, actor.id)
    assert signing.key_id == f"{actor.uri}#main-key"
    assert proof.key_id == f"{actor.uri}#ed25519-key"
    assert signing.private.key_size == 2048
    assert public.rsa_pem == actor.public_key
    read = serialization.load_pem_public_key(public.rsa_pem.encode())
    assert isinstance(read, rsa.RSAPublicKey)
    signature = signing.private.sign(b"words", padding.PKCS1v15(), hashes.SHA256())
    read.verify(signature, b"words", padding.PKCS1v15(), hashes.SHA256())
    assert public.ed25519_multikey == keypairs.public_multikey(proof.private.public_key())
    assert public.ed25519_multikey.startswith("z6Mk")
    assert "BEGIN" not in repr(made)


def test_a_multikey_as_the_proposal_writes_it():
    """The key of FEP-8b32's test vectors (its private half is published there)."""
    seed = base64.b16decode("C96EF9EA10C5E414C471723AFF9DE72C35FA5B70FAE97E8832ECAC7D2E2B8ED6")
    public = ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key()
    assert keypairs.public_multikey(public) == "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"


async def test_no_private_key_lies_in_the_database(town):
    actor = await town.local("alice")
    rows = await town.ctx.db.reader.fetch("SELECT kind, sealed FROM keys WHERE actor_id = $1", actor.id)
    assert {row["kind"] for row in rows} == {"rsa", "ed25519"}
    for row in rows:
        with pytest.raises((ValueError, TypeError)):
            serialization.load_der_private_key(bytes(row["sealed"]), None)


async def test_a_row_moved_to_another_actor_does_not_open(town):
    """Who can write the database cannot make one actor sign with another's key."""
    alice, bruno = await town.local("alice"), await town.local("bruno")

    async def swap(tx):
        sealed = await tx.value("SELECT sealed FROM keys WHERE actor_id = $1 AND kind = 'rsa'", alice.id)
        await tx.execute("UPDATE keys SET sealed = $2 WHERE actor_id = $1 AND kind = 'rsa'", bruno.id, bytes(sealed))

    await town.ctx.db.write(swap)
    with pytest.raises(KeyringError):
        await keys.signing_key(town.ctx, town.ctx.db.reader, bruno.id)


async def test_a_key_is_parsed_once_and_turns_at_once(town):
    ctx, actor = town.ctx, await town.local("alice")
    first = await keys.signing_key(ctx, ctx.db.reader, actor.id)
    assert (await keys.signing_key(ctx, ctx.db.reader, actor.id)).private is first.private
    ctx.clock.forward(3_600)
    assert (await keys.signing_key(ctx, ctx.db.reader, actor.id)).private is first.private, (
        "an hour later it is the same"
    )
    town.facts.clear()
    fresh = await keys.make_keys()
    await ctx.db.write(lambda tx: keys.rotate(tx, ctx, actor_id=actor.id, keys=fresh))
    assert len(town.told(ActorUpdated)) == 1, "nobody hears of the new key"
    second = await keys.signing_key(ctx, ctx.db.reader, actor.id)
    assert second.key_id == first.key_id
    assert second.private is not first.private
    assert (await town.now(actor)).public_key == fresh.rsa_public_pem
    assert (await keys.public_keys(ctx.db.reader, actor.id)).ed25519_multikey == fresh.ed25519_public_multikey


async def test_another_process_sees_the_new_key_within_a_minute(town):
    ctx, actor = town.ctx, await town.local("alice")
    first = await keys.signing_key(ctx, ctx.db.reader, actor.id)
    cache = ctx.cache.of("keys")
    kept = cache.get((actor.id, "rsa"))
    fresh = await keys.make_keys()
    await ctx.db.write(lambda tx: keys.rotate(tx, ctx, actor_id=actor.id, keys=fresh))
    cache.put((actor.id, "rsa"), kept)  # as a process that was not told holds it
    ctx.clock.forward(61)
    assert (await keys.signing_key(ctx, ctx.db.reader, actor.id)).private is not first.private


async def test_who_has_no_keys_cannot_sign(town):
    stranger = await town.remote()
    with pytest.raises(NotFound):
        await keys.signing_key(town.ctx, town.ctx.db.reader, stranger.id)
    with pytest.raises(NotFound):
        await keys.public_keys(town.ctx.db.reader, stranger.id)


async def test_the_ring_turns_and_every_private_key_with_it(town):
    """A keeper who fears that the file was seen turns the ring: the old file opens nothing more, all sign as before."""
    ctx, actor = town.ctx, await town.local("alice")
    before = (await keys.signing_key(ctx, ctx.db.reader, actor.id)).private.private_numbers()
    seen_file = ctx.settings.keyring_path.read_bytes()
    [line, advice] = await operations.perform(ctx, "keyring.rotate", {})
    assert " 2 " in line, line
    assert str(ctx.settings.keyring_path) in advice
    stolen = ctx.settings.data / "stolen.json"
    stolen.write_bytes(seen_file)
    for row in await ctx.db.reader.fetch("SELECT actor_id, kind, sealed FROM keys"):
        assert not ctx.keyring.needs_resealing(bytes(row["sealed"]))
        with pytest.raises(KeyringError):
            Keyring.load(stolen).open(bytes(row["sealed"]), f"key:{row['actor_id']}:{row['kind']}".encode())
    ctx.cache.of("keys").clear()
    assert (await keys.signing_key(ctx, ctx.db.reader, actor.id)).private.private_numbers() == before
    assert (await operations.perform(ctx, "keyring.rotate", {}))[0] == line
