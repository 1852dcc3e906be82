"""Ids for recorded requests that no declaration knows: `notion/post.v1.databases.{id}.query`.

An id is `<platform>/<name>`. The name is the lower-case method and the path's segments joined by dots, segments that
are ids replaced by `{id}`. Two kinds of API have better names of their own: GraphQL (one root field: `linear/issues`;
several: the operation's name) and RPC over HTTP, as at Slack (`/api/conversations.list`: `slack/conversations.list`).

Names are safe as file names: other characters become `_`, and then, or where the name is long, a short hash of the
whole is added, so that different paths keep different ids.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from ...interaction import Interaction
from ...paths import decode_body, dig
from ...redact import REDACTED

LONGEST = 150
"""Characters of a name; file systems take 255 bytes, extension and temporary prefix included."""

_ID = re.compile(
    r"""
      -?\d+                                                   # 42
    | [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}               # UUID
    | (?=[a-f]*\d)[0-9a-f]{16,}                               # hexadecimal: Notion, Intercom, hashes
    | (?=[A-Z]*\d)[ACDEFGSTUWB][A-Z0-9]{7,}                   # Slack
    | [A-Z][A-Z0-9]{0,9}-\d+                                  # ENG-42
    | \d{4}-\d{2}-\d{2}([T ].*)?                              # a date
    | [a-z]{1,12}_(?=[A-Za-z]*\d)[0-9A-Za-z]{10,}             # task_7e869d57
    | (?=(?:\D*\d){3})(?=.*[A-Za-z])[\w.~=-]{15,}             # Salesforce, base64 and other tokens
    """,
    re.VERBOSE,
)
_UPPER_HEX = re.compile(r"(?=[A-F]*\d)[0-9A-F]{16,}|[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")
_RPC = re.compile(r"(?:/api)?/([a-z][A-Za-z]*(?:\.[a-zA-Z][A-Za-z]*)+)/?")
_WORD = re.compile(r"[\w.~@-]+", re.ASCII)
_UNSAFE = re.compile(r"[^\w.{}~@-]+", re.ASCII)
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}


def is_id(segment: str) -> bool:
    """Whether a path segment names one thing among many, rather than a kind of thing."""
    text = unquote(segment)
    if "@" in text or REDACTED in text or not _WORD.fullmatch(text):
        return True
    return bool(_ID.fullmatch(text) or _UPPER_HEX.fullmatch(text))


def template(path: str) -> str:
    """The path with `{id}` for ids: `/v1/databases/{id}/query`. `/api/3` keeps its version."""
    segments = path.split("/")
    return "/".join(
        "{id}" if segment and not _is_version(segments, at) and is_id(segment) else segment
        for at, segment in enumerate(segments)
    )


def _is_version(segments: list[str], at: int) -> bool:
    return at > 0 and segments[at - 1] in ("api", "rest") and re.fullmatch(r"\d\d?", segments[at]) is not None


def endpoint_name(interaction: Interaction) -> str:
    """The second half of the id."""
    request = interaction.request
    field = graphql_name(interaction)
    if field:
        return file_safe(field)
    called = _RPC.fullmatch(request.path)
    if called and request.method in ("GET", "POST"):
        return file_safe(called[1])
    parts = [part for part in template(request.path).split("/") if part]
    return file_safe(".".join([request.method.lower(), *parts]))


def graphql_name(interaction: Interaction) -> str:
    """The root field of a GraphQL request; its operation's name where there are several; "" for anything else.

    Some recordings keep only a hash of a long query: then the answer's one root field is the name.
    """
    if interaction.request.method != "POST":
        return ""
    asked = decode_body(interaction.request.body)
    document = asked.get("query") if isinstance(asked, Mapping) else None
    if isinstance(asked, Mapping) and isinstance(document, str) and "{" in document:
        return root_name(document, asked.get("operationName"))
    return _answered_field(interaction) if interaction.request.path.endswith("/graphql") else ""


def _answered_field(interaction: Interaction) -> str:
    fields = dig(decode_body(interaction.response.body), "data")
    return next(iter(fields)) if isinstance(fields, Mapping) and len(fields) == 1 else ""


def root_name(document: str, operation_name: Any = None) -> str:
    """The same for the text of a GraphQL document."""
    from graphql import FieldNode, GraphQLError, OperationDefinitionNode, parse

    try:
        definitions = parse(document, no_location=True).definitions
    except (GraphQLError, RecursionError):
        return ""
    operations = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
    named = [node for node in operations if node.name and node.name.value == operation_name]
    operation = next(iter(named or operations), None)
    if operation is None:
        return ""
    fields = [node.name.value for node in operation.selection_set.selections if isinstance(node, FieldNode)]
    if len(fields) == 1:
        return fields[0]
    return operation.name.value if operation.name else "-".join(sorted(set(fields)))


def file_safe(name: str) -> str:
    """The name in characters that every file system takes, distinct for distinct names. `@` sets off an account."""
    safe = _UNSAFE.sub("_", name).strip(".") or "_"
    if safe == name and len(name) <= LONGEST and name.lower().partition(".")[0] not in _RESERVED:
        return name
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{safe[: LONGEST - 9]}~{digest}"


def host_of(url: str) -> str:
    """The host and, where the URL names one, the port; "" for a path."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    return f"{host}:{parts.port}" if host and parts.port else host


def platform_of_host(host: str, hosts: Mapping[str, str]) -> str:
    """The platform of a host: its own entry, the nearest parent domain's, else the host's name itself."""
    if host in hosts:
        return hosts[host]
    labels = host.partition(":")[0].split(".")
    parents = (".".join(labels[at:]) for at in range(len(labels) - 1))
    known = next((hosts[parent] for parent in parents if parent in hosts), None)
    return known or file_safe(host.replace(":", "-")) or "unknown"
