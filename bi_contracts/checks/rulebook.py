"""The business rules that ship with the package: what holds in every account of a platform, or nearly so.

What an account may well do otherwise (a credit note is a deal of a negative amount) is a warning. Where a platform
names a rule's field differently the rule has a value on no row, and says so with its own severity: it has not passed.
"""

from __future__ import annotations

from typing import Final

from ..report.events import Severity
from .rules import BusinessRule

_Row = tuple[str, str, str, Severity, str]

_GONG: Final[tuple[_Row, ...]] = (
    (
        "gong-call-has-length",
        "gong/call gong/calls",
        "row.duration > 0",
        "breaking",
        "A call that lasted no time was not held, and its statistics divide by zero.",
    ),
    (
        "gong-call-has-host",
        "gong/call gong/calls",
        "row.primaryUserId != ''",
        "breaking",
        "Every recorded call belongs to somebody of the team.",
    ),
    (
        "gong-external-call-has-outsider",
        "gong/calls_extensive",
        "row.metaData.scope != 'External' || row.parties.exists(p, p.affiliation == 'External')",
        "warning",
        "A call counts as external because somebody from outside took part.",
    ),
    (
        "gong-talk-time-within-call",
        "gong/calls_extensive",
        "!has(row.interaction) || row.interaction == null"
        " || row.interaction.speakers.all(s, s.talkTime >= 0 && s.talkTime <= row.metaData.duration)",
        "warning",
        "Nobody speaks for longer than the call lasts.",
    ),
    (
        "gong-talk-ratio-is-a-share",
        "gong/interaction_stats",
        "row.personInteractionStats.all(s, s.name != 'Talk Ratio' || (s.value >= 0.0 && s.value <= 1.0))",
        "breaking",
        "The talk ratio is the part of the call in which somebody speaks.",
    ),
    (
        "gong-score-within-scale",
        "gong/activity_scorecards",
        "row.answers.all(a, !has(a.score) || a.score == null || (a.score >= 1 && a.score <= 5))",
        "warning",
        "Questions of a scorecard are answered on a scale from 1 to 5.",
    ),
    (
        "gong-review-after-call",
        "gong/activity_scorecards",
        "time(row.reviewTime) >= time(row.callStartTime)",
        "breaking",
        "A call is reviewed after it began.",
    ),
    (
        "gong-activity-not-negative",
        "gong/activity_aggregate",
        "row.userAggregateActivityStats.all(name, row.userAggregateActivityStats[name] >= 0)",
        "breaking",
        "Activities are counted.",
    ),
)

_DEALS: Final = "hubspot/deal hubspot/deals hubspot/deals_search hubspot/deals_batch"
_CONTACTS: Final = "hubspot/contact hubspot/contacts hubspot/contacts_search hubspot/contacts_batch"
_COMPANIES: Final = "hubspot/company hubspot/companies hubspot/companies_search hubspot/companies_batch"

_HUBSPOT: Final[tuple[_Row, ...]] = (
    (
        "hubspot-amount-not-negative",
        _DEALS,
        "!has(row.properties.amount) || row.properties.amount in [null, ''] || double(row.properties.amount) >= 0.0",
        "warning",
        "A deal is worth something; credit notes are seldom kept as deals.",
    ),
    (
        "hubspot-probability-is-a-share",
        _DEALS,
        "!has(row.properties.hs_deal_stage_probability)"
        " || row.properties.hs_deal_stage_probability in [null, '']"
        " || (double(row.properties.hs_deal_stage_probability) >= 0.0"
        " && double(row.properties.hs_deal_stage_probability) <= 1.0)",
        "breaking",
        "HubSpot writes the probability of a stage as a share of 1.",
    ),
    (
        "hubspot-won-deal-is-closed",
        _DEALS,
        "!has(row.properties.hs_is_closed_won) || row.properties.hs_is_closed_won != 'true'"
        " || row.properties.hs_is_closed == 'true'",
        "breaking",
        "A deal that is won is closed.",
    ),
    (
        "hubspot-won-deal-is-certain",
        _DEALS,
        "!has(row.properties.hs_is_closed_won) || row.properties.hs_is_closed_won != 'true'"
        " || double(row.properties.hs_deal_stage_probability) == 1.0",
        "breaking",
        "A deal that is won has the probability 1.",
    ),
    (
        "hubspot-contact-email-is-one",
        _CONTACTS,
        "!has(row.properties.email) || row.properties.email in [null, ''] || isEmail(row.properties.email)",
        "breaking",
        "Mail goes to this address, and other platforms are joined by it.",
    ),
    (
        "hubspot-contact-can-be-reached",
        _CONTACTS,
        "(has(row.properties.email) && !(row.properties.email in [null, '']))"
        " || (has(row.properties.phone) && !(row.properties.phone in [null, '']))",
        "info",
        "A contact without address and number cannot be qualified.",
    ),
    (
        "hubspot-domain-is-no-url",
        _COMPANIES,
        "!has(row.properties.domain) || row.properties.domain == null || !row.properties.domain.contains('/')",
        "warning",
        "Companies are matched by their domain: it has no scheme and no path.",
    ),
    (
        "hubspot-employees-not-negative",
        _COMPANIES,
        "!has(row.properties.numberofemployees) || row.properties.numberofemployees in [null, '']"
        " || double(row.properties.numberofemployees) >= 0.0",
        "warning",
        "People are counted.",
    ),
)

