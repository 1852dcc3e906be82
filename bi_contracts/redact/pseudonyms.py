"""Stand-ins for personal data: same input, same output; same format; a stand-in stands for itself.

They are pseudonyms, not anonymisation. The digest is keyed with a constant that anybody can read here, so whoever
already suspects an address or a name can confirm it. What cannot be done is to read it off. Credentials are not
treated this way: see `shapes`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from hashlib import blake2b
from itertools import cycle

from .keys import words

_KEY = b"bi_contracts.redact.1"

_WORDS = words(
    """
    lorem ipsum dolor sit amet consectetur adipiscing elit sed eiusmod tempor incididunt labore dolore magna aliqua
    enim minim veniam quis nostrud exercitation ullamco laboris nisi aliquip commodo consequat duis aute irure
    reprehenderit voluptate velit esse cillum fugiat nulla pariatur excepteur sint occaecat cupidatat non proident
    sunt culpa officia deserunt mollit anim laborum perspiciatis unde omnis iste natus error voluptatem accusantium
    """
)
VOCABULARY = tuple(sorted(_WORDS))

_EMAIL = re.compile(
    r"(?<![\w.%+'-])[\w.%+'-]{1,64}@((?:[^\W_][\w-]{0,62}\.){1,8}[^\W\d_][\w-]{1,62})",
)
_RESERVED = re.compile(r"(?:.*\.)?(?:example\.(?:com|org|net)|example|test|invalid|localhost)", re.IGNORECASE)
"""Domains that belong to nobody (RFC 2606): an address there is nobody's."""

_PLUS_PHONE = re.compile(r"(?<![\w+])\+\d[\d\s().-]{6,18}\d(?!\d)")
_DIGIT = re.compile(r"[0-9]")
_FICTIONAL = "55501"
"""How every phone stand-in begins; North American numbers 555-01xx are reserved for fiction."""

_PERSON = re.compile(r"Person [0-9a-f]{8}")
_NETS = tuple(
    ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)
"""Documentation networks (RFC 5737, RFC 3849)."""

_MARKUP = re.compile(r"(<[^<>]*>)")
_TAG = re.compile(
    r"</?(?:a|abbr|b|blockquote|body|br|center|code|col|dd|del|div|dl|dt|em|figure|font|h[1-6]|head|hr|html|i|img|ins|"
    r"li|link|mark|meta|ol|p|pre|s|small|span|strike|strong|style|sub|sup|table|tbody|td|tfoot|th|thead|title|tr|u|ul|video)"
    r"(?=[\s/>])",
    re.IGNORECASE,
)
_MENTION = re.compile(r"[@#!][A-Z0-9]+|!(?:here|channel|everyone)|!subteam\^[A-Z0-9]+")
"""Slack's references to users, channels and groups: ids, which must go on joining."""

_CHUNK = re.compile(r"\S+")


def digest(kind: str, value: str, size: int = 6) -> bytes:
    """`size` bytes that stand for `value` within its kind."""
    return blake2b(value.encode("utf-8", "surrogatepass"), digest_size=size, key=_KEY, person=kind.encode()).digest()


def emails(text: str) -> str:
    """Text with every e-mail address replaced by another valid one at example.com."""
    return _EMAIL.sub(_email, text) if "@" in text else text


def _email(match: re.Match[str]) -> str:
    if match[0].startswith("git@") or _RESERVED.fullmatch(match[1]):
        return match[0]
    return f"user-{digest('email', match[0].lower(), 5).hex()}@example.com"


def phones(text: str) -> str:
    """Text with every number in international form (`+49 30 ...`) replaced."""
    return _PLUS_PHONE.sub(lambda match: phone(match[0]), text) if "+" in text else text


def phone(value: str) -> str:
    """The number with other digits at the same places."""
    digits = _DIGIT.findall(value)
    plain = "".join(digits)
    if plain.startswith(_FICTIONAL[: len(digits)]):
        return value
    tail = str(int.from_bytes(digest("phone", plain, 16))).zfill(39)
    stand_in = iter((_FICTIONAL + tail)[: len(digits)].ljust(len(digits), "0"))
    return _DIGIT.sub(lambda _: next(stand_in), value)


def person(value: str) -> str:
    """A name that nobody has, the same for the same name."""
    if not value.strip() or _PERSON.fullmatch(value):
        return value
    return f"Person {digest('name', value, 4).hex()}"


def ip(value: str) -> str:
    """The address moved into a documentation network; a list of addresses is taken one by one."""
    return ",".join(map(_ip, value.split(",")))


def _ip(value: str) -> str:
    bare = value.strip()
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return value
    if address.is_loopback or address.is_unspecified or any(address in net for net in _NETS):
        return value
    mark = digest("ip", str(address), 4)
    stand_in = f"192.0.2.{mark[0]}" if address.version == 4 else f"2001:db8::{mark[:2].hex()}:{mark[2:].hex()}"
    return value.replace(bare, str(ipaddress.ip_address(stand_in)))


def filler(text: str, clean: Callable[[str], str]) -> str:
    """Prose of the same layout: as many words, the same white space, HTML tags bare, chat mentions kept.

    `clean` redacts what is kept of the markup (links, mentions).
    """
    if "<" not in text:
        return _prose(text)
    return "".join(_markup(part, clean) if part.startswith("<") else _prose(part) for part in _MARKUP.split(text))


def _markup(part: str, clean: Callable[[str], str]) -> str:
    if not part.endswith(">"):
        return _prose(part)
    if tag := _TAG.match(part):
        return f"{tag[0]}>"
    inner = part[1:-1].split("|")[0]
    if _MENTION.fullmatch(inner):
        return f"<{inner}>"
    return f"<{clean(inner)}>" if _is_link(inner) else f"<{_prose(part[1:-1])}>"


def _is_link(inner: str) -> bool:
    return inner.startswith(("http://", "https://", "mailto:")) and not any(map(str.isspace, inner))


def _prose(text: str) -> str:
    chunks = text.split()
    if _WORDS.issuperset(chunks) or not any(map(str.isalnum, text)):
        return text
    stand_ins = cycle([VOCABULARY[byte % len(VOCABULARY)] for byte in digest("text", text, 16)])
    return _CHUNK.sub(lambda _: next(stand_ins), text)
