"""A mode turned into a client: which transport it talks through, and which cassette stands in between.

The client never knows. `replay` plays the cassette with sockets blocked, `record` writes one, `live` and
`sandbox` use none.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from .accounts import address_variable
from .auth import SANDBOX_SEED, read_credentials
from .client import LEAST_WAIT, AsyncClient, Client, as_response
from .dialects import ErrorKind
from .errors import CassetteError, CassetteNotFound, ConfigurationError, NotFound
from .interaction import MOCK_HEADER, SANDBOX_HEADER, Envelope, Interaction, Request, Source
from .paths import Json, dig
from .platform import Endpoint, Platform
from .workspace import Workspace

if TYPE_CHECKING:
    from .cassette.player import Player
    from .cassette.transport import ReplayTransport
    from .redact import Policy
    from .sandbox import Sandbox

AnyClient = TypeVar("AnyClient", Client, AsyncClient)


class Mode(StrEnum):
    """Where answers come from."""

    REPLAY = "replay"
    RECORD = "record"
    LIVE = "live"
    SANDBOX = "sandbox"


@dataclass(frozen=True, slots=True)
class Recording:
    """What one recording came to."""

    id: str
    path: Path
    pages: int
    records: int
    source: Source


@dataclass(frozen=True)
class Upstream:
    """Where answers come from: the vendor, the sandbox in process, a sandbox served at a URL, or recordings.

    Attributes:
        workspace: Whose credentials and recordings are used.
        origin: `live`, `sandbox`, `replay`, or the URL of a server with the sandbox's path layout.
        given: The sandbox for `sandbox`; where none is given, one is made when first needed.
        patience: How long one read may wait for rate limits, in seconds.
    """

    workspace: Workspace
    origin: str = "live"
    given: Sandbox | None = field(default=None, repr=False)
    patience: float = 120.0

    def __post_init__(self) -> None:
        """Raises `ConfigurationError` for an origin that is none, or to which no credential may travel."""
        if self.origin not in ("live", "sandbox", "replay"):
            _check_url(self.origin, f"{self.origin!r} is neither live, sandbox nor a URL")

    @cached_property
    def sandbox(self) -> Sandbox:
        """The sandbox that answers, in this process; one that is made here lives at the time of its rows."""
        from .registry import platforms
        from .sandbox import Sandbox

        if self.given is not None:
            return self.given
        made = Sandbox(platforms(self.workspace), enforce_limits=False)
        made.clock.set(made.world.present)
        return made

    @property
    def in_process(self) -> bool:
        return self.origin == "sandbox"

    @property
    def mode(self) -> Mode:
        """`replay`, `live` or `sandbox`; whoever answers at a URL is taken for a sandbox."""
        return Mode(self.origin) if self.origin in (Mode.REPLAY, Mode.LIVE) else Mode.SANDBOX

    @property
    def served(self) -> bool:
        """Whether somebody answers at a URL, by a clock of their own."""
        return self.origin not in ("live", "sandbox", "replay")

    @property
    def recorded(self) -> bool:
        return self.origin == "replay"

    def credentials(self, platform: Platform) -> dict[str, str]:
        """The platform's credentials: from the environment for the vendor, the sandbox's own otherwise.

        Raises `CredentialsMissing`.
        """
        if self.recorded:
            return dict(placeholder_credentials(platform))
        if self.in_process:
            return self.sandbox.credentials(platform.name)
        environ = platform.environment(self.workspace.environ)
        if self.origin == "live" or all(environ.get(name) for name in platform.auth.variables):
            return read_credentials(platform.auth, platform.name, environ)
        return platform.auth.example(SANDBOX_SEED)  # a whole sandbox need not be made to know them

    def base_url(self, platform: Platform) -> str:
        """Where the platform stands: `<PLATFORM>_BASE_URL` or its declared place when live.

        Raises `ConfigurationError` for a variable that holds no URL, and for a live platform whose customers have
        an address each where none is set.
        """
        if self.origin == "live":
            missing = address_missing(platform, self.workspace)
            if missing:
                raise ConfigurationError(missing)
            environ, ours = self.workspace.environ, address_variable(platform)
            place = platform.environment(environ).get(ours) or platform.base_url
            others = (name for name, meant in platform.aliases.items() if meant == ours and environ.get(name) == place)
            variable = ours if environ.get(ours) else next(others, ours)
            _check_url(place, f"{platform.name}: {variable}: {place!r} is no URL", f"{platform.name}: {variable}: ")
            return place
        if self.recorded or (self.in_process and "@" not in platform.name):
            return platform.base_url
        # Accounts of one platform share a host, so a sandbox tells them apart by the path.
        served = "http://localhost" if self.in_process else self.origin.rstrip("/")
        return f"{served}/{platform.name}{httpx.URL(platform.base_url).path.rstrip('/')}"

    def client(self, platform: Platform) -> Client:
        """A client that talks to this upstream. Raises `CredentialsMissing`."""
        return self._client(Client, platform)

    def async_client(self, platform: Platform, **settings: Any) -> AsyncClient:
        """As `client`, for asyncio. `settings` are `patience`, `timeout` and `sleep` of `AsyncClient`."""
        return self._client(AsyncClient, platform, **settings)

    def _client(self, kind: type[AnyClient], platform: Platform, **settings: Any) -> AnyClient:
        transport = self.transport(platform, waits=kind is Client)
        return kind(
            platform,
            self.credentials(platform),
            transport=transport,
            base_url=self.base_url(platform),
            **{"patience": self.patience, **settings},
        )

    def transport(self, platform: Platform, *, waits: bool = False) -> httpx.MockTransport | ReplayTransport | None:
        """What carries requests of a platform; None is the network. `waits` where latency may block the thread.

        Raises `CassetteNotFound` where it is to be replayed and was never recorded.
        """
        if self.recorded:
            from .cassette.transport import ReplayTransport

            ids = (platform.id(endpoint) for endpoint in platform.endpoints)
            paths = [path for id in ids if (path := self.workspace.find_cassette(id)) is not None]
            if not paths:
                raise CassetteNotFound(
                    f"{platform.name}: no recordings; `bi-contracts record {platform.name}` makes some"
                )
            return ReplayTransport(list(filter(_readable, paths)) or paths, policy(self.workspace))
        if not self.in_process:
            return None
        return self.sandbox.transport() if waits else self.sandbox.async_transport()

    def source(self, response: httpx.Response) -> Source:
        """Who really answered."""
        return who_answered(self.origin, str(response.request.url), response.headers)


@dataclass(frozen=True)
class Session:
    """One workspace in one mode.

    Attributes:
        workspace: Where recordings and contracts lie.
        mode: Where answers come from.
        upstream: Who answers in every mode but replay.
    """

    workspace: Workspace
    mode: Mode = Mode.REPLAY
    upstream: Upstream | None = None

    @cached_property
    def fresh(self) -> Upstream:
        if self.mode is Mode.REPLAY:
            raise ConfigurationError("replay asks nobody: choose the mode live, sandbox or record")
        return self.upstream or Upstream(self.workspace, "sandbox" if self.mode is Mode.SANDBOX else "live")

    def record(
        self,
        platform: Platform,
        endpoint: Endpoint,
        *,
        max_pages: int | None = None,
        page_size: int | None = None,
    ) -> Recording:
        """Reads an endpoint from the upstream and writes its cassette whole, or leaves the old one as it was.

        A child is read for its first parent. Raises `UpstreamError`, `SecretLeak`, `ConfigurationError`.
        """
        from .cassette.player import use_cassette

        upstream, id = self.fresh, platform.id(endpoint)
        path = self.workspace.cassette(id)
        pages: list[int] = []
        source = Source.UNKNOWN
        with upstream.client(platform) as client:
            arguments = draw_arguments(client, endpoint)
        recording = use_cassette(
            path,
            mode="record",
            endpoint=id,
            api_version=platform.version,
            policy=policy(self.workspace),
            secrets=tuple(upstream.credentials(platform).values()),
        )
        # A client of its own: where the platform has a login, the recording begins with it, as a replay does.
        with recording as player, upstream.client(platform) as client:
            answers = client.responses(endpoint.name, max_pages=max_pages, page_size=page_size, **arguments)
            for response in answers:
                pages.append(len(client.rows(endpoint.name, response)))
                source = upstream.source(response)
            _settle(player, platform)
            _credit(player, source, upstream.base_url(platform), platform.base_url)
        return Recording(id, path, len(pages), sum(pages), source)

    def observe(self, platform: Platform, endpoint: Endpoint, *, max_pages: int | None = None) -> list[Interaction]:
        """Fresh answers of an endpoint, redacted as a recording would be, and never written."""
        from .redact import redact_interaction

        upstream = self.fresh
        secrets = tuple(upstream.credentials(platform).values())
        rules = replace(policy(self.workspace), literals=secrets)
        found: list[Interaction] = []
        with upstream.client(platform) as client:
            for response in client.responses(endpoint.name, max_pages=max_pages, **draw_arguments(client, endpoint)):
                asked, answer = as_request(response.request), as_response(response)
                exchange = Interaction(platform.id(endpoint), asked, answer, source=upstream.source(response))
                found.append(redact_interaction(exchange, rules))
        return found

    @contextlib.contextmanager
    def replaying(self, platform: Platform, endpoint: Endpoint) -> Iterator[tuple[Client, Player]]:
        """A client that is answered from the cassette; no socket can be opened meanwhile.

        Raises `CassetteNotFound`; inside, `CassetteMiss` for a request that was not recorded.
        """
        from .cassette.player import use_cassette
        from .cassette.sockets import block_sockets

        path = self.cassette(platform.id(endpoint))
        with (
            use_cassette(path, mode="replay", policy=policy(self.workspace)) as cassette,
            block_sockets(),
            Client(
                platform,
                placeholder_credentials(platform),
                transport=OFFLINE,
                # A rate limit that was waited for and recorded is met again: nothing is gained by waiting again.
                patience=recorded_patience(platform, cassette.playback.index),
                sleep=lambda _: None,
            ) as client,
        ):
            yield client, cassette

    def cassette(self, id: str) -> Path:
        """The recording to replay. Raises `CassetteNotFound`."""
        path = self.workspace.find_cassette(id)
        if path is None:
            where = self.workspace.cassette(id)
            raise CassetteNotFound(f"{id}: no recording at {where}; `bi-contracts record {id}` makes one")
        return path

    def recorded(self, id: str) -> tuple[Interaction, ...]:
        """The interactions of a recording. Raises `CassetteNotFound`, `CassetteError`."""
        from .cassette.store import load

        return load(self.cassette(id)).interactions


def _readable(path: Path) -> bool:
    """Whether a recording can be read: one that cannot says so where it is asked for, and costs no other its answer."""
    from .cassette.shelf import cassette_at

    try:
        cassette_at(path)
    except CassetteError:
        return False
    return True


def heads(endpoint: Endpoint, base_url: str, interactions: Iterable[Interaction]) -> list[httpx.Request]:
    """The first request of every read in a recording, each once, in recorded order."""
    found: dict[tuple[str, str, bytes], httpx.Request] = {}
    for interaction in interactions:
        asked = interaction.request
        request = httpx.Request(asked.method, asked.url, headers=list(asked.headers), content=asked.body or None)
        if endpoint.read(request, base_url) is not None and not endpoint.paginator.continues(request):
            found.setdefault((asked.method, asked.url, asked.body), request)
    return list(found.values())


def envelopes(interactions: Iterable[Interaction]) -> list[Envelope]:
    """The responses as plain data, those to logins left out."""
    return [interaction.response.envelope for interaction in interactions if not interaction.request.is_login]


def draw_arguments(client: Client, endpoint: Endpoint) -> dict[str, Json]:
    """Arguments for an endpoint that needs a parent's id: the first row of each parent.

    Raises `NotFound` where a parent has no rows.
    """
    found: dict[str, Json] = {}
    for argument, parent in endpoint.parents.items():
        declared = client.platform.endpoint(parent)
        rows = client.records(parent, max_pages=1, **draw_arguments(client, declared))
        row = next(rows, None)
        if row is None:
            where = client.platform.id(endpoint)
            raise NotFound(f"{where} needs a row of {client.platform.id(declared)}, and there is none")
        found[argument] = dig(row, declared.key)
    return found


def address_missing(platform: Platform, workspace: Workspace) -> str:
    """What to say where every customer has an address of their own and none is set; "" where live calls can be made."""
    variable = address_variable(platform)
    if not platform.tenant or platform.environment(workspace.environ).get(variable):
        return ""
    return (
        f"{platform.name}: {variable} is not set; export it or put it in .env: your own address of {platform.title},"
        f" such as {platform.base_url}. No account? Add `--from sandbox`."
    )


def placeholder_credentials(platform: Platform) -> Mapping[str, str]:
    """Credentials for replay, where nobody looks at them."""
    return dict.fromkeys(platform.auth.variables, "replay")


def policy(workspace: Workspace) -> Policy:
    """What the workspace wants redacted. Credentials always are."""
    from .redact import Policy

    return Policy(personal=workspace.settings.personal, text=workspace.settings.text)


def _settle(player: Player, platform: Platform) -> None:
    """Leaves out the refusals that were waited out: whoever replays has no limit to wait for."""
    player.recorded[:] = [each for each in player.recorded if not _refused(each, platform)]


def _refused(interaction: Interaction, platform: Platform) -> bool:
    problem = platform.errors.recognise(_answer(interaction))
    return problem is not None and problem.kind is ErrorKind.RATE_LIMITED


def recorded_patience(platform: Platform, interactions: Iterable[Interaction]) -> float:
    """The seconds that recorded answers tell to wait: enough to come past each of them once, and no more.

    A recording that holds nothing but a refusal must end the read, not repeat it for ever.
    """
    waits = (platform.limits.wait(_answer(each)) or 0.0 for each in interactions)
    return sum(max(wait, LEAST_WAIT) for wait in waits)


def _answer(interaction: Interaction) -> httpx.Response:
    kept = interaction.response
    return httpx.Response(kept.status, headers=list(kept.headers), content=kept.body)


def _credit(player: Player, source: Source, asked: str, declared: str) -> None:
    """Says who answered, and moves what was asked elsewhere (a region, a served sandbox) to the declared place."""
    player.provenance = replace(player.provenance, source=source)
    here, there = asked.rstrip("/"), declared.rstrip("/")
    player.recorded[:] = [moved(replace(each, source=source), here, there) for each in player.recorded]


def moved(interaction: Interaction, here: str, there: str) -> Interaction:
    """The interaction as if it had been asked at `there`: URL, Host, and the links in the answer."""
    if here == there or not interaction.request.url.startswith(here):
        return interaction
    request, response = interaction.request, interaction.response
    host = httpx.URL(there).netloc.decode()
    asked = tuple((name, host if name.lower() == "host" else value) for name, value in request.headers)
    answered = tuple((name, value.replace(here, there)) for name, value in response.headers)
    return replace(
        interaction,
        request=replace(request, url=request.url.replace(here, there), headers=asked),
        response=replace(response, headers=answered, body=response.body.replace(here.encode(), there.encode())),
    )


def _refuse(request: httpx.Request) -> httpx.Response:
    raise ConfigurationError(f"{request.url.host} was asked during replay and no cassette was open")


OFFLINE = httpx.MockTransport(_refuse)
"""The transport of replay: recordings answer before it is reached."""


def who_answered(origin: str, url: str, headers: Mapping[str, str]) -> Source:
    """A sandbox says so in a header, wherever it is served; what runs on this machine is never the vendor.

    Raises `ConfigurationError` for mock data, which are evidence of nothing.
    """
    if MOCK_HEADER in headers:
        raise ConfigurationError(f"the answer is mock data (header {MOCK_HEADER}): evidence of no API")
    if SANDBOX_HEADER in headers:
        return Source.SANDBOX
    return Source.UNKNOWN if origin != "live" or httpx.URL(url).host in _LOOPBACK else Source.LIVE


def _check_url(url: str, otherwise: str, where: str = "") -> None:
    """Raises `ConfigurationError` for what is no URL, and for one that would carry credentials in the clear.

    `where` is said before the latter: which setting holds it.
    """
    from .redact import redact_text

    try:
        scheme, host = (parsed := httpx.URL(url)).scheme, parsed.host
    except httpx.InvalidURL as error:
        raise ConfigurationError(redact_text(f"{otherwise} ({error})")) from None
    if scheme not in ("http", "https") or not host:
        raise ConfigurationError(redact_text(otherwise))
    if scheme == "http" and host not in _LOOPBACK:
        raise ConfigurationError(
            redact_text(f"{where}{url!r}: credentials travel to other machines by https:// only; write https://{host}")
        )


_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def as_request(request: httpx.Request) -> Request:
    """A request as recordings keep it, not redacted yet."""
    return Request(request.method, str(request.url), tuple(request.headers.multi_items()), request.content)
