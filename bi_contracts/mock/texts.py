"""Single values of a schema: texts by format, pattern and name; numbers within bounds; keys that never repeat."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from math import ceil, floor

from ..errors import InvalidContract
from ..paths import Json
from ..sandbox import words
from ..sandbox.entities import ATTRIBUTES, BASE, PEOPLE, Entities, step
from ..sandbox.keys import Shuffle, base36, key_form, mix, salt
from .patterns import Unsupported, texts
from .schemas import Schema, types

Make = Callable[[int, int], Json]
"""Makes a value from a record's index and 64 bits of its own."""

UUID = "7f0c7f6e-3d2b-4a66-9f58-6f1f0a3f5b21"
FIRST = 1_000_001
"""The first of keys that are numbers."""

LONGEST = 100_000
"""Characters of a text beyond which none is made."""

WHEN = re.compile(
    r"(^|_|[a-z])(at|ts|time|timestamp|date|on)$|^(created|updated|started|modified|ended|scheduled)", re.IGNORECASE
)
ID = re.compile(r"(^|_)(id|gid|uuid|key)s?$|[a-z](Id|ID|Gid|Uuid)s?$")
_DURATIONS = ("PT15M", "PT30M", "PT1H", "P1D", "P7D")
_ZONES = ("UTC", "Europe/Lisbon", "America/New_York", "Asia/Tokyo")

_HUMAN = {
    "email": "email",
    "emailaddress": "email",
    "mail": "email",
    "firstname": "first_name",
    "givenname": "first_name",
    "lastname": "last_name",
    "familyname": "last_name",
    "surname": "last_name",
    "fullname": "name",
    "displayname": "name",
    "username": "username",
    "login": "username",
    "jobtitle": "title",
    "phone": "phone",
    "phonenumber": "phone",
    "mobile": "phone",
    "city": "city",
    "country": "country",
}
_COMPANY = {"company": "name", "companyname": "name", "organization": "name", "organisation": "name"}
_COMPANY |= {"domain": "domain", "website": "website", "homepage": "website", "industry": "industry"}
_CALLED = ("name", "title", "subject", "label", "topic")
_SAID = ("text", "body", "description", "notes", "content", "message", "summary", "comment")
_KINDS = {
    **dict.fromkeys(("contact", "person", "people", "lead", "customer", "attendee"), "person"),
    **dict.fromkeys(("user", "member", "admin", "employee", "agent", "owner", "teammate"), "colleague"),
    **dict.fromkeys(("company", "account", "organization", "organisation", "workspace"), "company"),
    **dict.fromkeys(("deal", "opportunity", "sale"), "deal"),
    **dict.fromkeys(("call", "meeting"), "call"),
    **dict.fromkeys(("task", "issue", "todo", "card"), "task"),
    **dict.fromkeys(("ticket", "case", "incident"), "ticket"),
    **dict.fromkeys(("message", "post"), "message"),
    **{name: name for name in ("conversation", "project", "page", "article", "dashboard", "channel", "team", "tag")},
}


def kind_of(name: str) -> str:
    """What the records of an endpoint are, judged by its name: `person` for `contacts`; "" where that says nothing."""
    word = re.split(r"[^a-z]+", name.lower())[-1]
    plural = word[:-3] + "y" if word.endswith("ies") else word.removesuffix("s")
    return _KINDS.get(word) or _KINDS.get(plural) or ""


