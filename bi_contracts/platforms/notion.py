"""Notion: search and query by POST, objects keyed by names that users chose, a required version header.

Source: Notion's OpenAPI description and developers.notion.com (pagination, status-codes, request-limits, versioning).
"""

from __future__ import annotations

from ..auth import Token
from ..dialects import ErrorDialect, ErrorKind, ErrorShape, RateDialect
from ..pagination import Cursor
from ..platform import Endpoint, Platform, Write
from ..queries.property_filters import Property, PropertyFilters, TitleSearch

PAGES = Cursor(token="next_cursor", slot="query.start_cursor", size="query.page_size", more="has_more", tokens="uuid")
BODY_PAGES = Cursor(
    token="next_cursor", slot="body.start_cursor", size="body.page_size", more="has_more", tokens="uuid"
)

REQUEST = "{request_id}"
ANSWER = {"request_id": REQUEST}
LIST = {"object": "list", "request_id": REQUEST}
FOUND = {**LIST, "type": "page_or_data_source", "page_or_data_source": {}}

PERSON = "2c0a7f10-55aa-4b7e-8c01-000000000101"
BOT = "2c0a7f10-55aa-4b7e-8c01-000000000102"
WORKSPACE = "2c0a7f10-55aa-4b7e-8c01-000000000001"
DATABASE = "2c0a7f10-55aa-4b7e-8c01-000000000201"
DATA_SOURCE = "2c0a7f10-55aa-4b7e-8c01-000000000301"
PAGE = "2c0a7f10-55aa-4b7e-8c01-000000000401"

BY_PERSON = {"object": "user", "id": PERSON}
BY_BOT = {"object": "user", "id": BOT}
AVA = {
    "object": "user",
    "id": PERSON,
    "name": "Ava Lindqvist",
    "avatar_url": "https://avatars.example.com/ava.png",
    "type": "person",
    "person": {"email": "ava.lindqvist@example.com", "email_verified": True},
}
NOOR = {
    "object": "user",
    "id": "2c0a7f10-55aa-4b7e-8c01-000000000104",
    "name": "Noor Haddad",
    "avatar_url": "https://avatars.example.com/noor.png",
    "type": "person",
    "person": {"email": "noor.haddad@example.com"},
}
REPORTS = {
    "object": "user",
    "id": BOT,
    "name": "Reports",
    "avatar_url": None,
    "type": "bot",
    "bot": {
        "owner": {"type": "workspace", "workspace": True},
        "workspace_id": WORKSPACE,
        "workspace_name": "Example Works",
        "workspace_limits": {"max_file_upload_size_in_bytes": 5242880},
    },
}
IMPORTER = {
    "object": "user",
    "id": "2c0a7f10-55aa-4b7e-8c01-000000000103",
    "name": "Importer",
    "avatar_url": "https://avatars.example.com/importer.png",
    "type": "bot",
    "bot": {
        "owner": {"type": "user", "user": NOOR},
        "workspace_id": WORKSPACE,
        "workspace_name": "Example Works",
        "workspace_limits": {"max_file_upload_size_in_bytes": 5242880},
    },
}
USERS = (AVA, REPORTS, NOOR, IMPORTER)

PLAIN = {
    "bold": False,
    "italic": False,
    "strikethrough": False,
    "underline": False,
    "code": False,
    "color": "default",
}
TEXT = {
    "type": "text",
    "text": {"content": "Draft the revenue chart", "link": None},
    "annotations": PLAIN,
    "plain_text": "Draft the revenue chart",
    "href": None,
}
LINK = {
    "type": "text",
    "text": {"content": "sales sheet", "link": {"url": "https://example.com/sales"}},
    "annotations": {**PLAIN, "bold": True, "color": "blue"},
    "plain_text": "sales sheet",
    "href": "https://example.com/sales",
}
MENTION = {
    "type": "mention",
    "mention": {"type": "user", "user": AVA},
    "annotations": PLAIN,
    "plain_text": "@Ava Lindqvist",
    "href": None,
}
DATE_MENTION = {
    "type": "mention",
    "mention": {"type": "date", "date": {"start": "2026-05-15", "end": None, "time_zone": None}},
    "annotations": PLAIN,
    "plain_text": "2026-05-15",
    "href": None,
}
EQUATION = {
    "type": "equation",
    "equation": {"expression": "a^2+b^2"},
    "annotations": PLAIN,
    "plain_text": "a^2+b^2",
    "href": None,
}

