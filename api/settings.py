"""What can be set: one environment variable each, read once when a command starts.

`pool_size` is set by `VINCULO_POOL_SIZE`, and so on; `vinculo serve --help` lists the options that
say the same. A variable that is wrong, or that nobody knows, is refused by name. What has no
variable may be a file `vinculo_pool_size` in `SECRETS`, as containers are handed their secrets.
"""

import difflib
import os
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.failure import Failure
from auth.openid import is_safe
from auth.site import LOOPBACK

PREFIX = "VINCULO_"
SECRETS = Path("/run/secrets")
"""Where Docker and Podman put secrets."""


def _postgresql(url: str) -> str:
    """The URL without a driver's name; its text is never repeated, since it may hold a password."""
    scheme, _, rest = url.partition("://")
    if scheme.partition("+")[0] not in ("postgresql", "postgres") or not rest:
        raise ValueError("A database URL looks like postgresql://user:password@host:5432/database")
    try:
        _ = urlsplit(url).port
    except ValueError:
        raise ValueError("The port in a database URL is a number up to 65535") from None
    return f"postgresql://{rest}"


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _origin(url: str) -> str:
    """Scheme, host and port; without TLS only on this machine."""
    parts = urlsplit(url)
    local = parts.hostname in LOOPBACK
    secure = parts.scheme == "https" or (parts.scheme == "http" and local)
    if not secure or not parts.hostname or parts.path not in ("", "/") or "@" in parts.netloc:
        raise ValueError("A public URL is https:// and a host, without a path")
    if parts.query or parts.fragment or not url.isascii() or not url.isprintable():
        raise ValueError("A public URL is https:// and a host, and nothing else")
    return url.rstrip("/").lower()