_SALESFORCE: Final[tuple[_Row, ...]] = (
    (
        "salesforce-amount-not-negative",
        "salesforce/opportunity salesforce/opportunities",
        "row.Amount == null || row.Amount >= 0.0",
        "warning",
        "An opportunity is worth something; credit notes are seldom kept as opportunities.",
    ),
    (
        "salesforce-probability-is-a-percentage",
        "salesforce/opportunity salesforce/opportunities",
        "row.Probability == null || (row.Probability >= 0.0 && row.Probability <= 100.0)",
        "breaking",
        "Salesforce writes the probability in percent.",
    ),
    (
        "salesforce-won-is-closed",
        "salesforce/opportunity salesforce/opportunities",
        "!row.IsWon || row.IsClosed",
        "breaking",
        "An opportunity that is won is closed.",
    ),
    (
        "salesforce-won-is-certain",
        "salesforce/opportunity salesforce/opportunities",
        "!row.IsWon || row.Probability == 100.0",
        "warning",
        "An opportunity that is won has the probability 100, unless somebody wrote over it.",
    ),
    (
        "salesforce-closed-case-has-date",
        "salesforce/case salesforce/cases",
        "row.IsClosed == (row.ClosedDate != null)",
        "breaking",
        "A case has a closing date if, and only if, it is closed.",
    ),
    (
        "salesforce-completed-task-is-closed",
        "salesforce/task salesforce/tasks",
        "row.Status != 'Completed' || row.IsClosed",
        "breaking",
        "A task that is completed is closed.",
    ),
    (
        "salesforce-lead-email-is-one",
        "salesforce/lead salesforce/leads",
        "row.Email == null || isEmail(row.Email)",
        "breaking",
        "Mail goes to this address, and other platforms are joined by it.",
    ),
)

_ASANA: Final[tuple[_Row, ...]] = (
    (
        "asana-completed-has-date",
        "asana/task asana/tasks asana/subtasks asana/project asana/projects",
        "!has(row.completed) || !has(row.completed_at) || row.completed == (row.completed_at != null)",
        "breaking",
        "What is completed says when, and nothing else does.",
    ),
    (
        "asana-task-not-its-own-parent",
        "asana/task asana/tasks asana/subtasks",
        "!has(row.parent) || row.parent == null || row.parent.gid != row.gid",
        "breaking",
        "A task under itself is never shown.",
    ),
    (
        "asana-subtasks-counted",
        "asana/task asana/tasks",
        "!has(row.num_subtasks) || row.num_subtasks >= 0",
        "breaking",
        "Subtasks are counted.",
    ),
)

_LINEAR: Final[tuple[_Row, ...]] = (
    (
        "linear-completed-issue-has-date",
        "linear/issue linear/issues",
        "row.state.type != 'completed' || row.completedAt != null",
        "breaking",
        "Cycle times are computed from it.",
    ),
    (
        "linear-issue-ends-once",
        "linear/issue linear/issues linear/project linear/projects",
        "row.completedAt == null || row.canceledAt == null",
        "breaking",
        "What is completed is not cancelled.",
    ),
    (
        "linear-priority-is-known",
        "linear/issue linear/issues linear/project linear/projects",
        "row.priority >= 0 && row.priority <= 4",
        "breaking",
        "Priorities are 0 (none) to 4 (low).",
    ),
    (
        "linear-identifier-has-number",
        "linear/issue linear/issues",
        "row.identifier.endsWith('-' + string(int(row.number)))",
        "breaking",
        "An identifier is the team's key and the issue's number.",
    ),
    (
        "linear-progress-is-a-share",
        "linear/projects linear/cycles",
        "row.progress >= 0.0 && row.progress <= 1.0",
        "breaking",
        "Progress is a share of 1.",
    ),
)

