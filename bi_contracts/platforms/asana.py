"""Asana: REST, sparse fieldsets by `opt_fields`, offset tokens that exist only once `limit` was sent.

Source: Asana's OpenAPI description and developers.asana.com/docs (pagination, rate-limits, errors).
"""

from __future__ import annotations

from ..auth import Token
from ..dialects import ErrorDialect, ErrorKind, ErrorShape, RateDialect
from ..pagination import Cursor
from ..platform import Endpoint, Platform

PAGES = Cursor(
    token="next_page.offset",
    slot="query.offset",
    size="query.limit",
    block="next_page",
    also={"next_page.path": "next_path", "next_page.uri": "next_url"},
    unpaged=True,
)

USER_FIELDS = "email,name,photo,resource_type"
PROJECT_FIELDS = (
    "archived,color,completed,completed_at,created_at,due_on,modified_at,name,notes,owner,owner.name,"
    "permalink_url,public,resource_type,start_on,team,team.name,workspace,workspace.name"
)
TASK_FIELDS = (
    "assignee,assignee.name,completed,completed_at,created_at,custom_fields,due_at,due_on,followers,memberships.project,"
    "memberships.section,modified_at,name,notes,num_subtasks,parent,permalink_url,projects,resource_subtype,"
    "resource_type,start_on,tags,workspace,workspace.name"
)
STORY_FIELDS = (
    "created_at,created_by,created_by.name,created_by.resource_type,html_text,is_editable,is_edited,is_pinned,"
    "resource_subtype,resource_type,text,type"
)
TAG_FIELDS = "color,created_at,followers,followers.name,name,notes,permalink_url,resource_type,workspace,workspace.name"

