"""The tables of the index of words. For the ORM; the migrations are the truth."""

from tortoise.fields import BigIntField, BinaryField

from node.runtime.database.orm import Pair, Table, Text


class SearchTerm(Table):
    """A stem, numbered as it was first seen."""

    id = BigIntField(primary_key=True, generated=False)
    term = Text(unique=True)

    class Meta:
        """For Tortoise."""

        table = "search_terms"


class SearchWord(Table):
    """A form of a term."""

    word = Text(primary_key=True)
    term_id = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "search_words"


class SearchPosting(Pair):
    """Which term stands in which post."""

    term_id = BigIntField(primary_key=True, generated=False)
    post_id = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "search_postings"
        unique_together = (("term_id", "post_id"),)


class SearchPost(Table):
    """What the index holds of a post: its terms, four bytes each."""

    post_id = BigIntField(primary_key=True, generated=False)
    terms = BinaryField()

    class Meta:
        """For Tortoise."""

        table = "search_posts"


class SearchActor(Pair):
    """Which word stands in an account's name."""

    word = Text(primary_key=True)
    actor_id = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "search_actors"
        unique_together = (("word", "actor_id"),)


class SearchQueued(Pair):
    """What the index has still to read."""

    kind = Text(primary_key=True)
    row_id = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "search_queue"
        unique_together = (("kind", "row_id"),)
