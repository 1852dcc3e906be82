"""The only module that knows where files lie, and the only one that reads configuration.

A workspace is a folder with `bi-contracts.toml`, or a `pyproject.toml` that has `[tool.bi_contracts]`;
without either it is the current folder. Flags beat the environment, the environment beats the file. The file also
names what the workspace adds: declarations of platforms (`platforms`), second accounts (`accounts`), files of checks
(`checks`), business rules (`rules`) and how health is watched (`health`).
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import urlsplit

from .errors import ConfigurationError

CONFIG = "bi-contracts.toml"
PREFIX = "BI_CONTRACTS_"


@dataclass(frozen=True, slots=True)
class Settings:
    """What `[tool.bi_contracts]` may say.

    Attributes:
        cassettes: Folder of the recordings, below the workspace.
        contracts: Folder of the contracts, below the workspace.
        state: Folder of accepted changes and past drift reports, below the workspace.
        mode: `replay`, `record`, `live` or `sandbox`.
        fail_on: The least severity of drift that fails a run: `breaking`, `warning` or `info`.
        max_age_days: Recordings older than this are called stale.
        personal: False keeps e-mail addresses, names and phone numbers in recordings. Credentials never stay.
        text: False keeps message texts in recordings.
    """

    cassettes: str = "cassettes"
    contracts: str = "contracts"
    state: str = ".bi-contracts"
    mode: str = "replay"
    fail_on: str = "breaking"
    max_age_days: int = 30
    personal: bool = True
    text: bool = True


@dataclass(frozen=True, slots=True)
class Account:
    """One more account of a platform, as the table `[accounts."hubspot@eu"]` declares it. It never holds a credential.

    Attributes:
        name: `hubspot@eu`: platform, `@`, and the label that tells the accounts apart.
        base_url: Where its API stands; "" for the platform's own place.
        credentials: Variable that the platform names -> variable that holds this account's value.
        where: File and table, for messages.
    """

    name: str
    base_url: str = ""
    credentials: tuple[tuple[str, str], ...] = ()
    where: str = ""

    @property
    def platform(self) -> str:
        return self.name.partition("@")[0]

    @property
    def label(self) -> str:
        return self.name.partition("@")[2]


_CHOICES: Mapping[str, tuple[str, ...]] = {
    "mode": ("replay", "record", "live", "sandbox"),
    "fail_on": ("breaking", "warning", "info"),
}


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where a project keeps its recordings and contracts.

    Attributes:
        root: The folder.
        settings: From the configuration file and the environment.
        environ: The environment, with `.env` of the root below it.
        platforms: Files that declare further platforms, absolute.
        accounts: Further accounts of declared platforms.
        checks: Files of Python that hold further checks, absolute.
        tables: `rules` and `health` as the file has them: whoever uses them says what is wrong with them.
        where: The configuration file, or the folder where there is none; for messages.
    """

    root: Path
    settings: Settings = field(default_factory=Settings)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    platforms: tuple[Path, ...] = ()
    accounts: tuple[Account, ...] = ()
    checks: tuple[Path, ...] = ()
    tables: Mapping[str, Any] = field(default_factory=dict)
    where: str = ""

    @classmethod
    def discover(cls, start: Path | None = None, environ: Mapping[str, str] | None = None) -> Self:
        """The workspace that `start` (the current folder) lies in.

        Raises `ConfigurationError` for a file that does not parse and for settings that are unknown or of the
        wrong kind, naming file and key.
        """
        root, table, file = _find(Path(start or Path.cwd()).resolve())
        where = str(file or root)
        process = dict(os.environ if environ is None else environ)
        settings = _settings({name: value for name, value in table.items() if name not in _ADDED}, where)
        settings = _settings(_from_environ(process), "the environment", settings)
        known = MappingProxyType({**_dotenv(root / ".env"), **process})
        platforms, checks = (
            tuple((root / name).resolve() for name in _names(table.get(key, []), where, key))
            for key in ("platforms", "checks")
        )
        accounts = _accounts(table.get("accounts", {}), where)
        tables = {name: table[name] for name in _TABLES if name in table}
        return cls(root, settings, known, platforms, accounts, checks, tables, where)

    def cassette(self, id: str) -> Path:
        """Where the recording of an endpoint is written."""
        return self.root / self.settings.cassettes / f"{id}.yaml"

    def contract(self, id: str) -> Path:
        """Where the contract of an endpoint is written."""
        return self.root / self.settings.contracts / f"{id}.schema.json"

    def find_cassette(self, id: str) -> Path | None:
        """The recording to replay: the workspace's own; the packaged reference where it has nothing of the endpoint."""
        return _existing(self.cassette(id) if self.knows(id) else reference("cassettes") / f"{id}.yaml")

    def find_contract(self, id: str) -> Path | None:
        """The contract to hold to: the workspace's own; the packaged reference where it has nothing of the endpoint.

        An account without a contract of its own is held to its platform's: `hubspot@eu/contacts` to `hubspot/contacts`.
        """
        shared = shared_id(id)
        for own in (self.contract(id), self.contract(shared)):
            if own.is_file():
                return own
        return None if self.knows(id) or self.knows(shared) else _existing(_reference_contract(shared))

    def knows(self, id: str) -> bool:
        """Whether the workspace has a recording or a contract of its own: then the reference does not mix in."""
        return self.cassette(id).is_file() or self.contract(id).is_file()

    def owns(self, path: Path) -> bool:
        """Whether a file is the workspace's own, and not packaged reference data."""
        return path.is_relative_to(self.root)

    def recorded_ids(self) -> tuple[str, ...]:
        """The ids of all recordings in the workspace, of declared endpoints or not, sorted."""
        return ids_below(self.root / self.settings.cassettes, ".yaml")

    def contract_ids(self) -> tuple[str, ...]:
        """The ids of all contracts in the workspace, of declared endpoints or not, sorted."""
        return ids_below(self.root / self.settings.contracts, ".schema.json")

    @property
    def baseline(self) -> Path:
        """The file of accepted changes."""
        return self.root / self.settings.state / "accepted.json"

    @property
    def history(self) -> Path:
        """The file of past drift reports."""
        return self.root / self.settings.state / "history.jsonl"

    def with_settings(self, **changes: Any) -> Workspace:
        """The same workspace with some settings replaced; None leaves one as it is."""
        given = {name: value for name, value in changes.items() if value is not None}
        return replace(self, settings=_settings(given, "the command line", self.settings))