WORKSPACE = {"gid": "1200000000000101", "name": "Example Works", "resource_type": "workspace"}
TEAM = {"gid": "1200000000000201", "name": "Analytics", "resource_type": "team"}
AVA = {"gid": "1200000000000301", "name": "Ava Lindqvist", "resource_type": "user"}
NOOR = {"gid": "1200000000000302", "name": "Noor Haddad", "resource_type": "user"}
PHOTO = {
    "image_21x21": "https://photos.example.com/ava/21.png",
    "image_27x27": "https://photos.example.com/ava/27.png",
    "image_36x36": "https://photos.example.com/ava/36.png",
    "image_60x60": "https://photos.example.com/ava/60.png",
    "image_128x128": "https://photos.example.com/ava/128.png",
    "image_1024x1024": "https://photos.example.com/ava/1024.png",
}
USERS = (
    {**AVA, "email": "ava.lindqvist@example.com", "photo": PHOTO},
    {**NOOR, "email": "noor.haddad@example.com", "photo": None},
)
WORKSPACES = (
    {**WORKSPACE, "email_domains": ["example.com"], "is_organization": True},
    {
        "gid": "1200000000000102",
        "name": "Side projects",
        "resource_type": "workspace",
        "email_domains": [],
        "is_organization": False,
    },
)
PROJECTS = (
    {
        "gid": "1200000000000401",
        "archived": False,
        "color": "aqua",
        "completed": False,
        "completed_at": None,
        "created_at": "2026-02-03T08:15:42.670Z",
        "due_on": "2026-06-30",
        "modified_at": "2026-04-21T13:48:41.071Z",
        "name": "Quarterly dashboard",
        "notes": "Numbers for the board, refreshed weekly.",
        "owner": AVA,
        "permalink_url": "https://app.asana.com/1/1200000000000101/project/1200000000000401",
        "public": False,
        "resource_type": "project",
        "start_on": "2026-02-09",
        "team": TEAM,
        "workspace": WORKSPACE,
    },
    {
        "gid": "1200000000000402",
        "archived": True,
        "color": None,
        "completed": True,
        "completed_at": "2026-03-31T16:02:10.004Z",
        "created_at": "2025-11-17T10:00:05.210Z",
        "due_on": None,
        "modified_at": "2026-03-31T16:02:11.512Z",
        "name": "Warehouse move",
        "notes": "",
        "owner": None,
        "permalink_url": "https://app.asana.com/1/1200000000000101/project/1200000000000402",
        "public": True,
        "resource_type": "project",
        "start_on": None,
        "team": None,
        "workspace": WORKSPACE,
    },
)
PROJECT = {"gid": "1200000000000401", "name": "Quarterly dashboard", "resource_type": "project"}
SECTIONS = (
    {"gid": "1200000000000501", "name": "Backlog", "resource_type": "section"},
    {"gid": "1200000000000502", "name": "In progress", "resource_type": "section"},
)
OPTION = {
    "gid": "1200000000000602",
    "color": "red",
    "enabled": True,
    "name": "High",
    "resource_type": "enum_option",
}
CHOICE_FIELD = {
    "gid": "1200000000000601",
    "enabled": True,
    "name": "Priority",
    "type": "enum",
    "resource_type": "custom_field",
    "resource_subtype": "enum",
    "display_value": "High",
    "enum_options": [OPTION],
    "enum_value": OPTION,
}
NUMBER_FIELD = {
    "gid": "1200000000000603",
    "enabled": True,
    "name": "Estimate",
    "type": "number",
    "resource_type": "custom_field",
    "resource_subtype": "number",
    "display_value": None,
    "number_value": None,
    "precision": 1,
}
TASKS = (
    {
        "gid": "1200000000000701",
        "assignee": AVA,
        "completed": False,
        "completed_at": None,
        "created_at": "2026-03-02T09:12:24.630Z",
        "custom_fields": [CHOICE_FIELD, NUMBER_FIELD],
        "due_at": None,
        "due_on": "2026-05-15",
        "followers": [AVA, NOOR],
        "memberships": [{"project": PROJECT, "section": SECTIONS[0]}],
        "modified_at": "2026-04-24T13:54:30.261Z",
        "name": "Draft the revenue chart",
        "notes": "Monthly, split by region.",
        "num_subtasks": 1,
        "parent": None,
        "permalink_url": "https://app.asana.com/1/1200000000000101/task/1200000000000701",
        "projects": [PROJECT],
        "resource_subtype": "default_task",
        "resource_type": "task",
        "start_on": None,
        "tags": [{"gid": "1200000000000801", "name": "board", "resource_type": "tag"}],
        "workspace": WORKSPACE,
    },
    {
        "gid": "1200000000000702",
        "assignee": None,
        "completed": True,
        "completed_at": "2026-04-02T17:40:03.118Z",
        "created_at": "2026-03-02T09:15:11.897Z",
        "custom_fields": [],
        "due_at": "2026-04-03T15:00:00.000Z",
        "due_on": "2026-04-03",
        "followers": [],
        "memberships": [{"project": PROJECT, "section": SECTIONS[1]}],
        "modified_at": "2026-04-02T17:40:03.402Z",
        "name": "Sign off the figures",
        "notes": "",
        "num_subtasks": 0,
        "parent": {
            "gid": "1200000000000701",
            "name": "Draft the revenue chart",
            "resource_type": "task",
            "resource_subtype": "default_task",
        },
        "permalink_url": "https://app.asana.com/1/1200000000000101/task/1200000000000702",
        "projects": [PROJECT],
        "resource_subtype": "milestone",
        "resource_type": "task",
        "start_on": "2026-03-30",
        "tags": [],
        "workspace": WORKSPACE,
    },
    {
        "gid": "1200000000000703",
        "assignee": NOOR,
        "completed": False,
        "completed_at": None,
        "created_at": "2026-03-09T07:30:00.069Z",
        "custom_fields": [],
        "due_at": None,
        "due_on": None,
        "followers": [NOOR],
        "memberships": [],
        "modified_at": "2026-03-09T07:30:00.215Z",
        "name": "Ask for the missing region",
        "notes": "",
        "num_subtasks": 0,
        "parent": None,
        "permalink_url": "https://app.asana.com/1/1200000000000101/task/1200000000000703",
        "projects": [],
        "resource_subtype": "approval",
        "resource_type": "task",
        "start_on": None,
        "tags": [],
        "workspace": WORKSPACE,
    },
)
STORIES = (
    {
        "gid": "1200000000000901",
        "created_at": "2026-03-02T09:12:24.796Z",
        "created_by": AVA,
        "html_text": "<body>Regions as in the sales sheet, please.</body>",
        "is_editable": True,
        "is_edited": False,
        "is_pinned": False,
        "resource_subtype": "comment_added",
        "resource_type": "story",
        "text": "Regions as in the sales sheet, please.",
        "type": "comment",
    },
    {
        "gid": "1200000000000902",
        "created_at": "2026-03-03T11:00:00.000Z",
        "created_by": None,
        "html_text": "<body>The due date was moved to 15 May</body>",
        "is_editable": False,
        "is_edited": False,
        "resource_subtype": "due_date_changed",
        "resource_type": "story",
        "text": "The due date was moved to 15 May",
        "type": "system",
    },
)
TAGS: tuple[dict[str, object], ...] = (
    {
        "gid": "1200000000000801",
        "color": "yellow-green",
        "created_at": "2026-01-12T14:16:32.840Z",
        "followers": [AVA],
        "name": "board",
        "notes": "Shown to the board.",
        "permalink_url": "https://app.asana.com/0/1200000000000801/list",
        "resource_type": "tag",
        "workspace": WORKSPACE,
    },
    {
        "gid": "1200000000000802",
        "color": None,
        "created_at": "2026-01-12T14:20:00.001Z",
        "followers": [],
        "name": "waiting",
        "notes": "",
        "permalink_url": "https://app.asana.com/0/1200000000000802/list",
        "resource_type": "tag",
        "workspace": WORKSPACE,
    },
)

