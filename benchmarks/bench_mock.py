"""How fast mock data are made, beside what else makes data from JSON Schemas.

    python benchmarks/bench_mock.py [--rounds 5] [--records 5000] [--peers PYTHON]

Ours: records of an endpoint at quality 1.0 (each held against its contract), at quality 0.7, and by the contract
alone. Peers make the same records, by the schema of one record, in a process of another interpreter, since they are
no dependency of ours:

    python -m venv peers && peers/bin/pip install jsf "hypothesis<6.130" hypothesis-jsonschema polyfactory
    peers/bin/pip install pydantic mimesis faker datamodel-code-generator jsonschema-rs
    python benchmarks/bench_mock.py --peers peers/bin/python

Rounds are interleaved, so that a busy machine slows everybody. A figure is the median of the rounds with least and
most; a ratio is the median of the rounds' ratios. `CPU` is records a second
of CPU time, which a busy machine does not change; `valid` is the share of records that keep the schema, and `ids` the
share of ids that are there once. What a peer does not offer stays empty.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ENDPOINTS = ("gong/calls", "gong/calls_extensive", "hubspot/contacts")
OURS = ("ours", "ours, quality 0.7", "ours, contract only")
PEERS = ("jsf", "hypothesis-jsonschema", "polyfactory", "mimesis", "faker")

Maker = Callable[[int], list[Any]]


# Ours


def ours(id: str, seed: int) -> dict[str, Maker]:
    from bi_contracts import mock
    from bi_contracts.contract import Contract
    from bi_contracts.mock.generation import _tables
    from bi_contracts.registry import target
    from bi_contracts.workspace import reference

    known, contract = target(id), Contract.load(reference("contracts") / f"{id}.schema.json")

    def declared(quality: float) -> Maker:
        def make(n: int) -> list[Any]:
            _tables.cache_clear()
            return list(mock.records(known.platform, known.endpoint, contract, n, seed, quality=quality).records)

        return make

    def alone(n: int) -> list[Any]:
        _tables.cache_clear()
        return list(mock.records(None, None, contract, n, seed).records)

    return dict(zip(OURS, (declared(1.0), declared(0.7), alone), strict=True))


def schema_of(id: str) -> dict[str, Any]:
    """The schema of one record, by itself."""
    from bi_contracts.contract import Contract
    from bi_contracts.mock.finding import Place
    from bi_contracts.mock.schemas import Schemas
    from bi_contracts.registry import target
    from bi_contracts.workspace import reference

    contract = Contract.load(reference("contracts") / f"{id}.schema.json")
    schemas, path = Schemas(contract.id, contract.schema), target(id).endpoint.records
    found = schemas.at(Place(tuple(path.split(".")), many=True).steps)[0]
    return {**found, "$defs": schemas.root.get("$defs", {})}


# Peers: run in an interpreter that has them


def peer(name: str, schema: dict[str, Any]) -> Maker:
    return {
        "jsf": jsf,
        "hypothesis-jsonschema": hypothesis_jsonschema,
        "polyfactory": polyfactory,
        "mimesis": mimesis,
        "faker": faker,
    }[name](schema)


def jsf(schema: dict[str, Any]) -> Maker:
    from jsf import JSF

    made = JSF(schema)
    return lambda n: made.generate(n)


def hypothesis_jsonschema(schema: dict[str, Any]) -> Maker:
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis_jsonschema import from_schema

    def make(n: int) -> list[Any]:
        found: list[Any] = []
        checks, phases = [*HealthCheck], [Phase.generate]

        @settings(max_examples=n, database=None, deadline=None, phases=phases, suppress_health_check=checks)
        @given(from_schema(schema))
        def collect(value: Any) -> None:
            found.append(value)

        collect()
        return found

    return make


def polyfactory(schema: dict[str, Any]) -> Maker:
    import importlib.util

    from polyfactory.factories.pydantic_factory import ModelFactory

    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name) / "record.json", Path(name) / "record_model.py"
        source.write_text(json.dumps({"title": "Record", **schema}))
        words = ["--input", str(source), "--output", str(target), "--class-name", "Record"]
        words += ["--input-file-type", "jsonschema", "--output-model-type", "pydantic_v2.BaseModel"]
        subprocess.run([sys.executable, "-m", "datamodel_code_generator", *words], check=True, capture_output=True)
        spec = importlib.util.spec_from_file_location("record_model", target)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["record_model"] = module
        spec.loader.exec_module(module)
    factory = ModelFactory.create_factory(module.Record)
    return lambda n: [one.model_dump(mode="json", by_alias=True, exclude_none=True) for one in factory.batch(n)]


def mimesis(schema: dict[str, Any]) -> Maker:
    """A random word or number for each of the record's own members, none inside them: there is no way from a schema."""
    from mimesis import Field, Locale, Schema

    field = Field(Locale.EN, seed=7)
    words = {"string": "word", "integer": "integer_number", "number": "float_number", "boolean": "boolean"}
    fields = {name: words.get(kind(one), "word") for name, one in schema.get("properties", {}).items()}
    return lambda n: Schema(lambda: {name: field(word) for name, word in fields.items()}, iterations=n).create()


