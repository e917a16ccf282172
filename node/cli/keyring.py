"""`beffroi keyring`: the keys that seal the private keys in the database."""

import typer

from node.cli.operate import operate

commands = typer.Typer(no_args_is_help=True, help="The keys that seal the private keys in the database.")


@commands.callback()
def of_the_node() -> None:
    """The keys that seal the private keys in the database."""


@commands.command()
def rotate() -> None:
    """A new key from now on; every private key is sealed anew."""
    operate("keyring.rotate")
