"""What the cassette tests share: an API that counts its requests, and interactions to store."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from bi_contracts.cassette.store import Cassette, Provenance, save
from bi_contracts.interaction import Interaction, Request, Response, Source

RECORDED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
JSON = (("Content-Type", "application/json"),)


class CountingApi:
    """Answers every request with its number, gzipped, and a token in the body."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        body = {"n": len(self.requests), "access_token": "xoxb-123456789012-abcdefgh", "gid": 12345678901234567890}
        headers = {"content-encoding": "gzip", "content-type": "application/json", "set-cookie": "s=topsecret; Path=/"}
        return httpx.Response(200, headers=headers, content=gzip.compress(json.dumps(body).encode()))

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self), base_url="https://api.example.com", headers=headers)


@pytest.fixture
def api() -> CountingApi:
    return CountingApi()


def interaction(
    url: str = "https://api.example.com/things",
    *,
    method: str = "GET",
    body: bytes = b"",
    answer: bytes = b'{"n":1}',
    status: int = 200,
    endpoint: str = "example/things",
    request_headers: tuple[tuple[str, str], ...] = (),
) -> Interaction:
    """A recorded exchange with JSON on both sides."""
    return Interaction(
        endpoint,
        Request(method, url, request_headers, body),
        Response(status, JSON, answer, "OK"),
        elapsed=0.25,
        recorded_at=RECORDED,
        source=Source.LIVE,
    )


def cassette(*interactions: Interaction) -> Cassette:
    """A cassette recorded live from `example/things`."""
    return Cassette(Provenance(Source.LIVE, RECORDED, "0.1.0", "2024-01", "example/things"), interactions)


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    """Writes interactions to a cassette and gives its path."""

    def save_to(*interactions: Interaction, name: str = "things.yaml") -> Path:
        save(tmp_path / name, cassette(*interactions))
        return tmp_path / name

    return save_to
