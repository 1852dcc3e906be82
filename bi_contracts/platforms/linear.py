"""Linear: GraphQL at one path, Relay pages, a rate limit answered as HTTP 400.

Source: Linear's published GraphQL schema and linear.app/developers (graphql, pagination, rate-limiting).
`linear.graphql` is that schema, reduced to the names and types that reading and writing these things takes.
"""

from __future__ import annotations

from ..auth import Token
from ..dialects import ErrorDialect, ErrorKind, ErrorShape, Quota, RateDialect
from ..pagination import Relay
from ..platform import Endpoint, Platform, Write

PAGE_INFO = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"

USER_FIELDS = (
    "id name displayName email avatarUrl active admin guest isMe description timezone url lastSeen"
    " createdAt updatedAt archivedAt"
)
TEAM_FIELDS = (
    "id name key description color icon private timezone cyclesEnabled issueCount createdAt updatedAt archivedAt"
)
PROJECT_FIELDS = (
    "id name description slugId color icon priority progress state startDate targetDate startedAt completedAt"
    " canceledAt url createdAt updatedAt archivedAt status { id name color type } lead { id name email }"
    " teams { nodes { id key name } }"
)
ISSUE_FIELDS = (
    "id identifier number title description priority priorityLabel estimate dueDate branchName url labelIds createdAt"
    " updatedAt startedAt completedAt canceledAt archivedAt state { id name color type } team { id key name }"
    " assignee { id name email } creator { id name email } project { id name } cycle { id number name }"
    " parent { id identifier } labels { nodes { id name color } }"
)
CYCLE_FIELDS = (
    "id number name description startsAt endsAt completedAt progress createdAt updatedAt archivedAt team { id name }"
)
STATE_FIELDS = "id name color description position type createdAt updatedAt archivedAt team { id name }"
LABEL_FIELDS = "id name color description isGroup createdAt updatedAt archivedAt team { id } parent { id name }"
COMMENT_FIELDS = (
    "id body url createdAt updatedAt editedAt resolvedAt archivedAt issue { id identifier title }"
    " user { id name email } parent { id }"
)
INITIATIVE_FIELDS = (
    "id name description slugId status color icon targetDate startedAt completedAt createdAt updatedAt archivedAt url"
    " owner { id name email } creator { id name email } projects { nodes { id name } }"
)
CUSTOMER_FIELDS = (
    "id name domains externalIds slugId size revenue approximateNeedCount logoUrl createdAt updatedAt archivedAt"
    " owner { id name email } status { id name color type } tier { id name color }"
)
ATTACHMENT_FIELDS = (
    "id title subtitle url sourceType metadata groupBySource bodyData createdAt updatedAt archivedAt"
    " creator { id name email } externalUserCreator { id } issue { id identifier title } originalIssue { id }"
)
MILESTONE_FIELDS = (
    "id name description status progress sortOrder targetDate createdAt updatedAt archivedAt project { id name }"
)
WRITTEN_FIELDS = (
    "id identifier number title description priority priorityLabel estimate dueDate url createdAt updatedAt"
    " state { id name type } team { id key name } assignee { id name email } project { id name }"
)

UNSERVED = {"errors": [{"message": "{message}", "extensions": {"code": "{code}", "type": "graphql error"}}]}

