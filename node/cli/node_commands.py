"""`beffroi init`, `serve`, `worker`, `migrate`, `check`, `settings`, `demo`: the node itself."""

import asyncio
import contextlib
from typing import Annotated

import typer

from node import __version__
from node.runtime.settings import read_settings


def add(made: typer.Typer) -> None:
    """Put the commands on the table of contents."""
    made.command()(init)
    made.command()(serve)
    made.command()(worker)
    made.command()(migrate)
    made.command()(check)
    made.command()(health)
    made.command()(settings)
    made.command()(demo)
    made.command()(version)


def init(
    domain: Annotated[str, typer.Option(help="right of the @: commune.example")] = "",
    service_host: Annotated[str, typer.Option(help="where it is served, if elsewhere: social.commune.example")] = "",
    insee: Annotated[
        str, typer.Option(help="INSEE code of the commune; the rest is filled in from official data")
    ] = "",
    email: Annotated[str, typer.Option(help="of the first person who logs in")] = "",
    password: Annotated[str, typer.Option(help="hers; without it, one is drawn and printed once")] = "",
    username: Annotated[str, typer.Option(help="left of the @; proposed for a commune")] = "",
    name: Annotated[str, typer.Option(help="the name that is shown")] = "",
    browser: Annotated[
        bool, typer.Option("--browser", help="ask in a browser instead: prints an address that is good for an hour")
    ] = False,
) -> None:
    """Make what a node needs: keyring, database, a domain, a town and a person who writes for it."""
    from node.cli import start
    from node.cli.operate import operate
    from node.runtime.database import DatabaseBusy
    from node.runtime.errors import Invalid
    from node.runtime.i18n import sentence

    if not domain and not browser:
        raise Invalid(sentence("Say the domain (--domain commune.example), or be asked in a browser (--browser)."))
    with contextlib.suppress(DatabaseBusy):  # the node that runs has what it needs, and does the rest
        start.prepare(read_settings())
    if browser:
        operate("set_up.begin", host=service_host or domain)
        return
    operate(
        "set_up.init", domain=domain, service_host=service_host, insee=insee, email=email, password=password,
        username=username, name=name,
    )  # fmt: skip


def serve() -> None:
    """Serve the node. The first start creates what is missing and prints where to go."""
    from node.cli import start

    start.serve()


def worker() -> None:
    """Run the jobs apart from the serving process (PostgreSQL, with BEFFROI_JOBS=apart)."""
    from node.cli import start

    start.work()


def migrate() -> None:
    """Bring the database to this version's schema."""
    from node.cli import start

    for line in start.migrate_now(read_settings()):
        typer.echo(line)


def check() -> None:
    """Test the node as it is set up: a sentence and a cure for each failure. Exit code 1 if one fails."""
    from node.cli import self_test

    findings = asyncio.run(self_test.run(read_settings()))
    for each in findings:
        typer.echo(str(each))
    raise typer.Exit(1 if any(each.failed for each in findings) else 0)


def health(
    near: Annotated[
        bool, typer.Option("--near", help="ask nobody: neither name servers, proxy nor mail server")
    ] = False,
) -> None:
    """Ask the node that runs how it is: keys, disk, backup, queues, versions, and the network; with cures."""
    from node.cli.operate import operate

    operate("health.show", far=not near)


def settings() -> None:
    """Every setting, its value and where it can be said; secrets are not shown."""
    from node.cli import start

    for line in start.describe(read_settings()):
        typer.echo(line)


def demo(
    keep: Annotated[bool, typer.Option("--keep", help="leave the nodes running and print how to log in")] = False,
) -> None:
    """Two towns and their territory on three nodes, over TLS on this machine: a story line by line, in a minute."""
    from node.cli.demo import story

    raise typer.Exit(story.tell(keep=keep))


def version() -> None:
    """The version of Beffroi."""
    typer.echo(f"Beffroi {__version__}")