def shared_id(id: str) -> str:
    """The id of the same endpoint of the platform itself: `hubspot/contacts` for `hubspot@eu/contacts`."""
    platform, slash, endpoint = id.partition("/")
    return platform.partition("@")[0] + slash + endpoint


def ids_below(folder: Path, suffix: str) -> tuple[str, ...]:
    """The ids of the files in a folder of cassettes or contracts: `asana/tasks` for `asana/tasks.yaml`."""
    found = (path.relative_to(folder).as_posix().removesuffix(suffix) for path in folder.rglob(f"*{suffix}"))
    return tuple(sorted(found))


def reference(kind: str) -> Path:
    """The folder of packaged reference `cassettes` or `contracts`: in the wheel, or beside a source checkout."""
    package = Path(__file__).parent
    packaged = package / "reference" / kind
    return packaged if packaged.is_dir() else package.parent / kind


def _reference_contract(id: str) -> Path:
    return reference("contracts") / f"{id}.schema.json"


def _find(start: Path) -> tuple[Path, Mapping[str, Any], Path | None]:
    for folder in (start, *start.parents):
        if (folder / CONFIG).is_file():
            return folder, _toml(folder / CONFIG), folder / CONFIG
        if (folder / "pyproject.toml").is_file():
            table = _toml(folder / "pyproject.toml").get("tool", {}).get("bi_contracts")
            if table is not None:
                return folder, table, folder / "pyproject.toml"
    return start, {}, None


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigurationError(f"{path}: {error}") from None