ORGANIZATION = {
    "id": "0b6f1a10-3c52-4d0e-8f11-000000000001",
    "name": "Example Works",
    "urlKey": "example-works",
    "logoUrl": None,
    "userCount": 3,
    "createdIssueCount": 42,
    "roadmapEnabled": True,
    "samlEnabled": False,
    "scimEnabled": False,
    "gitBranchFormat": None,
    "periodUploadVolume": 0,
    "trialEndsAt": None,
    "createdAt": "2025-01-07T09:00:00.000Z",
    "updatedAt": "2026-04-01T12:30:00.000Z",
    "archivedAt": None,
}
USERS = (
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000000101",
        "name": "Ava Lindqvist",
        "displayName": "ava",
        "email": "ava.lindqvist@example.com",
        "avatarUrl": "https://avatars.example.com/ava.png",
        "active": True,
        "admin": True,
        "guest": False,
        "isMe": True,
        "description": "Analyst",
        "timezone": "Europe/Stockholm",
        "url": "https://linear.app/example-works/profiles/ava",
        "lastSeen": "2026-04-22T19:24:08.184Z",
        "createdAt": "2025-01-07T09:00:00.757Z",
        "updatedAt": "2026-04-21T07:37:30.147Z",
        "archivedAt": None,
    },
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000000102",
        "name": "Noor Haddad",
        "displayName": "noor",
        "email": "noor.haddad@example.com",
        "avatarUrl": None,
        "active": False,
        "admin": False,
        "guest": True,
        "isMe": False,
        "description": None,
        "timezone": None,
        "url": "https://linear.app/example-works/profiles/noor",
        "lastSeen": None,
        "createdAt": "2025-02-10T08:00:00.569Z",
        "updatedAt": "2026-01-15T07:00:00.663Z",
        "archivedAt": None,
    },
)
AVA = {"id": "0b6f1a10-3c52-4d0e-8f11-000000000101", "name": "Ava Lindqvist", "email": "ava.lindqvist@example.com"}
NOOR = {"id": "0b6f1a10-3c52-4d0e-8f11-000000000102", "name": "Noor Haddad", "email": "noor.haddad@example.com"}
TEAM = {"id": "0b6f1a10-3c52-4d0e-8f11-000000000201", "key": "NUM", "name": "Numbers"}
TEAMS = (
    {
        **TEAM,
        "description": "Everything that can be counted",
        "color": "#d758fc",
        "icon": "Chart",
        "private": False,
        "timezone": "Europe/Stockholm",
        "cyclesEnabled": True,
        "issueCount": 42,
        "createdAt": "2025-01-07T09:00:00.757Z",
        "updatedAt": "2026-04-22T15:57:21.096Z",
        "archivedAt": None,
    },
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000000202",
        "key": "WH",
        "name": "Warehouse",
        "description": None,
        "color": None,
        "icon": None,
        "private": True,
        "timezone": "UTC",
        "cyclesEnabled": False,
        "issueCount": 0,
        "createdAt": "2025-03-01T10:00:00.000Z",
        "updatedAt": "2026-02-02T10:00:00.000Z",
        "archivedAt": None,
    },
)
PROJECTS: tuple[dict[str, object], ...] = (
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000000301",
        "name": "Quarterly dashboard",
        "description": "Figures for the board",
        "slugId": "7a11b22c33d4",
        "color": "#5e6ad2",
        "icon": "Chart",
        "priority": 2,
        "progress": 0.375,
        "state": "started",
        "startDate": "2026-01-05",
        "targetDate": "2026-06-30",
        "startedAt": "2026-01-05T09:00:00.000Z",
        "completedAt": None,
        "canceledAt": None,
        "url": "https://linear.app/example-works/project/quarterly-dashboard-7a11b22c33d4",
        "createdAt": "2025-12-18T10:10:39.989Z",
        "updatedAt": "2026-04-24T10:10:39.989Z",
        "archivedAt": None,
        "status": {
            "id": "0b6f1a10-3c52-4d0e-8f11-000000000351",
            "name": "In Progress",
            "color": "#f2994a",
            "type": "started",
        },
        "lead": AVA,
        "teams": {"nodes": [TEAM]},
    },
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000000302",
        "name": "Warehouse move",
        "description": "",
        "slugId": "8b22c33d44e5",
        "color": "#bec2c8",
        "icon": None,
        "priority": 0,
        "progress": 0,
        "state": "canceled",
        "startDate": None,
        "targetDate": None,
        "startedAt": None,
        "completedAt": None,
        "canceledAt": "2026-03-02T12:00:00.000Z",
        "url": "https://linear.app/example-works/project/warehouse-move-8b22c33d44e5",
        "createdAt": "2026-01-20T07:39:22.024Z",
        "updatedAt": "2026-03-02T12:00:00.016Z",
        "archivedAt": None,
        "status": {
            "id": "0b6f1a10-3c52-4d0e-8f11-000000000352",
            "name": "Canceled",
            "color": "#95a2b3",
            "type": "canceled",
        },
        "lead": None,
        "teams": {"nodes": []},
    },
)
CYCLE = {"id": "0b6f1a10-3c52-4d0e-8f11-000000000401", "number": 14, "name": "Close of the year"}
CYCLES = (
    {
        **CYCLE,
        "description": "Only what the board asked for",
        "startsAt": "2026-04-20T00:00:00.000Z",
        "endsAt": "2026-05-04T00:00:00.000Z",
        "completedAt": None,
        "progress": 0.5,
        "createdAt": "2026-04-06T07:46:02.370Z",
        "updatedAt": "2026-04-22T07:46:02.370Z",
        "archivedAt": None,
        "team": {"id": "0b6f1a10-3c52-4d0e-8f11-000000000201", "name": "Numbers"},
    },
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000000402",
        "number": 13,
        "name": None,
        "description": None,
        "startsAt": "2026-04-06T00:00:00.000Z",
        "endsAt": "2026-04-20T00:00:00.000Z",
        "completedAt": "2026-04-20T00:05:00.000Z",
        "progress": 1,
        "createdAt": "2026-03-23T07:46:05.748Z",
        "updatedAt": "2026-04-20T00:05:00.498Z",
        "archivedAt": None,
        "team": {"id": "0b6f1a10-3c52-4d0e-8f11-000000000201", "name": "Numbers"},
    },
)
STATES = (
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000000501",
        "name": "Todo",
        "color": "#e2e2e2",
        "description": None,
        "position": 1,
        "type": "unstarted",
        "createdAt": "2025-01-07T09:00:00.757Z",
        "updatedAt": "2025-01-07T09:00:00.757Z",
        "archivedAt": None,
        "team": {"id": "0b6f1a10-3c52-4d0e-8f11-000000000201", "name": "Numbers"},
    },
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000000502",
        "name": "Signed off",
        "color": "#5e6ad2",
        "description": "The owner of the figure has agreed",
        "position": 3.5,
        "type": "completed",
        "createdAt": "2025-01-07T09:00:00.757Z",
        "updatedAt": "2025-06-02T11:00:00.000Z",
        "archivedAt": None,
        "team": {"id": "0b6f1a10-3c52-4d0e-8f11-000000000201", "name": "Numbers"},
    },
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000000503",
        "name": "In Progress",
        "color": "#f2c94c",
        "description": None,
        "position": 2,
        "type": "started",
        "createdAt": "2025-01-07T09:00:00.757Z",
        "updatedAt": "2025-01-07T09:00:00.757Z",
        "archivedAt": None,
        "team": {"id": "0b6f1a10-3c52-4d0e-8f11-000000000201", "name": "Numbers"},
    },
)
LABELS = (
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000000601",
        "name": "Source: sales",
        "color": "#bb87fc",
        "description": "Figures from the sales sheet",
        "isGroup": False,
        "createdAt": "2025-01-07T09:00:00.757Z",
        "updatedAt": "2026-04-22T07:37:35.600Z",
        "archivedAt": None,
        "team": {"id": "0b6f1a10-3c52-4d0e-8f11-000000000201"},
        "parent": {"id": "0b6f1a10-3c52-4d0e-8f11-000000000602", "name": "Source"},
    },
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000000602",
        "name": "Source",
        "color": "#33ff57",
        "description": None,
        "isGroup": True,
        "createdAt": "2025-01-07T09:00:00.757Z",
        "updatedAt": "2025-01-07T09:00:00.757Z",
        "archivedAt": None,
        "team": None,
        "parent": None,
    },
)
STATE = {
    "id": "0b6f1a10-3c52-4d0e-8f11-000000000501",
    "name": "Todo",
    "color": "#e2e2e2",
    "type": "unstarted",
}
ISSUES = (
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000000701",
        "identifier": "NUM-18",
        "number": 18,
        "title": "Draft the revenue chart",
        "description": "Monthly, split by region.",
        "priority": 2,
        "priorityLabel": "High",
        "estimate": 3,
        "dueDate": "2026-05-15",
        "branchName": "ava/num-18-draft-the-revenue-chart",
        "url": "https://linear.app/example-works/issue/NUM-18/draft-the-revenue-chart",
        "labelIds": ["0b6f1a10-3c52-4d0e-8f11-000000000601"],
        "createdAt": "2026-03-02T09:12:24.757Z",
        "updatedAt": "2026-04-24T10:05:05.221Z",
        "startedAt": "2026-03-04T08:00:00.000Z",
        "completedAt": None,
        "canceledAt": None,
        "archivedAt": None,
        "state": STATE,
        "team": TEAM,
        "assignee": AVA,
        "creator": NOOR,
        "project": {"id": "0b6f1a10-3c52-4d0e-8f11-000000000301", "name": "Quarterly dashboard"},
        "cycle": CYCLE,
        "parent": {"id": "0b6f1a10-3c52-4d0e-8f11-000000000702", "identifier": "NUM-17"},
        "labels": {
            "nodes": [{"id": "0b6f1a10-3c52-4d0e-8f11-000000000601", "name": "Source: sales", "color": "#bb87fc"}]
        },
    },
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000000702",
        "identifier": "NUM-17",
        "number": 17,
        "title": "Sign off the figures",
        "description": None,
        "priority": 0,
        "priorityLabel": "No priority",
        "estimate": None,
        "dueDate": None,
        "branchName": "noor/num-17-sign-off-the-figures",
        "url": "https://linear.app/example-works/issue/NUM-17/sign-off-the-figures",
        "labelIds": [],
        "createdAt": "2026-03-02T09:15:11.741Z",
        "updatedAt": "2026-04-02T17:40:03.636Z",
        "startedAt": None,
        "completedAt": "2026-04-02T17:40:03.118Z",
        "canceledAt": None,
        "archivedAt": None,
        "state": {
            "id": "0b6f1a10-3c52-4d0e-8f11-000000000502",
            "name": "Signed off",
            "color": "#5e6ad2",
            "type": "completed",
        },
        "team": TEAM,
        "assignee": None,
        "creator": None,
        "project": None,
        "cycle": None,
        "parent": None,
        "labels": {"nodes": []},
    },
)
COMMENTS = (
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000000801",
        "body": "Regions as in the sales sheet, please.",
        "url": "https://linear.app/example-works/issue/NUM-18/draft-the-revenue-chart#comment-0b6f1a10",
        "createdAt": "2026-03-03T07:58:06.418Z",
        "updatedAt": "2026-03-03T08:01:00.406Z",
        "editedAt": "2026-03-03T08:01:00.000Z",
        "resolvedAt": None,
        "archivedAt": None,
        "issue": {
            "id": "0b6f1a10-3c52-4d0e-8f11-000000000701",
            "identifier": "NUM-18",
            "title": "Draft the revenue chart",
        },
        "user": AVA,
        "parent": None,
    },
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000000802",
        "body": "Done.",
        "url": "https://linear.app/example-works/issue/NUM-18/draft-the-revenue-chart#comment-0b6f1a11",
        "createdAt": "2026-03-03T09:00:00.418Z",
        "updatedAt": "2026-03-03T10:00:00.406Z",
        "editedAt": None,
        "resolvedAt": "2026-03-03T10:00:00.000Z",
        "archivedAt": None,
        "issue": None,
        "user": None,
        "parent": {"id": "0b6f1a10-3c52-4d0e-8f11-000000000801"},
    },
)