@dataclass(frozen=True, slots=True)
class Values:
    """Makers of single values for one endpoint.

    Attributes:
        world: Who and what there is.
        kind: What the records are, "" where nobody knows.
        size: How many records there are to be.
        seed: Salt of the endpoint.
    """

    world: Entities
    kind: str
    size: int
    seed: int

    # Keys

    def key(self, flat: Schema, name: str, where: str) -> Make:
        """A maker of keys, no two the same. Raises `InvalidContract` where a contract allows too few."""
        if "integer" in types(flat) or "number" in types(flat):
            return self._counted(flat, name, where)
        if "pattern" in flat:
            return self._unlike(flat["pattern"], where)
        if flat.get("format") == "uuid":
            form = key_form(UUID, self.seed, max(1, self.size))
            return lambda index, _: form.write(index)
        if flat.get("format") in ("uri", "email"):
            ending = "@example.com" if flat["format"] == "email" else ""
            start_of = "" if ending else "https://example.com/"
            return lambda index, _: f"{start_of}{name}-{index + 1}{ending}"
        return self._short(flat, name, where)

    def _counted(self, flat: Schema, name: str, where: str) -> Make:
        low, high = _bounds(flat)
        unit = flat.get("multipleOf", 1)
        usual = low <= FIRST and (high is None or FIRST + self.size * unit <= high)
        first = ceil((FIRST if usual else low) / unit)
        if high is not None and (first + self.size - 1) * unit > high:
            raise InvalidContract(f"{where}: only {floor(high / unit) - first + 1} values are allowed for {name!r}")
        return lambda index, _: _times(unit, first + index)

    def _unlike(self, pattern: str, where: str) -> Make:
        found = _texts(pattern, where)
        if found.count < self.size:
            raise InvalidContract(f"{where}: only {found.count} different texts match {pattern!r}")
        shuffle = Shuffle.make(found.count, self.seed)
        return lambda index, _: found.nth(shuffle.there(index))

    def _short(self, flat: Schema, name: str, where: str) -> Make:
        width = max(10, flat.get("minLength", 0))
        width = min(width, flat.get("maxLength", width))
        if 36**width < self.size:
            raise InvalidContract(f"{where}: only {36**width} texts of {width} characters are there for {name!r}")
        shuffle = Shuffle.make(36**width, self.seed)
        return lambda index, _: base36(shuffle.there(index), width).lower()

    # Numbers

    def number(self, flat: Schema, name: str, whole: bool) -> Make:
        """A maker of numbers within their bounds; of Unix seconds where the name speaks of a time."""
        low, high = _bounds(flat)
        unit = flat.get("multipleOf")
        if whole and unit is None and high is None and low <= 0 and WHEN.search(name):
            return lambda index, _: int(BASE.timestamp()) + index * step(self.size)
        first = low if low > 0 or high is None or high >= 0 else max(low, high - 1000)
        last = high if high is not None else first + 1000
        if whole or unit:
            unit = unit or 1
            least, most = ceil(first / unit), floor(last / unit)
            span = max(1, most - least + 1)
            return lambda _, bits: _times(unit, least + bits % span)
        if last - first < 1:  # two decimals would leave the bounds
            return lambda _, bits: first + (last - first) * (bits % 10_001) / 10_000
        return lambda _, bits: _rounded(first + (last - first) * (bits % 10_001) / 10_000)

    # Texts

    def text(self, flat: Schema, path: tuple[str, ...], where: str) -> Make:
        """A maker of texts: by format, pattern, name; as long as the schema allows."""
        name = path[-1] if path else ""
        if "pattern" in flat:
            found = _texts(flat["pattern"], where)
            count = found.count
            return lambda _, bits: found.nth(bits % count)
        make = self._of_format(flat.get("format", ""), name) or self._of_name(name, len(path) == 1)
        least, most = flat.get("minLength", 0), flat.get("maxLength")
        if least > LONGEST:
            raise InvalidContract(f"{where}: asks for {least} characters; {LONGEST} is the most that is made")
        if not least and most is None:
            return make
        return lambda index, bits: _fitted(make(index, bits), least, most)

    def _of_format(self, form: str, name: str) -> Make | None:
        pace = step(self.size)
        start = int(BASE.timestamp())
        match form:
            case "date-time":
                return lambda index, _: f"{_moment(start + index * pace)}Z"
            case "date":
                return lambda index, _: _moment(start + index * pace)[:10]
            case "time":
                return lambda index, _: f"{_moment(start + index * pace)[11:]}Z"
            case "email" | "idn-email":
                return self._human("email")
            case "uuid":
                uuids = key_form(UUID, salt(self.seed, name), 1 << 20)
                return lambda _, bits: uuids.write(bits % (1 << 40))
            case "uri" | "url" | "iri" | "uri-reference":
                return lambda _, bits: f"https://example.com/{words.slug(bits)}"
            case "hostname" | "idn-hostname":
                return lambda _, bits: f"{words.slug(bits)}.example"
            case "ipv4":
                return lambda _, bits: f"192.0.2.{bits % 254 + 1}"
            case "ipv6":
                return lambda _, bits: f"2001:db8::{bits % 65_535 + 1:x}"
            case "duration":
                return lambda _, bits: _DURATIONS[bits % len(_DURATIONS)]
        return None

    def _of_name(self, name: str, own: bool) -> Make:
        """What a field of that name holds; `own` where it is the record's and not that of something inside it."""
        plain = name.lower().replace("_", "").replace("-", "")
        if plain in _HUMAN:
            return self._human(_HUMAN[plain])
        if plain in _COMPANY:
            return self._company(_COMPANY[plain])
        if plain in _CALLED:
            return self._called(own)
        if plain in _SAID:
            return self._said(own)
        return self._usual(name, plain)

    def _usual(self, name: str, plain: str) -> Make:
        if ID.search(name):
            form = base36
            return lambda _, bits: form(mix(bits % 97, self.seed) % 36**10, 10).lower()
        if WHEN.search(name):
            made = self._of_format("date-time", name)
            assert made is not None
            return made
        if plain.endswith(("url", "uri", "link", "href")):
            return lambda _, bits: f"https://example.com/{words.slug(bits)}"
        if "timezone" in plain:
            return lambda _, bits: _ZONES[bits % len(_ZONES)]
        if "currency" in plain:
            return lambda *_: "EUR"
        if plain in ("language", "locale", "lang"):
            return lambda *_: "en"
        return lambda _, bits: words.QUALITIES[bits % len(words.QUALITIES)]

    def _human(self, attribute: str) -> Make:
        world, kind = self.world, self.kind if self.kind and self.kind in PEOPLE else "person"
        return lambda index, _: world.attribute(kind, index % world.size, attribute)

    def _company(self, attribute: str) -> Make:
        world, kind = self.world, self.kind or "person"
        if kind not in ATTRIBUTES or kind in ("article", "channel", "team", "tag", "colleague"):
            kind = "person"
        path = attribute if kind == "company" else f"company.{attribute}"
        return lambda index, _: world.attribute(kind, index % world.size, path)

    def _called(self, own: bool) -> Make:
        world, kind = self.world, self.kind
        known = ATTRIBUTES.get(kind, {}) if kind else {}
        found = next((one for one in ("name", "title") if one in known), None)
        if own and found is not None:
            return lambda index, _: world.attribute(kind, index, found)
        return lambda _, bits: words.title(bits)

    def _said(self, own: bool) -> Make:
        world, kind = self.world, self.kind
        if own and "text" in ATTRIBUTES.get(kind, {}):
            return lambda index, _: world.attribute(kind, index, "text")
        return lambda _, bits: words.sentence(bits)


