"""Mastodon.py, unmodified, moderates: accounts, reports, other servers, sign-ups, figures."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from mastodon import Mastodon
from mastodon.errors import MastodonAPIError, MastodonNotFoundError

from node.cli.demo.agents import SCOPES, Agent
from node.cli.demo.browser import Browser
from tests.clients.village import PASSWORD, Village

pytestmark = pytest.mark.xdist_group("clients")


@pytest.fixture(scope="module")
def karla(village: Village) -> Mastodon:
    """A keeper's application, before and after she showed a second factor in her browser."""
    agent = Agent(village.node, "karla@village.example", PASSWORD)
    village.node.command("user", "create", agent.email, "--password", PASSWORD, "--keeper")
    village.node.command("actor", "create", "--username", "karla", "--name", "Karla", "--member", agent.email)
    client = agent.log_in("Une application qui modère", scopes=[*SCOPES, "admin:read", "admin:write"])
    with pytest.raises(MastodonAPIError, match="Forbidden"):
        client.admin_accounts_v2()
    enrol(village, agent)
    return client


def enrol(village: Village, agent: Agent) -> None:
    """Log in at a browser, and add an application with codes: from then on a second factor was shown today."""
    session = village.node.session()
    browser = Browser(session)
    page = session.get(f"{village.node.url}/account/security", timeout=20)
    page = browser.fill(page, "password", {"email": agent.email, "password": PASSWORD})
    page = browser.fill(page, "kind", {"kind": "totp", "name": "téléphone", "password": PASSWORD})
    secret = browser.codes(page)[0].replace(" ", "")
    page = browser.fill(page, "code", {"code": pyotp.TOTP(secret).now()})
    assert page.status_code == 200, page.text


def test_accounts_are_found_judged_and_let_back(village: Village, karla: Mastodon, camille: Mastodon) -> None:
    (found,) = karla.admin_accounts_v2(origin="local", username="camil")
    assert (found.account.acct, found.email) == ("camille", "camille@village.example")
    assert [each["username"] for each in karla.admin_accounts_v1(staff_only=True)].count("karla") == 1
    karla.admin_account_moderate(found.id, action="silence", text="Trop de messages")
    assert karla.admin_account(found.id).silenced is True
    assert karla.admin_account_unsilence(found.id).silenced is False
    karla.admin_account_moderate(found.id, action="disable", text="À voir")
    with pytest.raises(MastodonAPIError):
        camille.status_post("Encore moi")
    assert karla.admin_account_enable(found.id).disabled is False
    camille.status_delete(camille.status_post("De retour"))
    with pytest.raises(MastodonNotFoundError):
        karla.admin_account(1)
    with pytest.raises(MastodonAPIError):
        camille.admin_accounts_v2()


def test_reports_are_worked_through(village: Village, karla: Mastodon, camille: Mastodon, mairie: Mastodon) -> None:
    status = camille.status_post("Quelque chose")
    told = mairie.report(camille.me().id, status_ids=[status.id], comment="À regarder")
    report = karla.admin_report(told.id)
    assert (report.target_account.account.acct, report.account.account.acct) == ("camille", "mairie")
    assert [each.id for each in report.statuses] == [status.id]
    assert karla.admin_report_assign(report.id).assigned_account.account.acct == "karla"
    assert karla.admin_report_unassign(report.id).assigned_account is None
    assert karla.admin_report_resolve(report.id).action_taken is True
    assert report.id in [each.id for each in karla.admin_reports(resolved=True)]
    assert karla.admin_report_reopen(report.id).action_taken is False
    karla.admin_account_moderate(camille.me().id, action="none", report_id=report.id, text="Attention au ton")
    assert karla.admin_report(report.id).action_taken_by_account.account.acct == "karla"
    camille.status_delete(status)


def test_other_servers_and_sign_ups_are_ruled(karla: Mastodon) -> None:
    block = karla.admin_create_domain_block("evil.example", severity="silence", private_comment="Publicité")
    assert karla.admin_update_domain_block(block.id, severity="suspend").severity == "suspend"
    assert [each.domain for each in karla.admin_domain_blocks()] == ["evil.example"]
    karla.admin_delete_domain_block(block.id)
    allowed = karla.admin_create_domain_allow("good.example")
    assert karla.admin_domain_allow(allowed.id).domain == "good.example"
    karla.admin_delete_domain_allow(allowed.id)
    mail = karla.admin_create_email_domain_block("jetable.example")
    assert karla.admin_email_domain_block(mail.id).domain == "jetable.example"
    karla.admin_delete_email_domain_block(mail.id)
    network = karla.admin_create_ip_block("192.0.2.0/24", "sign_up_block")
    changed = karla.admin_update_ip_block(network.id, severity="sign_up_requires_approval", comment="x")
    assert (changed.severity, changed.comment) == ("sign_up_requires_approval", "x")
    karla.admin_delete_ip_block(network.id)
    address = karla.admin_create_canonical_email_block(email="Jean.Dupont+lettres@mail.example")
    assert karla.admin_test_canonical_email_block("jeandupont@mail.example")[0].id == address.id
    karla.admin_delete_canonical_email_block(address.id)
    assert karla.admin_canonical_email_blocks() == []


def test_figures_are_read(karla: Mastodon) -> None:
    now = datetime.now(UTC)
    since = now - timedelta(days=3)
    (measure,) = karla.admin_measures(since, now, new_users=True)
    assert (measure.key, len(measure.data)) == ("new_users", 4)
    assert int(measure.total) >= 3
    keys = {each.key: each for each in karla.admin_dimensions(since, now, software_versions=True, languages=True)}
    assert "beffroi" in [line.key for line in keys["software_versions"].data]
    assert len(karla.admin_retention(since, now)) == 4
