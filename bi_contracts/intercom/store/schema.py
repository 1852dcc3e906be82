"""The tables, the same for SQLite and PostgreSQL. Full-text search differs and stands with each database.

Times are Unix seconds by Intercom's clock, unless said otherwise. `raw` holds what Intercom sent (`intercom.raw`).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    event,
    false,
    func,
)

VERSION = 1
"""Of the schema. A store of an older one is migrated, one of a newer one is refused."""

TIE_BITS = 20
"""Low bits of a part's number; above them stands when it was created, so that numbers grow with time."""

metadata = MetaData()

# SQLite numbers rows by itself in a column of exactly this type.
Number = BigInteger().with_variant(Integer, "sqlite")

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),  # schema, source (live, sandbox, replay), workspace, region, ...
    Column("value", Text, nullable=False),
)

conversations = Table(
    "conversations",
    metadata,
    Column("n", Number, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),  # the newest that a search row or a body said
    Column("seen_at", BigInteger, nullable=False),  # the newest that a search row said
    Column("body_at", BigInteger),  # updated_at of the body that is held, None for a head
    Column("fetched_at", BigInteger),  # when that body was answered
    Column("pending", Boolean, nullable=False),  # whether its body is to be fetched
    Column("state", Text, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("read", Boolean, nullable=False),
    Column("subject", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("admin_id", Text, nullable=False),
    Column("team_id", Text, nullable=False),
    Column("priority", Text, nullable=False),
    Column("tags", Text, nullable=False),  # a JSON array
    Column("parts_total", Integer, nullable=False),  # that Intercom says there are
    Column("parts_held", Integer, nullable=False),  # the first message not counted
    Column("truncated", Boolean, nullable=False),  # whether parts are missing that Intercom does not send any more
    Column("head_digest", Text, nullable=False),
    Column("digest", Text, nullable=False),  # of everything held: `records.content_digest`
    Column("raw", LargeBinary, nullable=False),
    Column("deleted_at", BigInteger),  # a tombstone
    Column("deleted_by", Text),  # how that is known: deleted (their list), missing (404), reconciled
)
Index("conversations_by_update", conversations.c.updated_at.desc(), conversations.c.n)
# A search by one of these reads the newest that have it, whatever else there is.
for _column in (conversations.c.state, conversations.c.admin_id, conversations.c.team_id):
    Index(f"conversations_by_{_column.name}", _column, conversations.c.updated_at.desc(), conversations.c.n)
Index(
    "conversations_pending",
    conversations.c.updated_at.desc(),
    sqlite_where=conversations.c.pending,
    postgresql_where=conversations.c.pending,
)

# Kept in step by the database itself: the newest conversations that have a tag, whatever else there is. No table of
# `metadata`, since it is nothing but an index: whoever copies conversations gets it made.
TAGS = {
    "sqlite": (
        "CREATE TABLE conversation_tags (tag TEXT NOT NULL, updated_at BIGINT NOT NULL, conversation BIGINT NOT NULL,"
        " PRIMARY KEY (tag, updated_at DESC, conversation)) WITHOUT ROWID",
        "CREATE TRIGGER conversation_tagged AFTER INSERT ON conversations"
        " WHEN new.tags <> '[]' AND new.deleted_at IS NULL BEGIN"
        " INSERT OR IGNORE INTO conversation_tags SELECT value, new.updated_at, new.n FROM json_each(new.tags); END",
        "CREATE TRIGGER conversation_retagged AFTER UPDATE OF tags, updated_at, deleted_at ON conversations"
        " WHEN old.tags <> new.tags OR old.updated_at <> new.updated_at OR old.deleted_at IS NOT new.deleted_at BEGIN"
        " DELETE FROM conversation_tags WHERE tag IN (SELECT value FROM json_each(old.tags))"
        " AND updated_at = old.updated_at AND conversation = old.n;"
        " INSERT OR IGNORE INTO conversation_tags SELECT value, new.updated_at, new.n FROM json_each(new.tags)"
        " WHERE new.deleted_at IS NULL; END",
        "CREATE TRIGGER conversation_untagged AFTER DELETE ON conversations WHEN old.tags <> '[]' BEGIN"
        " DELETE FROM conversation_tags WHERE tag IN (SELECT value FROM json_each(old.tags))"
        " AND updated_at = old.updated_at AND conversation = old.n; END",
    ),
    "postgresql": (
        "CREATE TABLE conversation_tags (tag TEXT NOT NULL, updated_at BIGINT NOT NULL, conversation BIGINT NOT NULL)",
        "CREATE UNIQUE INDEX conversations_by_tag ON conversation_tags (tag, updated_at DESC, conversation)",
        "CREATE FUNCTION conversation_retagged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF TG_OP <> 'INSERT' THEN DELETE FROM conversation_tags WHERE updated_at = old.updated_at"
        " AND conversation = old.n AND tag IN (SELECT jsonb_array_elements_text(old.tags::jsonb)); END IF;"
        " IF TG_OP <> 'DELETE' THEN INSERT INTO conversation_tags"
        " SELECT value, new.updated_at, new.n FROM jsonb_array_elements_text(new.tags::jsonb)"
        " WHERE new.deleted_at IS NULL ON CONFLICT DO NOTHING; END IF; RETURN NULL; END $$",
        "CREATE TRIGGER conversation_retagged AFTER INSERT OR DELETE OR UPDATE OF tags, updated_at, deleted_at"
        " ON conversations FOR EACH ROW EXECUTE FUNCTION conversation_retagged()",
    ),
}


@event.listens_for(conversations, "after_create")
def _index_tags(_: Table, connection: Connection, **__: object) -> None:
    for statement in TAGS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


parts = Table(
    "parts",
    metadata,
    Column("n", Number, primary_key=True, autoincrement=False),  # created_at << TIE_BITS | what tells ties apart
    Column("conversation", BigInteger, ForeignKey("conversations.n", ondelete="CASCADE"), nullable=False),
    Column("id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("author_type", Text, nullable=False),
    Column("author_id", Text, nullable=False),
    Column("author_name", Text, nullable=False),
    Column("author_email", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("redacted", Boolean, nullable=False),
    Column("digest", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    UniqueConstraint("conversation", "id"),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("external_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("created_at", BigInteger),
    Column("updated_at", BigInteger),
    Column("brief", Boolean, nullable=False),  # only what conversations tell of it
    Column("merged_into", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("raw", LargeBinary),
    Column("deleted_at", BigInteger),
)
Index("contacts_by_email", func.lower(contacts.c.email))
Index(
    "contacts_by_heir",
    contacts.c.merged_into,
    sqlite_where=contacts.c.merged_into != "",
    postgresql_where=contacts.c.merged_into != "",
)

conversation_contacts = Table(
    "conversation_contacts",
    metadata,
    Column("conversation", BigInteger, ForeignKey("conversations.n", ondelete="CASCADE"), primary_key=True),
    Column("contact", Text, primary_key=True),
)
Index("conversations_by_contact", conversation_contacts.c.contact, conversation_contacts.c.conversation)

tickets = Table(
    "tickets",
    metadata,
    Column("id", Text, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("contact_ids", Text, nullable=False),  # a JSON array
    Column("digest", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("deleted_at", BigInteger),
)
Index("tickets_by_update", tickets.c.updated_at.desc(), tickets.c.id)

cursors = Table(
    "cursors",
    metadata,
    Column("stream", Text, primary_key=True),  # conversations, contacts, tickets, deleted, reconciled
    Column("value", BigInteger, nullable=False),  # newest updated_at of its search rows
    Column("at", BigInteger, nullable=False),  # when that was answered
)

shards = Table(
    "shards",
    metadata,
    Column("lo", BigInteger, primary_key=True),  # updated_at above this,
    Column("hi", BigInteger, primary_key=True),  # and up to this
    Column("backfill", Text, nullable=False),  # which backfill it belongs to
    Column("anchor", BigInteger),  # how far its heads are read, None where they are not begun
    Column("expected", Integer),  # total_count as the search said it
    Column("seen", Integer, nullable=False),
    Column("done", Boolean, nullable=False),
)

coverage = Table(
    "coverage",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("lo", BigInteger, primary_key=True),  # everything updated above this,
    Column("hi", BigInteger, nullable=False),  # and up to this, is held
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("stream", Text, primary_key=True),  # conversation, part, contact, ticket
    Column("id", Text, primary_key=True),  # the record's, or its digest where it has none
    Column("at", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
)

drift = Table(
    "drift",
    metadata,
    Column("endpoint", Text, primary_key=True),
    Column("rule", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("severity", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("seen", Integer, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    # conversations, heads (of them: no body yet), pending, deleted, parts, truncated, contacts, tickets, dead_letters
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),  # a token of its own for each holder
    Column("who", Text, nullable=False),  # host and process, for people
    Column("acquired_at", BigInteger, nullable=False),  # by this machine's clock
    Column("expires_at", BigInteger, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("n", Number, primary_key=True, autoincrement=True),
    Column("started_at", BigInteger, nullable=False),  # by Intercom's clock
    Column("ended_at", BigInteger),
    Column("kind", Text, nullable=False),  # backfill, incremental, full, repair
    Column("source", Text, nullable=False),
    Column("outcome", Text, nullable=False, server_default="running"),  # running, done, partial, failed
    Column("error", Text, nullable=False, server_default=""),
    Column("milliseconds", BigInteger, nullable=False, server_default="0"),  # it took, here
    Column("calls", BigInteger, nullable=False, server_default="0"),
    Column("refused", BigInteger, nullable=False, server_default="0"),  # answers 429
    Column("retried", BigInteger, nullable=False, server_default="0"),
    Column("conversations", BigInteger, nullable=False, server_default="0"),  # bodies written
    Column("parts", BigInteger, nullable=False, server_default="0"),
    Column("interrupted", Boolean, nullable=False, server_default=false()),
)
