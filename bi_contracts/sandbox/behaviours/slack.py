"""Slack's ways: a code for each thing that is missing, scopes in headers, warnings, threads, messages that are written.

Source: docs.slack.dev (web-api, method pages), Slack's OpenAPI description, recorded answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import httpx

from ...dialects import ErrorKind, ErrorShape
from ...pagination import BadPage, Cursor
from ...paths import Json, dig
from ...platform import Endpoint, Platform
from ...queries import BadQuery, Query, matches
from ...slots import form_of, read_slot
from ..answer import Answer, json_answer
from ..collection import Collection
from ..refusal import Refusal
from ..rest import Rest
from ..routing import Match, missing
from ..rows import Rows
from ..world import World
from .slack_bodies import contents, page_problem, readable, refusal, warned, warning

SCOPES: Mapping[str, str] = {
    "team": "team:read",
    "users": "users:read",
    "user": "users:read",
    "lookup": "users:read.email",
    "conversations": "channels:read,groups:read,mpim:read,im:read",
    "conversation": "channels:read,groups:read,mpim:read,im:read",
    "members": "channels:read,groups:read,mpim:read,im:read",
    "history": "channels:history,groups:history,mpim:history,im:history",
    "replies": "channels:history,groups:history,mpim:history,im:history",
    "usergroups": "usergroups:read",
    "usergroup_users": "usergroups:read",
    "files": "files:read",
    "file": "files:read",
    "reactions": "reactions:read",
    "post_message": "chat:write",
    "update_message": "chat:write",
    "delete_message": "chat:write",
    "add_reaction": "reactions:write",
    "join": "channels:join",
    "reminders": "reminders:read",
    "stars": "stars:read",
    "access_logs": "admin",
    "billable": "admin",
}
"""Endpoint -> the scopes that it takes, any one of them."""

WITHHELD = ("reminders", "stars", "access_logs", "billable")
"""Methods whose scope the sandbox's token has not."""

GRANTED = ",".join(
    dict.fromkeys(scope for name, scopes in SCOPES.items() if name not in WITHHELD for scope in scopes.split(","))
)


def _served(name: str, method: str, **more: Any) -> Endpoint:
    return Endpoint(name, f"/{method}", method="POST", other_methods=("GET",), arguments="form", **more)


