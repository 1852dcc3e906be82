"""Conversations as Intercom sends them, any number of them, the same ones every time.

Words are drawn by Zipf's law out of 20,000, as they are in a language; a conversation has one to eight parts.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any

WORDS = 20_000
START = 1_700_000_000
"""When the first conversation was begun, Unix seconds."""

SYLLABLES = [first + second for first in "bdfgklmnprstvz" for second in ("a", "e", "i", "o", "u", "an", "er", "is")]


def word(rank: int) -> str:
    """The word of a rank, 0 for the commonest."""
    parts = [SYLLABLES[rank % len(SYLLABLES)]]
    while rank := rank // len(SYLLABLES):
        parts.append(SYLLABLES[(rank * 7 + 3) % len(SYLLABLES)])
    return "".join(parts)


class Data:
    """Conversations by their number, from 0 on.

    Attributes:
        step: Seconds between two conversations.
    """

    def __init__(self, seed: int = 7, step: int = 30) -> None:
        self.seed, self.step = seed, step
        self.words = [word(rank) for rank in range(WORDS)]
        self.weights = list(itertools.accumulate(1 / (rank + 1) for rank in range(WORDS)))

    def bodies(self, many: int, start: int = 0) -> Iterator[dict[str, Any]]:
        """What GET /conversations/{id} answers, the oldest first."""
        return (self.body(number) for number in range(start, start + many))

    def text(self, random: random.Random, many: int) -> str:
        return " ".join(random.choices(self.words, cum_weights=self.weights, k=many))

    def body(self, number: int) -> dict[str, Any]:
        """One of them."""
        chance = random.Random(f"{self.seed} {number}")
        at = START + number * self.step
        user = {"type": "user", "id": f"{chance.randrange(WORDS * 5):024x}", "name": "", "email": ""}
        user |= {
            "name": f"{word(int(user['id'], 16) % WORDS).title()}",
            "email": f"{user['id'][-6:]}@customers.example",
        }
        admin = {
            "type": "admin",
            "id": str(1000 + chance.randrange(20)),
            "name": "Support",
            "email": "support@example.com",
        }
        count = chance.choice((1, 2, 2, 3, 3, 4, 4, 5, 6, 8))
        times = [at]
        parts = []
        for position in range(count):
            times.append(times[-1] + chance.randint(20, 2000))
            text = self.text(chance, chance.randint(6, 60)) if position < 2 or chance.random() < 0.8 else None
            parts.append(self.part(number, position, times[-1], text, (admin, user)[position % 2]))
        return {
            "type": "conversation",
            "id": str(215_000_000_000 + number),
            "created_at": at,
            "updated_at": times[-1],
            "waiting_since": None,
            "snoozed_until": None,
            "source": {
                "type": "conversation",
                "id": str(403_000_000_000 + number),
                "delivered_as": "customer_initiated",
                "subject": "",
                "body": f"<p>{self.text(chance, chance.randint(5, 50))}</p>",
                "author": user,
                "attachments": [],
                "url": "https://app.example.com/orders",
                "redacted": False,
            },
            "contacts": {
                "type": "contact.list",
                "contacts": [{"type": "contact", "id": user["id"], "external_id": str(int(user["id"], 16))}],
            },
            "first_contact_reply": {"created_at": at, "type": "conversation", "url": "https://app.example.com/orders"},
            "admin_assignee_id": int(admin["id"]),
            "team_assignee_id": str(10 + number % 5),
            "open": number % 3 == 0,
            "state": "open" if number % 3 == 0 else "closed",
            "read": True,
            "tags": {
                "type": "tag.list",
                "tags": [{"type": "tag", "id": str(number % 40), "name": f"topic {number % 40}"}],
            },
            "priority": "not_priority",
            "sla_applied": None,
            "statistics": {
                "type": "conversation_statistics",
                "time_to_assignment": None,
                "time_to_admin_reply": times[1] - at,
                "first_contact_reply_at": at,
                "first_admin_reply_at": times[1],
                "last_contact_reply_at": times[-1],
                "count_reopens": 0,
                "count_assignments": 1,
                "count_conversation_parts": count,
            },
            "conversation_rating": None,
            "teammates": {"type": "admin.list", "teammates": [{"type": "admin", "id": admin["id"]}]},
            "title": self.text(chance, 4),
            "custom_attributes": {"Language": "en", "Plan": "team"},
            "topics": {"type": "topic.list", "topics": [], "total_count": 0},
            "ticket": None,
            "linked_objects": {"type": "list", "data": [], "total_count": 0, "has_more": False},
            "conversation_parts": {
                "type": "conversation_part.list",
                "conversation_parts": parts,
                "total_count": count,
            },
        }

    def part(self, number: int, position: int, at: int, text: str | None, author: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "conversation_part",
            "id": str(18_000_000_000 + number * 10 + position),
            "part_type": "comment" if text else "assignment",
            "body": f"<p>{text}</p>" if text else None,
            "created_at": at,
            "updated_at": at,
            "notified_at": at,
            "assigned_to": None,
            "author": author,
            "attachments": [],
            "external_id": None,
            "redacted": False,
        }


def head(body: dict[str, Any]) -> dict[str, Any]:
    """The same conversation as a row of a search."""
    return {name: value for name, value in body.items() if name != "conversation_parts"}
