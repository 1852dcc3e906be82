"""Who works there: owners, who are users by another id, their teams and roles.

Source: HubSpot's OpenAPI descriptions (crm/owners v3, settings/user-provisioning v3).
"""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from ....dialects import ErrorKind
from ....paths import Json
from ....platform import Endpoint
from ....slots import read_slot
from ...answer import Answer, json_answer
from ...refusal import Refusal
from ...rest import Rest
from ...routing import Match

TEAM = 8
"""Places among the users that make a team; every other one is a member."""

FIRST_TEAM = 57_469_000
ROLE = {"id": "41700301", "name": "Reporting", "requiresBillingWrite": False}


class Staff(Rest):
    """Answers about owners, users, teams and roles."""

    def answer_owner(self, request: httpx.Request, match: Match) -> Answer:
        """One owner, by the id of the owner or of the user."""
        if read_slot(request, "query.idProperty") != "userId":
            return self.usual(request, match)
        home = self.collection("owners")
        position = self.collection("users").position(match.arguments["ownerId"])
        if position is None or position >= home.count:
            raise Refusal(ErrorKind.NOT_FOUND, shape=match.endpoint.missing)
        return self.enveloped(match.endpoint, self.shown(match.endpoint, home, position))

    def answer_owners(self, request: httpx.Request, match: Match) -> Answer:
        """The owners; nobody here has left."""
        if read_slot(request, "query.archived") == "true":
            return self.paged(request, match.endpoint, [])
        return self.usual(request, match)

    def answer_user(self, request: httpx.Request, match: Match) -> Answer:
        """One user, by id or by address."""
        home, key = self.collection("users"), str(match.arguments["userId"])
        if read_slot(request, "query.idProperty") == "EMAIL":
            places = range(home.count)
            position = next((place for place in places if home.row(place).get("email") == key), None)
        else:
            position = home.position(key)
        if position is None:
            raise Refusal(ErrorKind.NOT_FOUND, shape=self.platform.endpoint("owner").missing)
        return json_answer(200, self.shown(self.platform.endpoint("users"), home, position))

    def answer_teams(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        """All teams, with the users in each."""
        users = self.collection("users")
        starts = range(0, users.count, TEAM) if users.exact is None else ()
        found = [
            {
                **self.team(start),
                "userIds": [users.key(place) for place in range(start, min(start + TEAM, users.count), 2)],
                "secondaryUserIds": [],
            }
            for start in starts
        ]
        return json_answer(200, {"results": found})

    def answer_roles(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        """All roles."""
        return json_answer(200, {"results": [ROLE]})

    def team(self, position: int) -> dict[str, Json]:
        """The team of the user who stands there."""
        number = position // TEAM
        return {"id": str(FIRST_TEAM + number), "name": self.world.entities.attribute("team", number, "name")}

    def _shown(self, endpoint: Endpoint, row: Json, position: int, fields: str) -> Json:
        """An owner is the user at the same place, and in the same team."""
        if position >= 0 and isinstance(row, Mapping) and endpoint.name in ("owner", "owners", "users"):
            home = self.collection("users" if endpoint.name == "users" else "owners")
            row = self._employed(endpoint.name, row, position) if home.exact is None else row
        return super()._shown(endpoint, row, position, fields)

    def _employed(self, name: str, row: Mapping[str, Json], position: int) -> Json:
        team = self.team(position) if position % 2 == 0 else None
        kept = {key: value for key, value in row.items() if key not in ("teams", "primaryTeamId")}
        if name == "users":
            return {**kept, **({"primaryTeamId": team["id"]} if team is not None else {})}
        user = int(self.collection("users").key(position))
        teams = {"teams": [{**team, "primary": True}]} if team is not None else {}
        return {**kept, "userId": user, "userIdIncludingInactive": user, **teams}
