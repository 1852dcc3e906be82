"""Cost of one replayed request against the size of the cassette: our index and vcrpy's scan.

    python benchmarks/bench_matching.py

Prints microseconds a request, best of several rounds, and the ratio. Both sides are asked for what their stubs ask
for on each request: whether there is an answer, then the answer.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable

from vcr.cassette import Cassette
from vcr.matchers import body, host, method, path, port, query, scheme
from vcr.record_mode import RecordMode
from vcr.request import Request as VcrRequest

from bi_contracts.cassette.index import Index
from bi_contracts.cassette.player import Player
from bi_contracts.interaction import Interaction, Request, Response

SIZES = (10, 100, 1000, 10_000)
URL = "https://api.example.com/search"
HEADERS = {"Content-Type": "application/json"}


def body_of(number: int) -> bytes:
    return json.dumps({"query": {"field": "updated_at", "value": number}, "pagination": {"per_page": 50}}).encode()


def ours(size: int) -> Callable[[int], object]:
    recorded = (
        Interaction("x/y", Request("POST", URL, tuple(HEADERS.items()), body_of(number)), Response(200))
        for number in range(size)
    )
    player = Player(Index(recorded), name="bench")

    def ask(number: int) -> object:
        request = VcrRequest("POST", URL, body_of(number), HEADERS)
        assert player.can_play(request)
        return player.play(request)

    return ask


def vcrpys(size: int) -> Callable[[int], object]:
    cassette = Cassette(
        "bench", record_mode=RecordMode.NONE, match_on=(method, scheme, host, port, path, query, body),
        allow_playback_repeats=True,
    )  # fmt: skip
    answer = {"status": {"code": 200, "message": ""}, "headers": {}, "body": {"string": b""}}
    cassette.data = [(VcrRequest("POST", URL, body_of(number), HEADERS), answer) for number in range(size)]
    cassette.rewound = True

    def ask(number: int) -> object:
        request = VcrRequest("POST", URL, body_of(number), HEADERS)
        assert cassette.can_play_response_for(request)
        return cassette.play_response(request)

    return ask


def microseconds(ask: Callable[[int], object], size: int, requests: int, rounds: int = 5) -> float:
    """The best round's mean time of a request, for requests spread evenly over the cassette."""
    places = random.Random(1).choices(range(size), k=requests)
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        for place in places:
            ask(place)
        best = min(best, time.perf_counter() - started)
    return best / requests * 1e6


def main() -> None:
    print(f"{'interactions':>12} {'index, µs':>12} {'vcrpy, µs':>12} {'ratio':>8}")
    for size in SIZES:
        index = microseconds(ours(size), size, 300)
        scan = microseconds(vcrpys(size), size, max(3, 20_000 // size // 10), rounds=3)
        print(f"{size:>12} {index:>12.1f} {scan:>12.1f} {scan / index:>7.1f}x")


if __name__ == "__main__":
    main()
