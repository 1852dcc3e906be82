"""Gong: REST under /v2, `records.cursor` for the next page, 404 for no rows, 401 for a missing scope.

Source: Gong's OpenAPI description (api.gong.io, V2) and recorded answers of June 2026. Where they differ (scorecards,
library folders), the recorded answers stand here.
"""

from __future__ import annotations

from ..auth import Basic
from ..dialects import ErrorDialect, ErrorKind, ErrorShape, Quota, RateDialect
from ..pagination import Cursor
from ..platform import Endpoint, Platform, Write
from ..queries import Arguments, Where

FIGURES = {
    "records.totalRecords": "total",
    "records.currentPageSize": "count",
    "records.currentPageNumber": "index",
}
PAGES = Cursor("records.cursor", "query.cursor", end=..., tokens="jwt", also=FIGURES)
POSTED_PAGES = Cursor("records.cursor", "body.cursor", end=..., tokens="jwt", also=FIGURES)
ENVELOPE = {"requestId": "{request_id}"}

WORKSPACE = "7273476131570014201"
AVA = "7254376376091929501"
NOOR = "7254376376091929502"
CALL = "7782342274025937801"
SECOND_CALL = "7782342274025937802"
AVA_SPEAKS = "6432345678555530001"
CUSTOMER_SPEAKS = "6432345678555530002"
SCORECARD = "9067931441193858401"
QUESTION = "9013292953945730401"
REVISION = "3868116555550662301"
TRACKER = "7686842637000665901"
FOLDER = "3492543238968030401"
MADE = "2026-01-10T09:21:31+02:00"

