"""The tables of case files, reports, decisions, appeals and the log, for the ORM. The migrations are the truth."""

from typing import Any

from tortoise.fields import (
    NO_ACTION,
    SET_NULL,
    BigIntField,
    BinaryField,
    BooleanField,
    ForeignKeyField,
    IntField,
    OneToOneField,
)

from node.runtime.database.orm import Pair, Table, Text


class Case(Table):
    """What is told of one account, until it is decided."""

    id = BigIntField(primary_key=True, generated=False)
    year = BigIntField()
    place = BigIntField()
    target: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    target_id: int
    assigned: Any = ForeignKeyField("beffroi.Person", related_name=False, on_delete=SET_NULL, null=True)
    assigned_id: int | None
    state = Text(default="open")
    created_ms = BigIntField()
    closed_ms = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "cases"
        unique_together = (("year", "place"),)


class CaseEvent(Table):
    """One thing that happened to a case."""

    id = BigIntField(primary_key=True, generated=False)
    case: Any = ForeignKeyField("beffroi.Case", related_name=False)
    case_id: int
    kind = Text()
    person_id = BigIntField(null=True)
    name = Text(default="")
    words = Text(default="")
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "case_events"


class Decision(Table):
    """What was decided about an account or its posts, and why."""

    id = BigIntField(primary_key=True, generated=False)
    case: Any = ForeignKeyField("beffroi.Case", related_name=False)
    case_id: int
    target: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    target_id: int
    kind = Text()
    ground = Text()
    ground_words = Text(default="")
    facts = Text(default="")
    found = Text()
    automated = BooleanField(default=False)
    decided_by_id = BigIntField(null=True)
    decided_by_name = Text(default="")
    state = Text(default="standing")
    ends_ms = BigIntField(null=True)
    ended_ms = BigIntField(null=True)
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "decisions"


class DecidedPost(Pair):
    """A post that a decision was about, as it was."""

    post_id = BigIntField(primary_key=True, generated=False)
    decision: Any = ForeignKeyField("beffroi.Decision", related_name=False)
    decision_id: int
    uri = Text()
    content = Text(default="")
    before = BooleanField(default=False)
    published_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "decided_posts"
        unique_together = (("decision_id", "post_id"),)


class Report(Table):
    """What somebody told the keepers."""

    id = BigIntField(primary_key=True, generated=False)
    case: Any = ForeignKeyField("beffroi.Case", related_name=False)
    case_id: int
    source = Text()
    uri = Text()
    reporter: Any = ForeignKeyField("beffroi.Actor", related_name=False, null=True)
    reporter_id: int | None
    reporter_host = Text()
    person: Any = ForeignKeyField("beffroi.Person", related_name=False, on_delete=SET_NULL, null=True)
    person_id: int | None
    reporter_name = Text(default="")
    reporter_email = Text(default="")
    language = Text(default="")
    target: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    target_id: int
    posts = Text(default="[]")
    comment = Text(default="")
    category = Text(default="other")
    ground = Text(default="")
    state = Text(default="open")
    decision: Any = ForeignKeyField("beffroi.Decision", related_name=False, on_delete=SET_NULL, null=True)
    decision_id: int | None
    forwarded = BooleanField(default=False)
    repeats = IntField(default=0)
    token_hash = Text(null=True, unique=True)
    token_sealed = BinaryField(null=True)
    created_ms = BigIntField()
    closed_ms = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "reports"


class Appeal(Table):
    """Somebody does not accept a decision."""

    id = BigIntField(primary_key=True, generated=False)
    decision: Any = ForeignKeyField("beffroi.Decision", related_name=False)
    decision_id: int
    report: Any = ForeignKeyField("beffroi.Report", related_name=False, null=True)
    report_id: int | None
    person_id = BigIntField(null=True)
    words = Text()
    state = Text(default="pending")
    judged_by_id = BigIntField(null=True)
    judged_by_name = Text(default="")
    reasons = Text(default="")
    created_ms = BigIntField()
    judged_ms = BigIntField(null=True)

    class Meta:
        """For Tortoise."""

        table = "appeals"


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


class HostList(Table):
    """A list of hosts that somebody else keeps."""

    id = BigIntField(primary_key=True, generated=False)
    url = Text(unique=True)
    name = Text(default="")
    error = Text(default="")
    tried_ms = BigIntField(default=0)
    fetched_ms = BigIntField(null=True)
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "host_lists"


class HostListEntry(Pair):
    """A host on such a list."""

    list: Any = ForeignKeyField("beffroi.HostList", related_name=False)
    list_id: int
    host = Text(primary_key=True)
    severity = Text()
    reject_media = BooleanField(default=False)
    reject_reports = BooleanField(default=False)
    public_comment = Text(default="")
    obfuscate = BooleanField(default=False)
    state = Text()

    class Meta:
        """For Tortoise."""

        table = "host_list_entries"
        unique_together = (("list_id", "host"),)


class SpamSuspect(Table):
    """A post of somebody met lately that names people here."""

    post: Any = OneToOneField("beffroi.Post", related_name=False, primary_key=True)
    post_id: int
    author: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    author_id: int
    skeleton = Text()
    named = IntField(default=0)
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "spam_suspects"


class SpamWave(Table):
    """Many posts alike."""

    id = BigIntField(primary_key=True, generated=False)
    skeleton = Text(unique=True)
    state = Text()
    example = Text(default="")
    posts = IntField(default=0)
    report_id = BigIntField(null=True)
    created_ms = BigIntField()
    last_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "spam_waves"


class SiteRule(Pair):
    """A rule of a site."""

    domain_id = BigIntField(primary_key=True, generated=False)
    number = IntField()
    place = IntField()
    words = Text()
    hint = Text(default="")

    class Meta:
        """For Tortoise."""

        table = "rules"
        unique_together = (("domain_id", "number"),)


class Announcement(Table):
    """What a site tells everybody who uses it."""

    id = BigIntField(primary_key=True, generated=False)
    domain: Any = ForeignKeyField("beffroi.Domain", related_name=False, on_delete=NO_ACTION)
    domain_id: int
    words = Text()
    starts_ms = BigIntField(null=True)
    ends_ms = BigIntField(null=True)
    published_ms = BigIntField(null=True)
    created_ms = BigIntField()
    updated_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "announcements"


class AnnouncementRead(Pair):
    """An account has read it."""

    announcement_id = BigIntField(primary_key=True, generated=False)
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "announcement_reads"
        unique_together = (("announcement_id", "actor_id"),)


class AnnouncementReaction(Table):
    """How an account reacted to it."""

    id = BigIntField(primary_key=True, generated=False)
    announcement: Any = ForeignKeyField("beffroi.Announcement", related_name=False)
    announcement_id: int
    actor: Any = ForeignKeyField("beffroi.Actor", related_name=False)
    actor_id: int
    name = Text()
    created_ms = BigIntField()

    class Meta:
        """For Tortoise."""

        table = "announcement_reactions"
        unique_together = (("announcement_id", "actor_id", "name"),)


class LegalNotice(Table):
    """Who publishes a site, as the law wants it said."""

    domain: Any = OneToOneField("beffroi.Domain", related_name=False, on_delete=NO_ACTION, primary_key=True)
    domain_id: int
    publisher = Text(default="")
    siren = Text(default="")
    director = Text(default="")
    host = Text(default="")
    dpo = Text(default="")

    class Meta:
        """For Tortoise."""

        table = "legal_notices"
