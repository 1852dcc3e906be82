"""What HubSpot serves beside the declared endpoints: any object type, under both schemes of versions."""

from __future__ import annotations

from ....platform import Endpoint

_ACTIONS = (
    ("list", "GET", ""),
    ("create", "POST", ""),
    ("item", "GET", "/{objectId}"),
    ("update", "PATCH", "/{objectId}"),
    ("archive", "DELETE", "/{objectId}"),
    ("search", "POST", "/search"),
    ("batch_read", "POST", "/batch/read"),
    ("batch_create", "POST", "/batch/create"),
    ("batch_update", "POST", "/batch/update"),
    ("batch_archive", "POST", "/batch/archive"),
)
_PLACES = (("", "/crm/v3/objects/{objectType}"), ("_dated", "/crm/objects/{version}/{objectType}"))

OBJECTS = tuple(
    Endpoint(f"objects_{action}{suffix}", f"{place}{rest}", method=method, kind="write")
    for action, method, rest in _ACTIONS
    for suffix, place in _PLACES
)
ACTIONS = {f"objects_{action}{suffix}": action for action, _, _ in _ACTIONS for suffix, _ in _PLACES}
"""What the endpoints for any type do."""

# A fixed path is looked up before a pattern: what the declared lists do not take has to stand there by itself.
CREATIONS = tuple(
    Endpoint(f"create_{singular}", f"/crm/v3/objects/{plural}", method="POST", kind="write")
    for singular, plural in (("company", "companies"), ("deal", "deals"), ("ticket", "tickets"))
)
DEFINITIONS = tuple(
    Endpoint(f"{what}{item}{suffix}", f"{place}{path}", kind="write")
    for what, places in (
        ("properties", (("", "/crm/v3/properties/{objectType}"), ("_dated", "/crm/properties/{version}/{objectType}"))),
        ("pipelines", (("", "/crm/v3/pipelines/{objectType}"), ("_dated", "/crm/pipelines/{version}/{objectType}"))),
    )
    for suffix, place in places
    for item, path in (("", ""), ("_item", "/{objectId}"))
)
STAFF = (
    Endpoint("teams", "/settings/v3/users/teams", kind="write"),
    Endpoint("roles", "/settings/v3/users/roles", kind="write"),
    Endpoint("user", "/settings/v3/users/{userId}", kind="write"),
    Endpoint("schema", "/crm/v3/schemas/{objectType}", kind="write"),
)
ASSOCIATIONS = (
    Endpoint("links_v3", "/crm/v3/objects/{objectType}/{objectId}/associations/{toObjectType}", kind="write"),
    Endpoint("links", "/crm/v4/objects/{objectType}/{objectId}/associations/{toObjectType}", kind="write"),
    Endpoint("links_read", "/crm/v4/associations/{objectType}/{toObjectType}/batch/read", method="POST", kind="write"),
    Endpoint(
        "link",
        "/crm/v4/objects/{objectType}/{objectId}/associations/default/{toObjectType}/{toObjectId}",
        method="PUT",
        kind="write",
    ),
)
TOKENS = (
    Endpoint("token", "/oauth/v1/token", method="POST", kind="write"),
    Endpoint("token_details", "/oauth/v1/access-tokens/{token}", kind="write"),
)
ANY = ("POST", "PUT", "PATCH", "DELETE")
PAGES = (
    Endpoint("page_root", "/", kind="write", other_methods=ANY),
    Endpoint("page", "/{page}", kind="write", other_methods=ANY),
    Endpoint("page_below", "/{folder}/{page}", kind="write", other_methods=ANY),
)
EXTRA = (*OBJECTS, *CREATIONS, *DEFINITIONS, *STAFF, *ASSOCIATIONS, *TOKENS, *PAGES)
