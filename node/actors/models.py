"""The tables of domains, actors and what binds them, for the ORM. The migrations are the truth."""

from typing import Any

from tortoise.fields import NO_ACTION, BigIntField, BinaryField, BooleanField, ForeignKeyField

from node.runtime.database.orm import Pair, Table, Text


class Domain(Table):
    """A local domain."""

    id = BigIntField(primary_key=True, generated=False)
    handle_host = Text(unique=True)
    service_host = Text()
    name = Text()
    description = Text(default="")
    contact_email = Text(default="")
    registrations = Text(default="closed")
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "domains"


class Actor(Table):
    """An actor, local or met elsewhere."""

    id = BigIntField(primary_key=True, generated=False)
    uri = Text(unique=True)
    type = Text()
    kind = Text(default="")
    domain: Any = ForeignKeyField("beffroi.Domain", related_name=False, on_delete=NO_ACTION, null=True)
    domain_id: int | None
    username = Text()
    skeleton = Text(null=True)
    service_host = Text()
    handle_host = Text()
    name = Text(default="")
    summary = Text(default="")
    summary_source = Text(default="")
    url = Text(default="")
    inbox = Text()
    shared_inbox = Text(null=True)
    outbox = Text(default="")
    followers = Text(default="")
    following = Text(default="")
    featured = Text(default="")
    fields = Text(default="[]")
    emojis = Text(default="[]")
    also_known_as = Text(default="[]")
    moved_to = Text(null=True)
    avatar = Text(null=True)
    avatar_alt = Text(default="")
    header = Text(null=True)
    header_alt = Text(default="")
    locked = BooleanField(default=False)
    discoverable = BooleanField(default=True)
    indexable = BooleanField(default=False)
    bot = BooleanField(default=False)
    hides_network = BooleanField(default=False)
    insee = Text(null=True)
    siren = Text(null=True)
    codes_proof = Text(default="")
    post_visibility = Text(default="public")
    post_language = Text(default="fr")
    post_sensitive = BooleanField(default=False)
    state = Text(default="active")
    limited = BooleanField(default=False)
    public_key_id = Text(null=True)
    public_key = Text(null=True)
    followers_count = BigIntField(default=0)
    following_count = BigIntField(default=0)
    posts_count = BigIntField(default=0)
    last_post_ms = BigIntField(null=True)
    version = BigIntField(default=0)
    published_ms = BigIntField()
    created_ms = BigIntField()
    updated_ms = BigIntField()
    fetched_ms = BigIntField(null=True)
    frozen = BooleanField(default=False)
    replies = Text(default="")
    tastes = BigIntField(default=0)

    class Meta:
        """For Tortoise."""

        table = "actors"


class Key(Table):
    """A key pair of a local actor, its private half sealed."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    kind = Text()
    public = Text()
    sealed = BinaryField()
    created_ms = BigIntField()
    retired_ms = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "keys"


class PublishedKey(Pair):
    """A further public key of an actor elsewhere."""

    actor_id = BigIntField(primary_key=True, generated=False)
    key_id = Text()
    public = Text()

    class Meta:
        """For Tortoise."""

        table = "published_keys"
        unique_together = (("actor_id", "key_id"),)


class Membership(Pair):
    """Who speaks for which actor, and as what."""

    person_id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    role = Text()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "memberships"
        unique_together = (("person_id", "actor_id"),)


class Follow(Table):
    """Who reads whom."""

    id = BigIntField(primary_key=True, generated=False)
    follower: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    follower_id: int
    followee: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    followee_id: int
    uri = Text()
    state = Text()
    show_boosts = BooleanField(default=True)
    notify = BooleanField(default=False)
    remote = BooleanField(default=False)
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "follows"
        unique_together = (("follower_id", "followee_id"),)


class Block(Table):
    """Who blocks whom."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    target: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    target_id: int
    uri = Text()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "blocks"
        unique_together = (("actor_id", "target_id"),)


class Move(Pair):
    """Where an account went."""

    actor_id = BigIntField(primary_key=True, generated=False)
    target: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    target_id: int
    uri = Text()
    moved_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "moves"
        unique_together = (("actor_id",),)


class HostPolicy(Table):
    """What the node thinks of a host and all below it."""

    host = Text(primary_key=True)
    severity = Text()
    reject_media = BooleanField(default=False)
    reason = Text(default="")
    created_ms = BigIntField()
    public_comment = Text(default="")
    reject_reports = BooleanField(default=False)
    obfuscate = BooleanField(default=False)
    list_id = BigIntField(null=True)
    id = BigIntField(default=0)

    class Meta:
        """For Tortoise."""

        table = "host_policies"


class Mute(Table):
    """Whom an account does not want to see."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    target: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    target_id: int
    notifications = BooleanField(default=True)
    expires_ms = BigIntField(null=True)
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "mutes"
        unique_together = (("actor_id", "target_id"),)


class AccountNote(Pair):
    """What an account writes down about another."""

    actor_id = BigIntField(primary_key=True, generated=False)
    target: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    target_id: int
    words = Text()

    class Meta:
        """For Tortoise."""

        table = "account_notes"
        unique_together = (("actor_id", "target_id"),)


class HostBlock(Table):
    """A server that an account wants nothing of."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    host = Text()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "host_blocks"
        unique_together = (("actor_id", "host"),)


class Endorsement(Table):
    """Whom an account recommends."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    target: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    target_id: int
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "endorsements"
        unique_together = (("actor_id", "target_id"),)


class DeclinedSuggestion(Pair):
    """Whom an account does not want to be told to follow."""

    actor_id = BigIntField(primary_key=True, generated=False)
    target: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    target_id: int

    class Meta:
        """For Tortoise."""

        table = "declined_suggestions"
        unique_together = (("actor_id", "target_id"),)
