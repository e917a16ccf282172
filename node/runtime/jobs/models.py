"""The tables of jobs, for the ORM. The migrations are the truth."""

from tortoise.fields import BigIntField, IntField

from node.runtime.database.orm import Table, Text


class Job(Table):
    """A piece of work."""

    id = BigIntField(primary_key=True, generated=False)
    kind = Text()
    args = Text()
    unique_key = Text(unique=True, null=True)
    state = Text()
    attempts = IntField(default=0)
    run_at_ms = BigIntField()
    lease_until_ms = BigIntField(null=True)
    error = Text(default="")
    created_ms = BigIntField()
    holder = IntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "jobs"
