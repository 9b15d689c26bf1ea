"""Settings: one table, read from environment variables with the prefix HARVESTER_.

`harvester settings` prints this table with the values in force, and the tests hold docs/settings.md against it.
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from harvester.errors import SettingsError
from harvester.log import masked

PREFIX = "HARVESTER_"
_OWN_SETTINGS = {
    "api.github.com": "github_token",
    "gitlab.com": "gitlab_token",
    "api.developer.overheid.nl": "dutch_register_key",
}
_OF_OTHERS = {
    PREFIX + name for name in ("NEW_PASSWORD", "CORPUS", "JUDGED", "TEST_ELASTICSEARCH", "SCREENSHOTS", "BENCH_SHAPE")
}
"""What a command asks for by itself, and what a checkout's tools and tests are told."""
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class Settings(BaseSettings):
    """What a deployment can choose. Secrets are SecretStr and are masked wherever they are printed."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    data: Path = Field(Path("data"), description="folder of the catalogue, the embedded index, logs and locks")
    database: str | None = Field(
        None, description="catalogue's SQLAlchemy URL (sqlite or postgresql+psycopg); default: catalogue.sqlite in DATA"
    )
    index: str | None = Field(
        None, description="a folder is the embedded engine, an http(s) address is Elasticsearch; default: index in DATA"
    )
    index_name: str = Field("civic-software", description="alias of the Elasticsearch index")
    index_certificate: Path | None = Field(
        None, description="PEM file of whoever vouches for Elasticsearch's certificate; default: whom everybody trusts"
    )
    bind: str = Field("127.0.0.1:8000", description="host:port that the web pages are served on")
    public_url: str | None = Field(
        None, description="address of the pages as visitors know it; requests for other hosts are refused"
    )
    trusted_proxies: str | None = Field(
        None, description="addresses or networks of proxies, with commas, that tell who asks (X-Forwarded-For, -Proto)"
    )
    secure_cookies: bool | None = Field(
        None, description="send cookies over https only; default: where HARVESTER_PUBLIC_URL is https"
    )
    second_factor: Literal["chosen", "operators", "everybody"] = Field(
        "chosen", description="who has to set up a second factor before anything else: chosen is whoever wants one"
    )
    link_hours: int = Field(
        48, gt=0, le=720, description="hours after which a link that invites somebody, or resets a password, ends"
    )
    oidc_issuer: str | None = Field(
        None, description="address of a provider of identities (OpenID Connect), as its own description names it"
    )
    oidc_client_id: str | None = Field(None, description="by which the provider knows this site")
    oidc_client_secret: SecretStr | None = Field(None, description="with which this site proves that to the provider")
    oidc_name: str | None = Field(
        None, max_length=60, description="what the provider is called where people sign in; default: its host"
    )
    oidc_scope: str = Field("openid profile", description="what the provider is asked for; openid is in it")
    oidc_role_claim: str | None = Field(
        None,
        description="claim that tells the role, as the word reviewer or operator; default: an operator gives a role",
    )
    oidc_allow: str | None = Field(
        None,
        description="addresses or networks of the provider, with commas, where they are not public, as in tests",
    )
    contact: str = Field(
        "https://github.com/civic-harvester/civic-harvester", description="address in the user agent, for hosts' owners"
    )
    simulated_web: str | None = Field(
        None, description="demo only: host:port on loopback through which every request goes instead of the network"
    )
    github_token: SecretStr | None = Field(
        None, description="token for GitHub, or several with commas between; without one it allows 60 requests an hour"
    )
    github_token_file: Path | None = Field(None, description="file of tokens for GitHub, one a line")
    gitlab_token: SecretStr | None = Field(None, description="token for gitlab.com, or several with commas between")
    gitlab_token_file: Path | None = Field(None, description="file of tokens for gitlab.com, one a line")
    tokens_file: Path | None = Field(
        None, description="file of tokens for any forge, a line each: its host, a space, the token"
    )
    dutch_register_key: SecretStr | None = Field(
        None, description="key of the Dutch OSS register, which is sent to api.developer.overheid.nl alone"
    )
    timezone: str = Field("Europe/Paris", description="IANA zone in which the operations pages show times")
    site_name: str | None = Field(None, max_length=60, description="name of the site; default: Civic Harvester")
    operator: str | None = Field(
        None, max_length=200, description="who runs the site, as its About page and its feeds say it"
    )
    operator_contact: str | None = Field(
        None, description="where visitors reach them: a mail address, or an https address of a form"
    )
    accent: str | None = Field(None, description="colour of links and buttons, as #0a5c63; at least 4.5:1 on white")
    accent_dark: str | None = Field(None, description="the same in the dark theme, as #79c8c9; at least 4.5:1 on black")
    logo: Path | None = Field(None, description="SVG file of the mark before the site's name, at most 64 kB")
    publish_files: bool = Field(
        True, description="show publiccode.yml files as their makers published them, the contacts in them with them"
    )
    runs_at_once: int = Field(
        2,
        ge=1,
        le=32,
        description="runs that a worker carries out at a time, never two of one source, and one less of one forge",
    )
    run_time_limit_s: int | None = Field(
        None, gt=0, description="seconds after which a run asks for no more; default: by the source's kind"
    )
    run_pages: int | None = Field(
        None, gt=0, description="pages after which a run asks for no more; default: by the source's kind"
    )
    run_items: int | None = Field(
        None, gt=0, description="entries after which a run asks for no more; default: by the source's kind"
    )
    run_stored_mb: int | None = Field(
        None,
        gt=0,
        description="megabytes of payloads after which it asks for no more; default: by the source's kind",
    )
    source_stored_mb: int = Field(
        4096,
        gt=0,
        description="the same for all runs of a source together; a source that brought that much is asked for one page",
    )
    run_memory_mb: int = Field(4096, ge=1024, description="megabytes of address space that a crawl may take (Linux)")
    item_time_limit_s: float = Field(
        20.0, gt=0, description="seconds of processor time in which an item is read, or set aside with an issue"
    )
    check_days: int = Field(
        7,
        ge=0,
        description="days after which a worker asks whether a source's addresses still lead there; 0: never",
    )
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    log_format: Literal["text", "json"] = Field(
        "text", description="text, or json: an object a line with time, level, message, run and source"
    )
    metrics_token: SecretStr | None = Field(
        None,
        description="secret with which a monitor reads /metrics (Authorization: Bearer); default: no metrics",
    )

    notice_mail: str | None = Field(
        None,
        description="mail addresses, with commas, that are told when a source goes wrong and when it is right again",
    )
    notice_smtp: SecretStr | None = Field(
        None,
        description="mail server: smtp://host (with STARTTLS where it offers that; a password is sent only with it), smtps://user:password@host:465",
    )
    notice_webhook: SecretStr | None = Field(
        None, description="address to which the same is posted as JSON; https, or on this machine"
    )
    notice_language: str = Field("en", description="language of these mails, one that has a catalog of words")

    @field_validator("notice_mail")
    @classmethod
    def _mailboxes(cls, value: str | None) -> str | None:
        for one in (value or "").split(",") if value and value.strip() else ():
            if not re.fullmatch(r"[^@\s:/,]+@[^@\s:/,]+", one.strip()):
                raise ValueError("mail addresses are needed, with commas between")
        return value.strip() if value and value.strip() else None

    @field_validator("notice_smtp")
    @classmethod
    def _server(cls, value: SecretStr | None) -> SecretStr | None:
        return _address(value, ("smtp", "smtps"), "smtp://host:25 or smtps://user:password@host:465 is needed")

    @field_validator("notice_webhook")
    @classmethod
    def _posted_to(cls, value: SecretStr | None) -> SecretStr | None:
        found = _address(value, ("https", "http"), "an https address is needed")
        parts = urlsplit(found.get_secret_value()) if found else None
        if parts and parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("an https address is needed: what is told is not for everybody")
        return found

    @field_validator("metrics_token")
    @classmethod
    def _some(cls, value: SecretStr | None) -> SecretStr | None:
        return value if value is not None and value.get_secret_value().strip() else None

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.upper() not in _LEVELS:
            raise ValueError(f"allowed are {', '.join(_LEVELS)}")
        return value.upper()

    @field_validator("oidc_issuer")
    @classmethod
    def _issuer(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "")
        if value and (parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment):
            raise ValueError("an https address is needed, for example https://login.example.org/realms/town")
        return value or None

    @field_validator("trusted_proxies", "oidc_allow")
    @classmethod
    def _networks(cls, value: str | None) -> str | None:
        for one in (value or "").split(",") if value else ():
            try:
                ip_network(one.strip())
            except ValueError:
                raise ValueError("IP addresses or networks are needed, for example 10.0.0.2,fd00::/64") from None
        return value or None

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, KeyError, OSError):
            raise ValueError("an IANA zone is needed, for example Europe/Paris") from None
        return value

    @field_validator("operator_contact")
    @classmethod
    def _reachable(cls, value: str | None) -> str | None:
        if value and not re.fullmatch(r"https://\S+|[^@\s:/]+@[^@\s:/]+\.[^@\s:/]+", value):
            raise ValueError("a mail address, or an https address is needed")
        return value or None

    @field_validator("accent", "accent_dark")
    @classmethod
    def _legible(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            raise ValueError("a colour of six digits is needed, for example #0a5c63")
        ground = (251, 250, 247) if info.field_name == "accent" else (40, 43, 45)
        if contrast(value, ground) < 4.5:
            raise ValueError("text in it would be too pale to be read: its contrast has to be 4.5:1")
        return value.lower()

    @field_validator("logo")
    @classmethod
    def _drawable(cls, value: Path | None) -> Path | None:
        if value is not None:
            try:
                fine = value.suffix == ".svg" and 0 < value.stat().st_size <= 65_536
            except OSError as error:
                raise ValueError(f"it cannot be read: {error.strerror}") from None
            if not fine:
                raise ValueError("an SVG file of at most 64 kB is needed")
        return value

    @field_validator("github_token_file", "gitlab_token_file", "tokens_file")
    @classmethod
    def _readable(cls, value: Path | None) -> Path | None:
        if value is not None:
            _token_lines(value)
        return value

    @field_validator("index_certificate")
    @classmethod
    def _vouches(cls, value: Path | None) -> Path | None:
        if value is not None:
            try:
                ssl.create_default_context(cafile=value)
            except OSError as error:
                raise ValueError(f"no certificate can be read there: {error.strerror or error}") from None
        return value

    def tokens_for(self, url: str) -> tuple[SecretStr, ...]:
        """The tokens for the host of this URL, each once; none for any but https. Raises SettingsError."""
        parts = urlsplit(url)
        place = parts.netloc.rpartition("@")[2].lower().removesuffix(":443")
        if parts.scheme != "https":
            return ()
        found: list[str] = []
        if place in _OWN_SETTINGS:
            given: SecretStr | None = getattr(self, _OWN_SETTINGS[place])
            found += re.split(r"[\s,]+", given.get_secret_value()) if given else []
            name = f"{_OWN_SETTINGS[place]}_file"
            found += [token for (token,) in _words(name, getattr(self, name, None), 1)]
        names = {place, "github.com"} if place == "api.github.com" else {place}
        found += [token for host, token in _words("tokens_file", self.tokens_file, 2) if host.lower() in names]
        return tuple(SecretStr(token) for token in dict.fromkeys(found) if token)

    @property
    def secure(self) -> bool:
        """Whether the pages are on https."""
        public = (self.public_url or "").lower()
        return public.startswith("https://") if self.secure_cookies is None else self.secure_cookies

    @property
    def database_url(self) -> str:
        """The catalogue's URL, with the default filled in."""
        return self.database or f"sqlite:///{self.data / 'catalogue.sqlite'}"

    @property
    def index_target(self) -> str:
        """The index's folder or address, with the default filled in."""
        return self.index or str(self.data / "index")

    @property
    def dump_file(self) -> Path:
        """Where the archive of all that is published lies, which a worker makes anew each day."""
        return self.data / "dump" / "civic-software-dump.zip"

    @property
    def user_agent(self) -> str:
        """How we introduce ourselves, with an address where we can be told to stop."""
        from harvester import __version__

        return f"CivicHarvester/{__version__} (+{self.contact})"


