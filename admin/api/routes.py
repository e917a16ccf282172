"""ONE table: every endpoint of the Admin API, with its duty. docs/clients.md says the same in words, and what is not served."""

from typing import Final

from starlette.routing import BaseRoute, Route

import node.api.routes
from admin.api import accounts, hosts, measures, reports, sign_up_rules, trends
from admin.api.door import Work, behind
from node.actors.permissions import Duty
from node.api.dispatch import ClientApi, Endpoint

_V1: Final = "/api/v1/admin"


def _line(method: str, path: str, work: Work, duty: Duty, what: str = "") -> Endpoint:
    """One endpoint; *what* its scope is about, and whether it reads or writes is said by the method."""
    right = "admin:read" if method == "GET" or what == "" or path.endswith("/test") else "admin:write"
    return Endpoint(method, path, behind(duty, work), "person", f"{right}:{what}" if what else right, act="look")


E = _line  # a line of the table is read, not spelled

_ACCOUNT: Final = f"{_V1}/accounts/:id"
_REPORT: Final = f"{_V1}/reports/:id"

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    # Accounts
    E("GET", f"{_V1}/accounts", accounts.listed, "see accounts", "accounts"),
    E("GET", "/api/v2/admin/accounts", accounts.listed, "see accounts", "accounts"),
    E("GET", _ACCOUNT, accounts.show, "see accounts", "accounts"),
    E("POST", f"{_ACCOUNT}/action", accounts.act, "judge accounts", "accounts"),
    E("POST", f"{_ACCOUNT}/enable", accounts.enable, "judge accounts", "accounts"),
    E("POST", f"{_ACCOUNT}/unsilence", accounts.unsilence, "judge accounts", "accounts"),
    E("POST", f"{_ACCOUNT}/unsuspend", accounts.unsuspend, "judge accounts", "accounts"),
    E("POST", f"{_ACCOUNT}/unsensitive", accounts.unsensitive, "judge accounts", "accounts"),
    E("POST", f"{_ACCOUNT}/approve", accounts.approve, "keep people", "accounts"),
    E("POST", f"{_ACCOUNT}/reject", accounts.reject, "keep people", "accounts"),
    # Reports
    E("GET", f"{_V1}/reports", reports.listed, "judge reports", "reports"),
    E("GET", _REPORT, reports.show, "judge reports", "reports"),
    E("PUT", _REPORT, reports.change, "judge reports", "reports"),
    E("PATCH", _REPORT, reports.change, "judge reports", "reports"),
    E("POST", f"{_REPORT}/assign_to_self", reports.take, "judge reports", "reports"),
    E("POST", f"{_REPORT}/unassign", reports.leave, "judge reports", "reports"),
    E("POST", f"{_REPORT}/resolve", reports.resolve, "judge reports", "reports"),
    E("POST", f"{_REPORT}/reopen", reports.reopen, "judge reports", "reports"),
    # Other servers
    E("GET", f"{_V1}/domain_blocks", hosts.blocks, "judge hosts", "domain_blocks"),
    E("POST", f"{_V1}/domain_blocks", hosts.block, "judge hosts", "domain_blocks"),
    E("GET", f"{_V1}/domain_blocks/:id", hosts.show_block, "judge hosts", "domain_blocks"),
    E("PUT", f"{_V1}/domain_blocks/:id", hosts.change, "judge hosts", "domain_blocks"),
    E("PATCH", f"{_V1}/domain_blocks/:id", hosts.change, "judge hosts", "domain_blocks"),
    E("DELETE", f"{_V1}/domain_blocks/:id", hosts.unblock, "judge hosts", "domain_blocks"),
    E("GET", f"{_V1}/domain_allows", hosts.allows, "judge hosts", "domain_allows"),
    E("POST", f"{_V1}/domain_allows", hosts.allow, "judge hosts", "domain_allows"),
    E("GET", f"{_V1}/domain_allows/:id", hosts.show_allow, "judge hosts", "domain_allows"),
    E("DELETE", f"{_V1}/domain_allows/:id", hosts.disallow, "judge hosts", "domain_allows"),
    # Who may not simply sign up
    E("GET", f"{_V1}/email_domain_blocks", sign_up_rules.mail_hosts, "keep people", "email_domain_blocks"),
    E("POST", f"{_V1}/email_domain_blocks", sign_up_rules.add_mail_host, "keep people", "email_domain_blocks"),
    E("GET", f"{_V1}/email_domain_blocks/:id", sign_up_rules.show_mail_host, "keep people", "email_domain_blocks"),
    E("DELETE", f"{_V1}/email_domain_blocks/:id", sign_up_rules.remove_mail_host, "keep people", "email_domain_blocks"),
    E("GET", f"{_V1}/ip_blocks", sign_up_rules.networks, "keep people", "ip_blocks"),
    E("POST", f"{_V1}/ip_blocks", sign_up_rules.add_network, "keep people", "ip_blocks"),
    E("GET", f"{_V1}/ip_blocks/:id", sign_up_rules.show_network, "keep people", "ip_blocks"),
    E("PUT", f"{_V1}/ip_blocks/:id", sign_up_rules.change_network, "keep people", "ip_blocks"),
    E("PATCH", f"{_V1}/ip_blocks/:id", sign_up_rules.change_network, "keep people", "ip_blocks"),
    E("DELETE", f"{_V1}/ip_blocks/:id", sign_up_rules.remove_network, "keep people", "ip_blocks"),
    E("GET", f"{_V1}/canonical_email_blocks", sign_up_rules.addresses, "keep people", "canonical_email_blocks"),
    E("POST", f"{_V1}/canonical_email_blocks", sign_up_rules.add_address, "keep people", "canonical_email_blocks"),
    E(
        "POST",
        f"{_V1}/canonical_email_blocks/test",
        sign_up_rules.test_address,
        "keep people",
        "canonical_email_blocks",
    ),
    E("GET", f"{_V1}/canonical_email_blocks/:id", sign_up_rules.show_address, "keep people", "canonical_email_blocks"),
    E(
        "DELETE",
        f"{_V1}/canonical_email_blocks/:id",
        sign_up_rules.remove_address,
        "keep people",
        "canonical_email_blocks",
    ),
    # Figures
    E("POST", f"{_V1}/measures", measures.measures, "open the console"),
    E("POST", f"{_V1}/dimensions", measures.dimensions, "open the console"),
    E("POST", f"{_V1}/retention", measures.retention, "open the console"),
    E("GET", f"{_V1}/trends/tags", trends.of_tags, "open the console"),
    E("GET", f"{_V1}/trends/statuses", trends.of_statuses, "open the console"),
)

api = ClientApi((*node.api.routes.ENDPOINTS, *ENDPOINTS))
"""What clients ask, and what those who moderate ask: one table of both."""

routes: list[BaseRoute] = [
    Route("/api/v1/admin/{rest:path}", api),
    Route("/api/v2/admin/{rest:path}", api),
]