HELP = "See the page on status codes and errors at developers.asana.com."
ERROR = {"errors": [{"message": "{message}", "help": HELP}]}

PLATFORM = Platform(
    name="asana",
    title="Asana",
    base_url="https://app.asana.com/api/1.0",
    auth=Token(
        "ASANA_ACCESS_TOKEN",
        where="app.asana.com/0/my-apps",
        form="2/1200000000000301/1200000000000001:{}",
    ),
    identity="me",
    endpoints=(
        Endpoint(
            "me",
            "/users/me",
            kind="identity",
            fields="query.opt_fields",
            params={"opt_fields": "email,name,photo,resource_type,workspaces,workspaces.name"},
            records="data",
            key="gid",
            examples=({**USERS[0], "workspaces": [WORKSPACE]}, {**USERS[1], "workspaces": []}),
        ),
        Endpoint(
            "workspaces",
            "/workspaces",
            fields="query.opt_fields",
            params={"opt_fields": "email_domains,is_organization,name,resource_type"},
            records="data",
            key="gid",
            paginator=PAGES,
            examples=WORKSPACES,
        ),
        Endpoint(
            "users",
            "/users",
            fields="query.opt_fields",
            params={"opt_fields": USER_FIELDS},
            records="data",
            key="gid",
            paginator=PAGES,
            parents={"workspace": "workspaces"},
            examples=USERS,
        ),
        Endpoint(
            "user",
            "/users/{user_gid}",
            kind="item",
            fields="query.opt_fields",
            params={"opt_fields": USER_FIELDS},
            records="data",
            key="gid",
            parents={"user_gid": "users"},
            examples=USERS,
        ),
        Endpoint(
            "projects",
            "/projects",
            fields="query.opt_fields",
            params={"opt_fields": PROJECT_FIELDS},
            records="data",
            key="gid",
            paginator=PAGES,
            parents={"workspace": "workspaces"},
            examples=PROJECTS,
        ),
        Endpoint(
            "project",
            "/projects/{project_gid}",
            kind="item",
            fields="query.opt_fields",
            params={"opt_fields": PROJECT_FIELDS},
            records="data",
            key="gid",
            parents={"project_gid": "projects"},
            examples=PROJECTS,
        ),
        Endpoint(
            "sections",
            "/projects/{project_gid}/sections",
            fields="query.opt_fields",
            records="data",
            key="gid",
            paginator=PAGES,
            parents={"project_gid": "projects"},
            examples=SECTIONS,
        ),
        Endpoint(
            "tasks",
            "/tasks",
            fields="query.opt_fields",
            params={"opt_fields": TASK_FIELDS},
            records="data",
            key="gid",
            paginator=PAGES,
            parents={"project": "projects"},
            examples=TASKS,
        ),
        Endpoint(
            "task",
            "/tasks/{task_gid}",
            kind="item",
            fields="query.opt_fields",
            params={"opt_fields": TASK_FIELDS},
            records="data",
            key="gid",
            parents={"task_gid": "tasks"},
            examples=TASKS,
        ),
        Endpoint(
            "stories",
            "/tasks/{task_gid}/stories",
            fields="query.opt_fields",
            params={"opt_fields": STORY_FIELDS},
            records="data",
            key="gid",
            paginator=PAGES,
            parents={"task_gid": "tasks"},
            examples=STORIES,
        ),
        Endpoint(
            "tags",
            "/tags",
            fields="query.opt_fields",
            params={"opt_fields": TAG_FIELDS},
            records="data",
            key="gid",
            paginator=PAGES,
            parents={"workspace": "workspaces"},
            examples=TAGS,
        ),
    ),
    errors=ErrorDialect(
        message="errors.0.message",
        shapes={
            ErrorKind.UNAUTHORIZED: ErrorShape(401, ERROR, message="Not Authorized"),
            ErrorKind.FORBIDDEN: ErrorShape(403, ERROR, message="Forbidden"),
            ErrorKind.NOT_FOUND: ErrorShape(404, ERROR, message="Unknown object"),
            ErrorKind.BAD_REQUEST: ErrorShape(400, ERROR, message="Invalid request"),
            ErrorKind.RATE_LIMITED: ErrorShape(429, ERROR, message="Too many requests; retry later"),
            ErrorKind.SERVER_ERROR: ErrorShape(
                500,
                {"errors": [{"message": "{message}", "help": HELP, "phrase": "7 calm otters juggle slowly"}]},
                message="Server Error",
            ),
        },
    ),
    limits=RateDialect(limit=150, window=60.0),
)
