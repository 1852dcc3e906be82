"""Opens stores: whose database it is, whether it is one, and of which version."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote

from ...errors import ConfigurationError, StoreError, StoreMissing

try:
    import sqlalchemy
except ImportError:
    raise ConfigurationError("a store needs SQLAlchemy: pip install 'bi-contracts[intercom]'") from None

from .database import Database
from .migrations import migrate, refuse_newer
from .store import Store


def opened(target: str, *, create: bool, read_only: bool, now: Callable[[], float], patience: float) -> Store:
    """As `open_store`."""
    database = _database(target, read_only=read_only, patience=patience)
    try:
        if not database.exists():
            if not create:
                raise StoreMissing(
                    f"there is no store at {database.address}: bi-contracts intercom sync makes one, or name another"
                )
            database.prepare()
        (refuse_newer if read_only else migrate)(database, create=create)
    except BaseException:
        database.engine.dispose()
        raise
    return Store(database, now)


def _database(target: str, *, read_only: bool, patience: float) -> Database:
    scheme, separator, rest = target.partition("://")
    if not separator:
        scheme, rest = "sqlite", f"/{target}"
    match scheme:
        case "sqlite" | "sqlite+pysqlite":
            from .sqlite import SQLite

            path = unquote(rest.removeprefix("/")) if separator else target
            if path in ("", ":memory:"):
                raise StoreError("a store is a file: sqlite:///folder/file.db")
            return SQLite(path, read_only=read_only, patience=patience)
        case "postgresql" | "postgres" | "postgresql+psycopg":
            from .postgres import Postgres

            return Postgres(_url(target, rest), read_only=read_only, patience=patience)
    raise StoreError(f"no store is at {scheme}://...: name a path, sqlite:///path or postgresql+psycopg://user@host/db")


def _url(target: str, rest: str) -> sqlalchemy.URL:
    try:
        return sqlalchemy.make_url(f"postgresql+psycopg://{rest}")
    except (sqlalchemy.exc.ArgumentError, ValueError):
        scheme = target.partition("://")[0]
        raise StoreError(f"{scheme}://... is no URL of a database: postgresql+psycopg://user@host/db") from None