WORKSPACES = (
    {"id": WORKSPACE, "name": "Sales", "description": "Calls of the sales team"},
    {"id": "7273476131570014202", "name": "Customer success", "description": "Calls with customers after the sale"},
)
USERS = (
    {
        "id": AVA,
        "emailAddress": "ava.lindqvist@example.com",
        "created": "2026-01-10T21:50:07.428+02:00",
        "active": True,
        "emailAliases": [],
        "trustedEmailAddress": None,
        "firstName": "Ava",
        "lastName": "Lindqvist",
        "title": "Account Executive",
        "phoneNumber": "+46 8 5550 0101",
        "extension": "101",
        "personalMeetingUrls": ["https://meet.example.com/ava"],
        "settings": {
            "webConferencesRecorded": True,
            "preventWebConferenceRecording": False,
            "telephonyCallsImported": True,
            "emailsImported": True,
            "preventEmailImport": False,
            "nonRecordedMeetingsImported": True,
            "gongConnectEnabled": True,
        },
        "managerId": NOOR,
        "meetingConsentPageUrl": "https://join.example.com/works/ava.lindqvist",
        "conferencingProviders": None,
        "spokenLanguages": [{"language": "en-US", "primary": True}, {"language": "sv-SE", "primary": False}],
    },
    {
        "id": NOOR,
        "emailAddress": "noor.haddad@example.com",
        "created": "2026-01-10T21:49:29.000+02:00",
        "active": True,
        "emailAliases": ["n.haddad@example.com"],
        "trustedEmailAddress": "noor.haddad@example.com",
        "firstName": "Noor",
        "lastName": "Haddad",
        "title": None,
        "phoneNumber": None,
        "extension": None,
        "personalMeetingUrls": [],
        "settings": {
            "webConferencesRecorded": False,
            "preventWebConferenceRecording": False,
            "telephonyCallsImported": False,
            "emailsImported": False,
            "preventEmailImport": False,
            "nonRecordedMeetingsImported": False,
            "gongConnectEnabled": False,
        },
        "managerId": None,
        "meetingConsentPageUrl": None,
        "conferencingProviders": None,
        "spokenLanguages": [],
    },
)
USER_ATTRIBUTES = {
    "emailAddress": "email",
    "firstName": "first_name",
    "lastName": "last_name",
    "title": "title",
    "phoneNumber": "phone",
}
CALLS = (
    {
        "id": CALL,
        "url": "https://app.gong.io/call?id=7782342274025937801",
        "title": "Example Works: discovery",
        "scheduled": "2026-03-02T10:00:00Z",
        "started": "2026-03-02T10:01:12.428Z",
        "duration": 1560,
        "primaryUserId": AVA,
        "direction": "Conference",
        "system": "Zoom",
        "scope": "External",
        "media": "Video",
        "language": "eng",
        "workspaceId": WORKSPACE,
        "sdrDisposition": None,
        "clientUniqueId": "7JEHFRGXDDZFEW2FC4U",
        "customData": None,
        "purpose": "Discovery",
        "meetingUrl": "https://meet.example.com/j/5550100",
        "isPrivate": False,
        "calendarEventId": "abcde@calendar.example.com",
    },
    {
        "id": SECOND_CALL,
        "url": "https://app.gong.io/call?id=7782342274025937802",
        "title": "Example Works: follow-up",
        "scheduled": "2026-03-09T14:30:00Z",
        "started": "2026-03-09T14:30:41.007Z",
        "duration": 460,
        "primaryUserId": AVA,
        "direction": "Outbound",
        "system": "Outreach",
        "scope": "External",
        "media": "Audio",
        "language": "eng",
        "workspaceId": WORKSPACE,
        "sdrDisposition": "Connected",
        "clientUniqueId": None,
        "customData": "region=north",
        "purpose": None,
        "meetingUrl": None,
        "isPrivate": True,
        "calendarEventId": None,
    },
)
INSIDE_PARTY = {
    "id": "5682545255455601",
    "emailAddress": "ava.lindqvist@example.com",
    "name": "Ava Lindqvist",
    "title": "Account Executive",
    "userId": AVA,
    "speakerId": AVA_SPEAKS,
    "context": [],
    "affiliation": "Internal",
    "phoneNumber": "+46 8 5550 0101",
    "methods": ["Invitee", "Attendee"],
}
OUTSIDE_PARTY = {
    "id": "5682545255455602",
    "emailAddress": "sam.okafor@works.example",
    "name": "Sam Okafor",
    "title": "Head of Data",
    "userId": None,
    "speakerId": CUSTOMER_SPEAKS,
    "context": [
        {
            "system": "Salesforce",
            "objects": [
                {
                    "objectType": "Contact",
                    "objectId": "0036Q00001sV7grQAC",
                    "fields": [{"name": "Title", "value": "Head of Data"}],
                    "timing": "Now",
                }
            ],
            "timing": "Now",
        }
    ],
    "affiliation": "External",
    "phoneNumber": None,
    "methods": ["Invitee"],
}
CALLS_EXTENSIVE = (
    {
        "metaData": CALLS[0],
        "context": [
            {
                "system": "Salesforce",
                "objects": [
                    {
                        "objectType": "Opportunity",
                        "objectId": "0066Q00001sV7grQAC",
                        "fields": [
                            {"name": "Name", "value": "Example Works: renewal"},
                            {"name": "StageName", "value": "Proposal"},
                            {"name": "Amount", "value": 48000.0},
                        ],
                        "timing": "Now",
                    },
                    {
                        "objectType": "Account",
                        "objectId": "0016Q00001sV7grQAC",
                        "fields": [{"name": "Name", "value": "Example Works"}],
                        "timing": "Now",
                    },
                ],
                "timing": "Now",
            }
        ],
        "parties": [INSIDE_PARTY, OUTSIDE_PARTY],
        "content": {
            "structure": [{"name": "Small talk", "duration": 67}, {"name": "Call setup", "duration": 141}],
            "trackers": [
                {
                    "id": TRACKER,
                    "name": "Budget",
                    "count": 2,
                    "type": "KEYWORD",
                    "occurrences": [{"startTime": 32.56, "speakerId": CUSTOMER_SPEAKS}],
                    "phrases": [
                        {
                            "count": 2,
                            "occurrences": [{"startTime": 32.56, "speakerId": CUSTOMER_SPEAKS}],
                            "phrase": "budget",
                        }
                    ],
                }
            ],
            "topics": [{"name": "Pricing", "duration": 86}],
            "pointsOfInterest": {
                "actionItems": [
                    {
                        "snippetStartTime": 26.0,
                        "snippetEndTime": 31.0,
                        "speakerID": AVA_SPEAKS,
                        "snippet": "I will send the invitation for Thursday.",
                    }
                ]
            },
            "brief": "They compared the two plans and agreed on a trial.",
            "outline": [
                {
                    "section": "Needs",
                    "startTime": 12.5,
                    "duration": 320.0,
                    "items": [{"text": "Reports take two days each month.", "startTime": 40.0}],
                }
            ],
            "highlights": [
                {"title": "Next steps", "items": [{"text": "A trial starts next week.", "startTimes": [1410.0]}]}
            ],
            "callOutcome": {"id": "MEETING_BOOKED", "category": "Answered", "name": "Meeting booked"},
            "keyPoints": [{"text": "The budget is decided in April."}],
        },
        "interaction": {
            "speakers": [
                {"id": "5682545255455601", "userId": AVA, "talkTime": 612.0},
                {"id": "5682545255455602", "userId": None, "talkTime": 845.5},
            ],
            "interactionStats": [{"name": "Talk Ratio", "value": 0.42}, {"name": "Interactivity", "value": 5.6}],
            "video": [{"name": "Presentation", "duration": 218.0}],
            "questions": {"companyCount": 11, "nonCompanyCount": 6},
        },
        "collaboration": {
            "publicComments": [
                {
                    "id": "6843152929075440001",
                    "audioStartTime": 26.0,
                    "audioEndTime": 31.0,
                    "commenterUserId": NOOR,
                    "comment": "Well asked.",
                    "posted": "2026-03-02T11:20:00Z",
                    "inReplyTo": None,
                    "duringCall": False,
                }
            ]
        },
        "media": {
            "audioUrl": "https://media.example.com/7782342274025937801.mp3",
            "videoUrl": "https://media.example.com/7782342274025937801.mp4",
        },
    },
    {
        "metaData": CALLS[1],
        "context": [],
        "parties": [
            {
                **INSIDE_PARTY,
                "id": "5682545255455603",
                "title": None,
                "phoneNumber": None,
            },
            {**OUTSIDE_PARTY, "id": "5682545255455604", "context": [], "phoneNumber": "+44 20 5550 0104"},
        ],
        "content": {
            "structure": [],
            "trackers": [],
            "topics": [],
            "pointsOfInterest": {"actionItems": []},
            "brief": "A short call about the invoice.",
            "outline": [],
            "highlights": [],
            "callOutcome": None,
            "keyPoints": [],
        },
        "interaction": {
            "speakers": [{"id": "5682545255455603", "userId": AVA, "talkTime": 201.0}],
            "interactionStats": [{"name": "Talk Ratio", "value": 0.44}],
            "video": [],
            "questions": {"companyCount": 2, "nonCompanyCount": 3},
        },
        "collaboration": {"publicComments": []},
        "media": {"audioUrl": "https://media.example.com/7782342274025937802.mp3", "videoUrl": None},
    },
)
TRANSCRIPTS = (
    {
        "callId": CALL,
        "transcript": [
            {
                "speakerId": AVA_SPEAKS,
                "topic": "Small talk",
                "sentences": [
                    {"start": 1020, "end": 3410, "text": "Thank you for the time today."},
                    {"start": 3500, "end": 6120, "text": "Shall we start with the reports?"},
                ],
            },
            {
                "speakerId": CUSTOMER_SPEAKS,
                "topic": None,
                "sentences": [{"start": 6800, "end": 11240, "text": "Yes, they take us two days each month."}],
            },
        ],
    },
    {
        "callId": SECOND_CALL,
        "transcript": [
            {
                "speakerId": AVA_SPEAKS,
                "topic": "Pricing",
                "sentences": [{"start": 700, "end": 2900, "text": "You had a question about the invoice."}],
            }
        ],
    },
)
AGGREGATES = (
    {
        "userId": AVA,
        "userEmailAddress": "ava.lindqvist@example.com",
        "userAggregateActivityStats": {
            "callsAsHost": 20,
            "callsAttended": 46,
            "callsGaveFeedback": 35,
            "callsRequestedFeedback": 12,
            "callsReceivedFeedback": 17,
            "ownCallsListenedTo": 68,
            "othersCallsListenedTo": 96,
            "callsSharedInternally": 14,
            "callsSharedExternally": 15,
            "callsScorecardsFilled": 16,
            "callsScorecardsReceived": 18,
            "callsCommentsGiven": 21,
            "callsCommentsReceived": 13,
            "callsMarkedAsFeedbackGiven": 24,
            "callsMarkedAsFeedbackReceived": 25,
        },
    },
    {
        "userId": NOOR,
        "userEmailAddress": "noor.haddad@example.com",
        "userAggregateActivityStats": {
            "callsAsHost": 11,
            "callsAttended": 19,
            "callsGaveFeedback": 0,
            "callsRequestedFeedback": 0,
            "callsReceivedFeedback": 0,
            "ownCallsListenedTo": 3,
            "othersCallsListenedTo": 5,
            "callsSharedInternally": 0,
            "callsSharedExternally": 0,
            "callsScorecardsFilled": 0,
            "callsScorecardsReceived": 0,
            "callsCommentsGiven": 0,
            "callsCommentsReceived": 0,
            "callsMarkedAsFeedbackGiven": 0,
            "callsMarkedAsFeedbackReceived": 0,
        },
    },
)
QUIET_DAY: dict[str, object] = {
    "callsAsHost": [],
    "callsAttended": [],
    "callsGaveFeedback": [],
    "callsRequestedFeedback": [],
    "callsReceivedFeedback": [],
    "ownCallsListenedTo": [],
    "othersCallsListenedTo": [],
    "callsSharedInternally": [],
    "callsSharedExternally": [],
    "callsScorecardsFilled": [],
    "callsScorecardsReceived": [],
    "callsCommentsGiven": [],
    "callsCommentsReceived": [],
    "callsMarkedAsFeedbackGiven": [],
    "callsMarkedAsFeedbackReceived": [],
    "fromDate": "2026-01-20T00:00:00-08:00",
    "toDate": "2026-01-21T00:00:00-08:00",
}
DAYS = (
    {
        "userId": AVA,
        "userEmailAddress": "ava.lindqvist@example.com",
        "userDailyActivityStats": [
            {
                **QUIET_DAY,
                "callsAsHost": [CALL],
                "callsAttended": [CALL, SECOND_CALL],
                "callsCommentsReceived": [CALL],
                "othersCallsListenedTo": [SECOND_CALL],
            }
        ],
    },
    {
        "userId": NOOR,
        "userEmailAddress": "noor.haddad@example.com",
        "userDailyActivityStats": [{**QUIET_DAY, "callsAsHost": [SECOND_CALL]}],
    },
)
ANSWERED_SCORECARDS = (
    {
        "answeredScorecardId": "5635152584587401",
        "scorecardId": SCORECARD,
        "scorecardName": "Discovery call",
        "callId": CALL,
        "callStartTime": "2026-03-02T10:01:12Z",
        "reviewedUserId": AVA,
        "reviewerUserId": NOOR,
        "reviewTime": "2026-03-03T08:40:00Z",
        "visibilityType": "PUBLIC",
        "answers": [
            {
                "questionId": QUESTION,
                "questionRevisionId": REVISION,
                "isOverall": True,
                "score": 4,
                "answerText": "The next step was agreed on.",
                "notApplicable": False,
                "selectedOptions": ["1", "3"],
            }
        ],
    },
    {
        "answeredScorecardId": "5635152584587402",
        "scorecardId": SCORECARD,
        "scorecardName": "Discovery call",
        "callId": SECOND_CALL,
        "callStartTime": "2026-03-09T14:30:41Z",
        "reviewedUserId": NOOR,
        "reviewerUserId": AVA,
        "reviewTime": "2026-03-10T08:40:00Z",
        "visibilityType": "PRIVATE",
        "answers": [
            {
                "questionId": QUESTION,
                "questionRevisionId": REVISION,
                "isOverall": True,
                "score": None,
                "answerText": None,
                "notApplicable": True,
                "selectedOptions": [],
            }
        ],
    },
)
INTERACTION_STATS = (
    {
        "userId": AVA,
        "userEmailAddress": "ava.lindqvist@example.com",
        "personInteractionStats": [
            {"name": "Longest Monologue", "value": 148.4},
            {"name": "Interactivity", "value": 9.23},
            {"name": "Talk Ratio", "value": 0.41},
            {"name": "Patience", "value": 0.87},
        ],
    },
    {
        "userId": NOOR,
        "userEmailAddress": "noor.haddad@example.com",
        "personInteractionStats": [{"name": "Talk Ratio", "value": 0.55}],
    },
)
ASKED = {
    "questionId": QUESTION,
    "questionRevisionId": REVISION,
    "questionText": "Was the next step agreed on?",
    "isOverall": True,
    "updaterUserId": AVA,
    "questionType": "RANGE",
    "answerGuide": None,
    "minRange": "1",
    "maxRange": "5",
    "answerOptions": [],
    "created": MADE,
    "updated": MADE,
}
SCORECARDS = (
    {
        "scorecardId": SCORECARD,
        "scorecardName": "Discovery call",
        "workspaceId": WORKSPACE,
        "enabled": True,
        "updaterUserId": AVA,
        "created": MADE,
        "updated": MADE,
        "reviewMethod": "MANUAL",
        "questions": [ASKED],
    },
    {
        "scorecardId": "9067931441193858402",
        "scorecardName": "Demonstration",
        "workspaceId": WORKSPACE,
        "enabled": False,
        "updaterUserId": "-1",
        "created": MADE,
        "updated": MADE,
        "reviewMethod": "AUTOMATIC",
        "questions": [
            {
                **ASKED,
                "questionId": "9013292953945730402",
                "questionRevisionId": "3868116555550662302",
                "questionText": "Which products were shown?",
                "isOverall": False,
                "updaterUserId": "-1",
                "questionType": "MULTIPLE",
                "answerGuide": "Count those that were opened.",
                "minRange": None,
                "maxRange": None,
                "answerOptions": [{"id": "1", "text": "Dashboards"}, {"id": "2", "text": "Alerts"}],
            }
        ],
    },
)
TRACKERS = (
    {
        "trackerId": TRACKER,
        "trackerName": "Budget",
        "workspaceId": WORKSPACE,
        "languageKeywords": [{"language": "eng", "keywords": ["budget", "funds"], "includeRelatedForms": True}],
        "affiliation": "Anyone",
        "partOfQuestion": False,
        "saidAt": "Anytime",
        "saidAtInterval": None,
        "saidAtUnit": None,
        "saidInTopics": [],
        "filterQuery": "{}",
        "created": "2026-01-10T21:21:31.816562+02:00",
        "creatorUserId": None,
        "updated": "2026-01-10T21:21:31.816562+02:00",
        "updaterUserId": None,
    },
    {
        "trackerId": "7686842637000665902",
        "trackerName": "Competitors",
        "workspaceId": WORKSPACE,
        "languageKeywords": [],
        "affiliation": "NonCompany",
        "partOfQuestion": True,
        "saidAt": "First",
        "saidAtInterval": 10,
        "saidAtUnit": "minutes",
        "saidInTopics": ["Pricing"],
        "filterQuery": '{"type":"And","filters":[]}',
        "created": "2026-01-11T21:21:31.816562+02:00",
        "creatorUserId": AVA,
        "updated": "2026-01-12T21:21:31.816562+02:00",
        "updaterUserId": NOOR,
    },
)
FOLDERS = (
    {
        "id": FOLDER,
        "name": "Public folders",
        "parentFolderId": None,
        "createdBy": None,
        "updated": "2026-01-10T21:21:31.816562+02:00",
    },
    {
        "id": "3492543238968030402",
        "name": "Onboarding",
        "parentFolderId": FOLDER,
        "createdBy": AVA,
        "updated": "2026-01-11T21:21:31.816562+02:00",
    },
)
LIBRARY_CALLS = (
    {
        "id": "6125432389680304011",
        "title": "Example Works: discovery",
        "note": "How to open.",
        "addedBy": AVA,
        "created": "2026-03-04T09:00:00Z",
        "url": "https://app.gong.io/call?id=7782342274025937801",
        "snippet": {"fromSec": 21, "toSec": 132},
    },
    {
        "id": "6125432389680304012",
        "title": "Example Works: follow-up",
        "note": None,
        "addedBy": NOOR,
        "created": "2026-03-11T09:00:00Z",
        "url": "https://app.gong.io/call?id=7782342274025937802",
        "snippet": None,
    },
)
LOGS = (
    {
        "userId": AVA,
        "userEmailAddress": "ava.lindqvist@example.com",
        "userFullName": "Ava Lindqvist",
        "eventTime": "2026-02-12T19:55:14.638Z",
        "logRecord": {
            "auditId": "7091087552163932101",
            "tableChanges": [
                {
                    "preSnapshotTimestamp": "2026-02-12T19:55:14.571Z",
                    "postSnapshotTimestamp": "2026-02-12T19:55:14.635Z",
                    "rowChanges": [
                        {
                            "primaryKeyColumns": [{"columnName": "id", "columnValue": "8121"}],
                            "columnChanges": [
                                {"columnName": "title", "operation": "INSERT", "oldValue": None, "newValue": "Lead"}
                            ],
                        }
                    ],
                    "tableName": "settings.profile",
                }
            ],
            "customData": [{"values": ["Account Executive"], "key": "user-title"}],
            "remoteCallsAuditData": [],
            "action": None,
            "httpRequest": {
                "referrerUri": "https://app.example.com/settings",
                "clientIp": "192.0.2.5",
                "verb": "POST",
                "endpointUri": "/profile",
                "body": None,
                "parameters": [{"values": ["/company"], "key": "redirect-url"}],
            },
            "workspaceId": None,
        },
    },
    {
        "userId": NOOR,
        "userEmailAddress": "noor.haddad@example.com",
        "userFullName": "Noor Haddad",
        "eventTime": "2026-02-12T20:12:03.001Z",
        "logRecord": {
            "auditId": "7091087552163932102",
            "tableChanges": [],
            "customData": [],
            "remoteCallsAuditData": [],
            "action": "LOGIN",
            "httpRequest": {
                "referrerUri": "https://app.example.com/",
                "clientIp": "192.0.2.6",
                "verb": "GET",
                "endpointUri": "/home",
                "body": None,
                "parameters": [],
            },
            "workspaceId": WORKSPACE,
        },
    },
)

