"""The command `beffroi`. Each group of commands has a file; what they do is in `admin` or in the rooms below."""

import sys
from typing import NoReturn

import typer

from node.runtime.errors import BeffroiError


def app() -> typer.Typer:
    """All commands. Rare libraries are imported by the commands that need them."""
    from node.cli import (
        actors,
        agreements,
        announcements,
        audit,
        blocks,
        cases,
        deliveries,
        domains,
        emojis,
        federation,
        invitations,
        keyring,
        mail,
        node_commands,
        posts,
        relays,
        reports,
        rules,
        search,
        sign_ups,
        storage,
        territories,
        users,
        waves,
        work,
    )

    made = typer.Typer(
        name="beffroi", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
        help="A federated social network node for French territories.",
    )  # fmt: skip
    node_commands.add(made)
    made.add_typer(users.commands, name="user")
    made.add_typer(actors.commands, name="actor")
    made.add_typer(domains.commands, name="domain")
    made.add_typer(blocks.commands, name="block")
    made.add_typer(territories.commands, name="territory")
    made.add_typer(agreements.commands, name="agreement")
    made.add_typer(keyring.commands, name="keyring")
    made.add_typer(deliveries.commands, name="deliveries")
    made.add_typer(posts.commands, name="post")
    made.add_typer(relays.commands, name="relay")
    made.add_typer(federation.commands, name="federation")
    made.add_typer(reports.commands, name="reports")
    made.add_typer(mail.commands, name="mail")
    made.add_typer(invitations.commands, name="invite")
    made.add_typer(sign_ups.commands, name="sign-up")
    made.add_typer(audit.commands, name="audit")
    made.add_typer(cases.commands, name="case")
    made.add_typer(waves.commands, name="wave")
    made.add_typer(rules.commands, name="rule")
    made.add_typer(announcements.commands, name="announcement")
    made.add_typer(emojis.commands, name="emoji")
    made.add_typer(work.commands, name="work")
    made.add_typer(search.commands, name="search")
    made.add_typer(storage.commands, name="storage")
    return made


def main() -> None:
    """Run the command; a refusal is one sentence and exit code 1, never a traceback."""
    from admin.control import NotRunning
    from node.runtime.database import DatabaseUnusable
    from node.runtime.database.migrate import SchemaMismatch
    from node.runtime.settings import SettingsError

    try:
        app()()
    except (BeffroiError, SettingsError, DatabaseUnusable, SchemaMismatch, NotRunning) as error:
        refuse(_in_the_keepers_language(error))
    except OSError as error:  # a folder that may not be written, a disk that is full
        if error.filename is None or error.strerror is None:
            raise
        refuse(f"{error.filename}: {error.strerror}")


def refuse(reason: str) -> NoReturn:
    """Say why, and end with exit code 1."""
    print(f"beffroi: {reason}", file=sys.stderr)
    sys.exit(1)


def _in_the_keepers_language(error: Exception) -> str:
    from node.runtime.i18n import translator
    from node.runtime.settings import SettingsError, read_settings

    try:
        language = read_settings().language
    except SettingsError:
        return str(error)
    return translator(language)(error.args[0]) if error.args and isinstance(error.args[0], str) else str(error)
