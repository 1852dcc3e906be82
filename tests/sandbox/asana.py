"""A client of the sandbox's Asana, for tests."""

from __future__ import annotations

from typing import Any

import httpx

from bi_contracts.platforms.asana import PLATFORM

from .api import Api


class Asana(Api):
    """Gives what stands below `data`; `ask` gives the whole answer."""

    def __init__(self, rows: int, **settings: Any) -> None:
        super().__init__(PLATFORM, rows, 1_790_000_000.5, **settings)

    def ask(self, path: str, **arguments: Any) -> httpx.Response:
        return self.http.get(path, params=arguments)

    def get(self, path: str, **arguments: Any) -> Any:
        answer = self.ask(path, **arguments)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def send(self, method: str, path: str, data: Any = None, **arguments: Any) -> Any:
        body = None if data is None else {"data": data}
        answer = self.http.request(method, path, json=body, params=arguments or None)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    def refused(self, method: str, path: str, body: Any = None, **arguments: Any) -> tuple[int, str]:
        """Status and message of an error, which has Asana's form."""
        answer = self.http.request(method, path, json=body, params=arguments or None)
        (error,) = answer.json()["errors"]
        assert error["help"]
        return answer.status_code, error["message"]

    @property
    def workspace(self) -> str:
        return str(self.get("/workspaces", limit=1)[0]["gid"])

    @property
    def project(self) -> str:
        return str(self.get("/projects", workspace=self.workspace, limit=1)[0]["gid"])

    def tasks(self, **arguments: Any) -> list[str]:
        return [task["gid"] for task in self.get("/tasks", limit=100, **arguments)]
