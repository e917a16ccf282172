"""`beffroi agreement`: who shares what with whom."""

from typing import Annotated

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="Sharing agreements between a territory and a member.")
Territory = Annotated[str, typer.Argument(help="@territory@host")]
Member = Annotated[str, typer.Argument(help="@commune@host, on any server")]
By = Annotated[str, typer.Option(help="territory or member, when both are of this node")]
Categories = Annotated[str, typer.Option(help="hashtags: 'culture agenda'; without, every public post")]
From = Annotated[str, typer.Option("--from", help="posts published from then on: 2026-09-01")]
Until = Annotated[str, typer.Option(help="posts published before: 2027-01-01")]


@commands.command()
def propose(
    territory: Territory,
    member: Member,
    by: By = "",
    categories: Categories = "",
    direction: Annotated[
        str, typer.Option(help="toTerritory; or both: the member announces the territory's news too")
    ] = "toTerritory",
    from_: From = "",
    until: Until = "",
    moderation: Annotated[
        str, typer.Option(help="who may take back a single announcement: each, territory or member")
    ] = "each",
    after_end: Annotated[str, typer.Option(help="keep what was announced, or withdraw it")] = "keep",
) -> None:
    """Offer terms; a member on other software is invited by a direct post."""
    operate(
        "agreement.propose", territory=territory, member=member, by=by, categories=categories, direction=direction,
        from_=from_, until=until, moderation=moderation, after_end=after_end,
    )  # fmt: skip


@commands.command()
def accept(
    territory: Territory,
    member: Member,
    by: By = "",
    terms_hash: Annotated[str, typer.Option("--hash", help="only if these are still the terms")] = "",
) -> None:
    """Say yes to what the other one offers, or confirm a commune that wrote 'partager'."""
    operate("agreement.accept", territory=territory, member=member, by=by, terms_hash=terms_hash)


@commands.command()
def reject(territory: Territory, member: Member, by: By = "") -> None:
    """Say no to an offer."""
    operate("agreement.reject", territory=territory, member=member, by=by)


@commands.command()
def limit(
    territory: Territory, member: Member, by: By = "", categories: Categories = "", from_: From = "", until: Until = ""
) -> None:
    """Share less than agreed from now on; needs nobody's consent."""
    operate(
        "agreement.limit", territory=territory, member=member, by=by, categories=categories, from_=from_, until=until
    )


@commands.command()
def end(territory: Territory, member: Member, by: By = "") -> None:
    """End it: nothing more is announced from now on."""
    operate("agreement.end", territory=territory, member=member, by=by)


@commands.command()
def withdraw(
    territory: Territory,
    member: Member,
    post: Annotated[str, typer.Argument(help="the address of the post's page, or its id")],
    by: By = "",
) -> None:
    """Have the announcement of one post taken back, if the terms leave that to us."""
    operate("agreement.withdraw", territory=territory, member=member, post=post, by=by)


@commands.command()
def show(territory: Territory, member: Member) -> None:
    """The terms in words, the state, the history."""
    operate("agreement.show", territory=territory, member=member)


@commands.command("list")
def list_all() -> None:
    """All agreements that this node has part in."""
    operate("agreement.list")
