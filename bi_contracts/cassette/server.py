"""Cassettes as a server, for clients in any language: a plain ASGI application."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from ..interaction import Interaction, Request, Response, header
from ..redact import DEFAULT, Policy, redact_request
from ..serving import Receive, Scope, Send
from .encoding import decoded
from .index import Index, Playback

_HOP = frozenset({"content-length", "content-encoding", "transfer-encoding", "connection", "keep-alive"})
_HEAD = re.compile(r"/([^/]+)(/.*)?\Z", re.DOTALL)


class ReplayServer:
    """Answers from recorded interactions by method, path, query and body.

    The recorded host is taken from the `Host` header, or from the first path segment, which is then either that host
    or the platform of the endpoint ids: `/api.notion.com/v1/users`, `/notion/v1/users`. In the second layout the
    links in the answers lead back to this server. A request without a recording gets 501 and a JSON body that names
    the closest one.
    """

    def __init__(self, interactions: Iterable[Interaction], policy: Policy = DEFAULT) -> None:
        self._policy = policy
        recorded: dict[str, list[Interaction]] = {}
        for item in interactions:
            recorded.setdefault(item.endpoint.partition("/")[0], []).append(_without_port(item))
        parts = {platform: Index(items, policy) for platform, items in recorded.items()}
        self._playback = Playback(Index.merged(parts.values(), policy))
        self._of_platform = {platform: Playback(part) for platform, part in parts.items() if platform}
        self._hosts = dict.fromkeys(_host(item) for item in self._playback.index)
        self._prefixes: dict[str, list[str]] = {host: [host] for host in self._hosts}
        for platform, part in parts.items():
            if platform:
                known = self._prefixes.setdefault(platform, [])
                known += [host for host in dict.fromkeys(map(_host, part)) if host not in known]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1003})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = _request(scope, await _read(receive))
        response = self.respond(request)
        headers = [
            (name.encode("latin-1"), value.encode("latin-1", "replace"))
            for name, value in response.headers
            if name.lower() not in _HOP
        ]
        headers.append((b"content-length", str(len(response.body)).encode()))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else response.body})

    def respond(self, request: Request) -> Response:
        """The recorded response to a request as this server received it, or the 501 that explains the miss."""
        asked = None
        for candidate, base, playback in self._candidates(request):
            asked = redact_request(candidate, self._policy)
            if interaction := playback.play(asked):
                return _linked(interaction.response, _host(interaction), base)
        return self._miss(asked or redact_request(request, self._policy))

    def _candidates(self, request: Request) -> Iterator[tuple[Request, str, Playback]]:
        """The request as it may have been recorded, with the base that links are rewritten to (none by `Host`).

        A path that names the platform is answered by its recordings alone: two accounts may share a host.
        """
        parts = urlsplit(request.url)
        host = parts.hostname or ""
        if host in self._hosts:
            yield replace(request, url=_url(host, parts.path, parts.query)), "", self._playback
        found = _HEAD.match(parts.path)
        if found is None:
            return
        prefix = unquote(found[1])
        for recorded in self._prefixes.get(prefix, ()):
            base = f"{parts.scheme}://{parts.netloc}/{found[1]}"
            playback = self._of_platform.get(prefix, self._playback)
            yield replace(request, url=_url(recorded, found[2] or "/", parts.query)), base, playback

    def _miss(self, asked: Request) -> Response:
        near = self._playback.index.nearest(asked)
        body = {
            "error": "no_recording",
            "message": f"no recording of {asked.method} {asked.url}",
            "closest": str(near) if near else None,
            "difference": list(near.difference) if near else [],
            "prefixes": sorted(self._prefixes),
        }
        return Response(501, (("content-type", "application/json"),), json.dumps(body).encode())


def _without_port(interaction: Interaction) -> Interaction:
    parts = urlsplit(interaction.request.url)
    url = _url(parts.hostname or "", parts.path, parts.query)
    return replace(interaction, request=replace(interaction.request, url=url))


def _url(host: str, path: str, query: str) -> str:
    return f"https://{host}{path or '/'}" + (f"?{query}" if query else "")


def _host(interaction: Interaction) -> str:
    return urlsplit(interaction.request.url).hostname or ""


def _request(scope: Scope, body: bytes) -> Request:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    raw = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"").decode("latin-1")
    host = header(headers, "host") or "localhost"
    path = raw.decode("latin-1").partition("?")[0]
    url = f"{scope.get('scheme', 'http')}://{host}{path}" + (f"?{query}" if query else "")
    headers, body = decoded(headers, body)
    return Request(scope["method"], url, headers, body)


def _linked(response: Response, host: str, base: str) -> Response:
    """The response with its links to the recorded host leading to `base`; unchanged without one."""
    if not base:
        return response
    pattern = re.compile(rf"https?:(\\?/)\1{re.escape(host)}(?::\d+)?(?![\w.:-])")

    def link(found: re.Match[str]) -> str:
        return base.replace("/", found[1])

    headers = tuple((name, pattern.sub(base, value)) for name, value in response.headers)
    try:
        body = pattern.sub(link, response.body.decode()).encode()
    except UnicodeDecodeError:
        body = response.body
    return replace(response, headers=headers, body=body)


async def _read(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(chunks)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
