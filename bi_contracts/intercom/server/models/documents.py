"""What `search` and `fetch` answer, in the shape that connectors of chat clients expect."""

from __future__ import annotations

from pydantic import Field

from .base import Answer, Model


class Result(Model):
    """Something that was found."""

    id: str = Field(description="conversation_123 or contact_123: fetch takes it.")
    title: str
    url: str
    text: str


class Results(Answer):
    """What search answers."""

    results: tuple[Result, ...]


class Document(Answer):
    """What fetch answers."""

    id: str
    title: str
    text: str
    url: str
    metadata: dict[str, str]
