"""The credentials that a request carries: its answer may repeat them where nothing else gives them away."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qsl, unquote, urlsplit

from ..interaction import Request, header
from ..paths import Json
from .keys import Kind, kind_of, kind_of_exchange, kind_of_header
from .policy import Policy
from .redactor import parse_json

_SHORTEST = 10
"""Shorter values may be ordinary words of the answer."""


def policy_of_answer(request: Request, policy: Policy) -> Policy:
    """The policy for the answer to a request: the credentials of the request are known values there."""
    known = dict.fromkeys(one for one in credentials_of(request) if len(one) >= _SHORTEST)
    return replace(policy, literals=(*policy.literals, *known)) if known else policy


def credentials_of(request: Request) -> Iterator[str]:
    """Every value of a request that stands where a credential stands: in headers, URL and body."""
    for name, value in request.headers:
        yield from _in_header(name.lower(), value)
    yield from _in_url(request.url)
    yield from _in_body(request)


def _in_header(name: str, value: str) -> Iterator[str]:
    if name == "cookie":
        yield from (pair.partition("=")[2].strip() for pair in value.split(";"))
    elif name in ("authorization", "proxy-authorization"):
        scheme, _, rest = value.strip().partition(" ")
        yield from _of_scheme(scheme.lower(), rest.strip() or scheme)
    elif kind_of_header(name) is Kind.SECRET:
        yield value.strip()


def _of_scheme(scheme: str, value: str) -> Iterator[str]:
    yield value
    if scheme == "basic":
        try:
            yield b64decode(value, validate=True).decode("utf-8").partition(":")[2]
        except ValueError:
            return


def _in_url(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    yield unquote(parts.netloc.rpartition("@")[0].partition(":")[2])
    yield from _in_pairs(parts.query)


def _in_pairs(text: str) -> Iterator[str]:
    return (value for name, value in parse_qsl(text) if kind_of_exchange(name) is Kind.SECRET)


def _in_body(request: Request) -> Iterator[str]:
    text = request.body.decode("utf-8", "replace")
    if "urlencoded" in header(request.headers, "content-type"):
        yield from _in_pairs(text)
    elif text.lstrip()[:1] in ("{", "["):
        try:
            yield from _in_json(parse_json(text), Kind.PLAIN)
        except RecursionError:
            return


def _in_json(value: Json, kind: Kind) -> Iterator[str]:
    if isinstance(value, str):
        if kind is Kind.SECRET:
            yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _in_json(item, kind_of(name))
    elif isinstance(value, list):
        for item in value:
            yield from _in_json(item, kind)