INITIATIVES: tuple[dict[str, object], ...] = (
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000000901",
        "name": "One truth about revenue",
        "description": "Every figure has one owner",
        "slugId": "9c33d44e55f6",
        "status": "Active",
        "color": "#26b5ce",
        "icon": "Bank",
        "targetDate": "2026-12-31",
        "startedAt": "2026-01-12T09:00:00.000Z",
        "completedAt": None,
        "createdAt": "2025-12-01T09:20:14.310Z",
        "updatedAt": "2026-04-12T14:02:33.118Z",
        "archivedAt": None,
        "url": "https://linear.app/example-works/initiative/one-truth-about-revenue-9c33d44e55f6",
        "owner": AVA,
        "creator": NOOR,
        "projects": {"nodes": [{"id": "0b6f1a10-3c52-4d0e-8f11-000000000301", "name": "Quarterly dashboard"}]},
    },
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000000902",
        "name": "Fewer sheets",
        "description": None,
        "slugId": "0d44e55f66a7",
        "status": "Planned",
        "color": None,
        "icon": None,
        "targetDate": None,
        "startedAt": None,
        "completedAt": None,
        "createdAt": "2026-02-03T11:45:52.020Z",
        "updatedAt": "2026-02-03T11:45:52.020Z",
        "archivedAt": None,
        "url": "https://linear.app/example-works/initiative/fewer-sheets-0d44e55f66a7",
        "owner": None,
        "creator": AVA,
        "projects": {"nodes": []},
    },
)
CUSTOMERS = (
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000001001",
        "name": "Northwind Mills",
        "domains": ["northwind.example"],
        "externalIds": [],
        "slugId": "1e55f66a77b8",
        "size": 180,
        "revenue": 240000,
        "approximateNeedCount": 3,
        "logoUrl": None,
        "createdAt": "2025-09-08T10:00:41.502Z",
        "updatedAt": "2026-04-20T08:31:00.944Z",
        "archivedAt": None,
        "owner": AVA,
        "status": {
            "id": "0b6f1a10-3c52-4d0e-8f11-000000001051",
            "name": "Active",
            "color": "#27ae60",
            "type": "active",
        },
        "tier": {"id": "0b6f1a10-3c52-4d0e-8f11-000000001061", "name": "Enterprise", "color": "#f2994a"},
    },
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000001002",
        "name": "Harbour Foods",
        "domains": ["harbour.example"],
        "externalIds": ["crm-2"],
        "slugId": "2f66a77b88c9",
        "size": None,
        "revenue": None,
        "approximateNeedCount": 0,
        "logoUrl": None,
        "createdAt": "2026-01-19T15:12:09.870Z",
        "updatedAt": "2026-03-30T09:00:12.006Z",
        "archivedAt": None,
        "owner": None,
        "status": {
            "id": "0b6f1a10-3c52-4d0e-8f11-000000001052",
            "name": "Prospect",
            "color": "#95a2b3",
            "type": "active",
        },
        "tier": None,
    },
)
ATTACHMENTS = (
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000001101",
        "title": "Sales sheet",
        "subtitle": "As of March",
        "url": "https://sheets.example.com/sales/march",
        "sourceType": "api",
        "metadata": {},
        "groupBySource": False,
        "bodyData": None,
        "createdAt": "2026-03-05T07:39:32.591Z",
        "updatedAt": "2026-03-05T07:39:32.591Z",
        "archivedAt": None,
        "creator": AVA,
        "externalUserCreator": None,
        "originalIssue": None,
        "issue": {
            "id": "0b6f1a10-3c52-4d0e-8f11-000000000701",
            "identifier": "NUM-18",
            "title": "Draft the revenue chart",
        },
    },
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000001102",
        "title": "Sign-off",
        "subtitle": None,
        "url": "https://docs.example.com/sign-off",
        "sourceType": None,
        "metadata": {},
        "groupBySource": True,
        "bodyData": None,
        "createdAt": "2026-03-06T12:15:02.114Z",
        "updatedAt": "2026-03-07T12:15:02.114Z",
        "archivedAt": None,
        "creator": None,
        "externalUserCreator": None,
        "originalIssue": None,
        "issue": {
            "id": "0b6f1a10-3c52-4d0e-8f11-000000000702",
            "identifier": "NUM-17",
            "title": "Sign off the figures",
        },
    },
)
MILESTONES = (
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000001201",
        "name": "First draft",
        "description": "Good enough to be argued about",
        "status": "next",
        "progress": 0.25,
        "sortOrder": 1.5,
        "targetDate": "2026-05-29",
        "createdAt": "2026-01-06T07:39:22.024Z",
        "updatedAt": "2026-04-06T07:39:22.024Z",
        "archivedAt": None,
        "project": {"id": "0b6f1a10-3c52-4d0e-8f11-000000000301", "name": "Quarterly dashboard"},
    },
    {
        "id": "0b6f1a10-3c52-4d0e-8f11-000000001202",
        "name": "Signed off",
        "description": None,
        "status": "unstarted",
        "progress": 0,
        "sortOrder": 2,
        "targetDate": None,
        "createdAt": "2026-01-06T07:41:10.551Z",
        "updatedAt": "2026-01-06T07:41:10.551Z",
        "archivedAt": None,
        "project": {"id": "0b6f1a10-3c52-4d0e-8f11-000000000301", "name": "Quarterly dashboard"},
    },
)
RATE_LIMIT = {
    "identifier": "0b6f1a10-3c52-4d0e-8f11-000000000101",
    "kind": "apiKey",
    "limits": [
        {
            "type": "apiRequests",
            "requestedAmount": 1,
            "allowedAmount": 5000,
            "period": 3600000,
            "remainingAmount": 4999,
            "reset": 1776852000000,
        },
        {
            "type": "apiComplexity",
            "requestedAmount": 2,
            "allowedAmount": 2000000,
            "period": 3600000,
            "remainingAmount": 1999998,
            "reset": 1776852000000,
        },
    ],
}

