"""Lists of hosts in Mastodon's form: read line by line, compared with what holds here, taken over, and written.

    #domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate
    evil.example,suspend,true,true,Harcèlement,false

A list never loosens what holds already, unless that is asked for. One wrong line, and nothing of the list is taken.
"""

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from node.actors import domains as local_domains
from node.actors import hosts
from node.actors.hosts import Policies, Policy, Severity
from node.moderation import domains
from node.moderation.domains import Effect
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import BeffroiError, Invalid
from node.runtime.i18n import Sentence
from node.runtime.i18n.sentences import sentence

MAX_BYTES: Final = 900_000
MAX_LINES: Final = 20_000
_MAX_COMMENT_CHARS: Final = 500
_FAULTS_SHOWN: Final = 20
_COLUMNS: Final = ("domain", "severity", "reject_media", "reject_reports", "public_comment", "obfuscate")
_SEVERITIES: Final[Mapping[str, Severity]] = {
    "": "suspend", "suspend": "suspend", "silence": "silence", "limit": "silence", "noop": "none",
}  # fmt: skip
_TRUE: Final = frozenset({"true", "1", "yes", "t"})
_FALSE: Final = frozenset({"false", "0", "no", "f", ""})
_RANK: Final[Mapping[Severity, int]] = {"none": 0, "silence": 1, "suspend": 2}
_SPELT: Final[Mapping[Severity, str]] = {"none": "noop", "silence": "silence", "suspend": "suspend"}


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that cannot be taken."""

    number: int
    """Of the line in the file, the first being 1."""
    why: Sentence


class WrongLines(Invalid):
    """Some lines are wrong; nothing of the list is taken."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = faults
        shown: Sentence | None = None
        for fault in reversed(faults[:_FAULTS_SHOWN]):
            line = sentence("line %(number)s: %(why)s", number=fault.number, why=fault.why)
            shown = line if shown is None else sentence("%(line)s; %(more)s", line=line, more=shown)
        super().__init__(
            sentence(
                "Nothing was changed. Lines that are wrong: %(count)s. %(lines)s", count=len(faults), lines=shown or ""
            )
        )


@dataclass(frozen=True, slots=True)
class Change:
    """What a line does to what holds now."""

    before: Policy
    """What holds for the host: its own policy, one above it, or none."""
    after: Policy
    follows: int = 0
    """Accepted follows, both ways, that end with it."""

    @property
    def new(self) -> bool:
        """Nothing was said of this host until now."""
        return self.before.host != self.after.host


@dataclass(frozen=True, slots=True)
class Preview:
    """What a list would do."""

    changes: Sequence[Change]
    same: int
    """Lines that say what holds already."""
    kept: Sequence[Policy]
    """What holds here and is stricter than the list: it stays."""

    @property
    def follows(self) -> int:
        """Accepted follows that would end."""
        return sum(change.follows for change in self.changes)


def read(text: str) -> list[Policy]:
    """The policies on a list; with a header in Mastodon's words, or hosts alone.

    Raises:
        WrongLines: some lines are wrong, each named by its number.
        Invalid: too long, or nothing in it.
    """
    if len(text) > MAX_BYTES:
        raise Invalid(sentence("This list is longer than %(count)s bytes.", count=MAX_BYTES))
    names: Sequence[str] = ("domain",)
    found: dict[str, tuple[int, Policy]] = {}
    faults: list[Fault] = []
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    while True:
        try:
            row = next(rows, None)
        except csv.Error:
            faults.append(Fault(rows.line_num, sentence("a quotation mark is missing, or one is too much")))
            continue
        if row is None:
            break
        number = rows.line_num
        if number > MAX_LINES:
            raise Invalid(sentence("This list has more than %(count)s lines.", count=MAX_LINES))
        header = _header(row)
        if header is not None and not found:
            names = header
        elif any(row) and not (row[0].startswith("#") and len(row) == 1):
            _take(
                number, dict(zip(names, (each.strip() for each in row), strict=False)), len(row), names, found, faults
            )
    if faults:
        raise WrongLines(faults)
    if not found:
        raise Invalid(sentence("There is no host on this list."))
    return [policy for _, policy in found.values()]


def _header(row: Sequence[str]) -> Sequence[str] | None:
    names = [each.strip().lstrip("#").lower() for each in row]
    return names if names and names[0] == "domain" else None


def _take(
    number: int,
    values: Mapping[str, str],
    width: int,
    names: Sequence[str],
    found: dict[str, tuple[int, Policy]],
    faults: list[Fault],
) -> None:
    try:
        if width > len(names):
            raise Invalid(sentence("there are more columns than in the first line"))
        policy = _policy(values)
        standing = found.get(policy.host)
        if standing is not None and standing[1] != policy:
            raise Invalid(sentence("line %(other)s says another thing of the same host", other=standing[0]))
        found.setdefault(policy.host, (number, policy))
    except BeffroiError as error:
        faults.append(Fault(number, error.args[0]))


def _policy(values: Mapping[str, str]) -> Policy:
    host = values["domain"]
    if "*" in host:
        raise Invalid(sentence("the name is hidden by stars: ask for the list with whole names"))
    severity = _SEVERITIES.get(values.get("severity", "").lower())
    if severity is None:
        raise Invalid(
            sentence("%(word)s is no severity: suspend, silence or noop", word=ascii(values.get("severity", "")[:50]))
        )
    return Policy(
        hosts.normal(host), severity, _flag(values, "reject_media"), "",
        values.get("public_comment", "")[:_MAX_COMMENT_CHARS], _flag(values, "reject_reports"),
        _flag(values, "obfuscate"),
    )  # fmt: skip