DOING = {"id": "b7c2", "name": "Doing", "color": "blue"}
DONE = {"id": "b7c3", "name": "Done", "color": "green"}
NORTH = {"id": "d9e0", "name": "North", "color": "green"}
SOUTH = {"id": "d9e1", "name": "South", "color": "orange"}
FINANCE = {"id": "f1a1", "name": "finance", "color": "purple"}
BOARD = {"id": "f1a2", "name": "board", "color": "red"}
ROW_HEAD = {
    "object": "page",
    "id": PAGE,
    "created_time": "2026-03-02T09:12:00.000Z",
    "last_edited_time": "2026-04-24T13:54:00.000Z",
    "created_by": BY_PERSON,
    "last_edited_by": BY_BOT,
    "cover": None,
    "icon": {"type": "emoji", "emoji": "📈"},
    "parent": {"type": "data_source_id", "data_source_id": DATA_SOURCE, "database_id": DATABASE},
    "in_trash": False,
    "is_archived": False,
    "is_locked": False,
    "archived": False,
    "url": "https://www.notion.so/Draft-the-revenue-chart-2c0a7f1055aa4b7e8c01000000000401",
    "public_url": None,
}
CHART = {"name": "chart.png", "type": "external", "external": {"url": "https://example.com/chart.png"}}
FULL = {
    "Name": {"id": "title", "type": "title", "title": [TEXT]},
    "Summary": {"id": "aB%3Cq", "type": "rich_text", "rich_text": [TEXT, LINK]},
    "Estimate": {"id": "cD_x", "type": "number", "number": 3.5},
    "Stage": {"id": "eFgh", "type": "status", "status": DOING},
    "Region": {"id": "iJkl", "type": "select", "select": NORTH},
    "Topics": {"id": "mNop", "type": "multi_select", "multi_select": [FINANCE]},
    "Due": {
        "id": "qRst",
        "type": "date",
        "date": {"start": "2026-05-15", "end": "2026-05-16", "time_zone": None},
    },
    "Owner": {"id": "uVwx", "type": "people", "people": [AVA]},
    "Signed off": {"id": "yZ12", "type": "checkbox", "checkbox": False},
    "Source": {"id": "3%3A4a", "type": "url", "url": "https://example.com/sales"},
    "Contact": {"id": "lM1n", "type": "email", "email": "noor.haddad@example.com"},
    "Phone": {"id": "oP2q", "type": "phone_number", "phone_number": "+46700000001"},
    "Follow-up": {
        "id": "5b6c",
        "type": "relation",
        "relation": [{"id": "2c0a7f10-55aa-4b7e-8c01-000000000402"}],
        "has_more": False,
    },
    "Share": {"id": "7d8e", "type": "formula", "formula": {"type": "number", "number": 0.25}},
    "Label": {"id": "rS3t", "type": "formula", "formula": {"type": "string", "string": "North 1"}},
    "Hours": {"id": "9f0g", "type": "rollup", "rollup": {"type": "number", "number": 12, "function": "sum"}},
    "Files": {"id": "hI1j", "type": "files", "files": [CHART]},
    "Number": {"id": "kL2m", "type": "unique_id", "unique_id": {"prefix": "NUM", "number": 18}},
    "Created": {"id": "nO3p", "type": "created_time", "created_time": "2026-03-02T09:12:00.000Z"},
    "Touched": {"id": "xY5z", "type": "last_edited_time", "last_edited_time": "2026-04-24T13:54:00.000Z"},
    "Made by": {"id": "uV4w", "type": "created_by", "created_by": AVA},
    "Edited by": {"id": "qR4s", "type": "last_edited_by", "last_edited_by": REPORTS},
}
FULL_ROW = {**ROW_HEAD, "properties": FULL}
BARE_ROW = {
    **ROW_HEAD,
    "id": "2c0a7f10-55aa-4b7e-8c01-000000000402",
    "icon": None,
    "cover": {"type": "external", "external": {"url": "https://example.com/cover.png"}},
    "url": "https://www.notion.so/Sign-off-2c0a7f1055aa4b7e8c01000000000402",
    "public_url": "https://example.notion.site/Sign-off-2c0a7f1055aa4b7e8c01000000000402",
    "properties": {
        **FULL,
        "Summary": {"id": "aB%3Cq", "type": "rich_text", "rich_text": []},
        "Estimate": {"id": "cD_x", "type": "number", "number": None},
        "Stage": {"id": "eFgh", "type": "status", "status": None},
        "Region": {"id": "iJkl", "type": "select", "select": None},
        "Topics": {"id": "mNop", "type": "multi_select", "multi_select": []},
        "Due": {"id": "qRst", "type": "date", "date": None},
        "Owner": {"id": "uVwx", "type": "people", "people": []},
        "Signed off": {"id": "yZ12", "type": "checkbox", "checkbox": True},
        "Source": {"id": "3%3A4a", "type": "url", "url": None},
        "Contact": {"id": "lM1n", "type": "email", "email": None},
        "Phone": {"id": "oP2q", "type": "phone_number", "phone_number": None},
        "Follow-up": {"id": "5b6c", "type": "relation", "relation": [], "has_more": False},
        "Label": {"id": "rS3t", "type": "formula", "formula": {"type": "string", "string": None}},
        "Files": {"id": "hI1j", "type": "files", "files": []},
    },
}
DONE_ROW = {
    **ROW_HEAD,
    "id": "2c0a7f10-55aa-4b7e-8c01-000000000405",
    "url": "https://www.notion.so/Close-the-quarter-2c0a7f1055aa4b7e8c01000000000405",
    "properties": {
        **FULL,
        "Estimate": {"id": "cD_x", "type": "number", "number": 8},
        "Stage": {"id": "eFgh", "type": "status", "status": DONE},
        "Region": {"id": "iJkl", "type": "select", "select": SOUTH},
        "Topics": {"id": "mNop", "type": "multi_select", "multi_select": [FINANCE, BOARD]},
        "Due": {
            "id": "qRst",
            "type": "date",
            "date": {"start": "2026-04-03T15:00:00.000Z", "end": None, "time_zone": None},
        },
        "Signed off": {"id": "yZ12", "type": "checkbox", "checkbox": True},
    },
}
ROWS = (FULL_ROW, BARE_ROW, DONE_ROW)
SCHEMA = {
    "Name": Property("title", "title"),
    "Summary": Property("rich_text", "aB%3Cq"),
    "Estimate": Property("number", "cD_x"),
    "Stage": Property("status", "eFgh"),
    "Region": Property("select", "iJkl"),
    "Topics": Property("multi_select", "mNop"),
    "Due": Property("date", "qRst"),
    "Owner": Property("people", "uVwx"),
    "Signed off": Property("checkbox", "yZ12"),
    "Source": Property("url", "3%3A4a"),
    "Contact": Property("email", "lM1n"),
    "Phone": Property("phone_number", "oP2q"),
    "Follow-up": Property("relation", "5b6c"),
    "Share": Property("formula", "7d8e", "number"),
    "Label": Property("formula", "rS3t", "string"),
    "Hours": Property("rollup", "9f0g", "number"),
    "Files": Property("files", "hI1j"),
    "Number": Property("unique_id", "kL2m"),
    "Created": Property("created_time", "nO3p"),
    "Touched": Property("last_edited_time", "xY5z"),
    "Made by": Property("created_by", "uV4w"),
    "Edited by": Property("last_edited_by", "qR4s"),
}
LONE_PAGE = {
    **ROW_HEAD,
    "id": "2c0a7f10-55aa-4b7e-8c01-000000000403",
    "parent": {"type": "workspace", "workspace": True},
    "url": "https://www.notion.so/Start-here-2c0a7f1055aa4b7e8c01000000000403",
    "properties": {"title": {"id": "title", "type": "title", "title": [TEXT]}},
}
SUB_PAGE = {
    **LONE_PAGE,
    "id": "2c0a7f10-55aa-4b7e-8c01-000000000404",
    "icon": None,
    "parent": {"type": "page_id", "page_id": "2c0a7f10-55aa-4b7e-8c01-000000000403"},
}
FOUND_PAGES = (*ROWS, LONE_PAGE, SUB_PAGE)

