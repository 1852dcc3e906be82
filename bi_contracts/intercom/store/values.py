"""What goes into a store and comes out of it, as frozen values. Times are Unix seconds by Intercom's clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ...paths import Json
from ..records import Author

Stream = Literal["conversations", "contacts", "tickets"]


@dataclass(frozen=True, slots=True)
class Written:
    """What a batch changed. Parts are counted by themselves."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    parts_new: int = 0
    parts_updated: int = 0
    parts_removed: int = 0

    def __add__(self, other: Written) -> Written:
        return Written(
            self.new + other.new,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.parts_new + other.parts_new,
            self.parts_updated + other.parts_updated,
            self.parts_removed + other.parts_removed,
        )


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a stream was read: `value` is the newest `updated_at` of its search rows, `at` when that was answered."""

    value: int
    at: int


@dataclass(frozen=True, slots=True)
class Shard:
    """A window of a backfill: updated above `lo` and up to `hi`.

    Attributes:
        backfill: Which backfill it belongs to: its settings as one text.
        anchor: How far down from `hi` its heads are read, None where they are not begun.
        expected: How many conversations the search said it has.
        seen: How many heads were read.
        done: Whether all its heads are held.
    """

    lo: int
    hi: int
    backfill: str
    anchor: int | None = None
    expected: int | None = None
    seen: int = 0
    done: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """Everything updated above `lo` and up to `hi` is held."""

    lo: int
    hi: int


def uncovered(wanted: Range, held: Iterable[Range]) -> Iterator[Range]:
    """The parts of a range that no other one covers, the newest first."""
    top = wanted.hi
    for one in sorted(held, key=lambda one: -one.hi):
        if one.lo >= top:
            continue
        if one.hi <= wanted.lo:
            break
        if one.hi < top:
            yield Range(one.hi, top)
        top = one.lo
    if wanted.lo < top:
        yield Range(wanted.lo, top)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that could not be read, kept as it was sent."""

    stream: str
    id: str
    reason: str
    raw: Json = field(repr=False)
    at: int = 0


@dataclass(frozen=True, slots=True)
class DriftNote:
    """A change of the API's shape that a sync met. `path` is a JSON pointer, without any value."""

    endpoint: str
    rule: str
    path: str
    severity: str
    message: str
    first_at: int = 0
    last_at: int = 0
    seen: int = 1


@dataclass(frozen=True, slots=True)
class Run:
    """One sync. `milliseconds` is what it took here; `refused` counts answers 429."""

    kind: str
    source: str
    started_at: int
    n: int = 0
    ended_at: int | None = None
    outcome: str = "running"
    error: str = ""
    milliseconds: int = 0
    calls: int = 0
    refused: int = 0
    retried: int = 0
    conversations: int = 0
    parts: int = 0
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """What a store knows of itself without counting a row.

    Attributes:
        source: Who was synced: `live`, `sandbox`, `replay`; "" before the first sync.
        workspace: Intercom's id of the workspace, "" where it is not known.
        workspace_name: Its name.
        region: US, EU or AU, "" where it is not known.
        version: The `Intercom-Version` of the last sync.
        counters: conversations, heads, pending, deleted, parts, truncated, contacts, tickets, dead_letters.
        cursors: Stream -> how far it was read.
        coverage: Stream -> ranges of `updated_at` that are held, the oldest first.
        last: The last sync that ended well, None before it.
        latest: The last sync, however it ended or did not.
        bytes: Size on disk.
        drift: Notes of drift that are held.
    """

    source: str
    workspace: str
    workspace_name: str
    region: str
    version: str
    counters: Mapping[str, int]
    cursors: Mapping[str, Cursor]
    coverage: Mapping[str, tuple[Range, ...]]
    last: Run | None
    latest: Run | None
    bytes: int
    drift: int

    def age(self, now: float) -> int | None:
        """Seconds since the last sync that ended well; None before it, and where the source has a time of its own."""
        if self.source != "live" or self.last is None or self.last.ended_at is None:
            return None
        return max(0, round(now) - self.last.ended_at)


