"""What Slack reads in a request and says about it: bodies, character sets, what a message holds, error codes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

import httpx

from ....dialects import ErrorKind, ErrorShape
from ....pagination import BadPage, Cursor, page_size
from ....paths import Json
from ....slots import FORM, form_of, media_type, read_slot
from ...answer import Answer, json_answer
from ...keys import base36, salt
from ...refusal import Refusal

LONGEST = 40_000
"""Characters a message may have."""

JSON_TYPE = "application/json"


def refusal(code: str, kind: ErrorKind = ErrorKind.BAD_REQUEST) -> Refusal:
    """`ok: false` with a code."""
    return Refusal(kind, shape=ErrorShape(200, {"ok": False, "error": code}, code=code))


def page_problem(request: httpx.Request, paginator: object) -> str:
    """Whether it is the size or the token that a page cannot be made of."""
    if not isinstance(paginator, Cursor):
        return "invalid_arguments"
    try:
        page_size(read_slot(request, paginator.size), paginator.page, paginator.most)
    except BadPage:
        return "invalid_limit"
    return "invalid_cursor"


def contents(request: httpx.Request) -> dict[str, Json]:
    """What a message says. Raises `Refusal` where it says nothing, or too much."""
    text = read_slot(request, "param.text")
    blocks = _listed(request, "blocks")
    attachments = _listed(request, "attachments")
    if text in (None, "") and not blocks and not attachments:
        raise refusal("no_text")
    said = str(text or "")
    if len(said) > LONGEST:
        raise refusal("msg_too_long")
    found: dict[str, Json] = {"text": said, "blocks": blocks or [_block(said)]}
    return {**found, "attachments": attachments} if attachments else found


def _listed(request: httpx.Request, name: str) -> list[Json]:
    """Blocks or attachments: a list, or its JSON in a form. Raises `Refusal`."""
    value = read_slot(request, f"param.{name}")
    if isinstance(value, str) and value:
        try:
            value = json.loads(value)
        except ValueError:
            raise refusal(f"invalid_{name}") from None
    if value in (None, ""):
        return []
    if not isinstance(value, list):
        raise refusal(f"invalid_{name}")
    return value


def _block(text: str) -> Json:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "block_id": base36(salt(text) % 36**5, 5), "elements": [section]}


# Bodies, and what is to be said about them


def readable(request: httpx.Request) -> None:
    """Raises `Refusal` for a body that no method understands."""
    if request.method != "POST" or not request.content:
        return
    kind = media_type(request.headers)
    if not kind:
        raise refusal("missing_post_type")
    if kind not in (FORM, JSON_TYPE, "multipart/form-data", "text/plain"):
        raise refusal("invalid_post_type")
    if _charset(request) not in ("", "utf-8", "utf8", "iso-8859-1"):
        raise refusal("invalid_charset")
    if kind == JSON_TYPE:
        _readable_json(request.content)
    elif kind == FORM:
        _readable_form(request)


def _readable_json(content: bytes) -> None:
    try:
        found = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise refusal("invalid_json") from None
    if not isinstance(found, Mapping):
        raise refusal("json_not_object")


def _no_number(name: str) -> Json:
    raise ValueError(name)


def _readable_form(request: httpx.Request) -> None:
    try:
        request.content.decode()
    except UnicodeDecodeError:
        raise refusal("invalid_form_data") from None
    for name in form_of(request):
        if "[" in name:
            raise refusal("invalid_array_arg")
        if not re.fullmatch(r"\w{1,80}", name):
            raise refusal("invalid_arg_name")


def _charset(request: httpx.Request) -> str:
    found = re.search(r"charset=\"?([^\s;\"]+)", request.headers.get("content-type", ""), re.IGNORECASE)
    return found[1].lower() if found else ""


def warning(request: httpx.Request) -> str:
    """JSON should name its character set, a form should not."""
    kind = media_type(request.headers) if request.method == "POST" and request.content else ""
    if kind == JSON_TYPE:
        return "" if _charset(request) else "missing_charset"
    return "superfluous_charset" if kind == FORM and _charset(request) else ""


def warned(answer: Answer, warning: str) -> Answer:
    """The answer with a warning in it, where there is one."""
    if not warning:
        return answer
    body = json.loads(answer.body)
    known = body.get("response_metadata") or {}
    warnings = [*known.get("warnings", ()), warning]
    body |= {"warning": ",".join(warnings), "response_metadata": {**known, "warnings": warnings}}
    return json_answer(answer.status, body, [pair for pair in answer.headers if pair[0] != "content-type"])


def written(micros: int) -> str:
    """A time in microseconds as Slack writes it: seconds and six digits."""
    return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"


def later(ts: str, number: int) -> str:
    """The time of a reply: every one comes seven minutes and a bit after the one before."""
    return written(int(ts.replace(".", "")) + number * 421_000_211)
