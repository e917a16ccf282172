"""The tables of posts, conversations and feeds, for the ORM. The migrations are the truth."""

from typing import Any

from tortoise.fields import SET_NULL, BigIntField, BinaryField, BooleanField, ForeignKeyField

from node.runtime.database.orm import Pair, Table, Text


class Post(Table):
    """A post or a boost."""

    id = BigIntField(primary_key=True, generated=False)
    uri = Text(unique=True)
    url = Text()
    type = Text(default="Note")
    author: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    author_id: int
    person: Any = ForeignKeyField("beffroi.Person", related_name=False, on_delete=SET_NULL, null=True)
    person_id: int | None
    local = BooleanField()
    domain_id = BigIntField(null=True)
    visibility = Text()
    boost_of: Any = ForeignKeyField("beffroi.Post", related_name=False, null=True)
    boost_of_id: int | None
    reply_to: Any = ForeignKeyField("beffroi.Post", related_name=False, on_delete=SET_NULL, null=True)
    reply_to_id: int | None
    reply_to_uri = Text(null=True)
    reply_to_author_id = BigIntField(null=True)
    thread_id = BigIntField()
    context = Text(default="")
    name = Text(default="")
    content = Text(default="")
    source = Text(default="")
    summary = Text(default="")
    sensitive = BooleanField(default=False)
    language = Text(default="")
    emojis = Text(default="[]")
    application = Text(null=True)
    hidden = BooleanField(default=False)
    replies_count = BigIntField(default=0)
    boosts_count = BigIntField(default=0)
    favourites_count = BigIntField(default=0)
    published_ms = BigIntField()
    edited_ms = BigIntField(null=True)
    created_ms = BigIntField()
    fragment = BinaryField(null=True)
    extras = BigIntField(default=0)
    version = BigIntField(default=0)
    policy = Text(default="")
    held = BooleanField(default=False)

    class Meta:
        """For Tortoise."""

        table = "posts"


class PostEdit(Table):
    """What a post said before an edit."""

    id = BigIntField(primary_key=True, generated=False)
    post: Any = ForeignKeyField("beffroi.Post", related_name=False)
    post_id: int
    content = Text()
    summary = Text()
    sensitive = BooleanField()
    media = Text(default="[]")
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "post_edits"


class PostMention(Pair):
    """Who is named in, or addressed by, a post."""

    post_id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    silent = BooleanField(default=False)

    class Meta:
        """For Tortoise."""

        table = "post_mentions"
        unique_together = (("post_id", "actor_id"),)


class Tag(Table):
    """A hashtag."""

    id = BigIntField(primary_key=True, generated=False)
    name = Text(unique=True)
    display = Text()

    class Meta:
        """For Tortoise."""

        table = "tags"


class PostTag(Pair):
    """Which post has which hashtag."""

    tag_id = BigIntField(primary_key=True, generated=False)
    post: Any = ForeignKeyField("beffroi.Post", related_name=False)
    post_id: int

    class Meta:
        """For Tortoise."""

        table = "post_tags"
        unique_together = (("tag_id", "post_id"),)


class Favourite(Table):
    """Who likes which post."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    post: Any = ForeignKeyField("beffroi.Post", related_name=False)
    post_id: int
    uri = Text()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "favourites"
        unique_together = (("actor_id", "post_id"),)


class HomeFeedRow(Pair):
    """A post in a home feed."""

    actor_id = BigIntField(primary_key=True, generated=False)
    post_id = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "home_feed"
        unique_together = (("actor_id", "post_id"),)


class FeedTailRow(Table):
    """A post that waits to be spread over the home feeds."""

    post_id = BigIntField(primary_key=True, generated=False)
    author_id = BigIntField()
    again = BooleanField(default=False)

    class Meta:
        """For Tortoise."""

        table = "feed_tail"


class IdempotencyRow(Pair):
    """What a client's key made, so that asking twice makes one."""

    actor_id = BigIntField(primary_key=True, generated=False)
    idempotency_key = Text()
    post_id = BigIntField()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "idempotency"
        unique_together = (("actor_id", "idempotency_key"),)


class Holder(Pair):
    """A server that asked for a post of ours."""

    host = Text(primary_key=True)
    post: Any = ForeignKeyField("beffroi.Post", related_name=False)
    post_id: int
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int

    class Meta:
        """For Tortoise."""

        table = "post_holders"
        unique_together = (("post_id", "host"),)


class Tombstone(Table):
    """What was deleted or undone."""

    uri = Text(primary_key=True)
    actor_uri = Text()
    type = Text(default="")
    deleted_ms = BigIntField()
    visibility = Text(default="")

    class Meta:
        """For Tortoise."""

        table = "tombstones"


class ThreadRead(Pair):
    """When the conversation around a stranger's post was last read at its server."""

    post_id = BigIntField(primary_key=True, generated=False)
    read_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "thread_reads"
        unique_together = (("post_id",),)


class Conversation(Table):
    """A private talk, as one actor sees it."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    thread_id = BigIntField()
    participants = Text()
    last_post_id = BigIntField()
    unread = BooleanField(default=False)

    class Meta:
        """For Tortoise."""

        table = "conversations"
        unique_together = (("actor_id", "thread_id", "participants"),)


class ConversationPost(Pair):
    """What was said in it."""

    actor_id = BigIntField(primary_key=True, generated=False)
    post: Any = ForeignKeyField("beffroi.Post", related_name=False)
    post_id: int
    conversation: Any = ForeignKeyField("beffroi.Conversation", related_name=False)
    conversation_id: int

    class Meta:
        """For Tortoise."""

        table = "conversation_posts"
        unique_together = (("actor_id", "post_id"),)
