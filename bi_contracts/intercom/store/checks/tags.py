"""The tags of conversations, as searches by them read: derived from each conversation's own list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ....errors import StoreError
from ..values import Damage
from .found import Found, Remedy

if TYPE_CHECKING:
    from sqlalchemy import Connection

TOLD = {
    "sqlite": (
        "SELECT DISTINCT t.value, c.updated_at, c.n FROM conversations c,"
        " json_each(CASE WHEN json_valid(c.tags) THEN c.tags ELSE '[]' END) t WHERE c.deleted_at IS NULL"
    ),
    "postgresql": (
        "SELECT DISTINCT t.value, c.updated_at, c.n FROM conversations c"
        " CROSS JOIN LATERAL jsonb_array_elements_text(c.tags::jsonb) AS t(value) WHERE c.deleted_at IS NULL"
    ),
}
"""What the table should hold."""

_HELD = "SELECT tag, updated_at, conversation FROM conversation_tags"


def in_step(connection: Connection) -> Iterator[Found]:
    """Tags that are missing there, and such as no conversation has."""
    told = TOLD[connection.dialect.name]
    missing = f"SELECT count(*) FROM ({told} EXCEPT {_HELD}) AS missing"
    spare = f"SELECT count(*) FROM ({_HELD} EXCEPT {told}) AS spare"
    wrong = sum(int(connection.exec_driver_sql(one).scalar_one()) for one in (missing, spare))
    if wrong:
        yield Found(Damage("index", f"{wrong} tags are not in step with their conversations"), Remedy.TAGS)


def unreadable(error: StoreError) -> Found:
    """Lists of tags that are none."""
    return Found(Damage("index", f"tags cannot be compared with their conversations ({error})"), Remedy.TAGS)


def rebuild(connection: Connection) -> None:
    """Fills the table again."""
    connection.exec_driver_sql("DELETE FROM conversation_tags")
    connection.exec_driver_sql(
        f"INSERT INTO conversation_tags (tag, updated_at, conversation) {TOLD[connection.dialect.name]}"
    )
