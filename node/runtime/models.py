"""The table of choices, for the ORM. The migrations are the truth."""

from tortoise.fields import BigIntField

from node.runtime.database.orm import Table, Text


class Choice(Table):
    """A number that a keeper chose."""

    name = Text(primary_key=True)
    number = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "choices"
