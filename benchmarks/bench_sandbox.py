"""How fast the sandbox answers: over HTTP beside a bare route that returns the same bytes, in process, and at scale.

    python benchmarks/bench_sandbox.py [--rounds 5] [--seconds 4] [--quick]

Over HTTP `wrk` asks (one thread, eight connections) and the server is a process of its own; sandbox and bare route take
turns in every round, so that a busy machine slows both. A figure is the median of the rounds, with least and most; a
ratio is the median of the rounds' ratios. A round counts only if every answer was a success. The bare route needs
`pip install starlette`; without it that column is empty.
"""

from __future__ import annotations

import argparse
import json
import os
import platform as machine
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx

from bi_contracts.platform import Platform
from bi_contracts.registry import platforms
from bi_contracts.sandbox import Sandbox

LISTS = ("asana/users", "hubspot/contacts", "intercom/contacts", "salesforce/accounts", "slack/users", "notion/search")
"""Asked with pages of 100 rows; those that are declared here are measured."""

ISSUES = (
    "query($first: Int, $after: String) { issues(first: $first, after: $after) { nodes {"
    " id identifier title priority estimate createdAt updatedAt url state { name } assignee { name }"
    " } pageInfo { hasNextPage endCursor } } }"
)
"""Ten fields of 50 issues. For a query that is new each time it is given another name."""

ROWS = 1000


@dataclass
class Case:
    """One request that is asked again and again; `fresh` makes each request differ from the one before."""

    name: str
    request: httpx.Request
    fresh: bool = False
    rates: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


def sandbox(rows: int = ROWS) -> Sandbox:
    return Sandbox(platforms(), rows=rows, enforce_limits=False)


def signed(box: Sandbox, found: Platform, request: httpx.Request) -> httpx.Request:
    return next(found.auth.sign(box.credentials(found.name)).sync_auth_flow(request))


def list_request(box: Sandbox, id: str, size: int) -> httpx.Request | None:
    """The first page of a list under the first row of each parent, None where it is not declared."""
    name, _, rest = id.partition("/")
    found = box.platforms.get(name)
    if found is None or rest not in [one.name for one in found.endpoints]:
        return None
    endpoint = found.endpoint(rest)
    parents = {argument: found.endpoint(parent) for argument, parent in endpoint.parents.items()}
    arguments = {argument: box.world.collection(found, parent).key(0) for argument, parent in parents.items()}
    return signed(box, found, endpoint.paginator.sized(found.request(endpoint, arguments), size))


def issues_request(box: Sandbox) -> httpx.Request:
    found = box.platforms["linear"]
    body = {"query": ISSUES, "variables": {"first": 50}}
    request = httpx.Request("POST", f"{found.base_url}/graphql", json=body, headers=found.all_headers)
    return signed(box, found, request)


def cases(box: Sandbox) -> list[Case]:
    found = [Case(f"{id}, 100 rows", request) for id in LISTS if (request := list_request(box, id, 100))]
    if "linear" in box.platforms:
        found.append(Case("linear issues, 50 x 10 fields", issues_request(box)))
        found.append(Case("linear issues, every query new", issues_request(box), fresh=True))
    return found


# Servers, each a process of its own


def serve(kind: str, folder: Path) -> None:
    """What a server process does: the sandbox, or one bare route with the bytes that the sandbox would answer."""
    from bi_contracts import serving
    from bi_contracts.sandbox.asgi import application

    app: Any
    if kind == "sandbox":
        app = application(sandbox())
    else:
        from starlette.applications import Starlette
        from starlette.requests import Request
        from starlette.responses import Response
        from starlette.routing import Route

        bodies = {path.stem: path.read_bytes() for path in folder.glob("*.json")}

        async def answer(request: Request) -> Response:
            return Response(bodies[request.path_params["number"]], media_type="application/json")

        app = Starlette(routes=[Route("/{number}", answer, methods=["GET", "POST"])])
    serving.serve(app, port=0, started=lambda url: print(url, flush=True))


