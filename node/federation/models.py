"""The tables of the inbox and the deliveries, for the ORM. The migrations are the truth."""

from typing import Any

from tortoise.fields import BigIntField, BinaryField, BooleanField, ForeignKeyField, IntField, OneToOneField

from node.runtime.database.orm import Table, Text


class Host(Table):
    """How deliveries to a host went."""

    host = Text(primary_key=True)
    state = Text(default="up")
    failing_days = IntField(default=0)
    last_failing_day = IntField(default=0)
    failing_since_ms = BigIntField(null=True)
    closed_until_ms = BigIntField(default=0)
    last_success_ms = BigIntField(null=True)
    software = Text(default="")
    created_ms = BigIntField()
    rfc9421_since_ms = BigIntField(null=True)
    rfc9421_until_ms = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "hosts"


class InboxRow(Table):
    """An activity as it arrived."""

    id = BigIntField(primary_key=True, generated=False)
    actor_uri = Text()
    activity_id = Text()
    type = Text(default="")
    recipient_id = BigIntField(null=True)
    body = BinaryField(null=True)
    state = Text()
    attempts = IntField(default=0)
    run_at_ms = BigIntField()
    lease_until_ms = BigIntField(null=True)
    error = Text(default="")
    received_ms = BigIntField()
    holder = IntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "inbox"
        unique_together = (("actor_uri", "activity_id"),)


class DeliveryOrder(Table):
    """One outgoing activity."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    activity_id = Text()
    body = BinaryField()
    audience = Text()
    post_id = BigIntField(null=True)
    state = Text()
    total = IntField(default=0)
    done = IntField(default=0)
    dead = IntField(default=0)
    created_ms = BigIntField()
    subject = Text(default="")
    type = Text(default="")
    servers = IntField(default=0)
    lost = IntField(default=0)
    synchronize = BooleanField(default=False)

    class Meta:
        """For Tortoise."""

        table = "delivery_orders"


class Delivery(Table):
    """One activity to one inbox."""

    id = BigIntField(primary_key=True, generated=False)
    order: Any = ForeignKeyField("beffroi.DeliveryOrder", related_name=False)
    order_id: int
    inbox = Text()
    host = Text()
    state = Text()
    attempts = IntField(default=0)
    run_at_ms = BigIntField()
    lease_until_ms = BigIntField(null=True)
    error = Text(default="")
    created_ms = BigIntField()
    holder = IntField(null=True)
    after_id = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "deliveries"
        unique_together = (("order_id", "inbox"),)


class PostReach(Table):
    """How far a post got, once its orders are forgotten."""

    post: Any = OneToOneField("beffroi.Post", related_name=False, primary_key=True)
    post_id: int
    servers = IntField()
    reached = IntField()

    class Meta:
        """For Tortoise."""

        table = "post_reach"


class Relay(Table):
    """A server that passes public posts on, as one of our instance actors asked it."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    style = Text()
    inbox = Text()
    actor_uri = Text(null=True)
    follow_uri = Text()
    state = Text()
    created_ms = BigIntField()
    changed_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "relays"
        unique_together = (("actor_id", "inbox"),)