@dataclass(frozen=True, slots=True)
class Query:
    """A search.

    Attributes:
        text: Words that must all stand in one message; "quoted" words as they stand; "" for everything.
        since: Updated (no text) or written (text) at or after this.
        until: And before this.
        state: open, closed or snoozed.
        contact: Id or e-mail address of a contact.
        admin: Id of who is assigned.
        team: Id of the team assigned.
        tag: Name of a tag.
        ranked: Best first among the newest candidates, in place of newest first.
        limit: Conversations wanted.
        cursor: Where the last page ended, as it said.
    """

    text: str = ""
    since: int | None = None
    until: int | None = None
    state: str = ""
    contact: str = ""
    admin: str = ""
    team: str = ""
    tag: str = ""
    ranked: bool = False
    limit: int = 20
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A conversation that was found, with the message that matched (the newest one) and a snippet of it."""

    id: str
    subject: str
    state: str
    created_at: int
    updated_at: int
    contact_ids: tuple[str, ...]
    parts: int
    whole: bool
    snippet: str
    matched_at: int
    matched_by: Author
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to.

    Attributes:
        hits: Newest first, or best first where it was ranked.
        cursor: Gives the next page; "" at the end.
        cut: Why there may be more than is told: `time` (the budget ran out) or `candidates` (ranking is bounded).
        examined: Messages, or conversations, that were looked at.
    """

    hits: tuple[Hit, ...]
    cursor: str = ""
    cut: str = ""
    examined: int = 0


@dataclass(frozen=True, slots=True)
class HeldPart:
    """A part as it is held."""

    id: str
    kind: str
    created_at: int
    updated_at: int
    position: int
    author: Author
    text: str
    redacted: bool


@dataclass(frozen=True, slots=True)
class HeldConversation:
    """A conversation as it is held. `parts` stand in their order; `more` is where to go on, None at the end.

    `whole` is False for a head: its first message is all of it that is held yet.
    """

    id: str
    created_at: int
    updated_at: int
    fetched_at: int | None
    state: str
    open: bool
    read: bool
    subject: str
    channel: str
    admin_id: str
    team_id: str
    priority: str
    tags: tuple[str, ...]
    contact_ids: tuple[str, ...]
    parts: tuple[HeldPart, ...]
    parts_total: int
    parts_held: int
    truncated: bool
    whole: bool
    pending: bool
    digest: str
    deleted_at: int | None
    deleted_by: str
    more: int | None = None


@dataclass(frozen=True, slots=True)
class HeldContact:
    """A contact as it is held. `merged_from` are contacts that became this one."""

    id: str
    role: str
    external_id: str
    name: str
    email: str
    phone: str
    created_at: int | None
    updated_at: int | None
    brief: bool
    conversations: int
    merged_from: tuple[str, ...] = ()
    deleted_at: int | None = None


@dataclass(frozen=True, slots=True)
class HeldTicket:
    """A ticket as it is held."""

    id: str
    created_at: int
    updated_at: int
    title: str
    state: str
    type: str
    open: bool
    contact_ids: tuple[str, ...]
    deleted_at: int | None = None


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is wrong in a store.

    Attributes:
        check: file, index, schema, digest, ids, threading, chronology, contacts, contract, counters or coverage.
        message: What is wrong, without any text of a message.
        conversation: Whose it is, "" where it is nobody's.
        repairable: Whether `--repair` can mend it.
    """

    check: str
    message: str
    conversation: str = ""
    repairable: bool = True
    severity: Literal["breaking", "warning", "info"] = "breaking"


@dataclass(frozen=True, slots=True)
class Pending:
    """A conversation whose body is to be fetched."""

    id: str
    updated_at: int
    n: int


@dataclass(frozen=True, slots=True)
class Known:
    """What a sync must know of a conversation that is held. `seen_at` is 0 where no search row was seen yet."""

    seen_at: int
    body_at: int | None
    fetched_at: int | None
    head_digest: str
    pending: bool
    deleted: bool