_SLACK: Final[tuple[_Row, ...]] = (
    (
        "slack-replies-by-somebody",
        "slack/history slack/replies",
        "!has(row.reply_count) || !has(row.reply_users_count) || row.reply_count >= row.reply_users_count",
        "breaking",
        "Whoever replies has replied at least once.",
    ),
    (
        "slack-reactions-counted",
        "slack/history slack/replies",
        "!has(row.reactions) || row.reactions.all(r, r.count >= size(r.users))",
        "breaking",
        "A reaction counts everybody it names.",
    ),
    (
        "slack-user-email-is-one",
        "slack/user slack/users",
        "!has(row.profile.email) || row.profile.email in [null, ''] || isEmail(row.profile.email)",
        "breaking",
        "Other platforms are joined by it.",
    ),
    (
        "slack-members-counted",
        "slack/conversations",
        "!has(row.num_members) || row.num_members >= 0",
        "breaking",
        "Members are counted.",
    ),
    (
        "slack-file-has-size",
        "slack/file slack/files",
        "!has(row.size) || row.size > 0",
        "warning",
        "An empty file is a failed upload.",
    ),
)

_NOTION: Final[tuple[_Row, ...]] = (
    (
        "notion-parent-is-there",
        "notion/page notion/pages notion/rows",
        "row.parent.type in row.parent",
        "breaking",
        "A page says what kind of parent it has, and then which.",
    ),
    (
        "notion-trash-agrees",
        "notion/page notion/pages notion/rows",
        "!has(row.archived) || !has(row.in_trash) || row.archived == row.in_trash",
        "warning",
        "Both fields say whether the page is in the trash.",
    ),
    (
        "notion-user-is-what-it-says",
        "notion/users",
        "row.type in row",
        "breaking",
        "A person has `person`, a bot has `bot`.",
    ),
)

_INTERCOM: Final[tuple[_Row, ...]] = (
    (
        "intercom-contact-email-is-one",
        "intercom/contact intercom/contacts intercom/contacts_search",
        "!has(row.email) || row.email in [null, ''] || isEmail(row.email)",
        "breaking",
        "Mail goes to this address, and other platforms are joined by it.",
    ),
    (
        "intercom-closed-is-not-open",
        "intercom/conversation intercom/conversations intercom/conversations_search",
        "!(row.open && row.state == 'closed')",
        "breaking",
        "A conversation is open or closed.",
    ),
    (
        "intercom-snoozed-says-until-when",
        "intercom/conversation intercom/conversations intercom/conversations_search",
        "row.state != 'snoozed' || row.snoozed_until != null",
        "breaking",
        "Nobody would be told when to look again.",
    ),
    (
        "intercom-rating-within-scale",
        "intercom/conversation intercom/conversations intercom/conversations_search",
        "!has(row.conversation_rating) || row.conversation_rating == null || row.conversation_rating.rating == null"
        " || (row.conversation_rating.rating >= 1 && row.conversation_rating.rating <= 5)",
        "breaking",
        "Conversations are rated from 1 to 5.",
    ),
    (
        "intercom-spend-not-negative",
        "intercom/company intercom/companies intercom/companies_list intercom/companies_scroll",
        "!has(row.monthly_spend) || row.monthly_spend == null || row.monthly_spend >= 0",
        "warning",
        "Nobody is paid for being a customer.",
    ),
)

_LOOKER: Final[tuple[_Row, ...]] = (
    (
        "looker-plan-sends-something",
        "looker/scheduled_plan looker/scheduled_plans",
        "row.look_id != null || row.dashboard_id != null || row.lookml_dashboard_id != null || row.query_id != null",
        "breaking",
        "A plan sends a look, a dashboard or a query.",
    ),
    (
        "looker-plan-runs-forward",
        "looker/scheduled_plan looker/scheduled_plans",
        "row.last_run_at == null || row.next_run_at == null || time(row.next_run_at) >= time(row.last_run_at)",
        "breaking",
        "The next run comes after the last one.",
    ),
    (
        "looker-user-email-is-one",
        "looker/user looker/users looker/users_search",
        "!has(row.email) || row.email in [null, ''] || isEmail(row.email)",
        "breaking",
        "Other platforms are joined by it.",
    ),
)

RULEBOOK: Final[tuple[BusinessRule, ...]] = tuple(
    BusinessRule(id, endpoint, expression, severity, explanation)
    for id, endpoint, expression, severity, explanation in (
        *_GONG,
        *_HUBSPOT,
        *_SALESFORCE,
        *_ASANA,
        *_LINEAR,
        *_SLACK,
        *_NOTION,
        *_INTERCOM,
        *_LOOKER,
    )
)
"""Every rule that ships."""
