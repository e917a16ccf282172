"""What the node writes to people who ask for an account, and to their parents."""

from node.actors.domains import Domain
from node.actors.letters import Written, address, one_line, paragraphs, speaking
from node.runtime.context import Context


def confirm(ctx: Context, domain: Domain, *, token: str, username: str, language: str) -> Written:
    """Is the address hers?"""
    _ = speaking(ctx, language)
    handle = f"@{username}@{domain.handle_host}"
    asked = (
        _("You asked for the account %(handle)s at %(site)s.", handle=handle, site=one_line(domain.name))
        if username
        else _("You asked for an account at %(site)s.", site=one_line(domain.name))
    )
    return Written(
        _("Confirm your address for %(site)s", site=one_line(domain.name)),
        paragraphs(
            asked,
            _("Confirm your address here within two days:") + f"\n{address(ctx, domain, f'/sign-up/confirm/{token}')}",
            _("If it was not you, leave this letter: no account is made, and your address is forgotten."),
            signed=domain.name,
        ),
    )


def there_already(ctx: Context, domain: Domain, *, language: str) -> Written:
    """Somebody asked for an account with an address that has one."""
    _ = speaking(ctx, language)
    return Written(
        _("You have an account at %(site)s already", site=one_line(domain.name)),
        paragraphs(
            _("Somebody, probably you, asked for an account at %(site)s with this address, which has one already.",
              site=one_line(domain.name)),
            _("Log in here:") + f"\n{address(ctx, domain, '/login')}",
            _("If you forgot your password:") + f"\n{address(ctx, domain, '/login/forgotten')}",
            _("If it was not you, leave this letter: nothing changes."),
            signed=domain.name,
        ),
    )  # fmt: skip


def to_parent(ctx: Context, domain: Domain, *, token: str, name: str, handle: str, language: str) -> Written:
    """A child under fifteen wants an account: does the parent agree?"""
    _ = speaking(ctx, language)
    return Written(
        _("Your child would like an account at %(site)s", site=one_line(domain.name)),
        paragraphs(
            _("%(name)s, who is under fifteen, asked for the account %(handle)s at %(site)s and named you as a parent.",
              name=one_line(name) or handle, handle=handle, site=one_line(domain.name)),
            _("In France, a parent agrees together with the child (loi 78-17, article 45). Read here what is shown and "
              "kept, and say yes or no within two weeks:")
            + f"\n{address(ctx, domain, f'/sign-up/parent/{token}')}",
            _("If you do not answer, no account is made, and both addresses are forgotten."),
            signed=domain.name,
        ),
    )  # fmt: skip


def welcome(ctx: Context, domain: Domain, *, handle: str, language: str) -> Written:
    """The account is there."""
    _ = speaking(ctx, language)
    return Written(
        _("Welcome to %(site)s", site=one_line(domain.name)),
        paragraphs(
            _("Your account is ready: %(handle)s", handle=handle) if handle else _("Your account is ready."),
            _("Log in here:") + f"\n{address(ctx, domain, '/login')}",
            _("To read and publish, use this page or any application for Mastodon; as the server, type %(host)s.",
              host=domain.service_host),
            signed=domain.name,
        ),
    )  # fmt: skip


def refused(ctx: Context, domain: Domain, *, reason: str, language: str) -> Written:
    """A keeper, or a parent, said no."""
    _ = speaking(ctx, language)
    return Written(
        _("Your account at %(site)s", site=one_line(domain.name)),
        paragraphs(
            _("The account that you asked for at %(site)s was not made.", site=one_line(domain.name)),
            _("The reason: %(reason)s", reason=" ".join(reason.split())),
            *(
                [_("If you do not agree, write to %(email)s.", email=domain.contact_email)]
                if domain.contact_email
                else []
            ),
            signed=domain.name,
        ),
    )
