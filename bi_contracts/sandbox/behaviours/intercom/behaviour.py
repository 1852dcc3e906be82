"""Answers as Intercom: which version was asked for, in which region one is."""

from __future__ import annotations

import json
from typing import ClassVar

import httpx

from ....platform import Endpoint
from ...answer import Answer, encode
from ...routing import Match
from .companies import Companies
from .contacts import Contacts
from .conversations import Conversations
from .merging import Merging
from .notes import Notes
from .versions import KNOWN, SINCE, as_of, reached

NAMES = {
    "contact_tags": "tags",
    "tag_contact": "tag",
    "untag_contact": "tag",
    "delete_contact": "contact",
    "merge_contacts": "contact",
    "company_contacts": "contacts",
    "untag_conversation": "tag_conversation",
    "delete_conversation": "conversation",
    "redact_conversation": "conversation",
    "conversations_deleted": "conversations",
}
"""Endpoint that is not declared -> the declared one that it counts as."""

REGIONS = {"api.eu.intercom.io": "EU", "api.au.intercom.io": "AU"}
STATES_SINCE = "2.12"


class Behaviour(Companies, Merging, Contacts, Conversations, Notes):
    """Answers as Intercom."""

    extra: ClassVar[tuple[Endpoint, ...]] = (
        Endpoint("contact_tags", "/contacts/{contact_id}/tags", kind="item"),
        Endpoint("tag_contact", "/contacts/{contact_id}/tags", method="POST", arguments="body", kind="item"),
        Endpoint("untag_contact", "/contacts/{contact_id}/tags/{tag_id}", method="DELETE", kind="item"),
        Endpoint("delete_contact", "/contacts/{id}", method="DELETE", kind="item"),
        Endpoint("merge_contacts", "/contacts/merge", method="POST", arguments="body", kind="item"),
        Endpoint("contact_notes", "/contacts/{contact_id}/notes", kind="item"),
        Endpoint("contact_companies", "/contacts/{contact_id}/companies", kind="item"),
        Endpoint("contact_segments", "/contacts/{contact_id}/segments", kind="item"),
        Endpoint("contact_subscriptions", "/contacts/{contact_id}/subscriptions", kind="item"),
        Endpoint("note", "/notes/{id}", kind="item"),
        Endpoint("company_contacts", "/companies/{id}/contacts", kind="item"),
        Endpoint("untag_conversation", "/conversations/{conversation_id}/tags/{tag_id}", method="DELETE", kind="item"),
        Endpoint("delete_conversation", "/conversations/{id}", method="DELETE", kind="item"),
        Endpoint("redact_conversation", "/conversations/redact", method="POST", arguments="body", kind="item"),
        Endpoint("conversations_deleted", "/conversations/deleted", kind="item"),
    )

    def name(self, request: httpx.Request, match: Match) -> str:
        name = super().name(request, match)
        return NAMES.get(name, name)

    def answer(self, request: httpx.Request, match: Match) -> Answer:
        header = self.platform.version_header
        version = request.headers.get(header) or self.platform.version
        if version not in KNOWN:
            raise self.refusal(400, "intercom_version_invalid", "The requested version could not be found")
        since = SINCE.get(match.endpoint.name)
        if since is not None and not reached(version, since):
            words = "Requested resource is not available in current API version"
            raise self.refusal(400, "intercom_version_invalid", words)
        answer = super().answer(request, match)
        if b'"type":"ticket' in answer.body and reached(version, STATES_SINCE):
            answer.body = encode(as_of(version, json.loads(answer.body)))
        if header not in request.headers:
            answer.headers.append((header.lower(), version))
        return answer

    def answer_me(self, request: httpx.Request, match: Match) -> Answer:
        answer = self.usual(request, match)
        region = REGIONS.get(httpx.URL(self.platform.base_url).host)
        if region is not None:
            body = json.loads(answer.body)
            answer.body = encode({**body, "app": {**body["app"], "region": region}})
        return answer
