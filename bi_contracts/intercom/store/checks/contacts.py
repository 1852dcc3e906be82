"""Contacts and tickets, and how conversations, messages and contacts hang together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, func, select

from ...records import Contact, Undecodable, contact_of, ticket_of
from .. import schema
from ..values import Damage
from ..writing.contacts import TOLD, brief_digest
from .found import Found, Remedy
from .intact import read_back
from .shape import misfits

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row, Table

_CONTACT = ("id", "role", "external_id", "name", "email", "phone", "created_at", "updated_at")
_TICKET = ("id", "created_at", "updated_at", "title", "state", "type", "open")


def contact(row: Row[Any]) -> Iterator[Found]:
    """One contact against what Intercom sent of it; one that only conversations tell of holds nothing else."""
    why = _misfit(schema.contacts, row)
    if why:
        pass
    elif row.merged_into and row.deleted_at is not None:
        why = "it was merged, and deleted"
    elif row.raw is None:
        why = _brief(row)
    elif row.brief:
        why = "more is held of it than conversations tell"
    else:
        why = _differs(row, _CONTACT, contact_of)
    if why:
        yield Found(Damage("contacts", f"a contact: {why}"), Remedy.CONTACTS, key=(row.id,))


def _brief(row: Row[Any]) -> str:
    """One that only conversations tell of."""
    if not row.brief:
        return "what Intercom sent of it is missing"
    if row.created_at is not None or row.updated_at is not None:
        return "no conversation tells such times of it"
    told = {name: getattr(row, name) for name in TOLD}
    return "" if row.digest == brief_digest(Contact(row.id, **told)) else "it is not what conversations told of it"


def ticket(row: Row[Any]) -> Iterator[Found]:
    """One ticket against what Intercom sent of it."""
    why = _misfit(schema.tickets, row) or ("" if row.deleted_at is not None else _differs(row, _TICKET, ticket_of))
    if why:
        yield Found(Damage("digest", f"a ticket: {why}"), Remedy.TICKETS, key=(row.id,))


def _misfit(table: Table, row: Row[Any]) -> str:
    wrong = misfits(table, row._asdict())
    return f"{', '.join(wrong)}: of another type" if wrong else ""


def _differs(row: Row[Any], names: tuple[str, ...], read: Any) -> str:
    value, digest = read_back(bytes(row.raw))
    if digest != row.digest:
        return "what Intercom sent of it is damaged"
    try:
        sent = read(value)
    except Undecodable:
        return "what Intercom sent of it cannot be read"
    wrong = [name for name in names if getattr(row, name) != getattr(sent, name)]
    if hasattr(sent, "contact_ids") and row.contact_ids != json.dumps(list(sent.contact_ids)):
        try:
            if json.loads(row.contact_ids) != list(sent.contact_ids):
                wrong.append("contact_ids")
        except ValueError:
            wrong.append("contact_ids")
    return f"{', '.join(wrong)}: not what Intercom sent" if wrong else ""


_HEIRS = schema.contacts.c.merged_into == ""


def bonds(connection: Connection) -> Iterator[Found]:
    """Messages and links of no conversation, contacts that nobody knows, ids that are held twice."""
    known = select(schema.conversations.c.n)
    parts, links = schema.parts.c, schema.conversation_contacts.c
    orphans = connection.execute(
        select(parts.conversation, func.count()).where(parts.conversation.not_in(known)).group_by(parts.conversation)
    )
    for n, count in orphans:
        yield Found(Damage("threading", f"{count} messages are of no conversation that is held"), Remedy.PART, n=n)
    loose = select(func.count()).where(links.conversation.not_in(known))
    if count := connection.scalar(loose):
        yield Found(Damage("contacts", f"{count} links are of no conversation that is held"), Remedy.PART)
    people = select(schema.contacts.c.id)
    if count := connection.scalar(select(func.count()).where(links.contact.not_in(people))):
        yield Found(Damage("contacts", f"{count} linked contacts are not known"), Remedy.KNOW)
    merged = select(schema.contacts.c.id).where(schema.contacts.c.merged_into.not_in(people.where(_HEIRS)))
    for (id,) in connection.execute(merged.where(schema.contacts.c.merged_into != "")):
        yield Found(Damage("contacts", "a contact was merged into one that is not known"), Remedy.CONTACTS, key=(id,))
    ids = schema.conversations.c.id
    for (id,) in connection.execute(select(ids).group_by(ids).having(func.count() > 1)):
        yield Found(Damage("ids", "its id is held twice", str(id)), Remedy.SALVAGE)


def without_address(connection: Connection) -> Iterator[Found]:
    """Conversations none of whose contacts has an e-mail address: told, and nothing to mend."""
    held, links, people = schema.conversations.c, schema.conversation_contacts.c, schema.contacts.c
    addressed = exists().where(links.conversation == held.n, people.id == links.contact, people.email != "")
    without = select(func.count()).where(held.deleted_at.is_(None), ~addressed)
    if count := connection.scalar(without):
        said = f"{count} conversations have no contact with an e-mail address"
        yield Found(Damage("contacts", said, repairable=False, severity="info"), Remedy.NOTHING)
