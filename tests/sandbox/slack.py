"""A client of the sandbox's Slack, for tests."""

from __future__ import annotations

from typing import Any

import httpx

from bi_contracts.platforms.slack import PLATFORM
from bi_contracts.sandbox import Sandbox


class Slack:
    """A client that says what it posts in a form, in JSON or in the query."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.token = sandbox.credentials("slack")["SLACK_BOT_TOKEN"]
        headers = {"authorization": f"Bearer {self.token}"}
        self.http = httpx.Client(transport=sandbox.transport(), base_url=PLATFORM.base_url, headers=headers)

    def __call__(self, method: str, **arguments: Any) -> Any:
        return self.http.post(f"/{method}", data=arguments).json()

    def channel(self, number: int = 0) -> str:
        return str(self("conversations.list")["channels"][number]["id"])

    def messages(self, channel: str, **arguments: Any) -> list[Any]:
        return list(self("conversations.history", channel=channel, **arguments)["messages"])
