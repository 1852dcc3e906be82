"""The object types of the CRM: what they are called, and what stands in an object when nobody asks for more."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One type of object.

    Attributes:
        name: In paths; also the endpoint that lists them.
        singular: In the names of associations, and of the endpoint that gives one.
        code: The id that paths take as well.
        usual: The properties that come when none is asked for.
        made: The property that says when an object was created.
        changed: The property that says when it was last changed.
        definitions: The endpoint that lists the definitions of the properties, "" where none does.
        unique: The property that no two objects share, "" for none.
        required: Properties that a new object must have.
        given: Properties that a new object has unless it is told otherwise.
    """

    name: str
    singular: str
    code: str
    usual: tuple[str, ...]
    made: str = "createdate"
    changed: str = "hs_lastmodifieddate"
    definitions: str = ""
    unique: str = ""
    required: tuple[str, ...] = ()
    given: tuple[tuple[str, str], ...] = ()

    @property
    def always(self) -> tuple[str, ...]:
        """Properties that come whatever is asked for."""
        return (self.made, self.changed, "hs_object_id")


TYPES = (
    ObjectType(
        "contacts",
        "contact",
        "0-1",
        ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
        changed="lastmodifieddate",
        definitions="contact_properties",
        unique="email",
        given=(("lifecyclestage", "lead"),),
    ),
    ObjectType(
        "companies",
        "company",
        "0-2",
        ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
        definitions="company_properties",
        given=(("lifecyclestage", "lead"),),
    ),
    ObjectType(
        "deals",
        "deal",
        "0-3",
        (
            "amount",
            "closedate",
            "createdate",
            "dealname",
            "dealstage",
            "hs_lastmodifieddate",
            "hs_object_id",
            "pipeline",
        ),
        definitions="deal_properties",
        given=(("pipeline", "default"), ("hs_is_closed", "false"), ("hs_is_closed_won", "false")),
    ),
    ObjectType(
        "tickets",
        "ticket",
        "0-5",
        (
            "content",
            "createdate",
            "hs_lastmodifieddate",
            "hs_object_id",
            "hs_pipeline",
            "hs_pipeline_stage",
            "hs_ticket_category",
            "hs_ticket_priority",
            "subject",
        ),
        definitions="ticket_properties",
        required=("hs_pipeline_stage",),
        given=(("hs_pipeline", "0"),),
    ),
    ObjectType(
        "tasks",
        "task",
        "0-27",
        ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
        made="hs_createdate",
        required=("hs_timestamp",),
        given=(("hs_task_priority", "NONE"), ("hs_task_status", "NOT_STARTED"), ("hs_task_type", "TODO")),
    ),
    ObjectType(
        "notes",
        "note",
        "0-46",
        ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
        made="hs_createdate",
        required=("hs_timestamp",),
    ),
)
_NAMED = {name: each for each in TYPES for name in (each.name, each.singular, each.code)}


def object_type(name: str) -> ObjectType | None:
    """The type of that name, in the plural or not, or of that id."""
    return _NAMED.get(name.lower())
