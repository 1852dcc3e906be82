"""What a string or a key looks like: a format, a token, an identifier, something a user typed.

Only the look is judged; no value leaves this module.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

FORMATS: Final = ("date-time", "date", "uuid", "email", "uri")

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_URI = re.compile(r"[a-z][a-z0-9+.-]{1,15}://\S+")

_TOKEN = re.compile(r"[A-Za-z@_][A-Za-z0-9_.:@/+-]{0,47}")
_WORDY = re.compile(r"[a-z]+([_-][a-z]+)*|[a-z]+([A-Z][a-z]+)+|[A-Z]+(_[A-Z]+)*")
_HEX = re.compile(r"[0-9a-f]{12,}|[0-9A-F]{12,}")
_DIGITS = re.compile(r"-?\d+(\.\d+)?")
_NAME = re.compile(r"[A-Za-z_$@][A-Za-z0-9_$.-]*")
_PASCAL = re.compile(r"[A-Z][A-Za-z0-9]*")


def format_of(text: str) -> str:
    """The JSON Schema `format` this string has, or `""`. RFC 3339 times, RFC 9562 UUIDs, absolute URIs."""
    if not 8 <= len(text) <= 2048:
        return "email" if 5 <= len(text) < 8 and _EMAIL.fullmatch(text) else ""
    if text[4] == "-" and text[:4].isdigit():
        return _temporal(text)
    if len(text) == 36 and text[8] == "-":
        return "uuid" if _UUID.fullmatch(text) else ""
    if "://" in text[:19]:
        return "uri" if _URI.fullmatch(text) else ""
    return "email" if "@" in text and len(text) < 255 and _EMAIL.fullmatch(text) else ""


def _temporal(text: str) -> str:
    if len(text) == 10:
        return "date" if _DATE.fullmatch(text) else ""
    return "date-time" if len(text) < 40 and _DATE_TIME.fullmatch(text) else ""


def is_token(text: str) -> bool:
    """Whether a string may be a machine word such as `page_or_database`: short, one word, not an identifier."""
    return len(text) <= 48 and _TOKEN.fullmatch(text) is not None and not _is_identifier(text)


def is_plain_token(text: str) -> bool:
    """A token in one steady style, as in vendors' enums: `in_progress`, `IN_PROGRESS`, `in-progress`, `inProgress`."""
    return 2 < len(text) <= 40 and _WORDY.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def looks_like_data(key: str) -> bool:
    """Whether an object key looks typed or generated (a name, an id, an address), not chosen by an API's author."""
    return _NAME.fullmatch(key) is None or _is_identifier(key)


def is_pascal(key: str) -> bool:
    """`Name`, `CreatedDate`: a key that starts with a capital and goes on in a word."""
    return _PASCAL.fullmatch(key) is not None and not key.isupper()


def _is_identifier(text: str) -> bool:
    if _DIGITS.fullmatch(text) or _HEX.fullmatch(text) or _UUID.fullmatch(text):
        return True
    digits = sum(map(str.isdigit, text))
    mixed = any(map(str.isupper, text)) and "_" not in text
    return (digits >= 2 and mixed and len(text) >= 8) or digits >= 5
