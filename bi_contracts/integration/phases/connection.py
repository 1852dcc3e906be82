"""The connection phase: credentials, network, responses and rate limits of every platform; the user's own tests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

import httpx

from ...checks.connection import ConnectionTest, finding_of, run_connection_test
from ...checks.connection_auth import (
    NEGATIVE,
    Credential,
    asked_with,
    by_login,
    refused,
    unreachable,
    valid_credential,
)
from ...checks.connection_limits import budget_told, staged_refusals, understood
from ...checks.connection_response import problems
from ...checks.connection_staging import cuts_seen, damage_seen
from ...checks.network import NetworkFailed, certificate_lasts, network_failed, proxied, reach
from ...checks.recorded import contract_holds
from ...client import as_response
from ...contract import Contract
from ...errors import BiContractsError, CassetteNotFound, ContractNotFound, ExitCode, Failure, RateLimited, Unreachable
from ...interaction import Interaction, Source, common_source
from ...platform import Platform
from ...redact import redact_text
from ...report.events import Finding, Outcome, Status
from ...sandbox import Sandbox
from ...session import who_answered
from ...suite import yardstick
from ..context import Context
from ..workflows import unset

PHASE = "connection"
NEGATIVE_LOGINS = "BI_CONTRACTS_NEGATIVE_LOGINS"
"""Set to 1, it allows a live run to send a wrong credential to a login. Enough of those may lock an account."""

HEALTH = ConnectionTest("health", "/healthz", auth_method="none")
"""The one test of the gateway that needs no configuration."""


STAGE = 10.0
"""Seconds that a stage of reaching a platform may take."""


class Skipped(Exception):
    """A check cannot be made here; the message says why."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a check that went well has to say."""

    samples: int = 1
    findings: tuple[Finding, ...] = ()
    note: str = ""
    source: str = ""
    figures: dict[str, float] = field(default_factory=dict)


Check = Callable[[], Awaitable[Found]]


async def run(context: Context) -> AsyncIterator[Outcome]:
    """Platform by platform, all of them asked at once; then the gateway and the workspace's own tests."""
    tasks = [asyncio.create_task(_Checks(context, platform).all()) for platform in context.platforms]
    answered = False
    try:
        for task in tasks:
            for outcome in await task:
                answered = answered or (outcome.status is Status.PASSED and bool(outcome.source))
                yield outcome
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    yield await _gateway(context, answered)
    taking_part = {platform.name for platform in context.platforms}
    for test in context.of(ConnectionTest):
        if test.of_gateway or test.endpoint.partition("/")[0] in taking_part:
            yield await own(context, test)


async def _gateway(context: Context, answered: bool) -> Outcome:
    """Whether the gateway is alive. That says nothing where no platform answered, or its libraries are missing."""
    found = await own(context, HEALTH)
    if found.exit_code is ExitCode.CONFIGURATION:
        return replace(found, status=Status.SKIPPED, source="", exit_code=None)
    if not answered:
        return replace(found, status=Status.SKIPPED, source="", samples=0, note="no platform behind it answered")
    return found


async def own(context: Context, test: ConnectionTest) -> Outcome:
    """One test of the user's."""
    environ = context.upstream.workspace.environ
    recorded = context.upstream.recorded
    return await run_connection_test(test, context.gateway, environ, reader=context.reader, recorded=recorded)