COLUMNS = {
    "Name": {"id": "title", "name": "Name", "description": None, "type": "title", "title": {}},
    "Summary": {"id": "aB%3Cq", "name": "Summary", "description": None, "type": "rich_text", "rich_text": {}},
    "Estimate": {
        "id": "cD_x",
        "name": "Estimate",
        "description": "In days",
        "type": "number",
        "number": {"format": "number"},
    },
    "Stage": {
        "id": "eFgh",
        "name": "Stage",
        "description": None,
        "type": "status",
        "status": {
            "options": [{**DOING, "description": None}, {**DONE, "description": None}],
            "groups": [
                {"id": "g1", "name": "In progress", "color": "blue", "option_ids": ["b7c2"]},
                {"id": "g2", "name": "Complete", "color": "green", "option_ids": ["b7c3"]},
            ],
        },
    },
    "Region": {
        "id": "iJkl",
        "name": "Region",
        "description": None,
        "type": "select",
        "select": {"options": [{**NORTH, "description": None}, {**SOUTH, "description": None}]},
    },
    "Topics": {
        "id": "mNop",
        "name": "Topics",
        "description": None,
        "type": "multi_select",
        "multi_select": {"options": [{**FINANCE, "description": None}, {**BOARD, "description": None}]},
    },
    "Due": {"id": "qRst", "name": "Due", "description": None, "type": "date", "date": {}},
    "Owner": {"id": "uVwx", "name": "Owner", "description": None, "type": "people", "people": {}},
    "Signed off": {"id": "yZ12", "name": "Signed off", "description": None, "type": "checkbox", "checkbox": {}},
    "Source": {"id": "3%3A4a", "name": "Source", "description": None, "type": "url", "url": {}},
    "Contact": {"id": "lM1n", "name": "Contact", "description": None, "type": "email", "email": {}},
    "Phone": {"id": "oP2q", "name": "Phone", "description": None, "type": "phone_number", "phone_number": {}},
    "Follow-up": {
        "id": "5b6c",
        "name": "Follow-up",
        "description": None,
        "type": "relation",
        "relation": {
            "database_id": DATABASE,
            "data_source_id": DATA_SOURCE,
            "type": "single_property",
            "single_property": {},
        },
    },
    "Share": {
        "id": "7d8e",
        "name": "Share",
        "description": None,
        "type": "formula",
        "formula": {"expression": "1 / 4"},
    },
    "Label": {
        "id": "rS3t",
        "name": "Label",
        "description": None,
        "type": "formula",
        "formula": {"expression": 'format("North 1")'},
    },
    "Hours": {
        "id": "9f0g",
        "name": "Hours",
        "description": None,
        "type": "rollup",
        "rollup": {
            "rollup_property_name": "Estimate",
            "relation_property_name": "Follow-up",
            "rollup_property_id": "cD_x",
            "relation_property_id": "5b6c",
            "function": "sum",
        },
    },
    "Files": {"id": "hI1j", "name": "Files", "description": None, "type": "files", "files": {}},
    "Number": {
        "id": "kL2m",
        "name": "Number",
        "description": None,
        "type": "unique_id",
        "unique_id": {"prefix": "NUM"},
    },
    "Created": {"id": "nO3p", "name": "Created", "description": None, "type": "created_time", "created_time": {}},
    "Touched": {
        "id": "xY5z",
        "name": "Touched",
        "description": None,
        "type": "last_edited_time",
        "last_edited_time": {},
    },
    "Made by": {"id": "uV4w", "name": "Made by", "description": None, "type": "created_by", "created_by": {}},
    "Edited by": {
        "id": "qR4s",
        "name": "Edited by",
        "description": None,
        "type": "last_edited_by",
        "last_edited_by": {},
    },
}
DATA_SOURCES: tuple[dict[str, object], ...] = (
    {
        "object": "data_source",
        "id": DATA_SOURCE,
        "cover": None,
        "icon": {"type": "emoji", "emoji": "📊"},
        "created_time": "2026-02-03T08:15:00.000Z",
        "created_by": BY_PERSON,
        "last_edited_time": "2026-04-21T13:48:00.000Z",
        "last_edited_by": BY_PERSON,
        "title": [TEXT],
        "description": [TEXT],
        "is_inline": False,
        "in_trash": False,
        "archived": False,
        "public_url": None,
        "url": "https://www.notion.so/2c0a7f1055aa4b7e8c01000000000301",
        "parent": {"type": "database_id", "database_id": DATABASE},
        "database_parent": {"type": "page_id", "page_id": PAGE},
        "properties": COLUMNS,
    },
    {
        "object": "data_source",
        "id": "2c0a7f10-55aa-4b7e-8c01-000000000302",
        "cover": {"type": "external", "external": {"url": "https://example.com/cover.png"}},
        "icon": None,
        "created_time": "2025-11-17T10:00:00.000Z",
        "created_by": BY_BOT,
        "last_edited_time": "2026-03-31T16:02:00.000Z",
        "last_edited_by": BY_BOT,
        "title": [],
        "description": [],
        "is_inline": True,
        "in_trash": False,
        "archived": False,
        "public_url": None,
        "url": "https://www.notion.so/2c0a7f1055aa4b7e8c01000000000302",
        "parent": {"type": "database_id", "database_id": "2c0a7f10-55aa-4b7e-8c01-000000000202"},
        "database_parent": {"type": "workspace", "workspace": True},
        "properties": COLUMNS,
    },
)

