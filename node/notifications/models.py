"""The tables of notifications and markers, for the ORM. The migrations are the truth."""

from typing import Any

from tortoise.fields import BigIntField, ForeignKeyField, IntField

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

    class Meta:
        """For Tortoise."""

        table = "notifications"


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
