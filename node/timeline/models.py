"""The tables of posts and feeds, for the ORM. The migrations are the truth."""

from typing import Any

from tortoise.fields import SET_NULL, BigIntField, BinaryField, BooleanField, ForeignKeyField, IntField, OneToOneField

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


class Bookmark(Table):
    """Who keeps which post."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    post: Any = ForeignKeyField("beffroi.Post", related_name=False)
    post_id: int
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "bookmarks"
        unique_together = (("actor_id", "post_id"),)


class Pin(Table):
    """Which post an actor shows first."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    post: Any = ForeignKeyField("beffroi.Post", related_name=False)
    post_id: int
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "pins"
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


class Poll(Table):
    """What a Question asks."""

    post: Any = OneToOneField("beffroi.Post", related_name=False, primary_key=True)
    post_id: int
    multiple = BooleanField()
    hides_totals = BooleanField(default=False)
    ends_ms = BigIntField(null=True)
    told = BooleanField(default=False)
    voters_count = BigIntField(null=True)
    fetched_ms = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "polls"


class PollOption(Pair):
    """An answer that may be chosen."""

    post_id = BigIntField(primary_key=True, generated=False)
    position = BigIntField()
    title = Text()
    votes = BigIntField(default=0)

    class Meta:
        """For Tortoise."""

        table = "poll_options"
        unique_together = (("post_id", "position"),)


class PollVote(Table):
    """Who chose what: shown to the voter alone."""

    id = BigIntField(primary_key=True, generated=False)
    post: Any = ForeignKeyField("beffroi.Post", related_name=False)
    post_id: int
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    choice = IntField()
    uri = Text()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "poll_votes"
        unique_together = (("post_id", "actor_id", "choice"),)


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


class Quote(Table):
    """Which post quotes which, and whether the quoted author agreed."""

    post: Any = OneToOneField("beffroi.Post", related_name=False, primary_key=True)
    post_id: int
    quoted_uri = Text()
    quoted: Any = ForeignKeyField("beffroi.Post", related_name=False, on_delete=SET_NULL, null=True)
    quoted_id: int | None
    state = Text()
    stamp = Text(null=True)
    request = Text(null=True)

    class Meta:
        """For Tortoise."""

        table = "quotes"


class QuoteStamp(Table):
    """Consent that one of our authors gave."""

    id = BigIntField(primary_key=True, generated=False)
    quoted: Any = ForeignKeyField("beffroi.Post", related_name=False)
    quoted_id: int
    quoter: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    quoter_id: int
    post_uri = Text()
    created_ms = BigIntField()
    revoked_ms = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "quote_stamps"
        unique_together = (("quoted_id", "post_uri"),)


class EmojiReaction(Table):
    """An emoji with which somebody reacted."""

    id = BigIntField(primary_key=True, generated=False)
    post: Any = ForeignKeyField("beffroi.Post", related_name=False)
    post_id: int
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    name = Text()
    picture = Text(null=True)
    uri = Text()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "emoji_reactions"
        unique_together = (("post_id", "actor_id", "name"),)


class Approval(Table):
    """An approval that an author elsewhere gave to an answer or a boost of ours."""

    post: Any = OneToOneField("beffroi.Post", related_name=False, primary_key=True)
    post_id: int
    uri = Text()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "approvals"


class Event(Table):
    """When and where an Event is held, and how one takes part."""

    post: Any = OneToOneField("beffroi.Post", related_name=False, primary_key=True)
    post_id: int
    starts_ms = BigIntField(null=True)
    ends_ms = BigIntField(null=True)
    timezone = Text(default="")
    place = Text(default="{}")
    online_url = Text(null=True)
    join_mode = Text(default="")
    join_url = Text(null=True)
    status = Text(default="")
    attendees = BigIntField(null=True)
    max_attendees = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "events"


class WaitingPost(Table):
    """What a contributor wrote, until it is approved, and what became of it."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    person: Any = ForeignKeyField("beffroi.Person", related_name=False, on_delete=SET_NULL, null=True)
    person_id: int | None
    visibility = Text()
    state = Text()
    wanted = Text(default="{}")
    reason = Text(default="")
    decided_by: Any = ForeignKeyField("beffroi.Person", related_name=False, on_delete=SET_NULL, null=True)
    decided_by_id: int | None
    decided_ms = BigIntField(null=True)
    published: Any = ForeignKeyField("beffroi.Post", related_name=False, null=True)
    published_id: int | None
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "waiting_posts"


class ScheduledPost(Table):
    """What is to be published later."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    person: Any = ForeignKeyField("beffroi.Person", related_name=False, on_delete=SET_NULL, null=True)
    person_id: int | None
    at_ms = BigIntField()
    draft = Text()
    failure = Text(default="")
    idempotency_key = Text(null=True)
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "scheduled_posts"


