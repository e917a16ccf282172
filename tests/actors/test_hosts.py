"""The door for other servers: however a host is written, and whatever stands before it, a rule holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.actors import domains, hosts
from node.actors.facts import HostPolicyChanged
from node.actors.hosts import HostSuspended
from node.runtime.errors import BeffroiError, Invalid, NotFound

LABEL = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True).filter(lambda label: label[:4] != "xn--")
HOST = st.lists(LABEL, min_size=2, max_size=5).map(".".join).filter(lambda host: not host.rsplit(".")[-1][0].isdigit())


async def decide(town, host, severity="suspend", **more):
    return await town.ctx.db.write(lambda tx: hosts.set_policy(tx, town.ctx, host=host, severity=severity, **more))


@pytest.mark.parametrize(
    "written",
    [
        "evil.example", "EVIL.Example", "evil.example.", "a.evil.example", "b.a.evil.example:8443", " evil.example ",
        "evil.example:443", "évil.evil.example", "xn--vil-9la.evil.example",
    ],
)  # fmt: skip
async def test_a_rule_covers_every_spelling_and_all_below(town, written):
    await decide(town, "Evil.Example.", reason="spam")
    reader = town.ctx.db.reader
    assert (await hosts.policy(reader, written)).suspended
    with pytest.raises(HostSuspended):
        await hosts.refuse_blocked(reader, written)
    with pytest.raises(HostSuspended):
        (await hosts.policies(town.ctx)).refuse_blocked(written)
    assert (await hosts.in_force(reader)).suspends(written)


@pytest.mark.parametrize(
    "other", ["example", "notevil.example", "evil.example.org", "vil.example", "127.0.0.1", "[::1]"]
)
async def test_a_rule_covers_nothing_else(town, other):
    await decide(town, "evil.example")
    await hosts.refuse_blocked(town.ctx.db.reader, other)
    (await hosts.policies(town.ctx)).refuse_blocked(other)
    assert (await hosts.policy(town.ctx.db.reader, other)).severity == "none"


async def test_an_accented_host_is_its_ascii_form(town):
    await decide(town, "Évil.example")
    with pytest.raises(HostSuspended):
        await hosts.refuse_blocked(town.ctx.db.reader, "xn--vil-9la.example")


async def test_the_most_precise_rule_decides(town):
    """A keeper blocks a whole provider, and makes an exception for one town on it."""
    await decide(town, "provider.example")
    await decide(town, "town.provider.example", "none")
    await decide(town, "noisy.town.provider.example", "silence", reject_media=True)
    for found in (lambda host: hosts.policy(town.ctx.db.reader, host), lambda host: _kept(town, host)):
        assert (await found("other.provider.example")).suspended
        assert (await found("town.provider.example")).severity == "none"
        noisy = await found("a.noisy.town.provider.example")
        assert (noisy.severity, noisy.refuses_media, noisy.host) == ("silence", True, "noisy.town.provider.example")


async def _kept(town, host):
    return (await hosts.policies(town.ctx)).of(host)


async def test_a_decision_holds_at_once_and_can_be_taken_back(town):
    """The rules are kept in memory for hot paths; a change is seen by the next request all the same."""
    assert not (await hosts.policies(town.ctx)).of("evil.example").suspended
    town.facts.clear()
    await decide(town, "evil.example")
    assert [fact.host for fact in town.told(HostPolicyChanged)] == ["evil.example"]
    assert (await hosts.policies(town.ctx)).of("evil.example").suspended
    await decide(town, "evil.example", "silence", reject_media=True, reason="too loud")
    (policy,) = await hosts.every(town.ctx.db.reader)
    assert (policy.severity, policy.reject_media, policy.reason) == ("silence", True, "too loud")
    assert (await hosts.policies(town.ctx)).of("evil.example").refuses_media
    assert await town.ctx.db.write(lambda tx: hosts.clear_policy(tx, town.ctx, host="EVIL.example"))
    assert not await town.ctx.db.write(lambda tx: hosts.clear_policy(tx, town.ctx, host="evil.example"))
    assert (await hosts.policies(town.ctx)).of("evil.example").severity == "none"


async def test_another_process_hears_of_a_decision_within_seconds(town):
    kept = await hosts.policies(town.ctx)
    await decide(town, "evil.example")
    town.ctx.cache.of("host_policies").put("all", kept)  # as a process that was not told holds it
    town.ctx.clock.forward(11)
    assert (await hosts.policies(town.ctx)).of("evil.example").suspended


@pytest.mark.parametrize("host", ["", ".", "a b", "a/b", "a?b", "a@b", "http://a", "a\0", "1.2.3", "x" * 300, "a..b"])
async def test_what_is_no_host_is_refused(town, host):
    with pytest.raises(Invalid):
        hosts.normal(host)
    with pytest.raises(Invalid):
        await hosts.policy(town.ctx.db.reader, host)
    assert (await hosts.in_force(town.ctx.db.reader)).suspends(host)
    with pytest.raises(Invalid):
        await decide(town, host)
    with pytest.raises(Invalid):
        await decide(town, "evil.example", "destroy")


@given(HOST)
def test_a_normal_host_stays_as_it_is(host):
    assert hosts.normal(host) == host
    assert hosts.normal(host.upper() + ".") == host
    assert hosts.normal(f"{host}:8443") == host
    assert hosts.authority(f"{host}:8443") == f"{host}:8443"
    assert hosts.of_uri(f"https://{host}:8443/users/a") == f"{host}:8443"
    assert hosts.covers(host, f"a.{host}")
    assert not hosts.covers(f"a.{host}", host)


@given(st.text(max_size=40))
def test_any_text_is_a_host_or_refused(text):
    for read in (hosts.normal, hosts.authority, hosts.of_uri):
        try:
            found = read(text)
        except BeffroiError:
            continue
        assert found == found.lower()
        assert found.isascii()


async def test_the_host_of_a_request_chooses_the_town(town):
    """Handle host and service host both answer; of two towns on one service host, the first speaks for it."""
    ctx = town.ctx
    village = await ctx.db.write(
        lambda tx: domains.create(
            tx, ctx, handle_host="village.example", service_host="social.town.example", name="Village"
        )
    )
    reader = ctx.db.reader
    for host, meant in (
        ("town.example", town.domain),
        ("Social.Town.Example.", town.domain),
        ("social.town.example:443", town.domain),
        ("village.example", village),
    ):
        assert await domains.for_request(reader, host) == meant
    for host in ("elsewhere.example", "social.town.example:8443", "", "a b", "\0"):
        with pytest.raises(NotFound):
            await domains.for_request(reader, host)
    assert await domains.all(reader) == [town.domain, village]
    assert await domains.by_service_host(reader, "social.town.example") == [town.domain, village]
    assert await domains.by_handle_host(reader, "village.example") == village
    assert await domains.by_id(reader, village.id) == village
    assert await domains.is_local(reader, "village.example")
    assert not await domains.is_local(reader, "remote.example")
    with pytest.raises(Invalid):
        await ctx.db.write(
            lambda tx: domains.create(tx, ctx, handle_host="town.example", service_host="x.example", name="Again")
        )
    await ctx.db.write(
        lambda tx: domains.update(
            tx,
            domain=village,
            name="Village",
            description="Un village",
            contact_email="m@v.example",
            registrations="open",
        )
    )
    found = await domains.by_id(reader, village.id)
    assert found is not None
    assert (found.description, found.registrations) == ("Un village", "open")


async def test_a_laboratory_host_keeps_its_port(town):
    ctx = town.ctx
    lab = await ctx.db.write(
        lambda tx: domains.create(tx, ctx, handle_host="localhost:8080", service_host="localhost:8080", name="Lab")
    )
    assert await domains.for_request(ctx.db.reader, "localhost:8080") == lab
    with pytest.raises(NotFound):
        await domains.for_request(ctx.db.reader, "localhost")
