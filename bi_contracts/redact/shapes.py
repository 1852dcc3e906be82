"""Strings that are credentials by their look, wherever they stand.

A recognised token becomes its type prefix, `REDACTED-` and twelve hex digits of a digest. The digest keeps different
tokens apart (a page cursor may look like a token, and must still lead to its own page), and 48 bits cannot confirm a
guess at a random token, which has 128 bits or more. A credential a person may have chosen (a password, anything under
a telling name, anything after `Bearer`) becomes the bare word instead: a digest of it could be tried against a
dictionary.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass

from .keys import Kind, kind_of
from .policy import REDACTED
from .pseudonyms import digest


@dataclass(frozen=True, slots=True)
class SecretFound:
    """A credential-like string: its kind, its offset in characters, and a mask that shows no more than its type."""

    kind: str
    position: int
    masked: str


@dataclass(frozen=True, slots=True)
class _Shape:
    kind: str
    needle: str
    """A literal part of every match: looking for it first keeps the search linear and cheap."""
    pattern: re.Pattern[str]
    """Group 1 is the type prefix, which stays; group 2 the secret."""


def _shape(kind: str, needle: str, prefix: str, secret: str, before: str = r"(?<![A-Za-z0-9])") -> _Shape:
    return _Shape(kind, needle, re.compile(f"{before}({prefix})({secret})"))


_SHAPES = (
    _shape("slack-token", "xox", r"(?:xoxe\.)?xox[a-z]-", r"[A-Za-z0-9-]{8,}"),
    _shape("slack-app-token", "xapp-", r"xapp-", r"[A-Za-z0-9-]{8,}"),
    _shape("slack-webhook", "/services/T", r"/services/T[A-Z0-9]{2,20}/B[A-Z0-9]{2,20}/", r"[A-Za-z0-9]{8,}", ""),
    _shape("slack-workflow", "hooks.slack", r"hooks\.slack(?:-gov)?\.com/(?:workflows|triggers)/", r"[\w/-]{8,}", ""),
    _shape("notion-secret", "secret_", r"secret_", r"[A-Za-z0-9]{20,}"),
    _shape("notion-token", "ntn_", r"ntn_", r"[A-Za-z0-9]{20,}"),
    _shape("linear-key", "lin_", r"lin_(?:api|oauth|wh)_", r"[A-Za-z0-9]{16,}"),
    _shape("hubspot-token", "pat-", r"pat-(?:na|eu|ap|ca)\d{1,2}-", r"[0-9a-f]{8}-[0-9a-f-]{20,36}"),
    _shape("intercom-token", "dG9rO", r"dG9rO", r"[A-Za-z0-9+/_-]{16,}"),
    _shape("asana-token", ":", r"\d/", r"\d{10,20}(?:/\d{10,20})?:[0-9a-f]{32}", r"(?<!\d)"),
    _shape("salesforce-session", "00D", r"00D", r"[A-Za-z0-9]{12,15}(?:!|%21)[A-Za-z0-9._]{20,}"),
    _shape("jwt", "eyJ", r"eyJ", r"[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?", r"(?<![A-Za-z0-9_-])"),
    _shape("api-key", "sk-", r"sk-(?:proj-|ant-)?", r"(?:[A-Za-z0-9]{20,}[\w-]*|[\w-]{40,})", r"(?<![\w-])"),
    _shape("stripe-key", "k_", r"[sr]k_(?:live|test)_", r"[A-Za-z0-9]{10,}"),
    _shape("stripe-webhook", "whsec_", r"whsec_", r"[A-Za-z0-9+/]{16,}"),
    _shape("github-token", "gh", r"gh[pousr]_", r"[A-Za-z0-9]{30,}"),
    _shape("github-token", "github_pat_", r"github_pat_", r"\w{22,}"),
    _shape("gitlab-token", "glpat-", r"glpat-", r"[\w-]{16,}"),
    _shape("aws-key-id", "AKIA", r"AKIA", r"[0-9A-Z]{16}(?![0-9A-Za-z])"),
    _shape("aws-key-id", "ASIA", r"ASIA", r"[0-9A-Z]{16}(?![0-9A-Za-z])"),
    _shape("google-key", "AIza", r"AIza", r"[\w-]{30,}"),
    _shape("google-token", "ya29.", r"ya29\.", r"[\w.-]{16,}"),
    _shape("sendgrid-key", "SG.", r"SG\.", r"[\w-]{16,}\.[\w-]{16,}"),
    _shape("npm-token", "npm_", r"npm_", r"[A-Za-z0-9]{30,}"),
    _shape("shopify-token", "shp", r"shp(?:at|ca|pa|ss)_", r"[0-9a-fA-F]{32}"),
    _shape(
        "private-key",
        "PRIVATE KEY",
        r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----",
        r"(?!-----)[^-]*(?:-(?!----)[^-]*)*",
        "",
    ),
    _shape("url-credentials", "://", r"://", r"[^/\s:@\"'<>]{0,256}:[^/\s@\"'<>]{1,256}(?=@)", ""),
    _shape("bearer", "earer", r"[Bb]earer(?:\s|%20|\+){1,4}", r"[\w.~+/!:=-]{8,}"),
    _shape("basic", "asic", r"[Bb]asic(?:\s|%20|\+){1,4}", r"[A-Za-z0-9+/]{8,}={0,2}"),
)
_COSTLY_HINTS = (r":[0-9a-f]{32}", r"//[^/\s@\"'<>]{1,512}@")
"""For the shapes whose needle most texts hold."""
_HINT = re.compile("|".join([*sorted({re.escape(shape.needle) for shape in _SHAPES} - {":", "://"}), *_COSTLY_HINTS]))
_SHORTEST = 12
_GUESSABLE = frozenset({"bearer", "basic", "private-key", "slack-webhook", "slack-workflow", "url-credentials"})
"""Shapes whose secret is masked without a digest: it may be guessable, or nothing joins on it."""

_MASKED = re.compile(r"REDACTED(?:-[0-9a-f]{12})?")
"""How a masked secret begins; what stands behind it has been looked at when it was masked."""

_TELLING = re.compile(r"pass|pwd|secret|token|key|auth|credential|cookie|session|sig|jwt", re.IGNORECASE)
_ASSIGNED = re.compile(
    r"""(?<![\w.$-])([A-Za-z][\w.-]{1,60})                      # name
        (?: ((?:\\?["'])?\s{0,4}[:=]\s{0,4}\\?["'])             # : or = and a quoted value
            ((?:[^"'\\\n]|\\[^"'\n]){1,4096})(?=\\?["'])
          | (=) ([^\s"'&;,<>(){}\[\]\\]{1,4096}) )              # = and a bare value
    """,
    re.VERBOSE,
)
_ELEMENT = re.compile(r"<([A-Za-z][\w:.-]{1,60})>([^<>]{1,4096})</")


def has_hint(text: str) -> bool:
    """Whether a token-shaped string is possible at all; a quick look that spares most texts the careful one."""
    return _HINT.search(text) is not None


def mask_shapes(text: str) -> str:
    """Text with every token-shaped string masked."""
    if len(text) < _SHORTEST or _HINT.search(text) is None:
        return text
    for shape in _SHAPES:
        if shape.needle in text:
            text = shape.pattern.sub(lambda match, kind=shape.kind: _mask(kind, match), text)  # type: ignore[misc]
    return text


def _mask(kind: str, match: re.Match[str]) -> str:
    prefix, secret = match[1], match[2]
    if _MASKED.match(secret) or not _is_convincing(kind, secret):
        return match[0]
    if kind in _GUESSABLE:
        return f"{prefix}{REDACTED}"
    # Padding is cut: the same cursor has it in a body and has lost it in a URL.
    return f"{prefix}{REDACTED}-{digest('token', secret.rstrip('=')).hex()}"


def _is_convincing(kind: str, secret: str) -> bool:
    """Whether what follows `Bearer` or `Basic` is a credential and not the next word of a sentence."""
    if kind == "bearer":
        return any(map(str.isdigit, secret)) or len(secret) > 24
    return kind != "basic" or _is_basic(secret)


def _is_basic(secret: str) -> bool:
    bare = secret.rstrip("=")
    try:
        return b":" in b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except ValueError:
        return False


def mask_assignments(text: str) -> str:
    """Text with the values of `password=...`, `"api_key": "..."` and `<sessionId>...</sessionId>` masked."""
    is_assignment = "=" in text or ":" in text
    is_markup = "</" in text
    if not (is_assignment or is_markup) or not _TELLING.search(text):
        return text
    if is_assignment:
        text = _ASSIGNED.sub(_mask_assigned, text)
    return _ELEMENT.sub(_mask_element, text) if is_markup else text


def _mask_assigned(match: re.Match[str]) -> str:
    if kind_of(match[1]) is not Kind.SECRET:
        return match[0]
    return f"{match[1]}{match[2] or match[4]}{REDACTED}"


def _mask_element(match: re.Match[str]) -> str:
    secret = kind_of(match[1].rpartition(":")[2]) is Kind.SECRET
    return f"<{match[1]}>{REDACTED}</" if secret else match[0]


def find_secrets(text: str) -> list[SecretFound]:
    """Every token-shaped string in the text, by position. Never returns the secret itself."""
    return sorted(_found(text), key=lambda found: found.position)


def _found(text: str) -> Iterator[SecretFound]:
    if not has_hint(text):
        return
    for shape in _SHAPES:
        for match in shape.pattern.finditer(text) if shape.needle in text else ():
            if _mask(shape.kind, match) != match[0]:
                yield SecretFound(shape.kind, match.start(), f"{match[1]}{'*' * 8} ({len(match[2])} characters)")