def _settings(table: Mapping[str, Any], where: str, base: Settings | None = None) -> Settings:
    known = {one.name: type(one.default) for one in fields(Settings)}
    for name, value in table.items():
        if name not in known:
            near = get_close_matches(name, [*known, *_ADDED], n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join([*known, *_ADDED])}."
            raise ConfigurationError(f"{where}: unknown setting {name!r}: {hint}")
        if type(value) is not known[name]:
            raise ConfigurationError(f"{where}: {name} must be {known[name].__name__}, not {value!r}")
        if value not in _CHOICES.get(name, (value,)):
            raise ConfigurationError(f"{where}: {name} must be one of {', '.join(_CHOICES[name])}, not {value!r}")
    return replace(base or Settings(), **table)


_TABLES = ("rules", "health")
_ADDED = ("platforms", "accounts", "checks", *_TABLES)
_ACCOUNT = re.compile(r"[A-Za-z0-9_.-]+@[a-z0-9]+(-[a-z0-9]+)*")
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _names(listed: Any, where: str, key: str) -> tuple[str, ...]:
    """The files that `platforms` or `checks` lists."""
    if not isinstance(listed, list) or not all(isinstance(name, str) and name for name in listed):
        example = "acme.toml" if key == "platforms" else "checks.py"
        raise ConfigurationError(f'{where}: {key} must be a list of files: {key} = ["{example}"]')
    return tuple(listed)


def _accounts(tables: Any, where: str) -> tuple[Account, ...]:
    """The accounts, in order. A value that is refused is never shown: it may be a credential."""
    if not isinstance(tables, dict):
        raise ConfigurationError(f'{where}: accounts must be tables, one an account: [accounts."hubspot@eu"]')
    return tuple(_account(name, table, f'{where}: [accounts."{name}"]') for name, table in tables.items())


def _account(name: str, table: Any, where: str) -> Account:
    if not _ACCOUNT.fullmatch(name):
        words = "must be a platform, @ and a label of small letters, digits and single hyphens: hubspot@eu"
        raise ConfigurationError(f"{where}: the name {words}")
    if not isinstance(table, dict):
        raise ConfigurationError(f'{where}: must be a table; empty is enough: [accounts."{name}"]')
    for key in table:
        if key not in ("base_url", "credentials"):
            raise ConfigurationError(f"{where}: unknown setting {key!r}: known are base_url, credentials")
    return Account(name, _base_url(table, where), _credentials(table.get("credentials", {}), where), where)


def _base_url(table: Mapping[str, Any], where: str) -> str:
    if "base_url" not in table:
        return ""
    value = table["base_url"]
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        host, plain = parts.hostname or "", not (parts.username or parts.password or parts.query or parts.fragment)
    except ValueError:
        host, plain = "", False
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK) if plain else False
    if not (host and secure):
        raise ConfigurationError(f"{where}: base_url must be https://HOST/PATH, without user, password or query")
    return str(value)


def _credentials(table: Any, where: str) -> tuple[tuple[str, str], ...]:
    words = 'credentials must name variables, never values: credentials = { HUBSPOT_ACCESS_TOKEN = "HUBSPOT_EU_TOKEN" }'
    if not isinstance(table, dict):
        raise ConfigurationError(f"{where}: {words}")
    for name, variable in table.items():
        if not isinstance(variable, str) or not VARIABLE.fullmatch(variable):
            raise ConfigurationError(
                f"{where}: credentials.{name} must be the name of an environment variable, in capitals,"
                " and never the credential itself"
            )
    return tuple(table.items())


def _from_environ(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in fields(Settings):
        value = environ.get(PREFIX + one.name.upper())
        if value is None:
            continue
        found[one.name] = _cast(value, type(one.default), PREFIX + one.name.upper())
    return found


def _cast(value: str, kind: type, name: str) -> Any:
    if kind is bool:
        if value.lower() in {"1", "true", "yes", "on"}:
            return True
        if value.lower() in {"0", "false", "no", "off"}:
            return False
        raise ConfigurationError(f"{name} must be true or false, not {value!r}")
    try:
        return kind(value)
    except ValueError:
        raise ConfigurationError(f"{name} must be a number, not {value!r}") from None


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    from dotenv import dotenv_values

    return {name: value for name, value in dotenv_values(path).items() if value is not None}


def _existing(path: Path) -> Path | None:
    return path if path.is_file() else None
