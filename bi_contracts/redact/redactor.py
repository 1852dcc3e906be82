"""Redaction of one value: a string by its key and its look, a JSON value leaf by leaf, a URL part by part."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import quote, quote_plus, unquote, unquote_plus, urlsplit, urlunsplit

from ..paths import Json
from . import keys, pseudonyms
from .keys import Kind, kind_of, kind_of_exchange, words, words_of
from .literals import mask_literals
from .policy import REDACTED, Policy
from .shapes import has_hint, mask_assignments, mask_shapes

_URL = re.compile(r"((?:https?|(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9+.-]{1,15})://[^\s\"'<>\\^`{}|]+)")
_TELLING_URL = re.compile(r"[?#@%=+:;]|[Tt]oken")
_TELLING_PATH = re.compile(r"[@%=+:;]|[Tt]oken")
_TOKEN_LISTS = frozenset({"access_tokens", "refresh_tokens", "access_token", "refresh_token"})
"""Path segments that are followed by the token itself."""

_GRAPHQL = re.compile(
    r"\s*(?:#[^\n]*\s*)*(?:(?:query|mutation|subscription|fragment)(?![\w-])|\{(?=[\s,]*[A-Za-z_.#]))"
)
_ARGUMENT = re.compile(r'([A-Za-z_]\w{0,80})(\s*:\s*)("""[\s\S]*?"""|"[^"\\\n]*(?:\\.[^"\\\n]*)*")')
_LITERAL = re.compile(r'"""[\s\S]*?"""|"[^"\\\n]*(?:\\.[^"\\\n]*)*"')

_SAFE_IN_SECRET = words(
    """
    type kind object id gid name status scope scopes resource_type token_type expires_in expires_at created_at
    updated_at
    """
)
"""What an object under a secret name may keep: these tell its type and age."""

_OPENING = ("{", "[")
_SHORTEST = 6
"""No address, no credential and no assignment is shorter."""

Convert = Callable[[str], str]


class Redactor:
    """Applies one policy. Holds no state but the policy, so one serves any number of threads."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._by_kind: dict[Kind, Convert] = {Kind.PLAIN: self.string, Kind.SECRET: self._secret}
        personal: dict[Kind, Convert] = {
            Kind.PHONE: pseudonyms.phone,
            Kind.NAME: self._name,
            Kind.IP: pseudonyms.ip,
        }
        self._by_kind |= personal if policy.personal else dict.fromkeys(personal, self.string)
        self._by_kind[Kind.TEXT] = self._prose if policy.text else self.string
        self._key = lru_cache(maxsize=4096)(self._key_once)

    def leaf(self, kind: Kind, value: str) -> str:
        """A string whose name announced `kind`."""
        if kind is not Kind.SECRET and value[:1] in _OPENING:
            nested = self._nested(value)
            if nested is not None:
                return nested
        return self._by_kind[kind](self._known(value))

    def string(self, value: str) -> str:
        """A string about which nothing is known but itself."""
        return _settled(self._string, value) if len(value) >= _SHORTEST else value

    def _string(self, value: str) -> str:
        value = self._known(value)
        if "://" not in value:
            return self._plain(value)
        # Split at the URLs: in a URL values are encoded, and must come out as they do elsewhere.
        parts = _URL.split(value)
        parts[::2] = map(self._plain, parts[::2])
        parts[1::2] = map(self._url, parts[1::2])
        return mask_shapes("".join(parts))  # a token may end in what looks like the scheme of a URL

    def _known(self, value: str) -> str:
        return mask_literals(value, self.policy.literals) if self.policy.literals else value

    def _plain(self, value: str) -> str:
        value = mask_assignments(mask_shapes(value))
        return pseudonyms.phones(pseudonyms.emails(value)) if self.policy.personal else value

    def _secret(self, value: str) -> str:
        return REDACTED if value.strip(" \t\r\n") else value

    def _name(self, value: str) -> str:
        return self.string(value) if "@" in value else pseudonyms.person(value)

    def _prose(self, value: str) -> str:
        return pseudonyms.filler(value, self.string)

    def _nested(self, value: str) -> str | None:
        """A string that holds JSON, redacted inside; None where it holds none."""
        parsed = parse_json(value) if len(value) > 4 and value[-1] in "}]" else None
        return None if parsed is None else self._dumped(value, parsed)

    def _dumped(self, text: str, parsed: Json) -> str:
        redacted = self.json(parsed)
        return text if redacted == parsed else dump_json(redacted)

    def json(self, value: Json, key: str = "") -> Json:
        """A JSON value with the same keys, types and lengths. `key` is the name it stands under."""
        return self._value(value, key, Kind.PLAIN if not key else kind_of(key), in_secret=False)

    def _value(self, value: Json, key: str, kind: Kind, *, in_secret: bool) -> Json:
        if isinstance(value, str):
            return self.leaf(kind, value)
        if isinstance(value, Mapping):
            return self._object(value, key, in_secret=in_secret or kind is Kind.SECRET)
        if isinstance(value, list):
            return [self._value(item, key, kind, in_secret=in_secret) for item in value]
        return value if isinstance(value, bool) or value is None else self._number(value, kind)

    def _number(self, value: float | _Exact, kind: Kind) -> float | _Exact:
        if kind is Kind.SECRET or (self.policy.literals and str(value) in self.policy.literals):
            return 0 if isinstance(value, int) else 0.0
        if kind is Kind.PHONE and self.policy.personal and isinstance(value, int):
            return int(pseudonyms.phone(str(value)))
        return value

    def _object(self, value: Mapping[str, Json], key: str, *, in_secret: bool) -> dict[str, Json]:
        context = _Context(
            in_secret=in_secret,
            person=self.policy.personal and _is_person(value, key),
            exchange="grant_type" in value,
            protocol=_is_protocol(value, key),
        )
        members = {
            self._key(name): self._value(item, name, _kind_in(name, context), in_secret=in_secret)
            for name, item in value.items()
        }
        if isinstance(value.get("value"), str) and _is_secret_pair(value):
            members["value"] = self._secret(str(value["value"]))
        if "query" in value and is_graphql(value["query"]):
            members["query"] = self.graphql(value["query"])
        return members

    def _key_once(self, name: str) -> str:
        """The name of a member; only one that is itself a credential or an address is replaced."""
        return self.string(name)

    def graphql(self, document: str) -> str:
        """A GraphQL document with its string literals redacted by the argument they are given to."""
        named = _ARGUMENT.sub(lambda found: found[1] + found[2] + self._literal(found[3], kind_of(found[1])), document)
        return _LITERAL.sub(lambda found: self._literal(found[0], Kind.PLAIN), named)

    def _literal(self, token: str, kind: Kind) -> str:
        value = _unquoted(token)
        redacted = self.leaf(kind, value)
        return token if redacted == value else json.dumps(redacted, ensure_ascii=False)

    def pair(self, name: str, value: str) -> str:
        """The value of a query or form parameter."""
        return self.leaf(kind_of_exchange(name), value)

    def form(self, text: str) -> str:
        """A query or an `application/x-www-form-urlencoded` body; what is not redacted keeps its encoding.

        Where a client's secret stands, its id is a credential too (RFC 6749 section 2.3.1).
        """
        pairs = text.split("&")
        login = any(pair.startswith("client_secret=") for pair in pairs)
        return "&".join(self._form_pair(pair, login=login) for pair in pairs)

    def _form_pair(self, raw: str, *, login: bool) -> str:
        name, equals, value = raw.partition("=")
        if login and name == "client_id" and value:
            return f"{name}={REDACTED}"
        if not equals:
            return self._recoded(name, self.string, unquote_plus, quote_plus)
        plain = unquote_plus(name)
        kept = self._recoded(name, self._key, unquote_plus, quote_plus)
        return f"{kept}={self._recoded(value, lambda text: self._query_value(plain, text), unquote_plus, quote_plus)}"

    def _query_value(self, name: str, value: str) -> str:
        return self.graphql(value) if name == "query" and is_graphql(value) else self.pair(name, value)

    def _recoded(self, raw: str, change: Convert, decode: Convert, encode: Convert) -> str:
        plain = decode(raw)
        changed = change(plain)
        return raw if changed == plain else encode(changed)

    def url(self, url: str) -> str:
        """A URL with userinfo, token-shaped path segments, credential parameters and fragment redacted."""
        return _settled(self._url, url)

    def _url(self, url: str) -> str:
        if self._is_plain_url(url):
            return url
        try:
            parts = urlsplit(url)
            host = parts.netloc.rpartition("@")
        except ValueError:
            return self._plain(self._known(url))
        netloc = f"{REDACTED}@{host[2]}" if host[1] else self._segment(host[2])
        query = self.form(parts.query) if parts.query else ""
        fragment = self.form(parts.fragment) if "=" in parts.fragment else self._plain(parts.fragment)
        clean = parts._replace(netloc=netloc, path=self._path(host[2], parts.path), query=query, fragment=fragment)
        # A token may stand across two parts: a host that ends in `1`, and a path that goes on as an Asana token does.
        return mask_shapes(url if clean == parts else urlunsplit(clean))

    def _is_plain_url(self, url: str) -> bool:
        """Whether a URL has no part that could hold anything: most links in a body are such."""
        return not self.policy.literals and _TELLING_URL.search(url, url.find("://") + 3) is None and not has_hint(url)

    def _path(self, host: str, path: str) -> str:
        known_by = host if host.startswith("hooks.slack") else ""
        segments = mask_shapes(known_by + self._known(path))[len(known_by) :].split("/")
        if not _TELLING_PATH.search(path):
            return "/".join(segments)
        clean = [self._recoded(segment, self._segment, unquote, _quoted_segment) for segment in segments]
        for index, (before, segment) in enumerate(pairwise(segments), start=1):
            if segment and words_of(before) in _TOKEN_LISTS:
                clean[index] = REDACTED
        return "/".join(clean)

    def _segment(self, text: str) -> str:
        return self._plain(self._known(text))


