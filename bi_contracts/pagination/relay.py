"""GraphQL connections after the Relay specification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx

from ..paths import Json, dig
from ..slots import answer_of, read_slot, write_slot
from .figures import follow, page_size
from .protocol import Memory, Page, PageFlow
from .tokens import decode, encode


@dataclass(frozen=True, slots=True)
class Relay:
    """GraphQL connections after the Relay specification: `first`/`after`, `nodes`, `pageInfo`.

    Attributes:
        connection: Dotted path of the connection in the answer.
        variables: Dotted path of the variables in the request body.
    """

    connection: str
    variables: str = "body.variables"
    page: int = 50
    most: int = 250

    def sized(self, request: httpx.Request, size: int) -> httpx.Request:
        return write_slot(request, f"{self.variables}.first", size)

    def continues(self, request: httpx.Request) -> bool:
        return bool(read_slot(request, f"{self.variables}.after"))

    def page_flow(self, request: httpx.Request) -> PageFlow:
        def following(response: httpx.Response) -> tuple[Json, httpx.Request] | None:
            info = dig(answer_of(response), f"{self.connection}.pageInfo") or {}
            token = info.get("endCursor")
            if not info.get("hasNextPage") or not token:
                return None
            return token, write_slot(request, f"{self.variables}.after", token)

        yield from follow(request, following)

    def serve(self, request: httpx.Request, rows: Sequence[Json], memory: Memory) -> Page:  # noqa: ARG002
        arguments = read_slot(request, self.variables) or {}
        found = self.window(rows, {name: arguments.get(name) for name in ("first", "after", "last", "before")})
        return Page(found.rows, {f"{self.connection}.pageInfo": found.fields["pageInfo"]})

    def window(self, rows: Sequence[Json], arguments: Mapping[str, Json]) -> Page:
        """Rows and `pageInfo` for the arguments `first`, `after`, `last` and `before`."""
        low = decode(arguments["after"], "uuid") if arguments.get("after") else 0
        high = decode(arguments["before"], "uuid") - 1 if arguments.get("before") else len(rows)
        if arguments.get("last"):
            start, stop = max(low, high - page_size(arguments["last"], self.page, self.most)), high
        else:
            start, stop = low, min(high, low + page_size(arguments.get("first"), self.page, self.most))
        info = {
            "hasNextPage": stop < len(rows),
            "hasPreviousPage": start > 0,
            "startCursor": encode(start + 1, "uuid") if start < stop else None,
            "endCursor": encode(stop, "uuid") if start < stop else None,
        }
        return Page(rows[start:stop], {"pageInfo": info})
