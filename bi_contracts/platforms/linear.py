"""Linear: GraphQL at one path, Relay pages, a rate limit answered as HTTP 400.

Source: Linear's published GraphQL schema and linear.app/developers (graphql, pagination, rate-limiting).
"""

from __future__ import annotations

from ..auth import Token
from ..dialects import ErrorDialect, ErrorKind, ErrorShape, RateDialect
from ..pagination import Relay
from ..platform import Endpoint, Platform

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
        "archivedAt": "2026-01-15T07:00:00.663Z",
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
        "archivedAt": "2026-02-02T10:00:00.000Z",
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
        "updatedAt": "2026-03-03T09:00:00.406Z",
        "editedAt": None,
        "resolvedAt": "2026-03-03T10:00:00.000Z",
        "archivedAt": None,
        "issue": None,
        "user": None,
        "parent": {"id": "0b6f1a10-3c52-4d0e-8f11-000000000801"},
    },
)

PATHS = {"path": ["query"], "locations": [{"line": 1, "column": 1}]}

PLATFORM = Platform(
    name="linear",
    title="Linear",
    base_url="https://api.linear.app",
    protocol="graphql",
    auth=Token(
        "LINEAR_API_KEY", where="linear.app/settings/account/security", prefix="", also=("Bearer ",), form="lin_api_{}"
    ),
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
            examples=COMMENTS,
        ),
    ),
    errors=ErrorDialect(
        code="errors.0.extensions.code",
        message="errors.0.message",
        failed="errors",
        messages={"Entity not found": ErrorKind.NOT_FOUND},
        codes={"GRAPHQL_PARSE_FAILED": ErrorKind.BAD_REQUEST, "INPUT_ERROR": ErrorKind.BAD_REQUEST},
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
    ),
)
