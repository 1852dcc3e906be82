"""What is known of nine platforms beyond their declarations, as rows. Whoever adds a row to one adds a check."""

from __future__ import annotations

from typing import Final

from .references import NOBODY, Reference
from .times import Freshness, Planned
from .uniqueness import Unique

PLANNED: Final = (
    Planned("hubspot/task*:properties.hs_timestamp", "a task's timestamp is when it is due"),
    Planned("salesforce/*:*LastActivityDate", "an event that is planned is an activity"),
)
"""Fields whose moment may lie ahead."""

FRESHNESS: Final = (
    Freshness("gong/calls", 14),
    Freshness("hubspot/contacts", 30),
    Freshness("hubspot/deals", 30),
    Freshness("hubspot/tickets", 30),
    Freshness("salesforce/opportunities", 30),
    Freshness("salesforce/cases", 30),
    Freshness("asana/tasks", 30),
    Freshness("linear/issues", 30),
    Freshness("slack/history", 14),
    Freshness("intercom/conversations", 14),
    Freshness("notion/pages", 60),
)
"""Lists that somebody adds to nearly every day. Lists of settings grow old in peace."""

UNIQUE: Final = (
    Unique("gong/users:emailAddress", folded=True),
    Unique("hubspot/contacts:properties.email", folded=True),
    Unique("hubspot/owners:email", folded=True, severity="warning"),
    Unique("salesforce/cases:CaseNumber"),
    Unique("asana/users:email", folded=True),
    Unique("linear/issues:identifier"),
    Unique("linear/users:email", folded=True),
    Unique("slack/conversations:name", severity="warning"),
    Unique("slack/users:profile.email", folded=True, severity="warning"),
    Unique("intercom/admins:email", folded=True),
    Unique("looker/users:email", folded=True, severity="warning"),
)
"""Fields that tell rows apart as keys do."""

_GONG_USERS: Final = ("gong/users:id",)
_PEOPLE: Final = ("intercom/contacts:id", "intercom/admins:id")

REFERENCES: Final = (
    Reference("gong/calls:primaryUserId", _GONG_USERS, why="A call belongs to somebody of the team."),
    Reference("gong/calls:workspaceId", ("gong/workspaces:id",)),
    Reference("gong/calls_extensive:parties.*.userId", _GONG_USERS, why="Internal parties are users."),
    Reference("gong/transcripts:callId", ("gong/calls:id",), why="A transcript is of a call."),
    Reference("gong/activity_scorecards:callId", ("gong/calls:id",)),
    Reference("gong/activity_scorecards:scorecardId", ("gong/scorecards:scorecardId",)),
    Reference("gong/users:managerId", _GONG_USERS),
    Reference("hubspot/deals:properties.hubspot_owner_id", ("hubspot/owners:id",), why="A deal's owner is an owner."),
    Reference("hubspot/contacts:properties.hubspot_owner_id", ("hubspot/owners:id",)),
    Reference("hubspot/companies:properties.hubspot_owner_id", ("hubspot/owners:id",)),
    Reference("hubspot/contacts:properties.associatedcompanyid", ("hubspot/companies:id",)),
    Reference("hubspot/deals:associations.companies.results.*.id", ("hubspot/companies:id",)),
    Reference("hubspot/deals:associations.contacts.results.*.id", ("hubspot/contacts:id",)),
    Reference("salesforce/opportunities:AccountId", ("salesforce/accounts:Id",)),
    Reference("salesforce/opportunities:OwnerId", ("salesforce/users:Id",)),
    Reference("salesforce/contacts:AccountId", ("salesforce/accounts:Id",)),
    Reference("salesforce/cases:ContactId", ("salesforce/contacts:Id",)),
    Reference(
        "salesforce/tasks:WhoId",
        ("salesforce/contacts:Id", "salesforce/leads:Id"),
        why="A task is about a contact or a lead.",
    ),
    Reference("asana/tasks:assignee.gid", ("asana/users:gid",), why="A task is assigned to a user."),
    Reference("asana/tasks:projects.*.gid", ("asana/projects:gid",)),
    Reference("asana/tasks:parent.gid", ("asana/tasks:gid", "asana/subtasks:gid"), severity="warning"),
    Reference("linear/issues:assignee.id", ("linear/users:id",)),
    Reference("linear/issues:team.id", ("linear/teams:id",)),
    Reference("linear/issues:state.id", ("linear/workflow_states:id",)),
    Reference("linear/issues:project.id", ("linear/projects:id",)),
    Reference("linear/comments:issue.id", ("linear/issues:id",)),
    Reference("slack/history:user", ("slack/users:id",), why="Every message has an author."),
    Reference("slack/history:reactions.*.users.*", ("slack/users:id",)),
    Reference("slack/files:user", ("slack/users:id",)),
    Reference("notion/pages:parent.data_source_id", ("notion/data_sources:id", "notion/search:id")),
    Reference("notion/pages:created_by.id", ("notion/users:id",)),
    Reference(
        "intercom/conversation:conversation_parts.conversation_parts.*.author.id",
        ("intercom/admins:id",),
        {"type": "admin"},
        why="Every part of a conversation has its author.",
    ),
    Reference(
        "intercom/conversation:conversation_parts.conversation_parts.*.author.id",
        _PEOPLE[:1],
        {"type": ("user", "lead", "contact")},
        why="Every part of a conversation has its author.",
    ),
    Reference(
        "intercom/conversations:source.author.id",
        ("intercom/contacts:id",),
        {"type": ("user", "lead", "contact")},
        why="A conversation is begun by a contact.",
    ),
    Reference("intercom/conversations:admin_assignee_id", ("intercom/admins:id",), ignore=NOBODY),
    Reference("intercom/tickets_search:admin_assignee_id", ("intercom/admins:id",), ignore=NOBODY),
    Reference("intercom/tickets_search:team_assignee_id", ("intercom/teams:id",), ignore=NOBODY),
    Reference("intercom/contacts:companies.data.*.id", ("intercom/companies:id",)),
    Reference("looker/looks:user_id", ("looker/users:id",)),
    Reference("looker/looks:folder_id", ("looker/folders:id",)),
    Reference("looker/dashboards:user_id", ("looker/users:id",)),
    Reference("looker/scheduled_plans:look_id", ("looker/looks:id",)),
)
"""References inside a platform that it promises to keep."""

