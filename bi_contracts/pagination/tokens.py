"""Page tokens as the sandbox mints them, in the forms that platforms use."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import uuid
from typing import Literal

from ..paths import Json
from .protocol import BadPage

TokenForm = Literal["base64", "uuid", "number", "jwt", "bound"]


_MARK = 0xB1C0_47AC_7500_4000_8000 << 48
"""The upper bits of a UUID token, so that a foreign UUID is told from one of ours; 16 bits below are the path's."""


def encode(position: int, form: TokenForm, path: str = "") -> str:
    """The token of a position; of all forms but `number` and `base64`, good for one path alone."""
    if form == "number":
        return str(position)
    if form == "jwt":
        return _write_jwt(position, path)
    if form == "bound":
        return base64.urlsafe_b64encode(f"next:{position}:{_check(position, path)}".encode()).decode()
    if form == "uuid":
        return str(uuid.UUID(int=_MARK | int(_check(position, path)[:4], 16) << 32 | position))
    return base64.urlsafe_b64encode(f"position:{position}".encode()).decode()


def decode(token: Json, form: TokenForm, path: str = "") -> int:
    """The position of a token. Raises `BadPage` for one that the sandbox did not mint."""
    if form == "jwt":
        return _read_jwt(token, path)
    try:
        if form == "number":
            if not re.fullmatch(r"[0-9]{1,18}", str(token)):
                raise BadPage("unknown page token")
            return int(token)
        if form == "uuid":
            position = uuid.UUID(token).int & 0xFFFF_FFFF
            if encode(position, form, path) != str(uuid.UUID(token)):
                raise BadPage("unknown page token")
            return position
        name, _, number = base64.urlsafe_b64decode(str(token)).decode().partition(":")
        if form == "bound":
            number, _, check = number.partition(":")
            if name != "next" or check != _check(int(number), path):
                raise BadPage("unknown page token")
            return int(number)
        if name != "position":
            raise BadPage("unknown page token")
        return int(number)
    except (ValueError, AttributeError, TypeError, binascii.Error):
        raise BadPage("unknown page token") from None


def _check(position: int, path: str) -> str:
    """What tells a token of this path from one of another: eight hexadecimal digits."""
    above, _, name = path.rpartition("/")
    named = f"{above.rpartition('/')[2]}/{name}" if name == "search" else name  # `contacts/search`, `tickets/search`
    return hashlib.blake2b(f"{named}?{position}".encode(), digest_size=4).hexdigest()


def _write_jwt(position: int, path: str) -> str:
    """A page token in the form of RFC 7519, signed for one path: what came from elsewhere is told from it."""
    payload = base64.urlsafe_b64encode(f'{{"position":{position}}}'.encode()).decode().rstrip("=")
    signature = hashlib.blake2b(f"{path}?{position}".encode(), digest_size=24).digest()
    return f"eyJhbGciOiJIUzI1NiJ9.{payload}.{base64.urlsafe_b64encode(signature).decode()}"


def _read_jwt(token: Json, path: str) -> int:
    """The position in a token of that form. Raises `BadPage` for one of another path."""
    parts = token.split(".") if isinstance(token, str) else []
    try:
        payload = base64.urlsafe_b64decode(f"{parts[1]}==").decode() if len(parts) == 3 else ""
    except ValueError:
        payload = ""
    found = re.fullmatch(r'{"position":(\d{1,18})}', payload)
    if found is None or token != _write_jwt(int(found[1]), path):
        raise BadPage("unknown or expired page token")
    return int(found[1])
