"""The command `beffroi`. Each group of commands has a file; what they do is in `admin` or in the rooms below."""

import sys

import typer

from node.runtime.errors import BeffroiError


def app() -> typer.Typer:
    """All commands. Rare libraries are imported by the commands that need them."""
    from node.cli import actors, deliveries, domains, node_commands, users

    made = typer.Typer(
        name="beffroi", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
        help="A federated social network node for French territories.",
    )  # fmt: skip
    node_commands.add(made)
    made.add_typer(users.commands, name="user")
    made.add_typer(actors.commands, name="actor")
    made.add_typer(domains.commands, name="domain")
    made.add_typer(deliveries.commands, name="deliveries")
    return made


def main() -> None:
    """Run the command; a refusal is one sentence and exit code 1, never a traceback."""
    from node.runtime.database import DatabaseBusy
    from node.runtime.database.migrate import SchemaMismatch
    from node.runtime.settings import SettingsError

    try:
        app()()
    except (BeffroiError, SettingsError, DatabaseBusy, SchemaMismatch, LookupError) as error:
        if isinstance(error, LookupError) and not isinstance(error, FileNotFoundError):
            raise
        print(f"beffroi: {error}", file=sys.stderr)
        sys.exit(1)