_CUSTOMERS: Final = ("hubspot/contacts:properties.email", "salesforce/contacts:Email", "intercom/contacts:email")


def _mail(name: str, source: str, targets: tuple[str, ...], share: float, why: str, **where: str) -> Reference:
    return Reference(source, targets, where, share, folded=True, severity="warning", name=name, why=why)


ACROSS: Final = (
    _mail(
        "gong-parties-in-hubspot",
        "gong/calls_extensive:parties.*.emailAddress",
        _CUSTOMERS[:1],
        0.5,
        "Calls are written to the contact whose address took part.",
        affiliation="External",
    ),
    _mail(
        "gong-parties-in-salesforce",
        "gong/calls_extensive:parties.*.emailAddress",
        ("salesforce/contacts:Email", "salesforce/leads:Email"),
        0.5,
        "Calls are written to the contact or lead whose address took part.",
        affiliation="External",
    ),
    _mail(
        "salesforce-contacts-in-hubspot",
        "salesforce/contacts:Email",
        _CUSTOMERS[:1],
        0.5,
        "Both keep the same customers, or a sync is broken.",
    ),
    _mail(
        "intercom-contacts-in-crm",
        "intercom/contacts:email",
        _CUSTOMERS[:2],
        0.5,
        "Whoever writes to support is in a CRM, or cannot be qualified.",
    ),
    _mail(
        "slack-users-in-hubspot-owners",
        "slack/users:profile.email",
        ("hubspot/owners:email", "gong/users:emailAddress", "salesforce/users:Email"),
        0.3,
        "Who owns deals is reached in Slack by the same address.",
    ),
    _mail(
        "gong-users-in-slack",
        "gong/users:emailAddress",
        ("slack/users:profile.email",),
        0.3,
        "A call's host is told about it in Slack.",
    ),
    _mail(
        "linear-users-in-slack",
        "linear/users:email",
        ("slack/users:profile.email", "asana/users:email"),
        0.3,
        "An assignee is told about an issue in Slack.",
    ),
    _mail(
        "salesforce-owners-in-gong",
        "salesforce/users:Email",
        ("gong/users:emailAddress",),
        0.3,
        "An opportunity's owner holds the calls about it.",
    ),
)
"""References from one platform to another. Real life keeps none of them wholly: each has the least share."""