PATHS = {"path": ["query"], "locations": [{"line": 1, "column": 1}]}

PLATFORM = Platform(
    name="linear",
    title="Linear",
    base_url="https://api.linear.app",
    protocol="graphql",
    auth=Token(
        "LINEAR_API_KEY", where="linear.app/settings/account/security", prefix="", also=("Bearer ",), form="lin_api_{}"
    ),
    schema="bi_contracts/platforms/linear.graphql",
    identity="viewer",
    endpoints=(
        Endpoint(
            "viewer",
            "/graphql",
            method="POST",
            kind="identity",
            arguments="body.variables",
            body={"query": f"query viewer {{ viewer {{ {USER_FIELDS} }} }}", "variables": {}},
            records="data.viewer",
            entity="colleague",
            attributes={"name": "name", "email": "email", "displayName": "first_name"},
            examples=(USERS[0],),
        ),
        Endpoint(
            "organization",
            "/graphql",
            method="POST",
            kind="identity",
            arguments="body.variables",
            body={
                "query": "query organization { organization { id name urlKey logoUrl userCount createdIssueCount"
                " roadmapEnabled samlEnabled scimEnabled gitBranchFormat periodUploadVolume trialEndsAt"
                " createdAt updatedAt archivedAt } }",
                "variables": {},
            },
            records="data.organization",
            examples=(ORGANIZATION,),
        ),
        Endpoint(
            "teams",
            "/graphql",
            method="POST",
            arguments="body.variables",
            body={
                "query": "query teams($first: Int, $after: String) { teams(first: $first, after: $after)"
                f" {{ nodes {{ {TEAM_FIELDS} }} {PAGE_INFO} }} }}",
                "variables": {},
            },
            records="data.teams.nodes",
            paginator=Relay("data.teams"),
            newest_first=True,
            entity="team",
            attributes={"name": "name", "description": "text"},
            examples=TEAMS,
        ),
        Endpoint(
            "users",
            "/graphql",
            method="POST",
            arguments="body.variables",
            body={
                "query": "query users($first: Int, $after: String) { users(first: $first, after: $after)"
                f" {{ nodes {{ {USER_FIELDS} }} {PAGE_INFO} }} }}",
                "variables": {},
            },
            records="data.users.nodes",
            paginator=Relay("data.users"),
            newest_first=True,
            entity="colleague",
            attributes={"name": "name", "email": "email", "displayName": "first_name"},
            examples=USERS,
        ),
        Endpoint(
            "projects",
            "/graphql",
            method="POST",
            arguments="body.variables",
            body={
                "query": "query projects($first: Int, $after: String) { projects(first: $first, after: $after)"
                f" {{ nodes {{ {PROJECT_FIELDS} }} {PAGE_INFO} }} }}",
                "variables": {},
            },
            records="data.projects.nodes",
            paginator=Relay("data.projects"),
            newest_first=True,
            entity="project",
            attributes={"name": "name", "description": "text"},
            examples=PROJECTS,
        ),
        Endpoint(
            "issues",
            "/graphql",
            method="POST",
            arguments="body.variables",
            body={
                "query": "query issues($first: Int, $after: String) { issues(first: $first, after: $after)"
                f" {{ nodes {{ {ISSUE_FIELDS} }} {PAGE_INFO} }} }}",
                "variables": {},
            },
            records="data.issues.nodes",
            paginator=Relay("data.issues"),
            newest_first=True,
            entity="task",
            attributes={"title": "title", "description": "text"},
            examples=ISSUES,
        ),
        Endpoint(
            "issue",
            "/graphql",
            method="POST",
            kind="item",
            arguments="body.variables",
            body={
                "query": f"query issue($id: String!) {{ issue(id: $id) {{ {ISSUE_FIELDS} }} }}",
                "variables": {},
            },
            records="data.issue",
            parents={"id": "issues"},
            entity="task",
            attributes={"title": "title", "description": "text"},
            examples=ISSUES,
        ),
        Endpoint(
            "team",
            "/graphql",
            method="POST",
            kind="item",
            arguments="body.variables",
            body={
                "query": f"query team($id: String!) {{ team(id: $id) {{ {TEAM_FIELDS}"
                " states { nodes { id name color type } } } }",
                "variables": {},
            },
            records="data.team",
            parents={"id": "teams"},
            entity="team",
            attributes={"name": "name", "description": "text"},
            examples=(
                {**TEAMS[0], "states": {"nodes": [STATE]}},
                {**TEAMS[1], "states": {"nodes": []}},
            ),
        ),
        Endpoint(
            "user",
            "/graphql",
            method="POST",
            kind="item",
            arguments="body.variables",
            body={
                "query": f"query user($id: String!) {{ user(id: $id) {{ {USER_FIELDS} }} }}",
                "variables": {},
            },
            records="data.user",
            parents={"id": "users"},
            entity="colleague",
            attributes={"name": "name", "email": "email", "displayName": "first_name"},
            examples=USERS,
        ),
        Endpoint(
            "project",
            "/graphql",
            method="POST",
            kind="item",
            arguments="body.variables",
            body={
                "query": f"query project($id: String!) {{ project(id: $id) {{ {PROJECT_FIELDS} }} }}",
                "variables": {},
            },
            records="data.project",
            parents={"id": "projects"},
            entity="project",
            attributes={"name": "name", "description": "text"},
            examples=PROJECTS,
        ),
        Endpoint(
            "cycles",
            "/graphql",
            method="POST",
            arguments="body.variables",
            body={
                "query": "query cycles($first: Int, $after: String) { cycles(first: $first, after: $after)"
                f" {{ nodes {{ {CYCLE_FIELDS} }} {PAGE_INFO} }} }}",
                "variables": {},
            },
            records="data.cycles.nodes",
            paginator=Relay("data.cycles"),
            newest_first=True,
            examples=CYCLES,
        ),
        Endpoint(
            "workflow_states",
            "/graphql",
            method="POST",
            arguments="body.variables",
            body={
                "query": "query workflowStates($first: Int, $after: String)"
                f" {{ workflowStates(first: $first, after: $after) {{ nodes {{ {STATE_FIELDS} }} {PAGE_INFO} }} }}",
                "variables": {},
            },
            records="data.workflowStates.nodes",
            paginator=Relay("data.workflowStates"),
            newest_first=True,
            examples=STATES,
        ),
        Endpoint(
            "labels",
            "/graphql",
            method="POST",
            arguments="body.variables",
            body={
                "query": "query issueLabels($first: Int, $after: String) { issueLabels(first: $first, after: $after)"
                f" {{ nodes {{ {LABEL_FIELDS} }} {PAGE_INFO} }} }}",
                "variables": {},
            },
            records="data.issueLabels.nodes",
            paginator=Relay("data.issueLabels"),
            newest_first=True,
            entity="label",
            attributes={"name": "name"},
            examples=LABELS,
        ),
        Endpoint(
            "comments",
            "/graphql",
            method="POST",
            arguments="body.variables",
            body={
                "query": "query comments($first: Int, $after: String) { comments(first: $first, after: $after)"
                f" {{ nodes {{ {COMMENT_FIELDS} }} {PAGE_INFO} }} }}",
                "variables": {},
            },
            records="data.comments.nodes",
            paginator=Relay("data.comments"),
            newest_first=True,
            entity="message",
            attributes={"body": "text"},
            examples=COMMENTS,
        ),
        Endpoint(
            "initiatives",
            "/graphql",
            method="POST",
            arguments="body.variables",
            body={
                "query": "query initiatives($first: Int, $after: String)"
                f" {{ initiatives(first: $first, after: $after) {{ nodes {{ {INITIATIVE_FIELDS} }} {PAGE_INFO} }} }}",
                "variables": {},
            },
            records="data.initiatives.nodes",
            paginator=Relay("data.initiatives"),
            newest_first=True,
            examples=INITIATIVES,
        ),
        Endpoint(
            "customers",
            "/graphql",
            method="POST",
            arguments="body.variables",
            body={
                "query": "query customers($first: Int, $after: String)"
                f" {{ customers(first: $first, after: $after) {{ nodes {{ {CUSTOMER_FIELDS} }} {PAGE_INFO} }} }}",
                "variables": {},
            },
            records="data.customers.nodes",
            paginator=Relay("data.customers"),
            newest_first=True,
            entity="company",
            attributes={"name": "name", "domains.0": "domain", "size": "employees", "revenue": "revenue"},
            examples=CUSTOMERS,
        ),
        Endpoint(
            "attachments",
            "/graphql",
            method="POST",
            arguments="body.variables",
            body={
                "query": "query attachments($first: Int, $after: String)"
                f" {{ attachments(first: $first, after: $after) {{ nodes {{ {ATTACHMENT_FIELDS} }} {PAGE_INFO} }} }}",
                "variables": {},
            },
            records="data.attachments.nodes",
            paginator=Relay("data.attachments"),
            newest_first=True,
            examples=ATTACHMENTS,
        ),
        Endpoint(
            "project_milestones",
            "/graphql",
            method="POST",
            arguments="body.variables",
            body={
                "query": "query projectMilestones($first: Int, $after: String)"
                " { projectMilestones(first: $first, after: $after)"
                f" {{ nodes {{ {MILESTONE_FIELDS} }} {PAGE_INFO} }} }}",
                "variables": {},
            },
            records="data.projectMilestones.nodes",
            paginator=Relay("data.projectMilestones"),
            newest_first=True,
            examples=MILESTONES,
        ),
        Endpoint(
            "rate_limit_status",
            "/graphql",
            method="POST",
            kind="identity",
            arguments="body.variables",
            body={
                "query": "query rateLimitStatus { rateLimitStatus { identifier kind"
                " limits { type requestedAmount allowedAmount period remainingAmount reset } } }",
                "variables": {},
            },
            records="data.rateLimitStatus",
            key="identifier",
            examples=(RATE_LIMIT,),
        ),
        Endpoint(
            "issue_create",
            "/graphql",
            method="POST",
            kind="write",
            arguments="body.variables",
            body={
                "query": "mutation issueCreate($input: IssueCreateInput!)"
                f" {{ issueCreate(input: $input) {{ success lastSyncId issue {{ {WRITTEN_FIELDS} }} }} }}",
                "variables": {},
            },
            records="data.issueCreate.issue",
            envelope={"data": {"issueCreate": {"success": True, "lastSyncId": 1}}},
            write=Write("create", target="issues", sent="variables.input", required=("teamId",)),
            examples=ISSUES,
        ),
        Endpoint(
            "issue_update",
            "/graphql",
            method="POST",
            kind="write",
            arguments="body.variables",
            body={
                "query": "mutation issueUpdate($id: String!, $input: IssueUpdateInput!)"
                f" {{ issueUpdate(id: $id, input: $input) {{ success lastSyncId issue {{ {WRITTEN_FIELDS} }} }} }}",
                "variables": {},
            },
            records="data.issueUpdate.issue",
            envelope={"data": {"issueUpdate": {"success": True, "lastSyncId": 1}}},
            parents={"id": "issues"},
            write=Write("update", target="issues", sent="variables.input"),
            examples=ISSUES,
        ),
        Endpoint(
            "comment_create",
            "/graphql",
            method="POST",
            kind="write",
            arguments="body.variables",
            body={
                "query": "mutation commentCreate($input: CommentCreateInput!)"
                f" {{ commentCreate(input: $input) {{ success lastSyncId comment {{ {COMMENT_FIELDS} }} }} }}",
                "variables": {},
            },
            records="data.commentCreate.comment",
            envelope={"data": {"commentCreate": {"success": True, "lastSyncId": 1}}},
            write=Write("create", target="comments", sent="variables.input", required=("issueId", "body")),
            examples=COMMENTS,
        ),
    ),
    errors=ErrorDialect(
        code="errors.0.extensions.code",
        message="errors.0.message",
        failed="errors",
        unknown_path=ErrorShape(404, UNSERVED, code="NOT_FOUND", message="Nothing is served at this path"),
        wrong_method=ErrorShape(405, UNSERVED, code="BAD_REQUEST", message="Queries are sent by POST"),
        messages={"Entity not found": ErrorKind.NOT_FOUND},
        codes={
            "GRAPHQL_PARSE_FAILED": ErrorKind.BAD_REQUEST,
            "BAD_USER_INPUT": ErrorKind.BAD_REQUEST,
            "INVALID_INPUT": ErrorKind.BAD_REQUEST,
            "INPUT_ERROR": ErrorKind.BAD_REQUEST,
        },
        shapes={
            ErrorKind.UNAUTHORIZED: ErrorShape(
                401,
                {
                    "errors": [
                        {
                            "message": "{message}",
                            "extensions": {
                                "type": "authentication error",
                                "code": "{code}",
                                "statusCode": 401,
                                "userError": True,
                                "userPresentableMessage": "Sign in to do this.",
                                "meta": {},
                                "http": {"status": 401},
                            },
                        }
                    ]
                },
                code="AUTHENTICATION_ERROR",
                message="Authentication required, not authenticated",
            ),
            ErrorKind.FORBIDDEN: ErrorShape(
                403,
                {
                    "errors": [
                        {
                            "message": "{message}",
                            **PATHS,
                            "extensions": {
                                "type": "forbidden",
                                "code": "{code}",
                                "statusCode": 403,
                                "userError": True,
                                "userPresentableMessage": "Your role does not allow this.",
                                "meta": {},
                                "http": {"status": 403},
                            },
                        }
                    ],
                    "data": None,
                },
                code="FORBIDDEN",
                message="Forbidden",
            ),
            ErrorKind.NOT_FOUND: ErrorShape(
                200,
                {
                    "errors": [
                        {
                            "message": "Entity not found: {message}",
                            **PATHS,
                            "extensions": {
                                "type": "invalid input",
                                "code": "{code}",
                                "statusCode": 400,
                                "userError": True,
                                "userPresentableMessage": "There is no such thing here.",
                                "meta": {},
                                "http": {"status": 400},
                            },
                        }
                    ],
                    "data": None,
                },
                code="INPUT_ERROR",
                message="Issue",
            ),
            ErrorKind.BAD_REQUEST: ErrorShape(
                400,
                {
                    "errors": [
                        {
                            "message": "{message}",
                            "locations": [{"line": 1, "column": 1}],
                            "extensions": {
                                "type": "graphql error",
                                "code": "{code}",
                                "statusCode": 400,
                                "userError": True,
                                "http": {"status": 400},
                            },
                        }
                    ]
                },
                code="GRAPHQL_VALIDATION_FAILED",
                message="The query does not fit the schema",
            ),
            ErrorKind.RATE_LIMITED: ErrorShape(
                400,
                {
                    "errors": [
                        {
                            "message": "{message}",
                            "extensions": {
                                "type": "ratelimited",
                                "code": "{code}",
                                "statusCode": 429,
                                "userError": True,
                                "userPresentableMessage": "Too many requests.",
                                "meta": {},
                                "http": {"status": 400},
                            },
                        }
                    ]
                },
                code="RATELIMITED",
                message="Rate limit exceeded",
            ),
            ErrorKind.SERVER_ERROR: ErrorShape(
                500,
                {
                    "errors": [
                        {
                            "message": "{message}",
                            "extensions": {
                                "type": "internal error",
                                "code": "{code}",
                                "statusCode": 500,
                                "userError": False,
                                "http": {"status": 500},
                            },
                        }
                    ]
                },
                code="INTERNAL_SERVER_ERROR",
                message="Internal server error",
            ),
        },
    ),
    limits=RateDialect(
        limit=5000,
        window=3600.0,
        headers={
            "x-ratelimit-requests-limit": "limit",
            "x-ratelimit-requests-remaining": "remaining",
            "x-ratelimit-requests-reset": "reset_milliseconds",
        },
        retry_after=False,
        points="x-complexity",
        quotas=(
            Quota(
                "complexity",
                2_000_000,
                3600.0,
                counts="points",
                headers={
                    "x-ratelimit-complexity-limit": "limit",
                    "x-ratelimit-complexity-remaining": "remaining",
                    "x-ratelimit-complexity-reset": "reset_milliseconds",
                },
            ),
        ),
    ),
)
