"""The one place where vcrpy is imported: its patches of HTTP clients, with our index behind them.

Written against vcrpy 9.4: every stub asks `can_play_response_for`, then calls `play_response`, or sends the request
and calls `append`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from vcr.cassette import Cassette

from ._aiohttp import around_middlewares

if TYPE_CHECKING:
    from .player import Player


@contextmanager
def patched(player: Player) -> Iterator[Any]:
    """Every HTTP client that vcrpy knows, answered by or recorded to the player."""
    # vcrpy names classes after the path, and a name that is no Unicode (a folder in another encoding) ends it.
    path = player.name.encode("utf-8", "backslashreplace").decode()
    use: AbstractContextManager[Any] = _Tape.use(path=path, player=player, record_on_exception=False)
    with use as tape, around_middlewares():
        yield tape


class _Tape(Cassette):  # type: ignore[misc]
    """vcrpy's cassette without its list: nothing is scanned, nothing unredacted is kept."""

    def __init__(self, path: str, player: Player) -> None:
        super().__init__(path=path)
        self._player = player

    def _load(self) -> None:
        """The player has read the file."""

    def _save(self, force: bool = False) -> None:
        """The player writes the file, after the patches are gone: an error here would leave them in place."""

    def __len__(self) -> int:
        return len(self._player)

    @property
    def write_protected(self) -> bool:
        return self._player.is_closed

    def filter_request(self, request: Any) -> Any:
        return None if self._player.ignores(request) else request

    def can_play_response_for(self, request: Any) -> bool:
        return self._player.can_play(request)

    def __contains__(self, request: Any) -> bool:
        return self._player.can_play(request)

    def play_response(self, request: Any) -> dict[str, Any]:
        return self._player.play(request)

    def append(self, request: Any, response: dict[str, Any]) -> None:
        self._player.append(request, response)

    def find_requests_with_most_matches(self, request: Any) -> list[Any]:  # noqa: ARG002
        """Nothing: a miss is explained by the player, and aiohttp's redirects are looked up by their own URL."""
        return []
