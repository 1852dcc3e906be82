"""python-intercom lists, pages, gets and fails as its documentation says."""

from __future__ import annotations

import asyncio
import json
import os
import urllib.request

import pytest
from intercom import AsyncIntercom, Intercom, SingleFilterSearchRequest, StartingAfterPaging
from intercom.core.api_error import ApiError
from intercom.errors.bad_request_error import BadRequestError
from intercom.errors.not_found_error import NotFoundError
from intercom.errors.unauthorized_error import UnauthorizedError

pytestmark = pytest.mark.bi_cassette("cassettes")

SANDBOX = os.environ["SANDBOX_URL"]
BASE = f"{SANDBOX}/intercom"
TOKEN = os.environ["INTERCOM_ACCESS_TOKEN"]
ROWS = int(os.environ["SANDBOX_ROWS"])


@pytest.fixture
def client():
    return Intercom(token=TOKEN, base_url=BASE)


def test_authenticates(client):
    """`me` is the admin of the token."""
    assert client.admins.identify().type == "admin"


def test_lists_to_the_end(client):
    """The SDK's pager follows `pages.next.starting_after`."""
    pages = list(client.contacts.list(per_page=3).iter_pages())
    assert [len(page.items) for page in pages] == [3, 3, ROWS - 6]
    assert len({contact.id for page in pages for contact in page.items}) == ROWS


def test_lists_by_page_number(client):
    """Companies are listed by POST and counted in pages."""
    companies = list(client.companies.list(per_page=3))
    assert len({company.id for company in companies}) == ROWS


def test_scrolls_to_the_end(client):
    """A scroll hands out one token for the whole read and ends with an empty page."""
    companies = list(client.companies.scroll())
    assert len({company.id for company in companies}) == ROWS


def test_searches_by_post(client):
    """Search is a POST whose cursor travels in the body.

    Passed on by hand: the pager of the SDK (5.0.1) sends its first request again and again.
    """
    query = SingleFilterSearchRequest(field="created_at", operator=">", value="0")
    found, after, pages = [], None, 0
    while pages == 0 or after:
        page = client.contacts.search(query=query, pagination=StartingAfterPaging(per_page=3, starting_after=after))
        found += [contact.id for contact in page.items]
        after = page.response.pages.next.starting_after if page.response.pages.next else None
        pages += 1
    assert pages == 3
    assert len(set(found)) == ROWS