IN_TIME = {
    "query.fromDateTime": Where("started", "ge", "time"),
    "query.toDateTime": Where("started", "lt", "time"),
}
OF_CALLS = {
    "body.filter.fromDateTime": Where("metaData.started", "ge", "time"),
    "body.filter.toDateTime": Where("metaData.started", "lt", "time"),
    "body.filter.workspaceId": Where("metaData.workspaceId"),
    "body.filter.callIds": Where("metaData.id", "in", "list"),
    "body.filter.primaryUserIds": Where("metaData.primaryUserId", "in", "list"),
}
OF_USERS = {"body.filter.userIds": Where("userId", "in", "list")}
PERIOD = {"filter": {"fromDate": "2026-01-01", "toDate": "2026-03-31"}}
PERIOD_ANSWERED = {
    **ENVELOPE,
    "timeZone": "US/Pacific",
    "fromDateTime": "2026-01-01T00:00:00-08:00",
    "toDateTime": "2026-03-31T00:00:00-07:00",
}
SELECTOR = {
    "context": "Extended",
    "contextTiming": ["Now"],
    "exposedFields": {
        "parties": True,
        "content": {
            "structure": True,
            "topics": True,
            "trackers": True,
            "trackerOccurrences": True,
            "pointsOfInterest": True,
            "brief": True,
            "outline": True,
            "highlights": True,
            "callOutcome": True,
            "keyPoints": True,
        },
        "interaction": {"speakers": True, "video": True, "personInteractionStats": True, "questions": True},
        "collaboration": {"publicComments": True},
        "media": True,
    },
}

