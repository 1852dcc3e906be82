"""What a platform says when it says no, and the id by which it knows a request."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace

import httpx

from ..dialects import ErrorKind, ErrorShape
from ..paths import bury
from ..platform import Platform
from ..queries import BadQuery
from ..slots import FORM, media_type
from .answer import Answer, encode, json_answer
from .keys import mix, salt
from .refusal import Refusal

REQUEST_ID = b"{request_id}"


def shaped(shape: ErrorShape, message: str = "") -> Answer:
    """An error of this shape."""
    headers = [(name.lower(), value) for name, value in shape.headers.items()]
    return json_answer(*shape.render(message), headers=headers)


def refused_as(platform: Platform, refusal: Refusal) -> Answer:
    """A refusal in the platform's words."""
    return shaped(refusal.shape or platform.errors.shapes[refusal.kind], refusal.message)


def bad_query(platform: Platform, problem: BadQuery) -> Answer:
    """A query that the platform refuses, under the code that it has for it."""
    answer = refused_as(platform, Refusal(ErrorKind.BAD_REQUEST, str(problem)))
    if problem.code and platform.errors.code:
        answer.body = encode(bury(json.loads(answer.body), platform.errors.code, problem.code))
    return answer


def request_id(seed: str, number: int) -> str:
    """An id for a request, in the form of a random UUID; the same for the same seed."""
    high, low = mix(number, salt(seed, "request")), mix(number, salt(seed, "id"))
    text = f"{high:016x}{low:016x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def unreadable(request: httpx.Request) -> str:
    """What is wrong with a body that says it is JSON, or that no parser would survive; "" where nothing is."""
    kind = media_type(request.headers)
    if not request.content or kind == FORM:
        return ""
    try:
        json.loads(request.content)
    except RecursionError:
        return "the body is nested too deeply"
    except ValueError:
        return "the body is no valid JSON" if kind.endswith(("/json", "+json")) else ""
    return ""


def tells_request_id(platform: Platform) -> bool:
    """Whether an answer that is no error may hold the request's id."""
    word = REQUEST_ID.decode()
    shapes = [shape for shape in platform.errors.shapes.values() if shape.status < 400]
    own = [shape for one in platform.endpoints for shape in (one.missing, one.empty) if shape and shape.status < 400]
    bodies = [shape.body for shape in (*shapes, *own)]
    return word in json.dumps([bodies, [dict(one.envelope) for one in platform.endpoints]], default=str)


def with_status(platform: Platform, status: int, kind: ErrorKind | None = None) -> Answer:
    """An error in the platform's words, under the status that was asked for."""
    if status in platform.errors.statuses:
        return shaped(platform.errors.statuses[status])
    if kind is None:
        kind = ErrorKind.of(status)
    shape = platform.errors.shapes[kind]
    if not status:
        return shaped(shape)
    body = shape.body
    if isinstance(body, Mapping) and body.get("status") == shape.status:
        body = {**body, "status": status}
    return shaped(replace(shape, status=status, body=body))
