"""Searches by word: parameterized ones, and SOSL in brief (`FIND {...} IN ... FIELDS RETURNING ...`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import httpx

from ....paths import Json
from .records import Org, Record, needed
from .refusals import refused
from .schema import Sobject
from .statements import Reader

MOST = 2000
"""Records that a search answers."""

_SOSL = re.compile(
    r"""\s*FIND\s*\{(?P<text>(?:[^{}\\]|\\.)*)\}
    (?:\s*IN\s+(?P<where>ALL|NAME|EMAIL|PHONE|SIDEBAR)\s+FIELDS)?
    (?:\s*RETURNING\s+(?P<returning>[\w\s,().]+?))?
    (?:\s+LIMIT\s+(?P<limit>\d{1,9}))?\s*""",
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_RETURNED = re.compile(
    r"\s*(\w+)\s*(?:\(\s*([\w.]+(?:\s*,\s*[\w.]+)*)(?:\s+LIMIT\s+(\d{1,9}))?\s*\))?\s*(?:,|$)", re.ASCII | re.IGNORECASE
)
_PLACES = {"NAME": "Name", "EMAIL": "Email", "PHONE": "Phone"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Records of one object, with which fields, and how many at most."""

    sobject: Sobject
    fields: tuple[str, ...]
    limit: int = MOST


@dataclass(frozen=True, slots=True)
class Search:
    """The words, where to look for them ("" for everywhere), and in what."""

    words: tuple[str, ...]
    where: str
    wanted: tuple[Wanted, ...]
    limit: int = MOST


def parameterized(org: Org, request: httpx.Request) -> Search:
    """The search in the arguments of a request. Raises `Refusal`."""
    params = request.url.params
    names = {name.lower(): value for name, value in params.items()}
    where = names.get("in", "ALL").upper()
    if where not in ("ALL", "SIDEBAR", *_PLACES):
        raise malformed(f"unexpected token: {where}")
    asked = names.get("sobject", "")
    found = [sobject_of(org, name) for name in asked.split(",") if name] or list(org.known.values())
    wanted = []
    for sobject in found:
        fields = names.get(f"{sobject.name.lower()}.fields", names.get("fields", ""))
        limit = number(names.get(f"{sobject.name.lower()}.limit", names.get("defaultlimit", "")))
        wanted.append(Wanted(sobject, spelled(sobject, fields.split(",")), limit))
    return Search(
        words(names.get("q", "")), _PLACES.get(where, ""), tuple(wanted), number(names.get("overalllimit", ""))
    )


def sosl(org: Org, text: str) -> Search:
    """The search in a statement. Raises `Refusal`."""
    found = _SOSL.fullmatch(text)
    if found is None:
        raise malformed("unexpected token in the search statement")
    wanted = tuple(_returned(org, found["returning"] or "")) or tuple(
        Wanted(sobject, ("Id",)) for sobject in org.known.values()
    )
    where = _PLACES.get((found["where"] or "ALL").upper(), "")
    return Search(words(found["text"]), where, wanted, number(found["limit"] or ""))


def _returned(org: Org, text: str) -> Iterator[Wanted]:
    at = 0
    while at < len(text):
        found = _RETURNED.match(text, at)
        if found is None or found.end() == at:
            raise malformed("unexpected token in RETURNING")
        sobject = sobject_of(org, found[1])
        fields = spelled(sobject, (found[2] or "Id").split(","))
        yield Wanted(sobject, fields, number(found[3] or ""))
        at = found.end()


def sobject_of(org: Org, name: str) -> Sobject:
    """The object of that name. Raises `Refusal` with INVALID_TYPE."""
    found = org.find(name.strip())
    if found is None:
        raise refused(400, "INVALID_TYPE", f"sObject type '{name.strip()}' is not supported.")
    return found


def spelled(sobject: Sobject, names: Sequence[str]) -> tuple[str, ...]:
    """Fields as they are spelled. Raises `Refusal` with INVALID_FIELD."""
    found = []
    for name in filter(None, (name.strip() for name in names)):
        field = sobject.spelled.get(name.lower(), "")
        if field not in sobject.fields:
            raise refused(400, "INVALID_FIELD", f"No such column '{name}' on entity '{sobject.name}'.")
        found.append(field)
    return tuple(found)


def words(text: str) -> tuple[str, ...]:
    """The words of a search. Raises `Refusal` where there is less than two letters to look for."""
    found = tuple(re.findall(r"\w+", text.casefold()))
    if sum(map(len, found)) < 2:
        raise malformed("search term must be longer than one character")
    return found


def number(text: str) -> int:
    """How many results are wanted. Raises `Refusal` for what is no number from 1 on."""
    if not text:
        return MOST
    if not text.isdecimal() or not 0 < int(text[:9]) <= MOST:
        raise malformed(f"a limit is between 1 and {MOST}")
    return int(text)


def malformed(problem: str) -> Exception:
    """The refusal of a search that cannot be read."""
    return refused(400, "MALFORMED_SEARCH", problem)


def results(reader: Reader, search: Search) -> list[Json]:
    """The records that hold every word, each as the beginning of one of theirs."""
    found: list[Json] = []
    for wanted in search.wanted:
        hits = _hits(reader.org, wanted.sobject, search)
        for position, _ in zip(hits, range(wanted.limit), strict=False):
            found.append(shown(reader, reader.org.record(wanted.sobject, position), wanted.fields))
            if len(found) >= search.limit:
                return found
    return found


def _hits(org: Org, sobject: Sobject, search: Search) -> Iterator[int]:
    """Where the records stand that a search finds."""
    searched = tuple(name for name in sobject.searched if search.where in name)
    names = needed(sobject, searched)
    for position in org.rows(sobject).positions:
        if _holds(_text(org.record(sobject, position, names), searched, search.where), search.words):
            yield position


def _text(record: Record, searched: Sequence[str], where: str) -> str:
    """All that is searched in a record, letter case aside."""

    def joined() -> str:
        return " ".join(str(record[name]) for name in searched if record[name] is not None).casefold()

    return str(record.org.kept(record, f"? {where}", joined))


def _holds(text: str, wanted: Sequence[str]) -> bool:
    if not all(word in text for word in wanted):
        return False
    there = re.findall(r"\w+", text)
    return all(any(one.startswith(word) for one in there) for word in wanted)


def shown(reader: Reader, record: Record, fields: Sequence[str]) -> dict[str, Json]:
    """A record in brief: what it is, its id, and the fields that are wanted."""
    found: dict[str, Json] = {"attributes": reader.attributes(record), "Id": record["Id"]}
    return found | {name: record[name] for name in fields}