BLOCK = {
    "object": "block",
    "id": "2c0a7f10-55aa-4b7e-8c01-000000000501",
    "parent": {"type": "page_id", "page_id": PAGE},
    "created_time": "2026-03-02T09:12:00.000Z",
    "last_edited_time": "2026-03-02T09:20:00.000Z",
    "created_by": BY_PERSON,
    "last_edited_by": BY_PERSON,
    "has_children": False,
    "in_trash": False,
    "archived": False,
}
BLOCKS = (
    {
        **BLOCK,
        "type": "paragraph",
        "paragraph": {"rich_text": [TEXT, LINK, MENTION, DATE_MENTION, EQUATION], "icon": None, "color": "default"},
    },
    {
        **BLOCK,
        "id": "2c0a7f10-55aa-4b7e-8c01-000000000502",
        "type": "heading_2",
        "heading_2": {"rich_text": [TEXT], "is_toggleable": False, "color": "default"},
    },
    {
        **BLOCK,
        "id": "2c0a7f10-55aa-4b7e-8c01-000000000503",
        "has_children": True,
        "type": "to_do",
        "to_do": {"rich_text": [TEXT], "checked": True, "color": "gray"},
    },
    {
        **BLOCK,
        "id": "2c0a7f10-55aa-4b7e-8c01-000000000504",
        "parent": {"type": "block_id", "block_id": "2c0a7f10-55aa-4b7e-8c01-000000000503"},
        "type": "bulleted_list_item",
        "bulleted_list_item": {"rich_text": [], "color": "default"},
    },
    {
        **BLOCK,
        "id": "2c0a7f10-55aa-4b7e-8c01-000000000505",
        "has_children": True,
        "type": "child_page",
        "child_page": {"title": "Sign-off"},
    },
    {
        **BLOCK,
        "id": "2c0a7f10-55aa-4b7e-8c01-000000000506",
        "type": "child_database",
        "child_database": {"title": "Figures"},
    },
    {
        **BLOCK,
        "id": "2c0a7f10-55aa-4b7e-8c01-000000000507",
        "type": "image",
        "image": {"caption": [TEXT], "type": "external", "external": {"url": "https://example.com/chart.png"}},
    },
    {**BLOCK, "id": "2c0a7f10-55aa-4b7e-8c01-000000000508", "type": "divider", "divider": {}},
)

