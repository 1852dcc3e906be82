"""The fixture `bi`: one endpoint, read in the mode of the run, every answer held to its contract."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import httpx

from ..client import AsyncClient, Client, Core, as_response
from ..errors import CassetteMiss, ContractNotFound
from ..interaction import Interaction
from ..paths import Json
from ..platform import Endpoint, Platform
from ..registry import Target
from ..session import OFFLINE, Mode, as_request, placeholder_credentials, recorded_patience
from ..suite import contract_of

if TYPE_CHECKING:
    from ..cassette.player import Player
    from ..contract import Contract
    from .run import Run

Watch = Callable[[str, httpx.Response], None]
"""Looks at an answer of the endpoint of that name."""


class WatchedClient(Client):
    """A `Client` each of whose pages is looked at before it is handed out."""

    def __init__(self, platform: Platform, watch: Watch, **settings: Any) -> None:
        super().__init__(platform, **settings)
        self._watch = watch

    def follow(self, name: str, request: httpx.Request, /, *, max_pages: int | None = None) -> Iterator[httpx.Response]:
        """As `Client.follow`."""
        for response in super().follow(name, request, max_pages=max_pages):
            self._watch(name, response)
            yield response


class WatchedAsyncClient(AsyncClient):
    """An `AsyncClient` each of whose pages is looked at before it is handed out."""

    def __init__(self, platform: Platform, watch: Watch, **settings: Any) -> None:
        super().__init__(platform, **settings)
        self._watch = watch

    async def follow(
        self, name: str, request: httpx.Request, /, *, max_pages: int | None = None
    ) -> AsyncIterator[httpx.Response]:
        """As `AsyncClient.follow`."""
        async for response in super().follow(name, request, max_pages=max_pages):
            self._watch(name, response)
            yield response


@dataclass(frozen=True, slots=True)
class Read:
    """One read in a recording: its first request, and how many pages of it were recorded."""

    request: httpx.Request
    pages: int


class Bound:
    """One endpoint. In replay its recording answers, otherwise the sandbox or the vendor does.

    Attributes:
        target: The platform and the endpoint.
        mode: Where answers come from.
        arguments: Those of the marker; the caller's go before them.
    """

    def __init__(
        self, run: Run, target: Target, player: Player | None, arguments: Mapping[str, Json], *, checked: bool = True
    ) -> None:
        self.target = target
        self.mode = run.mode
        self.arguments = dict(arguments)
        self._run = run
        self._player = player
        self._checked = checked
        self._contracts: dict[str, Contract | None] = {}

    def __repr__(self) -> str:
        return f"<bi {self.id}, {self.mode}>"

    @property
    def id(self) -> str:
        """`asana/tasks`."""
        return self.target.id

    @property
    def endpoint(self) -> Endpoint:
        return self.target.endpoint

    @property
    def platform(self) -> Platform:
        return self.target.platform

    @property
    def contract(self) -> Contract | None:
        """The endpoint's contract, None where it has none. Raises `InvalidContract`."""
        return self._contract(self.endpoint.name)

    @cached_property
    def client(self) -> Client:
        """A client for the whole platform. Its pages are held to their contracts too."""
        return WatchedClient(self.platform, self._watch, **self._settings(), sleep=self._sleep)

    @cached_property
    def async_client(self) -> AsyncClient:
        """As `client`, for asyncio. Close it with `async with bi.async_client as client:` where it opens sockets."""
        return WatchedAsyncClient(self.platform, self._watch, **self._settings(), sleep=self._sleep_async)

    def records(self, *, max_pages: int | None = None, **arguments: Json) -> list[Json]:
        """The records of the endpoint, across all pages, in order.

        In replay without arguments: those of the request that a client makes by itself, or else of every read that
        was recorded, one after the other. Raises `CassetteMiss`, `ContractViolated`, `UpstreamError`.
        """
        pages = self.responses(max_pages=max_pages, **arguments)
        return [row for page in pages for row in self.client.rows(self.endpoint.name, page)]

    def record(self, **arguments: Json) -> Json:
        """The first record; the only one of an `item` or `identity` endpoint. Raises as `records` does."""
        rows = self.records(max_pages=1, **arguments)
        if not rows:
            raise LookupError(f"{self.id}: the answer has no records")
        return rows[0]

    def responses(self, *, max_pages: int | None = None, **arguments: Json) -> list[httpx.Response]:
        """The pages of the endpoint. Raises as `records` does."""
        return [page for pages in self.reads(max_pages=max_pages, **arguments) for page in pages]

    def reads(self, *, max_pages: int | None = None, **arguments: Json) -> list[list[httpx.Response]]:
        """The pages of each read: several only in replay without arguments. Raises as `records` does."""
        given = {**self.arguments, **arguments}
        if given or self.mode is not Mode.REPLAY:
            given = {**self._drawn(given), **given}
            return [list(self.client.responses(self.endpoint.name, max_pages=max_pages, **given))]
        name = self.endpoint.name
        return [
            list(self.client.follow(name, read.request, max_pages=min(read.pages, max_pages or read.pages)))
            for read in self._usual_reads()
        ]

    def close(self) -> None:
        """Closes the synchronous client, if it was used."""
        if "client" in self.__dict__:
            self.client.close()

    def _usual_reads(self) -> list[Read]:
        """The recorded read that a client makes by itself, else all of them."""
        recorded = self._recorded_reads()
        drawn = self._drawn({})
        if all(name in drawn for name in self.endpoint.placeholders):
            usual = Core(self.platform).first(self.endpoint, drawn, None)
            found = [read for read in recorded if self._same(read.request, usual)]
            return found or recorded
        return recorded

    def _recorded_reads(self) -> list[Read]:
        assert self._player is not None
        found = recorded_reads(self.endpoint, self.platform.base_url, self._player.playback.index)
        if not found:
            raise CassetteMiss(
                f"{self.id}: the recording holds no read of this endpoint; pass the arguments it was recorded with, or "
                f"record it again with `bi-contracts record {self.id}`"
            )
        return found

    def _drawn(self, given: Mapping[str, Json]) -> dict[str, Json]:
        """Arguments for the parents that nobody named: the first recorded ones in replay, else drawn afresh."""
        wanted = [name for name in self.endpoint.parents if name not in given]
        if not wanted:
            return {}
        if self.mode is not Mode.REPLAY:
            return self._run.draw(self.target)
        said = self.endpoint.read(self._recorded_reads()[0].request, self.platform.base_url) or {}
        return {name: said[name] for name in wanted if name in said}

    def _same(self, one: httpx.Request, other: httpx.Request) -> bool:
        from ..cassette.keys import key_of
        from ..redact import redact_request

        first, second = (key_of(redact_request(as_request(request), self._run.policy)) for request in (one, other))
        return first == second

    def _settings(self) -> dict[str, Any]:
        if self.mode is Mode.REPLAY:
            credentials = placeholder_credentials(self.platform)
            recorded = self._player.playback.index if self._player is not None else ()
            patience = recorded_patience(self.platform, recorded)
            return {"credentials": credentials, "transport": OFFLINE, "patience": patience}
        upstream = self._run.upstream
        return {
            "credentials": upstream.credentials(self.platform),
            "transport": upstream.sandbox.transport() if upstream.in_process else None,
            "base_url": upstream.base_url(self.platform),
            "patience": upstream.patience,
        }

    def _sleep(self, seconds: float) -> None:
        """Waits for a rate limit; not for one out of a recording."""
        if self.mode is not Mode.REPLAY:
            time.sleep(seconds)

    async def _sleep_async(self, seconds: float) -> None:
        await asyncio.sleep(0 if self.mode is Mode.REPLAY else seconds)

    def _watch(self, name: str, response: httpx.Response) -> None:
        contract = self._contract(name) if self._checked else None
        if contract is not None:
            from ..checks.recorded import contract_holds

            contract_holds(contract, [as_response(response).envelope])

    def _contract(self, name: str) -> Contract | None:
        if name not in self._contracts:
            try:
                self._contracts[name] = contract_of(self._run.workspace, f"{self.platform.name}/{name}")
            except ContractNotFound:
                self._contracts[name] = None
        return self._contracts[name]


def recorded_reads(endpoint: Endpoint, base_url: str, interactions: Iterator[Interaction] | Any) -> list[Read]:
    """The reads of an endpoint in a recording, each once, in recorded order."""
    found: dict[tuple[str, str, bytes], Read] = {}
    last: tuple[str, str, bytes] | None = None
    for interaction in interactions:
        asked = interaction.request
        request = httpx.Request(asked.method, asked.url, headers=list(asked.headers), content=asked.body or None)
        if endpoint.read(request, base_url) is None:
            continue
        if not endpoint.paginator.continues(request):
            last = (asked.method, asked.url, asked.body)
            found.setdefault(last, Read(request, 1))
        elif last is not None:
            found[last] = Read(found[last].request, found[last].pages + 1)
    return list(found.values())
