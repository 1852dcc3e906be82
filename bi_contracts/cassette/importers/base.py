"""What an importer is, and what it gives back: interactions, and reasons for what is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ...interaction import MOCK_HEADER, Interaction

HEAD = 64 * 1024
"""How many bytes of a file `sniff` is shown."""

EMPTY = "empty: no interaction in it"


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that was not imported, and why.

    Attributes:
        where: The file.
        reason: One line for a person. It quotes nothing from the recording: that may be secret.
        interaction: Which one of the file, counted from 0; None for the whole file.
        foreign: The file is of no recording format at all (a licence, a read-me, a bare response body).
    """

    where: str
    reason: str
    interaction: int | None = None
    foreign: bool = False

    def __str__(self) -> str:
        number = "" if self.interaction is None else f", interaction {self.interaction}"
        return f"{self.where}{number}: {self.reason}"


class Unusable(ValueError):
    """Why one interaction, or the rest of a file, cannot be imported. The text becomes `Refused.reason`."""


class Importer(Protocol):
    """One recording format. Third parties add theirs by an entry point in the group `bi_contracts.importers`.

    `read` yields interactions in the file's order. Where the format names the endpoint, the interaction carries
    it, else "" for the id to be made from method and path. A URL without a host (`/v1/users`) is completed later.
    `read` raises `Unusable` for the rest of a file that cannot be read on.
    """

    @property
    def name(self) -> str:
        """What reports call the format."""
        ...

    def sniff(self, head: bytes, path: Path) -> bool:
        """Whether a file that begins with `head` (at most `HEAD` bytes) is of this format, by its content."""
        ...

    def read(self, path: Path) -> Iterator[Interaction | Refused]:
        """Everything in the file: what can be imported, and what cannot with its reason."""
        ...


def attempt(path: Path, number: int, make: Callable[[], Interaction]) -> Interaction | Refused:
    """The interaction, or why it is none."""
    try:
        made = make()
        if any(name.lower() == MOCK_HEADER for name, _ in made.response.headers):
            raise Unusable("mock data: nobody answered it, so it is no evidence")
        return made
    except Unusable as why:
        return Refused(str(path), str(why), number)
    except UnicodeError:
        return Refused(str(path), "text that is not valid Unicode", number)
