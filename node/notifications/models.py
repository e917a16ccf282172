"""The tables of notifications and markers, for the ORM. The migrations are the truth."""

from typing import Any

from tortoise.fields import BigIntField, BinaryField, BooleanField, ForeignKeyField, IntField, OneToOneField

from node.runtime.database.orm import Pair, Table, Text


class Notification(Table):
    """Something that somebody is told."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    type = Text()
    from_actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    from_actor_id: int
    post: Any = ForeignKeyField("beffroi.Post", related_name=False, null=True)
    post_id: int | None
    decision_id = BigIntField(null=True)
    created_ms = BigIntField()
    filtered = BooleanField(default=False)

    class Meta:
        """For Tortoise."""

        table = "notifications"


class NotificationPolicy(Table):
    """Whose notices are told, put aside or not made."""

    actor: Any = OneToOneField("beffroi.Actor", related_name=False, primary_key=True)
    actor_id: int
    not_following = Text()
    not_followers = Text()
    new_accounts = Text()
    private_mentions = Text()
    limited_accounts = Text()

    class Meta:
        """For Tortoise."""

        table = "notification_policies"


class NotificationPermission(Pair):
    """Whose notices pass, whatever the policy."""

    actor_id = BigIntField(primary_key=True, generated=False)
    from_actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    from_actor_id: int
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "notification_permissions"
        unique_together = (("actor_id", "from_actor_id"),)


class VapidKey(Table):
    """The key by which push services know a domain."""

    domain: Any = OneToOneField("beffroi.Domain", related_name=False, primary_key=True)
    domain_id: int
    public = Text()
    sealed = BinaryField()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "vapid_keys"


class PushSubscription(Table):
    """Where an application wants to be told."""

    id = BigIntField(primary_key=True, generated=False)
    token: Any = OneToOneField("beffroi.Token", related_name=False)
    token_id: int
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    endpoint = Text()
    p256dh = Text()
    auth = Text()
    standard = BooleanField()
    alerts = Text()
    policy = Text()
    sealed_token = BinaryField()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "push_subscriptions"


class Marker(Pair):
    """How far somebody has read."""

    actor_id = BigIntField(primary_key=True, generated=False)
    timeline = Text()
    last_read_id = BigIntField()
    version = IntField()
    updated_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "markers"
        unique_together = (("actor_id", "timeline"),)
