"""Writes contacts: whole ones, those that conversations tell of, and merges. Links conversations with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, select, update

from ...raw import canonical, digest_of, packed
from ...records import Contact, Conversation, contacts_in
from ..schema import contacts
from ..schema import conversation_contacts as links
from ..values import Written
from .notes import read_again

if TYPE_CHECKING:
    from .batch import Batch

Row = dict[str, Any]
COLUMNS = [column for column in contacts.c if column.name != "raw"]
_CHANGE = update(contacts).where(contacts.c.id == bindparam("key"))


def write(batch: Batch, found: Sequence[Contact]) -> Written:
    """Whole ones are written where they are not older than what is held; brief ones fill in what is not known."""
    held = _held(batch, (one.id for one in found))
    before = {id: dict(row) for id, row in held.items()}
    changed: dict[str, Row] = {}
    for one in found:
        known = held.get(one.id)
        row = _brief(one, known) if one.brief else _whole(one, known)
        if row is not None:
            held[one.id] = changed[one.id] = row
    _store(batch, before, changed)
    new = sum(id not in before for id in changed)
    read_again(batch, "contact", [one.id for one in found if not one.brief])
    for one in found:
        if one.merged_into:
            merge(batch, one.id, one.merged_into)
    return Written(new=new, updated=len(changed) - new, unchanged=len(found) - len(changed))


def introduce(batch: Batch, conversations: Mapping[int, Conversation], known: Iterable[int]) -> None:
    """Keeps what conversations (by number) tell of their contacts, and links them. `known` ones had links before."""
    told = [contact for one in conversations.values() for contact in contacts_in(one)]
    held = _held(batch, (one.id for one in told))
    before = {id: dict(row) for id, row in held.items()}
    changed: dict[str, Row] = {}
    for one in told:
        row = _brief(one, held.get(one.id))
        if row is not None:
            held[one.id] = changed[one.id] = row
    _store(batch, before, changed)
    wanted = {
        (n, held[id]["merged_into"] or id if id in held else id)
        for n, one in conversations.items()
        for id in one.contact_ids
    }
    had = {(row.conversation, row.contact) for row in batch.matching(_LINKS, links.c.conversation, known)}
    added = [{"conversation": n, "contact": contact} for n, contact in sorted(wanted - had)]
    batch.database.insert(batch.connection, links, added)
    if had - wanted:
        rows = [{"n": n, "who": contact} for n, contact in sorted(had - wanted)]
        batch.connection.execute(_UNLINK, rows)


_LINKS = select(links.c.conversation, links.c.contact)
_UNLINK = delete(links).where(links.c.conversation == bindparam("n"), links.c.contact == bindparam("who"))


def merge(batch: Batch, old: str, new: str) -> None:
    """Says that `old` became `new`, and gives it the links of `old`."""
    held = _held(batch, (old, new))
    target = held[new]["merged_into"] if new in held else ""
    if target and target != old:
        new = target
        held |= _held(batch, (new,))
    if old == new:
        return
    before = {id: dict(row) for id, row in held.items()}
    changed = {
        old: {**(held.get(old) or _unknown(old)), "merged_into": new},
        new: {**(held.get(new) or _unknown(new)), "merged_into": ""},
    }
    _store(batch, before, {id: row for id, row in changed.items() if before.get(id) != row})
    connection = batch.connection
    # Whoever became the old one before, became the new one.
    connection.execute(update(contacts).where(contacts.c.merged_into == old).values(merged_into=new))
    mine = select(links.c.conversation).where(links.c.contact == new)
    moved = update(links).where(links.c.contact == old, links.c.conversation.not_in(mine)).values(contact=new)
    connection.execute(moved)
    connection.execute(delete(links).where(links.c.contact == old))


def _held(batch: Batch, ids: Iterable[str]) -> dict[str, Row]:
    return {row.id: row._asdict() for row in batch.matching(select(*COLUMNS), contacts.c.id, dict.fromkeys(ids))}


def _store(batch: Batch, before: Mapping[str, Row], rows: Mapping[str, Row]) -> None:
    for id, row in rows.items():
        known = before.get(id)
        batch.tally.add("contacts", _counts(row) - (known is not None and _counts(known)))
    added = [{"raw": None, **row} for id, row in rows.items() if id not in before]
    batch.database.insert(batch.connection, contacts, added)
    for same in (True, False):  # what is known in brief only has no raw record, and must not take one away
        changed = [{**row, "key": id} for id, row in rows.items() if id in before and ("raw" in row) is same]
        if changed:
            batch.connection.execute(_CHANGE, changed)


def _counts(row: Row) -> int:
    return row["deleted_at"] is None and not row["merged_into"]


def _unknown(id: str) -> Row:
    return _row(Contact(id, brief=True))


def _row(one: Contact) -> Row:
    return {
        "id": one.id,
        "role": one.role,
        "external_id": one.external_id,
        "name": one.name,
        "email": one.email,
        "phone": one.phone,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "brief": one.brief,
        "merged_into": "",
        "digest": brief_digest(one),
        "deleted_at": None,
    }


TOLD = ("role", "external_id", "name", "email", "phone")


def brief_digest(one: Contact) -> str:
    """Of what conversations tell of a contact: there is no raw record that it could be checked against."""
    return digest_of(canonical([one.id, *(getattr(one, name) for name in TOLD)]))


def _brief(one: Contact, known: Row | None) -> Row | None:
    """What is held, with what a conversation tells beside it; None where that is nothing new."""
    if known is None:
        return _row(one)
    if not known["brief"]:
        return None
    told = {name: getattr(one, name) or known[name] for name in TOLD}
    if all(known[name] == value for name, value in told.items()):
        return None
    return {**known, **told, "digest": brief_digest(Contact(one.id, **told))}


def _whole(one: Contact, known: Row | None) -> Row | None:
    """Its row, None where what is held is newer or the same."""
    text = canonical(one.raw)
    row = {**_row(one), "digest": digest_of(text), "raw": packed(text)}
    if known is None or known["brief"]:
        return row if known is None else {**row, "merged_into": known["merged_into"]}
    if (one.updated_at or 0) < (known["updated_at"] or 0):
        return None
    if row["digest"] == known["digest"] and known["deleted_at"] is None:
        return None
    return {**row, "merged_into": known["merged_into"]}