def test_searches_what_was_updated_since(client):
    """Conversations updated after a moment, the oldest first: what a later read continues from."""

    def found(since):
        body = {
            "query": {"operator": "AND", "value": [{"field": "updated_at", "operator": ">", "value": since}]},
            "sort": {"field": "updated_at", "order": "ascending"},
        }
        options = {"additional_body_parameters": body}
        query = SingleFilterSearchRequest(field="updated_at", operator=">", value=str(since))
        page = client.conversations.search(
            query=query, pagination=StartingAfterPaging(per_page=50), request_options=options
        )
        return [(item.updated_at, item.id) for item in page.items]

    everything = found(0)
    assert len(everything) == ROWS
    assert [time for time, _ in everything] == sorted(time for time, _ in everything)
    middle = everything[ROWS // 2][0]
    assert found(middle) == [one for one in everything if one[0] > middle]


def test_searches_tickets(client):
    """Tickets are read by search alone."""
    query = SingleFilterSearchRequest(field="category", operator="=", value="Customer")
    found = client.tickets.search(query=query, pagination=StartingAfterPaging(per_page=50)).items
    assert 0 < len(found) < ROWS
    assert {ticket.category for ticket in found} == {"Customer"}
    assert client.tickets.get(found[0].id).ticket_type.type == "ticket_type"


def test_lists_what_comes_whole(client):
    """Admins, teams, segments, attributes and types of tickets are not paged."""
    assert len(client.admins.list().admins) == ROWS
    assert len(client.teams.list().teams) == ROWS
    assert len(client.segments.list().segments) == ROWS
    assert {one.model for one in client.data_attributes.list(model="company").data} == {"company"}
    assert len(client.ticket_types.list().data) == ROWS


def test_writes_contacts(client):
    """A contact that was created is found, and can be changed; the same address again is a conflict."""
    count = client.contacts.list(per_page=1).response.total_count
    contact = client.contacts.create(request={"external_id": f"made-{count}", "role": "user", "name": "Zed"})
    assert client.contacts.update(contact.id, custom_attributes={"plan": "team"}).custom_attributes["plan"] == "team"
    query = SingleFilterSearchRequest(field="external_id", operator="=", value=f"made-{count}")
    assert [one.custom_attributes["plan"] for one in client.contacts.search(query=query).items] == ["team"]
    with pytest.raises(ApiError) as raised:
        client.contacts.create(request={"external_id": f"made-{count}", "role": "user"})
    assert raised.value.status_code == 409
    assert raised.value.body["errors"][0]["code"] == "conflict"
    assert client.contacts.delete(contact.id).deleted is True


def test_tags_a_conversation_and_replies(client):
    """A tag is found by search, a reply stands at the end of the conversation's parts."""
    conversation = client.conversations.list(per_page=1).items[0]
    admin = client.admins.list().admins[0]
    tag = client.tags.create(request={"name": "vip"})
    tagged = client.tags.tag_conversation(conversation.id, tag_id=tag.id, admin_id=admin.id)
    assert tagged.name == "vip"
    query = SingleFilterSearchRequest(field="tag_ids", operator="=", value=tag.id)
    assert [one.id for one in client.conversations.search(query=query).items] == [conversation.id]
    before = client.conversations.find(conversation.id).conversation_parts.total_count
    reply = {"message_type": "comment", "type": "admin", "admin_id": admin.id, "body": "Looking."}
    answer = client.conversations.reply(conversation.id, request=reply)
    assert answer.conversation_parts.total_count == before + 1
    assert answer.conversation_parts.conversation_parts[-1].author.id == admin.id


def test_meets_a_version_that_is_not_there():
    """An unknown Intercom-Version is HTTP 400, an ApiError."""
    with pytest.raises(ApiError) as raised:
        Intercom(token=TOKEN, base_url=BASE, headers={"Intercom-Version": "9.9"}).contacts.list()
    assert raised.value.status_code == 400
    assert raised.value.body["errors"][0]["code"] == "intercom_version_invalid"


def test_meets_a_search_that_makes_no_sense(client):
    """An unknown field is HTTP 400, an ApiError."""
    query = SingleFilterSearchRequest(field="nonsense", operator="=", value="x")
    with pytest.raises(ApiError) as raised:
        client.contacts.search(query=query)
    assert raised.value.status_code == 400
    assert raised.value.body["errors"][0]["code"] == "parameter_invalid"


def test_meets_a_tag_that_makes_no_sense(client):
    """A tag without a name is HTTP 400, BadRequestError."""
    with pytest.raises(BadRequestError) as raised:
        client.tags.create(request={"name": ""})
    assert raised.value.body["errors"][0]["code"] == "parameter_invalid"


def test_gets_by_id(client):
    """A contact and a conversation of the lists can be asked for alone."""
    contact = client.contacts.list(per_page=1).items[0]
    assert client.contacts.find(contact.id).id == contact.id
    conversation = client.conversations.list(per_page=1).items[0]
    assert client.conversations.find(conversation.id).id == conversation.id


def test_meets_a_refused_token():
    """A wrong token is HTTP 401, UnauthorizedError."""
    with pytest.raises(UnauthorizedError) as raised:
        Intercom(token="wrong", base_url=BASE).contacts.list()
    assert raised.value.status_code == 401
    assert raised.value.body.errors[0].code == "unauthorized"


def test_meets_what_is_not_there(client):
    """An unknown company is HTTP 404, NotFoundError."""
    with pytest.raises(NotFoundError) as raised:
        client.companies.find("nobody")
    assert raised.value.status_code == 404


def test_meets_a_rate_limit():
    """A rate limit is HTTP 429, an ApiError; Intercom says in X-RateLimit-Reset when to come back."""
    client = Intercom(token=TOKEN, base_url=BASE, headers={"x-bi-fault": "rate-limit"})
    with pytest.raises(ApiError) as raised:
        client.contacts.list(request_options={"max_retries": 0})
    assert raised.value.status_code == 429
    assert raised.value.body["errors"][0]["code"] == "rate_limit_exceeded"
    assert raised.value.headers["x-ratelimit-remaining"] == "0"


def test_comes_back_after_a_rate_limit(client):
    """The SDK's own retry waits and succeeds. It counts from two (5.0.1), so three allow one retry."""
    fault = {"fault": "rate-limit; retry-after=1", "platform": "intercom", "times": 1}
    json_body = {"Content-Type": "application/json"}
    admin = urllib.request.Request(f"{SANDBOX}/_sandbox/faults", json.dumps(fault).encode(), json_body)
    with urllib.request.urlopen(admin, timeout=5) as answer:
        assert answer.status == 200
    assert client.contacts.list(per_page=1, request_options={"max_retries": 3}).items


def test_reads_asynchronously():
    """The asynchronous client pages as well."""

    async def contacts():
        pager = await AsyncIntercom(token=TOKEN, base_url=BASE).contacts.list(per_page=3)
        return [contact.id async for contact in pager]

    assert len(set(asyncio.run(contacts()))) == ROWS
