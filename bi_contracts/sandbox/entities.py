"""The one world behind all platforms: people, companies, deals, calls and what they have to do with each other.

A thing is a kind and an index. Everything about it is a pure function of seed, kind and index, so that person 7 is
the same customer in every platform that lists people, and a world of a million rows costs no memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property

from ..errors import DeclarationError
from ..paths import Json
from . import words
from .keys import Shuffle, mix, salt

BASE = datetime(2026, 1, 5, 8, tzinfo=UTC)
"""When the first row of every list was made. Never the wall clock: a seed must give the same bytes for ever."""

DAY = 86_400

LONGEST = 2
"""Days within which all of a row's life lies: then nothing in the world is later than `World.present`."""

YEAR = 31_000_000

CONTACTS = 4
"""People a company has."""

TEAM = 12
"""Every twelfth colleague does the work that others refer to: a team is small, and whoever is second or third of
two or three kinds of user (a bot, somebody who left) is no owner of a deal."""


def step(size: int) -> int:
    """Seconds between two rows of a list of so many."""
    return max(1, min(2221, YEAR // max(1, size)))


def present(size: int) -> float:
    """The Unix time at which all rows of such a list have lived their life."""
    return BASE.timestamp() + size * step(size) + (LONGEST + 1) * DAY


PEOPLE = ("person", "colleague", "")
_NAMES = len(words.FIRST) * len(words.LAST)
_COMPANIES = len(words.PLACES) * len(words.TRADES)


class Entities:
    """Who and what there is.

    Args:
        seed: The same seed gives the same world.
        size: Things of every kind.
    """

    def __init__(self, seed: str, size: int) -> None:
        self.seed = seed
        self.size = max(1, size)
        self._salts: dict[str, int] = {}

    def number(self, kind: str, index: int) -> int:
        """The 64 bits that belong to a thing."""
        return mix(index, self._salt(kind))

    def related(self, kind: str, index: int, other: str) -> int:
        """The index of the thing of another kind that a thing has to do with."""
        if kind == other:
            return index
        through = _THROUGH.get((kind, other))
        if through is not None:
            return self.related(through, self.related(kind, index, through), other)
        direct = _DIRECT.get((kind, other))
        if direct is not None:
            return direct(self, index)
        drawn = mix(self.number(kind, index), self._salt(other))
        return drawn % self._team * TEAM if other == "colleague" else drawn % self.size

    def attribute(self, kind: str, index: int, path: str) -> Json:
        """What is so about a thing (`email`), or about one that it has to do with (`company.name`).

        Raises `DeclarationError` for an attribute that its kind has not.
        """
        name, _, rest = path.partition(".")
        if rest:
            return self.attribute(name, self.related(kind, index, name), rest)
        found = ATTRIBUTES.get(kind, {}).get(name)
        if found is None:
            known = ", ".join(ATTRIBUTES.get(kind, {})) or "none"
            raise DeclarationError(f"a {kind or 'thing without a kind'} has no {name!r}; known are {known}")
        return found(self, index)

    def person(self, kind: str, index: int) -> tuple[str, str, str]:
        """First name, last name, and what tells namesakes apart ("" for the first of a name)."""
        place = Shuffle.make(_NAMES, self._salt(f"{kind} names")).there(index % _NAMES)
        repeat = index // _NAMES % 10_000
        return (*words.person(place), str(repeat + 1) if repeat else "")

    def company(self, index: int) -> str:
        """The name of a company; no two have the same."""
        place = Shuffle.make(_COMPANIES, self._salt("company names")).there(index % _COMPANIES)
        repeat = index // _COMPANIES
        if not repeat:
            return words.company(place)
        region = words.REGIONS[(repeat - 1) % len(words.REGIONS)]
        again = (repeat - 1) // len(words.REGIONS)
        return f"{words.company(place)} {region}" + (f" {again + 1}" if again else "")

    @cached_property
    def _companies(self) -> int:
        """Companies that have contacts."""
        return -(-self.size // CONTACTS)

    @cached_property
    def _team(self) -> int:
        return -(-self.size // TEAM)

    def _salt(self, kind: str) -> int:
        found = self._salts.get(kind)
        if found is None:
            found = self._salts[kind] = salt(self.seed, "entities", kind)
        return found

    def employer(self, index: int) -> int:
        """The company of a person."""
        return index // CONTACTS % self._companies

    def contact(self, index: int) -> int:
        """The person whom one asks for at a company."""
        company = index % self._companies
        people = min(CONTACTS, self.size - company * CONTACTS)
        return company * CONTACTS + self.number("company", index) % people


_Attribute = Callable[[Entities, int], Json]
_Relation = Callable[[Entities, int], int]

_DIRECT: Mapping[tuple[str, str], _Relation] = {
    ("person", "company"): Entities.employer,
    ("company", "person"): Entities.contact,
    ("project", "company"): lambda world, index: world.number("project", index) % world._companies,
}
_THROUGH: Mapping[tuple[str, str], str] = {
    ("deal", "company"): "person",
    ("call", "person"): "deal",
    ("call", "company"): "deal",
    ("call", "colleague"): "deal",
    ("conversation", "company"): "person",
    ("ticket", "company"): "person",
    ("message", "person"): "deal",
    ("message", "company"): "deal",
    ("page", "company"): "project",
    ("task", "company"): "project",
    ("project", "person"): "company",
    ("task", "person"): "project",
}
"""Relations that go by way of another thing, so that a call is with the contact of its deal."""


def _first(kind: str) -> _Attribute:
    return lambda world, index: world.person(kind, index)[0]


def _last(kind: str) -> _Attribute:
    return lambda world, index: " ".join(filter(None, world.person(kind, index)[1:]))


def _full(kind: str) -> _Attribute:
    return lambda world, index: " ".join(filter(None, world.person(kind, index)))


def _mailbox(world: Entities, kind: str, index: int) -> str:
    first, last, repeat = world.person(kind, index)
    return f"{words.plain(first)}.{words.plain(last)}{repeat}"


def _mail(kind: str) -> _Attribute:
    if kind != "person":
        return lambda world, index: f"{_mailbox(world, kind, index)}@example.com"
    return lambda world, index: f"{_mailbox(world, kind, index)}@{_domain(world, world.employer(index))}"


def _domain(world: Entities, index: int) -> str:
    """Below `.example`, which nobody can own (RFC 2606)."""
    return f"{words.plain(world.company(index)).replace(' ', '-')}.example"


def _drawn(kind: str, pool: Sequence[Json], about: str) -> _Attribute:
    return lambda world, index: pool[mix(world.number(kind, index), salt(about)) % len(pool)]


def _figure(kind: str, about: str, low: int, high: int, unit: int = 1) -> _Attribute:
    return lambda world, index: unit * (low + mix(world.number(kind, index), salt(about)) % (high - low + 1))


def _phone(kind: str) -> _Attribute:
    """From the range that is kept for fiction."""
    return lambda world, index: f"+1 555 01{world.number(kind, index) % 100:02d}"


def _written(kind: str, form: str) -> _Attribute:
    """A text with names of what the thing has to do with in it."""

    def attribute(world: Entities, index: int) -> str:
        number = world.number(kind, index)
        return form.format(
            person=_Lazy(lambda: world.attribute(kind, index, "person.name")),
            company=_Lazy(lambda: world.attribute(kind, index, "company.name")),
            topic=words.title(number).lower(),
            Topic=words.title(number),
            doing=words.DOINGS[number // 1009 % len(words.DOINGS)],
        )

    return attribute


class _Lazy:
    """A text that is made where it is used: not every form names everybody."""

    def __init__(self, make: Callable[[], str]) -> None:
        self.make = make

    def __format__(self, _: str) -> str:
        return self.make()


def _slug(kind: str) -> _Attribute:
    return lambda world, index: f"{words.title(world.number(kind, index)).lower().replace(' ', '-')}-{index + 1}"


def _closing(world: Entities, index: int) -> str:
    """A deal that is closed was closed on the day after it was made; others are to be."""
    if world.attribute("deal", index, "is_closed"):
        return (BASE + timedelta(days=1, seconds=index * step(world.size))).date().isoformat()
    return (BASE + timedelta(days=30 + world.number("deal", index) % 120)).date().isoformat()


def _human(kind: str) -> dict[str, _Attribute]:
    return {
        "first_name": _first(kind),
        "last_name": _last(kind),
        "name": _full(kind),
        "username": lambda world, index: _mailbox(world, kind, index),
        "email": _mail(kind),
        "title": _drawn(kind, words.JOBS, "job"),
        "phone": _phone(kind),
        "city": _drawn(kind, words.CITIES, "place"),
        "country": _drawn(kind, words.COUNTRIES, "place"),
    }


ATTRIBUTES: Mapping[str, Mapping[str, _Attribute]] = {
    "": _human(""),
    "person": _human("person"),
    "colleague": _human("colleague"),
    "company": {
        "name": Entities.company,
        "domain": _domain,
        "website": lambda world, index: f"https://{_domain(world, index)}",
        "industry": _drawn("company", words.INDUSTRIES, "industry"),
        "industry_code": _drawn("company", words.INDUSTRY_CODES, "industry"),
        "employees": _figure("company", "employees", 2, 400, 5),
        "revenue": _figure("company", "revenue", 2, 900, 50_000),
        "city": _drawn("company", words.CITIES, "place"),
        "country": _drawn("company", words.COUNTRIES, "place"),
        "phone": _phone("company"),
    },
    "deal": {
        "name": _written("deal", "{company}: {topic}"),
        "amount": _figure("deal", "amount", 5, 200, 1000),
        "stage": _drawn("deal", words.STAGES, "stage"),
        "stage_code": _drawn("deal", words.STAGE_CODES, "stage"),
        "probability": _drawn("deal", words.STAGE_PERCENTS, "stage"),
        "chance": _drawn("deal", words.STAGE_CHANCES, "stage"),
        "is_closed": _drawn("deal", [stage.startswith("Closed") for stage in words.STAGES], "stage"),
        "is_won": _drawn("deal", [stage == "Closed Won" for stage in words.STAGES], "stage"),
        "closed_text": _drawn("deal", [str(stage.startswith("Closed")).lower() for stage in words.STAGES], "stage"),
        "won_text": _drawn("deal", [str(stage == "Closed Won").lower() for stage in words.STAGES], "stage"),
        "close_date": _closing,
        "close_time": lambda world, index: f"{_closing(world, index)}T00:00:00Z",
    },
    "call": {
        "title": _written("call", "{company} / Example Works: {topic}"),
        "text": _written("call", "{person} said that the {topic} {doing}."),
    },
    "conversation": {
        "title": _written("conversation", "{Topic} at {company}"),
        "text": _written("conversation", "Hello, this is {person}. The {topic} {doing}."),
    },
    "ticket": {
        "title": _written("ticket", "{company}: {topic} {doing}"),
        "text": _written("ticket", "{person} reports that the {topic} {doing}."),
    },
    "project": {
        "name": _written("project", "{Topic} for {company}"),
        "text": _written("project", "Everything about the {topic} of {company}."),
    },
    "task": {
        "title": _written("task", "Prepare the {topic} for {company}"),
        "name": _written("task", "Prepare the {topic} for {company}"),
        "text": _written("task", "{person} of {company} asked: the {topic} {doing}."),
    },
    "message": {"text": _written("message", "Spoke with {person} of {company}: the {topic} {doing}.")},
    "page": {
        "title": _written("page", "{company}: {topic}"),
        "name": _written("page", "{company}: {topic}"),
        "text": _written("page", "The {topic} of {company} {doing}."),
    },
    "article": {
        "title": _written("article", "How to read the {topic}"),
        "text": _written("article", "The {topic} {doing}."),
    },
    "dashboard": {
        "title": _written("dashboard", "{Topic} of {company}"),
        "text": _written("dashboard", "The {topic} of {company} {doing}."),
    },
    "look": {
        "title": _written("look", "{Topic} of {company}"),
        "text": _written("look", "The {topic} of {company} {doing}."),
    },
    "channel": {"name": _slug("channel"), "text": _written("channel", "Everything about the {topic}.")},
    "team": {"name": _written("team", "{Topic}"), "text": _written("team", "Looks after the {topic}.")},
    "tag": {"name": _slug("tag")},
    "label": {"name": _slug("label")},
}
"""Kind -> attribute -> how to make it. The kind "" is people who stand in no list of people."""
