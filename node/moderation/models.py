"""The table of reports, for the ORM. The migrations are the truth."""

from typing import Any

from tortoise.fields import BigIntField, BooleanField, ForeignKeyField, IntField

from node.runtime.database.orm import Table, Text


class Report(Table):
    """What somebody told the keepers."""

    id = BigIntField(primary_key=True, generated=False)
    uri = Text()
    reporter: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    reporter_id: int
    reporter_host = Text()
    target: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    target_id: int
    posts = Text(default="[]")
    comment = Text(default="")
    category = Text(default="other")
    state = Text(default="open")
    forwarded = BooleanField(default=False)
    repeats = IntField(default=0)
    created_ms = BigIntField()
    closed_ms = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "reports"
