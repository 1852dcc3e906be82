"""Pagination as data, read both ways.

`page_flow` is the client's side: a generator that yields requests and is sent responses, and never does
I/O itself (the pattern of `httpx.Auth.auth_flow`). `serve` is the sandbox's side: it reads the same slots
and says which rows to answer and what else the envelope holds.
"""

from __future__ import annotations

from .cursor import Cursor
from .figures import page_size, whole_number
from .link import Link
from .locator import Locator
from .offset import Offset
from .protocol import BadPage, Memory, Page, PageFlow, Paginator
from .relay import Relay
from .scroll import Scroll
from .single import Single
from .tokens import TokenForm

__all__ = [
    "BadPage",
    "Cursor",
    "Link",
    "Locator",
    "Memory",
    "Offset",
    "Page",
    "PageFlow",
    "Paginator",
    "Relay",
    "Scroll",
    "Single",
    "TokenForm",
    "page_size",
    "whole_number",
]
