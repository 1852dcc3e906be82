"""What follows, in a row that is made up, from its other members and from the rows that it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ....paths import Json, dig

UNSHARED: Final = ("is_ext_shared", "is_org_shared", "is_pending_ext_shared", "is_shared")
PEOPLE: Final = 6
"""Every sixth user is a bot: `users.list` has so many kinds of user."""


def bot_of(user: Json) -> str:
    """The id of the bot that a user is."""
    return f"B{str(user)[1:]}"


def user_of(bot: str) -> str:
    """The id of the user that a bot is."""
    return f"U{bot[1:]}"


def member(row: Mapping[str, Json], position: int) -> Json:
    """A user: one is the primary owner, a guest is no admin, and a bot has the name of an app."""
    found = dict(row)
    bot, profile = row.get("is_bot") is True, dict(row["profile"])
    settled = {
        "deleted": "is_admin" not in row,
        "is_owner": position == 0,
        "is_primary_owner": position == 0,
        "is_ultra_restricted": False,
        "is_restricted": row.get("is_restricted") is True and not bot and position % PEOPLE == PEOPLE - 2,
        "is_email_confirmed": not bot,
    }
    found |= {name: value for name, value in settled.items() if name in row}
    if "is_admin" in row:
        found["is_admin"] = not bot and not found["is_restricted"] and (position == 0 or row["is_admin"])
    if bot:
        number = f" {position // PEOPLE + 1}" if position >= PEOPLE else ""
        name = f"Reports{number}"
        found |= {"name": name.lower().replace(" ", "-"), "real_name": name}
        profile |= {"real_name": name, "real_name_normalized": name, "first_name": name, "last_name": ""}
        profile |= {"display_name": "", "display_name_normalized": "", "title": "", "phone": ""}
        profile["bot_id"] = bot_of(row["id"])
    return {**found, "profile": profile}


def channel(row: Mapping[str, Json], position: int) -> Json:
    """A channel that is shared with nobody; one is where everybody is."""
    settled = {"is_general": position == 0, **dict.fromkeys(UNSHARED, False)}
    return {**row, **{name: value for name, value in settled.items() if name in row}}


def message(row: Mapping[str, Json], name_of: Callable[[Json], str]) -> dict[str, Json]:
    """A message whose text is that of its blocks, by a bot that is the user who wrote it."""
    found = dict(row)
    if "bot_id" in row:
        found["bot_id"] = bot_of(row["user"])
        if isinstance(row.get("bot_profile"), Mapping):
            bot = {"id": found["bot_id"], "user_id": row["user"], "name": name_of(row["user"])}
            found["bot_profile"] = {**row["bot_profile"], **bot}
    elements = dig(row, "blocks.0.elements.0.elements")
    if elements:
        said = [_element(element, place) for place, element in enumerate(elements)]
        section = {**row["blocks"][0]["elements"][0], "elements": said}
        found["blocks"] = [{**row["blocks"][0], "elements": [section]}, *row["blocks"][1:]]
        found["text"] = "".join(map(_marked, said))
    return found


def _element(element: Mapping[str, Json], place: int) -> Mapping[str, Json]:
    match element["type"]:
        case "text" if place:
            return {**element, "text": " "}
        case "link":
            return {**element, "text": "chart"}
        case "emoji":
            return {**element, "name": "tada"}
    return element


def _marked(element: Mapping[str, Json]) -> str:
    """An element as the text of a message has it (docs.slack.dev, "Formatting message text")."""
    match element["type"]:
        case "user":
            return f"<@{element['user_id']}>"
        case "link":
            return f"<{element['url']}|{element['text']}>"
        case "emoji":
            return f":{element['name']}:"
    return str(element.get("text", ""))


def laid_over(row: Mapping[str, Json], before: Mapping[str, Json], settled: Mapping[str, Json]) -> dict[str, Json]:
    """The row as it is now, with what was settled in it before anybody wrote it."""
    return {name: settled.get(name) if value == before.get(name) else value for name, value in row.items()}
