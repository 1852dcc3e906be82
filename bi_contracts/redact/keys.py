"""What the name of a field, parameter or header says about its value."""

from __future__ import annotations

import re
from enum import IntEnum, auto
from functools import lru_cache


class Kind(IntEnum):
    """The kind of value a name announces. Integers, because they are hashed once for every string redacted."""

    PLAIN = auto()
    SECRET = auto()
    PHONE = auto()
    NAME = auto()
    IP = auto()
    TEXT = auto()


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_WORD = re.compile(r"[^A-Za-z0-9]+")
_LONGEST_NAME = 200

_SECRET = words(
    """
    token accesstoken refreshtoken idtoken authtoken apitoken apptoken bottoken usertoken bearertoken sessiontoken
    verificationtoken csrftoken xsrftoken authenticitytoken securitytoken oauthtoken botaccesstoken csrf xsrf jwt
    apikey xapikey hapikey apisecret secretkey accesskey accesskeyid secretaccesskey awsaccesskeyid privatekey
    signingkey encryptionkey sessionkey clientsecret appsecret signingsecret webhooksecret secret secrets
    password passwd pwd pass passphrase passcode userpassword newpassword oldpassword currentpassword
    passwordhash passwordconfirmation passworddigest passwordsalt
    authorization proxyauthorization xauthorization credential credentials cookie cookies setcookie
    sessionid sessioncookie jsessionid phpsessid signature sig hmac otp totp mfacode codeverifier
    assertion clientassertion samlresponse samlassertion connectionstring serviceaccountkey webhookurl
    passwords accesstokens refreshtokens apitokens authtokens bearertokens apikeys accesskeys privatekeys clientsecrets
    """
)
_SECRET_ENDINGS = (
    "_secret", "_password", "_passwd", "_passphrase", "_api_key", "_apikey", "_access_key", "_private_key",
    "_secret_key", "_auth_key", "_signing_key", "_credential", "_credentials", "_signature", "_cookie", "_jwt",
    "_session_id", "_webhook_url", "_signature_256",
)  # fmt: skip
_PAGING = words(
    "page paging pagination next prev previous cursor continuation offset after before sync resume start skip"
)
"""Words that make `..._token` a place in a list rather than a credential."""

_EXCHANGE = frozenset({"code", "assertion", "device_code", "auth_code", "authorization_code"})
"""Names that carry a credential in a query or a token request, and an ordinary value elsewhere (error codes)."""

_AUTH_HEADER = re.compile(r"(?:^|_)auth(?:_|$)|(?:^|_)(?:subscription|functions|user|account)_key$")
"""Names that are credentials in a header, and often something else in a body: `X-Vendor-Auth`."""

_PHONE_ENDINGS = ("phone", "phones", "phonenumber", "telephone", "mobile", "mobilenumber", "fax", "msisdn", "cellphone")
_NAME = words(
    """
    firstname lastname middlename fullname displayname realname givenname familyname nickname surname username
    preferredname maidenname realnamenormalized displaynamenormalized contactname ownername authorname sendername
    customername employeename personname participantname speakername
    """
)
_IP = words(
    """
    ip ipaddress ipaddr ipv4 ipv6 clientip remoteip remoteaddr sourceip lastip lastloginip currentsigninip
    xforwardedfor xrealip xclientip cfconnectingip trueclientip
    """
)
_TEXT = words(
    """
    text plaintext body bodyplain bodytext bodyhtml htmlbody textbody renderedbody strippedtext quotedtext
    note notes htmlnotes subject content html htmltext markdown description htmldescription message comment
    summary title snippet preview previewtext excerpt blurb transcript caption fallback pretext
    """
)
_TEXT_ENDINGS = ("_body", "_text", "_html", "_subject", "_notes", "_comment", "_message", "_transcript")
_EXPLAINING = frozenset({"error", "errors", "warning", "warnings", "status", "response"})
"""Words that make a text part of the protocol (`error_message`) rather than something a person wrote."""

PERSON_PARENTS = words(
    """
    user users person assignee assignees creator owner author createdby updatedby completedby lasteditedby
    assignedto follower followers member members participant participants contact contacts admin admins reporter
    requester sender recipient recipients customer lead leads teammate teammates attendee attendees organizer
    subscriber subscribers likes
    """
)
PERSON_TYPES = frozenset({"user", "person", "contact", "lead", "admin", "visitor", "member"})
PERSON_MARKS = frozenset({"email", "email_address", "phone", "firstname", "first_name", "real_name", "lastName"})
TYPE_KEYS = ("type", "object", "resource_type", "resourceType", "__typename")
PROTOCOL_MARKS = frozenset({"code", "status", "statusCode", "error_code", "errorCode", "help", "extensions", "error"})


@lru_cache(maxsize=4096)
def words_of(name: str) -> str:
    """A name in lower case with its words joined by `_`: `X-Api-Key` and `xApiKey` give `x_api_key`."""
    humps = _HUMP.sub("_", name[:_LONGEST_NAME])
    return _NOT_WORD.sub("_", humps).strip("_").lower()


@lru_cache(maxsize=4096)
def kind_of(name: str) -> Kind:
    """The kind of value that `name` announces, by exact names first and endings second."""
    joined = words_of(name)
    flat = joined.replace("_", "")
    if _is_secret(joined, flat):
        return Kind.SECRET
    if flat in _IP or joined.endswith(("_ip", "_ip_address")):
        return Kind.IP
    if flat.endswith(_PHONE_ENDINGS):
        return Kind.PHONE
    if flat in _NAME or joined.endswith(("_first_name", "_last_name", "_full_name", "_display_name", "_real_name")):
        return Kind.NAME
    return Kind.TEXT if _is_text(joined, flat) else Kind.PLAIN


def _is_secret(name: str, flat: str) -> bool:
    if flat in _SECRET or name.endswith(_SECRET_ENDINGS):
        return True
    return name.endswith("_token") and _PAGING.isdisjoint(name.split("_"))


def _is_text(name: str, flat: str) -> bool:
    if flat in _TEXT:
        return True
    return name.endswith(_TEXT_ENDINGS) and _EXPLAINING.isdisjoint(name.split("_"))


@lru_cache(maxsize=1024)
def kind_of_exchange(name: str) -> Kind:
    """Like `kind_of`, for a query or a token request (RFC 6749 section 4.1.3), where `code` is a credential."""
    return Kind.SECRET if words_of(name) in _EXCHANGE else kind_of(name)


@lru_cache(maxsize=1024)
def kind_of_header(name: str) -> Kind:
    """Like `kind_of`, for a header, where `auth` is a credential and no text stands."""
    kind = Kind.SECRET if _AUTH_HEADER.search(words_of(name)) else kind_of(name)
    return Kind.PLAIN if kind is Kind.TEXT else kind


@lru_cache(maxsize=1024)
def names_people(name: str) -> bool:
    """Whether objects under this name are people (`assignee`, `followers`)."""
    return words_of(name).replace("_", "") in PERSON_PARENTS