@contextmanager
def server(kind: str, folder: Path) -> Any:
    """The address of a server process."""
    words = [sys.executable, __file__, "--serve", kind, "--folder", str(folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip(), process.pid
        finally:
            process.terminate()


SCRIPT = """
local number = 0
wrk.method, wrk.body = {method}, {body}
{headers}
request = function()
  number = number + 1
  if not {fresh} then return wrk.format() end
  return wrk.format(nil, nil, nil, (string.gsub(wrk.body, "query%(", "query Q" .. number .. "(")))
end
"""


def wrk(url: str, case: Case, seconds: float, folder: Path) -> float:
    """Requests a second. Ends the benchmark where an answer was no success."""
    kept = {name: value for name, value in case.request.headers.items() if name not in ("host", "content-length")}
    script = folder / "script.lua"
    script.write_text(
        SCRIPT.format(
            method=json.dumps(case.request.method),
            body=f"[==[{case.request.content.decode()}]==]" if case.request.content else "nil",
            headers="\n".join(f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in kept.items()),
            fresh=str(case.fresh).lower(),
        )
    )
    words = ["wrk", "-t1", "-c8", f"-d{seconds:g}s", "-s", str(script), url]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"{case.name}: not every answer was a success\n{said}")
    found = re.search(r"Requests/sec:\s+([0-9.]+)", said)
    assert found is not None, said
    return float(found[1])


def local(base: str, request: httpx.Request, box: Sandbox) -> str:
    """The address of a request at the served sandbox."""
    name = next(name for name, one in box.platforms.items() if str(request.url).startswith(one.base_url))
    return f"{base}/{name}{request.url.raw_path.decode()}"


def over_http(box: Sandbox, found: Sequence[Case], rounds: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, case in enumerate(found):
            answer = box.handle(case.request)
            if answer.status_code != 200:
                raise SystemExit(f"{case.name}: {answer.status_code} {answer.text[:200]}")
            (folder / f"{number}.json").write_bytes(answer.content)
        with server("sandbox", folder) as (ours, _):
            if find_spec("starlette") is None:
                return measure(box, found, ours, "", rounds, seconds, folder)
            with server("bare", folder) as (bare, _):
                return measure(box, found, ours, bare, rounds, seconds, folder)


def measure(
    box: Sandbox, found: Sequence[Case], ours: str, bare: str, rounds: int, seconds: float, folder: Path
) -> None:
    for case in found:
        wrk(local(ours, case.request, box), case, 1, folder)
    for _ in range(rounds):
        for number, case in enumerate(found):
            case.rates.append(wrk(local(ours, case.request, box), case, seconds, folder))
            if bare:
                case.bare.append(wrk(f"{bare}/{number}", case, seconds, folder))


# In process


def in_process(rounds: int, many: int) -> dict[str, list[float]]:
    box = sandbox()
    http = httpx.Client(transport=box.transport())
    found: dict[str, list[float]] = {}
    for id in LISTS:
        request = list_request(box, id, 20)
        if request is not None:
            url, headers, content = request.url, request.headers, request.content or None
            found[f"{id}, 20 rows"] = timed(
                lambda: http.request(request.method, url, headers=headers, content=content), rounds, many  # noqa: B023
            )  # fmt: skip
    return found


def timed(ask: Callable[[], httpx.Response], rounds: int, many: int) -> list[float]:
    assert ask().status_code == 200
    rates = []
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in range(many):
            ask()
        rates.append(many / (time.perf_counter() - started))
    return rates


# At scale: a process of its own for each number of rows, so that memory is what that number takes


def scale(rows: int) -> None:
    started = time.perf_counter()
    box = sandbox(rows)
    made = time.perf_counter() - started
    http = httpx.Client(transport=box.transport())
    first = list_request(box, "asana/projects", 100) or list_request(box, LISTS[0], 100)
    assert first is not None
    started = time.perf_counter()
    found = http.send(first)
    answered = time.perf_counter() - started
    before = resident()
    pages = walk(http, box, first, 500)
    print(json.dumps([made, answered, before, resident(), pages[0], pages[1], found.status_code]))


def walk(http: httpx.Client, box: Sandbox, first: httpx.Request, most: int) -> tuple[int, float]:
    """Reads page after page that nobody has read yet. Returns their number and pages a second."""
    found = next(one for one in box.platforms.values() if str(first.url).startswith(one.base_url))
    name = first.url.path.rpartition("/")[2]
    flow = found.endpoint(name).paginator.page_flow(first)
    request, count = next(flow), 0
    started = time.perf_counter()
    while count < most:
        count += 1
        try:
            request = flow.send(http.send(signed(box, found, request)))
        except StopIteration:
            break
    return count, count / (time.perf_counter() - started)


def resident() -> float:
    """Megabytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def table(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print(
            "  ".join(
                [row[0].ljust(widths[0]), *(cell.rjust(size) for cell, size in zip(row[1:], widths[1:], strict=True))]
            )
        )
    print()


def spread(rates: Sequence[float]) -> str:
    return f"{statistics.median(rates):,.0f} ({min(rates):,.0f} to {max(rates):,.0f})" if rates else "-"


def ratio(case: Case) -> str:
    found = [one / other for one, other in zip(case.rates, case.bare, strict=False)]
    return f"{statistics.median(found):.2f}" if found else "-"


def report(rounds: int, seconds: float, many: int) -> None:
    """Measures everything and prints it."""
    loop = " with uvloop" if find_spec("uvloop") else ""
    parser = " with httptools" if find_spec("httptools") else ""
    print(f"Python {machine.python_version()}, {os.cpu_count()} cores shared with wrk, uvicorn{loop}{parser}")
    print(f"load before: {os.getloadavg()[0]:.2f}\n")
    if shutil.which("wrk"):
        box = sandbox()
        found = cases(box)
        over_http(box, found, rounds, seconds)
        head: tuple[str, ...] = ("over HTTP, requests/s", "sandbox", "bare starlette route", "ratio")
        table([head, *((case.name, spread(case.rates), spread(case.bare), ratio(case)) for case in found)])
    else:
        print("wrk is not installed: nothing is measured over HTTP\n")
    told = in_process(rounds, many).items()
    table([("in process, requests/s", "httpx.Client"), *((name, spread(rates)) for name, rates in told)])
    scales = ("rows an endpoint", "start", "first page", "memory", "after reading", "pages of 100 read anew/s")
    table([scales, *(at_scale(size) for size in (120, 10_000, 1_000_000))])
    print(f"load after: {os.getloadavg()[0]:.2f}")


def at_scale(size: int) -> tuple[str, ...]:
    words = [sys.executable, __file__, "--scale", str(size)]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    made, answered, before, after, count, rate, _ = json.loads(said)
    memory = (f"{before:.0f} MB", f"{after:.0f} MB ({count} pages)")
    return f"{size:,}", f"{made * 1000:.0f} ms", f"{answered * 1000:.1f} ms", *memory, f"{rate:,.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast the sandbox answers.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--quick", action="store_true", help="one short round of everything")
    parser.add_argument("--serve", choices=["sandbox", "bare"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--scale", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.folder)
    elif given.scale is not None:
        scale(given.scale)
    elif given.quick:
        report(1, 1.0, 500)
    else:
        report(given.rounds, given.seconds, 2000)


if __name__ == "__main__":
    main()