APPENDED: dict[str, object] = {
    "object": "list",
    "results": [*BLOCKS],
    "next_cursor": None,
    "has_more": False,
    "type": "block",
    "block": {},
}

COMMENT = {
    "object": "comment",
    "id": "2c0a7f10-55aa-4b7e-8c01-000000000601",
    "parent": {"type": "page_id", "page_id": PAGE},
    "discussion_id": "2c0a7f10-55aa-4b7e-8c01-000000000651",
    "created_time": "2026-03-03T11:00:00.000Z",
    "last_edited_time": "2026-03-03T11:00:00.000Z",
    "created_by": BY_PERSON,
    "rich_text": [TEXT, MENTION],
    "display_name": {"type": "user", "resolved_name": "Ava Lindqvist"},
}
COMMENTS = (
    COMMENT,
    {
        **COMMENT,
        "id": "2c0a7f10-55aa-4b7e-8c01-000000000602",
        "parent": {"type": "block_id", "block_id": "2c0a7f10-55aa-4b7e-8c01-000000000501"},
        "created_by": BY_BOT,
        "rich_text": [LINK],
        "display_name": {"type": "integration", "resolved_name": "Reports"},
    },
)

PAGE_TITLES = (
    "properties.Name.title.plain_text",
    "properties.title.title.plain_text",
    "title.plain_text",
)
USER_OF = {"name": "name", "person.email": "email"}
PAGE_OF = {
    "properties.Name.title.0.plain_text": "title",
    "properties.Name.title.0.text.content": "title",
    "properties.title.title.0.plain_text": "title",
    "properties.title.title.0.text.content": "title",
    "properties.Summary.rich_text.0.plain_text": "text",
    "properties.Summary.rich_text.0.text.content": "text",
    "properties.Summary.rich_text.1.plain_text": "company.name",
    "properties.Summary.rich_text.1.text.content": "company.name",
}
ROW_OF = {
    **PAGE_OF,
    "properties.Contact.email": "company.person.email",
    "properties.Phone.phone_number": "company.person.phone",
}
DATA_SOURCE_OF = {
    "title.0.plain_text": "name",
    "title.0.text.content": "name",
    "description.0.plain_text": "text",
    "description.0.text.content": "text",
}

