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


class AuditEntry(Table):
    """What somebody did in an account or for the node; never edited."""

    id = BigIntField(primary_key=True, generated=False)
    at_ms = BigIntField()
    person_id = BigIntField(null=True)
    name = Text()
    via = Text()
    act = Text()
    about = Text(default="")
    actor_id = BigIntField(null=True)
    details = Text(default="{}")

    class Meta:
        """For Tortoise."""

        table = "audit"


class AuditSeal(Table):
    """A link of the chain that holds the entries."""

    number = BigIntField(primary_key=True, generated=False)
    entry_id = BigIntField(unique=True)
    digest = Text()

    class Meta:
        """For Tortoise."""

        table = "audit_seals"
