"""`beffroi domain`: the node's own domains, and other servers that are refused."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="The node's own domains; 'block' refuses other servers.")
Host = Annotated[str, typer.Argument(help="a host name, with all below it")]


@commands.command()
def add(
    handle_host: Annotated[str, typer.Argument(help="right of the @: commune.example")],
    service_host: Annotated[str, typer.Option(help="where it is served, if elsewhere: social.commune.example")] = "",
    name: Annotated[str, typer.Option(help="the name that is shown")] = "",
    contact_email: Annotated[str, typer.Option(help="where a person answers")] = "",
) -> None:
    """Serve one more domain."""
    operate("domain.add", handle_host=handle_host, service_host=service_host, name=name, contact_email=contact_email)


@commands.command("list")
def list_all() -> None:
    """The node's domains."""
    operate("domain.list")


@commands.command()
def describe(
    domain: Annotated[str, typer.Option(help="right of the @; may be left out when there is one")] = "",
    name: Annotated[str, typer.Option(help="the name that is shown")] = "",
    description: Annotated[str, typer.Option(help="a few sentences for visitors")] = "",
    contact_email: Annotated[str, typer.Option(help="where a person answers")] = "",
) -> None:
    """Say anew what visitors read about a domain."""
    operate("domain.describe", domain=domain, name=name, description=description, contact_email=contact_email)


@commands.command()
def legal(
    domain: Annotated[str, typer.Option(help="right of the @; may be left out when there is one")] = "",
    publisher: Annotated[str | None, typer.Option(help="name, address, telephone number")] = None,
    siren: Annotated[str | None, typer.Option(help="of the publisher: nine digits")] = None,
    director: Annotated[str | None, typer.Option(help="of publication; for a commune, the mayor")] = None,
    host: Annotated[str | None, typer.Option(help="of the server: name, address, telephone number, country")] = None,
    dpo: Annotated[str | None, typer.Option(help="whom to ask about personal data")] = None,
) -> None:
    """Say who publishes a site, answers for it and hosts it; without an option, what is said."""
    operate("domain.legal", domain=domain, publisher=publisher, siren=siren, director=director, host=host, dpo=dpo)


@commands.command()
def block(
    host: Host,
    severity: Annotated[
        str, typer.Option(help="suspend: no dealings; silence: hidden from public timelines")
    ] = "suspend",
    reject_media: Annotated[bool, typer.Option("--reject-media", help="fetch no file from there")] = False,
    reason: Annotated[str, typer.Option(help="why, for those who keep the node after you")] = "",
    public_comment: Annotated[str, typer.Option(help="why, for those who read an exported list")] = "",
    reject_reports: Annotated[bool, typer.Option("--reject-reports", help="take no reports from there")] = False,
    obfuscate: Annotated[bool, typer.Option("--obfuscate", help="do not spell its name out in public")] = False,
) -> None:
    """Refuse another server."""
    operate(
        "block.add", host=host, severity=severity, reject_media=reject_media, reason=reason,
        public_comment=public_comment, reject_reports=reject_reports, obfuscate=obfuscate,
    )  # fmt: skip


@commands.command()
def unblock(host: Host) -> None:
    """Deal with it again."""
    operate("block.remove", host=host)


@commands.command()
def allow(host: Host) -> None:
    """Put another server on the list of those that are dealt with, whatever holds for others."""
    operate("allow.add", host=host)


@commands.command("only-listed")
def only_listed(off: Annotated[bool, typer.Option("--off", help="deal with every server again")] = False) -> None:
    """Deal with no other servers than those of that list ('allow')."""
    operate("allow.only_listed", off=off)


@commands.command()
def blocks() -> None:
    """The servers that are refused, those that are allowed, and whether all others are refused."""
    operate("block.list")
