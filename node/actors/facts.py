"""What happens to actors, as frozen facts; node.reactions says who reacts."""

from dataclasses import dataclass

from node.actors.roles import Role


@dataclass(frozen=True, slots=True)
class ActorCreated:
    """A local actor was made. A remote one is only met: nothing follows from that."""

    actor_id: int


@dataclass(frozen=True, slots=True)
class ActorUpdated:
    """A profile or a key changed."""

    actor_id: int
    local: bool


@dataclass(frozen=True, slots=True)
class ActorDeleted:
    """It is gone for good. Its follows with remote actors stay as rows, so that a Delete finds its way."""

    actor_id: int
    uri: str
    local: bool


@dataclass(frozen=True, slots=True)
class ActorMoved:
    """It is now another account, which says so too; *uri* names the Move."""

    actor_id: int
    target_id: int
    uri: str
    local: bool


@dataclass(frozen=True, slots=True)
class ActorSuspended:
    """A moderator silenced it whole; it may come back."""

    actor_id: int


@dataclass(frozen=True, slots=True)
class ActorUnsuspended:
    """It came back."""

    actor_id: int


@dataclass(frozen=True, slots=True)
class Judged:
    """The moderation decided about one of ours; the decision is node.moderation's."""

    actor_id: int
    decision_id: int


@dataclass(frozen=True, slots=True)
class MembershipChanged:
    """A person speaks for a local actor as something else than before; None: not at all."""

    person_id: int
    actor_id: int
    before: Role | None
    role: Role | None


@dataclass(frozen=True, slots=True)
class FollowRequested:
    """A follow waits for its followee's answer."""

    follow_id: int
    follower_id: int
    followee_id: int
    uri: str


@dataclass(frozen=True, slots=True)
class FollowAccepted:
    """A follow holds. Stated again when the follower asks again, so that a lost Accept is sent again."""

    follow_id: int
    follower_id: int
    followee_id: int
    uri: str
    remote: bool
    """The follower is on another server."""


@dataclass(frozen=True, slots=True)
class FollowRejected:
    """The followee refused a follow, or ended one that held."""

    follower_id: int
    followee_id: int
    uri: str


@dataclass(frozen=True, slots=True)
class Unfollowed:
    """The follower ended a follow, or took the request back."""

    follower_id: int
    followee_id: int
    uri: str


@dataclass(frozen=True, slots=True)
class Blocked:
    """*actor* no longer wants to hear of *target*, nor to be read by it."""

    actor_id: int
    target_id: int
    uri: str


@dataclass(frozen=True, slots=True)
class Unblocked:
    """The block *uri* ended."""

    actor_id: int
    target_id: int
    uri: str


@dataclass(frozen=True, slots=True)
class HostPolicyChanged:
    """The policy of a host and of all below it is another."""

    host: str