class Card(Table):
    """What a page says of itself that posts link to."""

    id = BigIntField(primary_key=True, generated=False)
    url = Text(unique=True)
    state = Text()
    title = Text(default="")
    description = Text(default="")
    language = Text(default="")
    author_name = Text(default="")
    author_url = Text(default="")
    provider_name = Text(default="")
    image_url = Text(null=True)
    image_description = Text(default="")
    width = IntField(null=True)
    height = IntField(null=True)
    fetched_ms = BigIntField(null=True)
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "cards"


class PostCard(Table):
    """Which post shows which card."""

    post: Any = OneToOneField("beffroi.Post", related_name=False, primary_key=True)
    post_id: int
    card: Any = ForeignKeyField("beffroi.Card", related_name=False)
    card_id: int

    class Meta:
        """For Tortoise."""

        table = "post_cards"


class Attendance(Table):
    """Who of ours asked to take part in which event."""

    id = BigIntField(primary_key=True, generated=False)
    post: Any = ForeignKeyField("beffroi.Post", related_name=False)
    post_id: int
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    uri = Text(unique=True)
    state = Text()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "attendances"
        unique_together = (("post_id", "actor_id"),)


class HeldPost(Table):
    """A post that waits for somebody's yes."""

    post: Any = OneToOneField("beffroi.Post", related_name=False, primary_key=True)
    post_id: int
    owner: Any = ForeignKeyField("beffroi.Actor", related_name=False, null=True)
    owner_id: int | None
    governing: Any = ForeignKeyField("beffroi.Post", related_name=False, null=True)
    governing_id: int | None
    reason = Text()
    state = Text()
    request = Text(default="")
    body = BinaryField(null=True)
    created_ms = BigIntField()
    judged_ms = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "held_posts"


class ReplyStamp(Table):
    """Consent of one of our authors to a reply."""

    id = BigIntField(primary_key=True, generated=False)
    answered: Any = ForeignKeyField("beffroi.Post", related_name=False)
    answered_id: int
    replier: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    replier_id: int
    reply_uri = Text()
    created_ms = BigIntField()
    revoked_ms = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "reply_stamps"
        unique_together = (("answered_id", "reply_uri"),)


class ThreadMute(Pair):
    """A conversation that an account mutes."""

    actor_id = BigIntField(primary_key=True, generated=False)
    thread_id = BigIntField()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "thread_mutes"
        unique_together = (("actor_id", "thread_id"),)


class Filter(Table):
    """What a reader wants hidden."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    title = Text()
    contexts = Text()
    action = Text()
    expires_ms = BigIntField(null=True)
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "filters"


class FilterKeyword(Table):
    """A word of a filter."""

    id = BigIntField(primary_key=True, generated=False)
    of: Any = ForeignKeyField("beffroi.Filter", related_name=False, source_field="filter_id")
    of_id: int
    keyword = Text()
    whole_word = BooleanField(default=True)

    class Meta:
        """For Tortoise."""

        table = "filter_keywords"


class FilterPost(Table):
    """A post of a filter."""

    id = BigIntField(primary_key=True, generated=False)
    of: Any = ForeignKeyField("beffroi.Filter", related_name=False, source_field="filter_id")
    of_id: int
    post: Any = ForeignKeyField("beffroi.Post", related_name=False)
    post_id: int

    class Meta:
        """For Tortoise."""

        table = "filter_posts"
        unique_together = (("filter_id", "post_id"),)


class List(Table):
    """A list of one's own."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    title = Text()
    replies = Text()
    exclusive = BooleanField(default=False)
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "lists"


class ListMember(Table):
    """Who is in it."""

    id = BigIntField(primary_key=True, generated=False)
    list: Any = ForeignKeyField("beffroi.List", related_name=False)
    list_id: int
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    target: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    target_id: int

    class Meta:
        """For Tortoise."""

        table = "list_members"
        unique_together = (("list_id", "target_id"),)


class TagFollow(Table):
    """A hashtag that an account follows."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    tag: Any = ForeignKeyField("beffroi.Tag", related_name=False)
    tag_id: int
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "tag_follows"
        unique_together = (("actor_id", "tag_id"),)


class FeaturedTag(Table):
    """A hashtag that a profile shows."""

    id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    tag: Any = ForeignKeyField("beffroi.Tag", related_name=False)
    tag_id: int
    name = Text()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "featured_tags"
        unique_together = (("actor_id", "tag_id"),)


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