def faker(schema: dict[str, Any]) -> Maker:
    """As with mimesis."""
    from faker import Faker

    fake = Faker()
    Faker.seed(7)
    words = {"string": fake.word, "integer": fake.random_int, "number": fake.pyfloat, "boolean": fake.pybool}
    fields = {name: words.get(kind(one), fake.word) for name, one in schema.get("properties", {}).items()}
    return lambda n: [{name: make() for name, make in fields.items()} for _ in range(n)]


def kind(schema: Any) -> str:
    named = schema.get("type", "string") if isinstance(schema, dict) else "string"
    return named if isinstance(named, str) else next((one for one in named if one != "null"), "string")


def serve(name: str, file: Path) -> None:
    """A peer's process: a line in is a number of records, a line out what became of it."""
    schema = json.loads(file.read_text())
    try:
        make = peer(name, schema)
        make(2)
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {str(error)[:120]}"}), flush=True)
        return
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        made, rate, cpu = timed(make, int(line))
        print(json.dumps({"rate": rate, "cpu": cpu, **quality(made, schema)}), flush=True)


def timed(make: Maker, many: int) -> tuple[list[Any], float, float]:
    """What was made, records a second, and records a second of CPU time."""
    wall, cpu = time.perf_counter(), time.process_time()
    made = make(many)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return made, len(made) / wall, len(made) / cpu


def quality(made: list[Any], schema: dict[str, Any]) -> dict[str, float]:
    import jsonschema_rs

    validator = jsonschema_rs.validator_for({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
    ids = [str(one.get("id")) for one in made if isinstance(one, dict) and one.get("id") is not None]
    plain = json.loads(json.dumps(made, default=str))
    return {
        "valid": sum(map(validator.is_valid, plain)) / max(1, len(made)),
        "ids": len(set(ids)) / len(ids) if ids else float("nan"),
    }


# Side by side


def start(python: str, name: str, file: Path) -> subprocess.Popen[str] | None:
    words = [python, __file__, "--serve", name, "--file", str(file)]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = json.loads(process.stdout.readline() or '{"error": "no answer"}')
    if "error" in said:
        print(f"  {name}: {said['error']}")
        process.kill()
        process.communicate()
        return None
    return process


def compare(id: str, rounds: int, many: int, python: str) -> None:
    schema = schema_of(id)
    rates: dict[str, list[float]] = {}
    facts: dict[str, dict[str, float]] = {}
    print(f"\n{id}: {many} records a round, {rounds} rounds")
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "schema.json"
        file.write_text(json.dumps(schema))
        processes = {one: start(python, one, file) for one in PEERS} if python else {}
        for turn in range(rounds):
            for label, make in ours(id, turn).items():
                made, rate, cpu = timed(make, many)
                rates.setdefault(label, []).append(rate)
                facts[label] = {"cpu": cpu, **quality(made, schema)}
            for label, process in processes.items():
                if process is not None:
                    said = ask(process, max(50, many // 20))
                    rates.setdefault(label, []).append(said.pop("rate"))
                    facts[label] = said
        for process in processes.values():
            if process is not None:
                process.communicate()
    table(rates, facts)


def ask(process: subprocess.Popen[str], many: int) -> dict[str, float]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{many}\n")
    process.stdin.flush()
    found: dict[str, float] = json.loads(process.stdout.readline())
    return found


def table(rates: dict[str, list[float]], facts: dict[str, dict[str, float]]) -> None:
    print(f"  {'':24}{'records/s':>12}{'least':>10}{'most':>10}{'CPU':>10}{'ours is':>10}{'valid':>8}{'ids':>7}")
    for name, found in rates.items():
        ratio = statistics.median(mine / theirs for mine, theirs in zip(rates["ours"], found, strict=True))
        about = facts[name]
        ids = "" if about["ids"] != about["ids"] else f"{about['ids']:.0%}"
        print(
            f"  {name:24}{statistics.median(found):12,.0f}{min(found):10,.0f}{max(found):10,.0f}"
            f"{about['cpu']:10,.0f}{ratio:9.1f}x{about['valid']:8.0%}{ids:>7}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--records", type=int, default=5000)
    parser.add_argument("--peers", default="", help="an interpreter that has the peers")
    parser.add_argument("--serve", default="", help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.serve, asked.file)
        return
    for id in ENDPOINTS:
        compare(id, asked.rounds, asked.records, asked.peers)


if __name__ == "__main__":
    main()