_MOST_PASSES = 6


def _settled(change: Convert, text: str) -> str:
    """`change` applied until nothing more changes: what stands next to a masked token can complete another shape."""
    for _ in range(_MOST_PASSES):
        changed = change(text)
        if changed == text:
            break
        text = changed
    return text


def _quoted_segment(text: str) -> str:
    return quote(text, safe="@:,;=+$!*'()")


@lru_cache(maxsize=64)
def redactor(policy: Policy) -> Redactor:
    """The redactor of a policy."""
    return Redactor(policy)


class _Context(NamedTuple):
    """What an object is, as far as that says something about its members."""

    in_secret: bool
    person: bool
    exchange: bool
    protocol: bool


@lru_cache(maxsize=8192)
def _kind_in(name: str, context: _Context) -> Kind:
    """The kind a name announces, given what its object is."""
    kind = kind_of_exchange(name) if context.exchange else kind_of(name)
    if context.in_secret and words_of(name) not in _SAFE_IN_SECRET:
        return Kind.SECRET
    if context.person and name in ("name", "Name"):
        return Kind.NAME
    return Kind.PLAIN if context.protocol and kind is Kind.TEXT else kind


def _is_person(value: Mapping[str, Json], key: str) -> bool:
    if not ("name" in value or "Name" in value):
        return False
    if keys.names_people(key) or not keys.PERSON_MARKS.isdisjoint(value):
        return True
    types = (value.get(name) for name in keys.TYPE_KEYS)
    return any(isinstance(kind, str) and kind.lower() in keys.PERSON_TYPES for kind in types)


