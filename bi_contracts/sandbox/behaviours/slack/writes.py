"""What is written to Slack, and the messages that it is written to.

Source: docs.slack.dev (chat.postMessage, chat.update, chat.delete, reactions.add, conversations.join).
"""

from __future__ import annotations

import re
from typing import Any

import httpx

from ....dialects import ErrorKind
from ....paths import Json
from ....platform import Endpoint
from ....slots import read_slot
from ...answer import Answer, json_answer
from ...collection import Collection
from ...refusal import Refusal
from ...rest import Rest
from ...routing import Match
from .bodies import contents, refusal, warned, written
from .coherence import member


class Writes(Rest):
    """Answers what is written."""

    def answer_post_message(self, request: httpx.Request, match: Match) -> Answer:
        home = self.collection("conversations")
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
        history = self.platform.endpoint("history")
        message = self.settled(history, home.row(position), position)
        shown = self.record(history, home.row(position), position)
        told = {"channel": match.arguments["channel"], "ts": message["ts"], "text": message["text"], "message": shown}
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
        home, endpoint = self.collection("conversations"), self.platform.endpoint("conversation")
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

    def _bot_name(self, user: Json) -> Json:
        """The name of the app that a user is."""
        users = self.collection("users")
        position = users.position(user)
        if position is None or users.exact is not None:
            return self._me()["user"]
        return member(users.row(position), position)["real_name"]

    def _me(self) -> dict[str, Any]:
        home = self.collection("auth")
        return dict(self.settled(home.endpoint, home.row(0), 0))

    def settled(self, endpoint: Endpoint, row: Json, position: int) -> Json:  # noqa: ARG002
        """A row as it is before the API changes: what one thing takes from another does not change with it."""
        return row

    def _signed(self) -> dict[str, Json]:
        """What says in a message that this app wrote it."""
        example = self.platform.endpoint("post_message").examples[0]["message"]
        me = self._me()
        profile = {
            **example["bot_profile"],
            "id": me["bot_id"],
            "user_id": me["user_id"],
            "team_id": me["team_id"],
            "name": self._bot_name(me["user_id"]),
        }
        who = {"user": me["user_id"], "team": me["team_id"], "bot_id": me["bot_id"]}
        return {"type": "message", **who, "app_id": example["app_id"], "bot_profile": profile}

    def _stamp(self) -> str:
        """The time of a new message. No two have the same."""
        micros = int(self.clock() * 1_000_000)
        while (
            self.collection("history").position(stamp := written(micros)) is not None or self._reply(stamp) is not None
        ):
            micros += 1
        return stamp

    def _reply(self, ts: str) -> int | None:
        """A reply that somebody wrote."""
        found = self.collection("replies").position(ts)
        return found if found is not None and found < 0 else None

    def _message(self, channel: str, ts: Json) -> tuple[Collection, int]:
        """The message of a channel at a time. Raises `Refusal`."""
        if not isinstance(ts, str) or not re.fullmatch(r"\d{10}\.\d{6}", ts):
            raise refusal("bad_timestamp" if ts not in (None, "") else "no_item_specified")
        position = self.collection("history").position(ts)
        if position is not None and self._stands(self.collection("history"), position, channel):
            return self.collection("history"), position
        position = self._reply(ts)
        if position is None or not self._stands(self.collection("replies"), position, channel):
            raise refusal("message_not_found", ErrorKind.NOT_FOUND)
        return self.collection("replies"), position

    def _stands(self, home: Collection, position: int, channel: str) -> bool:
        if home.exact is not None:
            return True
        return home.lineage(position).get("conversations") == self.collection("conversations").position(channel)

    def _own(self, match: Match, code: str) -> tuple[Collection, int]:
        """The message that is meant, where this app wrote it. Raises `Refusal`."""
        try:
            home, position = self._message(match.arguments["channel"], match.arguments["ts"])
        except Refusal:
            raise refusal("message_not_found", ErrorKind.NOT_FOUND) from None
        if home.row(position).get("user") != self._me()["user_id"]:
            raise refusal(code, ErrorKind.FORBIDDEN)
        return home, position
