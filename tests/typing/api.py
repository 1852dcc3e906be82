"""The public API as users write it. Checked by mypy, never run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from bi_contracts import AsyncClient, Client, Contract, Endpoint, Platform, Source, Violation, Workspace
from bi_contracts.auth import Token, read_credentials
from bi_contracts.dialects import ErrorDialect, ErrorKind, ErrorShape, RateDialect
from bi_contracts.drift import Change, DriftReport, compare
from bi_contracts.interaction import Envelope
from bi_contracts.pagination import Cursor

platform: Platform = Platform(
    name="example",
    title="Example",
    base_url="https://api.example/v1",
    auth=Token("EXAMPLE_TOKEN"),
    endpoints=(Endpoint("me", "/me", kind="identity"), Endpoint("things", "/things", paginator=Cursor("n", "query.n"))),
    errors=ErrorDialect({ErrorKind.NOT_FOUND: ErrorShape(404, {})}),
    limits=RateDialect(10, 1.0),
    identity="me",
)

with Client(platform, read_credentials(platform.auth, "example", {}), transport=httpx.MockTransport(lambda _: httpx.Response(200))) as client:  # fmt: skip  # noqa: E501
    rows: Iterator[Any] = client.records("things", page_size=3, since="2026-01-01")


async def read() -> None:
    async with AsyncClient(platform, {"EXAMPLE_TOKEN": "x"}) as reader:
        async for _ in reader.records("things"):
            pass


samples: list[Envelope] = [{"status": 200, "headers": {}, "body": {"id": 1}}]
contract: Contract = Contract.infer("example/things", samples, source=Source.LIVE)
broken: list[Violation] = list(contract.violations(samples[0]))
report: DriftReport = compare(contract, samples)
changes: tuple[Change, ...] = report.changes
space: Workspace = Workspace.discover(Path())
