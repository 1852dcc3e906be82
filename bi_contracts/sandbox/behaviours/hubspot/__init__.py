"""HubSpot: objects whose properties are chosen, batches, associations, tokens that expire."""

from __future__ import annotations

from typing import ClassVar

import httpx

from ....platform import Endpoint, Platform
from ...answer import Answer
from ...routing import Match
from ...world import World
from .associations import Associations
from .batches import Batches
from .catalogue import Catalogue
from .objects import unknown_type
from .routes import ACTIONS, EXTRA, PAGES
from .staff import Staff
from .tokens import Tokens
from .types import TYPES, ObjectType, object_type

SECONDLY = [("x-hubspot-ratelimit-secondly", "10"), ("x-hubspot-ratelimit-secondly-remaining", "9")]
"""A tenth of the limit of ten seconds. HubSpot states it with every answer and never refuses for its sake."""

HTML = b"<!DOCTYPE html><html><head><title>Not found</title></head><body><h1>Not found</h1></body></html>"


class Behaviour(Batches, Associations, Catalogue, Staff, Tokens):
    """Answers as HubSpot."""

    extra: ClassVar[tuple[Endpoint, ...]] = EXTRA
    open: ClassVar[frozenset[str]] = frozenset({"token", "token_details", *(page.name for page in PAGES)})

    def __init__(self, platform: Platform, world: World) -> None:
        super().__init__(platform, world)
        self.acts = {
            name: (one, action)
            for one in TYPES
            for action, name in (
                ("list", one.name),
                ("item", one.singular),
                ("search", f"{one.name}_search"),
                ("batch_read", f"{one.name}_batch"),
                ("create", f"create_{one.singular}"),
                ("update", f"update_{one.singular}"),
                ("archive", f"archive_{one.singular}"),
            )
        }
        self.names = {(one.name, action): name for name, (one, action) in self.acts.items()}

    def name(self, request: httpx.Request, match: Match) -> str:
        """The declared name, whichever path was asked."""
        found = self._act(match)
        if found is None:
            return super().name(request, match)
        one, action = found
        return self.names.get((one.name, action), match.endpoint.name) if one is not None else match.endpoint.name

    def answer(self, request: httpx.Request, match: Match) -> Answer:
        found = self._answer(request, match)
        found.headers += SECONDLY
        return found

    def _answer(self, request: httpx.Request, match: Match) -> Answer:
        found = self._act(match)
        if found is None:
            return super().answer(request, match)
        one, action = found
        if one is None:
            raise unknown_type(match.arguments["objectType"])
        match action:
            case "list":
                return self.listed(request, one)
            case "search":
                return self.searched(request, one)
            case "create":
                return self.created(request, one)
            case "item":
                return self.given(request, one, self.key(match))
            case "update":
                return self.updated(request, one, self.key(match))
            case "archive":
                return self.archive(one, self.key(match))
        return self.batch(request, one, action)

    def _act(self, match: Match) -> tuple[ObjectType | None, str] | None:
        """The object type and what is to be done, None for what is no object."""
        action = ACTIONS.get(match.endpoint.name)
        if action is not None:
            return object_type(str(match.arguments["objectType"])), action
        return self.acts.get(match.endpoint.name)

    def key(self, match: Match) -> str:
        """The id in the path."""
        return str(next(value for name, value in match.arguments.items() if name not in ("objectType", "version")))

    def answer_page(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        """What is no part of the API is a web page."""
        return Answer(404, [("content-type", "text/html; charset=utf-8")], HTML)

    answer_page_root = answer_page
    answer_page_below = answer_page