ERROR = {"object": "error", "code": "{code}", "message": "{message}", "request_id": "{request_id}"}

PLATFORM = Platform(
    name="notion",
    title="Notion",
    base_url="https://api.notion.com/v1",
    auth=Token("NOTION_TOKEN", where="www.notion.so/profile/integrations", form="ntn_{}"),
    version="2025-09-03",
    version_header="Notion-Version",
    version_missing=ErrorShape(
        400, {**ERROR, "status": 400}, code="missing_version", message="Notion-Version header is missing."
    ),
    request_id="x-notion-request-id",
    identity="me",
    endpoints=(
        Endpoint("me", "/users/me", kind="identity", envelope=ANSWER, examples=(REPORTS, IMPORTER)),
        Endpoint(
            "users",
            "/users",
            records="results",
            paginator=PAGES,
            envelope={**LIST, "type": "user", "user": {}},
            entity="colleague",
            attributes=USER_OF,
            examples=USERS,
        ),
        Endpoint(
            "user",
            "/users/{user_id}",
            kind="item",
            parents={"user_id": "users"},
            envelope=ANSWER,
            entity="colleague",
            examples=USERS,
        ),
        Endpoint(
            "search",
            "/search",
            method="POST",
            arguments="body",
            records="results",
            paginator=BODY_PAGES,
            envelope=FOUND,
            query=TitleSearch(PAGE_TITLES),
            attributes={**PAGE_OF, **DATA_SOURCE_OF},
            examples=(ROWS[0], DATA_SOURCES[0], LONE_PAGE, DATA_SOURCES[1], ROWS[1], SUB_PAGE),
        ),
        Endpoint(
            "pages",
            "/search",
            method="POST",
            arguments="body",
            body={"filter": {"property": "object", "value": "page"}},
            records="results",
            paginator=BODY_PAGES,
            envelope=FOUND,
            query=TitleSearch(PAGE_TITLES, only="page"),
            entity="page",
            attributes=ROW_OF,
            examples=FOUND_PAGES,
        ),
        Endpoint(
            "data_sources",
            "/search",
            method="POST",
            arguments="body",
            body={"filter": {"property": "object", "value": "data_source"}},
            records="results",
            paginator=BODY_PAGES,
            envelope=FOUND,
            query=TitleSearch(PAGE_TITLES, only="data_source"),
            entity="project",
            attributes=DATA_SOURCE_OF,
            examples=DATA_SOURCES,
        ),
        Endpoint(
            "page",
            "/pages/{page_id}",
            kind="item",
            parents={"page_id": "pages"},
            envelope=ANSWER,
            entity="page",
            examples=FOUND_PAGES,
        ),
        Endpoint(
            "blocks",
            "/blocks/{block_id}/children",
            records="results",
            paginator=PAGES,
            parents={"block_id": "pages"},
            envelope={**LIST, "type": "block", "block": {}},
            examples=BLOCKS,
        ),
        Endpoint(
            "block",
            "/blocks/{block_id}",
            kind="item",
            parents={"block_id": "blocks"},
            envelope=ANSWER,
            examples=BLOCKS,
        ),
        Endpoint(
            "comments",
            "/comments",
            records="results",
            paginator=PAGES,
            parents={"block_id": "pages"},
            envelope={**LIST, "type": "comment", "comment": {}},
            examples=COMMENTS,
        ),
        Endpoint(
            "data_source",
            "/data_sources/{data_source_id}",
            kind="item",
            parents={"data_source_id": "data_sources"},
            envelope=ANSWER,
            entity="project",
            examples=DATA_SOURCES,
        ),
        Endpoint(
            "rows",
            "/data_sources/{data_source_id}/query",
            method="POST",
            arguments="body",
            records="results",
            paginator=BODY_PAGES,
            parents={"data_source_id": "data_sources"},
            envelope=FOUND,
            query=PropertyFilters(SCHEMA),
            entity="task",
            attributes=ROW_OF,
            examples=ROWS,
        ),
        Endpoint(
            "create_page",
            "/pages",
            method="POST",
            arguments="body",
            kind="write",
            envelope=ANSWER,
            write=Write("create", "pages", required=("parent", "properties")),
            entity="page",
            examples=(LONE_PAGE, SUB_PAGE),
        ),
        Endpoint(
            "update_page",
            "/pages/{page_id}",
            method="PATCH",
            arguments="body",
            kind="write",
            parents={"page_id": "pages"},
            envelope=ANSWER,
            write=Write("update", stamps=("last_edited_time",)),
            entity="page",
            examples=FOUND_PAGES,
        ),
        Endpoint(
            "append_blocks",
            "/blocks/{block_id}/children",
            method="PATCH",
            arguments="body",
            kind="write",
            key="object",
            parents={"block_id": "pages"},
            envelope=ANSWER,
            write=Write("create", "blocks", required=("children",)),
            examples=(APPENDED,),
        ),
        Endpoint(
            "create_comment",
            "/comments",
            method="POST",
            arguments="body",
            kind="write",
            envelope=ANSWER,
            write=Write("create", "comments", required=("rich_text",)),
            examples=COMMENTS,
        ),
    ),
    errors=ErrorDialect(
        code="code",
        message="message",
        unknown_path=ErrorShape(
            400, {**ERROR, "status": 400}, code="invalid_request_url", message="Invalid request URL."
        ),
        unreadable=ErrorShape(400, {**ERROR, "status": 400}, code="invalid_json", message="Error parsing JSON body."),
        statuses={
            409: ErrorShape(409, {**ERROR, "status": 409}, code="conflict_error", message="Conflict; try again."),
            503: ErrorShape(503, {**ERROR, "status": 503}, code="service_unavailable", message="Try again later."),
            504: ErrorShape(504, {**ERROR, "status": 504}, code="gateway_timeout", message="Gateway timeout."),
            529: ErrorShape(529, {**ERROR, "status": 529}, code="service_overload", message="Try again later."),
        },
        shapes={
            ErrorKind.UNAUTHORIZED: ErrorShape(
                401, {**ERROR, "status": 401}, code="unauthorized", message="API token is invalid."
            ),
            ErrorKind.FORBIDDEN: ErrorShape(
                403, {**ERROR, "status": 403}, code="restricted_resource", message="This token may not do that."
            ),
            ErrorKind.NOT_FOUND: ErrorShape(
                404,
                {**ERROR, "status": 404, "additional_data": {"integration_id": BOT}},
                code="object_not_found",
                message="There is no such object, or it is not shared with this integration.",
            ),
            ErrorKind.BAD_REQUEST: ErrorShape(
                400, {**ERROR, "status": 400}, code="validation_error", message="The request did not pass validation."
            ),
            ErrorKind.RATE_LIMITED: ErrorShape(
                429, {**ERROR, "status": 429}, code="rate_limited", message="Too many requests; wait and try again."
            ),
            ErrorKind.SERVER_ERROR: ErrorShape(
                500, {**ERROR, "status": 500}, code="internal_server_error", message="An unexpected error occurred."
            ),
        },
        codes={
            "missing_version": ErrorKind.BAD_REQUEST,
            "invalid_json": ErrorKind.BAD_REQUEST,
            "invalid_request": ErrorKind.BAD_REQUEST,
            "invalid_request_url": ErrorKind.BAD_REQUEST,
            "invalid_grant": ErrorKind.UNAUTHORIZED,
            "conflict_error": ErrorKind.SERVER_ERROR,
            "service_overload": ErrorKind.SERVER_ERROR,
            "service_unavailable": ErrorKind.SERVER_ERROR,
            "database_connection_unavailable": ErrorKind.SERVER_ERROR,
            "gateway_timeout": ErrorKind.SERVER_ERROR,
        },
    ),
    limits=RateDialect(limit=180, window=60.0),
)
