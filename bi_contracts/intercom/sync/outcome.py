"""What a sync came to."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..store.values import DeadLetter, DriftNote, Range, Run, Written


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync came to.

    Attributes:
        run: The run as the store keeps it: calls, refusals, retries, how long it took, how it ended.
        written: Bodies of conversations: new, updated, unchanged, and their parts.
        heads: Conversations that a search showed and that were new or had changed.
        new: Those of them that were new.
        deleted: Conversations that became tombstones.
        merged: Contacts that were found to have become another one.
        contacts: Contacts written.
        tickets: Tickets written.
        pending: Conversations whose body is still to be fetched.
        truncated: Conversations written now that have more parts than Intercom sends.
        coverage: Ranges of `updated_at` that the store holds.
        dead: Records that could not be read, the first 100.
        drift: Changes of the API's shape that were met.
        limit: Calls that the rate limit allows a window, as Intercom said.
        window: Its length in seconds.
        since: From when on conversations were wanted, 0 for all; None where it was only the newest, or single ones.
        warnings: Sentences for people.
    """

    run: Run
    written: Written = field(default_factory=Written)
    heads: int = 0
    new: int = 0
    deleted: int = 0
    merged: int = 0
    contacts: int = 0
    tickets: int = 0
    pending: int = 0
    truncated: int = 0
    coverage: tuple[Range, ...] = ()
    dead: tuple[DeadLetter, ...] = ()
    drift: tuple[DriftNote, ...] = ()
    limit: int = 0
    window: float = 0.0
    since: int | None = None
    warnings: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything in the store is another than before."""
        return bool(self.written.new or self.written.updated or self.heads or self.deleted or self.merged)

    @property
    def idle(self) -> bool:
        """Whether all was as before, and the sync found that out to its end."""
        worked = self.changed or self.run.conversations or self.contacts or self.tickets
        return self.run.outcome == "done" and not worked

    @property
    def rate(self) -> float:
        """Conversations a second."""
        return self.run.conversations / (self.run.milliseconds / 1000) if self.run.milliseconds else 0.0

    @property
    def calls_each(self) -> float | None:
        """Calls for each conversation, None where none was fetched."""
        return self.run.calls / self.run.conversations if self.run.conversations else None
