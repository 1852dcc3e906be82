"""Slack's ways: a code for each thing that is missing, scopes in headers, warnings, threads, messages that are written.

Source: docs.slack.dev (web-api, method pages), Slack's OpenAPI description, recorded answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import httpx

from ....dialects import ErrorKind, ErrorShape
from ....pagination import BadPage, Cursor
from ....paths import Json, dig
from ....platform import Endpoint, Platform
from ....queries import BadQuery, Query, matches
from ....slots import form_of, read_slot
from ...answer import Answer, json_answer
from ...collection import Collection
from ...refusal import Refusal
from ...routing import Match, missing
from ...rows import Rows
from ...world import World
from .bodies import later, page_problem, readable, refusal, warned, warning
from .coherence import bot_of, channel, laid_over, member, message, user_of
from .writes import Writes

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
    "bot": "users:read",
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


COHERENT: Mapping[str, str] = {
    "users": "users",
    "user": "users",
    "conversations": "conversations",
    "conversation": "conversations",
    "join": "conversations",
    "auth": "auth",
    "history": "history",
}
"""Endpoint -> the list whose rows it shows, where made-up ones are put in order."""


def _served(name: str, method: str, **more: Any) -> Endpoint:
    return Endpoint(name, f"/{method}", method="POST", other_methods=("GET",), arguments="form", **more)


class Behaviour(Writes):
    """Answers as Slack."""

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
        _served("bot", "bots.info", kind="identity"),
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
        if (
            "channel" in match.arguments
            and self.collection("conversations").position(match.arguments["channel"]) is None
        ):
            raise refusal("channel_not_found", ErrorKind.NOT_FOUND)

    # Reads

    def narrowed(self, rows: Rows, query: Query) -> Rows:
        if rows.source.endpoint.name == "conversations" and rows.source.exact is None and query.where == self.public:
            return rows  # every channel that is made up is public: a million of them need not be looked at
        return super().narrowed(rows, query)

    def record(self, endpoint: Endpoint, row: Json, position: int) -> Json:
        return super().record(endpoint, self.settled(endpoint, row, position), position)

    def settled(self, endpoint: Endpoint, row: Json, position: int) -> Json:
        if endpoint.name == "team":
            return {**row, "name": self._me()["team"]}
        if isinstance(row, Mapping) and endpoint.name in COHERENT:
            return self._coherent(endpoint.name, row, position)
        return row

    def _coherent(self, name: str, row: Mapping[str, Json], position: int) -> Json:
        """A row that was made up, put in order; what somebody wrote stays as it is."""
        home = self.collection(COHERENT[name])
        if home.exact is not None:
            return row
        match COHERENT[name]:
            case "users":
                return member(row, position)
            case "conversations" if position >= 0:
                return channel(row, position)
            case "auth":
                return {**row, "bot_id": bot_of(row["user_id"])}
            case "history":
                return self._message_at(home, row, home.position(row.get("ts")))
        return row

    def _message_at(self, home: Collection, row: Mapping[str, Json], position: int | None) -> Mapping[str, Json]:
        if position is None or position < 0:
            return row
        before = home.untouched(position) if home.touched(position) else row
        settled = _counted(message(before, self._bot_name))
        return settled if before is row else laid_over(row, before, settled)

    def answer_replies(self, request: httpx.Request, match: Match) -> Answer:
        history, position = self.found(match)
        rows = self.collection("replies").under(position, self.world.horizon(self.platform))
        if rows.source.exact is not None:
            return self.usual(request, match)
        thread = self._thread(history, position, rows)
        if match.endpoint.query is not None:
            where = match.endpoint.query.read(request).where
            thread = [thread[0], *(reply for reply in thread[1:] if matches(where, reply))]
        return self.paged(request, match.endpoint, thread)

    def _thread(self, history: Collection, position: int, rows: Rows) -> list[Json]:
        """A message and the replies to it: as many as it was made with, and those that somebody wrote."""
        first = self.settled(history.endpoint, history.row(position), position)
        begun = history.home(position)[0].untouched(position)
        reply = rows.source.makers[-1]
        authors = begun.get("reply_users") or [first.get("user")]
        parent = {"thread_ts": first["ts"], "parent_user_id": first.get("user")}
        made = [place for place in rows.positions if place >= 0][: begun.get("reply_count", 0)]
        found = [first]
        for number, place in enumerate(made):
            own = {"ts": later(first["ts"], number + 1), "user": authors[number % len(authors)]}
            found.append(message({**reply(rows.source.scope(place)), **parent, **own}, self._bot_name))
        return found + [rows.source.row(place, rows.until) for place in rows.positions if place < 0]

    def answer_bot(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        key, users = str(read_slot(request, "param.bot") or ""), self.collection("users")
        position = users.position(user_of(key)) if key.startswith("B") else None
        row = self.shown(self.platform.endpoint("user"), users, position) if position is not None else {}
        profile = row.get("profile") or {}
        if profile.get("bot_id") != key:
            raise refusal("bot_not_found", ErrorKind.NOT_FOUND)
        icons = {name: profile[name] for name in ("image_48", "image_72") if name in profile}
        bot = {
            "id": key,
            "deleted": row["deleted"],
            "name": row["real_name"],
            "updated": row["updated"],
            "app_id": profile.get("api_app_id"),
            "user_id": row["id"],
            "icons": {"image_36": profile.get("image_32"), **icons},
        }
        return json_answer(200, {"ok": True, "bot": bot})

    def answer_lookup(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        wanted = read_slot(request, "param.email")
        if wanted in (None, ""):
            raise Refusal(ErrorKind.BAD_REQUEST, "missing required field: email")
        user = self.platform.endpoint("user")
        position = self._addressed(str(wanted).casefold())
        if position is None:
            raise refusal("users_not_found", ErrorKind.NOT_FOUND)
        return self.enveloped(user, self.shown(user, self.collection("users"), position))

    def _addressed(self, email: str) -> int | None:
        """Where the user with an address stands. Those that are made up have that of their colleague, or none."""
        home, entities = self.collection("users"), self.world.entities
        places = range(home.count)
        likely = (at for at in places if home.exact is not None or entities.attribute(home.kind, at, "email") == email)
        return next((at for at in likely if str(dig(home.row(at), "profile.email")).casefold() == email), None)

    def answer_search(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        raise refusal("not_allowed_token_type", ErrorKind.FORBIDDEN)  # it is for users' tokens

    def answer_members(self, request: httpx.Request, match: Match) -> Answer:
        channels = self.collection("conversations")
        position = channels.position(match.arguments["channel"])
        count = dig(channels.row(position or 0), "num_members") or 0
        return self.paged(request, match.endpoint, self._some_users(position or 0, count))

    def answer_usergroup_users(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        groups = self.collection("usergroups")
        position = groups.position(match.arguments["usergroup"])
        if position is None:
            raise refusal("no_such_subteam", ErrorKind.NOT_FOUND)
        users = self._some_users(position, dig(groups.row(position), "user_count") or 0)
        return json_answer(200, {"ok": True, "users": users})

    def _some_users(self, start: int, count: int) -> list[Json]:
        """So many users, from somewhere in the list on."""
        home = self.collection("users")
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
        sent = {**dict(request.url.params), **form_of(request)}
        args = {name: value for name, value in sent.items() if name != "token"}
        if "error" in args:
            return json_answer(200, {"ok": False, "error": args["error"], "args": args})
        return json_answer(200, {"ok": True, "args": args} if args else {"ok": True})


def _counted(row: Json) -> Json:
    """A message whose last reply has the time that the last reply has."""
    if not isinstance(row, Mapping) or "latest_reply" not in row:
        return row
    return {**row, "latest_reply": later(row["ts"], row["reply_count"])}


def _lacking(needed: str) -> ErrorShape:
    body = {"ok": False, "error": "missing_scope", "needed": needed, "provided": GRANTED}
    return ErrorShape(200, body, code="missing_scope")
