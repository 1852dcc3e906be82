"""Servers on loopback that take messages: a webhook's receiver, and GitHub's issues."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from bi_contracts.serving import Receive, Scope, Send, running

Answer = tuple[int, dict[str, str], Any]


@dataclass(frozen=True)
class Asked:
    """One request that came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Takes whatever comes. `answers` are given in order before the usual ones."""

    asked: list[Asked] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    url: str = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while True:
                event = (await receive())["type"]
                await send({"type": f"{event}.complete"})
                if event == "lifespan.shutdown":
                    return
        body = b""
        while True:
            event = await receive()
            body += event.get("body", b"")
            if not event.get("more_body"):
                break
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        asked = Asked(scope["method"], scope["path"], query, headers, body)
        self.asked.append(asked)
        status, extra, content = self.answers.pop(0) if self.answers else self.answer(asked)
        text = content if isinstance(content, str) else json.dumps(content)
        pairs = [(name.encode(), value.encode()) for name, value in {**extra, "content-length": str(len(text))}.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": text.encode()})

    def answer(self, asked: Asked) -> Answer:  # noqa: ARG002
        """What is answered as a rule."""
        return 200, {}, "ok"


@dataclass
class Issues(Receiver):
    """GitHub's issues of one repository, as far as the channel uses them; pages of `size`."""

    issues: list[dict[str, Any]] = field(default_factory=list)
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    size: int = 100

    def answer(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != "Bearer ghp_secret":
            return 401, {}, {"message": "Bad credentials"}
        match [asked.method, *asked.path.strip("/").split("/")]:
            case ["GET", "repos", "acme", "operations", "issues"]:
                found = [one for one in self.issues if one["state"] == asked.query.get("state", "open")]
                return self.paged(found, asked)
            case ["POST", "repos", "acme", "operations", "issues"]:
                issue = {**asked.json, "number": len(self.issues) + 1, "state": "open"}
                self.issues.append(issue)
                return 201, {}, issue
            case ["GET", "repos", "acme", "operations", "issues", number, "comments"]:
                return self.paged(self.comments.get(int(number), []), asked)
            case ["POST", "repos", "acme", "operations", "issues", number, "comments"]:
                self.comments.setdefault(int(number), []).append(asked.json)
                return 201, {}, asked.json
            case ["PATCH", "repos", "acme", "operations", "issues", number]:
                self.issues[int(number) - 1] |= asked.json
                return 200, {}, self.issues[int(number) - 1]
        return 404, {}, {"message": "Not Found"}

    def paged(self, rows: Sequence[dict[str, Any]], asked: Asked) -> Answer:
        page = int(asked.query.get("page", "1"))
        shown = rows[(page - 1) * self.size : page * self.size]
        more = len(rows) > page * self.size
        link = f'<{self.url}{asked.path}?state={asked.query.get("state", "open")}&page={page + 1}>; rel="next"'
        return 200, {"link": link} if more else {}, shown


@contextmanager
def served(receiver: Receiver) -> Iterator[str]:
    """The receiver, for as long as the block lasts."""
    with running(receiver) as url:
        receiver.url = url
        yield url
