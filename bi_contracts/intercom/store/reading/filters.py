"""What a conversation must be to be found, besides its words."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, MetaData, Table, Text, exists, func, select

from ..schema import TIE_BITS, conversation_contacts, conversations
from ..values import Query
from .contact import ids_of
from .matching import one_of

LATEST = 2**43 - 1
"""Unix seconds: later moments are taken as this one."""

tagged = Table(
    "conversation_tags",
    MetaData(),
    Column("tag", Text),
    Column("updated_at", BigInteger),
    Column("conversation", BigInteger),
)


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of a query.

    Attributes:
        since: Unix seconds, at or after this.
        until: And before this.
        contacts: Ids of whom it is with, None for anybody.
    """

    since: int
    until: int
    state: str
    admin: str
    team: str
    tag: str
    contacts: tuple[str, ...] | None

    @property
    def nobody(self) -> bool:
        """Whether nothing can be found."""
        return self.since >= self.until or self.contacts == ()

    @property
    def narrow(self) -> bool:
        """Whether an index leads to the conversations that pass."""
        return self.contacts is not None or any((self.state, self.admin, self.team, self.tag))

    @property
    def lo(self) -> int:
        """The number of the first message that may be found."""
        return self.since << TIE_BITS

    @property
    def hi(self) -> int:
        """And of the first one after the last."""
        return self.until << TIE_BITS

    def kept(self, connection: Connection) -> list[ColumnElement[bool]]:
        """What must hold for a row of `conversations`; times are left to the caller.

        It is asked of rows that are known by their numbers, so that no index of its columns helps.
        """
        row = conversations.c
        wanted = ((row.state, self.state), (row.admin_id, self.admin), (row.team_id, self.team))
        kept = [row.deleted_at.is_(None), *(func.coalesce(column, "") == value for column, value in wanted if value)]
        if self.tag:
            of = tagged.alias("of").c
            kept.append(exists().where(of.tag == self.tag, of.updated_at == row.updated_at, of.conversation == row.n))
        if self.contacts is not None:
            link = conversation_contacts.c
            of_contact = (link.conversation == row.n, one_of(connection, link.contact, self.contacts))
            kept.append(exists(select(link.contact).where(*of_contact)))
        return kept


def filters_of(connection: Connection, query: Query) -> Filters:
    """The filters of a query, its contact looked up."""
    return Filters(
        since=moment(query.since, 0),
        until=moment(query.until, LATEST),
        state=query.state,
        admin=query.admin,
        team=query.team,
        tag=query.tag,
        contacts=tuple(ids_of(connection, query.contact)) if query.contact else None,
    )


def moment(given: int | None, otherwise: int) -> int:
    """A time that any database compares."""
    return otherwise if given is None else max(0, min(given, LATEST))
