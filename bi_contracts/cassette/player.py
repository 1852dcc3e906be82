"""Recording and replaying under every client that vcrpy patches: httpx, requests, urllib3, aiohttp, http.client."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any, Literal
from urllib.parse import urlsplit

from ..errors import CassetteMiss
from ..files import check_writable
from ..interaction import Interaction, Request, Source
from ..redact import DEFAULT, Policy, redact_interaction, redact_request
from .exchange import form_of, playable, request_of, response_of
from .guard import refuse_leaks
from .index import Index, Playback
from .shelf import index_of
from .store import Cassette, Provenance, save, tool_version

Mode = Literal["replay", "record"]

_STATE = "bi_contracts_state"


class Player:
    """What happens under one `use_cassette`: what was played, recorded, missed."""

    def __init__(
        self,
        index: Index,
        *,
        name: str,
        policy: Policy = DEFAULT,
        recording: bool = False,
        provenance: Provenance | None = None,
        ignore_hosts: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.policy = policy
        self.playback = Playback(index)
        self.provenance = provenance or Provenance()
        self.recorded: list[Interaction] = []
        self.missed: list[CassetteMiss] = []
        self._recording = recording
        self._ignored = frozenset(ignore_hosts)

    def __len__(self) -> int:
        return len(self.playback.index) + len(self.recorded)

    @property
    def is_closed(self) -> bool:
        """Whether requests without a recording are refused."""
        return not self._recording

    @property
    def played(self) -> tuple[Interaction, ...]:
        """The recorded interactions that were played, in recorded order."""
        return self.playback.played

    @property
    def unused(self) -> tuple[Interaction, ...]:
        """The recorded interactions nobody asked for."""
        return self.playback.unused

    def ignores(self, request: Any) -> bool:
        """Whether a vcrpy request goes to a host that is left alone."""
        return bool(self._ignored) and urlsplit(request.uri).hostname in self._ignored

    def can_play(self, request: Any) -> bool:
        """Whether a vcrpy request has a recorded answer. In replay a request without one raises `CassetteMiss`."""
        if self.ignores(request):
            return False
        state = _state(request)
        state.setdefault("started", perf_counter())
        if self._redacted(request, state) is not None:
            return True
        if self.is_closed:
            raise self._miss(request) from None
        return False

    def play(self, request: Any) -> dict[str, Any]:
        """The next recorded answer to a vcrpy request, as vcrpy takes it. Raises `CassetteMiss`."""
        redacted = self._redacted(request, _state(request))
        interaction = None if redacted is None else self.playback.play(redacted)
        if interaction is None:
            raise self._miss(request) from None
        return playable(interaction.response)

    def append(self, request: Any, response: dict[str, Any]) -> None:
        """Keeps an exchange that took place, redacted. The caller's response is not touched."""
        if self.ignores(request):
            return
        started = _state(request).get("started")
        interaction = Interaction(
            endpoint=self.provenance.endpoint,
            request=request_of(request),
            response=response_of(response),
            elapsed=None if started is None else perf_counter() - started,
            recorded_at=_now(),
            source=self.provenance.source,
        )
        self.recorded.append(redact_interaction(interaction, self.policy))

    def _redacted(self, request: Any, state: dict[str, Any]) -> Request | None:
        """The redacted form under which a vcrpy request is recorded; None where it is not."""
        body = request.body_bytes
        if state.get("body", state) is not body:
            state["body"] = body
            state["found"] = self._found(request)
        found: Request | None = state["found"]
        return found

    def _found(self, request: Any) -> Request | None:
        redacted = redact_request(request_of(request), self.policy)
        if self.playback.has(redacted):
            return redacted
        form = form_of(request)
        redacted_form = form and redact_request(form, self.policy)
        return redacted_form if redacted_form and self.playback.has(redacted_form) else None

    def _miss(self, request: Any) -> CassetteMiss:
        miss = miss_of(redact_request(request_of(request), self.policy), self.playback.index, self.name)
        self.missed.append(miss)
        return miss


def _state(request: Any) -> dict[str, Any]:
    """What the player notes on a vcrpy request between its questions about it."""
    state: dict[str, Any] = request.__dict__.setdefault(_STATE, {})
    return state


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def miss_of(redacted: Request, index: Index, name: str) -> CassetteMiss:
    """The error for a redacted request that an index has no answer to."""
    found = index.nearest(redacted)
    head = f"{name}: no recording of {redacted.method} {redacted.url}"
    if found is None:
        return CassetteMiss(f"{head}; the cassette is empty. {_RECORD}")
    lines = "".join(f"\n  {line}" for line in found.difference)
    return CassetteMiss(
        f"{head}.\nClosest of {len(index)} recorded: {found}{lines}\n{_RECORD}",
        closest=str(found),
        difference=found.difference,
    )


_RECORD = "Make the request as it was recorded, or record again with `bi-contracts record`."


@contextmanager
def use_cassette(
    path: str | Path,
    *,
    mode: Mode = "replay",
    source: Source = Source.UNKNOWN,
    api_version: str = "",
    endpoint: str = "",
    note: str = "",
    policy: Policy = DEFAULT,
    secrets: Sequence[str] = (),
    new_episodes: bool = False,
    ignore_hosts: Sequence[str] = (),
) -> Iterator[Player]:
    """Records to or replays from one cassette while the block runs. Process-wide, as vcrpy's patches are.

    `record` sends every request and replaces the cassette when the block ends well. When it ends by an exception
    (Ctrl-C too), or nothing was requested, the earlier file stays as it was and what was recorded is dropped. With
    `new_episodes`, requests that are recorded are replayed and the others are added. `secrets` are credential values
    that must not be written wherever they appear.

    Raises `CassetteNotFound` or `CassetteError` for a file that cannot be replayed, `CassetteMiss` from a request
    that is not recorded, `SecretLeak` rather than write a credential.
    """
    policy = _with(policy, secrets)
    recording = mode == "record"
    if recording:
        check_writable(Path(path))
    known = () if recording and not (new_episodes and Path(path).exists()) else (path,)
    player = Player(
        index_of(known, policy),
        name=str(path),
        policy=policy,
        recording=recording,
        provenance=Provenance(source, _now(), tool_version(), api_version, endpoint, note),
        ignore_hosts=ignore_hosts,
    )
    yield from _played(player)
    if player.recorded:
        _keep(Path(path), player)


@contextmanager
def use_cassettes(
    paths: Sequence[str | Path],
    *,
    policy: Policy = DEFAULT,
    secrets: Sequence[str] = (),
    ignore_hosts: Sequence[str] = (),
) -> Iterator[Player]:
    """Replays from several cassettes as if they were one, in the order given. Raises as `use_cassette` does."""
    policy = _with(policy, secrets)
    name = str(paths[0]) if len(paths) == 1 else f"{len(paths)} cassettes"
    yield from _played(Player(index_of(paths, policy), name=name, policy=policy, ignore_hosts=ignore_hosts))


def _played(player: Player) -> Iterator[Player]:
    from ._vcr import patched

    with patched(player):
        yield player


def _with(policy: Policy, secrets: Sequence[str]) -> Policy:
    return replace(policy, literals=(*policy.literals, *secrets)) if secrets else policy


def _keep(path: Path, player: Player) -> None:
    known = (redact_interaction(item, player.policy) for item in player.playback.index)
    cassette = Cassette(player.provenance, (*known, *player.recorded))
    refuse_leaks(cassette, player.policy)
    save(path, cassette)
