"""How fast rows are checked: every data-flow check of one endpoint, beside the usual tools for parts of the same work.

    python benchmarks/bench_dataflow.py [--rows 10000] [--rounds 5] [--quick]

The rows are contacts of the sandbox, held to a contract inferred from them. Both sides take turns in every round, so
that a busy machine slows both; a figure is the median of the rounds, with least and most, and a ratio is the median of
the rounds' ratios. What the other side does is told beside it: it is always less than what the checks do.

    pip install jsonschema pandera pandas cel-python     # the other side; what is missing is left out
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from bi_contracts.checks.dataflow import Sample, Table, examine, observed
from bi_contracts.checks.rulebook import RULEBOOK
from bi_contracts.checks.rules import BusinessRule, evaluate
from bi_contracts.contract import Contract
from bi_contracts.interaction import Envelope, Source
from bi_contracts.platform import Endpoint
from bi_contracts.reading import Reader
from bi_contracts.registry import target
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace

ENDPOINT = "hubspot/contacts"
EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"

EXPRESSION = "row.properties.lifecyclestage in ['lead', 'customer'] && row.properties.email != ''"

Work = Callable[[], object]


@dataclass
class Pair:
    """The same rows, checked by us and by somebody else."""

    name: str
    ours: Work
    theirs: Work
    what: str
    seconds: list[float] = field(default_factory=list)
    others: list[float] = field(default_factory=list)

    def round(self) -> None:
        """One round of each."""
        self.seconds.append(_timed(self.ours))
        self.others.append(_timed(self.theirs))


@dataclass(frozen=True)
class Material:
    """What is checked."""

    endpoint: Endpoint
    rows: list[dict[str, Any]]
    answer: Envelope
    contract: Contract
    at: float
    baseline: dict[str, tuple[int, int]]

    def sample(self) -> Sample:
        """Rows nobody has looked at yet, with everything that is known of them."""
        return Sample(
            ENDPOINT,
            self.endpoint,
            Table(self.rows),
            self.at,
            [self.answer],
            [1],
            [0.1],
            contract=self.contract,
            baseline=self.baseline,
            source=Source.SANDBOX,
        )


def material(count: int) -> Material:
    """Rows of the sandbox, repeated with keys and addresses of their own."""

    async def read() -> tuple[tuple[Any, ...], float]:
        workspace = Workspace.discover()
        async with Reader(Upstream(workspace, "sandbox")) as reader:
            reading = await reader.read(ENDPOINT, max_pages=None)
            return reading.records, reading.at

    found, at = asyncio.run(read())
    rows = []
    for number in range(count):
        row = deepcopy(found[number % len(found)])
        row["id"] = row["properties"]["hs_object_id"] = str(10**9 + number)
        row["properties"]["email"] = f"person.{number}@works.example"
        rows.append(row)
    answer: Envelope = {"status": 200, "headers": {"content-type": "application/json"}, "body": {"results": rows}}
    endpoint = target(ENDPOINT, Workspace.discover()).endpoint
    contract = Contract.infer(ENDPOINT, [answer], source=Source.SANDBOX)
    return Material(endpoint, rows, answer, contract, at, observed(Table(rows[:1000])))


def pairs(given: Material) -> list[Pair]:
    """Every comparison whose other side is installed."""

    def everything() -> object:
        sample = given.sample()
        found = examine(sample)
        assert not found.findings, found.findings[:3]
        return evaluate([rule for rule in RULEBOOK if rule.concerns(ENDPOINT)], sample.rows, given.at)

    made = [Pair("all checks and rules", everything, lambda: _interpreted(given), "jsonschema, the contract alone")]
    if find_spec("pandera") and find_spec("pandas"):
        made.append(Pair("all checks and rules", everything, lambda: _frame(given), "pandera, six columns"))
    if find_spec("celpy"):
        few = given.rows[:500]
        rule = BusinessRule("plain", ENDPOINT, EXPRESSION)
        name = "one rule on 500 rows"
        made.append(Pair(name, lambda: evaluate([rule], few, given.at), lambda: _celpy(few), "cel-python, the same"))
    return made


def _interpreted(given: Material) -> object:
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(given.contract.schema)
    errors = list(validator.iter_errors(dict(given.answer)))
    assert not errors, errors[0].message[:200]
    return errors


def _frame(given: Material) -> object:
    import pandas
    import pandera.pandas as pandera

    frame = pandas.json_normalize(given.rows)
    made = {name: pandas.to_datetime(frame[name], format="ISO8601") for name in ("createdAt", "updatedAt")}
    schema = pandera.DataFrameSchema(
        {
            "id": pandera.Column(str, unique=True),
            "properties.email": pandera.Column(str, pandera.Check.str_matches(EMAIL), unique=True),
            "properties.lastname": pandera.Column(str),
            "properties.lifecyclestage": pandera.Column(str),
            "createdAt": pandera.Column("datetime64[ns, UTC]", coerce=True),
            "updatedAt": pandera.Column("datetime64[ns, UTC]", coerce=True),
        },
        checks=pandera.Check(lambda one: one["updatedAt"] >= one["createdAt"]),
    )
    return schema.validate(frame.assign(**made))


def _celpy(rows: Sequence[dict[str, Any]]) -> object:
    import celpy

    environment = celpy.Environment()
    program = environment.program(environment.compile(EXPRESSION))
    return [program.evaluate({"row": celpy.json_to_cel(row)}) for row in rows]


def _timed(work: Work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="few rows, one round: whether it runs at all")
    options = parser.parse_args()
    rows, rounds = (1_000, 1) if options.quick else (options.rows, options.rounds)
    given = material(rows)
    compared = pairs(given)
    for pair in compared:  # whatever is loaded or compiled once is not counted
        pair.ours()
    for _ in range(rounds):
        for pair in compared:
            pair.round()
    ours = [rows / seconds for seconds in compared[0].seconds]
    print(f"{rows} rows of {ENDPOINT}, {rounds} rounds")
    print(f"all checks and rules: {statistics.median(ours):,.0f} rows/s ({min(ours):,.0f} to {max(ours):,.0f})")
    for pair in compared:
        ratios = [other / own for own, other in zip(pair.seconds, pair.others, strict=True)]
        own, other = statistics.median(pair.seconds), statistics.median(pair.others)
        print(
            f"{pair.name}: {own:.3f} s; {pair.what}: {other:.3f} s;"
            f" ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        )


if __name__ == "__main__":
    main()
