"""Every answer that the tools give."""

from __future__ import annotations

from .base import WHOLE, Answer, Coverage, Freshness, Model, Truncated, moment, moment_or_none
from .contacts import Contact, OneContact, Ticket, Tickets
from .conversations import Conversation, Conversations, Message, OneConversation, Row, Writer
from .documents import Document, Result, Results
from .state import (
    Counted,
    CoverageOf,
    DataInfo,
    Server,
    ServerStatus,
    Store,
    Synced,
    SyncFigures,
    SyncProgress,
    SyncStatus,
    Window,
    Workspace,
)

__all__ = [
    "WHOLE",
    "Answer",
    "Contact",
    "Conversation",
    "Conversations",
    "Counted",
    "Coverage",
    "CoverageOf",
    "DataInfo",
    "Document",
    "Freshness",
    "Message",
    "Model",
    "OneContact",
    "OneConversation",
    "Result",
    "Results",
    "Row",
    "Server",
    "ServerStatus",
    "Store",
    "SyncFigures",
    "SyncProgress",
    "SyncStatus",
    "Synced",
    "Ticket",
    "Tickets",
    "Truncated",
    "Window",
    "Workspace",
    "Writer",
    "moment",
    "moment_or_none",
]
