"""The objects of the org: what their fields are, and which object a reference leads to.

Source: developer.salesforce.com, Object Reference (standard objects) and REST API Developer Guide (describe).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ....paths import Json
from ....platform import Endpoint, Platform
from ... import words
from .fields import AUDIT, LENGTHS, LONG, SCALES, SHORTER, kind_of, targets


@dataclass(frozen=True)
class Sobject:
    """One object.

    Attributes:
        name: `Account`.
        list: The endpoint whose rows its records are.
        item: The endpoint that gives one record, whole.
        plural: `Accounts`; also the name of the relationship from what it refers to.
        prefix: What its ids start with.
        required: What a new record must have.
        searched: What a search looks into.
        examples: A record as the list has it, and a whole one.
    """

    name: str
    list: Endpoint
    item: Endpoint
    plural: str
    prefix: str
    required: tuple[str, ...]
    searched: tuple[str, ...]

    @cached_property
    def example(self) -> Mapping[str, Json]:
        """A whole record."""
        found: dict[str, Json] = {}
        for example in (*reversed(self.item.examples), *reversed(self.list.examples)):
            found |= {name: value for name, value in example.items() if value is not None or name not in found}
        return found

    @cached_property
    def fields(self) -> Mapping[str, str]:
        """Field -> its type, in the order of a whole record."""
        known = {name: value for example in self.item.examples for name, value in example.items()} | dict(self.example)
        return {name: kind_of(name, value) for name, value in known.items() if _is_field(name, value)}

    @cached_property
    def spelled(self) -> Mapping[str, str]:
        """A field or relationship in lower case -> as it is spelled."""
        return {name.lower(): name for name in (*self.fields, *self.parents)}

    @property
    def lookups(self) -> tuple[str, ...]:
        """Fields that a record can be asked for by, in the place of its id."""
        return ("Id", *_LOOKUPS.get(self.name, ()))

    @cached_property
    def parents(self) -> Mapping[str, tuple[str, tuple[str, ...]]]:
        """Relationship -> the field that holds the id, and the objects that it may lead to."""
        return {
            name[:-2]: (name, targets(name, self.name)) for name, kind in self.fields.items() if kind == "reference"
        }

    def url(self, version: str, key: Json) -> str:
        """Where a record stands in the API."""
        return f"/services/data/v{version}/sobjects/{self.name}/{key}"


def sobjects(platform: Platform) -> dict[str, Sobject]:
    """Every object, by its name in lower case."""
    found = {}
    for name, (rows, item, plural, prefix, required, searched) in _OBJECTS.items():
        found[name.lower()] = Sobject(
            name, platform.endpoint(rows), platform.endpoint(item), plural, prefix, required, searched
        )
    return found


def children(known: Mapping[str, Sobject], parent: str) -> dict[str, tuple[str, str]]:
    """Relationship in lower case -> the object at its other end, and the field there that holds the parent's id."""
    found: dict[str, tuple[str, str]] = {}
    for child in known.values():
        for field, leads_to in child.parents.values():
            if field in _NAMED_BY_CHILD and parent in leads_to:
                found[child.plural.lower()] = (child.name, field)
    return found


_PEOPLE = ("Name", "FirstName", "LastName", "Email", "Phone", "Title")
_OBJECTS = {
    "Account": ("accounts", "account", "Accounts", "001", ("Name",), ("Name", "Website", "Phone", "AccountNumber")),
    "Case": ("cases", "case", "Cases", "500", (), ("Subject", "Description", "CaseNumber", "SuppliedEmail")),
    "Contact": ("contacts", "contact", "Contacts", "003", ("LastName",), _PEOPLE),
    "Lead": ("leads", "lead", "Leads", "00Q", ("LastName", "Company"), (*_PEOPLE, "Company")),
    "Opportunity": (
        "opportunities",
        "opportunity",
        "Opportunities",
        "006",
        ("Name", "StageName", "CloseDate"),
        ("Name", "Description"),
    ),
    "Task": ("tasks", "task", "Tasks", "00T", (), ("Subject", "Description")),
    "User": ("users", "user", "Users", "005", ("LastName", "Email", "Username"), (*_PEOPLE, "Username")),
}
_LOOKUPS = {"Contact": ("Email",), "Lead": ("Email",), "Opportunity": ("Name",)}
_NAMED_BY_CHILD = ("AccountId", "ContactId", "WhoId", "WhatId")


def _is_field(name: str, value: Json) -> bool:
    return name != "attributes" and (not isinstance(value, Mapping) or name.endswith("Address"))


def length(sobject: Sobject, field: str) -> int:
    """Most characters that a text takes, 0 for what is no text."""
    if field in LONG:
        return 32_000
    if field == "Name" and sobject.name != "Account":
        return 120 if sobject.name == "Opportunity" else 121
    plain = re.sub(r"^(Billing|Shipping|Mailing|Other)(?=[A-Z])", "", field)
    return SHORTER.get(plain, LENGTHS.get(sobject.fields[field], 0))