ERROR = {"requestId": "{request_id}", "errors": ["{message}"]}
NO_CALLS = ErrorShape(404, ERROR, message="No calls found corresponding to the provided filters")

PLATFORM = Platform(
    name="gong",
    title="Gong",
    base_url="https://api.gong.io",
    aliases={"GONG_CLIENT_SECRET": "GONG_ACCESS_KEY_SECRET"},
    auth=Basic("GONG_ACCESS_KEY", "GONG_ACCESS_KEY_SECRET", where="app.gong.io/company/api", bearer=True),
    identity="account",
    request_id="x-traceid",
    endpoints=(
        Endpoint(
            "workspaces", "/v2/workspaces", records="workspaces", envelope=ENVELOPE, entity="team", examples=WORKSPACES
        ),
        Endpoint(
            "account",
            "/v2/workspaces",
            kind="identity",
            records="workspaces.0",
            envelope={**ENVELOPE, "workspaces": [{}]},
            examples=WORKSPACES[:1],
        ),
        Endpoint(
            "users",
            "/v2/users",
            records="users",
            paginator=PAGES,
            envelope=ENVELOPE,
            entity="colleague",
            attributes=USER_ATTRIBUTES,
            examples=USERS,
        ),
        Endpoint(
            "user",
            "/v2/users/{id}",
            kind="item",
            records="user",
            parents={"id": "users"},
            envelope=ENVELOPE,
            entity="colleague",
            attributes=USER_ATTRIBUTES,
            examples=USERS,
        ),
        Endpoint(
            "users_extensive",
            "/v2/users/extensive",
            method="POST",
            body={"filter": {}},
            arguments="body",
            records="users",
            paginator=POSTED_PAGES,
            query=Arguments(
                {
                    "body.filter.userIds": Where("id", "in", "list"),
                    "body.filter.createdFromDateTime": Where("created", "ge", "time"),
                    "body.filter.createdToDateTime": Where("created", "lt", "time"),
                }
            ),
            envelope=ENVELOPE,
            entity="colleague",
            attributes=USER_ATTRIBUTES,
            examples=USERS,
        ),
        Endpoint(
            "calls",
            "/v2/calls",
            records="calls",
            paginator=PAGES,
            query=Arguments({**IN_TIME, "query.workspaceId": Where("workspaceId")}),
            envelope=ENVELOPE,
            entity="call",
            attributes={"title": "title"},
            examples=CALLS,
            empty=NO_CALLS,
        ),
        Endpoint(
            "call",
            "/v2/calls/{id}",
            kind="item",
            records="call",
            parents={"id": "calls"},
            envelope=ENVELOPE,
            entity="call",
            attributes={"title": "title"},
            examples=CALLS,
            missing=ErrorShape(404, ERROR, message="Call ID was not found"),
        ),
        Endpoint(
            "calls_extensive",
            "/v2/calls/extensive",
            method="POST",
            body={"filter": {}, "contentSelector": SELECTOR},
            arguments="body",
            records="calls",
            key="metaData.id",
            paginator=POSTED_PAGES,
            query=Arguments(OF_CALLS),
            envelope=ENVELOPE,
            entity="call",
            attributes={
                "metaData.title": "title",
                "parties.0.emailAddress": "colleague.email",
                "parties.0.name": "colleague.name",
                "parties.0.title": "colleague.title",
                "parties.0.phoneNumber": "colleague.phone",
                "parties.1.emailAddress": "person.email",
                "parties.1.name": "person.name",
                "parties.1.title": "person.title",
                "parties.1.phoneNumber": "person.phone",
                "parties.1.context.0.objects.0.fields.0.value": "person.title",
                "context.0.objects.0.fields.0.value": "deal.name",
                "context.0.objects.0.fields.1.value": "deal.stage",
                "context.0.objects.0.fields.2.value": "deal.amount",
                "context.0.objects.1.fields.0.value": "company.name",
            },
            examples=CALLS_EXTENSIVE,
            empty=NO_CALLS,
        ),
        Endpoint(
            "transcripts",
            "/v2/calls/transcript",
            method="POST",
            body={"filter": {}},
            arguments="body",
            records="callTranscripts",
            key="callId",
            paginator=POSTED_PAGES,
            envelope=ENVELOPE,
            entity="call",
            examples=TRANSCRIPTS,
            empty=NO_CALLS,
        ),
        Endpoint(
            "transcript",
            "/v2/calls/transcript",
            method="POST",
            kind="item",
            body={"filter": {"callIds": [""]}},
            arguments="body",
            records="callTranscripts.0",
            key="callId",
            parents={"filter.callIds.0": "calls"},
            envelope={
                **ENVELOPE,
                "records": {"totalRecords": 1, "currentPageSize": 1, "currentPageNumber": 0},
                "callTranscripts": [{}],
            },
            entity="call",
            examples=TRANSCRIPTS,
            missing=NO_CALLS,
        ),
        Endpoint(
            "activity_aggregate",
            "/v2/stats/activity/aggregate",
            method="POST",
            body=PERIOD,
            arguments="body",
            records="usersAggregateActivityStats",
            key="userId",
            paginator=POSTED_PAGES,
            query=Arguments(OF_USERS),
            envelope=PERIOD_ANSWERED,
            entity="colleague",
            attributes={"userEmailAddress": "email"},
            examples=AGGREGATES,
        ),
        Endpoint(
            "activity_day_by_day",
            "/v2/stats/activity/day-by-day",
            method="POST",
            body=PERIOD,
            arguments="body",
            records="usersDetailedActivities",
            key="userId",
            paginator=POSTED_PAGES,
            query=Arguments(OF_USERS),
            envelope=ENVELOPE,
            entity="colleague",
            attributes={"userEmailAddress": "email"},
            examples=DAYS,
        ),
        Endpoint(
            "activity_scorecards",
            "/v2/stats/activity/scorecards",
            method="POST",
            body={"filter": {}},
            arguments="body",
            records="answeredScorecards",
            key="answeredScorecardId",
            paginator=POSTED_PAGES,
            query=Arguments(
                {
                    "body.filter.callFromDate": Where("callStartTime", "ge", "time"),
                    "body.filter.callToDate": Where("callStartTime", "lt", "time"),
                    "body.filter.reviewFromDate": Where("reviewTime", "ge", "time"),
                    "body.filter.reviewToDate": Where("reviewTime", "lt", "time"),
                    "body.filter.reviewedUserIds": Where("reviewedUserId", "in", "list"),
                    "body.filter.scorecardIds": Where("scorecardId", "in", "list"),
                }
            ),
            envelope=ENVELOPE,
            examples=ANSWERED_SCORECARDS,
        ),
        Endpoint(
            "interaction_stats",
            "/v2/stats/interaction",
            method="POST",
            body=PERIOD,
            arguments="body",
            records="peopleInteractionStats",
            key="userId",
            paginator=POSTED_PAGES,
            query=Arguments(OF_USERS),
            envelope=PERIOD_ANSWERED,
            entity="colleague",
            attributes={"userEmailAddress": "email"},
            examples=INTERACTION_STATS,
        ),
        Endpoint(
            "scorecards",
            "/v2/settings/scorecards",
            records="scorecards",
            key="scorecardId",
            query=Arguments({"query.workspaceId": Where("workspaceId")}),
            envelope=ENVELOPE,
            examples=SCORECARDS,
        ),
        Endpoint(
            "trackers",
            "/v2/settings/trackers",
            records="keywordTrackers",
            key="trackerId",
            query=Arguments({"query.workspaceId": Where("workspaceId")}),
            envelope=ENVELOPE,
            examples=TRACKERS,
        ),
        Endpoint(
            "library_folders",
            "/v2/library/folders",
            records="folders",
            paginator=PAGES,
            envelope=ENVELOPE,
            examples=FOLDERS,
        ),
        Endpoint(
            "library_calls",
            "/v2/library/folder-content",
            records="calls",
            parents={"folderId": "library_folders"},
            envelope={
                **ENVELOPE,
                "id": FOLDER,
                "name": "Public folders",
                "createdBy": None,
                "updated": "2026-01-10T21:21:31.816562+02:00",
            },
            examples=LIBRARY_CALLS,
        ),
        Endpoint(
            "logs",
            "/v2/logs",
            params={"logType": "UserActivityLog", "fromDateTime": "2026-01-01T00:00:00Z"},
            records="logEntries",
            key="logRecord.auditId",
            paginator=PAGES,
            query=Arguments(
                {
                    "query.fromDateTime": Where("eventTime", "ge", "time"),
                    "query.toDateTime": Where("eventTime", "lt", "time"),
                }
            ),
            envelope=ENVELOPE,
            attributes={"userEmailAddress": "colleague.email", "userFullName": "colleague.name"},
            examples=LOGS,
        ),
        Endpoint(
            "add_call",
            "/v2/calls",
            method="POST",
            kind="write",
            arguments="body",
            body={
                "clientUniqueId": "7JEHFRGXDDZFEW2FC4V",
                "title": "Example Works: imported",
                "actualStart": "2026-03-16T10:00:00Z",
                "duration": 125.8,
                "direction": "Inbound",
                "parties": [{"emailAddress": "sam.okafor@works.example", "name": "Sam Okafor"}],
                "primaryUser": AVA,
            },
            key="callId",
            write=Write(
                "create",
                target="calls",
                renamed={
                    "actualStart": "started",
                    "scheduledStart": "scheduled",
                    "primaryUser": "primaryUserId",
                    "disposition": "sdrDisposition",
                    "languageCode": "language",
                },
                required=("clientUniqueId", "actualStart", "parties", "direction", "primaryUser"),
                fixed={"system": "Imported", "scope": "External", "media": "Audio", "isPrivate": False},
            ),
            envelope=ENVELOPE,
            examples=({"callId": CALL},),
        ),
    ),
    errors=ErrorDialect(
        message="errors.0",
        shapes={
            ErrorKind.UNAUTHORIZED: ErrorShape(401, ERROR, message="Missing or wrong credentials"),
            ErrorKind.FORBIDDEN: ErrorShape(
                401,
                {**ERROR, "errors": ["You don't have permission to use '{message}' in your app."]},
                message="api:calls:read:basic",
            ),
            ErrorKind.NOT_FOUND: ErrorShape(404, ERROR, message="Not Found"),
            ErrorKind.BAD_REQUEST: ErrorShape(400, ERROR, message="Bad Request"),
            ErrorKind.RATE_LIMITED: ErrorShape(429, ERROR, message="Too many requests"),
            ErrorKind.SERVER_ERROR: ErrorShape(500, ERROR, message="Internal server error occurred"),
        },
        messages={"You don't have permission to use '": ErrorKind.FORBIDDEN},
        wrong_method=ErrorShape(405, ERROR, message="Method Not Allowed"),
    ),
    limits=RateDialect(limit=3, window=1.0, quotas=(Quota("daily", 10_000, 86_400.0),)),
)
