"""What the tools may be asked: every argument typed, bounded and described for a model."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from ..ago import ago
from .budgets import LEAST_BYTES, MOST_BYTES, TOKEN
from .cursors import BadCursor, further_of
from .models.base import LAST

_URL = re.compile(r"https?://[^/\s]+/\S*?/conversations?/(\d+)\b\S*")


def _moment(value: str | int) -> str | int:
    """Leaves a moment as it is. Raises ValueError where it is none."""
    seconds_of(value, 0.0)
    return value


def seconds_of(value: str | int, now: float) -> int:
    """A moment in Unix seconds: a number of them, a date, a time of RFC 3339, or `7d` for a week ago."""
    if isinstance(value, int):
        found = value
    elif (seconds := ago(value)) is not None:
        found = max(0, int(now) - seconds)
    else:
        try:
            at = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError("a date (2026-01-31), a time (2026-01-31T09:30:00Z), or 24h, 7d, 4w ago") from None
        found = int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
    if not 0 <= found <= LAST:
        raise ValueError("between the years 1970 and 9999")
    return found


def window_of(
    since: str | int | None, until: str | int | None, cursor: str | None, now: float
) -> tuple[int | None, int | None, str]:
    """A window in Unix seconds, and the store's cursor. A page that goes on keeps the window of the first one.

    Raises `BadCursor` where the cursor is of another window.
    """
    asked = tuple(None if one is None else seconds_of(one, now) for one in (since, until))
    if not cursor:
        return asked[0], asked[1], ""
    page = further_of(cursor)
    for one, said, kept in zip((since, until), asked, (page.since, page.until), strict=True):
        relative = isinstance(one, str) and ago(one) is not None
        if (said is None) != (kept is None) or (said != kept and not relative):
            raise BadCursor
    return page.since, page.until, page.cursor


def _bare(id: str) -> str:
    """A conversation's own id: from `conversation_123`, and from the address of its page."""
    id = id.strip()
    if url := _URL.fullmatch(id):
        return url[1]
    return id.removeprefix("conversation_")


def _one_line(text: str) -> str:
    """Raises ValueError for text that no store takes."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("text without NUL and without halves of surrogate pairs")
    return text


def _id(value: object) -> object:
    """Ids are text; a model may take one for a number."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[str, AfterValidator(_one_line)]
Name = Annotated[Text, Field(max_length=200)]
Id = Annotated[Name, BeforeValidator(_id)]
When = Annotated[str | int, Field(union_mode="left_to_right"), AfterValidator(_moment)]
Cursor = Annotated[
    str | None, Field(max_length=2000, description="next_cursor of the page before, with the same arguments.")
]
SINCE = "A date, a time (RFC 3339), Unix seconds, or how long ago: 24h, 7d, 4w."
Stream = Literal["conversations", "contacts", "tickets"]


class Arguments(BaseModel):
    """No arguments."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Sized(Arguments):
    """What an answer may take at most."""

    max_bytes: Annotated[
        int | None, Field(ge=LEAST_BYTES, le=MOST_BYTES, description="Of this answer, at most the server's own limit.")
    ] = None
    max_tokens: Annotated[
        int | None, Field(ge=LEAST_BYTES // TOKEN, le=MOST_BYTES // TOKEN, description="About 4 bytes each.")
    ] = None


class SearchConversations(Sized):
    """Arguments of search_conversations."""

    query: Annotated[
        Text, Field(max_length=500, description='Words that all stand in one message; "quoted" as they stand.')
    ] = ""
    since: Annotated[When | None, Field(description=f"Written (with a query) or updated at or after this. {SINCE}")] = (
        None
    )
    until: Annotated[When | None, Field(description="And before this.")] = None
    state: Literal["open", "closed", "snoozed"] | None = None
    contact: Annotated[
        Name,
        Field(
            description="Id or e-mail address of a contact.",
            validation_alias=AliasChoices("contact", "customer_email"),
        ),
    ] = ""
    admin: Annotated[Name, Field(description="Id of the teammate it is assigned to.")] = ""
    team: Annotated[Name, Field(description="Id of the team it is assigned to.")] = ""
    tag: Annotated[Name, Field(description="Name of a tag.")] = ""
    ranked: Annotated[bool, Field(description="Best first among the newest candidates, in place of newest first.")] = (
        False
    )
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Cursor = None


class GetConversation(Sized):
    """Arguments of get_conversation."""

    id: Annotated[
        Id,
        AfterValidator(_bare),
        Field(
            min_length=1,
            description="123, conversation_123, or the address of its page.",
            validation_alias=AliasChoices("id", "conversation_id"),
        ),
    ]
    cursor: Cursor = None


class GetContact(Sized):
    """Arguments of get_contact."""

    id: Annotated[
        Id,
        Field(
            min_length=1,
            description="Id, contact_ID, or e-mail address.",
            validation_alias=AliasChoices("id", "contact_id", "email"),
        ),
    ]


class ListTickets(Sized):
    """Arguments of list_tickets."""

    since: Annotated[When | None, Field(description=f"Updated at or after this. {SINCE}")] = None
    until: Annotated[When | None, Field(description="And before this.")] = None
    state: Annotated[Name, Field(description="submitted, in_progress, waiting_on_customer or resolved.")] = ""
    contact: Annotated[Name, Field(description="Id of a contact.")] = ""
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Cursor = None


class CheckCoverage(Sized):
    """Arguments of check_coverage."""

    since: Annotated[When, Field(description=f"Start of the window. {SINCE}")] = "7d"
    until: Annotated[When | None, Field(description="End of the window; now where it is left out.")] = None
    stream: Stream = "conversations"


class SyncConversations(Arguments):
    """Arguments of sync_conversations."""

    days: Annotated[
        float | None, Field(gt=0, le=3650, description="Conversations updated in the last so many days.")
    ] = None
    since: Annotated[When | None, Field(description=f"The same as a moment, in place of days. {SINCE}")] = None
    max_conversations: Annotated[int | None, Field(ge=1, le=10_000_000, description="Only the newest so many.")] = None
    full: Annotated[
        bool,
        Field(description="Read every head again, whatever is held.", validation_alias=AliasChoices("full", "force")),
    ] = False
    wait_seconds: Annotated[
        float, Field(ge=0, le=600, description="How long to wait for the end; the sync goes on after that.")
    ] = 45.0


class Search(Arguments):
    """Arguments of search."""

    query: Annotated[
        Text,
        Field(
            max_length=500,
            description="Words, and filters: object_type:contacts, state:open, since:7d, email:ann@example.org.",
        ),
    ]


class Fetch(Arguments):
    """Arguments of fetch."""

    id: Annotated[Id, Field(min_length=1, description="As search told it: conversation_123, contact_123.")]
