"""A client of the sandbox's Slack, for tests."""

from __future__ import annotations

from typing import Any

from bi_contracts.platforms.slack import PLATFORM

from .api import Api


class Slack(Api):
    """A client that says what it posts in a form, in JSON or in the query."""

    def __init__(self, rows: int, **settings: Any) -> None:
        super().__init__(PLATFORM, rows, 1_790_000_000.25, **settings)

    def __call__(self, method: str, **arguments: Any) -> Any:
        return self.http.post(f"/{method}", data=arguments).json()

    def channel(self, number: int = 0) -> str:
        return str(self("conversations.list")["channels"][number]["id"])

    def messages(self, channel: str, **arguments: Any) -> list[Any]:
        return list(self("conversations.history", channel=channel, **arguments)["messages"])
