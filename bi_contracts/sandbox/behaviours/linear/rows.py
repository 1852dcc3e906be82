"""Linear's rows: what depends on other rows is in keeping with them, and things are found by other names too."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ....paths import Json
from ....platform import Endpoint
from ...collection import Collection
from ...graphql import Graph
from .names import read_key, slug, written_key

if TYPE_CHECKING:
    from ...graphql.run import Run


NAMES_KEPT = 20_000

ISSUES = "https://linear.app/example-works/issue"
"""Below it, every issue has its page."""

STATES: Mapping[Json, str] = {
    "backlog": "Backlog",
    "unstarted": "Todo",
    "started": "In Progress",
    "completed": "Signed off",
    "canceled": "Canceled",
    "triage": "Triage",
}
"""What the states of a workflow are called, by their type."""

_KEY = re.compile(r"[A-Z]{1,7}")
_IDENTIFIER = re.compile(r"([A-Za-z]{1,7})-(\d{1,9})")


class Named(Graph):
    """Linear's rows, each with the names that it has beside its key."""

    follows: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "branchName": ("identifier", "number", "team", "title"),
        "issue": ("id",),
        "identifier": ("number", "team"),
        "isMe": ("id",),
        "name": ("type",),
        "slugId": ("id",),
        "url": ("displayName", "id", "identifier", "issue", "name", "number", "team", "title"),
    }

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.names: dict[str, str] = {}
        self._me: str | None = None

    def request_id(self, found: str) -> str:
        """The number of a request at the edge, and the place where it came in."""
        return f"{found.replace('-', '')[:16]}-ARN"

    def forget(self) -> None:
        super().forget()
        self.names.clear()
        self._me = None

    # Rows

    @property
    def me(self) -> str:
        """The identifier of whom the credential belongs to."""
        if self._me is None:
            viewer = self.collection("viewer")
            self._me = str(viewer.key(0) if viewer.exact is not None else viewer.scope(0).key)
        return self._me

    def record(self, endpoint: Endpoint, row: Json, position: int) -> Json:
        home = self.world.collection(self.platform, endpoint)
        return super().record(endpoint, self._own(home, dict(row), position), position)

    def _own(self, home: Collection, row: dict[str, Json], position: int) -> dict[str, Json]:
        """A row, or some members of it, as Linear would have it: what depends on other rows is in keeping with them."""
        if home.exact is not None and position >= 0:
            return row
        match home.endpoint.name:
            case "organization":
                row["name"] = home.endpoint.examples[0]["name"]
                row["userCount"] = len(self.collection("users").everything())
                row["createdIssueCount"] = len(self.collection("issues").everything())
            case "teams":
                row.pop("issueCount", None)
                if "key" in row and position >= 0:
                    row["key"] = self.team_key(position)
            case "users" | "viewer":
                if "isMe" in row:
                    row["isMe"] = row["id"] == self.me
                if "url" in row:
                    row["url"] = f"{row['url'].rpartition('/')[0]}/{slug(row['displayName'])}"
            case "issues":
                self._identified(row)
            case "comments":
                self._commented(row)
            case "attachments" if "issue" in row:
                row["issue"] = self._issue(row["issue"])
            case "workflow_states" if "name" in row:
                row["name"] = STATES.get(row["type"], row["name"])
            case "projects" | "initiatives":
                if "url" in row:
                    row["url"] = f"{row['url'].rpartition('/')[0]}/{slug(row['name'])}-{row['id'][-12:]}"
                if "teams" in row:
                    row["teams"] = {"nodes": [self._team(team) for team in row["teams"]["nodes"]]}
        if "slugId" in row:
            row["slugId"] = row["id"][-12:]
        if isinstance(row.get("team"), Mapping):
            row["team"] = self._team(row["team"])
        return row

    def _identified(self, row: dict[str, Json]) -> None:
        """Gives an issue its identifier, and addresses in which that and its title stand."""
        if "identifier" in row:
            row["identifier"] = f"{self._team(row['team'])['key']}-{row['number']}"
        if "url" in row:
            row["url"] = f"{ISSUES}/{row['identifier']}/{slug(row['title'])}"
        if "branchName" in row:
            who = row["branchName"].rpartition("/")[0]
            row["branchName"] = f"{who}/{row['identifier'].lower()}-{slug(row['title'])}".lstrip("/")
        if isinstance(row.get("parent"), Mapping):
            row["parent"] = self._issue(row["parent"])
        if isinstance(row.get("state"), Mapping):
            row["state"] = {**row["state"], "name": STATES.get(row["state"].get("type"), row["state"].get("name"))}

    def _commented(self, row: dict[str, Json]) -> None:
        """Gives a comment its issue, and an address on the page of that."""
        issue = row.get("issue")
        if "url" in row and isinstance(issue, Mapping):
            page = self._known(f"{issue['id']}#", self._page_of, row["url"].partition("#")[0])
            row["url"] = f"{page}#comment-{row['id'][:8]}"
        if "issue" in row:
            row["issue"] = self._issue(issue)

    def _page_of(self, name: str) -> str | None:
        """The address of an issue; the name is its key and `#`."""
        home = self.collection("issues")
        position = home.position(name[:-1])
        return None if position is None else str(self.values(home, position).get("url"))

    def _team(self, team: Mapping[str, Json]) -> dict[str, Json]:
        """A team in brief, with its key."""
        return {**team, "key": self._known(team["id"], self._key_of, team["key"])} if "key" in team else dict(team)

    def _issue(self, issue: Json) -> Json:
        """An issue in brief, with its identifier."""
        if not isinstance(issue, Mapping) or "identifier" not in issue:
            return issue
        return {**issue, "identifier": self._known(issue["id"], self._identifier_of, issue["identifier"])}

    def _known(self, key: str, find: Callable[[str], str | None], usual: str) -> str:
        """A name that was looked up; few things are referred to by many."""
        found = self.names.get(key)
        if found is None:
            if len(self.names) >= NAMES_KEPT:
                self.names.clear()
            found = self.names[key] = find(key) or usual
        return found

    def _key_of(self, team: str) -> str | None:
        position = self.collection("teams").position(team)
        return None if position is None or position < 0 else self.team_key(position)

    def _identifier_of(self, issue: str) -> str | None:
        home = self.collection("issues")
        position = home.position(issue)
        if position is None or position < 0 or home.exact is not None:
            return None
        row = home.row(position)
        return f"{self._team(row['team'])['key']}-{row['number']}"

    def team_key(self, position: int) -> str:
        """The key of a team: `ENG`, `ENH`, ..."""
        teams = self.collection("teams")
        if teams.exact is not None:
            return str(teams.row(position)["key"])
        return written_key(position)

    def named(self, run: Run, type_: str, home: Collection, key: Json) -> int | None:
        """`ENG-12` for an issue, `ENG` for a team, `me` for a user."""
        name = str(key)
        match type_:
            case "Issue" | "IssueSearchResult":
                return self._numbered(run, home, name)
            case "User" if name == "me":
                return home.position(self.me)
            case "Team" if _KEY.fullmatch(name):
                places = [read_key(name)] if home.exact is None else list(home.everything().positions)
                places = [place for place in places if 0 <= place < home.count]
                return next((place for place in places if self.team_key(place) == name), None)
        return None

    def _numbered(self, run: Run, home: Collection, name: str) -> int | None:
        found = _IDENTIFIER.fullmatch(name)
        if found is None:
            return None
        number = int(found[2])
        places = [number - 1] if home.exact is None and 0 < number <= home.count else list(range(len(home.exact or ())))
        places += [place for place in home.added(None, float("inf")) if place < 0]
        for place in places:
            node = run.node("Issue", home, place)
            if str(node.values.get("identifier")).lower() == name.lower() and place not in home.gone:
                return place
        return None