def _flag(values: Mapping[str, str], name: str) -> bool:
    text = values.get(name, "").lower()
    if text not in _TRUE | _FALSE:
        raise Invalid(sentence("%(name)s is true or false", name=name))
    return text in _TRUE


def write(policies: Iterable[Policy]) -> str:
    """The list in Mastodon's form: what is limited or refused here. That others are allowed is not on it."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow([f"#{name}" for name in _COLUMNS])
    for policy in policies:
        if policy.host == hosts.EVERYONE or not _says_something(policy):
            continue
        flags = [_word(each) for each in (policy.reject_media, policy.reject_reports)]
        rows.writerow(
            [policy.host, _SPELT[policy.severity], *flags, _safe(policy.public_comment), _word(policy.obfuscate)]
        )
    return out.getvalue()


def _word(flag: bool) -> str:
    return "true" if flag else "false"


def _safe(text: str) -> str:
    # A cell that begins so is a formula for a spreadsheet.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _says_something(policy: Policy) -> bool:
    return policy.severity != "none" or policy.reject_media or policy.reject_reports


async def preview(reader: Reader, wanted: Sequence[Policy], *, loosen: bool = False) -> Preview:
    """What taking *wanted* over would do; with *loosen*, also where something stricter holds here.

    Raises:
        Invalid: a line is, or holds, a domain of this node.
    """
    own = [host for domain in await local_domains.all(reader) for host in (domain.handle_host, domain.service_host)]
    for policy in wanted:
        if policy.severity != "none" and any(hosts.covers(policy.host, each) for each in own):
            raise Invalid(sentence("This is, or holds, a domain of this server: %(name)s", name=policy.host))
    standing = await hosts.in_force(reader)
    follows = await follows_with(reader)
    changes: list[Change] = []
    kept: list[Policy] = []
    same = 0
    for policy in wanted:
        before = standing.of(policy.host)
        after = _after(standing, before, policy, loosen=loosen)
        if after is None:
            same += 1
            if _stricter(before, policy):
                kept.append(before)
            continue
        cut = after.suspended and not (before.suspended and before.host != hosts.EVERYONE)
        changes.append(Change(before, after, cut_by(follows, policy.host) if cut else 0))
    return Preview(changes, same, kept)


def _after(standing: Policies, before: Policy, wanted: Policy, *, loosen: bool) -> Policy | None:
    """What shall hold for the host; None: nothing changes."""
    own = standing.by_host.get(wanted.host)
    if loosen:
        # To say nothing of a host lets it in where only listed ones are dealt with: that is `allow`, never a list.
        if standing.only_listed and not _says_something(wanted):
            return None
        after = replace(wanted, reason=own.reason if own else "", list_id=None)
    else:
        if not _stricter(wanted, before):
            return None
        after = replace(
            wanted,
            severity=max(wanted.severity, before.severity, key=_RANK.__getitem__),
            reject_media=wanted.reject_media or before.reject_media,
            reject_reports=wanted.reject_reports or before.reject_reports,
            reason=own.reason if own else "",
            public_comment=(own.public_comment if own else "") or wanted.public_comment,
            list_id=None,
        )
    return None if own is not None and replace(own, list_id=None) == after else after


def _stricter(one: Policy, other: Policy) -> bool:
    """Whether *one* refuses anything that *other* does not."""
    media = one.refuses_media and not other.refuses_media
    reports = (one.reject_reports or one.suspended) and not (other.reject_reports or other.suspended)
    return _RANK[one.severity] > _RANK[other.severity] or media or reports


async def take(tx: Tx, ctx: Context, wanted: Sequence[Policy], *, loosen: bool = False) -> tuple[Preview, Effect]:
    """Take *wanted* over; what was done, as `preview` says it. Again changes nothing.

    Raises: as `preview`; then nothing is changed.
    """
    done = await preview(tx, wanted, loosen=loosen)
    return done, await domains.decide(tx, ctx, [change.after for change in done.changes])


async def follows_with(reader: Reader) -> Mapping[tuple[str, str], int]:
    """Accepted follows between people here and each pair of (service host, handle host) elsewhere. One query."""
    rows = await reader.fetch(
        "SELECT service_host, handle_host, SUM(n) FROM ("
        "SELECT a.service_host, a.handle_host, COUNT(*) AS n FROM follows f JOIN actors a ON a.id = f.followee_id "
        "WHERE f.state = 'accepted' AND a.domain_id IS NULL GROUP BY a.service_host, a.handle_host UNION ALL "
        "SELECT a.service_host, a.handle_host, COUNT(*) AS n FROM follows f JOIN actors a ON a.id = f.follower_id "
        "WHERE f.state = 'accepted' AND a.domain_id IS NULL GROUP BY a.service_host, a.handle_host) AS both_ways "
        "GROUP BY service_host, handle_host"
    )
    return {(row[0], row[1]): int(row[2]) for row in rows}


def cut_by(follows: Mapping[tuple[str, str], int], host: str) -> int:
    """Of those, the ones that end when *host* is suspended."""
    return sum(count for pair, count in follows.items() if any(hosts.covers(host, each) for each in pair))


def followed(follows: Collection[tuple[str, str]], host: str) -> bool:
    """Whether one of those pairs is at *host*, or below it."""
    return any(hosts.covers(host, each) for pair in follows for each in pair)
