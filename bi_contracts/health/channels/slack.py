"""Slack, through an incoming webhook, whose URL is a secret."""

from __future__ import annotations

from typing import Any

import httpx

from ..alerts import Message
from ..wiring import Wiring
from .http import Http, checked_url
from .protocol import Undelivered

_COLOURS = {"critical": "#b3202f", "warning": "#c98500", "info": "#1a6e3c"}


class Slack:
    """Posts messages to the channel that the webhook belongs to."""

    def __init__(self, wiring: Wiring, url: str) -> None:
        self._url = checked_url(url, f"channel {wiring.name}: {wiring.variables['url_env']}")
        self._http = Http(wiring.name)

    async def send(self, message: Message) -> None:
        """Returns once Slack said that it took it. Raises `Undelivered`."""
        response = await self._http.request("POST", self._url, json=blocks(message))
        if not _taken(response):
            raise Undelivered(f"channel {self._http.name}: HTTP {response.status_code}, and not the answer of Slack")

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()


def _taken(response: httpx.Response) -> bool:
    """Whether the answer is Slack's `ok`, or of one who speaks like it: a page of a proxy or `no_service` is not."""
    said = response.text.strip()
    if said in ("", "ok"):
        return True
    try:
        found = response.json()
    except ValueError:
        return False
    return isinstance(found, dict) and True in (found.get("ok"), found.get("success"))


def blocks(message: Message) -> dict[str, Any]:
    """A message as Slack shows it; `text` is what a notification says."""
    lines = [f"*{_escaped(message.title)}*"]
    if message.text:
        lines.append(_escaped(message.text))
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "\n".join(lines)}}
    about = {"type": "mrkdwn", "text": _escaped(f"{message.level} · {message.key} · {message.source}")}
    return {
        "text": _escaped(message.title),
        "attachments": [
            {"color": _COLOURS[message.level], "blocks": [section, {"type": "context", "elements": [about]}]}
        ],
    }


def _escaped(text: str) -> str:
    """The three characters that mean something to Slack."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
