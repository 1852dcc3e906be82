"""Whether a response is one that a reader can use, before anybody looks at its data."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime

from ..errors import Failure
from ..interaction import Response, header
from ..platform import Platform
from ..report.events import Severity

SKEW = 120.0
"""Seconds that a platform's clock may differ from ours: signatures and Retry-After dates live by it."""

_SILENT = frozenset({204, 205, 304})
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_PAGE = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json", re.IGNORECASE)
_ESCAPE = len(r"\u0000")
"""Characters of the longest escape: one that is shorter and stands at the end was cut off."""
_CHARSET = re.compile(r'charset="?([\w.:-]{1,40})', re.IGNORECASE)


class BadResponse(Failure):
    """A response cannot be used as it is. `rule` says what is wrong with it, `severity` how bad that is."""

    def __init__(self, rule: str, message: str, severity: Severity = "breaking") -> None:
        super().__init__(message)
        self.rule = rule
        self.severity = severity


def good_response(
    response: Response,
    *,
    expected: Sequence[int] = (200,),
    platform: Platform | None = None,
    now: float | None = None,
    skew: float = SKEW,
) -> None:
    """Raises the first `BadResponse` of `problems`."""
    for problem in problems(response, expected=expected, platform=platform, now=now, skew=skew):
        raise problem


def problems(
    response: Response,
    *,
    expected: Sequence[int] = (200,),
    platform: Platform | None = None,
    now: float | None = None,
    skew: float = SKEW,
) -> Iterator[BadResponse]:
    """All that is wrong with a response; of its body only the first thing, for the rest follows from that.

    `platform` asks for its request id, `now` (Unix seconds) for a `Date` within `skew` seconds of it.
    """
    if response.status not in expected:
        wanted = " or ".join(map(str, expected))
        yield BadResponse("unexpected-status", f"HTTP {response.status} in place of {wanted}")
    body = body_problem(response)
    if body is not None:
        yield body
    if platform is not None and platform.request_id and not header(response.headers, platform.request_id):
        words = f"no {platform.request_id}: the vendor's support will ask for it"
        yield BadResponse("request-id-missing", words, "warning")
    late = None if now is None else clock_problem(response, now, skew)
    if late is not None:
        yield late


def body_problem(response: Response) -> BadResponse | None:
    """What keeps a body from being read as JSON; None where nothing does."""
    body, kind = response.body, header(response.headers, "content-type")
    if response.status in _SILENT:
        return BadResponse("unexpected-body", f"a body under HTTP {response.status}") if body else None
    if not body.strip():
        return BadResponse("empty-body", f"HTTP {response.status} with an empty body")
    if _PAGE.match(body) or kind.lower().startswith(("text/html", "application/xhtml")):
        return BadResponse("html-page", f"an HTML page in place of data (HTTP {response.status})")
    return _encoding_problem(body, kind) or _json_problem(response) or _type_problem(kind)


def clock_problem(response: Response, now: float, skew: float = SKEW) -> BadResponse | None:
    """What is wrong with the `Date` (RFC 9110 section 6.6.1), None where it is near enough or not told."""
    told = header(response.headers, "date")
    if not told:
        return None
    try:
        ahead = parsedate_to_datetime(told).timestamp() - now
    except ValueError:
        return BadResponse("date-unreadable", "its Date is no HTTP date", "warning")
    if abs(ahead) <= skew:
        return None
    words = f"its clock is {abs(ahead):.0f} s {'ahead' if ahead > 0 else 'behind'}; {skew:.0f} s are allowed"
    return BadResponse("clock-skewed", words, "warning")


def _encoding_problem(body: bytes, kind: str) -> BadResponse | None:
    if body.startswith(_GZIP):
        return BadResponse("wrong-encoding", "the body is compressed and the headers do not say so")
    if body.startswith(_BOM):
        return BadResponse("wrong-encoding", "the body begins with a byte order mark, which JSON may not", "warning")
    try:
        body.decode()
    except UnicodeDecodeError as error:
        charset = _CHARSET.search(kind)
        said = f"; it says {charset[1]}" if charset else ""
        return BadResponse("wrong-encoding", f"byte {error.start} of the body is no UTF-8{said}; JSON is (RFC 8259)")
    return None


def _json_problem(response: Response) -> BadResponse | None:
    text = response.body.decode()
    stated = header(response.headers, "content-length")
    try:
        json.loads(text)
    except RecursionError:
        return BadResponse("not-json", "the body is nested too deeply")
    except json.JSONDecodeError as error:
        short = stated.isdecimal() and int(stated) > len(response.body)
        left = len(text.rstrip()) - error.pos
        escape = error.msg.startswith("Invalid \\uXXXX") and left < _ESCAPE
        ends = left <= 0 or escape or error.msg.startswith("Unterminated")
        started = text.lstrip()[:1] in ("{", "[", '"')
        if started and (short or ends):
            return BadResponse("truncated-json", f"the body breaks off after {len(response.body)} bytes")
        where = f"line {error.lineno}, column {error.colno}"
        return BadResponse("not-json", f"the body is no JSON: {error.msg} at {where}")
    return None


def _type_problem(kind: str) -> BadResponse | None:
    media = kind.partition(";")[0].strip()
    if _JSON.fullmatch(media):
        return None
    return BadResponse("content-type", f"JSON under the content type {media!r}" if media else "no content type")
