"""Beffroi: a federated social network node for French territories."""

__version__ = "0.1.0"
