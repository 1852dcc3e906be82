"""The only module that knows where files lie, and the only one that reads configuration.

A workspace is a folder with `bi-contracts.toml`, or a `pyproject.toml` that has `[tool.bi_contracts]`;
without either it is the current folder. Flags beat the environment, the environment beats the file.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

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
    """

    root: Path
    settings: Settings = field(default_factory=Settings)
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)

    @classmethod
    def discover(cls, start: Path | None = None, environ: Mapping[str, str] | None = None) -> Self:
        """The workspace that `start` (the current folder) lies in.

        Raises `ConfigurationError` for a file that does not parse and for settings that are unknown or of the
        wrong kind, naming file and key.
        """
        root, table, file = _find(Path(start or Path.cwd()).resolve())
        process = dict(os.environ if environ is None else environ)
        settings = _settings(table, str(file or root))
        settings = _settings(_from_environ(process), "the environment", settings)
        return cls(root, settings, MappingProxyType({**_dotenv(root / ".env"), **process}))

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
        """The contract to hold to: the workspace's own; the packaged reference where it has nothing of the endpoint."""
        return _existing(self.contract(id) if self.knows(id) else reference("contracts") / f"{id}.schema.json")

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


def ids_below(folder: Path, suffix: str) -> tuple[str, ...]:
    """The ids of the files in a folder of cassettes or contracts: `asana/tasks` for `asana/tasks.yaml`."""
    found = (path.relative_to(folder).as_posix().removesuffix(suffix) for path in folder.rglob(f"*{suffix}"))
    return tuple(sorted(found))


def reference(kind: str) -> Path:
    """The folder of packaged reference `cassettes` or `contracts`: in the wheel, or beside a source checkout."""
    package = Path(__file__).parent
    packaged = package / "reference" / kind
    return packaged if packaged.is_dir() else package.parent / kind


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
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."
            raise ConfigurationError(f"{where}: unknown setting {name!r}: {hint}")
        if type(value) is not known[name]:
            raise ConfigurationError(f"{where}: {name} must be {known[name].__name__}, not {value!r}")
        if value not in _CHOICES.get(name, (value,)):
            raise ConfigurationError(f"{where}: {name} must be one of {', '.join(_CHOICES[name])}, not {value!r}")
    return replace(base or Settings(), **table)


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