def _smtp(url: str) -> str:
    """The URL of a mail server; its text is never repeated, since it may hold a password."""
    parts = urlsplit(url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError("A mail server looks like smtps://user:password@host:465")
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("The port of a mail server is a number up to 65535") from None
    return url


def _issuer(url: str) -> str:
    """The name of an OpenID provider, to the letter; without TLS only on this machine."""
    parts = urlsplit(url)
    if not is_safe(url) or "@" in parts.netloc or "?" in url or "#" in url:
        raise ValueError("An OpenID issuer is https:// and a host, perhaps with a path")
    return url


class Settings(BaseSettings):
    """Everything that differs between one installation and another."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True
    )

    # Where things are
    database_url: Annotated[str, AfterValidator(_postgresql)] | None = Field(
        None, repr=False, description="The PostgreSQL to use; without one, the embedded one runs."
    )
    database_password: str | None = Field(
        None,
        repr=False,
        min_length=1,
        description="The password of the user in VINCULO_DATABASE_URL, where that names none.",
    )
    data: Annotated[Path, AfterValidator(_absolute)] = Field(
        Path(".data"), description="The directory where the embedded PostgreSQL keeps its data."
    )
    host: str = Field("127.0.0.1", min_length=1, description="The address to listen on.")
    port: int = Field(
        8000, ge=0, le=65_535, description="The port to listen on; 0 takes a free one."
    )

    public_url: Annotated[str, AfterValidator(_origin)] | None = Field(
        None, description="The address that others reach this server at; what it listens on."
    )
    pepper: str | None = Field(
        None,
        repr=False,
        min_length=32,
        description="The key of the secrets given to clients, the same on every server of one "
        "database; with the embedded one it is made once.",
    )

    # People
    smtp_url: Annotated[str, AfterValidator(_smtp)] | None = Field(
        None,
        repr=False,
        description="The mail server that sends links to people; without one, "
        "those who run this hand the links on.",
    )
    mail_from: str | None = Field(
        None, min_length=3, description="The address that mail comes from."
    )
    openid_issuer: Annotated[str, AfterValidator(_issuer)] | None = Field(
        None,
        description="The OpenID provider through which people who were invited can sign in, too, "
        "as its discovery document names it.",
    )
    openid_client_id: str | None = Field(
        None, min_length=1, description="Our id at the OpenID provider."
    )
    openid_client_secret: str | None = Field(
        None, repr=False, min_length=1, description="Our secret at the OpenID provider."
    )
    openid_name: str | None = Field(
        None,
        min_length=1,
        max_length=60,
        description="What people call the OpenID provider; its host, unless set.",
    )
    proxies: int = Field(
        0,
        ge=0,
        le=10,
        description="How many proxies of yours stand in front: the address of a "
        "browser is what the first of them wrote into X-Forwarded-For.",
    )

    private_webhooks: bool = Field(
        False,
        description="Let webhooks lead into private networks, and do without TLS. Where this "
        "server is for its own machine only, they may anyway.",
    )

    # Named documents
    named_documents: Annotated[Path, AfterValidator(_absolute)] | None = Field(
        None, description="A folder with named documents of your own, as /q lists them."
    )
    document_pages: int = Field(
        40, ge=1, le=1_000, description="Pages of 100 records that a named document walks through."
    )
    document_seconds: float = Field(
        30, gt=0, le=600, description="How long reading a named document may take."
    )

    # The database
    pool_size: int = Field(8, ge=1, le=1_000, description="Connections to PostgreSQL, at most.")
    pool_queue: int = Field(
        1_000, ge=0, le=100_000, description="Requests that may wait for a connection."
    )
    pool_seconds: float = Field(
        5, gt=0, le=300, description="How long a request waits for a connection."
    )
    statement_seconds: float = Field(
        10, gt=0, le=3_600, description="How long a statement may run before it is cancelled."
    )
    documents: int = Field(
        1_000, ge=1, le=100_000, description="GraphQL documents kept, parsed and checked."
    )
    prepared_statements: int = Field(
        256, ge=1, le=10_000, description="Prepared statements kept on each connection."
    )

    # How large a request may be
    max_body_bytes: int = Field(
        262_144, ge=1_024, le=16_777_216, description="Bytes in the body of a request."
    )
    body_seconds: float = Field(
        10, gt=0, le=300, description="How long a client may take to send the body of a request."
    )
    max_query_length: int = Field(
        20_000, ge=100, le=16_777_216, description="Characters in a GraphQL document."
    )
    max_tokens: int = Field(2_000, ge=10, le=1_000_000, description="Tokens in a GraphQL document.")
    max_operations: int = Field(50, ge=1, le=10_000, description="Operations in a document.")
    max_depth: int = Field(16, ge=1, le=200, description="Fields that may nest in each other.")
    max_fields: int = Field(
        500, ge=1, le=1_000_000, description="Fields of an operation, fragments spread out."
    )
    max_root_fields: int = Field(25, ge=1, le=10_000, description="Root fields of an operation.")
    max_aliases: int = Field(100, ge=0, le=100_000, description="Aliases of an operation.")
    max_input_values: int = Field(
        2_000, ge=1, le=1_000_000, description="Values in the arguments and variables."
    )
    max_input_depth: int = Field(
        10, ge=1, le=200, description="Lists and objects that may nest in an argument or variable."
    )

    max_cost: int = Field(
        100_000, ge=1_000, le=100_000_000, description="Points that one operation may cost."
    )

    # How much may be asked
    client_points: int = Field(
        2_000_000,
        ge=1_000,
        le=2_000_000_000,
        description="Points that an application may spend in a minute.",
    )
    address_points: int = Field(
        500_000,
        ge=1_000,
        le=2_000_000_000,
        description="Points that those without a token may spend in a minute, together from one "
        "address.",
    )
    max_connections: int = Field(
        2_000, ge=10, le=1_000_000, description="Connections of clients, at most."
    )
    address_connections: int = Field(
        200,
        ge=1,
        le=1_000_000,
        description="Connections from one address, at most; behind proxies it is theirs to limit.",
    )
    header_seconds: float = Field(
        10,
        gt=0,
        le=300,
        description="How long a client may be silent, or take to send the head of a request.",
    )
    write_seconds: float = Field(
        30, gt=0, le=3_600, description="How long a client may leave an answer unread."
    )


def read(**options: Any) -> Settings:
    """The settings of the environment, `options` of the command line before them.

    Raises:
        Failure: one line for each setting that is wrong or unknown.
    """
    given = {name: value for name, value in options.items() if value is not None}
    wrong = _unknown()
    try:
        settings = Settings(**given, _secrets_dir=SECRETS if SECRETS.is_dir() else None)  # pyright: ignore[reportCallIssue]
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False)
        raise Failure("\n".join([*wrong, *(_sentence(each, given) for each in details)])) from None
    wrong += _incomplete(settings)
    if wrong:
        raise Failure("\n".join(wrong))
    if settings.database_url and settings.database_password:
        url = _with_password(settings.database_url, settings.database_password)
        settings = settings.model_copy(update={"database_url": url})
    return settings


def _with_password(url: str, password: str) -> str:
    user, _, place = url.removeprefix("postgresql://").partition("@")
    return f"postgresql://{user}:{quote(password, safe='')}@{place}"


def _incomplete(settings: Settings) -> list[str]:
    """What only makes sense together."""
    return [*_password(settings), *_provider(settings)]


def _password(settings: Settings) -> list[str]:
    if settings.database_password is None:
        return []
    parts = urlsplit(settings.database_url or "")
    if not parts.username or parts.password is not None:
        return [
            "VINCULO_DATABASE_PASSWORD completes a VINCULO_DATABASE_URL with a user and no "
            "password, such as postgresql://vinculo@db:5432/vinculo."
        ]
    return []


def _provider(settings: Settings) -> list[str]:
    names = ("openid_issuer", "openid_client_id", "openid_client_secret")
    missing = [name for name in names if getattr(settings, name) is None]
    if len(missing) in (0, len(names)):
        return []
    wanted = " and ".join(PREFIX + name.upper() for name in missing)
    return [f"An OpenID provider needs an issuer, an id and a secret: set {wanted}, too."]


def _unknown() -> list[str]:
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    lines: list[str] = []
    for name in sorted(os.environ):
        if not name.upper().startswith(PREFIX) or name.upper() in known:
            continue
        near = difflib.get_close_matches(name.upper(), known, 1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
        lines.append(f"{name} is not a setting; {hint}")
    return lines


def _sentence(detail: ErrorDetails, options: dict[str, Any]) -> str:
    """What was given, what is wrong with it, what it is for and what would work."""
    name = str(detail["loc"][0])
    field = Settings.model_fields[name]
    label = f"--{name.replace('_', '-')}" if name in options else PREFIX + name.upper()
    value = f" is {str(detail['input'])[:80]!r}" if field.repr else ""
    problem = detail["msg"].removeprefix("Value error, ").rstrip(".")
    example = "" if field.default is None else f" The default is {field.default}."
    return f"{label}{value}: {problem}. {field.description}{example}"
