"""Two made-up platforms that list the same people, deals and messages, and take writes."""

from __future__ import annotations

from bi_contracts.auth import Token
from bi_contracts.dialects import ErrorShape, RateDialect
from bi_contracts.pagination import Cursor
from bi_contracts.platform import Endpoint, Platform, Write
from bi_contracts.queries import Arguments, Where

from .made_up import errors

PAGES = Cursor(token="next", slot="query.after", size="query.limit", page=10, most=1000)
CONTACT = {
    "id": "70100000001",
    "properties": {"first": "Pat", "mail": "pat@shop.test", "company": "Old Works"},
    "company_id": "80100000001",
    "archived": False,
    "created_at": "2026-03-01T09:12:24.630Z",
    "updated_at": "2026-03-02T09:12:24.000Z",
}
COMPANY = {"id": "80100000001", "name": "Old Works", "domain": "old.test", "size": 120}
DEAL = {
    "id": "90100000001",
    "amount": "1200.50",
    "value": 1200,
    "contact_id": "70100000001",
    "company_id": "80100000001",
    "owner_id": "60100000001",
    "notes": "We had a long talk about it.",
}
OWNER = {"id": "60100000001", "name": "Kim Roe", "email": "kim@shop.test"}
NOTE = {"id": "50100000001", "deal": "90100000001", "body": "A first word.", "made": 1767225600}

CRM = Platform(
    name="crm",
    title="CRM",
    base_url="https://api.crm.test",
    auth=Token("CRM_TOKEN"),
    identity="me",
    errors=errors(),
    limits=RateDialect(1000, 1.0),
    endpoints=(
        Endpoint("me", "/me", kind="identity", examples=(OWNER,), entity="colleague"),
        Endpoint("owners", "/owners", records="rows", paginator=PAGES, examples=(OWNER,), entity="colleague"),
        Endpoint(
            "companies",
            "/companies",
            records="rows",
            paginator=PAGES,
            examples=(COMPANY,),
            entity="company",
            attributes={"domain": "domain", "size": "employees"},
        ),
        Endpoint(
            "contacts",
            "/contacts",
            records="rows",
            paginator=PAGES,
            examples=(CONTACT,),
            entity="person",
            attributes={
                "properties.first": "first_name",
                "properties.mail": "email",
                "properties.company": "company.name",
            },
            query=Arguments(
                {
                    "query.mail": Where("properties.mail"),
                    "query.since": Where("updated_at", "ge", "time"),
                    "query.archived": Where("archived", "eq", "flag"),
                },
                sort="query.sort",
                sortable={"mail": "properties.mail", "updated": "updated_at"},
            ),
        ),
        Endpoint(
            "contact",
            "/contacts/{id}",
            kind="item",
            parents={"id": "contacts"},
            examples=({**CONTACT, "history": ["made"]},),
            missing=ErrorShape(410, {"gone": "{message}"}, message="no such contact"),
        ),
        Endpoint(
            "contacts_search",
            "/contacts/search",
            method="POST",
            body={},
            arguments="body",
            records="found",
            examples=({"id": CONTACT["id"], "properties": CONTACT["properties"]},),
        ),
        Endpoint(
            "deals",
            "/deals",
            records="rows",
            paginator=PAGES,
            examples=(DEAL,),
            entity="deal",
            attributes={"amount": "amount", "value": "amount"},
        ),
        Endpoint(
            "notes",
            "/deals/{deal}/notes",
            records="rows",
            paginator=PAGES,
            examples=(NOTE,),
            entity="message",
            parents={"deal": "deals"},
            newest_first=True,
        ),
        Endpoint(
            "create_contact",
            "/contacts",
            method="POST",
            body={},
            arguments="body",
            kind="write",
            examples=(CONTACT,),
            write=Write(
                "create",
                "contacts",
                sent="values",
                into="properties",
                required=("mail",),
                stamps=("created_at", "updated_at"),
                fixed={"archived": False},
                status=201,
            ),
        ),
        Endpoint(
            "update_contact",
            "/contacts/{id}",
            method="PATCH",
            body={},
            arguments="body",
            kind="write",
            parents={"id": "contacts"},
            examples=({"id": CONTACT["id"], "properties": {}},),
            write=Write("update", sent="values", into="properties", stamps=("updated_at",)),
        ),
        Endpoint(
            "delete_contact",
            "/contacts/{id}",
            method="DELETE",
            kind="write",
            parents={"id": "contacts"},
            write=Write("delete", status=204, silent=True),
        ),
        Endpoint(
            "create_note",
            "/notes",
            method="POST",
            body={},
            arguments="body",
            kind="write",
            examples=(NOTE,),
            write=Write("create", "notes", required=("body",), under="deal", stamps=("made",)),
        ),
        Endpoint(
            "nothing",
            "/nothing",
            records="rows",
            examples=(OWNER,),
            empty=ErrorShape(404, {"error": {"words": "{message}"}}, message="none found"),
            query=Arguments({"query.name": Where("name")}),
        ),
    ),
)
DESK = Platform(
    name="desk",
    title="Desk",
    base_url="https://api.desk.test",
    auth=Token("DESK_TOKEN"),
    identity="users",
    errors=errors(),
    limits=RateDialect(1000, 1.0),
    endpoints=(
        Endpoint(
            "users",
            "/users",
            examples=({"id": "11000000", "email": "a@desk.test", "name": "Pat Doe"},),
            entity="person",
        ),
        Endpoint(
            "messages", "/messages", entity="message", examples=({"id": "12000000", "text": "Hello to all of you."},)
        ),
    ),
)