class Desk(Rest):
    extra: ClassVar[tuple[Endpoint, ...]] = (
        _served("api", "api.test", kind="identity"),
        _served("lookup", "users.lookupByEmail", kind="identity", records="user", envelope={"ok": True}),
        _served(
            "members",
            "conversations.members",
            records="members",
            envelope={"ok": True},
            parents={"channel": "conversations"},
            paginator=Cursor(
                "response_metadata.next_cursor", "param.cursor", "param.limit", 100, 999, end="", tokens="bound"
            ),
        ),
        _served("usergroup_users", "usergroups.users.list", kind="identity", parents={"usergroup": "usergroups"}),
        _served("permalink", "chat.getPermalink", kind="identity", parents={"channel": "conversations"}),
        _served("reactions", "reactions.get", kind="identity", parents={"channel": "conversations"}),
        _served("search", "search.messages", kind="identity"),
        _served("reminders", "reminders.list", kind="identity"),
        _served("stars", "stars.list", kind="identity"),
        _served("access_logs", "team.accessLogs", kind="identity"),
        _served("billable", "team.billableInfo", kind="identity"),
    )
    open: ClassVar[frozenset[str]] = frozenset({"api"})

    def __init__(self, platform: Platform, world: World) -> None:
        super().__init__(platform, world)
        language = platform.endpoint("conversations").query
        usual = httpx.Request("GET", platform.base_url)
        self.public = language.read(usual).where if language is not None else None

    # Who asks, and how

    def admit(self, request: httpx.Request, accepted: str) -> None:
        sent = self.platform.auth.presented(request) or form_of(request).get("token", "")
        if not sent:
            raise refusal("not_authed", ErrorKind.UNAUTHORIZED)
        if sent != accepted:
            raise Refusal(ErrorKind.UNAUTHORIZED)
        readable(request)

    def answer(self, request: httpx.Request, match: Match) -> Answer:
        try:
            answer = self._told(request, match)
        except Refusal as found:
            shape = found.shape or self.platform.errors.shapes[found.kind]
            answer = json_answer(*shape.render(found.message))
        answer.headers += self._scopes(match.endpoint.name)
        return warned(answer, warning(request))

    def _told(self, request: httpx.Request, match: Match) -> Answer:
        name = match.endpoint.name
        if name in WITHHELD:
            raise Refusal(ErrorKind.FORBIDDEN, shape=_lacking(SCOPES[name]))
        self._named(match)
        try:
            return super().answer(request, match)
        except BadPage:
            raise refusal(page_problem(request, match.endpoint.paginator)) from None
        except BadQuery as problem:
            raise refusal(problem.code or "invalid_arguments") from None

    def _scopes(self, name: str) -> list[tuple[str, str]]:
        accepted = [("x-accepted-oauth-scopes", SCOPES[name])] if name in SCOPES else []
        return [("x-oauth-scopes", GRANTED), *accepted] if name not in self.open else []

    def _named(self, match: Match) -> None:
        """Raises `Refusal` for an argument that is absent or no text, and for a channel that is not there."""
        absent = missing(match)
        if absent and match.endpoint.name == "user":
            raise Refusal(ErrorKind.NOT_FOUND, shape=match.endpoint.missing)
        if absent and match.endpoint.name == "add_reaction" and absent[0] == "timestamp":
            raise refusal("no_item_specified")
        if absent:
            raise Refusal(ErrorKind.BAD_REQUEST, f"missing required field: {absent[0]}")
        for name, value in match.arguments.items():
            if not isinstance(value, str):
                raise Refusal(ErrorKind.BAD_REQUEST, f"must provide a string [json-pointer:/{name}]")
        if "channel" in match.arguments and self._home("conversations").position(match.arguments["channel"]) is None:
            raise refusal("channel_not_found", ErrorKind.NOT_FOUND)

    # Reads

    def narrowed(self, rows: Rows, query: Query) -> Rows:
        if rows.source.endpoint.name == "conversations" and rows.source.exact is None and query.where == self.public:
            return rows  # every channel that is made up is public: a million of them need not be looked at
        return super().narrowed(rows, query)

    def record(self, endpoint: Endpoint, row: Json, position: int) -> Json:
        history = self._home("history")
        if endpoint.name == "history" and history.exact is None and not history.touched(position):
            row = _counted(row)
        elif endpoint.name == "team":
            row = {**row, "name": self._me()["team"]}
        return super().record(endpoint, row, position)

    def answer_replies(self, request: httpx.Request, match: Match) -> Answer:
        history, position = self.found(match)
        rows = self._home("replies").under(position, self.world.horizon(self.platform))
        if rows.source.exact is not None:
            return self.usual(request, match)
        thread = self._thread(history, position, rows)
        if match.endpoint.query is not None:
            where = match.endpoint.query.read(request).where
            thread = [thread[0], *(reply for reply in thread[1:] if matches(where, reply))]
        return self.paged(request, match.endpoint, thread)

    def _thread(self, history: Collection, position: int, rows: Rows) -> list[Json]:
        """A message and the replies to it: as many as it was made with, and those that somebody wrote."""
        first = history.row(position) if history.touched(position) else _counted(history.row(position))
        begun = history.home(position)[0].untouched(position)
        reply = rows.source.makers[-1]
        authors = begun.get("reply_users") or [first.get("user")]
        parent = {"thread_ts": first["ts"], "parent_user_id": first.get("user")}
        made = [place for place in rows.positions if place >= 0][: begun.get("reply_count", 0)]
        found = [first]
        for number, place in enumerate(made):
            own = {"ts": _later(first["ts"], number + 1), "user": authors[number % len(authors)]}
            found.append({**reply(rows.source.scope(place)), **parent, **own})
        return found + [rows.source.row(place, rows.until) for place in rows.positions if place < 0]

    def answer_lookup(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        wanted = read_slot(request, "param.email")
        if wanted in (None, ""):
            raise Refusal(ErrorKind.BAD_REQUEST, "missing required field: email")
        user = self.platform.endpoint("user")
        position = self._addressed(str(wanted).casefold())
        if position is None:
            raise refusal("users_not_found", ErrorKind.NOT_FOUND)
        return self.enveloped(user, self.shown(user, self._home("users"), position))

    def _addressed(self, email: str) -> int | None:
        """Where the user with an address stands. Those that are made up have that of their colleague, or none."""
        home, entities = self._home("users"), self.world.entities
        places = range(home.count)
        likely = (at for at in places if home.exact is not None or entities.attribute(home.kind, at, "email") == email)
        return next((at for at in likely if str(dig(home.row(at), "profile.email")).casefold() == email), None)

    def answer_search(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        raise refusal("not_allowed_token_type", ErrorKind.FORBIDDEN)  # it is for users' tokens

    def answer_members(self, request: httpx.Request, match: Match) -> Answer:
        channels = self._home("conversations")
        position = channels.position(match.arguments["channel"])
        count = dig(channels.row(position or 0), "num_members") or 0
        return self.paged(request, match.endpoint, self._some_users(position or 0, count))

    def answer_usergroup_users(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        groups = self._home("usergroups")
        position = groups.position(match.arguments["usergroup"])
        if position is None:
            raise refusal("no_such_subteam", ErrorKind.NOT_FOUND)
        users = self._some_users(position, dig(groups.row(position), "user_count") or 0)
        return json_answer(200, {"ok": True, "users": users})

    def _some_users(self, start: int, count: int) -> list[Json]:
        """So many users, from somewhere in the list on."""
        home = self._home("users")
        total = home.count
        return [home.key((abs(start) + number) % total) for number in range(min(count, total))]

    def answer_permalink(self, request: httpx.Request, match: Match) -> Answer:
        channel, ts = match.arguments["channel"], read_slot(request, "param.message_ts")
        self._message(channel, ts)
        link = f"{self._me()['url']}archives/{channel}/p{ts.replace('.', '')}"
        return json_answer(200, {"ok": True, "permalink": link, "channel": channel})

    def answer_reactions(self, request: httpx.Request, match: Match) -> Answer:
        channel = match.arguments["channel"]
        home, position = self._message(channel, read_slot(request, "param.timestamp"))
        message = self.record(home.endpoint, home.row(position), position)
        return json_answer(200, {"ok": True, "type": "message", "channel": channel, "message": message})

    def answer_api(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        args = {**dict(request.url.params), **form_of(request)}
        if "error" in args:
            return json_answer(200, {"ok": False, "error": args["error"], "args": args})
        return json_answer(200, {"ok": True, "args": args} if args else {"ok": True})

    # Writes

    def answer_post_message(self, request: httpx.Request, match: Match) -> Answer:
        home = self._home("conversations")
        channel = home.position(match.arguments["channel"])
        assert channel is not None
        if home.row(channel).get("is_archived"):
            raise refusal("is_archived", ErrorKind.FORBIDDEN)
        message = {**self._signed(), **contents(request), "ts": self._stamp()}
        thread = read_slot(request, "param.thread_ts")
        if thread in (None, ""):
            self.world.create(self.platform, self.platform.endpoint("history"), message, channel)
        else:
            message = self._replied(match.arguments["channel"], str(thread), message)
        return json_answer(
            200, {"ok": True, "channel": match.arguments["channel"], "ts": message["ts"], "message": message}
        )

    def _replied(self, channel: str, thread: str, message: dict[str, Json]) -> dict[str, Json]:
        """Writes a message below another one, which counts it."""
        try:
            home, position = self._message(channel, thread)
        except Refusal:
            raise refusal("thread_not_found", ErrorKind.NOT_FOUND) from None
        first = home.row(position)
        message |= {"thread_ts": first["ts"], "parent_user_id": first.get("user")}
        users = list(dict.fromkeys([*first.get("reply_users", ()), message["user"]]))
        counted = {
            "thread_ts": first["ts"],
            "reply_count": first.get("reply_count", 0) + 1,
            "reply_users": users,
            "reply_users_count": len(users),
            "latest_reply": message["ts"],
        }
        self.world.create(self.platform, self.platform.endpoint("replies"), message, position)
        self.world.update(self.platform, home.endpoint, position, counted)
        return message

    def answer_update_message(self, request: httpx.Request, match: Match) -> Answer:
        home, position = self._own(match, "cant_update_message")
        edited = {"user": self._me()["user_id"], "ts": f"{int(self.clock())}.000000"}
        patch = {**contents(request), "edited": edited}
        self.world.update(self.platform, home.endpoint, position, patch)
        message = home.row(position)
        told = {"channel": match.arguments["channel"], "ts": message["ts"], "text": message["text"], "message": message}
        return json_answer(200, {"ok": True, **told})

    def answer_delete_message(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        home, position = self._own(match, "cant_delete_message")
        self.world.delete(self.platform, home.endpoint, position)
        return json_answer(200, {"ok": True, "channel": match.arguments["channel"], "ts": match.arguments["ts"]})

    def answer_add_reaction(self, request: httpx.Request, match: Match) -> Answer:
        name = str(read_slot(request, "param.name") or "").strip(":")
        if not re.fullmatch(r"[\w+'-]+(::skin-tone-[2-6])?", name):
            raise refusal("invalid_name")
        home, position = self._message(match.arguments["channel"], match.arguments["timestamp"])
        me = self._me()["user_id"]
        known = [dict(found) for found in home.row(position).get("reactions", ())]
        mine = next((found for found in known if found["name"] == name), None)
        if mine is None:
            known.append({"name": name, "users": [me], "count": 1})
        elif me in mine["users"]:
            raise refusal("already_reacted")
        else:
            mine |= {"users": [*mine["users"], me], "count": mine["count"] + 1}
        self.world.update(self.platform, home.endpoint, position, {"reactions": known})
        return json_answer(200, {"ok": True})

    def answer_join(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        home, endpoint = self._home("conversations"), self.platform.endpoint("conversation")
        position = home.position(match.arguments["channel"])
        assert position is not None
        row = home.row(position)
        if row.get("is_archived"):
            raise refusal("is_archived", ErrorKind.FORBIDDEN)
        if row.get("is_member"):
            return warned(self.enveloped(endpoint, self.shown(endpoint, home, position)), "already_in_channel")
        patch = {"is_member": True, "num_members": row.get("num_members", 0) + 1}
        self.world.update(self.platform, home.endpoint, position, patch)
        return self.enveloped(endpoint, self.shown(endpoint, home, position))

    # What the writes need

    def _home(self, name: str) -> Collection:
        return self.world.collection(self.platform, self.platform.endpoint(name))

    def _me(self) -> dict[str, Any]:
        return dict(self._home("auth").row(0))

    def _signed(self) -> dict[str, Json]:
        """What says in a message that this app wrote it."""
        example = self.platform.endpoint("post_message").examples[0]["message"]
        me = self._me()
        profile = {
            **example["bot_profile"],
            "id": me["bot_id"],
            "user_id": me["user_id"],
            "team_id": me["team_id"],
            "name": me["user"],
        }
        who = {"user": me["user_id"], "team": me["team_id"], "bot_id": me["bot_id"]}
        return {"type": "message", **who, "app_id": example["app_id"], "bot_profile": profile}

    def _stamp(self) -> str:
        """The time of a new message. No two have the same."""
        micros = int(self.clock() * 1_000_000)
        while self._home("history").position(stamp := _written(micros)) is not None or self._reply(stamp) is not None:
            micros += 1
        return stamp

    def _reply(self, ts: str) -> int | None:
        """A reply that somebody wrote."""
        found = self._home("replies").position(ts)
        return found if found is not None and found < 0 else None

    def _message(self, channel: str, ts: Json) -> tuple[Collection, int]:
        """The message of a channel at a time. Raises `Refusal`."""
        if not isinstance(ts, str) or not re.fullmatch(r"\d{10}\.\d{6}", ts):
            raise refusal("bad_timestamp" if ts not in (None, "") else "no_item_specified")
        position = self._home("history").position(ts)
        if position is not None and self._stands(self._home("history"), position, channel):
            return self._home("history"), position
        position = self._reply(ts)
        if position is None or not self._stands(self._home("replies"), position, channel):
            raise refusal("message_not_found", ErrorKind.NOT_FOUND)
        return self._home("replies"), position

    def _stands(self, home: Collection, position: int, channel: str) -> bool:
        if home.exact is not None:
            return True
        return home.lineage(position).get("conversations") == self._home("conversations").position(channel)

    def _own(self, match: Match, code: str) -> tuple[Collection, int]:
        """The message that is meant, where this app wrote it. Raises `Refusal`."""
        try:
            home, position = self._message(match.arguments["channel"], match.arguments["ts"])
        except Refusal:
            raise refusal("message_not_found", ErrorKind.NOT_FOUND) from None
        if home.row(position).get("user") != self._me()["user_id"]:
            raise refusal(code, ErrorKind.FORBIDDEN)
        return home, position


def _counted(row: Json) -> Json:
    """A message whose last reply has the time that the last reply has."""
    if not isinstance(row, Mapping) or "latest_reply" not in row:
        return row
    return {**row, "latest_reply": _later(row["ts"], row["reply_count"])}


def _lacking(needed: str) -> ErrorShape:
    body = {"ok": False, "error": "missing_scope", "needed": needed, "provided": GRANTED}
    return ErrorShape(200, body, code="missing_scope")


def _written(micros: int) -> str:
    return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"


def _later(ts: str, number: int) -> str:
    """The time of a reply: every one comes seven minutes and a bit after the one before."""
    return _written(int(ts.replace(".", "")) + number * 421_000_211)
