"""ONE table: the pages of the console, each with the duty that opens it. What is linked from them: `navigation.py`."""

from starlette.routing import Route

from admin.console import (
    accounts,
    agreements,
    announcements,
    attention,
    domains,
    emojis,
    health,
    hosts,
    invitations,
    log,
    mail,
    people,
    queues,
    reports,
    rules,
    sign_ups,
    storage,
)
from admin.console.door import Work, behind
from node.actors.permissions import Duty
from node.web.visits import page


def _get(path: str, duty: Duty, show: Work) -> Route:
    return Route(path, page(behind(duty, show)), methods=["GET"], name=duty)


def _post(path: str, duty: Duty, do: Work, *, max_bytes: int | None = None) -> Route:
    return Route(path, page(behind(duty, do, max_bytes=max_bytes)), methods=["POST"], name=duty)


routes: list[Route] = [
    _get("/admin", "open the console", attention.show),
    _get("/admin/people", "see people", people.show_all),
    _get("/admin/people/new", "keep people", people.show_new),
    _post("/admin/people/new", "keep people", people.create),
    _get("/admin/people/{id}", "see people", people.show),
    _post("/admin/people/{id}/{act}", "keep people", people.do),
    _get("/admin/accounts", "see accounts", accounts.show_all),
    _get("/admin/accounts/new", "keep accounts", accounts.show_new),
    _post("/admin/accounts/new", "keep accounts", accounts.create),
    _get("/admin/accounts/{id}", "see accounts", accounts.show),
    _post("/admin/accounts/{id}/{act}", "judge accounts", accounts.do),  # what is more is asked of each operation
    _get("/admin/agreements", "keep accounts", agreements.show_all),
    _get("/admin/agreements/{id}", "keep accounts", agreements.show),
    _post("/admin/agreements/{id}", "keep accounts", agreements.do),
    _get("/admin/domains", "keep domains", domains.show_all),
    _post("/admin/domains", "keep domains", domains.add),
    _get("/admin/domains/{id}", "keep domains", domains.show),
    _post("/admin/domains/{id}", "keep domains", domains.describe),
    _post("/admin/domains/{id}/legal", "keep domains", domains.say_legal),
    _get("/admin/rules", "keep domains", rules.show),
    _post("/admin/rules", "keep domains", rules.do),
    _get("/admin/announcements", "keep domains", announcements.show),
    _post("/admin/announcements", "keep domains", announcements.do),
    _get("/admin/emojis", "keep domains", emojis.show),
    _post("/admin/emojis", "keep domains", emojis.do, max_bytes=emojis.MAX_FORM_BYTES),
    _get("/admin/sign-ups", "keep people", sign_ups.show),
    _post("/admin/sign-ups/{id}", "keep people", sign_ups.do),
    _get("/admin/sign-up-rules", "keep people", sign_ups.show_rules),
    _post("/admin/sign-up-rules", "keep people", sign_ups.do_rules),
    _get("/admin/invitations", "keep people", invitations.show),
    _post("/admin/invitations", "keep people", invitations.do),
    _get("/admin/health", "keep the node", health.show),
    _post("/admin/health", "keep the node", health.ask),
    _get("/admin/queues", "keep the node", queues.show),
    _post("/admin/queues", "keep the node", queues.do),
    _get("/admin/storage", "keep the node", storage.show),
    _post("/admin/storage", "keep the node", storage.do),
    _get("/admin/mail", "keep the node", mail.show),
    _post("/admin/mail", "keep the node", mail.do),
    _get("/admin/audit", "read the log", log.show),
    _post("/admin/audit", "read the log", log.check),
    _get("/admin/audit/export", "read the log", log.export),
    _get("/admin/hosts", "judge hosts", hosts.show_all),
    _post("/admin/hosts", "judge hosts", hosts.decide_mode),
    _get("/admin/hosts/lists", "judge hosts", hosts.show_lists),
    _post("/admin/hosts/lists", "judge hosts", hosts.do_lists, max_bytes=hosts.MAX_FORM_BYTES),
    _get("/admin/hosts/lists/export", "judge hosts", hosts.export),
    _get("/admin/hosts/waves", "judge hosts", hosts.show_waves),
    _post("/admin/hosts/waves", "judge hosts", hosts.do_waves),
    _get("/admin/hosts/of/{host}", "judge hosts", hosts.show),
    _post("/admin/hosts/of/{host}", "judge hosts", hosts.decide),
    _get("/admin/reports", "judge reports", reports.show_queue),
    _get("/admin/reports/{id}", "judge reports", reports.show),
    _post("/admin/reports/{id}", "judge reports", reports.do),
]