def _address(value: SecretStr | None, schemes: tuple[str, ...], needed: str) -> SecretStr | None:
    """An address of one of these schemes that names a host, or nothing. Raises ValueError, which does not repeat it."""
    text = value.get_secret_value().strip() if value is not None else ""
    if not text:
        return None
    try:
        parts = urlsplit(text)
        fine = parts.scheme in schemes and bool(parts.hostname) and parts.port is not False
    except ValueError:
        fine = False
    if not fine:
        raise ValueError(needed)
    return SecretStr(text)


def contrast(colour: str, ground: tuple[int, int, int]) -> float:
    """How far apart a colour ("#0a5c63") and a ground are, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    own = tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))
    lighter, darker = sorted((_luminance(own), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Iterable[int]) -> float:
    shares = (part / 255 for part in colour)
    linear = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares)
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _token_lines(file: Path) -> list[tuple[int, str]]:
    """The lines of a file of tokens with their numbers, without comments. Raises ValueError that quotes none of it."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise ValueError(f"it cannot be read: {reason}") from None
    lines = ((number, line.partition("#")[0].strip()) for number, line in enumerate(text.splitlines(), 1))
    return [(number, line) for number, line in lines if line]


def _words(setting: str, file: Path | None, count: int) -> list[list[str]]:
    """The words of each line of a file of tokens. Raises SettingsError that names the line, never what it holds."""
    variable = PREFIX + setting.upper()
    try:
        lines = _token_lines(file) if file is not None else []
    except ValueError as error:
        raise SettingsError(f"{variable}={str(file)!r}: {error}") from None
    for number, line in lines:
        if len(line.split()) != count:
            raise SettingsError(
                f"{variable}={str(file)!r}: line {number} has {len(line.split())} words instead of {count}",
                remedy="a line is a host, a space and a token" if count > 1 else "a line is a token",
            )
    return [line.split() for _, line in lines]


def unknown_variables(environment: Mapping[str, str] = os.environ) -> dict[str, str | None]:
    """The variables that look like settings and are none, each with the setting that may be meant."""
    known = [name.upper() for name in Settings.model_fields]
    named = {name: name[len(PREFIX) :].upper() for name in sorted(environment) if name.upper().startswith(PREFIX)}
    near = {
        name: get_close_matches(rest, known, 1)
        for name, rest in named.items()
        if rest not in known and name not in _OF_OTHERS
    }
    return {name: PREFIX + found[0] if found else None for name, found in near.items()}


def load_settings(**overrides: object) -> Settings:
    """The settings in force. Raises SettingsError that names the variable, its value and what is allowed."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        value = os.environ.get(name, first["input"])
        raise SettingsError(
            f"{name}={masked(str(value))!r}: {first['msg'].removeprefix('Value error, ')}",
            remedy="`harvester settings` explains each",
        ) from None
