"""The table of letters, for the ORM. The migrations are the truth."""

from tortoise.fields import BigIntField, BinaryField, IntField

from node.runtime.database.orm import Table, Text


class Letter(Table):
    """A letter that is not sent yet."""

    id = BigIntField(primary_key=True, generated=False)
    sealed = BinaryField()
    until_ms = BigIntField(null=True)
    state = Text()
    attempts = IntField(default=0)
    run_at_ms = BigIntField()
    lease_until_ms = BigIntField(null=True)
    holder = IntField(null=True)
    error = Text(default="")
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "letters"
