"""Settings: from the environment (`BEFFROI_…`) or from one file, `beffroi.toml`; the environment wins.

The file is the one named by `BEFFROI_FILE`, else `./beffroi.toml`, else the data folder's. Every setting has
a default that suits one small node on one machine. What belongs to a domain (its hosts, its name) is a row of
the database, not a setting.
"""

import os
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from node.runtime.errors import Invalid
from node.runtime.net import mailboxes, smtp

_FILE = "beffroi.toml"


class SettingsError(ValueError):
    """A setting is wrong; the message has one line for each, in plain words."""


class Settings(BaseSettings):
    """All settings, validated."""

    model_config = SettingsConfigDict(env_prefix="BEFFROI_", extra="forbid", frozen=True)

    data: Path = Path("data")
    """Folder of the database (SQLite), the keyring and the media."""
    database: Annotated[str, Field(repr=False)] = ""
    """`sqlite:///path` or `postgresql://user:password@host/name`; empty: SQLite in the data folder."""
    listen: str = "127.0.0.1:8080"
    """Address and port, or `unix:/path`, on which the node serves; a proxy with TLS stands before it, or `tls_cert`."""
    tls_cert: Path | None = None
    """PEM file of the node's certificate and its chain, for a node without a proxy; goes with `tls_key`."""
    tls_key: Path | None = None
    """PEM file of the certificate's private key. A renewed certificate is read at the next start."""
    scheme: Literal["https", "http"] = "https"
    """How the world reaches this node. `http` is for a node on one's own machine only."""
    processes: Annotated[int, Field(ge=1, le=16)] = 1
    """How many processes serve, on one socket. On SQLite the first writes, and the others answer hot reads
    and hand it the rest; on PostgreSQL they are equals. Each shows its figures on
    a port of its own, from that of `metrics_listen` on."""
    jobs: Literal["inside", "apart"] = "inside"
    """`inside`: jobs run in the serving process. `apart`: `beffroi worker` runs them (PostgreSQL only)."""
    redis: Annotated[str, Field(repr=False)] = ""
    """`redis://host:6379/0`, `rediss://…` or `unix://…`: hints between processes, which hurry what polls would find.
    Empty: polls alone. Nothing is kept there, and no secret goes there."""
    keyring: Path | None = None
    """File of the keys that seal the private keys; default `keyring.json` in the data folder."""
    media: Path | None = None
    """Folder of the media; default `media` in the data folder."""
    signed_reads: bool = False
    """Actors, posts and collections are shown to other servers only when these sign their requests, so that a blocked
    one reads nothing. Pages for people, WebFinger, NodeInfo and the instance actor stay open to all."""
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ("127.0.0.1", "::1")
    """Addresses or networks whose X-Forwarded-For is believed."""
    laboratory: Annotated[tuple[str, ...], NoDecode] = ()
    """Exact `host:port` pairs on private addresses that this node may call; never beside a public domain."""
    extra_ca: Path | None = None
    """A PEM file of further certificate authorities."""
    metrics_listen: str = ""
    """Where `/metrics` answers, for instance `127.0.0.1:9180`; empty: nowhere. Never the public address."""
    language: Literal["fr", "en"] = "fr"
    """The language of commands and of mails that nobody chose one for."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
    blocked_servers_for: Literal["nobody", "people", "everybody"] = "people"
    """Who is shown, by applications, which other servers are limited or suspended here: people with an account, or all."""
    link_previews: bool = True
    """Whether pages that posts link to are read, for their title and picture."""
    ffmpeg: str = "ffmpeg"
    """The program that draws the pictures of films, where it is there; empty: films are shown without."""
    max_post_characters: Annotated[int, Field(ge=500, le=100_000)] = 5_000
    new_account_days: Annotated[int, Field(ge=0, le=90)] = 7
    """So long an account of another server is new here: what it writes to people who do not follow it is looked at for
    waves of spam. 0: nothing is looked at."""
    new_account_mentions: Annotated[int, Field(ge=1, le=10_000)] = 10
    """So many people here a new account that nobody follows may name in a day; what is more is held for a look."""
    wave_accounts: Annotated[int, Field(ge=2, le=1_000)] = 4
    """So many new accounts that say the same make a wave."""
    wave_minutes: Annotated[int, Field(ge=1, le=10_080)] = 60
    """Within so many minutes."""
    smtp: Annotated[str, Field(repr=False)] = ""
    """`smtp://user:password@host:587` (STARTTLS) or `smtps://user:password@host:465`; empty: this node sends no mail."""
    mail_from: str = ""
    """Who the mails are from: `ne-pas-repondre@commune.fr` or `Mairie <ne-pas-repondre@commune.fr>`."""
    mail_timeout_s: Annotated[float, Field(gt=0, le=300)] = 20.0
    """How long the mail server may take for each answer."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        found = settings_file()
        if found is None:
            return init_settings, env_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, found)

    @field_validator("trusted_proxies", "laboratory", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            try:
                ip_network(each, strict=False)
            except ValueError:
                raise ValueError(f"{each!r} is neither an address nor a network") from None
        return value

    @field_validator("laboratory")
    @classmethod
    def _pairs(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for each in value:
            host, _, port = each.rpartition(":")
            if not host or "*" in host or not _is_port(port):
                raise ValueError(f"{each!r} must be an exact host:port")
        return value

    @field_validator("database")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:///", "postgresql://", "postgres://")):
            raise ValueError("must be sqlite:///path or postgresql://user:password@host/name")
        return value

    @field_validator("redis")
    @classmethod
    def _known_redis(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://", "unix://")):
            raise ValueError("must be redis://host:port/number, rediss://… or unix:///path")
        return value

    @field_validator("smtp")
    @classmethod
    def _mail_server(cls, value: str) -> str:
        if value:
            smtp.read(value)
        return value

    @field_validator("mail_from")
    @classmethod
    def _mail_sender(cls, value: str) -> str:
        try:
            return str(mailboxes.sender(value)) if value else ""
        except Invalid:
            raise ValueError("must be an address: mairie@commune.fr, or Mairie <mairie@commune.fr>") from None

    @field_validator("listen", "metrics_listen")
    @classmethod
    def _address(cls, value: str, field: ValidationInfo) -> str:
        if value.startswith("unix:/") or (not value and field.field_name == "metrics_listen"):
            return value
        host, _, port = value.rpartition(":")
        if not host or not _is_port(port):
            raise ValueError("must be address:port, for instance 127.0.0.1:8080, or unix:/path")
        return value

    @field_validator("metrics_listen")
    @classmethod
    def _private_metrics(cls, value: str) -> str:
        if not value:
            return value
        host = value.rpartition(":")[0].strip("[]")
        try:
            private = not ip_address(host).is_global and not ip_address(host).is_unspecified
        except ValueError:
            private = host == "localhost"
        if not private:
            raise ValueError("figures are never public: give a private address, for instance 127.0.0.1:9180")
        return value

    @model_validator(mode="after")
    def _together(self) -> "Settings":
        if self.jobs == "apart" and not self.several_processes:
            raise ValueError("jobs = 'apart' needs PostgreSQL: SQLite has one writing process")
        if self.redis and not self.several_processes:
            raise ValueError("redis carries hints between several processes, and those need PostgreSQL")
        if self.metrics_listen and self.metrics_listen == self.listen:
            raise ValueError("metrics_listen must not be the public address")
        if bool(self.tls_cert) != bool(self.tls_key):
            raise ValueError("tls_cert and tls_key go together")
        if self.tls_cert and (self.scheme != "https" or self.listen.startswith("unix:")):
            raise ValueError("tls_cert is for scheme = 'https' on an address and port")
        for name in ("tls_cert", "tls_key", "extra_ca"):
            path = getattr(self, name)
            if path is not None and not path.is_file():
                raise ValueError(f"{name}: there is no file {path}")
        if bool(self.smtp) != bool(self.mail_from):
            raise ValueError("smtp and mail_from go together")
        return self

    @property
    def several_processes(self) -> bool:
        """Whether other processes may work on the same data."""
        return self.database.startswith("postgres")

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.data / 'beffroi.db'}"

    @property
    def keyring_path(self) -> Path:
        return self.keyring or self.data / "keyring.json"

    @property
    def media_path(self) -> Path:
        return self.media or self.data / "media"

    @property
    def laboratory_pairs(self) -> frozenset[tuple[str, int]]:
        pairs = (each.rpartition(":") for each in self.laboratory)
        return frozenset((host.lower(), int(port)) for host, _, port in pairs)


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536


def settings_file() -> Path | None:
    """The file that is read, if there is one.

    Raises:
        SettingsError: BEFFROI_FILE names a file that is not there.
    """
    named = os.environ.get("BEFFROI_FILE")
    if named:
        if not Path(named).is_file():
            raise SettingsError(f"BEFFROI_FILE: there is no file {named}")
        return Path(named)
    data = Path(os.environ.get("BEFFROI_DATA") or "data")
    return next((path for path in (Path(_FILE), data / _FILE) if path.is_file()), None)


def read_settings(**given: Any) -> Settings:
    """Settings from the environment and the file; *given* wins over both.

    Raises:
        SettingsError: with one line a mistake: the name, what is wrong, what would be right.
    """
    known = {f"BEFFROI_{name.upper()}" for name in Settings.model_fields} | {"BEFFROI_FILE"}
    strange = sorted(name for name in os.environ if name.startswith("BEFFROI_") and name not in known)
    # The tests' own switches are not settings.
    strange = [name for name in strange if name != "BEFFROI_SHARED" and not name.startswith("BEFFROI_TEST_")]
    if strange:
        raise SettingsError("\n".join(f"{name}: there is no such setting" for name in strange))
    try:
        return Settings(**given)
    except ValidationError as error:
        lines = []
        for each in error.errors():
            name = ".".join(str(part) for part in each["loc"]) or "settings"
            says = "there is no such setting" if each["type"] == "extra_forbidden" else each["msg"]
            lines.append(f"{name}: {says.removeprefix('Value error, ')}")
        raise SettingsError("\n".join(lines)) from None
    except ValueError as error:  # a file that is not TOML
        raise SettingsError(f"{settings_file()}: {error}") from None
