"""`beffroi sign-up`: who asks for an account, who may ask, and who may not."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="Who asks for an account; who may ask, and who may not.")
Number = Annotated[int, typer.Argument(help="its number in the list")]
Kind = Annotated[
    str, typer.Argument(help="mail (a host), address (one mailbox), network (an IP address or 203.0.113.0/24), or word")
]
Value = Annotated[str, typer.Argument(help="the host, the network or the word")]


@commands.command("open")
def open_to(
    who: Annotated[str, typer.Argument(help="closed, invitation, approval or open")],
    domain: Annotated[str, typer.Option(help="right of the @; may be left out when there is one")] = "",
) -> None:
    """Say who may make an account."""
    operate("domain.describe", registrations=who, domain=domain)


@commands.command("list")
def list_all() -> None:
    """Who waits."""
    operate("signup.list")


@commands.command()
def approve(number: Number) -> None:
    """Make the account."""
    operate("signup.approve", id=number)


@commands.command()
def refuse(number: Number, reason: Annotated[str, typer.Option(help="why; it is mailed")]) -> None:
    """Make no account."""
    operate("signup.refuse", id=number, reason=reason)


@commands.command()
def rules() -> None:
    """Whose sign-ups are refused, or held for a look."""
    operate("signup_rule.list")


@commands.command("rule-add")
def add_rule(
    kind: Kind,
    value: Value,
    hold: Annotated[bool, typer.Option("--hold", help="a keeper looks at it, instead of a refusal")] = False,
    note: Annotated[str, typer.Option(help="why, for those who keep the node after you")] = "",
) -> None:
    """Refuse, or hold, sign-ups of that kind."""
    operate("signup_rule.add", kind=kind, value=value, act="hold" if hold else "refuse", note=note)


@commands.command("rule-remove")
def remove_rule(kind: Kind, value: Value) -> None:
    """Take a rule back."""
    operate("signup_rule.remove", kind=kind, value=value)


@commands.command()
def traces(email: Annotated[str, typer.Argument(help="e-mail address")]) -> None:
    """From where an account was made, for a judge who asks: kept one year, and reading it is logged."""
    operate("user.traces", email=email)