def _is_secret_pair(value: Mapping[str, Json]) -> bool:
    """Whether an object is `{"name": "X-Api-Key", "value": "..."}`."""
    return any(isinstance(name := value.get(key), str) and kind_of(name) is Kind.SECRET for key in ("name", "key"))


def _is_protocol(value: Mapping[str, Json], key: str) -> bool:
    """Whether the texts of an object explain an error: readers of the API decide on those."""
    if "message" not in value and "detail" not in value:
        return False
    return key in ("error", "errors", "warnings") or not keys.PROTOCOL_MARKS.isdisjoint(value)


def is_graphql(value: Json) -> bool:
    """Whether a value is a GraphQL document and not, say, a search term."""
    return isinstance(value, str) and "{" in value and _GRAPHQL.match(value) is not None


def _unquoted(token: str) -> str:
    if token.startswith('"""'):
        return token[3:-3]
    try:
        value: str = json.loads(token)
    except ValueError:
        return token[1:-1]
    return value


@dataclass(frozen=True, slots=True)
class _Exact:
    """A number whose text would not come back from printing its float: `1.10`, `1e400`."""

    text: str


def _exact_float(text: str) -> Json:
    value = float(text)
    return value if repr(value) == text else _Exact(text)


def parse_json(text: str) -> Json:
    """The JSON value in `text`, numbers kept to the digit; None where it is no JSON or nested too deep to walk."""
    try:
        return json.loads(text, parse_float=_exact_float, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")


_MARK = "\ue000number:"
_MARKED = re.compile(rf'"{_MARK}(-?[0-9][0-9.eE+-]*)"')


def dump_json(value: Json) -> str:
    """Compact JSON text of what `parse_json` gave, every number as it was written."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_mark)
    return _MARKED.sub(r"\1", text) if _MARK in text else text


def _mark(number: _Exact) -> str:
    return f"{_MARK}{number.text}"