def writable(sobject: Sobject, field: str) -> bool:
    """Whether a client may set a field of an object."""
    named = field == "Name" and "LastName" in sobject.fields
    return field not in AUDIT and not named and not (sobject.name == "Task" and field == "AccountId")


def describe(sobject: Sobject, known: Mapping[str, Sobject], template: Mapping[str, Json]) -> dict[str, Json]:
    """All that there is to say about an object: the declared example, said of it."""
    shapes = {field["type"]: field for field in template["fields"]}
    said = {name: value for name, value in template.items() if name != "fields"}
    shape = template["childRelationships"][0]
    scope = {"label": f"All {sobject.plural.lower()}", "name": "everything"}
    return {
        **_renamed(said, sobject),
        "childRelationships": [
            {
                **shape,
                "childSObject": child,
                "field": field,
                "relationshipName": name.title(),
            }
            for name, (child, field) in children(known, sobject.name).items()
        ],
        "fields": [_field(sobject, name, shapes[kind]) for name, kind in sobject.fields.items()],
        "supportedScopes": [scope, {"label": f"My {sobject.plural.lower()}", "name": "mine"}],
    }


def summary(sobject: Sobject, template: Mapping[str, Json], listed: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """What the list of all objects says of one: what is declared of it, else the template in brief, said of it."""
    for example in listed:
        if example["name"] == sobject.name:
            return dict(example)
    return _renamed({name: template[name] for name in listed[0]}, sobject)


def _renamed(template: Mapping[str, Json], sobject: Sobject) -> dict[str, Json]:
    changed = {"name": sobject.name, "label": sobject.name, "labelPlural": sobject.plural, "keyPrefix": sobject.prefix}
    found = {name: _said(value, template["name"], sobject.name) for name, value in template.items()}
    editable = sobject.name != "User"
    return {**found, **changed, "deletable": editable, "undeletable": editable, "mergeable": _merges(sobject)}


def _merges(sobject: Sobject) -> bool:
    return sobject.name in ("Account", "Contact", "Lead", "Case")


def _said(value: Json, old: str, new: str) -> Json:
    """The example with another object's name in its addresses."""
    if isinstance(value, Mapping):
        return {key: _said(item, old, new) for key, item in value.items()}
    if isinstance(value, list):
        return [_said(item, old, new) for item in value]
    return value.replace(f"/{old}", f"/{new}") if isinstance(value, str) else value


def _field(sobject: Sobject, name: str, shape: Mapping[str, Json]) -> dict[str, Json]:
    kind, open_ = shape["type"], writable(sobject, name)
    needed = name in sobject.required or kind in ("boolean", "id") or name in _ALWAYS
    found = {
        **shape,
        "name": name,
        "label": _label(sobject, name),
        "createable": open_,
        "updateable": open_,
        "nillable": not needed,
        "idLookup": name in sobject.lookups,
        "nameField": name in ("Name", "CaseNumber") or (sobject.name == "Task" and name == "Subject"),
        "autoNumber": name == "CaseNumber",
        "compoundFieldName": _compound(sobject, name),
    }
    if length(sobject, name):
        found |= {"length": length(sobject, name), "byteLength": 3 * length(sobject, name)}
    if name in SCALES:
        found["scale"] = SCALES[name]
    if name in LONG:
        found |= dict.fromkeys(("filterable", "groupable", "sortable"), False)
    if kind == "reference":
        leads_to = list(targets(name, sobject.name))
        found |= {"referenceTo": leads_to, "relationshipName": name[:-2], "polymorphicForeignKey": len(leads_to) > 1}
    if kind == "picklist":
        found["picklistValues"] = [_choice(value) for value in choices(sobject, name)]
    return found


_ALWAYS = (
    "Name",
    "Status",
    "ForecastCategory",
    "OwnerId",
    "CreatedDate",
    "CreatedById",
    "LastModifiedDate",
    "LastModifiedById",
    "SystemModstamp",
)


def choices(sobject: Sobject, name: str) -> list[str]:
    """What a picklist offers: what the made-up world draws from, and what the examples say."""
    said = [example.get(name) for example in (*sobject.list.examples, *sobject.item.examples)]
    drawn = {"Industry": words.INDUSTRIES, "StageName": words.STAGES}.get(name, ())
    return list(dict.fromkeys(value for value in (*drawn, *said) if value))


def _choice(value: str) -> dict[str, Json]:
    return {"active": True, "defaultValue": False, "label": value, "validFor": None, "value": value}


def _compound(sobject: Sobject, name: str) -> str | None:
    if "LastName" in sobject.fields and name in ("FirstName", "LastName", "Salutation"):
        return "Name"
    found = _ADDRESS.fullmatch(name)
    compound = f"{found[1] or ''}Address" if found else ""
    return compound if compound in sobject.fields else None


_ADDRESS = re.compile(
    r"(Billing|Shipping|Mailing|Other)?(Street|City|State|PostalCode|Country|Latitude|Longitude|GeocodeAccuracy)"
)


def _label(sobject: Sobject, name: str) -> str:
    if name == "Id":
        return f"{sobject.name} ID"
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.sub(r" Id$", " ID", spaced)
