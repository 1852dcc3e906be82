"""A GitHub issue for what lasts: opened once, commented, closed when it is over.

Which issue it is stands in a comment of its body that nobody sees, so a second machine finds it and opens no other.
API: docs.github.com/en/rest/issues, version 2022-11-28.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx

from ..alerts import Message
from ..lasting import lasting
from ..wiring import Wiring
from .http import Http, checked_url
from .protocol import Undelivered

API = "https://api.github.com"
PAGES = 10
"""Pages of 100 open issues that are searched."""


class GitHub:
    """Keeps one open issue for each key."""

    def __init__(self, wiring: Wiring, token: str) -> None:
        root = checked_url(wiring.options.get("api", API), f"channel {wiring.name}: api")
        self._issues = f"{str(root).rstrip('/')}/repos/{wiring.options['repository']}/issues"
        self._labels = list(wiring.options.get("labels", []))
        self._name = wiring.name
        headers = {
            "accept": "application/vnd.github+json",
            "authorization": f"Bearer {token}",
            "x-github-api-version": "2022-11-28",
        }
        self._http = Http(wiring.name, headers)

    async def send(self, message: Message) -> None:
        """Returns once GitHub accepted all that the message takes. Raises `Undelivered`.

        A message that is sent again leaves out what was accepted the first time. An issue that a person closed stays
        closed until the state changes. A notice is no issue.
        """
        if message.kind == "notice":
            return
        issue = await self._found(message)
        if issue is None and message.kind in ("opened", "changed"):
            await self._open(message)
        if issue is None:
            return
        if _mark(message.id) not in (issue.get("body") or ""):
            await self._comment(issue, message)
        if message.kind == "resolved":
            closed = {"state": "closed", "state_reason": "completed"}
            await self._http.request("PATCH", f"{self._issues}/{issue['number']}", json=closed)

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _open(self, message: Message) -> None:
        body = f"{_text(message)}\n\n{_mark(message.key)}\n{_mark(message.id)}"
        await self._http.request(
            "POST", self._issues, json={"title": message.title, "body": body, "labels": self._labels}
        )

    async def _comment(self, issue: Mapping[str, Any], message: Message) -> None:
        comments = f"{self._issues}/{issue['number']}/comments"
        since = datetime.fromtimestamp(message.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        async for said in self._listed(comments, {"since": since}):
            if _mark(message.id) in (said.get("body") or ""):
                return
        body = f"**{message.title}**\n\n{_text(message)}\n\n{_mark(message.id)}"
        await self._http.request("POST", comments, json={"body": body})

    async def _found(self, message: Message) -> Mapping[str, Any] | None:
        """The open issue that the message is about: the oldest, should there be several."""
        mark, found = _mark(message.key), None
        async for issue in self._listed(self._issues, {"state": "open", "sort": "created", "direction": "asc"}):
            if "pull_request" not in issue and mark in (issue.get("body") or ""):
                found = issue
                break
        return found

    async def _listed(self, url: str, params: Mapping[str, str]) -> AsyncIterator[Mapping[str, Any]]:
        place: httpx.URL | str | None = httpx.URL(url, params={**params, "per_page": "100"})
        for _ in range(PAGES):
            response = await self._http.request("GET", place or url)
            for one in self._rows(response):
                yield one
            place = response.links.get("next", {}).get("url")
            # The token goes nowhere but where it was meant for.
            if not place or _server(place) != _server(url):
                return

    def _rows(self, response: httpx.Response) -> list[Mapping[str, Any]]:
        try:
            rows = response.json()
        except ValueError:
            rows = None
        if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
            raise Undelivered(f"channel {self._name}: the answer is no list of issues")
        return rows


def _server(url: str) -> tuple[str, str, int | None]:
    parsed = httpx.URL(url)
    return parsed.scheme, parsed.host, parsed.port


def _mark(text: str) -> str:
    return f"<!-- bi-contracts: {text} -->"


def _text(message: Message) -> str:
    rows = [
        ("level", message.level),
        ("state", message.label),
        ("since", datetime.fromtimestamp(message.began, UTC).strftime("%Y-%m-%d %H:%M UTC")),
        ("for", lasting(message.duration)),
        ("answers from", message.source),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    said = f"{message.text}\n\n" if message.text else ""
    return f"{said}| | |\n|---|---|\n{table}"