def _texts(pattern: str, where: str) -> Json:
    try:
        return texts(pattern)
    except (Unsupported, ValueError, IndexError, TypeError):
        raise InvalidContract(f"{where}: no text can be made that matches {pattern!r}; give it an `enum`") from None


def _bounds(flat: Schema) -> tuple[float, float | None]:
    low, high = flat.get("minimum"), flat.get("maximum")
    above, below = flat.get("exclusiveMinimum"), flat.get("exclusiveMaximum")
    whole, tick = "integer" in types(flat), min(0.01, _room(above, below) / 1000)
    if isinstance(above, int | float) and not isinstance(above, bool):
        least = floor(above) + 1 if whole else above + tick
        low = least if low is None else max(low, least)
    if isinstance(below, int | float) and not isinstance(below, bool):
        most = ceil(below) - 1 if whole else below - tick
        high = most if high is None else min(high, most)
    if low is None:
        low = 0 if high is None or high >= 0 else high - 1000
    return low, high


def _room(above: Json, below: Json) -> float:
    known = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (above, below))
    return abs(below - above) if known else 10.0


def _times(unit: float, number: int) -> float:
    """A multiple as people write it: 0.3 and not 0.30000000000000004."""
    return unit * number if isinstance(unit, int) else float(Decimal(str(unit)) * number)


def _rounded(value: float) -> float:
    return round(value, 2) + 0.0


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]


def _fitted(text: str, least: int, most: int | None) -> str:
    while len(text) < least:
        text = f"{text} {text}" if text else "text"
    return (
        text if most is None else text[: max(most, 0)].rstrip() if len(text[:most].rstrip()) >= least else text[:most]
    )
