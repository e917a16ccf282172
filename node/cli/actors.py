"""`beffroi actor`: who publishes."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="Actors publish: a commune, an association, a person.")
Handle = Annotated[str, typer.Argument(help="@name@host")]
Email = Annotated[str, typer.Argument(help="e-mail address of a person who logs in")]
Role = Annotated[str, typer.Option(help="owner, editor, contributor, moderator or reader")]


@commands.command()
def create(
    domain: Annotated[str, typer.Option(help="right of the @; may be left out when the node has one domain")] = "",
    username: Annotated[str, typer.Option(help="left of the @; proposed for a commune")] = "",
    kind: Annotated[
        str, typer.Option(help="person, commune, epci, association, business, public_service, territory")
    ] = "person",
    name: Annotated[str, typer.Option(help="the name that is shown")] = "",
    insee: Annotated[str, typer.Option(help="INSEE code of a commune: name, codes and territory are filled in")] = "",
    member: Annotated[str, typer.Option(help="e-mail of a person who will speak for it")] = "",
    role: Role = "owner",
) -> None:
    """Make an actor."""
    operate(
        "actor.create", domain=domain, username=username, kind=kind, name=name, insee=insee, member=member, role=role
    )


@commands.command("list")
def list_all() -> None:
    """The actors of this node."""
    operate("actor.list")


@commands.command()
def replies(
    handle: Handle,
    who: Annotated[
        str,
        typer.Argument(
            help="everyone, followers, mentioned, nobody, held, held_but_followers; nothing: what holds now"
        ),
    ] = "",
) -> None:
    """Who may reply to what an actor publishes from now on; 'held': once its team has read the reply."""
    operate("actor.replies", handle=handle, who=who)


@commands.command()
def member(handle: Handle, email: Email, role: Role = "editor") -> None:
    """Let a person speak for an actor."""
    operate("actor.member", handle=handle, email=email, role=role)


@commands.command()
def unmember(handle: Handle, email: Email) -> None:
    """She no longer speaks for it."""
    operate("actor.unmember", handle=handle, email=email)


@commands.command()
def suspend(
    handle: Handle,
    why: Annotated[str, typer.Option(help="the facts: its people read them")] = "",
    ground: Annotated[str, typer.Option(help="see 'beffroi case decide'")] = "",
    days: Annotated[str, typer.Option(help="for how many days; nothing: without an end")] = "",
) -> None:
    """Show, take in and send nothing of this actor (local or not) until it is unsuspended."""
    operate("actor.suspend", handle=handle, why=why, ground=ground, days=days)


@commands.command()
def judge(
    handle: Handle,
    kind: Annotated[str, typer.Argument(help="none, warn, sensitive, hide, delete, limit, freeze or suspend")],
    why: Annotated[str, typer.Option(help="the facts: its people read them")],
    ground: Annotated[str, typer.Option(help="the rule or the law, in words")] = "",
    days: Annotated[str, typer.Option(help="for how many days; nothing: without an end")] = "",
    report: Annotated[str, typer.Option(help="the number of a report, whose posts it is about")] = "",
) -> None:
    """Decide about an account in its file; who is concerned is told why. See also 'beffroi case decide'."""
    operate("actor.judge", handle=handle, kind=kind, why=why, words=ground, days=days, report=report)


@commands.command()
def unsuspend(handle: Handle) -> None:
    """It comes back."""
    operate("actor.unsuspend", handle=handle)


@commands.command()
def move(
    handle: Handle,
    target: Annotated[str, typer.Argument(help="@name@host of the account that it is now; it names this one as alias")],
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """Move to another account, here or elsewhere: followers are carried over, nothing more is published here."""
    if not yes:
        typer.confirm(f"{handle} -> {target}?", abort=True)
    operate("actor.move", handle=handle, target=target)


@commands.command()
def unmove(handle: Handle) -> None:
    """Publish here again. Followers who were carried over stay where they are."""
    operate("actor.unmove", handle=handle)


aliases = typer.Typer(no_args_is_help=True, help="Accounts that may move to one of this node.")
commands.add_typer(aliases, name="alias")
Alias = Annotated[str, typer.Argument(help="@name@host, anywhere")]


@aliases.command("add")
def add_alias(handle: Handle, alias: Alias) -> None:
    """Let another account move to this one."""
    operate("actor.alias_add", handle=handle, alias=alias)


@aliases.command("remove")
def remove_alias(handle: Handle, alias: Alias) -> None:
    """No longer."""
    operate("actor.alias_remove", handle=handle, alias=alias)


@aliases.command("list")
def list_aliases(handle: Handle) -> None:
    """Which accounts may."""
    operate("actor.alias_list", handle=handle)


@commands.command("rotate-keys")
def rotate_keys(handle: Handle) -> None:
    """New keys, told to other servers."""
    operate("actor.rotate_keys", handle=handle)


@commands.command()
def delete(handle: Handle, yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False) -> None:
    """Delete for good, here and, as far as they listen, on other servers."""
    if not yes:
        typer.confirm(f"{handle}: delete for good, with everything it published?", abort=True)
    operate("actor.delete", handle=handle)