class _Checks:
    """The checks of one platform, in the order in which one failing explains the next."""

    def __init__(self, context: Context, platform: Platform) -> None:
        self.context = context
        self.platform = platform
        self.mode = context.mode
        self.id = platform.id(platform.endpoint(platform.identity))
        self.answer: httpx.Response | None = None
        self.recorded: tuple[Interaction, ...] = ()
        self.source = ""
        self.silent = False

    async def all(self) -> list[Outcome]:
        """Every check once."""
        missing = unset(self.context.upstream, self.platform)
        together: tuple[dict[str, Check], ...] = (
            {"network": self.network},
            {"valid credential": self.valid},
            {f"{one} credential": partial(self.negative, one) for one in NEGATIVE},
            {"response": self.response},
            {"rate limit": self.rate_limit},
        )
        found: list[Outcome] = []
        for checks in together:
            # Each of the others would wait for the same answer, and say the same.
            if found and found[0].status in (Status.FAILED, Status.ERROR):
                missing = "the platform was not reached: see the network check"
            elif self.silent:
                missing = "the platform did not answer: see the valid credential check"
            if missing:
                found += [self._skipped(name, missing) for name in checks]
            else:
                found += await asyncio.gather(*(self._outcome(name, check) for name, check in checks.items()))
        return found

    def _skipped(self, name: str, why: str) -> Outcome:
        return Outcome(self.id, name, Status.SKIPPED, note=why, phase=PHASE, elapsed=0.0)

    async def valid(self) -> Found:
        """The identity answers, by its contract."""
        self._remember()
        client = self.context.reader.client(self.platform)
        try:
            async with self.context.reader.turn(self.id):
                self.answer = await valid_credential(client)
        except (Unreachable, RateLimited):
            self.silent = True
            raise
        finally:
            self._answered(client.last)
        contract = self._contract()
        if contract is None:
            return Found(note="there is no contract of such answers to hold it to")
        contract_holds(contract, [as_response(self.answer).envelope])
        return Found()

    async def negative(self, credential: Credential) -> Found:
        """A bad credential is refused, and the refusal understood."""
        upstream = self.context.upstream
        if self.mode == "replay":
            raise Skipped("nobody is asked in a replay: use --mode sandbox or --mode live")
        if self.mode == "live" and credential is Credential.REVOKED:
            raise Skipped("a revoked credential cannot be made of a live one: use --mode sandbox")
        login = by_login(self.platform.auth) and credential is not Credential.MISSING
        if self.mode == "live" and login and upstream.workspace.environ.get(NEGATIVE_LOGINS) != "1":
            raise Skipped(f"wrong logins may lock the account: {NEGATIVE_LOGINS}=1 allows one")
        transport = upstream.transport(self.platform)
        async with self._unsigned(transport) as http, self.context.reader.turn(self.id):
            place = upstream.base_url(self.platform)
            answer = await asked_with(http, self.platform, credential, base_url=place)
        self._answered(answer)
        problem = refused(self.platform, credential, answer)
        said = f"HTTP {problem.status}{f', {problem.code}' if problem.code else ''}"
        return Found(note=f"refused: {said}")

    async def network(self) -> Found:
        """Somebody answers; in a sandbox, a connection that breaks is seen for what it is."""
        if self.mode == "replay":
            raise Skipped("no connection is made in a replay")
        if self.context.upstream.in_process:
            await self._answers()
            staged = await cuts_seen(self.platform, self._own())
            return Found(staged, note="staged; there is no network to a sandbox in process", source=Source.SANDBOX)
        url = self.context.upstream.base_url(self.platform)
        if proxied(url):
            raise Skipped("a proxy stands between (HTTPS_PROXY or HTTP_PROXY): stages cannot be told apart")
        found = await reach(url, timeout=min(STAGE, self.context.reader.bounds.timeout))
        now = time.time()
        expiring: tuple[Finding, ...] = ()
        try:
            certificate_lasts(found, now)
        except Failure as failure:
            expiring = (replace(finding_of(failure), severity="warning"),)
        return Found(findings=expiring, figures=found.figures(now), source=self._who(url, found.headers))

    async def _answers(self) -> None:
        """Raises `Unreachable` where a sandbox in process has been told not to answer."""
        upstream = self.context.upstream
        endpoint = self.platform.endpoint(self.platform.identity)
        async with self._unsigned(upstream.transport(self.platform)) as http:
            try:
                await http.send(self.platform.request(endpoint, {}, upstream.base_url(self.platform)))
            except (httpx.TransportError, httpx.DecodingError) as error:
                raise network_failed(unreachable(self.platform, error)) from error

    async def response(self) -> Found:
        """What came is JSON under the right name; in a sandbox, damage is seen for what it is."""
        if self.mode == "replay":
            return self._recorded_responses()
        if self.answer is None:
            raise Skipped("there is no answer to look at")
        now = None if self.context.upstream.served else self.context.reader.now()
        found = tuple(map(finding_of, problems(as_response(self.answer), platform=self.platform, now=now)))
        staged = await damage_seen(self.platform, self._own()) if self.mode == "sandbox" else 0
        return Found(1 + staged, found)

    async def rate_limit(self) -> Found:
        """The budget can be read; in a sandbox, every refusal is understood and its wait is right."""
        if self.answer is None:
            raise Skipped("there is no answer to look at")
        figures = self._budget(self.answer)
        if self.mode == "sandbox":
            refusals = list(staged_refusals(self.platform, self._own()))
            for refused in refusals:
                understood(self.platform, refused)
            return Found(len(refusals), figures=figures, source=Source.SANDBOX)
        if not figures:
            raise Skipped("no budget is stated, and a refusal can only be staged: use --mode sandbox")
        return Found(figures=figures, note="the budget only; a refusal can only be staged in a sandbox")

    def _budget(self, answer: httpx.Response) -> dict[str, float]:
        told = budget_told(self.platform, self.platform.endpoint(self.platform.identity), answer)
        return {f"remaining_{name}".rstrip("_"): float(budget.remaining) for name, budget in told.items()}

    def _recorded_responses(self) -> Found:
        """Every recorded answer of the endpoints that take part, but those to logins."""
        findings: list[Finding] = []
        samples = 0
        for target in self.context.targets:
            if target.platform.name != self.platform.name:
                continue
            for one in self._interactions(target.id):
                if one.request.is_login:
                    continue
                samples += 1
                expected = (one.response.status,) if self._told(one) else (200,)
                wrong = problems(one.response, expected=expected)
                findings += [replace(finding_of(one), message=f"{target.id}: {one}") for one in wrong]
        if not samples:
            raise Skipped("nothing was recorded")
        return Found(samples, tuple(findings))

    def _told(self, one: Interaction) -> bool:
        """Whether a recorded answer is a success, or an error in the platform's own words."""
        kept = one.response
        headers = [(name, value) for name, value in kept.headers if name.lower() not in _HOP]
        answer = httpx.Response(kept.status, headers=headers, content=kept.body)
        return answer.is_success or self.platform.errors.recognise(answer) is not None

    def _remember(self) -> None:
        if self.mode != "replay":
            return
        self.recorded = self._interactions(self.id)
        if not self.recorded:
            raise CassetteNotFound(f"{self.id}: no recording; `bi-contracts record {self.id}` makes one")
        self.source = str(common_source(self.recorded))

    def _interactions(self, id: str) -> tuple[Interaction, ...]:
        from ...cassette.shelf import cassette_at

        path = self.context.upstream.workspace.find_cassette(id)
        return () if path is None else cassette_at(path).interactions

    def _answered(self, answer: httpx.Response | None) -> None:
        """Who it was."""
        if answer is not None and self.mode != "replay":
            self.source = str(self.context.upstream.source(answer))

    def _who(self, url: str, headers: Mapping[str, str]) -> str:
        return str(who_answered(self.context.upstream.origin, url, headers))

    def _unsigned(self, transport: httpx.AsyncBaseTransport | None) -> httpx.AsyncClient:
        if transport is not None:
            return httpx.AsyncClient(transport=transport, trust_env=False)
        from ...cassette.tls import shared_ssl_context

        return httpx.AsyncClient(verify=shared_ssl_context(), timeout=self.context.reader.bounds.timeout)

    def _contract(self) -> Contract | None:
        source = {"live": Source.LIVE, "sandbox": Source.SANDBOX}.get(self.mode) or common_source(self.recorded)
        try:
            return yardstick(self.context.upstream.workspace, self.id, source)
        except ContractNotFound:
            return None

    def _own(self) -> Sandbox:
        """A sandbox to break things in: nobody else is answered by it."""
        return Sandbox([self.platform], rows=3)

    async def _outcome(self, name: str, check: Check) -> Outcome:
        started = time.perf_counter()
        base = Outcome(self.id, name, Status.PASSED, phase=PHASE)
        try:
            found = await check()
            bad = any(finding.severity == "breaking" for finding in found.findings)
            base = replace(
                base,
                status=Status.FAILED if bad else Status.PASSED,
                findings=found.findings,
                samples=found.samples,
                source=found.source or self.source,
                note=redact_text(found.note),
                figures=found.figures,
            )
            base = self._attributed(base)
        except (Skipped, CassetteNotFound) as error:
            base = replace(base, status=Status.SKIPPED, note=redact_text(str(error)))
        except Failure as failure:
            code = ExitCode.UPSTREAM if isinstance(failure, NetworkFailed) else None
            base = replace(base, status=Status.FAILED, findings=(finding_of(failure),), exit_code=code)
            base = replace(base, source="" if isinstance(failure, NetworkFailed) else self.source)
        except BiContractsError as error:
            note = redact_text(str(error))
            base = replace(base, status=Status.ERROR, note=note, exit_code=ExitCode(error.exit_code))
        return replace(base, elapsed=time.perf_counter() - started)

    def _attributed(self, found: Outcome) -> Outcome:
        """What nobody knows who said it has not passed. Of a recording, its own provenance tells."""
        if found.status is not Status.PASSED or self.mode == "replay" or found.source not in ("", Source.UNKNOWN):
            return found
        said = "; ".join(filter(None, (found.note, "who answered cannot be told: neither the vendor nor a sandbox")))
        return replace(found, status=Status.SKIPPED, note=said)


_HOP = frozenset({"content-length", "content-encoding", "transfer-encoding"})
