"""What a channel is."""

from __future__ import annotations

from typing import Protocol

from ...errors import BiContractsError, ExitCode
from ..alerts import Message


class Undelivered(BiContractsError):
    """A channel did not accept a message.

    `retry_after` is in seconds, None where it does not say; `answered` is False where nobody was there to accept
    anything. The words name the channel and never its address, which may be a secret.
    """

    exit_code = ExitCode.UPSTREAM

    def __init__(self, message: str, *, retry_after: float | None = None, answered: bool = True) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.answered = answered


class Channel(Protocol):
    """Somewhere that messages are sent to."""

    async def send(self, message: Message) -> None:
        """Returns once the message was accepted. Raises `Undelivered`."""
        ...

    async def aclose(self) -> None:
        """Closes the connections."""
        ...
