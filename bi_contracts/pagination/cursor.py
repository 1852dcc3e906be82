"""An opaque token goes back and forth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from ..paths import Json, dig
from ..slots import answer_of, read_slot, write_slot
from .figures import figures_of, follow, page_size
from .protocol import Memory, Page, PageFlow
from .tokens import TokenForm, decode, encode


@dataclass(frozen=True, slots=True)
class Cursor:
    """An opaque token in the answer goes back in a slot of the next request.

    Attributes:
        token: Dotted path of the token in the answer.
        slot: Where the token goes.
        size: The slot of the page size, "" where the page size cannot be chosen.
        page: Page size by default.
        most: The largest size the platform takes.
        more: Dotted path of a "there is more" flag, "" where there is none.
        end: What stands at `token` on the last page; `...` (Ellipsis) means nothing does.
        block: The object around the token that is null as a whole on the last page, "" for none.
        tokens: What the tokens look like; `number` is how many rows were read, `jwt` and `bound` are good for one path.
        also: Envelope paths that hold figures: `page` (from 1), `index` (from 0), `size`, `count` (of this page),
            `pages`, `total`, `next_page`, `next_size`, `next_url`, `next_path`.
        unpaged: True where the platform does not page at all until a size is sent (Asana).
    """

    token: str
    slot: str
    size: str = ""
    page: int = 100
    most: int = 100
    more: str = ""
    end: Json = None
    block: str = ""
    tokens: TokenForm = "base64"
    also: Mapping[str, str] = field(default_factory=dict)
    unpaged: bool = False

    def sized(self, request: httpx.Request, size: int) -> httpx.Request:
        return write_slot(request, self.size, size) if self.size else request

    def continues(self, request: httpx.Request) -> bool:
        return bool(read_slot(request, self.slot))

    def page_flow(self, request: httpx.Request) -> PageFlow:
        def following(response: httpx.Response) -> tuple[Json, httpx.Request] | None:
            answer = answer_of(response)
            token = dig(answer, self.token)
            if token in (None, "", self.end) or (self.more and not dig(answer, self.more)):
                return None
            return token, write_slot(request, self.slot, token)

        yield from follow(request, following)

    def serve(self, request: httpx.Request, rows: Sequence[Json], memory: Memory) -> Page:  # noqa: ARG002
        asked = read_slot(request, self.size) if self.size else None
        if asked is None and self.unpaged:
            return Page(rows)
        token = read_slot(request, self.slot)
        start = decode(token, self.tokens, request.url.path) if token else 0
        size = page_size(asked, self.page, self.most)
        stop = start + size
        following = encode(stop, self.tokens, request.url.path) if stop < len(rows) else None
        fields: dict[str, Json] = {}
        if following is not None:
            fields[self.token] = following
        elif self.end is not ...:
            fields[self.block or self.token] = self.end
        if self.more:
            fields[self.more] = following is not None
        target = write_slot(request, self.slot, following) if following is not None else None
        return Page(rows[start:stop], fields | figures_of(self.also, start, size, len(rows), target))
